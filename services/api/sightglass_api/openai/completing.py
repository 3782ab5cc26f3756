"""The pieces of an answer in the form of OpenAI's chat completions."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sightglass_api.conversations.following import Following
from sightglass_api.conversations.queries import EventRow
from sightglass_api.conversations.schemas import AskedTurn, Citation
from sightglass_api.openai.errors import error_body
from sightglass_api.openai.schemas import Choice, Completion, Said, Usage
from sightglass_common.dataset_errors import AnswerNotGiven
from sightglass_common.errors import DependencyUnavailable

_END: Final = "data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Told:
    """What each part of an answer tells of it.

    model: as the client named it. created: in seconds since 1970. most_tokens: how many were asked for at most.
    """

    turn: AskedTurn
    model: str
    created: int
    most_tokens: int | None = None

    @property
    def completion_id(self) -> str:
        """As OpenAI names them."""
        return f"chatcmpl-{self.turn.turn_id}"


class Answer:
    """An answer, put together of its pieces."""

    def __init__(self) -> None:
        self.text = ""
        self.citations: list[dict[str, Any]] = []
        self.usage = Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)
        self.generated = False
        self.whole = False
        self.error: Mapping[str, Any] | None = None

    def take(self, piece: EventRow) -> None:
        """Add what came."""
        match piece.kind:
            case "delta":
                self.text += piece.data["text"]
            case "reset":
                self.text = ""
                self.citations.clear()
            case "citation":
                self.citations.append(dict(piece.data))
            case "usage":
                took, gave = piece.data["input_tokens"], piece.data["output_tokens"]
                self.usage = Usage(prompt_tokens=took, completion_tokens=gave, total_tokens=took + gave)
                self.generated = bool(piece.data["generated"])
            case "done":
                self.whole = True
            case "error":
                self.error = piece.data
            case _:
                return

    def finish_reason(self, most_tokens: int | None) -> Literal["stop", "length"]:
        """Why it ends where it does. most_tokens: how many a model might give."""
        cut = self.generated and most_tokens is not None and self.usage.completion_tokens >= most_tokens
        return "length" if cut else "stop"


async def whole(following: Following, told: Told) -> Completion:
    """The answer when it is whole. Raises AnswerNotGiven; DependencyUnavailable where this service stops before."""
    answer = Answer()
    async for some in following.pieces():
        for piece in some:
            answer.take(piece)
    if answer.error is not None:
        raise AnswerNotGiven(answer.error["detail"], reason=answer.error["code"])
    if not answer.whole:
        raise DependencyUnavailable("The answer did not come. Ask again.")
    return Completion(
        id=told.completion_id,
        created=told.created,
        model=told.model,
        choices=[Choice(message=Said(content=answer.text), finish_reason=answer.finish_reason(told.most_tokens))],
        usage=answer.usage,
        citations=[Citation.model_validate(one) for one in answer.citations],
        generated=answer.generated,
        conversation_id=told.turn.conversation_id,
    )


async def as_chunks(following: Following, told: Told, *, with_usage: bool) -> AsyncGenerator[str]:
    """The answer as it comes; the last chunk has its citations. An error is a chunk of its own, and the last.

    What was sent cannot be taken back in this form: an answer that begins anew behind it is an error.
    """
    answer = Answer()
    yield _chunk(told, {"role": "assistant", "content": ""})
    async for some in following.pieces():
        if not some:
            yield ": still here\n\n"
        for piece in some:
            if piece.kind == "reset" and answer.text:
                yield _failed(AnswerNotGiven.code, "The answer began anew. Ask again.")
                return
            answer.take(piece)
            if piece.kind == "delta":
                yield _chunk(told, {"content": piece.data["text"]})
    if not answer.whole:
        error = answer.error or {"code": DependencyUnavailable.code, "detail": "The answer did not come. Ask again."}
        yield _failed(error["code"], error["detail"])
        return
    more = {"citations": answer.citations, "generated": answer.generated}
    ended = answer.finish_reason(told.most_tokens)
    yield _chunk(told, {}, ended, conversation_id=str(told.turn.conversation_id), **more)
    if with_usage:
        yield _line(_head(told) | {"choices": [], "usage": answer.usage.model_dump()})
    yield _END


def _chunk(told: Told, delta: Mapping[str, Any], finish_reason: str | None = None, **more: object) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _line(_head(told) | {"choices": [choice]} | more)


def _failed(code: str, detail: str) -> str:
    return _line(error_body(detail, "api_error", code))


def _head(told: Told) -> dict[str, Any]:
    return {
        "id": told.completion_id,
        "object": "chat.completion.chunk",
        "created": told.created,
        "model": told.model,
    }


def _line(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n"
