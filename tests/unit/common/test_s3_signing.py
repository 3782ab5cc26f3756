"""Our signatures are those that botocore makes of the same request."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from botocore import auth
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.s3_signing import Keys, Signer

SECONDS = st.integers(0, 4_000_000_000)
TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def by_botocore(url: str, headers: dict[str, str], keys: Keys, region: str, seconds: int) -> dict[str, str]:
    request: Any = AWSRequest("GET", url, headers=headers)
    frozen: Any = Credentials(keys.access_key, keys.secret_key, keys.token).get_frozen_credentials()
    with patch.object(auth, "get_current_datetime", lambda: datetime.fromtimestamp(seconds, UTC)):
        S3SigV4Auth(frozen, "s3", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    st.lists(st.tuples(KEYS, SECONDS, TEXTS, st.none() | TEXTS), min_size=1, max_size=4),
    st.sampled_from(["eu-central-1", "us-east-1"]),
    st.sampled_from(["", "3HL4kqtJvjVBH40Nrjfkd"]),
    st.none() | st.just('"abc-2"'),
)
def test_a_signature_is_the_one_that_botocore_makes(
    requests: list[tuple[str, int, str, str | None]], region: str, version: str, etag: str | None
) -> None:
    """One signer, for requests of several days and credentials."""
    at = 0
    signer = Signer(region, clock=lambda: at)
    for key, seconds, secret, token in requests:
        at = seconds
        keys = Keys("AKID", secret, token)
        headers = {"host": "b.example.com:4566", "range": "bytes=0-99"} | ({"if-match": etag} if etag else {})
        path, query = "/" + quote(key, safe="/~"), f"versionId={version}" if version else ""
        url = f"http://b.example.com:4566{path}{'?' if query else ''}{query}"
        assert signer.signed(path, query, headers, keys) == by_botocore(url, headers, keys, region, seconds)
