"""Labels by Anthropic's Messages API. The answer comes as the input of a tool that the model must use."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final, Literal

from aiohttp import ClientSession
from pydantic import BaseModel, SecretStr, ValidationError

from sightglass_common.provider_errors import AnswerUnusable
from sightglass_worker.labels.answers import labels_of
from sightglass_worker.labels.http import post
from sightglass_worker.labels.prompt import (
    ANSWER_NAME,
    ANSWER_PURPOSE,
    INSTRUCTION,
    MAX_TOKENS,
    PROMPT_VERSION,
    SCHEMA,
    question,
)
from sightglass_worker.labels.provider import KeyFrame, Label

_API_VERSION: Final = "2023-06-01"


class _Block(BaseModel):
    type: str
    name: str | None = None
    input: dict[str, Any] | None = None


class _Answer(BaseModel):
    content: list[_Block]
    stop_reason: Literal["tool_use"]


class Anthropic:
    """Asks a model of Anthropic's. base_url: without `/v1`."""

    frames_per_call: int = 3

    def __init__(self, http: ClientSession, *, base_url: str, model: str, api_key: SecretStr | None) -> None:
        self._http = http
        self._url = f"{base_url.rstrip('/')}/v1/messages"
        self._model = model
        self._api_key = api_key
        self.identity = f"anthropic {self._url} {model} {PROMPT_VERSION}"

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """See LabelProvider."""
        content = await post(self._http, self._url, self._headers(), self._body(frames, max_labels))
        try:
            answer = _Answer.model_validate_json(content)
        except ValidationError:
            raise AnswerUnusable("no answer by the tool, or one that is cut off") from None
        for block in answer.content:
            if block.type == "tool_use" and block.name == ANSWER_NAME and block.input is not None:
                return labels_of(block.input, frames, max_labels)
        raise AnswerUnusable("no answer by the tool")

    def _headers(self) -> dict[str, str]:
        key = {"x-api-key": self._api_key.get_secret_value()} if self._api_key else {}
        return {"anthropic-version": _API_VERSION, **key}

    def _body(self, frames: Sequence[KeyFrame], max_labels: int) -> dict[str, Any]:
        pictures = [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/jpeg", "data": b64encode(frame.jpeg).decode()},
            }
            for frame in frames
        ]
        return {
            "model": self._model,
            "max_tokens": MAX_TOKENS,
            "system": INSTRUCTION,
            "messages": [
                {"role": "user", "content": [*pictures, {"type": "text", "text": question(len(frames), max_labels)}]}
            ],
            "tools": [{"name": ANSWER_NAME, "description": ANSWER_PURPOSE, "input_schema": SCHEMA}],
            "tool_choice": {"type": "tool", "name": ANSWER_NAME, "disable_parallel_tool_use": True},
        }
