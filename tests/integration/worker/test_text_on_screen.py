"""Text on screen with the real engine: a film of a screen, decoded here, read in the engine's process."""

import json
import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.screen import ScreenWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.texts.folding import ScreenTexts
from sightglass_worker.domain.texts.lines import folded
from sightglass_worker.domain.texts.places import likeness, part_of
from sightglass_worker.ocr.readers import TextReaders, text_readers

FILMS = Path(__file__).parent.parent.parent / "data" / "video"
TRUTH: dict[str, Any] = json.loads((FILMS / "screen_light.truth.json").read_text())
SECOND = 1_000_000


def looks(name: str, start_us: int = 0) -> tuple[list[ScreenLook], int]:
    """The looks of a film from some time on, as times of the film, and its length."""
    watcher = ScreenWatcher()
    found: list[ScreenLook] = []
    with av.open(str(FILMS / name), "r") as container:
        stream = container.streams.video[0]
        clock = FrameClock(stream.time_base or 1, stream.average_rate)  # pyright: ignore[reportArgumentType]
        for frame in container.decode(stream):
            t_us = clock.time_us(frame.pts)
            if watcher.wants(t_us) and t_us >= start_us:
                found += watcher.look(frame, t_us)
        return [*found, *watcher.finish()], clock.end_us(None)


@pytest.fixture(scope="module")
async def end_of_the_film(readers: TextReaders) -> ScreenTexts:
    """What the last seven seconds show: a page of 0.8 s, and one that stays."""
    found, duration_us = looks("screen_light.mp4", 41_600_000)
    async with readers.film(35) as film:
        for look in found:
            await film.take(look)
        return await film.finish(duration_us)


async def test_a_value_shown_for_less_than_a_second_is_read_in_its_place_and_time(
    end_of_the_film: ScreenTexts,
) -> None:
    value = next(item for item in TRUTH["items"] if item["text"] == "4729 7926 2243 9333")
    (truth,) = value["spans"]
    (text,) = [text for text in end_of_the_film.texts if value["text"] in text.text]
    (span,) = text.spans
    assert abs(span.start_us / 1e6 - truth["start"]) <= 0.4
    assert abs(span.end_us / 1e6 - truth["end"]) <= 0.4
    left, top, right, bottom = truth["box"]
    box = Box(left / 1920, top / 1080, (right - left) / 1920, (bottom - top) / 1080)
    at = text.text.index(value["text"])
    assert likeness(part_of(span.box, text.text, at, at + len(value["text"])), box) >= 0.6


async def test_each_line_of_a_page_is_one_text(end_of_the_film: ScreenTexts) -> None:
    assert {"Checkout", "Dashboard"} <= {text.text for text in end_of_the_film.texts}
    numbered = [folded(text.text) for text in end_of_the_film.texts if folded(text.text)[:3].isdigit()]
    assert len(set(numbered)) == len(numbered) >= 30


async def test_the_engine_keeps_and_sends_no_record_of_its_use() -> None:
    before = children()
    async with text_readers("rapidocr") as readers:
        assert readers is not None
        async with readers.film(35) as film:
            luma = np.zeros((64, 64), np.uint8).tobytes()
            whole = Box(0, 0, 1, 1)
            await film.take(ScreenLook(0, whole, True, 64, 64, 64, None, (Change(whole, 0, 0),), luma))
            (pid,) = children() - before
            opened = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [path for path in opened if path.endswith((".db", ".db-wal", ".db-shm"))]


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def test_all_of_it_was_read(end_of_the_film: ScreenTexts) -> None:
    coverage = end_of_the_film.coverage
    assert coverage.looks == coverage.read <= 5
    assert (coverage.unread_us, end_of_the_film.failures) == (0, [])


async def test_a_film_without_text_has_none(readers: TextReaders) -> None:
    found, duration_us = looks("bikes.mp4")
    async with readers.film(35) as film:
        for look in found:
            await film.take(look)
        result = await film.finish(duration_us)
    assert result.texts == []
    assert result.coverage.failed == 0
    assert result.coverage.looks <= 10
