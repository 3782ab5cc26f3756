"""Which folders an object counts for."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_scanner.folders import ITSELF, LEVELS, Folder, folders_of

KEYS = st.lists(st.lists(st.sampled_from(["", "a", "b", "a b"]), min_size=1, max_size=5).map("/".join), max_size=20)


def test_an_object_counts_for_the_folders_above_it_two_levels_deep() -> None:
    counted = folders_of(["x.txt", "a/1.txt", "a/b/2.txt", "a/b/c/3.txt", "a//4.txt"], "")
    assert counted == {
        Folder("", ITSELF): 5, Folder("", "a"): 4, Folder("a/", "b"): 2, Folder("a/", ""): 1,
    }  # fmt: skip


def test_levels_begin_below_the_scans_prefix_cut_at_its_last_slash() -> None:
    counted = folders_of(["p/logs/a/b/c.txt", "p/lost.txt"], "p/lo")
    assert counted == {Folder("p/", ITSELF): 2, Folder("p/", "logs"): 1, Folder("p/logs/", "a"): 1}


@given(KEYS)
def test_each_object_is_in_the_whole_and_once_in_each_level_at_most(keys: list[str]) -> None:
    counted = folders_of(keys, "")
    assert counted[Folder("", ITSELF)] == len(keys)
    for level in range(LEVELS):
        of_level = [n for folder, n in counted.items() if folder.parent.count("/") == level and folder.name != ITSELF]
        assert sum(of_level) == sum(key.count("/") > level for key in keys)
