"""Labels by whoever speaks OpenAI's `/chat/completions`, most local servers among them."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from aiohttp import ClientSession
from pydantic import BaseModel, SecretStr, ValidationError

from sightglass_common.provider_errors import AnswerUnusable
from sightglass_worker.labels.answers import labels_of
from sightglass_worker.labels.http import post
from sightglass_worker.labels.prompt import ANSWER_NAME, INSTRUCTION, MAX_TOKENS, PROMPT_VERSION, SCHEMA, question
from sightglass_worker.labels.provider import KeyFrame, Label


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message
    finish_reason: str


class _Completion(BaseModel):
    choices: list[_Choice]


class OpenAiCompatible:
    """Asks a chat model that sees pictures. base_url: up to `/v1`. api_key: none where the server wants none."""

    frames_per_call: int = 3

    def __init__(self, http: ClientSession, *, base_url: str, model: str, api_key: SecretStr | None) -> None:
        self._http = http
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._model = model
        self._api_key = api_key
        self.identity = f"openai {self._url} {model} {PROMPT_VERSION}"

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """See LabelProvider."""
        answer = await post(self._http, self._url, self._headers(), self._body(frames, max_labels))
        try:
            choice = _Completion.model_validate_json(answer).choices[0]
        except (ValidationError, IndexError):
            raise AnswerUnusable("no completion, or a refusal") from None
        if choice.finish_reason != "stop":
            raise AnswerUnusable("the answer is cut off")
        return labels_of(choice.message.content, frames, max_labels)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key.get_secret_value()}"} if self._api_key else {}

    def _body(self, frames: Sequence[KeyFrame], max_labels: int) -> dict[str, Any]:
        pictures = [
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{b64encode(frame.jpeg).decode()}"}}
            for frame in frames
        ]
        return {
            "model": self._model,
            # Newer models refuse the older `max_tokens`; servers that know only that one are held by the time limit.
            "max_completion_tokens": MAX_TOKENS,
            "messages": [
                {"role": "system", "content": INSTRUCTION},
                {"role": "user", "content": [*pictures, {"type": "text", "text": question(len(frames), max_labels)}]},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": ANSWER_NAME, "strict": True, "schema": SCHEMA},
            },
        }
