"""OpenAI's `/chat/completions`, with structured outputs."""

import json
from base64 import b64decode
from dataclasses import dataclass

from aiohttp import web
from tests.fakes.serving import FakeProvider, must
from tests.fakes.wire import schema_problem, shown

MODEL = "model-a"
KEY = "key-of-openai"
_PREFIX = "data:image/jpeg;base64,"


@dataclass(slots=True)
class FakeOpenAi(FakeProvider):
    """A model that sees pictures and answers by the schema that it is given."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        must((request.method, request.raw_path) == ("POST", "/v1/chat/completions"), "another address")
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"code": "invalid_api_key"}}, status=401)
        must(request.headers["Content-Type"] == "application/json", "another content type")
        asked = json.loads(body)
        must(asked["model"] == MODEL, "another model")
        must("max_tokens" not in asked and asked["max_completion_tokens"] > 0, "an unsupported parameter")
        system, user = asked["messages"]
        must((system["role"], user["role"]) == ("system", "user"), "other roles")
        form = asked["response_format"]
        must(form["type"] == "json_schema" and form["json_schema"]["strict"] is True, "not strict")
        problem = schema_problem(form["json_schema"]["schema"])
        must(problem is None, str(problem))
        urls = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
        must(all(url.startswith(_PREFIX) for url in urls), "no picture in the request itself")
        must([part for part in user["content"] if part["type"] == "text" and part["text"]], "no question")
        self.calls.append([shown(b64decode(url.removeprefix(_PREFIX), validate=True)) for url in urls])
        return completion(json.dumps({"labels": self.found(len(urls))}))


def completion(content: str | None, *, finish_reason: str = "stop") -> web.Response:
    """An answer with this content."""
    return web.json_response(completion_body(content, finish_reason=finish_reason))


def completion_body(content: str | None, *, finish_reason: str = "stop") -> dict[str, object]:
    """Its JSON."""
    message = {"role": "assistant", "content": content, "refusal": None if content else "No."}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice]}
