"""What becomes of the objects of a page since they were read, and how their addresses are shown."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from sightglass_detect import Settings, scan
from sightglass_scanner.documents.addresses import addresses
from sightglass_scanner.prefixes.comparing import Known, compared, name_of
from sightglass_scanner.selection import Listed

SSN = "536-90-4399"
KEYS = st.sampled_from([f"docs/{letter}" for letter in "abcdef"])
ETAGS = st.sampled_from(["1", "2"])


@st.composite
def pages(draw: st.DrawFn) -> list[Listed]:
    keys = draw(st.lists(KEYS, unique=True))
    return [Listed(key, draw(st.integers(0, 1)), f'"{draw(ETAGS)}"') for key in keys]


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Known]:
    keys = draw(st.lists(KEYS, unique=True))
    return {
        key: Known(UUID(int=n), key, draw(ETAGS), draw(st.integers(0, 1)), draw(st.booleans()))
        for n, key in enumerate(keys)
    }


@settings(max_examples=200)
@given(
    pages(), sources(), st.dictionaries(KEYS, st.just("empty")), st.lists(st.builds(Listed, KEYS, st.just(1), ETAGS))
)
def test_each_listed_object_counts_once_and_what_is_as_it_was_is_never_read_nor_gone(
    page: list[Listed], known: dict[str, Known], unfit: dict[str, str], left_out: list[Listed]
) -> None:
    found = compared(page, unfit, known, {name_of(listed) for listed in left_out})
    read = [*(one.key for one in found.new), *(one.key for _, one in found.changed)]
    kept = {one.object_key for one in (*found.retried, *found.unchanged)}
    assert len(read) + len(kept) + sum(found.skipped.values()) == len(page)
    for listed in page:
        there = known.get(listed.key)
        same = there is not None and (there.etag, there.size_bytes) == (listed.etag.strip('"'), listed.size_bytes)
        assert (listed.key in kept) == same
        assert not (same and listed.key in read)
        assert not (listed.key in read and listed.key in unfit)
    assert {one.object_key for one in found.retried} == {key for key in kept if known[key].due}
    assert set(found.kept) == {known[key].source_id for key in {*kept, *(one.key for _, one in found.changed)}}


def test_what_is_left_out_is_so_in_one_state_alone() -> None:
    before, after = Listed("docs/a", 1, '"1"'), Listed("docs/a", 1, '"2"')
    assert compared([before], {}, {}, {name_of(before)}).skipped == {"left_out": 1}
    assert compared([after], {}, {}, {name_of(before)}).new == [after]


PARTS = st.lists(st.sampled_from(["docs", "ann@example.com", SSN, "report", "4111 1111 1111 1111"]), min_size=1)


@settings(max_examples=50)
@given(PARTS, st.sampled_from(["", ".txt", ".md"]))
def test_no_part_of_a_key_shows_what_is_sensitive(parts: list[str], ending: str) -> None:
    (shown,) = addresses("shelf", ["/".join(parts) + ending], Settings())
    assert shown.startswith("s3://shelf/")
    assert shown.count("/") == len(parts) + 2
    assert not [value for value in ("ann@", SSN, "4111") if value in shown]
    assert [shown] == addresses("shelf", ["other", "/".join(parts) + ending], Settings())[1:]


def test_a_key_without_anything_sensitive_is_shown_as_it_is() -> None:
    keys = ["manuals/räder & co/2026-11-23.md", "a", "tail/"]
    assert addresses("shelf", keys, Settings()) == [f"s3://shelf/{key}" for key in keys]
    assert not [finding for key in keys for finding in scan(key, settings=Settings())]
