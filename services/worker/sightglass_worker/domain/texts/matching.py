"""Which line that is read is which text that is shown."""

from collections.abc import Callable, Iterable, Sequence

from sightglass_worker.domain.texts.lines import Line, folded, is_longer
from sightglass_worker.domain.texts.places import likeness, same_place, same_start
from sightglass_worker.domain.texts.showing import Shown


def pairs(
    shown: Sequence[Shown], lines: Sequence[Line], match: Callable[[Shown, Line], bool]
) -> list[tuple[Shown, Line]]:
    """Who is which, each at most once; of many that match, those that lie closest to each other."""
    found = [(s, n) for s in shown for n in lines if match(s, n)]
    found.sort(key=lambda pair: (-likeness(pair[0].box, pair[1].box), pair[0].kept.order, lines.index(pair[1])))
    taken: set[int] = set()
    return [(s, n) for s, n in found if _take(taken, id(s), id(n))]


def _take(taken: set[int], *ids: int) -> bool:
    free = taken.isdisjoint(ids)
    if free:
        taken.update(ids)
    return free


def is_same(shown: Shown, line: Line, *, changed: bool) -> bool:
    """Whether a line is what stands there already. changed: the picture is another there, so it must read the same."""
    if same_place(shown.box, line.box) and not changed:
        return True
    near = same_place(shown.box, line.box) or same_start(shown.box, line.box)
    return near and shown.key == folded(line.text)


def goes_on(shown: Shown, line: Line) -> bool:
    """Whether a line is what stands there with more or fewer signs at its end."""
    key = folded(line.text)
    return same_start(shown.box, line.box) and (is_longer(key, shown.key) or is_longer(shown.key, key))


def distinct(lines: Iterable[Line]) -> list[Line]:
    """The lines in a fixed order, without those that are another one read twice."""
    found: list[Line] = []
    for line in sorted(lines, key=lambda n: (-n.confidence, n.box, n.text)):
        key = folded(line.text)
        if key and not any(key == folded(n.text) and same_place(n.box, line.box) for n in found):
            found.append(line)
    return sorted(found, key=lambda n: (n.box.y, n.box.x, n))
