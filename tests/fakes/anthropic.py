"""Anthropic's Messages."""

import json
from base64 import b64decode
from dataclasses import dataclass

from aiohttp import web
from tests.fakes.serving import FakeProvider, must
from tests.fakes.wire import schema_problem, shown

MODEL = "model-b"
KEY = "key-of-anthropic"


@dataclass(slots=True)
class FakeAnthropic(FakeProvider):
    """A model that sees pictures and uses the tool that it is told to."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        must((request.method, request.raw_path) == ("POST", "/v1/messages"), "another address")
        if request.headers.get("x-api-key") != KEY:
            return web.json_response({"type": "error", "error": {"type": "authentication_error"}}, status=401)
        must(request.headers.get("anthropic-version") == "2023-06-01", "no version")
        must(request.headers["Content-Type"] == "application/json", "another content type")
        asked = json.loads(body)
        must(asked["model"] == MODEL and asked["max_tokens"] > 0 and asked["system"], "a field is missing")
        (message,) = asked["messages"]
        must(message["role"] == "user", "another role")
        sources = [block["source"] for block in message["content"] if block["type"] == "image"]
        must(all((s["type"], s["media_type"]) == ("base64", "image/jpeg") for s in sources), "another kind of picture")
        must([b for b in message["content"] if b["type"] == "text" and b["text"]], "no question")
        (tool,) = asked["tools"]
        choice = {"type": "tool", "name": tool["name"], "disable_parallel_tool_use": True}
        must(asked["tool_choice"] == choice, "the tool is not forced")
        problem = schema_problem(tool["input_schema"])
        must(problem is None, str(problem))
        self.calls.append([shown(b64decode(source["data"], validate=True)) for source in sources])
        use = {"type": "tool_use", "id": "use-1", "name": tool["name"], "input": {"labels": self.found(len(sources))}}
        return web.json_response(
            {
                "id": "m-1",
                "type": "message",
                "role": "assistant",
                "model": MODEL,
                "content": [{"type": "text", "text": "Gladly."}, use],
                "stop_reason": self.stop_reason,
                "usage": {"input_tokens": 1, "output_tokens": 1},
            }
        )
