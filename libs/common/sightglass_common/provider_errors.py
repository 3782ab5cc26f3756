"""What calls of other people's models come to, whatever they are asked: three ways to fail, and what a status says."""

from typing import Final

# The key, the address or the model is wrong; or a redirect, which would carry the key to another host.
_REFUSED: Final = frozenset({301, 302, 303, 307, 308, 401, 402, 403, 404})
_PASSING: Final = frozenset({408, 425, 429})


class ProviderFailed(Exception):
    """A call came to nothing. status: of its answer, when that is why."""

    def __init__(self, detail: str, *, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


class ProviderUnavailable(ProviderFailed):
    """It does not answer, or says: not now. retry_after_s: what it asks for, if it does."""

    def __init__(self, detail: str, *, retry_after_s: float | None = None, status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.retry_after_s = retry_after_s


class ProviderRefused(ProviderFailed):
    """It will take no call of ours: a wrong key, no permission, no such model."""


class AnswerUnusable(ProviderFailed):
    """This one call came to nothing: it was rejected, or its answer is not what was asked for."""


def check_status(status: int, retry_after: str | None) -> None:
    """Let an answer with status 200 through. retry_after: the header of that name.

    Raises ProviderUnavailable, ProviderRefused, AnswerUnusable.
    """
    if status in _PASSING or status >= 500:
        raise ProviderUnavailable(f"status {status}", retry_after_s=_seconds(retry_after), status=status)
    if status in _REFUSED:
        raise ProviderRefused(f"status {status}", status=status)
    if status != 200:
        raise AnswerUnusable(f"status {status}", status=status)


def _seconds(header: str | None) -> float | None:
    """What Retry-After asks for; its other form, a date, is as good as none."""
    return float(header) if header is not None and header.isascii() and header.isdecimal() else None
