"""The folders that the objects of a page lie in, so far as a scan counts them: pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from sightglass_scanner.masking import storable

# Below the scan's own prefix. Deeper ones are mostly a folder for each user or each hour.
LEVELS: Final = 2
# No folder has this name: it stands for the parent itself.
ITSELF: Final = "/"


class Folder(NamedTuple):
    """A folder below `parent`, which ends with a slash or is empty; or, named ITSELF, the parent."""

    parent: str
    name: str


def folders_of(keys: Iterable[str], prefix: str) -> Counter[Folder]:
    """How many of the keys lie in each folder, at any depth; `prefix`: of the scan, cut off at its last slash."""
    base = prefix[: prefix.rfind("/") + 1]
    counted: Counter[Folder] = Counter()
    for key in keys:
        counted[Folder(storable(base), ITSELF)] += 1
        parent = base
        for name in key[len(base) :].split("/")[:-1][:LEVELS]:
            counted[Folder(storable(parent), storable(name))] += 1
            parent += f"{name}/"
    return counted
