"""Ranges of a bucket's keys, which are listed side by side: pure.

Keys are in the order of their UTF-8, as S3 lists them. Strings compare by code points, which is the same order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

# Ranges that one scan's listing ever becomes. A page takes S3 about 100 ms: so many at once list some 600,000 objects a
# second, more than a fleet reads; finding where to cut costs some twenty requests for each range at most.
MOST_RANGES: Final = 64
# Pages of a range before it is cut. What is left of it may be as much as what was seen: less is listed sooner in a row.
_PAGES_BEFORE: Final = 4
# Directory buckets, and access points of them, list in no order, and from no key on.
_UNORDERED: Final = ("--x-s3", "--xa-s3")


@dataclass(frozen=True, slots=True)
class Span:
    """What is left to be listed of a range.

    token: where the listing goes on; without one it begins behind the key `after`, None: at the beginning.
    upto: the last key that is the range's; None: the listing's end. pages: that were listed of it.
    shares: how many ranges it may still become, itself included.
    """

    token: str | None = None
    after: str | None = None
    upto: str | None = None
    pages: int = 0
    shares: int = 1

    def holds(self, key: str) -> bool:
        """Whether a key that is listed for this range is one of it."""
        return self.upto is None or key <= self.upto

    def next(self, token: str) -> "Span":
        """What is left when a page more was listed."""
        return replace(self, token=token, after=None, pages=self.pages + 1)

    def cut(self, bounds: Sequence[str]) -> list["Span"]:
        """The ranges between some keys of this one, in their order; each bound is the last key of the one before it.

        Together they hold the same keys, each one once. They share `shares`.
        """
        each, more = divmod(self.shares, len(bounds) + 1)
        starts = [(self.token, self.after), *((None, bound) for bound in bounds)]
        ends = [*bounds, self.upto]
        return [
            Span(token, after, upto, 0, each + (number < more))
            for number, ((token, after), upto) in enumerate(zip(starts, ends, strict=True))
        ]


def lists_in_order(bucket: str) -> bool:
    """Whether a page of a bucket's listing is all keys between its first and its last."""
    return not bucket.endswith(_UNORDERED)


def whole(bucket: str) -> Span:
    """All of a bucket's listing."""
    return Span(shares=MOST_RANGES if lists_in_order(bucket) else 1)


def to_be_cut(span: Span, page: Iterable[str]) -> bool:
    """Whether to look for bounds in what is left behind a page. page: its keys, as they were listed.

    A range in which there were none is asked again when twice as much of it was seen.
    """
    pages = span.pages
    due = span.shares > 1 and pages >= _PAGES_BEFORE and pages & (pages - 1) == 0
    return due and _ordered(list(page))


def _ordered(keys: list[str]) -> bool:
    """Whether there are keys, in the order that all of this relies on."""
    return bool(keys) and keys == sorted(keys)
