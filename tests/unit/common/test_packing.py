"""How messages are packed into batches: pure."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.ids import new_id
from sightglass_common.packing import MAX_BYTES, MAX_ENTRIES, Row, packed


def row(queue: str, body: str) -> Row:
    return Row(UUID(int=1), new_id(), queue, body, None, 0)


rows_strategy = st.lists(
    st.builds(
        row,
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.text(max_size=20), st.integers(0, 1_200_000).map("x".__mul__)),
    ),
    max_size=60,
)


@given(rows_strategy)
def test_every_row_is_in_one_batch_of_its_own_queue_and_in_its_order(rows: list[Row]) -> None:
    batches = packed(rows)
    for queue in "abc":
        of_queue = [batch for batch in batches if batch[0].queue == queue]
        assert [row for batch in of_queue for row in batch] == [row for row in rows if row.queue == queue]
    assert all(len({row.queue for row in batch}) == 1 for batch in batches)


@given(rows_strategy)
def test_no_batch_is_more_than_sqs_takes_unless_one_row_alone_is(rows: list[Row]) -> None:
    for batch in packed(rows):
        assert 1 <= len(batch) <= MAX_ENTRIES
        assert len(batch) == 1 or sum(row.size_bytes for row in batch) <= MAX_BYTES


def test_bytes_count_and_not_characters() -> None:
    wide = "\N{PILE OF POO}" * 70_000
    assert [len(batch) for batch in packed([row("a", wide), row("a", wide)])] == [1, 1]


def test_small_rows_go_by_tens() -> None:
    assert [len(batch) for batch in packed([row("a", "{}") for _ in range(25)])] == [10, 10, 5]
