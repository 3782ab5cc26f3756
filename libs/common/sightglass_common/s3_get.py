"""GETs of S3 with little between a call and the wire: the SDK's own takes 1.2 ms of CPU for an object of any size.

What the SDK knows better, it still does (docs/adr/0015): where a bucket is and in which region, credentials and their
renewal. It tells by the request that it would make for a bucket; ours are made and signed like that one.
"""

import asyncio
import random
import re
import ssl
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from aiohttp import ClientError as TransportError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectionError,  # noqa: A004
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import create_parser
from botocore.utils import get_environ_proxies

from sightglass_common.http_answers import Answer
from sightglass_common.http_get import Broken, Connections, Origin, Stood
from sightglass_common.s3_signing import Keys, Signer

if TYPE_CHECKING:
    from aiobotocore.credentials import AioCredentials
    from types_aiobotocore_s3.client import S3Client

_PLAIN: Final = re.compile(r"[0-9A-Za-z/_.~-]+")
_LONGEST_PAUSE_S: Final = 20.0
_MOST_ERROR_BYTES: Final = 1024 * 1024
_PASSING_STATUS: Final = frozenset({429, 500, 502, 503, 504})
# What S3 answers by a status that does not tell.
_PASSING_CODES: Final = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"})
# The bucket is elsewhere than where it was, or was taken to be: the SDK finds it.
_ELSEWHERE_STATUS: Final = frozenset({301, 302, 307, 308})
_ELSEWHERE_CODES: Final = frozenset({"AuthorizationHeaderMalformed", "IllegalLocationConstraintException"})


@dataclass(frozen=True, slots=True)
class Got:
    """What S3 gave of an object. version_id: "" in a bucket without versions. size_bytes: of the whole object."""

    body: bytes
    etag: str
    version_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a bucket's objects are. base: of their paths."""

    origin: Origin
    host: str
    base: str
    signer: Signer


@dataclass(slots=True)
class _Sent:
    """A request of the SDK's. dry: whether it is not to be made."""

    dry: bool
    url: str = ""
    headers: "dict[str, str] | None" = None


class _NotMade(Exception):
    """A request that was only to be seen."""


_SENT: Final[ContextVar[_Sent | None]] = ContextVar("sent", default=None)


class S3Gets:
    """Gets objects beside a client of the SDK, whose configuration it follows."""

    def __init__(
        self,
        s3: "S3Client",
        credentials: "AioCredentials | None",
        connections: Connections,
        *,
        attempts: int,
        rng: random.Random | None = None,
    ) -> None:
        self._s3 = s3
        self._credentials = credentials
        self._connections = connections
        self._attempts = attempts
        self._rng = rng or random.Random()  # noqa: S311  # spreads load, hides nothing
        self._addresses: dict[str, _Address | None] = {}
        self._parser: Any = create_parser("rest-xml")
        s3.meta.events.register("before-send.s3.GetObject", _see)

    async def get(self, bucket: str, key: str, first: int, length: int, *, version_id: str = "", etag: str = "") -> Got:
        """Up to `length` bytes from `first` on; of the version, and only while it has the ETag, that are given.

        Raises ClientError as the SDK does, and BotoCoreError when there is no answer or no whole one, after some tries
        with growing random pauses; what a new try cannot change is raised at once.
        """
        wanted = _Wanted(bucket, key, first, length, version_id, etag)
        for attempt in range(1, self._attempts):
            try:
                return await self._try(wanted)
            except (BotoCoreError, ClientError) as error:
                if not _passes(error):
                    raise
            await asyncio.sleep(min(_LONGEST_PAUSE_S, self._rng.random() * 2 ** (attempt - 1)))
        return await self._try(wanted)

    async def _try(self, wanted: "_Wanted") -> Got:
        if not wanted.key:
            raise ParamValidationError(report="an object without a key")
        if wanted.bucket not in self._addresses:
            self._addresses[wanted.bucket] = await self._learned(wanted.bucket)
        address = self._addresses[wanted.bucket]
        if address is None:
            return await self._by_sdk(wanted)
        answer = await self._asked(address, wanted)
        if answer.status in {200, 206}:
            return _got(answer)
        error = self._error(answer)
        code = error.response.get("Error", {}).get("Code", "")
        if answer.status in _ELSEWHERE_STATUS or code in _ELSEWHERE_CODES:
            return await self._by_sdk(wanted)
        raise error

    async def _asked(self, address: _Address, wanted: "_Wanted") -> Answer:
        if self._credentials is None:
            raise NoCredentialsError
        # Renews them before they run out.
        frozen = await self._credentials.get_frozen_credentials()
        keys = Keys(str(frozen.access_key), str(frozen.secret_key), frozen.token)
        path = address.base + _quoted(wanted.key)
        query = f"versionId={quote(wanted.version_id, safe='-_.~')}" if wanted.version_id else ""
        lines = address.signer.lines(path, query, wanted.headers(address.host), keys)
        # Added unsigned, as a proxy may change it.
        head = f"GET {path}{'?' if query else ''}{query} HTTP/1.1\r\n{lines}connection: keep-alive\r\n\r\n"
        url = f"{'https' if address.origin.tls else 'http'}://{address.host}/"
        most_bytes = max(wanted.length, _MOST_ERROR_BYTES)
        try:
            return await self._connections.get(address.origin, head.encode(), most_bytes)
        except Broken as error:
            raise ConnectionClosedError(endpoint_url=url) from error
        except Stood as error:
            raise ReadTimeoutError(endpoint_url=url) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=url) from error

    def _error(self, answer: Answer) -> ClientError:
        parsed = self._parser.parse(
            {"status_code": answer.status, "headers": answer.headers, "body": answer.body}, None
        )
        return ClientError(parsed, "GetObject")

    async def _learned(self, bucket: str) -> _Address | None:
        """How the SDK would address a bucket. Raises what it raises for a bucket that cannot be."""
        sent = _Sent(dry=True)
        seeing = _SENT.set(sent)
        try:
            with suppress(_NotMade):
                await self._s3.get_object(Bucket=bucket, Key="k")
        finally:
            _SENT.reset(seeing)
        return _address(sent, "k")

    async def _by_sdk(self, wanted: "_Wanted") -> Got:
        """As the SDK does it; and what it has found out on the way is kept."""
        request: dict[str, str] = {"Range": wanted.range}
        if wanted.version_id:
            request["VersionId"] = wanted.version_id
        if wanted.etag:
            request["IfMatch"] = wanted.etag
        sent = _Sent(dry=False)
        seeing = _SENT.set(sent)
        try:
            answer: Any = await self._s3.get_object(Bucket=wanted.bucket, Key=wanted.key, **request)  # type: ignore[arg-type]
        finally:
            _SENT.reset(seeing)
        self._addresses[wanted.bucket] = _address(sent, _quoted(wanted.key))
        try:
            async with answer["Body"] as stream:
                body: bytes = await stream.read()
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=sent.url) from error
        except (TransportError, OSError) as error:
            raise ConnectionClosedError(endpoint_url=sent.url) from error
        total = answer.get("ContentRange", "").rpartition("/")[2]
        return Got(body, answer["ETag"], _version(answer.get("VersionId", "")), int(total or answer["ContentLength"]))


