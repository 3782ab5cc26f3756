"""Credentials made by rule: any of them is found, and what only stands for one is not."""

import base64
import json
import re

import pytest
from tests.unit.detect.examples import expand

from sightglass_detect import Finding, Settings, detectors, scan
from sightglass_detect.checks.secrets import generic_secret
from sightglass_detect.checks.tokens import private_key

_CREDENTIALS = [d for d in detectors() if d.family == "credentials"]
# Chance makes words of a password now and then, and without a digit it is not told from a name.
_BY_CHANCE = {"generic-secret", "url-credentials"}
_MADE = [(d.id, find) for d in _CREDENTIALS if d.id not in _BY_CHANCE for find in d.finds if "{" in find]
_ALL = Settings(detectors=frozenset({"credentials"}))


def _of(detector: str, text: str) -> list[Finding]:
    return [finding for finding in scan(text, settings=_ALL) if finding.detector == detector]


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_credential_is_found_whatever_chance_has_made_of_it(seed: int) -> None:
    for detector, find in _MADE:
        text = expand(find, seed)
        assert _of(detector, text.replace("‹", "").replace("›", "")), text


@pytest.mark.parametrize("filler", ["x", "X", "0", "*", "a"])
def test_one_character_over_and_over_in_place_of_a_credential_is_not_found(filler: str) -> None:
    for detector, find in _MADE:
        if re.search(r"\{(?:crc|jwt|pem|pemjson|snowflake)", find) or detector == "gcp-service-account":
            continue
        text = re.sub(r"\{\w+:(\d+)\}", lambda match: filler * int(match[1]), find)
        assert not _of(detector, text.replace("‹", "").replace("›", "")), text


def test_a_token_with_a_right_sum_is_told_with_more_confidence_than_one_with_a_wrong_one() -> None:
    right = expand("{crc:ghp_}")
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    assert _of("github-token", right)[0].confidence > _of("github-token", wrong)[0].confidence


def test_a_token_of_a_document_is_told_with_less_confidence_than_one_with_claims() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode()
    claims = base64.urlsafe_b64encode(json.dumps({"some": "payload of a page"}).encode()).decode().rstrip("=")
    sample = f"{header}.{claims}.4twFt5NiznN84AWoo1d7KO1T-yoc0Z6XOpOVswacPZg"
    assert [f.confidence < 0.8 for f in _of("jwt", sample)] == [True]
    assert [f.confidence >= 0.8 for f in _of("jwt", expand("{jwt}"))] == [True]


def test_a_key_that_its_frame_calls_encrypted_is_a_key() -> None:
    assert private_key(b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nx\n")
    assert not private_key(b"-----BEGIN RSA PRIVATE KEY-----\n" + b"A" * 64 + b"\n-----END RSA PRIVATE KEY-----")


def test_two_keys_in_a_file_are_two() -> None:
    text = expand("{pem:RSA PRIVATE KEY}\n{pem:EC PRIVATE KEY}\n")
    assert [text[f.start : f.start + 30] for f in _of("private-key", text)] == [
        "-----BEGIN RSA PRIVATE KEY----",
        "-----BEGIN EC PRIVATE KEY-----",
    ]


@pytest.mark.parametrize(
    "value",
    ["PKCS7PrivateKeyTypes", "us-east-1-cluster", "get_token(user1)", "${DB_PASS1}", "/run/secrets/db1", "conf.v1.json",
     "9f86d081-884c-4d63-a159-5c2a8b1c2d3e", "Passw0rd1", "secret123!", "https://a.b/c1", "%(pass1)s"],
)  # fmt: skip
def test_a_name_or_a_template_is_no_secret(value: str) -> None:
    assert not generic_secret(value.encode())


@pytest.mark.parametrize("value", ["9f86d081884c7d659a2feaa0c55ad015", "kT9!vLq2#x", "Zk3VnQ8sW1pR", "aG7-dk39-Lm20"])
def test_what_chance_makes_is_a_secret(value: str) -> None:
    assert generic_secret(value.encode())


def test_a_password_for_a_host_of_ones_own_is_told_with_less_confidence() -> None:
    secret = expand("{base62:20}1a")
    confidence = [
        _of("url-credentials", f"redis://app:{secret}@{host}")[0].confidence for host in ("localhost", "cache.acme")
    ]
    assert confidence[0] < 0.8 <= confidence[1]


@pytest.mark.parametrize("value", [b"a" * 90 + b"!", b"Aa" * 60 + b"!", b"aA-" * 40 + b"!"])
def test_a_long_word_is_judged_in_time_that_grows_with_its_length_alone(value: bytes) -> None:
    """Where a word may be cut in two anywhere, this never ends."""
    assert isinstance(generic_secret(value), bool)
