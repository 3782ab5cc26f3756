"""Answers by Anthropic's Messages API."""

import json
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError

from sightglass_chat.providers.adapting import Refusals, adapted
from sightglass_chat.providers.http import post
from sightglass_chat.providers.provider import Delta, Piece, Prompt, Usage
from sightglass_chat.providers.server_sent import data_of, parsed
from sightglass_common.outward import Outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderUnavailable

# The newer one, 2026-10-21, takes no temperature.
_API_VERSION: Final = "2023-06-01"
_TEMPERATURE: Final = "temperature"
# It takes no higher one, and of newer models none.
_MOST_TEMPERATURE: Final = 1.0


class _Text(BaseModel):
    type: str = ""
    text: str = ""


class _Usage(BaseModel):
    input_tokens: int = 0
    output_tokens: int = 0


class _Message(BaseModel):
    usage: _Usage = _Usage()


class _Event(BaseModel):
    type: str
    delta: _Text = _Text()
    message: _Message = _Message()
    usage: _Usage = _Usage()


class Anthropic:
    """Asks a model of Anthropic's. base_url: without `/v1`."""

    def __init__(self, outward: Outward, *, base_url: str, api_key: SecretStr | None, refusals: Refusals) -> None:
        self._outward = outward
        self._refusals = refusals
        self._url = f"{base_url.rstrip('/')}/v1/messages"
        self._api_key = api_key

    def stream(
        self, prompt: Prompt, *, model: str, temperature: float | None, most_tokens: int
    ) -> AsyncGenerator[Piece]:
        """See Provider."""

        def said(refused: Collection[str]) -> AsyncGenerator[Piece]:
            return self._said(_body(prompt, model, None if _TEMPERATURE in refused else temperature, most_tokens))

        return adapted(said, (_TEMPERATURE,), self._refusals, (self._url, model))

    async def _said(self, body: bytes) -> AsyncGenerator[Piece]:
        taken = given = 0
        async with aclosing(post(self._outward, self._url, self._headers(), body)) as chunks:
            async for data in data_of(chunks):
                event = _event(data)
                if event.type == "message_stop":
                    break
                taken = max(taken, event.message.usage.input_tokens, event.usage.input_tokens)
                given = max(given, event.usage.output_tokens)
                if event.type == "content_block_delta" and event.delta.type == "text_delta" and event.delta.text:
                    yield Delta(event.delta.text)
            else:
                raise ProviderUnavailable("the answer is cut off")
        yield Usage(taken, given)

    def _headers(self) -> dict[str, str]:
        key = {"x-api-key": self._api_key.get_secret_value()} if self._api_key else {}
        return {"Content-Type": "application/json", "anthropic-version": _API_VERSION, **key}


def _body(prompt: Prompt, model: str, temperature: float | None, most_tokens: int) -> bytes:
    asked: dict[str, Any] = {
        "model": model,
        "max_tokens": most_tokens,
        "system": str(prompt.system),
        "messages": [{"role": said.role, "content": str(said.text)} for said in prompt.messages],
        "stream": True,
    }
    if temperature is not None:
        asked["temperature"] = min(temperature, _MOST_TEMPERATURE)
    return json.dumps(asked).encode()


def _event(data: str) -> _Event:
    found = parsed(data)
    if found.get("type") == "error":
        raise ProviderUnavailable("an error behind the answer's beginning")
    try:
        return _Event.model_validate(found)
    except ValidationError:
        # Its message quotes the answer.
        raise AnswerUnusable("an event of another form") from None
