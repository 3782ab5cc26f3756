"""Labels over the wire: each provider by its real protocol, on servers that refuse what the real ones refuse."""

import gzip
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from tests.fakes import anthropic, bedrock, openai
from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.bedrock import FakeBedrock
from tests.fakes.labels import MemoryCache, Pauses, jpeg_of, noise, quiet, scene_frame
from tests.fakes.openai import FakeOpenAi, completion_body
from tests.fakes.rekognition import FakeRekognition
from tests.fakes.serving import FakeProvider, Reply, served

from sightglass_worker.labels.choice import LabelLimits, ProviderName, missing
from sightglass_worker.labels.labelling import labelled
from sightglass_worker.labels.opening import open_provider
from sightglass_worker.labels.outcome import Labelled
from sightglass_worker.labels.provider import Label, LabelProvider

TEXTS = [(0.1, 0.2, 0.4, 0.1), (0.6, 0.7, 0.3, 0.2)]
NOTHING_SEEN = json.dumps(completion_body('{"labels": []}')).encode()
PICTURE = jpeg_of(noise(1, rows=1080, columns=1920))


@dataclass(frozen=True, slots=True)
class Kind:
    """How a provider is opened, and what it says when it says no. throttled, refused, rejected: its own words."""

    name: ProviderName
    fake: Callable[[], FakeProvider]
    throttled: Reply
    refused: Reply
    rejected: Reply
    settings: Callable[[FakeProvider], dict[str, Any]]
    one_frame_a_call: bool = False


def aws_error(status: int, code: str) -> Reply:
    return Reply(status, {"__type": code, "message": "no"}, {"x-amzn-ErrorType": code})


def api_error(status: int, **headers: str) -> Reply:
    return Reply(status, {"error": {"type": "e", "message": "no"}}, headers)


