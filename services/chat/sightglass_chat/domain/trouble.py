"""What a test of a provider has shown, in plain words: nothing of its key, and nothing of what it has answered."""

from dataclasses import dataclass, replace
from typing import Final

from sightglass_common.provider_errors import ProviderFailed, ProviderRefused, ProviderUnavailable

_BY_STATUS: Final = {
    401: "It does not accept the key.",
    402: "It wants to be paid first.",
    403: "It does not let this key do this: the key is wrong, or may not use the model.",
    404: "It does not know the model, or the address is another one.",
    429: "It takes no more questions of this key for now: too many came, or what was paid for is spent.",
}
_WITHOUT_WORDS: Final = "It answered without a word."


@dataclass(frozen=True, slots=True)
class Shown:
    """What works of a provider; None: it is not known. detail: what does not, for whoever set it up."""

    works: bool
    reachable: bool | None = None
    key_accepted: bool | None = None
    model_known: bool | None = None
    streams: bool | None = None
    tokens_told: bool | None = None
    reason: str | None = None
    detail: str | None = None


_SPEAKS: Final = Shown(works=False, reachable=True, key_accepted=True, model_known=True, streams=True)


def answered(*, words: bool, tokens_told: bool) -> Shown:
    """Of an answer that came whole."""
    reason, detail = (None, None) if words else ("answer_unusable", _WITHOUT_WORDS)
    return replace(_SPEAKS, works=words, tokens_told=tokens_told, reason=reason, detail=detail)


def failed(error: ProviderFailed, *, begun: bool) -> Shown:
    """Of a call that came to nothing. begun: whether a piece of an answer had come."""
    if error.status is not None:
        return _by_status(error, error.status)
    if isinstance(error, ProviderRefused):
        # Of our own making: no call went out.
        return Shown(works=False, reason="provider_refused", detail=f"It was not asked: {error}.")
    if isinstance(error, ProviderUnavailable):
        if begun:
            return replace(_SPEAKS, reason="provider_unavailable", detail="Its answer broke off.")
        detail = "No answer comes from its address, or none in time."
        return Shown(works=False, reachable=False, reason="provider_unavailable", detail=detail)
    detail = "What it answers is no stream of the kind that it is set up as."
    return replace(_SPEAKS, model_known=None, streams=False, reason="answer_unusable", detail=detail)


def _by_status(error: ProviderFailed, status: int) -> Shown:
    reason = "answer_unusable"
    detail = f"It does not take the question (status {status}): the name of the model may be wrong, or a setting."
    if isinstance(error, ProviderUnavailable):
        reason, detail = "provider_unavailable", f"It is in trouble itself (status {status})."
    elif isinstance(error, ProviderRefused):
        reason, detail = "provider_refused", f"It sends us elsewhere (status {status}), where the key does not go."
    key_accepted = {401: False, 402: True, 429: True}.get(status)
    return Shown(
        works=False,
        reachable=True,
        key_accepted=key_accepted,
        reason=reason,
        detail=_BY_STATUS.get(status, detail),
    )
