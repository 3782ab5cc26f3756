"""However a listing is cut into ranges, each key is listed once."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sightglass_scanner.bounds import MOST_PARTS, bounds_of
from sightglass_scanner.spans import MOST_RANGES, Span, to_be_cut, whole

# Few characters, so that keys begin alike; some of each length in UTF-8, and those at the ends of the order.
SIGNS = "\x00\x01 /09aé\ud7ff\ue000\uffff\U00010000\U0001f600\U0010ffff"
KEYS = st.sets(st.text(SIGNS, min_size=1, max_size=8), max_size=80) | st.sets(
    st.from_regex(r"(logs|tmp)/20(1[0-9]|2[0-9])/[0-9a-f]{1,3}", fullmatch=True), max_size=80
)


class Listing:
    """A listing in S3's order, page by page. A token is the key that was listed last."""

    def __init__(self, keys: Sequence[str], most: int) -> None:
        self.keys = sorted(keys, key=lambda key: key.encode("utf-8", "surrogatepass"))
        self.most = most
        self.requests = 0

    async def next_key(self, after: str) -> str | None:
        self.requests += 1
        return next(iter(self._behind(after)), None)

    def page(self, span: Span) -> tuple[list[str], str | None]:
        start = span.token if span.token is not None else span.after
        listed = self._behind(start or "")
        page, more = listed[: self.most], len(listed) > self.most
        held = [key for key in page if span.holds(key)]
        over = len(held) < len(page) or (bool(held) and held[-1] == span.upto)
        return held, page[-1] if more and not over else None

    def _behind(self, after: str) -> list[str]:
        return self.keys[bisect_right(self.keys, after) :]


async def listed(listing: Listing, prefix: str = "") -> tuple[list[str], int]:
    """All keys, in whatever order they come; and how many ranges there were."""
    found: list[str] = []
    ranges, spans = 1, [whole("bucket")]
    while spans:
        span = spans.pop()
        page, token = listing.page(span)
        found += page
        if token is None:
            continue
        following = span.next(token)
        if to_be_cut(following, page):
            most = min(following.shares, MOST_PARTS)
            bounds = await bounds_of(listing.next_key, prefix, page[-1], span.upto, most=most)
            ranges += len(bounds)
            spans += following.cut(bounds) if bounds else [following]
        else:
            spans.append(following)
    return found, ranges


@given(KEYS, st.integers(1, 4))
def test_each_key_is_listed_once(keys: set[str], most: int) -> None:
    listing = Listing(list(keys), most)
    found, ranges = asyncio.run(listed(listing))
    assert sorted(found) == listing.keys
    assert ranges <= MOST_RANGES


@given(KEYS, st.text(SIGNS, max_size=8), st.none() | st.text(SIGNS, max_size=8), st.integers(2, 16))
@example({"ab"}, "a", "ab", 16)
def test_bounds_lie_inside_and_ascend(keys: set[str], last: str, upto: str | None, most: int) -> None:
    bounds = asyncio.run(bounds_of(Listing(list(keys), 1).next_key, "", last, upto, most=most))
    assert len(bounds) < most
    assert bounds == sorted(set(bounds))
    assert all(last < bound and (upto is None or bound < upto) and "\0" not in bound for bound in bounds)


@given(st.integers(1, 64), st.lists(st.text(SIGNS), unique=True, max_size=63).map(sorted), st.text(SIGNS))
def test_ranges_that_a_cut_makes_hold_each_key_once_and_share_what_may_become_of_them(
    shares: int, bounds: list[str], key: str
) -> None:
    bounds = bounds[: shares - 1]
    parts = Span(token="t", upto=None, pages=4, shares=shares).cut(bounds)
    holding = [p for p in parts if (p.after is None or key > p.after) and p.holds(key)]
    assert len(holding) == 1
    assert sum(part.shares for part in parts) == shares
    assert min(part.shares for part in parts) >= 1
    assert [part.token for part in parts] == ["t"] + [None] * len(bounds)
    assert all(part.token is None or part.after is None for part in parts)


@given(st.text(st.characters(), max_size=4), st.text(st.characters(), max_size=4))
def test_keys_are_in_the_order_of_their_utf_8(one: str, other: str) -> None:
    assert (one < other) == (one.encode("utf-8", "surrogatepass") < other.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("keys", "last", "upto", "bounds"),
    [
        # Folders, flat names that count up, and long names that differ only at their end.
        ([f"y={y}/m={m:02}/x" for y in (2021, 2022, 2024) for m in range(1, 13)], "y=2021/m=04/x", None,
         ["y=2022", "y=2024"]),
        ([f"img_{n:06}.jpg" for n in range(4000)], "img_000399.jpg", None, ["img_001", "img_002", "img_003"]),
        ([f"img_{n:06}.jpg" for n in range(4000)], "img_000399.jpg", "img_001",
         [f"img_000{n}" for n in range(4, 10)]),
        (["a" * 1000 + c for c in "bcd"], "a" * 1000 + "b", None, ["a" * 1000 + "c", "a" * 1000 + "d"]),
        (["é/1", "é/2", "日/1", "😀/1"], "é/1", None, ["日", "😀"]),
        (["a", "ab", "ac"], "a", None, ["ac"]),
        (["a", "b"], "b", None, []),
    ],
)  # fmt: skip
def test_keys_are_cut_where_they_begin_to_differ(
    keys: list[str], last: str, upto: str | None, bounds: list[str]
) -> None:
    listing = Listing(keys, 1)
    assert asyncio.run(bounds_of(listing.next_key, "", last, upto, most=MOST_PARTS)) == bounds
    assert listing.requests <= 11 + len(bounds) + 1


def test_a_range_is_cut_after_some_pages_and_then_after_twice_as_many() -> None:
    span, due = whole("bucket"), list[int]()
    for page in range(1, 40):
        span = span.next("t")
        if to_be_cut(span, ["a", "b"]):
            due.append(page)
    assert due == [4, 8, 16, 32]


def test_what_has_no_order_is_not_cut() -> None:
    for bucket in ("lake--use1-az4--x-s3", "point--use1-az4--xa-s3"):
        assert whole(bucket).shares == 1
    assert not to_be_cut(Span(token="t", pages=4, shares=64), ["b", "a"])
    assert not to_be_cut(Span(token="t", pages=4, shares=64), [])