KINDS = [
    Kind(
        "rekognition", FakeRekognition, aws_error(400, "ThrottlingException"), aws_error(400, "AccessDeniedException"),
        aws_error(400, "InvalidImageFormatException"), lambda fake: {"base_url": fake.url}, one_frame_a_call=True,
    ),
    Kind(
        "bedrock", FakeBedrock, aws_error(429, "ThrottlingException"), aws_error(403, "AccessDeniedException"),
        aws_error(400, "ValidationException"), lambda fake: {"base_url": fake.url, "model": bedrock.MODEL},
    ),
    Kind(
        "openai", FakeOpenAi, api_error(429), api_error(401), api_error(400),
        lambda fake: {"base_url": f"{fake.url}/v1", "model": openai.MODEL, "api_key": SecretStr(openai.KEY)},
    ),
    Kind(
        "anthropic", FakeAnthropic, api_error(529), api_error(403), api_error(413),
        lambda fake: {"base_url": fake.url, "model": anthropic.MODEL, "api_key": SecretStr(anthropic.KEY)},
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """Both ends of the wire."""

    kind: Kind
    fake: FakeProvider
    provider: LabelProvider
    pauses: Pauses

    async def label(self, *times: int, frames_per_scene: int = 3, **patience: Any) -> Labelled:
        """Label frames of one scene."""
        frames = [scene_frame(7, t_us, picture=self.picture(t_us), boxes=TEXTS) for t_us in times]
        return await labelled(
            self.provider,
            MemoryCache(),
            frames,
            LabelLimits(frames_per_scene=frames_per_scene),
            on_progress=quiet,
            patience=self.pauses.patience(**patience),
        )

    @staticmethod
    def picture(t_us: int) -> bytes:
        """A bright picture, larger than what may be sent."""
        return PICTURE if not t_us else jpeg_of(noise(t_us, rows=450, columns=800))


@asynccontextmanager
async def both_sides(kind: Kind) -> AsyncGenerator[Side]:
    """A server and its client."""
    async with served(kind.fake()) as fake, open_provider(kind.name, **kind.settings(fake)) as provider:
        assert provider is not None
        yield Side(kind, fake, provider, Pauses())


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
async def opened(request: pytest.FixtureRequest) -> AsyncGenerator[Side]:
    """Opened once: the SDK takes half a second to read what a service of AWS is."""
    async with both_sides(request.param) as side:
        yield side


@pytest.fixture
def side(opened: Side) -> Side:
    opened.fake.forget()
    opened.pauses.made.clear()
    return opened


@pytest.fixture
async def chat() -> AsyncGenerator[Side]:
    async with both_sides(KINDS[2]) as side:
        yield side


async def test_what_is_sent_is_a_small_picture_without_its_texts(side: Side) -> None:
    await side.label(0)
    assert side.fake.wrong == []
    ((picture,),) = side.fake.calls
    assert picture.long_side == 768
    assert not picture.has_metadata
    for box in TEXTS:
        assert picture.inside(*box).max() < 90
    assert picture.inside(0, 0.4, 1, 0.2).mean() > 150


async def test_what_is_seen_comes_back_with_scene_and_time(side: Side) -> None:
    found = await side.label(0)
    assert (found.status, found.reason) == ("done", None)
    assert [(label.name, label.confidence, label.t_us, label.scene) for label in found.labels] == [
        ("bicycle", 0.9, 0, 7),
        ("street", 0.75, 0, 7),
    ]


async def test_three_frames_of_a_scene_are_told_apart(side: Side) -> None:
    found = await side.label(1, 2, 3)
    assert side.fake.wrong == []
    assert [len(pictures) for pictures in side.fake.calls] == ([1, 1, 1] if side.kind.one_frame_a_call else [3])
    assert [label.t_us for label in found.labels] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("status", [500, 503, None])
async def test_who_is_busy_or_broken_is_asked_again(side: Side, status: int | None) -> None:
    side.fake.replies += [side.kind.throttled if status is None else Reply(status, b"<html>no</html>")] * 2
    found = await side.label(0)
    assert (found.status, found.counts.calls, len(side.pauses.made)) == ("done", 3, 2)


async def test_who_stays_broken_costs_the_labels_alone(side: Side) -> None:
    side.fake.replies += [Reply(503)] * 9
    found = await side.label(0)
    assert (found.status, found.reason, found.counts.calls) == ("failed", "provider_unavailable", 3)


async def test_a_connection_that_breaks_is_tried_again(side: Side) -> None:
    side.fake.replies.append(Reply(0))
    found = await side.label(0)
    assert (found.status, found.counts.calls, side.fake.requests) == ("done", 2, 2)


async def test_a_wrong_key_is_said_once(side: Side) -> None:
    side.fake.replies += [side.kind.refused] * 9
    found = await side.label(0)
    assert (found.status, found.reason, side.fake.requests) == ("failed", "provider_refused", 1)


async def test_a_rejected_picture_is_not_sent_again(side: Side) -> None:
    side.fake.replies += [side.kind.rejected] * 9
    found = await side.label(0)
    assert (found.status, found.reason, side.fake.requests) == ("failed", "answer_unusable", 1)


@pytest.mark.parametrize(
    "body",
    [{}, {"output": {}, "choices": [], "content": [], "Labels": [{}]}, {"output": 1, "choices": 1, "Labels": 1},
     [], 7, b"", b"{", b"\xff", b"[" * 100_000],
    ids=range(9),
)  # fmt: skip
async def test_an_answer_of_another_form_is_no_answer(side: Side, body: Any) -> None:
    side.fake.replies.append(Reply(200, body))
    assert (await side.label(0)).reason == "answer_unusable"


async def test_a_server_that_is_not_there_is_unavailable(side: Side) -> None:
    settings = side.kind.settings(side.fake)
    settings["base_url"] = "http://127.0.0.1:9"
    async with open_provider(side.kind.name, **settings) as provider:
        gone = Side(side.kind, side.fake, provider, side.pauses) if provider else side
        assert (await gone.label(0)).reason == "provider_unavailable"


async def test_no_key_is_in_what_a_provider_says_of_itself(side: Side) -> None:
    for key in (openai.KEY, anthropic.KEY):
        assert key not in repr(vars(side.provider)) + side.provider.identity


async def test_rekognition_says_where_within_the_picture() -> None:
    async with both_sides(KINDS[0]) as side:
        found = await side.label(0)
    assert [label.box for label in found.labels] == [pytest.approx((0.6, 0.2, 0.4, 0.4))] * 2


async def test_a_language_model_says_not_where(chat: Side) -> None:
    assert {label.box for label in (await chat.label(0)).labels} == {None}


async def test_a_key_of_another_account_is_refused(chat: Side) -> None:
    settings = chat.kind.settings(chat.fake)
    settings["api_key"] = SecretStr("another")
    async with open_provider("openai", **settings) as provider:
        assert provider is not None
        assert (await Side(chat.kind, chat.fake, provider, chat.pauses).label(0)).reason == "provider_refused"


async def test_a_redirect_is_not_followed_with_the_key(chat: Side) -> None:
    async with served(FakeOpenAi()) as other:
        chat.fake.replies.append(Reply(307, b"", {"Location": f"{other.url}/v1/chat/completions"}))
        assert (await chat.label(0)).reason == "provider_refused"
        assert other.requests == 0


async def test_the_pause_that_a_server_asks_for_is_made(chat: Side) -> None:
    chat.fake.replies += [api_error(429, **{"Retry-After": "4"}), api_error(429, **{"Retry-After": "soon"})]
    assert (await chat.label(0)).status == "done"
    assert chat.pauses.made[0] == 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, NOTHING_SEEN + b" " * 300_000),
        Reply(200, gzip.compress(NOTHING_SEEN), {"Content-Encoding": "gzip"}),
        Reply(200, completion_body(None)),
        Reply(200, completion_body('{"labels": []}', finish_reason="length")),
        Reply(200, completion_body("I see a dog.")),
    ],
    ids=["endless", "packed", "refusal", "cut off", "prose"],
)
async def test_a_chat_that_does_not_answer_the_question_gives_no_labels(chat: Side, reply: Reply) -> None:
    chat.fake.replies.append(reply)
    found = await chat.label(0)
    assert (found.reason, found.labels) == ("answer_unusable", [])


