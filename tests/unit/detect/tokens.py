"""Tokens made by chance as their issuers document them, apart from the patterns that are tested; and near misses."""

import base64
import random
import string
import zlib
from collections.abc import Callable
from typing import Final

_B62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_URL: Final = _B62 + "-_"
_HEX: Final = "0123456789abcdef"
_SMALL: Final = string.digits + string.ascii_lowercase
_LARGE: Final = string.digits + string.ascii_uppercase
_BECH32: Final = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

Make = Callable[[random.Random], str]


def _of(*parts: str | tuple[str, int]) -> Make:
    """Fixed texts, and (alphabet, length)."""
    return lambda rng: "".join(p if isinstance(p, str) else "".join(rng.choices(p[0], k=p[1])) for p in parts)


def _one_of(*makes: Make) -> Make:
    return lambda rng: rng.choice(makes)(rng)


def _summed(prefix: str) -> Make:
    """Thirty characters and their CRC-32 in base 62."""

    def make(rng: random.Random) -> str:
        body = "".join(rng.choices(_B62, k=30))
        left, end = zlib.crc32(body.encode()), ""
        for _ in range(6):
            left, digit = divmod(left, 62)
            end = _B62[digit] + end
        return prefix + body + end

    return make


def _discord(rng: random.Random) -> str:
    account = base64.b64encode(str(rng.randrange(10**17, 10**19)).encode()).decode().rstrip("=")
    return account + _of(".", (_URL, 6), ".", (_URL, rng.choice([27, 38])))(rng)


def _azure_key(rng: random.Random) -> str:
    key = base64.b64encode(rng.randbytes(64)).decode()
    return f"DefaultEndpointsProtocol=https;AccountName=store;AccountKey={key};EndpointSuffix=core.windows.net"


# By detector: how its values are made.
TOKENS: Final[dict[str, Make]] = {
    "aws-access-key-id": _one_of(
        *(_of(prefix, (string.ascii_uppercase + "234567", 16)) for prefix in ("AKIA", "ASIA"))
    ),
    "github-token": _one_of(
        *map(_summed, ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")), _of("github_pat_", (_B62, 22), "_", (_B62, 59))
    ),
    "gitlab-token": _one_of(
        *(_of(prefix, (_URL, 20)) for prefix in ("glpat-", "gldt-", "glrt-", "glft-", "glsoat-")),
        _of("glptt-", (_HEX, 40)),
        _of("glpat-", (_URL, 27), ".01.", (_SMALL, 9)),
    ),
    "npm-token": _summed("npm_"),
    "pypi-token": _of("pypi-AgEIcHlwaS5vcmc", (_URL, 150)),
    "slack-token": _one_of(
        _of("xoxb-", (string.digits, 12), "-", (string.digits, 13), "-", (_B62, 24)),
        _of("xoxp-", (string.digits, 12), "-", (string.digits, 12), "-", (string.digits, 13), "-", (_HEX, 32)),
        _of("xapp-1-A", (_LARGE, 10), "-", (string.digits, 13), "-", (_HEX, 64)),
    ),
    "slack-webhook": _of("https://hooks.slack.com/services/T", (_LARGE, 10), "/B", (_LARGE, 10), "/", (_B62, 24)),
    "discord-token": _discord,
    "discord-webhook": _of("https://discord.com/api/webhooks/1", (string.digits, 17), "/", (_URL, 68)),
    "telegram-bot-token": _of("7", (string.digits, 9), ":AA", (_URL, 33)),
    "stripe-key": _one_of(_of("sk_live_", (_B62, 24)), _of("rk_live_", (_B62, 99)), _of("whsec_", (_B62, 32))),
    "square-token": _one_of(_of("sq0atp-", (_URL, 22)), _of("sq0csp-", (_URL, 43))),
    "shopify-token": _one_of(*(_of(prefix, (_HEX, 32)) for prefix in ("shpat_", "shpss_", "shpca_", "shppa_"))),
    "sendgrid-key": _of("SG.", (_URL, 22), ".", (_URL, 43)),
    "mailgun-key": _of("key-", (_HEX, 32)),
    "mailchimp-key": _of((_HEX, 32), "-us1", ("123456789", 1)),
    "google-api-key": _of("AIza", (_URL, 35)),
    "google-oauth-secret": _of("GOCSPX-", (_URL, 28)),
    "azure-storage-key": _azure_key,
    "azure-ad-secret": _of((_B62, 3), "8Q~", (_B62, 34)),
    "openai-key": _one_of(
        _of("sk-", (_B62, 20), "T3BlbkFJ", (_B62, 20)), _of("sk-proj-", (_URL, 74), "T3BlbkFJ", (_URL, 74))
    ),
    "anthropic-key": _of("sk-ant-api03-", (_URL, 93), "AA"),
    "huggingface-token": _of("hf_", (string.ascii_letters, 34)),
    "databricks-token": _of("dapi", (_HEX, 32)),
    "digitalocean-token": _one_of(*(_of(prefix, (_HEX, 64)) for prefix in ("dop_v1_", "doo_v1_", "dor_v1_"))),
    "vault-token": _of("hvs.", (_URL, 95)),
    "terraform-token": _of((_B62, 14), ".atlasv1.", (_URL, 67)),
    "grafana-token": _of("glsa_", (_B62, 32), "_", (_HEX, 8)),
    "new-relic-key": _one_of(_of("NRAK-", (_LARGE, 27)), _of((_HEX, 36), "NRAL")),
    "url-credentials": _of("postgres://app:", (_B62, 18), "4z@db.", (string.ascii_lowercase, 7), ".internal:5432"),
    "private-key": _of("AGE-SECRET-KEY-1", (_BECH32, 58)),
}

SURROUNDINGS: Final = {
    "alone": "{}",
    "env": "export SETTING={}",
    "env-quoted": 'SETTING="{}"',
    "yaml": "- setting: {}\n  other: 1",
    "json": '{{"setting": "{}", "n": 1}}',
    "code": "client = Client('{}')  # one",
    "url": "https://host.example.com/v1?x={}&y=1",
    "log": "2024-05-06T07:08:09Z INFO used {} in 3 ms",
    "markdown": "Use `{}` here.",
    "header": "curl -H 'X-Setting: {}' host",
    "xml": "<setting>{}</setting>",
    "csv": "a,{},b",
}
# Where it could be a part of something else.
_URLS: Final = frozenset({"slack-webhook", "discord-webhook", "url-credentials"})


def near_misses(detector: str, value: str) -> list[str]:
    """What is no token: another prefix, an end too early, one character over and over."""
    head = value[: min(8, len(value) // 3)]
    filled = head + "x" * (len(value) - len(head))
    cut = [] if detector in _URLS else [value[: len(head) + 6]]
    return [filled, *cut]
