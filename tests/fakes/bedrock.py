"""Amazon Bedrock's Converse."""

import json
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web
from tests.fakes.serving import FakeProvider, must
from tests.fakes.sigv4 import check_signature
from tests.fakes.wire import schema_problem, shown

MODEL = "vendor.model-v1:0"


@dataclass(slots=True)
class FakeBedrock(FakeProvider):
    """A model that sees pictures and uses the tool that it is told to."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        must(request.method == "POST" and unquote(request.raw_path) == f"/model/{MODEL}/converse", "another address")
        check_signature(request, body, "bedrock")
        asked = json.loads(body)
        must(asked["system"][0]["text"], "no instruction")
        (message,) = asked["messages"]
        must(message["role"] == "user", "another role")
        pictures = [block["image"] for block in message["content"] if "image" in block]
        must(all(picture["format"] == "jpeg" for picture in pictures), "another format")
        must([block for block in message["content"] if block.get("text")], "no question")
        must(asked["inferenceConfig"]["maxTokens"] > 0, "no limit")
        (tool,) = asked["toolConfig"]["tools"]
        spec = tool["toolSpec"]
        must(asked["toolConfig"]["toolChoice"] == {"tool": {"name": spec["name"]}}, "the tool is not forced")
        problem = schema_problem(spec["inputSchema"]["json"])
        must(problem is None, str(problem))
        self.calls.append([shown(b64decode(picture["source"]["bytes"], validate=True)) for picture in pictures])
        use = {"toolUseId": "use-1", "name": spec["name"], "input": {"labels": self.found(len(pictures))}}
        return web.json_response(
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "Gladly."}, {"toolUse": use}]}},
                "stopReason": self.stop_reason,
                "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
                "metrics": {"latencyMs": 1},
            }
        )
