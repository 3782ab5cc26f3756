"""Answers by a model on Amazon Bedrock (ConverseStream), whose events are binary frames with two checksums each."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer, ParserError
from pydantic import BaseModel, Field, SecretStr, ValidationError

from sightglass_chat.providers.adapting import Refusals, adapted
from sightglass_chat.providers.http import post
from sightglass_chat.providers.provider import Delta, Piece, Prompt, Usage
from sightglass_common.outward import Outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable

_SERVICE: Final = "bedrock"
_TEMPERATURE: Final = "temperature"
# It takes no higher one, and of newer models none.
_MOST_TEMPERATURE: Final = 1.0
# Exceptions that come as frames, in the form that they have there; all others may pass.
_FOR_GOOD: Final = frozenset({"validationException", "accessDeniedException", "resourceNotFoundException"})


class _Text(BaseModel):
    text: str = ""


class _Usage(BaseModel):
    input_tokens: int = Field(default=0, alias="inputTokens")
    output_tokens: int = Field(default=0, alias="outputTokens")


class _Payload(BaseModel):
    delta: _Text = _Text()
    usage: _Usage = _Usage()


class _Event(NamedTuple):
    kind: str
    payload: _Payload


class Bedrock:
    """Asks a model by Converse. base_url: of `bedrock-runtime` in that region.

    api_key: an access key's id and its secret, with a colon between.
    """

    def __init__(
        self, outward: Outward, *, base_url: str, region: str, api_key: SecretStr | None, refusals: Refusals
    ) -> None:
        self._outward = outward
        self._refusals = refusals
        self._base_url = base_url.rstrip("/")
        self._region = region
        self._api_key = api_key

    def stream(
        self, prompt: Prompt, *, model: str, temperature: float | None, most_tokens: int
    ) -> AsyncGenerator[Piece]:
        """See Provider."""
        url = f"{self._base_url}/model/{quote(model, safe='')}/converse-stream"

        def said(refused: Collection[str]) -> AsyncGenerator[Piece]:
            return self._said(url, _body(prompt, None if _TEMPERATURE in refused else temperature, most_tokens))

        return adapted(said, (_TEMPERATURE,), self._refusals, url)

    async def _said(self, url: str, body: bytes) -> AsyncGenerator[Piece]:
        usage: Usage | None = None
        ended = False
        async with aclosing(post(self._outward, url, self._signed(url, body), body)) as chunks:
            async for event in _events(chunks):
                ended = ended or event.kind == "messageStop"
                if event.kind == "metadata":
                    usage = Usage(event.payload.usage.input_tokens, event.payload.usage.output_tokens)
                if event.kind == "contentBlockDelta" and event.payload.delta.text:
                    yield Delta(event.payload.delta.text)
        if not ended:
            raise ProviderUnavailable("the answer is cut off")
        if usage:
            yield usage

    def _signed(self, url: str, body: bytes) -> dict[str, str]:
        key_id, _, secret = (self._api_key.get_secret_value() if self._api_key else "").partition(":")
        if not (key_id and secret):
            raise ProviderRefused("no access key")
        request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=body)
        cast("Any", SigV4Auth)(Credentials(key_id, secret), _SERVICE, self._region).add_auth(request)
        return {name: str(value) for name, value in request.headers.items()}


def _body(prompt: Prompt, temperature: float | None, most_tokens: int) -> bytes:
    limits: dict[str, Any] = {"maxTokens": most_tokens}
    if temperature is not None:
        limits["temperature"] = min(temperature, _MOST_TEMPERATURE)
    asked = {
        "system": [{"text": str(prompt.system)}],
        "messages": [{"role": said.role, "content": [{"text": str(said.text)}]} for said in prompt.messages],
        "inferenceConfig": limits,
    }
    return json.dumps(asked).encode()


async def _events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[_Event]:
    buffer = cast("Any", EventStreamBuffer)()
    async for chunk in chunks:
        try:
            buffer.add_data(chunk)
            frames = list(buffer)
        except (ParserError, UnicodeDecodeError) as error:
            raise AnswerUnusable(f"a broken frame: {type(error).__name__}") from error
        for frame in frames:
            yield _event(frame)


def _event(frame: Any) -> _Event:
    headers = frame.headers
    if headers.get(":message-type") != "event":
        told = str(headers.get(":exception-type") or headers.get(":error-code") or "")
        failed = AnswerUnusable if told in _FOR_GOOD else ProviderUnavailable
        raise failed("an error behind the answer's beginning")
    try:
        return _Event(str(headers.get(":event-type")), _Payload.model_validate_json(frame.payload))
    except ValidationError:
        # Its message quotes the answer.
        raise AnswerUnusable("an event of another form") from None
