"""Parts of an upload: they tile it, and S3 takes their number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.objects import ReceivedPart
from sightglass_api.uploads.rules import check_received, check_size, part_bytes_for, part_sizes
from sightglass_common.errors import UploadIncomplete, UploadSizeMismatch

MEBIBYTE = 1024 * 1024


@given(st.integers(min_value=1, max_value=5 * 1024**4))
def test_parts_tile_the_object_and_are_ten_thousand_at_most(size: int) -> None:
    part_bytes = part_bytes_for(size)
    count = -(-size // part_bytes)
    assert count <= 10_000
    assert 16 * MEBIBYTE <= part_bytes <= 5 * 1024 * MEBIBYTE
    assert part_bytes % MEBIBYTE == 0


@given(st.integers(min_value=1, max_value=50_000), st.integers(min_value=1, max_value=700))
def test_sizes_add_up_and_only_the_last_is_smaller(size: int, part: int) -> None:
    sizes = part_sizes(size, part)
    assert sum(sizes) == size
    assert set(sizes[:-1]) <= {part}
    assert 0 < sizes[-1] <= part


def received(*sizes: int) -> list[ReceivedPart]:
    return [ReceivedPart(number, "e", size) for number, size in enumerate(sizes, start=1)]


def test_all_parts_in_their_sizes_are_complete() -> None:
    check_received(received(16, 16, 3), [16, 16, 3])


def test_missing_parts_are_named() -> None:
    with pytest.raises(UploadIncomplete) as caught:
        check_received(received(16), [16, 16, 3])
    assert caught.value.context["missing_parts"] == [2, 3]


@pytest.mark.parametrize("sizes", [(16, 16, 4), (16, 15, 3), (16, 16, 3, 1)])
def test_a_part_of_another_size_is_a_mismatch(sizes: tuple[int, ...]) -> None:
    with pytest.raises(UploadSizeMismatch):
        check_received(received(*sizes), [16, 16, 3])


def test_an_object_of_another_size_is_a_mismatch() -> None:
    check_size(5, 5)
    with pytest.raises(UploadSizeMismatch):
        check_size(6, 5)
