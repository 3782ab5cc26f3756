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

# Few of them often, so that requests have all or most in common.
SECONDS = st.sampled_from([86_399, 86_400]) | st.integers(0, 4_000_000_000)
TEXTS = st.sampled_from("ab") | st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def by_botocore(url: str, headers: dict[str, str], keys: Keys, region: str, seconds: int) -> dict[str, str]:
    request: Any = AWSRequest("GET", url, headers=headers)
    frozen: Any = Credentials(keys.access_key, keys.secret_key, keys.token).get_frozen_credentials()
    with patch.object(auth, "get_current_datetime", lambda: datetime.fromtimestamp(seconds, UTC)):
        S3SigV4Auth(frozen, "s3", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    st.lists(
        st.tuples(KEYS, SECONDS, TEXTS, st.none() | TEXTS, st.none() | st.just('"abc-2"')), min_size=1, max_size=4
    ),
    st.sampled_from(["eu-central-1", "us-east-1"]),
    st.sampled_from(["", "3HL4kqtJvjVBH40Nrjfkd"]),
)
def test_a_signature_is_the_one_that_botocore_makes(
    requests: list[tuple[str, int, str, str | None, str | None]], region: str, version: str
) -> None:
    """One signer, for requests of several days, credentials and headers."""
    at = 0
    signer = Signer(region, clock=lambda: at)
    for key, seconds, secret, token, etag in requests:
        at = seconds
        keys = Keys("AKID", secret, token)
        headers = {"host": "b.example.com:4566", "range": "bytes=0-99"} | ({"if-match": etag} if etag else {})
        path, query = "/" + quote(key, safe="/~"), f"versionId={version}" if version else ""
        url = f"http://b.example.com:4566{path}{'?' if query else ''}{query}"
        lines = signer.signing(headers, keys).lines(path, query).splitlines()
        assert dict(line.split(": ", 1) for line in lines) == by_botocore(url, headers, keys, region, seconds)


def test_requests_that_differ_in_one_thing_are_signed_each_for_itself() -> None:
    headers, keys = {"host": "b.example.com", "range": "bytes=0-99"}, Keys("AKID", "secret")
    signer = Signer("eu-central-1", clock=lambda: 86_400)
    told = [
        signer.signing(headers, keys).lines("/k", ""),
        signer.signing(headers, keys).lines("/l", ""),
        signer.signing(headers, keys).lines("/k", "versionId=1"),
        signer.signing(headers | {"if-match": '"e"'}, keys).lines("/k", ""),
        signer.signing(headers, Keys("AKID", "secret", "token")).lines("/k", ""),
        signer.signing(headers, Keys("AKID", "other")).lines("/k", ""),
    ]
    assert len({line for lines in told for line in lines.splitlines() if line.startswith("authorization")}) == len(told)
    assert signer.signing(headers, keys).lines("/k", "") == told[0]
