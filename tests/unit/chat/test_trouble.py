"""What a failed test of a provider tells: what is known, in words that quote nothing of what came."""

import pytest

from sightglass_chat.domain.trouble import answered, failed
from sightglass_common.provider_errors import (
    AnswerUnusable,
    ProviderFailed,
    ProviderRefused,
    ProviderUnavailable,
    check_status,
)


@pytest.mark.parametrize(
    ("status", "reason", "key_accepted", "said"),
    [
        (401, "provider_refused", False, "does not accept the key"),
        (402, "provider_refused", True, "to be paid"),
        (403, "provider_refused", None, "may not use the model"),
        (404, "provider_refused", None, "does not know the model"),
        (307, "provider_refused", None, "elsewhere (status 307)"),
        (429, "provider_unavailable", True, "no more questions"),
        (503, "provider_unavailable", None, "status 503"),
        (400, "answer_unusable", None, "the name of the model may be wrong"),
    ],
)
def test_a_status_tells_what_is_wrong(status: int, reason: str, key_accepted: bool | None, said: str) -> None:
    with pytest.raises(ProviderFailed) as caught:
        check_status(status, None)
    shown = failed(caught.value, begun=False)
    assert (shown.works, shown.reachable, shown.key_accepted, shown.reason) == (False, True, key_accepted, reason)
    assert said in (shown.detail or "")


def test_without_a_status_it_counts_whether_an_answer_had_begun() -> None:
    silent = failed(ProviderUnavailable("ClientConnectorError"), begun=False)
    assert (silent.reachable, silent.key_accepted, silent.reason) == (False, None, "provider_unavailable")
    broken = failed(ProviderUnavailable("the answer is cut off"), begun=True)
    assert (broken.reachable, broken.model_known, broken.detail) == (True, True, "Its answer broke off.")
    unasked = failed(ProviderRefused("its key cannot be opened"), begun=False)
    assert (unasked.reachable, unasked.detail) == (None, "It was not asked: its key cannot be opened.")
    strange = failed(AnswerUnusable("quoted words of the answer"), begun=False)
    assert (strange.reachable, strange.streams) == (True, False)
    assert "quoted" not in (strange.detail or "")


def test_an_answer_without_a_word_is_none() -> None:
    assert answered(words=True, tokens_told=False).works
    empty = answered(words=False, tokens_told=True)
    assert (empty.works, empty.streams, empty.detail) == (False, True, "It answered without a word.")
