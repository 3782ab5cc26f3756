"""GETs of S3 with little between a call and the wire: the SDK's own takes 1.2 ms of CPU for an object of any size.

What the SDK knows better, it still does (docs/adr/0015): where a bucket is and in which region, credentials and their
renewal. It tells by the request that it would make for a bucket; ours are made and signed like that one.
"""

import asyncio
import random
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
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


class Got(NamedTuple):
    """What S3 gave of an object. version_id: "" in a bucket without versions. size_bytes: of the whole object."""

    body: bytes
    etag: str
    version_id: str
    size_bytes: int


# What a GET comes to: an object's bytes, or what `S3Gets.get` raises.
Told: TypeAlias = Got | BotoCoreError | ClientError | OSError


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
        try:
            return await self._try(wanted)
        except (BotoCoreError, ClientError) as error:
            failed = error
        return await self._again(wanted, failed)

    async def get_each(self, bucket: str, keys: Sequence[str], length: int, *, at_once: int) -> list[Told]:
        """Up to `length` first bytes of each object: what `get` gives or raises."""
        told: list[Told | None] = [None] * len(keys)
        left = ((number, _Wanted(bucket, key, 0, length, "", "")) for number, key in enumerate(keys))
        async with asyncio.TaskGroup() as group:  # a task for many objects, not for each
            for _ in range(min(at_once, len(keys))):
                group.create_task(self._work_off(left, told))
        return [one for one in told if one is not None]

    async def _work_off(self, left: "Iterator[tuple[int, _Wanted]]", told: list[Told | None]) -> None:
        for number, wanted in left:
            run = _Run(number, wanted, left, told)
            try:
                await self._run(run)
            except (BotoCoreError, ClientError) as error:
                told[run.number] = await self._told_again(run.wanted, error)
            except OSError as error:
                told[run.number] = error

    async def _told_again(self, wanted: "_Wanted", failed: BotoCoreError | ClientError) -> Told:
        try:
            return await self._again(wanted, failed)
        except (BotoCoreError, ClientError, OSError) as error:
            return error

    async def _again(self, wanted: "_Wanted", failed: BotoCoreError | ClientError) -> Got:
        """What comes of it after a try that has failed."""
        for attempt in range(1, self._attempts):
            if not _passes(failed):
                break
            await asyncio.sleep(min(_LONGEST_PAUSE_S, self._rng.random() * 2 ** (attempt - 1)))
            try:
                return await self._try(wanted)
            except (BotoCoreError, ClientError) as error:
                failed = error
        raise failed

    async def _try(self, wanted: "_Wanted") -> Got:
        told: list[Told | None] = [None]
        await self._run(_Run(0, wanted, iter(()), told))
        (got,) = told
        assert isinstance(got, Got)  # noqa: S101  # or it was raised
        return got

    async def _run(self, run: "_Run") -> None:
        """Make the GETs of a run up to one that fails, which is its `wanted` then. Raises what that one fails with."""
        wanted = run.wanted
        if wanted.bucket not in self._addresses:
            self._addresses[wanted.bucket] = await self._learned(wanted.bucket)
        address = self._addresses[wanted.bucket]
        if address is None:
            run.told[run.number] = await self._by_sdk(wanted)
            return
        await self._ask(address, run)
        if run.refusal is None:
            return
        error = self._error(run.refusal)
        code = error.response.get("Error", {}).get("Code", "")
        if run.refusal.status not in _ELSEWHERE_STATUS and code not in _ELSEWHERE_CODES:
            raise error
        run.told[run.number] = await self._by_sdk(run.wanted)

    async def _ask(self, address: _Address, run: "_Run") -> None:
        if self._credentials is None:
            raise NoCredentialsError
        # Renews them before they run out.
        frozen = await self._credentials.get_frozen_credentials()
        keys = Keys(str(frozen.access_key), str(frozen.secret_key), frozen.token)
        run.begin(_Requests(address, run.wanted, keys).of)
        url = f"{'https' if address.origin.tls else 'http'}://{address.host}/"
        most_bytes = max(run.wanted.length, _MOST_ERROR_BYTES)
        try:
            await self._connections.ask(address.origin, run, most_bytes)
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
            {"status_code": answer.status, "headers": answer.all_headers, "body": answer.body}, None
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


class _Requests:
    """Signed requests for objects of one bucket, alike but for their keys. keys: the credentials."""

    def __init__(self, address: _Address, wanted: _Wanted, keys: Keys) -> None:
        self._base = address.base
        self._signing = address.signer.signing(wanted.headers(address.host), keys)

    def of(self, wanted: _Wanted) -> bytes:
        """The GET of an object. Raises ParamValidationError where there can be none."""
        if not wanted.key:
            raise ParamValidationError(report="an object without a key")
        path = self._base + _quoted(wanted.key)
        query = f"versionId={quote(wanted.version_id, safe='-_.~')}" if wanted.version_id else ""
        lines = self._signing.lines(path, query)
        # Added unsigned, as a proxy may change it.
        return f"GET {path}{'?' if query else ''}{query} HTTP/1.1\r\n{lines}connection: keep-alive\r\n\r\n".encode()


class _Run:
    """GETs one after the other, up to the first that fails: as `Asking`.

    number, wanted: of the one under way. told: what those before it came to, by their numbers. refusal: an answer
    that gives no object.
    """

    def __init__(
        self, number: int, wanted: _Wanted, left: Iterator[tuple[int, _Wanted]], told: list[Told | None]
    ) -> None:
        self.number, self.wanted = number, wanted
        self.told = told
        self.request: bytes | None = None
        self.refusal: Answer | None = None
        self._left = left
        self._request_of: Callable[[_Wanted], bytes] = lambda _: b""

    def begin(self, request_of: Callable[[_Wanted], bytes]) -> None:
        """Have something to ask for."""
        self._request_of = request_of
        self.request = request_of(self.wanted)

    def take(self, answer: Answer) -> None:
        """As of `Asking`."""
        self.request = None
        if answer.status not in {200, 206}:
            self.refusal = answer
            return
        self.told[self.number] = _got(answer)
        following = next(self._left, None)
        if following is not None:
            self.number, self.wanted = following
            self.request = self._request_of(self.wanted)


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
    headers = answer.headers
    # "bytes 0-99/1234"; an answer without it holds all there is.
    total = headers.get(b"content-range", "").rpartition("/")[2]
    version = _version(headers.get(b"x-amz-version-id", ""))
    return Got(answer.body, headers.get(b"etag", ""), version, int(total) if total else len(answer.body))


def _version(version_id: str) -> str:
    return "" if version_id == "null" else version_id


def _passes(error: BotoCoreError | ClientError) -> bool:
    """Whether a new try may help."""
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | ConnectionError)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _PASSING_STATUS or error.response.get("Error", {}).get("Code") in _PASSING_CODES
