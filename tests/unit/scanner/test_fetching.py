"""Which objects of a batch are held at once."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_scanner.fetching import groups
from sightglass_scanner.objects import BLOCK_BYTES
from sightglass_scanner.selection import Listed

SIZES = st.lists(st.sampled_from([1, 4096, 2**20, BLOCK_BYTES, 50 * BLOCK_BYTES]), max_size=200)


@given(SIZES)
def test_groups_are_the_batch_in_its_order_and_none_is_larger_than_what_is_held(sizes: list[int]) -> None:
    wanted = [Listed(str(number), size, "e") for number, size in enumerate(sizes)]
    made = list(groups(wanted))
    assert [listed for group in made for listed in group] == wanted
    assert all(group for group in made)
    for group in made:
        assert len(group) <= 128
        assert sum(min(listed.size_bytes, BLOCK_BYTES) for listed in group) <= 16 * 2**20
