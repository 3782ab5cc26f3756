"""What a call can raise: each error says what happened, why, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One field of a request that was not accepted. `pointer` is its JSON pointer."""

    pointer: str
    detail: str


class ClientError(Exception):
    """A call did not succeed.

    title: what happened. detail: why. hint: what to do next. Each is a sentence for a person, or empty.
    """

    code = "client_error"

    def __init__(self, title: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(f"{title} {detail}".strip())
        self.title = title
        self.detail = detail
        self.hint = hint


class NotConfigured(ClientError):
    """The address or the API key is missing or unusable."""

    code = "not_configured"


class Unreachable(ClientError):
    """No answer came: the connection was refused, cut, or silent for too long."""

    code = "unreachable"


class UnexpectedAnswer(ClientError):
    """Something answered, but not as Sightglass's API does."""

    code = "unexpected_answer"


class SourceUnreadable(ClientError):
    """What is to be uploaded is not there, is no file, or may not be read."""

    code = "source_unreadable"


class SourceChanged(ClientError):
    """The file changed while it was uploaded, so what arrived is neither the old nor the new one."""

    code = "source_changed"


class TransferFailed(ClientError):
    """The object store did not take or give the bytes."""

    code = "transfer_failed"


class WaitTimedOut(ClientError):
    """The job was not over in time. It goes on."""

    code = "wait_timed_out"


class NoSuchBot(ClientError):
    """No bot of the tenant has that id or name."""

    code = "bot_not_found"


class NoSuchProvider(ClientError):
    """No provider has that id or name."""

    code = "provider_not_found"


class NoSuchDataset(ClientError):
    """No dataset of the tenant has that id or name."""

    code = "dataset_not_found"


class AnswerFailed(ClientError):
    """A question was not answered. code: of the job's error, listed in docs/errors.md, or `cancelled`."""

    code = "answer_failed"

    def __init__(self, title: str, *, detail: str = "", hint: str = "", code: str = "answer_failed") -> None:
        super().__init__(title, detail=detail, hint=hint)
        self.code = code


class ApiError(ClientError):
    """An error that the API answered (RFC 9457).

    status: of HTTP. code: stable, listed in docs/errors.md; `http_<status>` where the answer came from something
    in between. errors: the fields at fault, if any.
    """

    def __init__(
        self,
        title: str,
        *,
        status: int,
        code: str,
        detail: str = "",
        hint: str = "",
        request_id: str = "",
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(title, detail=detail, hint=hint)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.errors = tuple(errors)
