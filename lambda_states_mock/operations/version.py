"""Published versions."""

from __future__ import annotations

from lambda_states_mock.operations.function import put_version, qualified_view, version_view
from lambda_states_mock.operations.names import named
from lambda_states_mock.operations.paging import page_of
from lambda_states_mock.operations.world import Call, Params, View, operation
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service_errors import STALE_REVISION, WRONG_CODE_SHA256
from lambda_states_mock.states import last_update
from lambda_states_mock.states.function import Event
from lambda_states_mock.store import Partition


@operation("PublishVersion")
def publish_version(call: Call, params: Params) -> View:
    wanted = named(call, params)
    latest = wanted.latest()
    if params.get("RevisionId") and params["RevisionId"] != latest.revision_id:
        raise STALE_REVISION.error()
    call.world.lives.check_change(latest, last_update.Event.PUBLISH_ASKED)
    given = params.get("CodeSha256")
    if given and given != latest.code.sha256:
        raise WRONG_CODE_SHA256.error(given=given, actual=latest.code.sha256)
    version = same_as_published(wanted.partition, latest)
    if version is None:
        version = put_version(call, latest, event=Event.PUBLISHED, description=params.get("Description"))
    return version_view(call, version)


def same_as_published(partition: Partition, latest: Version) -> Version | None:
    """Return the newest published version if nothing has changed since it was published."""
    newest = partition.versions.under((latest.name,))[-1]
    same = newest.published_of == latest.configuration and newest.code.sha256 == latest.code.sha256
    return newest if same else None


@operation("ListVersionsByFunction")
def list_versions_by_function(call: Call, params: Params) -> View:
    wanted = named(call, params)
    wanted.function()
    most = call.world.limits.versions_page
    return page_of(wanted.partition.versions, params, "Versions", qualified_view, most=most, prefix=(wanted.name,))
