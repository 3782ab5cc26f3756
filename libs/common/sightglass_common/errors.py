"""Every error that a caller or a job can get: a stable `code`, and a `kind` that says who must act.

The first line of a class's docstring is its title in answers and in docs/errors.md (`make docs` writes that page).
Codes are never renamed or used again for something else.
"""

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import ClassVar


class Kind(StrEnum):
    """What can be done about an error."""

    INVALID = "invalid"  # the request is wrong: change it
    UNAUTHENTICATED = "unauthenticated"  # no valid key
    FORBIDDEN = "forbidden"  # the key's role may not do this
    NOT_FOUND = "not_found"  # no such thing, or another tenant's: the two look the same
    CONFLICT = "conflict"  # the thing is in a state in which this cannot be done
    TOO_LARGE = "too_large"  # more than is taken
    RATE_LIMITED = "rate_limited"  # later
    REJECTED = "rejected"  # the object is wrong for good: retrying cannot help
    TRANSIENT = "transient"  # the input is fine: the same may succeed later
    INTERNAL = "internal"  # a fault of ours


class SightglassError(Exception):
    """Something went wrong.

    detail: a sentence for a person; the title stands in when there is none.
    context: values for the log and the answer; never customer content.
    """

    code: ClassVar[str] = "internal"
    kind: ClassVar[Kind] = Kind.INTERNAL

    def __init__(self, detail: str = "", **context: object) -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.context = context

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring, without its full stop."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")

    @property
    def retryable(self) -> bool:
        """Whether the same input may succeed later."""
        return self.kind in {Kind.TRANSIENT, Kind.INTERNAL, Kind.RATE_LIMITED}


# --- requests -------------------------------------------------------------------------------------------------


class InvalidRequest(SightglassError):
    """The request does not fit the schema."""

    code, kind = "invalid_request", Kind.INVALID


class MalformedJson(SightglassError):
    """The body is not JSON."""

    code, kind = "malformed_json", Kind.INVALID


class BodyTooLarge(SightglassError):
    """The body is larger than this route takes."""

    code, kind = "body_too_large", Kind.TOO_LARGE


class InvalidCursor(SightglassError):
    """The cursor was not made by this service."""

    code, kind = "invalid_cursor", Kind.INVALID


class Unauthenticated(SightglassError):
    """No valid API key was given."""

    code, kind = "unauthenticated", Kind.UNAUTHENTICATED


class Forbidden(SightglassError):
    """The key's role does not permit this."""

    code, kind = "forbidden", Kind.FORBIDDEN


class RouteNotFound(SightglassError):
    """There is no such address."""

    code, kind = "route_not_found", Kind.NOT_FOUND


class MethodNotAllowed(SightglassError):
    """The address does not take this method."""

    code, kind = "method_not_allowed", Kind.INVALID


class RateLimited(SightglassError):
    """Too many requests of this sort."""

    code, kind = "rate_limited", Kind.RATE_LIMITED


class DependencyUnavailable(SightglassError):
    """Something that the service needs does not answer."""

    code, kind = "dependency_unavailable", Kind.TRANSIENT


class UploadNotFound(SightglassError):
    """No such upload."""

    code, kind = "upload_not_found", Kind.NOT_FOUND


class VideoNotFound(SightglassError):
    """No such video."""

    code, kind = "video_not_found", Kind.NOT_FOUND


class AnalysisNotFound(SightglassError):
    """No such analysis."""

    code, kind = "analysis_not_found", Kind.NOT_FOUND


class ScanNotFound(SightglassError):
    """No such scan."""

    code, kind = "scan_not_found", Kind.NOT_FOUND


class FindingNotFound(SightglassError):
    """No such finding."""

    code, kind = "finding_not_found", Kind.NOT_FOUND


class DetectorNotFound(SightglassError):
    """No such detector."""

    code, kind = "detector_not_found", Kind.NOT_FOUND


class DetectorExists(SightglassError):
    """A detector of this name exists."""

    code, kind = "detector_exists", Kind.CONFLICT


class ScheduleNotFound(SightglassError):
    """No such schedule."""

    code, kind = "schedule_not_found", Kind.NOT_FOUND


class JobNotFound(SightglassError):
    """No such job."""

    code, kind = "job_not_found", Kind.NOT_FOUND


class QueueNotFound(SightglassError):
    """No such queue."""

    code, kind = "queue_not_found", Kind.NOT_FOUND


class TenantNotFound(SightglassError):
    """No such tenant."""

    code, kind = "tenant_not_found", Kind.NOT_FOUND