@pytest.mark.parametrize("kind", [KINDS[1], KINDS[3]], ids=lambda kind: kind.name)
async def test_an_answer_by_a_tool_that_is_cut_off_gives_no_labels(kind: Kind) -> None:
    async with both_sides(kind) as side:
        side.fake.stop_reason = "max_tokens"
        assert (await side.label(0)).reason == "answer_unusable"


async def test_what_a_picture_makes_a_model_say_does_not_get_through(chat: Side) -> None:
    chat.fake.sees = [("dog", 0.9), ("call 555 0100 now", 0.9), ("<script>", 0.9), ("someone@example.com", 1.0)]
    found = await chat.label(0)
    assert found.labels == [Label("dog", 0.9, 0, 7)]


async def test_off_opens_nothing() -> None:
    async with open_provider("off") as provider:
        assert provider is None


@pytest.mark.parametrize(
    ("name", "given", "needs"),
    [
        ("bedrock", {}, "SIGHTGLASS_LABEL_MODEL"), ("openai", {"model": "m"}, "SIGHTGLASS_LABEL_BASE_URL"),
        ("openai", {"base_url": "http://127.0.0.1"}, "SIGHTGLASS_LABEL_MODEL"),
        ("anthropic", {"model": "m", "base_url": "http://127.0.0.1"}, "SIGHTGLASS_LABEL_API_KEY"),
        ("anthropic", {"model": "m", "api_key": SecretStr("k")}, "SIGHTGLASS_LABEL_BASE_URL"),
    ],
)  # fmt: skip
async def test_a_provider_says_which_setting_it_needs(name: ProviderName, given: dict[str, Any], needs: str) -> None:
    with pytest.raises(ValueError, match=needs):
        async with open_provider(name, **given):
            pass


@pytest.mark.parametrize("name", ["off", "rekognition"])
def test_what_needs_nothing_misses_nothing(name: ProviderName) -> None:
    assert missing(name, model="", base_url="", api_key=None) is None
