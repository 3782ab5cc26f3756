"""What the API asks of S3, apart from the SDK: importing the SDK takes longer than all the rest of the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Head:
    """An object as it lies in S3. `version_id` is "" in a bucket without versions."""

    etag: str
    version_id: str
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address that works without a key until `expires_at`."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Form:
    """Where to post an object, and the form fields that go before it."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """A part of a multipart upload that S3 has."""

    number: int
    etag: str
    size_bytes: int


class Objects(Protocol):
    """Objects in S3 and links to them.

    Every method that talks to S3 raises DependencyUnavailable when S3 is away or throttles, and AccessDenied.
    """

    async def head(self, bucket: str, key: str, version_id: str = "") -> Head:
        """Look at an object. Raises ObjectNotFound."""
        ...

    async def read(self, bucket: str, key: str) -> bytes:
        """Read a small object whole. Raises ObjectNotFound."""
        ...

    async def put(self, bucket: str, key: str, body: bytes, content_type: str) -> None:
        """Write a small object."""
        ...

    async def remove_all(self, bucket: str, prefix: str) -> None:
        """Remove the objects whose keys begin so; a thousand at most."""
        ...

    async def reach(self, bucket: str) -> None:
        """Check that S3 answers and has the bucket."""
        ...

    async def link(
        self, bucket: str, key: str, version_id: str = "", *, disposition: str = "", content_type: str = ""
    ) -> Link:
        """A link that reads an object, also by Range."""
        ...

    async def form(self, bucket: str, key: str, *, content_type: str, size_bytes: int, expires_s: int) -> Form:
        """A form that takes exactly this key, type and size."""
        ...

    async def begin_multipart(self, bucket: str, key: str, content_type: str) -> str:
        """Begin a multipart upload; returns its id."""
        ...

    async def part_links(
        self, bucket: str, key: str, multipart_id: str, sizes: Sequence[int], *, expires_s: int
    ) -> list[str]:
        """A link for each part, in order; each takes exactly its part's size."""
        ...

    async def received(self, bucket: str, key: str, multipart_id: str) -> list[ReceivedPart] | None:
        """The parts that S3 has, by number; None when there is no such upload (any more)."""
        ...

    async def finish_multipart(self, bucket: str, key: str, multipart_id: str, parts: Sequence[ReceivedPart]) -> None:
        """Put the parts together. An upload that is gone already is no error: the caller looks at the object."""
        ...
