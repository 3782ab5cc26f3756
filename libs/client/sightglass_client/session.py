"""HTTP to the API: the key, request ids, retries of what may be repeated, and errors as ours."""

import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final, TypeVar, cast
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from sightglass_client import retry
from sightglass_client.answers import json_of, problem_of, read
from sightglass_client.config import LOOPBACK, Config
from sightglass_client.errors import ClientError, UnexpectedAnswer, Unreachable

M = TypeVar("M", bound=BaseModel)
Params = Mapping[str, str | int]

USER_AGENT: Final = f"sightglass-client/{version('sightglass-client')}"
_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0, pool=None)


class Session:
    """Connections to one API, and to the object store that its presigned links name. Safe to share between threads.

    tries: how often a repeatable call is made before its error is raised. transport: other than the network (tests).
    sleep: waits between tries.
    """

    def __init__(
        self,
        config: Config,
        *,
        tries: int = retry.TRIES,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.tries = tries
        self.sleep = sleep
        # The key is not a default header: this client also speaks to the object store, which must not see it.
        # This machine is never behind a proxy, whatever the environment says.
        self.http = httpx.Client(
            timeout=_TIMEOUT,
            transport=transport,
            mounts=None if transport else {f"all://{host}": None for host in LOOPBACK if ":" not in host},
            headers={"User-Agent": USER_AGENT},
        )

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def get(self, path: str, params: Params | None = None) -> dict[str, object]:
        """GET a JSON object. Raises ApiError, Unreachable or UnexpectedAnswer."""
        return json_of(self._send("GET", path, params=params, tries=self.tries))

    def post(
        self, path: str, body: Mapping[str, object] | None = None, *, repeatable: bool = False
    ) -> dict[str, object]:
        """POST a JSON object. Tried again only if the contract says that twice does nothing twice (`repeatable`)."""
        return json_of(self._send("POST", path, body=body or {}, tries=self.tries if repeatable else 1))

    def patch(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        """PATCH with a JSON object: twice is as once."""
        return json_of(self._send("PATCH", path, body=body, tries=self.tries))

    def delete(self, path: str) -> None:
        """DELETE; tried once, as a second try could not tell what is gone from what never was."""
        answer = self._send("DELETE", path, tries=1)
        if not answer.is_success:
            raise problem_of(answer)

    def get_as(self, model: type[M], path: str) -> M:
        """GET one thing."""
        return read(model, self.get(path))

    def pages(self, path: str, params: Params | None = None, *, limit: int = 200) -> Iterator[dict[str, object]]:
        """GET a list page by page, each when it is asked for."""
        query: dict[str, str | int] = {**(params or {}), "limit": limit}
        while True:
            page = self.get(path, query)
            yield page
            cursor = page.get("next_cursor")
            if not cursor:
                return
            if cursor == query.get("cursor"):
                raise UnexpectedAnswer(f"{path} gives the same page again and again.")
            query["cursor"] = str(cursor)

    def each(self, model: type[M], path: str, params: Params | None = None, *, limit: int = 200) -> Iterator[M]:
        """All things of a list, over all its pages."""
        for page in self.pages(path, params, limit=limit):
            yield from items(model, page)

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], *, timeout_s: float) -> Generator[httpx.Response]:
        """GET a stream; `timeout_s` bounds each wait for its next bytes. Raises httpx's errors as they are."""
        timeout = httpx.Timeout(timeout_s, connect=5.0)
        with self.http.stream(
            "GET", self._url(path), headers={**self._headers(), **headers}, timeout=timeout
        ) as answer:
            yield answer

    def _send(
        self,
        method: str,
        path: str,
        *,
        tries: int,
        params: Params | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        for failures in range(1, tries + 1):
            wait_s: float | None = None
            try:
                response = self.http.request(method, self._url(path), params=params, json=body, headers=self._headers())
            except httpx.TransportError as error:
                if failures == tries:
                    raise unreachable(self.config.url, error) from error
            else:
                wait_s = retry.retry_after_s(response.headers.get("Retry-After"))
                if response.status_code not in retry.NOT_NOW or failures == tries or (wait_s or 0) > retry.PATIENCE_S:
                    return response
            self.sleep(retry.delay_s(failures, retry_after_s=wait_s))
        message = "tries must be at least 1"
        raise ValueError(message)

    def _url(self, path: str) -> str:
        return f"{self.config.url}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.config.api_key}", "X-Request-Id": uuid.uuid4().hex}


def items(model: type[M], page: Mapping[str, object]) -> list[M]:
    """The things of one page."""
    content = page.get("items")
    if not isinstance(content, list):
        raise UnexpectedAnswer("A list came without its items.")
    return [read(model, item) for item in cast("list[object]", content)]


def segment(text: str) -> str:
    """`text` as one segment of a path. Raises ClientError for nothing but dots, which would name another address."""
    if not text.strip("."):
        raise ClientError(f"{text!r} is no id.")
    return quote(text, safe="")


def unreachable(url: str, error: httpx.TransportError) -> Unreachable:
    """What a failed connection means to the caller."""
    return Unreachable(
        f"{url} does not answer.",
        detail=str(error) or type(error).__name__,
        hint="Is it running? `make dev` starts it on this machine; `sightglass doctor` looks further.",
    )
