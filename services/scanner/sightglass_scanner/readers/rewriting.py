"""Text in which what is escaped is given as what it stands for, and places in it are those of the escapes."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sightglass_scanner.readers.decode import Decoded, with_last
from sightglass_scanner.readers.recent import Recent
from sightglass_scanner.readers.trail import Spot, Trail

Meaning = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Escapes:
    """How a format escapes. mark: the byte that each escape begins with; longest: bytes of one at most.

    pattern: an escape that changes its length or must be known to find the next.
    meaning: what an escape stands for; None: itself.
    taken: of a run of escapes that the pattern matches as one, how many bytes mean this much of it.
    simple: gives text back whose escapes all mean as many bytes as they are, resolved; None if it has others.
    """

    mark: bytes
    longest: int
    pattern: "re.Pattern[bytes]"
    meaning: Meaning
    taken: Callable[[bytes], int] = lambda _: 0
    simple: Callable[[bytes], bytes | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A piece of such text.

    outs, origins: bytes of it, ascending, and the bytes of the text that they come from. taken: see Escapes.
    """

    data: bytes
    offset: int
    outs: tuple[int, ...]
    origins: tuple[int, ...]
    taken: Callable[[bytes], int]

    def origin(self, offset: int) -> int:
        """The byte of the text as it was that a byte of the rewritten text comes from."""
        within = offset - self.offset
        i = bisect_right(self.outs, within) - 1
        begin = self.outs[i]
        # Where an escape begins and where it ends take turns, after the first, which is where the piece begins.
        size = self.taken(self.data[begin:within]) if i % 2 else within - begin
        return self.origins[i] + size


class Rewriting:
    """Rewrites pieces of text, and finds places in what it gave."""

    def __init__(self, escapes: Escapes) -> None:
        self.trail = Trail()
        self._escapes = escapes
        self._given: Recent[Rewritten] = Recent()

    def pieces(self, pieces: Iterable[Decoded]) -> Iterator[Rewritten]:
        """What the pieces mean. Cut at any character, not where the pieces were."""
        held, held_at, out = b"", 0, 0
        for piece, last in with_last(pieces):
            self.trail.add(piece)
            data = held + piece.data if held else piece.data
            part, used = self._rewritten(data, held_at, out, last=last)
            held, held_at, out = data[used:], held_at + used, out + len(part.data)
            if part.data:
                self._given.add(part)
                yield part

    def spot(self, start: int, end: int) -> Spot:
        """Where bytes [start, end) of the rewritten text are. Raises LookupError when that is no more held."""
        return self.trail.spot(self.origin(start), self.origin(end))

    def origin(self, offset: int) -> int:
        """The byte of the text as it was that a byte of the rewritten text comes from."""
        return self._given.at(offset).origin(offset)

    def _rewritten(self, data: bytes, at: int, out: int, *, last: bool) -> tuple[Rewritten, int]:
        """Data of the text from byte `at` on, and how much of it was used: an escape may be cut by its end."""
        escapes = self._escapes
        if escapes.mark not in data:
            return Rewritten(data, out, (0,), (at,), escapes.taken), len(data)
        used = len(data) if last or not data.endswith(escapes.mark) else len(data) - 1
        if (part := escapes.simple(data[:used])) is not None:
            return Rewritten(part, out, (0,), (at,), escapes.taken), used
        return _by_pattern(data, at, out, escapes, len(data) if last else max(0, len(data) - escapes.longest))


def _by_pattern(data: bytes, at: int, out: int, escapes: Escapes, cut: int) -> tuple[Rewritten, int]:
    parts: list[bytes] = []
    outs, origins, size, done, seen = [0], [at], 0, 0, 0
    meaning_of = escapes.meaning
    for match in escapes.pattern.finditer(data):
        start, end = match.span()
        if start >= cut:
            break
        seen = end
        meaning = meaning_of(match[0])
        if meaning is None:
            continue
        parts += (data[done:start], meaning)
        size += start - done
        if len(meaning) != end - start:
            outs += (size, size + len(meaning))
            origins += (at + start, at + end)
        size += len(meaning)
        done = end
    cut = max(cut, seen)
    while seen < cut < len(data) and data[cut] & 0xC0 == 0x80:  # not within a character
        cut -= 1
    parts.append(data[done:cut])
    return Rewritten(b"".join(parts), out, tuple(outs), tuple(origins), escapes.taken), cut
