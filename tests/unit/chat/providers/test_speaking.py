"""The three ways of speaking to a model, over sockets: to a fake that refuses what the real ones would."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import get_args

import pytest
from pydantic import SecretStr
from tests.fakes.llm import KEYS, MODEL, REGION, FakeModels, Fault, Kind, echo, served_models
from tests.fakes.serving import Reply

from sightglass_chat.providers.adapting import Refusals
from sightglass_chat.providers.opening import provider_of
from sightglass_chat.providers.patience import Patience, patiently
from sightglass_chat.providers.provider import Delta, Piece, Prompt, Provider, Said, Usage
from sightglass_chat.redacting import redacted
from sightglass_common.outward import Outward, open_outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable

ALL = get_args(Kind)
PROMPT = Prompt(
    redacted("Answer from the sources."),
    [Said("user", redacted("Q1\n\u00fcber\u2028all")), Said("assistant", redacted("A1")), Said("user", redacted("Q2"))],
)


@pytest.fixture
async def fake() -> AsyncGenerator[FakeModels]:
    async with served_models(FakeModels()) as served:
        yield served


@pytest.fixture
async def outward(fake: FakeModels) -> AsyncGenerator[Outward]:
    async with open_outward({fake.url.removeprefix("http://")}) as opened:
        yield opened


def speaker(outward: Outward, fake: FakeModels, kind: Kind, key: str | None = None) -> Provider:
    secret = SecretStr(KEYS[kind] if key is None else key)
    return provider_of(outward, kind, base_url=fake.base_url(kind), region=REGION, api_key=secret)


def asked(provider: Provider, *, temperature: float | None = 0.5) -> AsyncGenerator[Piece]:
    return provider.stream(PROMPT, model=MODEL, temperature=temperature, most_tokens=100)


async def told(pieces: AsyncGenerator[Piece]) -> tuple[str, Usage | None]:
    text, usage = "", None
    async with aclosing(pieces):
        async for piece in pieces:
            assert usage is None, "something comes behind the usage"
            if isinstance(piece, Delta):
                text += piece.text
            else:
                usage = piece
    return text, usage


@pytest.mark.parametrize("kind", ALL)
async def test_an_answer_comes_whole_with_its_tokens(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    text, usage = await told(asked(speaker(outward, fake, kind)))
    assert (text, usage) == ("Thirty days a year [1].", Usage(11, 5))
    assert fake.wrong == []
    (seen,) = fake.seen
    assert (seen.system, *seen.messages) == (
        "Answer from the sources.",
        *[(said.role, str(said.text)) for said in PROMPT.messages],
    )


async def test_anthropic_is_given_the_key_and_the_version_in_headers_of_their_own(
    fake: FakeModels, outward: Outward
) -> None:
    await told(asked(speaker(outward, fake, "anthropic")))
    assert (fake.headers["x-api-key"], fake.headers["anthropic-version"]) == (KEYS["anthropic"], "2023-06-01")
    assert "Authorization" not in fake.headers


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("temperature", [None, 0.0, 2.0])
async def test_any_temperature_is_one_that_is_taken(
    kind: Kind, temperature: float | None, fake: FakeModels, outward: Outward
) -> None:
    await told(asked(speaker(outward, fake, kind), temperature=temperature))
    limits = fake.seen[0].body.get("inferenceConfig", fake.seen[0].body)
    assert ("temperature" in limits) == (temperature is not None)


@pytest.mark.parametrize("kind", ALL)
async def test_a_text_of_any_signs_comes_as_it_was_said(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    fake.answer = lambda _: '\u00fcber \U0001f600 \u2028 \r\n data: x\n\n{"a": [1]}'
    text, _ = await told(asked(speaker(outward, fake, kind)))
    assert text == fake.answer(fake.seen[0])
    fake.answer = echo
    assert (await told(asked(speaker(outward, fake, kind))))[0] == fake.seen[1].text


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("openai", ("max_completion_tokens",)), ("openai", ("max_completion_tokens", "temperature")),
        *((kind, ("temperature",)) for kind in ALL),
    ],
)  # fmt: skip
async def test_what_a_server_does_not_take_is_left_out_from_then_on(
    kind: Kind, refused: tuple[str, ...], fake: FakeModels, outward: Outward
) -> None:
    fake.refused = refused
    key, base_url, refusals = SecretStr(KEYS[kind]), fake.base_url(kind), Refusals()
    for requests in (1 + len(refused), 2 + len(refused)):
        known = provider_of(outward, kind, base_url=base_url, region=REGION, api_key=key, refusals=refusals)
        assert (await told(asked(known)))[0] == "Thirty days a year [1]."
        assert len(fake.requests) == requests
    body = fake.seen[-1].body
    assert 100 in body.values() or body["inferenceConfig"] == {"maxTokens": 100}, "the limit is gone"


async def test_a_request_that_is_rejected_for_another_reason_is_not_made_again(
    fake: FakeModels, outward: Outward
) -> None:
    fake.replies.append(Reply(400, {"error": {"message": "max_tokens is too large"}}))
    with pytest.raises(AnswerUnusable) as caught:
        await told(asked(speaker(outward, fake, "openai")))
    assert (len(fake.requests), str(caught.value), caught.value.status) == (1, "status 400", 400)
    fake.replies.append(Reply(422, b"x" * 100_000))
    with pytest.raises(AnswerUnusable):
        await told(asked(speaker(outward, fake, "openai")))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("fault", ["cut", "unended", "error"])
async def test_an_answer_that_breaks_off_is_no_answer(
    kind: Kind, fault: Fault, fake: FakeModels, outward: Outward
) -> None:
    fake.faults.append(fault)
    with pytest.raises(ProviderUnavailable):
        await told(patiently(lambda: asked(speaker(outward, fake, kind)), Patience()))
    assert len(fake.requests) == 1, "it was asked again after words had come"


@pytest.mark.parametrize("kind", ALL)
async def test_what_is_no_event_makes_an_answer_unusable(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    fake.faults.append("malformed")
    with pytest.raises(AnswerUnusable):
        await told(asked(speaker(outward, fake, kind)))


@pytest.mark.parametrize("kind", ALL)
async def test_who_falls_silent_is_not_waited_for(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    fake.faults.append("stall")
    with pytest.raises(ProviderUnavailable, match="nothing came"):
        await told(patiently(lambda: asked(speaker(outward, fake, kind)), Patience(between_s=0.05)))


@pytest.mark.parametrize("kind", ALL)
async def test_not_now_is_asked_again_after_the_pause_that_was_asked_for(
    kind: Kind, fake: FakeModels, outward: Outward
) -> None:
    fake.replies.extend([Reply(429, headers={"Retry-After": "7"}), Reply(503), Reply(0)])
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    patience = Patience(attempts=4, sleep=note)
    text, _ = await told(patiently(lambda: asked(speaker(outward, fake, kind)), patience))
    assert text == "Thirty days a year [1]."
    assert (pauses[0], len(pauses)) == (7.0, 3)


async def test_who_asks_for_too_long_a_pause_is_not_asked_again(fake: FakeModels, outward: Outward) -> None:
    fake.replies.append(Reply(429, headers={"Retry-After": "3600"}))
    with pytest.raises(ProviderUnavailable):
        await told(patiently(lambda: asked(speaker(outward, fake, "openai")), Patience()))
    assert len(fake.requests) == 1


@pytest.mark.parametrize("kind", ALL)
async def test_a_wrong_key_is_refused_at_once(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    if kind == "bedrock":
        fake.replies.append(Reply(403))
    with pytest.raises(ProviderRefused):
        await told(patiently(lambda: asked(speaker(outward, fake, kind, "no:key")), Patience()))
    assert len(fake.requests) == 1


@pytest.mark.parametrize("kind", ALL)
async def test_a_redirect_carries_the_key_nowhere(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    fake.replies.append(Reply(307, headers={"Location": f"{fake.url}/elsewhere"}))
    with pytest.raises(ProviderRefused):
        await told(asked(speaker(outward, fake, kind)))
    assert len(fake.requests) == 1


@pytest.mark.parametrize("kind", ALL)
async def test_an_address_of_ours_is_never_called(kind: Kind, fake: FakeModels) -> None:
    async with open_outward() as outward:
        with pytest.raises(ProviderRefused):
            await told(asked(speaker(outward, fake, kind)))
    assert fake.requests == []


@pytest.mark.parametrize("kind", ALL)
async def test_who_does_not_wait_for_the_end_ends_the_call(kind: Kind, fake: FakeModels, outward: Outward) -> None:
    fake.faults.append("stall")
    pieces = patiently(lambda: asked(speaker(outward, fake, kind)), Patience())
    async with asyncio.timeout(30):
        async with aclosing(pieces):
            assert await anext(pieces) == Delta("Thirty ")
        await fake.broken_off.wait()


async def test_an_answer_without_an_end_is_left_in_time(fake: FakeModels, outward: Outward) -> None:
    async def endless() -> AsyncGenerator[Piece]:
        while True:
            await asyncio.sleep(0)
            yield Delta("again ")

    with pytest.raises(ProviderUnavailable):
        await told(patiently(endless, Patience(whole_s=0.05)))
