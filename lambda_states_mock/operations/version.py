"""Published versions."""

from __future__ import annotations

from lambda_states_mock.operations.function import check_publish_to, put_version, qualified_view, version_view
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST_PUBLISHED
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import WRONG_CODE_SHA256
from lambda_states_mock.shapes.checks import check_revision
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.states import last_update
from lambda_states_mock.states.function import FunctionEvent
from lambda_states_mock.store import Partition


@operation("PublishVersion")
def publish_version(call: Call, params: Params) -> View:
    wanted = call.named(params)
    latest = wanted.latest()
    check_revision(params, latest.revision_id)
    call.service.lifecycles.check_change(latest, last_update.UpdateEvent.PUBLISH_ASKED)
    check_publish_to(params, latest.configuration)
    given = params.get("CodeSha256")
    if given and given != latest.code.sha256:
        raise WRONG_CODE_SHA256.error(given=given, actual=latest.code.sha256)
    publish_to = params.get("PublishTo")
    version = same_as_published(wanted.partition, latest, publish_to)
    if version is None:
        description = params.get("Description")
        version = put_version(
            call, latest, event=FunctionEvent.PUBLISHED, publish_to=publish_to, description=description
        )
    return version_view(call, version)


def same_as_published(partition: Partition, latest: Version, publish_to: str | None = None) -> Version | None:
    """Return the newest version that was published as *publish_to* says, if nothing has changed since."""
    newest = partition.versions.under((latest.name,))[-1]
    if publish_to or newest.number == LATEST_PUBLISHED:
        found = partition.version(latest.name, LATEST_PUBLISHED) if publish_to else None
        if found is None:
            return None
        newest = found
    same = newest.published_of == latest.configuration and newest.code.sha256 == latest.code.sha256
    return newest if same else None


@operation("ListVersionsByFunction")
def list_versions_by_function(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.function()
    versions, most = wanted.partition.versions, call.service.limits.versions_page
    return page_of(call, versions, params, "Versions", qualified_view, most=most, prefix=(wanted.name,))
