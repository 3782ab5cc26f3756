"""What the scenes of a film show, in lines as a person reads them: pure."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_scanner.documents.stretches import Span as Flagged
from sightglass_scanner.films.queries import SceneRow
from sightglass_scanner.screen.lines import Box, ScreenText, Span, around, separator

# Stays are right to a fifth of a second: less of one in a scene may be the scene's before.
_LEAST_STAY_US: Final = 200_000
_MOTION: Final = {
    "still": "Nothing moves.",
    "camera": "The camera moves.",
    "object": "Something moves in the picture.",
    "both": "The camera moves, and something moves in the picture.",
}
# Frame sizes a second, of all points of the picture: in four seconds another one altogether.
_MUCH_MOTION: Final = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """A text on screen as a part of its line. flagged: what is sensitive in it, in bytes of `data`."""

    text: ScreenText
    data: bytes
    flagged: Sequence[Flagged]


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a scene. flagged: in bytes of `data`. box: None where it is of the whole picture."""

    data: bytes
    start_us: int
    end_us: int
    box: Box | None = None
    flagged: Sequence[Flagged] = ()


def shown_in(scenes: Sequence[SceneRow], lines: Sequence[Sequence[Piece]]) -> Iterator[tuple[SceneRow, list[Shown]]]:
    """The scenes in order, each with what stands on the screen as it appears, then what it shows and how it moves.

    scenes: in order of time. lines: of the whole film; in a scene only those pieces stand that are seen in it.
    """
    seen = _seen(scenes, lines)
    for number, scene in enumerate(scenes):
        texts = [_line(scene, lines[line], stays) for line, stays in seen[number].items()]
        texts.sort(key=lambda one: (one.start_us, *_reading(one.box)))
        yield scene, [*texts, *(Shown(words.encode(), scene.start_us, scene.end_us) for words in _words(scene))]


def _seen(
    scenes: Sequence[SceneRow], lines: Sequence[Sequence[Piece]]
) -> defaultdict[int, dict[int, dict[int, list[Span]]]]:
    """By scene, line and piece: when that is seen there."""
    starts, ends = [scene.start_us for scene in scenes], [scene.end_us for scene in scenes]
    seen: defaultdict[int, dict[int, dict[int, list[Span]]]] = defaultdict(dict)
    for number, line in enumerate(lines):
        for part, piece in enumerate(line):
            for stay in piece.text.spans:
                for scene in range(bisect_right(ends, stay.start_us), bisect_left(starts, stay.end_us)):
                    if _stays(stay, starts[scene], ends[scene]):
                        seen[scene].setdefault(number, {}).setdefault(part, []).append(stay)
    return seen


def _stays(stay: Span, start_us: int, end_us: int) -> bool:
    shared = min(stay.end_us, end_us) - max(stay.start_us, start_us)
    return shared >= min(_LEAST_STAY_US, stay.end_us - stay.start_us, end_us - start_us)


def _line(scene: SceneRow, line: Sequence[Piece], seen: dict[int, list[Span]]) -> Shown:
    data, flagged = b"", list[Flagged]()
    parts = [line[part] for part in sorted(seen)]
    for i, piece in enumerate(parts):
        data += separator(parts[i - 1].text, piece.text).encode() if i else b""
        flagged += [(len(data) + start, len(data) + end, detector) for start, end, detector in piece.flagged]
        data += piece.data
    stays = [stay for some in seen.values() for stay in some]
    return Shown(
        data,
        max(scene.start_us, min(stay.start_us for stay in stays)),
        min(scene.end_us, max(stay.end_us for stay in stays)),
        around([some[0].box for some in seen.values()]),
        flagged,
    )


def _reading(box: Box | None) -> tuple[float, float]:
    """From the top to the bottom, then from the left to the right."""
    return (0.0, 0.0) if box is None else (box[1], box[0])


def _words(scene: SceneRow) -> Iterator[str]:
    if scene.labels:
        yield f"Shows {', '.join(scene.labels)}."
    if scene.motion_kind is not None:
        much = " There is much motion." if (scene.motion_mean or 0.0) >= _MUCH_MOTION else ""
        yield _MOTION[scene.motion_kind] + much
