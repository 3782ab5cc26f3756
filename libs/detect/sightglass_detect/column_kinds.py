"""What a column of a table may be of, by its header, and by the classes of a few of its values."""

from collections import defaultdict
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import Final, TypeVar

from sightglass_detect.engine.forms import form_of
from sightglass_detect.engine.prefilter import digits_in_row
from sightglass_detect.engine.rules import Rule
from sightglass_detect.scanning import engine_for
from sightglass_detect.settings import Settings
from sightglass_detect.shapes import classes_of

K = TypeVar("K")
T = TypeVar("T")

# One random value in so many passes a check that says something of a column.
_ODDS: Final = 10
# Above this a value is no number.
_WIDTH: Final = 64
_MOST_KNOWN: Final = 10_000


class ColumnKinds:
    """What is known of columns by some settings. Raises what `engine_for` raises."""

    def __init__(self, settings: Settings) -> None:
        rules = engine_for(settings).rules
        checked = [r for r in rules if r.detector.column and r.check is not None and r.form.odds >= _ODDS]
        self._words = [(rule.detector.id, rule.words) for rule in rules if rule.words is not None]
        self._rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in checked:
            self._rules[rule.detector.id].append(rule)
        forms = [(rule, form_of(rule.form.pattern)) for rule in checked]
        self._forms = [[f for f in forms if f[0].least <= length <= f[0].most] for length in range(_WIDTH + 1)]
        # What each value has: so many bytes, and so many digits in a row.
        self._least = min((rule.least for rule in checked), default=_WIDTH)
        self._digits = b"9" * min((digits_in_row(rule.form.pattern) for rule in checked), default=_WIDTH)
        self._of_classes: dict[bytes, Set[str]] = {}
        self._of_header: dict[bytes, frozenset[str]] = {}
        self._of_headers: dict[tuple[bytes, ...], bool] = {}

    def named_by(self, header: bytes) -> frozenset[str]:
        """The detectors that a header is a word of. Buckets hold few headers, each of them many times."""
        known = self._of_header.get(header)
        if known is None:
            known = frozenset(name for name, words in self._words if header and words.named_in(header))
            _keep(self._of_header, header, known)
        return known

    def name_any(self, headers: tuple[bytes, ...]) -> bool:
        """Whether one of the headers of a table is a word of a detector."""
        known = self._of_headers.get(headers)
        if known is None:
            known = any(map(self.named_by, headers))
            _keep(self._of_headers, headers, known)
        return known

    def fitting(self, values: Sequence[bytes]) -> Set[str]:
        """The detectors that one of some values may be of, as far as classes of bytes tell: of most values none."""
        if max(map(len, values), default=0) < self._least:
            return frozenset()
        # All at once: of a few short values each costs more by itself than what is in it.
        joined = classes_of(b"\n".join(values))
        if self._digits not in joined:
            return frozenset()
        classes = joined.split(b"\n")
        if len(classes) != len(values):
            classes = [classes_of(value) for value in values]
        found: Set[str] = frozenset()
        for one in classes:
            fits = self._of_classes.get(one)
            if fits is None:
                fits = self._fitting(one)
            if fits:
                found |= fits
        return found

    def passes(self, detector: str, value: bytes) -> bool:
        """Whether a value is one of a detector's."""
        return len(value) <= _WIDTH and any(_passes(rule, value) for rule in self._rules[detector])

    def _fitting(self, classes: bytes) -> Set[str]:
        if len(classes) > _WIDTH or self._digits not in classes:
            return frozenset()
        some = (rule for rule, form in self._forms[len(classes)] if form.fullmatch(classes))
        found = frozenset(rule.detector.id for rule in some)
        _keep(self._of_classes, classes, found)
        return found


@lru_cache(maxsize=64)
def column_kinds(settings: Settings) -> ColumnKinds:
    """Made once. Raises what `engine_for` raises."""
    return ColumnKinds(settings)


def _passes(rule: Rule, value: bytes) -> bool:
    match = rule.regex.fullmatch(value)
    return match is not None and rule.check is not None and rule.check(match[rule.regex.groups])


def _keep(known: dict[K, T], name: K, what: T) -> None:
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[name] = what
