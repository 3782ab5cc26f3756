"""Tests of providers: what works is told, once, and costs what it costs."""

from typing import get_args

import pytest
from tests.fakes.llm import FakeModels, Kind
from tests.fakes.serving import Reply
from tests.integration.chat.library import Library

from sightglass_chat.generating import Generator


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_what_works_is_told_and_counts_in_the_budget(
    kind: Kind, fake: FakeModels, generator: Generator, library: Library
) -> None:
    provider_id = await library.provider(fake, kind, enabled=False, most_tokens=4000)
    fake.answer = lambda _: "ready"
    shown = await library.tested(provider_id, generator, times=2)
    assert len(fake.requests) == 1, "a message that comes twice has it asked twice"
    measured = [shown.pop(name) for name in ("first_word_ms", "whole_ms")]
    assert measured == sorted(measured)
    works = dict.fromkeys(("works", "reachable", "key_accepted", "model_known", "streams", "tokens_told"), True)
    assert shown == works | {"input_tokens": 11, "output_tokens": 1, "reason": None, "detail": None}
    ((reserved, *taken),) = await library.uses()
    assert (taken, reserved < 400) == ([11, 1, "done"], True)


async def test_what_does_not_work_is_told_without_what_came(
    fake: FakeModels, generator: Generator, library: Library
) -> None:
    provider_id = await library.provider(fake, "openai")
    fake.replies.append(Reply(401, {"error": {"message": "Incorrect key: key-of-openai"}}))
    shown = await library.tested(provider_id, generator)
    assert (shown["works"], shown["key_accepted"], shown["reason"]) == (False, False, "provider_refused")
    assert "key-of" not in str(shown)
    fake.faults.append("cut")
    shown = await library.tested(provider_id, generator)
    assert (shown["detail"], shown["reachable"]) == ("Its answer broke off.", True)
    assert len(fake.requests) == 2, "it was asked again"
    async with library.admin.connection() as db:
        await db.execute("UPDATE provider SET tokens_a_month = 5 WHERE provider_id = %s", [provider_id])
    assert (await library.tested(provider_id, generator))["reason"] == "budget_spent"
    assert [use[3] for use in await library.uses()] == ["failed", "failed"]
