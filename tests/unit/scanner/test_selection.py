"""What of a listing is read, and in which batches."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_scanner.masking import shown
from sightglass_scanner.results import ObjectNote, ObjectResult, Tally
from sightglass_scanner.selection import Filters, Listed, select

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
