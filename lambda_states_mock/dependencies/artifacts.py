"""What holds the code of functions: images (ECR) and objects (S3)."""

from __future__ import annotations

from typing import ClassVar

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.dependencies.things import Deletable, Watch
from lambda_states_mock.errors import UnknownNameError


class Artifact(Deletable):
    """What holds a function's code. *denied*: what is wrong with it when Lambda has no access."""

    denied: ClassVar[FailureMode]

    def revoke(self) -> None:
        """Take away Lambda's access to it."""
        __tracebackhide__ = True
        self._becomes(self.denied)


class Image(Artifact):
    """A container image (ECR), by the URI in the function's code: ``m.world.images["URI"]``.

    Functions that run it become ``Inactive`` when it is deleted or its access is revoked.
    """

    kind = "image"
    gone, denied = failure_modes.IMAGE_GONE, failure_modes.IMAGE_DENIED


class StoredObject(Artifact):
    """An object (S3): ``m.world.objects["s3://bucket/key"]``.

    Functions that refer to it (S3ObjectStorageMode ``REFERENCE``) become ``Inactive`` when it is deleted or its access
    is revoked.
    """

    kind = "object"
    gone, denied = failure_modes.OBJECT_GONE, failure_modes.OBJECT_DENIED

    def __init__(self, name: str, watch: Watch) -> None:
        __tracebackhide__ = True
        if not all(name.removeprefix("s3://").partition("/")):
            raise UnknownNameError(f'no object is called {name!r}: give its bucket and its key, "s3://bucket/key"')
        super().__init__(name, watch)
