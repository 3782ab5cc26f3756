"""What of a listing is read, and in which batches."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sightglass_scanner.masking import shown
from sightglass_scanner.results import ObjectNote, ObjectResult, Tally
from sightglass_scanner.selection import Filters, Listed, sample_place, select

ALL = Filters((), (), 10**9)
sizes = st.lists(st.integers(0, 100), max_size=40)


@given(sizes, st.integers(1, 7), st.integers(1, 120))
def test_each_object_is_in_one_batch_or_skipped_and_no_batch_is_too_large(
    sizes: list[int], most: int, most_bytes: int
) -> None:
    page = [Listed(str(number), size, "e") for number, size in enumerate(sizes)]
    selected = select(page, ALL, batch_objects=most, batch_bytes=most_bytes)
    skipped = [listed for reason in selected.skipped.values() for listed in reason]
    assert [listed for batch in selected.batches for listed in batch] == [x for x in page if x not in skipped]
    assert {listed.size_bytes for listed in skipped} <= {0}
    for batch in selected.batches:
        assert 0 < len(batch) <= most
        assert len(batch) == 1 or sum(listed.size_bytes for listed in batch) <= most_bytes


def test_a_filter_is_asked_before_what_the_object_is() -> None:
    filters = Filters(["*.csv"], ["*/tmp/*"], 10)
    reasons = {
        key: filters.reason_against(Listed(key, size, "e", storage))
        for key, size, storage in (
            ("a/b.csv", 5, "STANDARD"), ("a/tmp/b.csv", 0, "GLACIER"), ("b.txt", 0, "STANDARD"),
            ("c.csv", 0, "STANDARD"), ("d.csv", 11, "STANDARD"), ("e.csv", 11, "DEEP_ARCHIVE"),
            ("f.csv", 5, "GLACIER_IR"), ("g\0.csv", 5, "STANDARD"),
        )
    }  # fmt: skip
    assert reasons == {
        "a/b.csv": None, "a/tmp/b.csv": "excluded", "b.txt": "not_included", "c.csv": "empty", "d.csv": "too_large",
        "e.csv": "archived", "f.csv": None, "g\0.csv": "unstorable_key",
    }  # fmt: skip


@given(st.text(max_size=100), st.sampled_from(["email", "generic-secret", "of-a-tenant"]))
def test_four_letters_or_digits_are_shown_at_most_none_of_a_short_value_nor_of_a_secret(
    value: str, detector: str
) -> None:
    left = sum(char.isalnum() for char in shown(value, detector))
    enough = sum(char.isalnum() for char in value) >= 9
    assert left == (4 if enough and detector == "email" else 0)


def test_an_object_is_counted_once_under_its_outcome_and_under_what_was_not_read() -> None:
    tally = Tally()
    note = ObjectNote("k", "v", "partly", "damaged")
    ObjectResult("done", 5, notes=[note]).count(tally)
    ObjectResult("skipped", 7, notes=[ObjectNote("k", "v", "skipped", "denied")]).count(tally)
    ObjectResult("failed", 9, notes=[ObjectNote("k", "v", "failed", "internal")]).count(tally)
    assert dict(tally.objects) == {"done": 1, "partly:damaged": 1, "skipped:denied": 1, "failed": 1}
    assert dict(tally.bytes) == {"done": 5, "partly:damaged": 5, "skipped:denied": 7, "failed": 9}


@given(st.integers(0, 2**63 - 1), st.text(max_size=30))
def test_the_place_of_a_key_is_as_the_documentation_says(seed: int, key: str) -> None:
    digest = hashlib.sha256(str(seed).encode() + b"\0" + key.encode("utf-8", "surrogatepass")).hexdigest()
    assert sample_place(seed, key) == int(digest[:16], 16) / 2**64
    assert 0 <= sample_place(seed, key) <= 1


def test_a_larger_share_takes_what_a_smaller_one_takes_and_more() -> None:
    keys = [f"logs/{number}" for number in range(2000)]
    taken = [{key for key in keys if _taken(key, share)} for share in (0.1, 0.3, 1.0)]
    assert taken[0] < taken[1] < taken[2] == set(keys)
    assert 150 < len(taken[0]) < 250


def _taken(key: str, share: float) -> bool:
    return Filters((), (), 10, share, 5).reason_against(Listed(key, 1, "e")) is None
