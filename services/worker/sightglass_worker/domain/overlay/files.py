"""The overlay as files: JSON in chunks of ten seconds, and WebVTT that any HTML5 player hands to a script."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from sightglass_worker.domain.overlay.spans import Frame, Json
from sightglass_worker.domain.timecode import timecode

OVERLAY_VERSION: Final = 1
CHUNK_US: Final = 10_000_000


def chunks(frames: Iterable[Frame], chunk_us: int = CHUNK_US) -> Iterator[tuple[int, Json]]:
    """Number and content of each chunk, ascending without gaps; chunk n covers `[n * chunk_us, (n + 1) * chunk_us)`.

    A chunk stands alone: its first frame is what is to be seen at its start. A frame holds until
    the next one, the last until `end_us`, which in the last chunk is the end of the film.
    """
    number, held = 0, list[Frame]()
    for frame in frames:
        left: Frame | None = frame
        while left:
            border_us = (number + 1) * chunk_us
            if left.t_us >= border_us:
                yield number, _chunk(number * chunk_us, held)
                number, held = number + 1, []
                continue
            held.append(replace(left, end_us=min(left.end_us, border_us)))
            left = replace(left, t_us=border_us) if left.end_us > border_us else None
    if held:
        yield number, _chunk(number * chunk_us, held)


def _chunk(start_us: int, held: list[Frame]) -> Json:
    return {
        "version": OVERLAY_VERSION,
        "start_us": start_us,
        "end_us": held[-1].end_us,
        "frames": [{"t_us": frame.t_us, "boxes": frame.boxes, "labels": frame.labels} for frame in held],
    }


def packed(chunk: Json) -> bytes:
    """A chunk as JSON in ASCII, without spaces."""
    return json.dumps(chunk, separators=(",", ":")).encode()


def webvtt(frames: Iterable[Frame], write: Callable[[bytes], object]) -> Iterator[Frame]:
    """Hand frames on, and write them as WebVTT for `<track kind="metadata">`: a cue for each that shows anything.

    A cue's payload is `{"boxes", "labels"}` on one line of ASCII. `-->` would end it, so `>` is
    written as JSON's `\\u003e`. The file is whole when the frames are at their end.
    """
    write(b"WEBVTT\n\n")
    for frame in frames:
        write(_cue(frame).encode())
        yield frame


def _cue(frame: Frame) -> str:
    start_ms, end_ms = frame.t_us // 1000, frame.end_us // 1000
    # A cue that lasts less than a millisecond has no place in WebVTT.
    if not (frame.boxes or frame.labels) or end_ms <= start_ms:
        return ""
    payload = json.dumps({"boxes": frame.boxes, "labels": frame.labels}, separators=(",", ":"))
    return f"{timecode(start_ms)} --> {timecode(end_ms)}\n{payload.replace('>', chr(92) + 'u003e')}\n\n"
