"""Labels by a model on Amazon Bedrock (Converse). The answer comes as the input of a tool that it must use."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from sightglass_common.provider_errors import AnswerUnusable
from sightglass_worker.labels.answers import labels_of
from sightglass_worker.labels.aws import answered
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


class _ToolUse(BaseModel):
    name: str
    input: dict[str, Any]


class _Block(BaseModel):
    tool_use: _ToolUse | None = Field(default=None, alias="toolUse")


class _Message(BaseModel):
    content: list[_Block]


class _Output(BaseModel):
    message: _Message


class _Answer(BaseModel):
    output: _Output
    stop_reason: Literal["tool_use"] = Field(alias="stopReason")


class Bedrock:
    """Asks a model that sees pictures and can be made to use a tool. client: aiobotocore's of `bedrock-runtime`."""

    frames_per_call: int = 3

    def __init__(self, client: Any, *, model: str) -> None:
        self._client = client
        self._model = model
        self.identity = f"bedrock {model} {PROMPT_VERSION}"

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """See LabelProvider."""
        content = await answered(self._client.converse(**self._request(frames, max_labels)))
        try:
            answer = _Answer.model_validate(content)
        except ValidationError:
            raise AnswerUnusable("no answer by the tool, or one that is cut off") from None
        for block in answer.output.message.content:
            if block.tool_use and block.tool_use.name == ANSWER_NAME:
                return labels_of(block.tool_use.input, frames, max_labels)
        raise AnswerUnusable("no answer by the tool")

    def _request(self, frames: Sequence[KeyFrame], max_labels: int) -> dict[str, Any]:
        pictures = [{"image": {"format": "jpeg", "source": {"bytes": frame.jpeg}}} for frame in frames]
        tool = {"name": ANSWER_NAME, "description": ANSWER_PURPOSE, "inputSchema": {"json": SCHEMA}}
        return {
            "modelId": self._model,
            "system": [{"text": INSTRUCTION}],
            "messages": [{"role": "user", "content": [*pictures, {"text": question(len(frames), max_labels)}]}],
            "inferenceConfig": {"maxTokens": MAX_TOKENS},
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": ANSWER_NAME}}},
        }