class _Wanted(NamedTuple):
    bucket: str
    key: str
    first: int
    length: int
    version_id: str
    etag: str

    @property
    def range(self) -> str:
        return f"bytes={self.first}-{self.first + self.length - 1}"

    def headers(self, host: str) -> dict[str, str]:
        headers = {"host": host, "range": self.range}
        if self.etag:
            headers["if-match"] = self.etag
        return headers


_GETS: Final[WeakKeyDictionary[Any, S3Gets]] = WeakKeyDictionary()


def bind(s3: "S3Client", gets: S3Gets) -> None:
    """Have `gets_of` give these for a client."""
    _GETS[s3] = gets


def gets_of(s3: "S3Client") -> S3Gets:
    """The GETs beside a client that `open_s3` has made."""
    return _GETS[s3]


def _see(request: Any, **_: object) -> None:
    """The SDK's event of a request that is about to be made."""
    sent = _SENT.get()
    if sent is None:
        return
    sent.url = request.url
    sent.headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    if sent.dry:
        raise _NotMade


def _address(sent: _Sent, key: str) -> _Address | None:
    """Where the objects are, by a request for one; None when that is made in a way that only the SDK knows."""
    parts = urlsplit(sent.url)
    headers = sent.headers or {}
    scheme, _, credential = headers.get("authorization", "").partition(" Credential=")
    scope = credential.partition(",")[0].split("/")
    plain = scheme == "AWS4-HMAC-SHA256" and scope[-2:] == ["s3", "aws4_request"]
    if not plain or "x-amz-s3session-token" in headers or not parts.path.endswith("/" + key):
        return None
    if parts.hostname is None or get_environ_proxies(sent.url):
        return None
    tls = parts.scheme == "https"
    standard = 443 if tls else 80
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{standard}")
    origin = Origin(parts.hostname, parts.port or standard, tls)
    return _Address(origin, host, parts.path.removesuffix(key), Signer(scope[-3]))


def _quoted(key: str) -> str:
    # Most keys are paths as they are, and `quote` takes its time to say so.
    return key if _PLAIN.fullmatch(key) else quote(key, safe="/~")


def _got(answer: Answer) -> Got:
    head = answer.head
    # "bytes 0-99/1234"; an answer without it holds all there is.
    total = (head.get(b"content-range") or "").rpartition("/")[2]
    version = _version(head.get(b"x-amz-version-id") or "")
    return Got(answer.body, head.get(b"etag") or "", version, int(total) if total else len(answer.body))


def _version(version_id: str) -> str:
    return "" if version_id == "null" else version_id


def _passes(error: BotoCoreError | ClientError) -> bool:
    """Whether a new try may help."""
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | ConnectionError)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _PASSING_STATUS or error.response.get("Error", {}).get("Code") in _PASSING_CODES
