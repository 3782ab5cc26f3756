"""Amazon Rekognition's DetectLabels."""

import json
from base64 import b64decode
from dataclasses import dataclass

from aiohttp import web
from tests.fakes.serving import FakeProvider, must
from tests.fakes.sigv4 import check_signature
from tests.fakes.wire import shown

_TYPE = "application/x-amz-json-1.1"


@dataclass(slots=True)
class FakeRekognition(FakeProvider):
    """Finds each thing in a box that reaches beyond the right edge, as the real one's may, and in a less sure one."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        must((request.method, request.raw_path) == ("POST", "/"), "another address")
        must(request.headers["Content-Type"] == _TYPE, "another content type")
        must(request.headers["X-Amz-Target"] == "RekognitionService.DetectLabels", "another operation")
        check_signature(request, body, "rekognition")
        asked = json.loads(body)
        must(set(asked) <= {"Image", "MaxLabels", "MinConfidence"}, "a field that nobody knows")
        self.calls.append([shown(b64decode(asked["Image"]["Bytes"], validate=True))])
        must(0 <= asked["MinConfidence"] <= 100, "a confidence that is no percentage")
        found = [self._label(name, 100 * sure) for name, sure in self.sees if 100 * sure >= asked["MinConfidence"]]
        answer = {"Labels": found[: asked["MaxLabels"]], "LabelModelVersion": "3.0"}
        return web.Response(body=json.dumps(answer), headers={"Content-Type": _TYPE})

    @staticmethod
    def _label(name: str, percent: float) -> dict[str, object]:
        boxes = [(percent, 0.6, 0.2, 0.5, 0.4), (percent - 20, 0.1, 0.1, 0.1, 0.1)]
        instances = [
            {"BoundingBox": {"Left": x, "Top": y, "Width": w, "Height": h}, "Confidence": c} for c, x, y, w, h in boxes
        ]
        return {"Name": name, "Confidence": percent, "Instances": instances, "Parents": [{"Name": "Thing"}]}
