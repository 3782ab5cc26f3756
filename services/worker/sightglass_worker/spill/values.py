"""Values of one kind on a disk, as JSON: a list and a queue that hold some hundreds in memory."""

from collections import deque
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter

from sightglass_worker.spill.file import Spill

T = TypeVar("T")

_HELD: Final = 256


class SpilledList(Generic[T]):
    """Values in order: the newest hundreds in memory, those before them on a disk, as JSON. kind: of lists of such."""

    def __init__(self, kind: TypeAdapter[list[T]], spill: Spill, held: int = _HELD) -> None:
        self._blocks = _Blocks(kind, spill)
        self._held = held
        self._last: list[T] = []

    def append(self, value: T) -> None:
        """Take the next value. Raises OutOfDisk."""
        if len(self._last) == self._held:
            self._blocks.append(self._last)
            self._last = []
        self._last.append(value)

    def __iter__(self) -> Iterator[T]:
        """All of them from the first, as often as is asked for."""
        for number in range(len(self._blocks)):
            yield from self._blocks[number]
        yield from self._last


class _Blocks(Generic[T]):
    """Lists of values on a disk."""

    def __init__(self, kind: TypeAdapter[list[T]], spill: Spill) -> None:
        self._kind = kind
        self._spill = spill
        self._places = deque[tuple[int, int]]()  # where each begins, and its size

    def append(self, values: list[T]) -> None:
        data = self._kind.dump_json(values)
        self._places.append((self._spill.append(data), len(data)))

    def popleft(self) -> list[T]:
        values = self[0]
        self._places.popleft()
        if not self._places:
            self._spill.clear()
        return values

    def __getitem__(self, number: int) -> list[T]:
        return self._kind.validate_json(self._spill.read(*self._places[number]))

    def __len__(self) -> int:
        return len(self._places)


class SpillingQueue(Generic[T]):
    """First in, first out: some hundreds at each end stay in memory, what is between them goes to a disk, as JSON.

    kind: of lists of such values.
    """

    def __init__(self, kind: TypeAdapter[list[T]], spill: Spill, held: int = _HELD) -> None:
        self._blocks = _Blocks(kind, spill)  # of `held` values each
        self._held = held
        self._first = deque[T]()
        self._last: list[T] = []

    def append(self, value: T) -> None:
        """Take the next value. Raises OutOfDisk."""
        if not self._last and not self._blocks and len(self._first) < self._held:
            self._first.append(value)
            return
        self._last.append(value)
        if len(self._last) == self._held:
            self._blocks.append(self._last)
            self._last = []

    def popleft(self) -> T:
        """Give the first value. Raises IndexError when there is none."""
        if not self._first:
            self._refill()
        return self._first.popleft()

    def __len__(self) -> int:
        return len(self._first) + len(self._blocks) * self._held + len(self._last)

    def _refill(self) -> None:
        if self._blocks:
            self._first.extend(self._blocks.popleft())
        else:
            self._first.extend(self._last)
            self._last = []
