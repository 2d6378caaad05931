"""What holds the code of functions: images (ECR) and objects (S3)."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.dependencies.things import Deletable, Watch
from lambda_states_mock.errors import UnknownNameError
from lambda_states_mock.resources.code import Signature


class Artifact(Deletable):
    """What holds a function's code.

    *denied*: what is wrong with it when Lambda has no access; *invalid*: when Lambda can make nothing of it.
    """

    denied: ClassVar[FailureMode]
    invalid: ClassVar[FailureMode]

    @property
    def is_lost(self) -> bool:
        """Whether Lambda cannot get at it."""
        return self.failure_mode in (self.gone, self.denied)

    def revoke(self) -> None:
        """Take away Lambda's access to it."""
        __tracebackhide__ = True
        self._becomes(self.denied)

    def corrupt(self) -> None:
        """Make its content useless: it is still there, but nothing can be run from it."""
        __tracebackhide__ = True
        self._becomes(self.invalid)


class Image(Artifact):
    """A container image (ECR), by the URI in the function's code: ``m.world.images["URI"]``.

    Functions that run it become ``Inactive`` when it is deleted or its access is revoked.
    """

    kind = "image"
    gone, denied, invalid = failure_modes.IMAGE_GONE, failure_modes.IMAGE_DENIED, failure_modes.IMAGE_INVALID


class StoredObject(Artifact):
    """An object (S3): ``m.world.objects["s3://bucket/key"]``.

    Functions that refer to it (S3ObjectStorageMode ``REFERENCE``) become ``Inactive`` when it is deleted or its access
    is revoked.
    """

    kind = "object"
    gone, denied, invalid = failure_modes.OBJECT_GONE, failure_modes.OBJECT_DENIED, failure_modes.OBJECT_INVALID

    def __init__(self, name: str, watch: Watch) -> None:
        __tracebackhide__ = True
        if not all(name.removeprefix("s3://").partition("/")):
            raise UnknownNameError(f'no object is called {name!r}: give its bucket and its key, "s3://bucket/key"')
        super().__init__(name, watch)
        self.signature: Signature | None = None

    def sign(self, profile_version_arn: str, *, flaw: str | None = None) -> None:
        """Let AWS Signer have signed it: code that is deployed from it carries the signature.

        Parameters: *profile_version_arn*, the ARN of the version of the signing profile, as code signing configurations
        name it; *flaw*, what is wrong with the signature: ``"altered"`` (the content was changed after it was signed),
        ``"expired"`` or ``"revoked"``.

        Raises TypeError for an ARN that is no text, UnknownNameError for another flaw.
        """
        __tracebackhide__ = True
        self._check_active()
        given: object = profile_version_arn
        if not isinstance(given, str):
            raise TypeError(f"sign({given!r}): give the ARN of a version of a signing profile, as text")
        if flaw is not None and flaw not in FLAWS:
            raise UnknownNameError(f"flaw={flaw!r}: a signature is {', '.join(FLAWS)}, or good (None)")
        self._watch.name()
        self.signature = Signature(profile_version_arn, _job_arn(self.name, profile_version_arn), flaw)


FLAWS = ("altered", "expired", "revoked")


def _job_arn(name: str, profile_version_arn: str) -> str:
    """Return the ARN of the job that has signed the object *name*: the same each time."""
    start = profile_version_arn.partition(":/signing-profiles/")[0]
    job = hashlib.sha256(f"{name} {profile_version_arn}".encode()).hexdigest()
    return f"{start}:/signing-jobs/{job[:8]}-{job[8:12]}-4{job[13:16]}-8{job[17:20]}-{job[20:32]}"
