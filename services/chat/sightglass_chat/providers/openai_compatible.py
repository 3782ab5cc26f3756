"""Answers by whoever speaks OpenAI's `/chat/completions`: OpenAI, Azure, vLLM, Ollama, OpenRouter."""

import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError

from sightglass_chat.providers.adapting import Refusals, adapted
from sightglass_chat.providers.http import post
from sightglass_chat.providers.provider import Delta, Piece, Prompt, Usage
from sightglass_chat.providers.server_sent import data_of, parsed
from sightglass_common.outward import Outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderUnavailable

_END: Final = "[DONE]"
# Newer models refuse the older name, and older servers the newer one.
_LIMIT: Final = "max_completion_tokens"
_OLDER_LIMIT: Final = "max_tokens"
_TEMPERATURE: Final = "temperature"


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Said
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Chunk(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAiCompatible:
    """Asks a chat model. base_url: up to `/v1`. api_key: none where the server wants none."""

    def __init__(self, outward: Outward, *, base_url: str, api_key: SecretStr | None, refusals: Refusals) -> None:
        self._outward = outward
        self._refusals = refusals
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._api_key = api_key

    def stream(
        self, prompt: Prompt, *, model: str, temperature: float | None, most_tokens: int
    ) -> AsyncGenerator[Piece]:
        """See Provider."""

        def said(refused: Collection[str]) -> AsyncGenerator[Piece]:
            limit = {_OLDER_LIMIT if _LIMIT in refused else _LIMIT: most_tokens}
            return self._said(_body(prompt, model, None if _TEMPERATURE in refused else temperature, limit))

        return adapted(said, (_LIMIT, _TEMPERATURE), self._refusals, (self._url, model))

    async def _said(self, body: bytes) -> AsyncGenerator[Piece]:
        usage: Usage | None = None
        ended = False
        async with aclosing(post(self._outward, self._url, self._headers(), body)) as chunks:
            async for data in data_of(chunks):
                if data == _END:
                    ended = True
                    break
                chunk = _chunk(data)
                usage = _usage(chunk) or usage
                for choice in chunk.choices[:1]:
                    ended = ended or choice.finish_reason is not None
                    if choice.delta.content:
                        yield Delta(choice.delta.content)
        if not ended:
            raise ProviderUnavailable("the answer is cut off")
        if usage:
            yield usage

    def _headers(self) -> dict[str, str]:
        key = {"Authorization": f"Bearer {self._api_key.get_secret_value()}"} if self._api_key else {}
        return {"Content-Type": "application/json", "Accept": "text/event-stream", **key}


def _body(prompt: Prompt, model: str, temperature: float | None, limit: Mapping[str, int]) -> bytes:
    messages = [{"role": said.role, "content": str(said.text)} for said in prompt.messages]
    asked: dict[str, Any] = {
        "model": model,
        **limit,
        "messages": [{"role": "system", "content": str(prompt.system)}, *messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return json.dumps(asked if temperature is None else asked | {"temperature": temperature}).encode()


def _chunk(data: str) -> _Chunk:
    found = parsed(data)
    if found.get("error"):
        raise ProviderUnavailable("an error behind the answer's beginning")
    try:
        return _Chunk.model_validate(found)
    except ValidationError:
        # Its message quotes the answer.
        raise AnswerUnusable("an event of another form") from None


def _usage(chunk: _Chunk) -> Usage | None:
    return chunk.usage and Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
