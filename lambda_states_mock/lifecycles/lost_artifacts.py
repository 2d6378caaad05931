"""Functions that lose their code: the image or the object they run is deleted, or Lambda's access to it is revoked."""

from __future__ import annotations

from lambda_states_mock.dependencies.world import Image, StoredObject, Thing
from lambda_states_mock.lifecycles.functions import FunctionLifecycles
from lambda_states_mock.states.reasons import reason
from lambda_states_mock.store import Store


class LostArtifacts:
    """Parameters: the *store* to look for functions in, and their *lifecycles*."""

    def __init__(self, store: Store, lifecycles: FunctionLifecycles) -> None:
        self._store = store
        self._lifecycles = lifecycles

    def look(self, thing: Thing) -> None:
        """Let functions whose image or object is lost become Inactive; AWS looks for it now and then."""
        lost = thing.failure_mode
        if lost is None or not isinstance(thing, (Image, StoredObject)):
            return
        for partition in self._store:
            for version in partition.versions:
                code = version.live_code
                references = (code.image_uri, code.resolved_image_uri, code.referenced_object)
                if any(reference is not None and thing.means(reference) for reference in references):
                    self._lifecycles.lose_artifact(version, reason(lost.reason_code), f"{thing.kind} {thing.name} lost")
