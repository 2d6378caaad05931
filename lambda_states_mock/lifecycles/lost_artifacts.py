"""Functions that lose their code: the image or the object they run is deleted, or Lambda's access to it is revoked."""

from __future__ import annotations

from dataclasses import dataclass

from lambda_states_mock.dependencies.world import Artifact, Thing
from lambda_states_mock.lifecycles.functions import FunctionLifecycles
from lambda_states_mock.states.reasons import reason
from lambda_states_mock.store import Store


@dataclass(frozen=True, slots=True)
class LostArtifacts:
    """Looks for functions in *store*."""

    store: Store
    lifecycles: FunctionLifecycles

    def look(self, thing: Thing) -> None:
        """Let functions whose image or object is lost become Inactive; AWS looks for it now and then."""
        lost = thing.failure_mode
        if lost is None or not isinstance(thing, Artifact):
            return
        for partition in self.store:
            for version in partition.versions:
                code = version.live_code
                references = (code.image_uri, code.resolved_image_uri, code.referenced_object)
                if any(reference is not None and thing.means(reference) for reference in references):
                    self.lifecycles.lose_artifact(version, reason(lost.reason_code), f"{thing.kind} {thing.name} lost")