class TenantExists(SightglassError):
    """A tenant of this name exists."""

    code, kind = "tenant_exists", Kind.CONFLICT


class KeyNotFound(SightglassError):
    """No such API key."""

    code, kind = "key_not_found", Kind.NOT_FOUND


class NameReserved(SightglassError):
    """The name belongs to the platform."""

    code, kind = "name_reserved", Kind.CONFLICT


class BucketNotLinked(SightglassError):
    """The bucket is not linked to this tenant."""

    code, kind = "bucket_not_linked", Kind.FORBIDDEN


class UploadTooLarge(SightglassError):
    """The announced size is more than is taken."""

    code, kind = "upload_too_large", Kind.TOO_LARGE


class UploadIncomplete(SightglassError):
    """The object has not arrived."""

    code, kind = "upload_incomplete", Kind.CONFLICT


class UploadSizeMismatch(SightglassError):
    """The object's size is not the announced one."""

    code, kind = "upload_size_mismatch", Kind.CONFLICT


class UploadExpired(SightglassError):
    """The upload was not completed in time."""

    code, kind = "upload_expired", Kind.CONFLICT


class JobNotCancellable(SightglassError):
    """The job is over."""

    code, kind = "job_not_cancellable", Kind.CONFLICT


class JobNotRetryable(SightglassError):
    """Only a failed or cancelled job can be retried."""

    code, kind = "job_not_retryable", Kind.CONFLICT


# --- objects in S3 --------------------------------------------------------------------------------------------


class ObjectNotFound(SightglassError):
    """The object is gone."""

    code, kind = "object_not_found", Kind.REJECTED


class BucketNotFound(SightglassError):
    """There is no such bucket in S3."""

    code, kind = "bucket_not_found", Kind.REJECTED


class ObjectChanged(SightglassError):
    """The object was replaced after the job was queued."""

    code, kind = "object_changed", Kind.REJECTED


class AccessDenied(SightglassError):
    """S3 denies access to the object."""

    code, kind = "access_denied", Kind.REJECTED


class ObjectTooLarge(SightglassError):
    """The object is larger than is analysed."""

    code, kind = "too_large", Kind.REJECTED


class DownloadFailed(SightglassError):
    """The object could not be read to its end."""

    code, kind = "download_failed", Kind.TRANSIENT


class OutOfDisk(SightglassError):
    """There is no room for the object on the worker's disk."""

    code, kind = "out_of_disk", Kind.TRANSIENT


# --- scans ----------------------------------------------------------------------------------------------------


class UnknownDetectors(SightglassError):
    """A detector is named that there is not."""

    code, kind = "unknown_detectors", Kind.REJECTED


class TextTooLarge(SightglassError):
    """The text is larger than is looked through while the caller waits."""

    code, kind = "text_too_large", Kind.TOO_LARGE


class FindingOutdated(SightglassError):
    """The object is not as it was when this was found in it."""

    code, kind = "finding_outdated", Kind.CONFLICT


class FindingOnScreen(SightglassError):
    """A video or an image shows the value: no bytes of the object hold it, so it is to be looked at there."""

    code, kind = "finding_on_screen", Kind.CONFLICT


class RevealTimedOut(SightglassError):
    """No scanner has read the object in time."""

    code, kind = "reveal_timed_out", Kind.TRANSIENT


# --- jobs and messages ----------------------------------------------------------------------------------------


class JobBusy(SightglassError):
    """Another worker holds the job."""

    code, kind = "job_busy", Kind.TRANSIENT


class JobOver(SightglassError):
    """The job is over: its message was delivered again."""

    code, kind = "job_over", Kind.CONFLICT


class AttemptsExhausted(SightglassError):
    """Every attempt ended without a word: the worker was killed, or lost its connection."""

    code, kind = "attempts_exhausted", Kind.TRANSIENT


class LeaseLost(SightglassError):
    """Another attempt has taken the job over: this one's result is dropped."""

    code, kind = "lease_lost", Kind.CONFLICT


class Cancelled(SightglassError):
    """The job was cancelled."""

    code, kind = "cancelled", Kind.CONFLICT


class Undecodable(SightglassError):
    """The message cannot be read."""

    code, kind = "undecodable_message", Kind.REJECTED


def all_errors() -> Iterator[type[SightglassError]]:
    """Every error class; the root, `internal`, first."""
    # Those in modules of their own are known when these are loaded.
    for module in ("video_errors", "inventory_errors", "dataset_errors"):
        import_module(f"sightglass_common.{module}")
    yield SightglassError
    yield from SightglassError.__subclasses__()
