"""AWS Signature Version 4, checked as AWS does: computed anew from what came over the wire and the secret key."""

import hashlib
import hmac
import re
from urllib.parse import quote

from aiohttp import web
from tests.fakes.serving import must

ACCESS_KEY = "test"
SECRET_KEY = "test"
_HEADER = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def check_signature(request: web.Request, body: bytes, service: str) -> None:
    """Raises Wrong unless the request is signed with the key of tests/conftest.py, for this service."""
    header = request.headers.get("Authorization", "")
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", header
    )
    must(found, "no signature")
    assert found
    key_id, day, region, signed_service, end = found[1].split("/")
    must((key_id, signed_service, end) == (ACCESS_KEY, service, "aws4_request"), "signed for something else")
    names = found[2].split(";")
    must({"host", "x-amz-date"} <= set(names), "host and date are not signed")
    when = request.headers["X-Amz-Date"]
    must(when.startswith(day), "signed on another day")
    to_sign = (
        f"AWS4-HMAC-SHA256\n{when}\n{day}/{region}/{service}/aws4_request\n{_digest(_canonical(request, names, body))}"
    )
    key = b"AWS4" + SECRET_KEY.encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    must(hmac.digest(key, to_sign.encode(), "sha256").hex() == found[3], "the signature does not match")


def _canonical(request: web.Request, names: list[str], body: bytes) -> bytes:
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names)
    path = quote(request.raw_path, safe="/-_.~")  # all services but S3 encode the encoded path again
    return "\n".join([request.method, path, "", headers, ";".join(names), _digest(body)]).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
