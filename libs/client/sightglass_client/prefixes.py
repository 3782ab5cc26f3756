"""Prefixes of buckets that datasets are kept in step with: what the API answers, typed, and the calls."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sightglass_client.answer import Answer
from sightglass_client.answers import read
from sightglass_client.connection import Connection
from sightglass_client.errors import WaitTimedOut
from sightglass_client.following import Following
from sightglass_client.models import JobError
from sightglass_client.session import segment

_POLL_S: Final = (0.5, 5.0)  # the shortest and the longest pause between two questions


class PrefixBegun(Answer):
    """A prefix that was added. job_id: of its first sync."""

    prefix_id: str
    job_id: str


class SyncBegun(Answer):
    """A sync."""

    job_id: str


class Sync(Answer):
    """The newest sync of a prefix. listed: the sum of those that follow, but for removed. skipped: by reason."""

    job_id: str
    status: str
    listed: int = 0
    new: int = 0
    changed: int = 0
    retried: int = 0
    unchanged: int = 0
    skipped: Mapping[str, int] = {}
    removed: int = 0
    error: JobError | None = None


class Prefix(Answer):
    """A prefix of a bucket that a dataset is kept in step with.

    every_minutes: how long after the beginning of a sync the next one begins; None: when somebody asks for it.
    reading: objects whose reading is not over. failed: those whose last one ended without a document that is found.
    """

    prefix_id: str
    dataset_id: str
    bucket: str
    prefix: str = ""
    every_minutes: int | None = None
    next_at: datetime | None = None
    synced_at: datetime | None = None
    sync: Sync
    objects: int = 0
    reading: int = 0
    failed: int = 0
    documents: int = 0
    ready: int = 0
    skipped: int = 0
    withheld: int = 0
    created_at: datetime

    @property
    def place(self) -> str:
        """As `s3://bucket/prefix`."""
        return f"s3://{self.bucket}/{self.prefix}"


class Prefixes(Connection):
    """The part of `Sightglass` that is about prefixes."""

    def add_prefix(
        self,
        dataset_id: str,
        bucket: str,
        prefix: str = "",
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        every_minutes: int | None = 60,
    ) -> PrefixBegun:
        """Have a dataset hold the objects of a linked bucket below a prefix, now and later.

        include, exclude: shell patterns of whole keys. every_minutes: None syncs only when somebody asks for it.
        """
        body = {"bucket": bucket, "prefix": prefix, "every_minutes": every_minutes}
        patterns = {"include": list(include or ()), "exclude": list(exclude or ())}
        return read(PrefixBegun, self._session.post(_prefixes(dataset_id), body | patterns))

    def prefixes(self, dataset_id: str, *, page_size: int = 50) -> Iterator[Prefix]:
        """The prefixes that a dataset is kept in step with, newest first, fetched page by page."""
        return self._session.each(Prefix, _prefixes(dataset_id), limit=page_size)

    def prefix(self, dataset_id: str, prefix_id: str) -> Prefix:
        """One prefix, with its newest sync and what became of its objects."""
        return self._session.get_as(Prefix, _prefix(dataset_id, prefix_id))

    def sync_prefix(self, dataset_id: str, prefix_id: str) -> SyncBegun:
        """Bring a dataset in step with a prefix now; while a sync is under way, it is that one."""
        return read(SyncBegun, self._session.post(f"{_prefix(dataset_id, prefix_id)}/sync", repeatable=True))

    def delete_prefix(self, dataset_id: str, prefix_id: str) -> None:
        """Take a prefix out of a dataset: from now on nothing of its objects is found. The objects stay."""
        self._session.delete(_prefix(dataset_id, prefix_id))

    def wait_for_prefix(self, dataset_id: str, prefix_id: str, *, timeout: float | None = None) -> Prefix:
        """Wait until a sync is over and all that it has had read can be found.

        timeout: seconds, after which WaitTimedOut is raised, and all goes on.
        """
        way = Following(
            self._session, _prefix(dataset_id, prefix_id), late=_late, timeout_s=timeout, clock=time.monotonic
        )
        pause, longest = _POLL_S
        while True:
            prefix = self.prefix(dataset_id, prefix_id)
            under_way = prefix.sync.status in {"queued", "running"}
            if not under_way and not prefix.reading:
                return prefix
            way.pause(pause)
            pause = min(longest, pause * 1.5)


def _late(timeout_s: float) -> WaitTimedOut:
    return WaitTimedOut(f"Not all is read after {timeout_s:g} s.", detail="It goes on.")


def _prefixes(dataset_id: str) -> str:
    return f"/v1/datasets/{segment(dataset_id)}/prefixes"


def _prefix(dataset_id: str, prefix_id: str) -> str:
    return f"{_prefixes(dataset_id)}/{segment(prefix_id)}"
