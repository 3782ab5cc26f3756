"""A film as a document: looked through as a whole, then redacted and cut into the lines of its scenes. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_detect import Redacted, Settings, scan
from sightglass_scanner.documents.redacting import Redaction
from sightglass_scanner.documents.seeking import add_long
from sightglass_scanner.documents.stretches import Span as Flagged
from sightglass_scanner.documents.values import FlaggedValues, whole_characters
from sightglass_scanner.documents.whole import Passage, Unfit
from sightglass_scanner.films.queries import SceneRow
from sightglass_scanner.films.scenes import Piece, Shown, shown_in
from sightglass_scanner.masking import storable
from sightglass_scanner.screen.lines import Line, ScreenText, around, lines_of, separator

_LINE_END: Final = b"\n"
_SCENE_END: Final = b"\n\n"
# What is looked through for values at once, and the least that two such windows share.
_WINDOW_BYTES: Final = 256 * 1024
_SHARED_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class Seen:
    """What an analysis has seen in a video. scenes: in order of time."""

    filename: str
    scenes: Sequence[SceneRow] = ()
    texts: Sequence[ScreenText] = ()


@dataclass(frozen=True, slots=True)
class Film:
    """A video as it may be kept. passages: the lines of its scenes. redactions: how many values were replaced."""

    title: Redacted
    passages: Sequence[Passage]
    redactions: int


def redacted_film(seen: Seen, settings: Settings, of: Mapping[str, str], most_chars: int) -> Film:
    """What a film shows. of: what each passage's locator begins with. Raises Unfit when there is too much text.

    A value is replaced wherever it stands: also where it is parted over texts beside or below each other, and what is
    left of it when only a part of these is seen. The same value has the same token in all of the film.
    """
    redaction = Redaction(settings)
    lines = [_pieces(line, redaction) for line in lines_of(seen.texts)]
    shown = [(scene, [one for one in some if one.data.strip()]) for scene, some in shown_in(seen.scenes, lines)]
    told = [_LINE_END.join(one.data for one in some) for _, some in shown]
    if sum(map(len, told)) > most_chars:
        raise Unfit("too_large")
    add_long(_SCENE_END.join(told), settings, redaction.values)
    title = storable(seen.filename)
    redaction.look([title, title.rpartition(".")[0]])
    passages = [
        Passage(text, {**of, "scene": scene.number, **_place(parts)})
        for (scene, some), data in zip(shown, told, strict=True)
        for text, parts in _passages(some, data, redaction)
    ]
    return Film(redaction.text(title), passages, redaction.replaced)


def _pieces(line: Line, redaction: Redaction) -> list[Piece]:
    """The texts of a line, each with what is sensitive in it as the line is read."""
    data, starts = b"", list[int]()
    told = [" ".join(text.clear.split()).encode() for text in line.texts]
    for i, text in enumerate(line.texts):
        data += separator(line.texts[i - 1], text).encode() if i else b""
        starts.append(len(data))
        data += told[i]
    findings = scan(data, settings=redaction.settings, labels=[line.above] if line.above else ())
    for finding in findings:
        redaction.values.add(data, finding)
    flagged = whole_characters(data, findings)
    return [
        Piece(text, own, [_within(one, at, len(own)) for one in flagged if one[0] < at + len(own) and at < one[1]])
        for text, own, at in zip(line.texts, told, starts, strict=True)
    ]


def _within(flagged: Flagged, at: int, length: int) -> Flagged:
    start, end, detector = flagged
    return max(0, start - at), min(length, end - at), detector


def _passages(some: Sequence[Shown], data: bytes, redaction: Redaction) -> Iterator[tuple[Redacted, list[Shown]]]:
    """The lines of a scene, redacted, each with where it stands; those that share a value as one."""
    starts = [0]
    for one in some:
        starts.append(starts[-1] + len(one.data) + len(_LINE_END))
    of_lines = (
        (at + start, at + end, detector)
        for one, at in zip(some, starts, strict=False)
        for start, end, detector in one.flagged
    )
    spans = _merged([*_places(data, redaction.values), *of_lines])
    begins = [start for start, _, _ in spans]
    first = 0
    for number in range(1, len(starts)):
        before = bisect_left(begins, starts[number]) - 1
        if number < len(some) and before >= 0 and spans[before][1] > starts[number]:
            continue
        begin, end = starts[first], starts[number] - len(_LINE_END)
        own = spans[bisect_left(begins, begin) : bisect_left(begins, end)]
        moved = [(start - begin, stop - begin, detector) for start, stop, detector in own]
        yield redaction.bytes(data[begin:end], moved), list(some[first:number])
        first = number


def _places(data: bytes, values: FlaggedValues) -> Iterator[Flagged]:
    """Where values stand; windows overlap, so that one which touches an end of its window is whole in another."""
    if not len(values):
        return
    shared = max(_SHARED_BYTES, 4 * values.longest)
    step = max(_WINDOW_BYTES, shared)
    for at in range(0, len(data), step):
        window = data[at : at + step + shared]
        last = at + len(window) == len(data)
        for start, end, detector in whole_characters(window, values.places(window)):
            if (start or not at) and (end < len(window) or last):
                yield at + start, at + end, detector


def _merged(spans: Sequence[Flagged]) -> list[Flagged]:
    """In order, and what overlaps as one, as what begins first is."""
    merged: list[Flagged] = []
    for start, end, detector in sorted(spans, key=lambda one: (one[0], -one[1])):
        if merged and start < merged[-1][1]:
            known, last, name = merged[-1]
            merged[-1] = known, max(last, end), name
        else:
            merged.append((start, end, detector))
    return merged


def _place(lines: Sequence[Shown]) -> Mapping[str, object]:
    """Where lines that follow one another stand."""
    place: dict[str, object] = {
        "start_us": min(one.start_us for one in lines),
        "end_us": max(one.end_us for one in lines),
    }
    if boxes := [one.box for one in lines if one.box is not None]:
        place["box"] = [round(part, 4) for part in around(boxes)]
    return place
