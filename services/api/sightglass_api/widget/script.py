"""`/widget.js`: what a page loads by one script tag."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Header
from fastapi.responses import Response

from sightglass_api.routing import open_to_all

router = APIRouter(tags=["widget"])

_KEPT: Final = "public, max-age=300"


@router.get("/widget.js", response_class=Response, **open_to_all())
async def widget_script(if_none_match: Annotated[str | None, Header(max_length=200)] = None) -> Response:
    """The widget's script, for pages of any origin: it holds nothing of anybody's."""
    script, tag = _script()
    headers = {"Cache-Control": _KEPT, "ETag": tag, "Cross-Origin-Resource-Policy": "cross-origin"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(script, media_type="text/javascript", headers=headers)


@cache
def _script() -> tuple[bytes, str]:
    script = files("sightglass_api.widget").joinpath("widget.js").read_bytes()
    return script, f'"{hashlib.sha256(script).hexdigest()[:32]}"'
