"""The connection that all calls are made over."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from sightglass_client import retry
from sightglass_client.config import resolve
from sightglass_client.session import Session
from sightglass_client.upload_state import default_folder


class Connection:
    """An open connection, which closes with its block. What it takes, `Sightglass` says."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        tries: int = retry.TRIES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.config = resolve(url, api_key, environ=os.environ, cwd=Path.cwd())
        self._session = Session(self.config, tries=tries, transport=transport)
        self._states = default_folder(os.environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
