"""Engines: the pieces of lines that they find, Tesseract's table, and the process that they run in."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from random import Random
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.processes import children

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.screen.tiles import Rectangle
from sightglass_worker.domain.texts.places import covered
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.ocr import rapid_parts
from sightglass_worker.ocr.engine import Page, is_wanted, tight
from sightglass_worker.ocr.joining import joined
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice, TextReader
from sightglass_worker.ocr.readers import text_readers
from sightglass_worker.ocr.tesseract import parsed, places

WHOLE = [Box(0, 0, 1, 1)]
HEADER = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
TABLE = "\n".join(
    [
        HEADER,
        "1\t1\t0\t0\t0\t0\t0\t0\t400\t100\t-1\t",
        "4\t1\t1\t1\t1\t0\t20\t10\t130\t12\t-1\t",
        "5\t1\t1\t1\t1\t1\t20\t10\t40\t12\t96.5\tmail",
        "5\t1\t1\t1\t1\t2\t70\t10\t80\t12\t90.5\tana@example.com",
        "5\t1\t2\t1\t1\t1\t300\t10\t60\t12\t88\tfar",
        "5\t1\t3\t1\t1\t1\t20\t60\t60\t12\t12\tnoise",
        "5\t1\t3\t1\t2\t1\t20\t80\t5\t12\t95\t ",
        "",
    ]
)
# A program that answers as Tesseract does, after what stands in place of `first`.
PROGRAM = """#!/bin/sh
[ "$1 $2 $3 $4 $5" = "stdin stdout --psm 11 tsv" ] || exit 3
head -c 2 | grep -q P5 || exit 4
{first}
cat "{table}"
"""


def blank(rows: int = 100, columns: int = 400) -> Pixels:
    return np.full((rows, columns), 30, np.uint8)


def page() -> Page:
    return Page(blank(), 400, WHOLE)


def a_look() -> ScreenLook:
    whole = Box(0, 0, 1, 1)
    return ScreenLook(0, whole, True, 400, 100, 400, None, (Change(whole, 0, 0),), blank().tobytes())


def choice(folder: Path, first: str = "") -> EngineChoice:
    table, program = folder / "table.tsv", folder / "tesseract"
    table.write_text(TABLE)
    program.write_text(PROGRAM.format(first=first, table=table))
    program.chmod(0o755)
    return EngineChoice("tesseract", str(program))


@pytest.fixture(autouse=True)
async def no_process_left() -> AsyncIterator[None]:
    before = children()
    yield
    assert children() <= before


def test_pieces_of_a_line_are_one_line() -> None:
    pieces = [Rectangle(10, 34, 20, 60), Rectangle(11, 33, 66, 120), Rectangle(40, 64, 20, 90)]
    assert joined(pieces, blank()) == [Rectangle(10, 34, 20, 120), Rectangle(40, 64, 20, 90)]


def test_columns_stay_apart() -> None:
    pieces = [Rectangle(10, 34, 20, 60), Rectangle(10, 34, 100, 160)]
    assert joined(pieces, blank()) == pieces


def test_letters_that_a_model_missed_between_two_pieces_join_them() -> None:
    picture = blank()
    picture[16:28, 62:98:6] = 220
    assert joined([Rectangle(10, 34, 20, 60), Rectangle(10, 34, 100, 160)], picture) == [Rectangle(10, 34, 20, 160)]


def test_a_large_title_beside_small_letters_stays_apart() -> None:
    pieces = [Rectangle(10, 70, 20, 60), Rectangle(30, 50, 62, 160)]
    assert joined(pieces, blank()) == pieces


def rectangle(top: int, height: int, left: int, width: int) -> Rectangle:
    return Rectangle(top, top + height, left, left + width)


RECTANGLES = st.builds(rectangle, st.integers(0, 60), st.integers(8, 30), st.integers(0, 300), st.integers(8, 90))


@given(st.lists(RECTANGLES, max_size=8), st.randoms(use_true_random=False))
def test_no_piece_is_lost_in_any_order(pieces: list[Rectangle], random: Random) -> None:
    lines = joined(pieces, blank())
    assert joined(random.sample(pieces, len(pieces)), blank()) == lines
    for piece in pieces:
        assert any(
            line.top <= piece.top
            and piece.bottom <= line.bottom
            and line.left <= piece.left
            and piece.right <= line.right
            for line in lines
        )


def test_a_box_ends_where_the_letters_do() -> None:
    picture = blank()
    picture[40:52, 100:140:4] = 220
    assert tight(Rectangle(30, 60, 80, 160), picture) == Box(99 / 400, 0.4, 39 / 400, 0.12)


def test_a_box_without_letters_is_left_as_it_is() -> None:
    assert tight(Rectangle(30, 60, 80, 160), blank()) == Box(0.2, 0.3, 0.2, 0.3)


def test_only_lines_that_meet_a_change_are_wanted() -> None:
    change = Box(0.4, 0.4, 0.1, 0.1)
    assert is_wanted(Box(0, 0.45, 1, 0.02), [change])
    assert not is_wanted(Box(0, 0.5, 1, 0.02), [change])
    assert not is_wanted(Box(0, 0.45, 0.4, 0.02), [change])


def test_words_of_a_table_are_joined_to_lines() -> None:
    found = parsed(TABLE, blank())
    assert [(line.text, line.confidence) for line in found] == [("mail ana@example.com", 0.935), ("far", 0.88)]
    assert found[0].box == Box(20 / 400, 0.1, 130 / 400, 0.12)


@pytest.mark.parametrize(
    ("word", "percent", "kept"), [("Ben", 51, True), ("Be", 89, False), ("Be", 90, True), ("Ben", 49, False)]
)
def test_few_signs_are_a_text_only_where_they_are_read_for_certain(word: str, percent: int, *, kept: bool) -> None:
    table = f"{HEADER}\n5\t1\t1\t1\t1\t1\t20\t10\t40\t12\t{percent}\t{word}\n"
    assert [line.text for line in parsed(table, blank())] == ([word] if kept else [])


def test_an_empty_table_holds_no_lines() -> None:
    assert parsed(HEADER + "\n", blank()) == []


def test_a_word_has_a_place_however_little_certain_it_is() -> None:
    found = places(TABLE, blank())
    assert len(parsed(TABLE, blank())) == 2
    for left, top, width in ((20, 10, 40), (70, 10, 80), (300, 10, 60), (20, 60, 60)):
        word = Box(left / 400, top / 100, width / 400, 0.12)
        assert any(covered(word, box) for box in found)


async def test_the_program_tells_where_there_are_words(tmp_path: Path) -> None:
    reader = TextReader(choice(tmp_path), ReaderLimits())
    nowhere = Page(blank(), 400, [])
    assert sorted(await reader.find(nowhere)) == sorted(places(TABLE, blank()))
    assert await reader.read(nowhere) == []
    reader.end()


async def test_a_page_goes_to_the_program_and_its_table_comes_back(tmp_path: Path) -> None:
    reader = TextReader(choice(tmp_path), ReaderLimits())
    assert [line.text for line in await reader.read(page())] == ["mail ana@example.com", "far"]
    top = Page(blank(), 400, [Box(0.7, 0, 0.3, 1)])
    assert [line.text for line in await reader.read(top)] == ["far"]
    reader.end()


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ("exit 1", "decoder_crashed"),
        ("printf 'level\\n5\\ta\\tb\\tc\\td\\te\\tf\\tg\\th\\ti\\tj\\tk\\n'; exit 0", "decoder_crashed"),
        ("kill -9 $PPID", "out_of_memory"),
    ],
    ids=["fails", "garbage", "killed"],
)
async def test_a_program_that_fails_leaves_the_page_unread_and_the_next_gets_a_new_process(
    first: str, reason: str, tmp_path: Path
) -> None:
    flag = tmp_path / "once"
    reader = TextReader(choice(tmp_path, f"if [ ! -e {flag} ]; then touch {flag}; {first}; fi"), ReaderLimits())
    with pytest.raises(CallFailed) as unread:
        await reader.read(page())
    assert unread.value.reason == reason
    assert reader.pid is None
    assert len(await reader.read(page())) == 2
    reader.end()


async def test_a_page_that_takes_too_long_is_given_up_and_its_program_ended(tmp_path: Path) -> None:
    # A time that no other process sleeps for, so that this one is known by it.
    seconds = f"86400.{os.getpid()}"
    reader = TextReader(choice(tmp_path, f"exec sleep {seconds}"), ReaderLimits(call_wall_s=0.3))
    with pytest.raises(CallFailed) as unread:
        await reader.read(page())
    assert (unread.value.reason, reader.pid) == ("timeout", None)
    while sleeps_for(seconds):  # noqa: ASYNC110 -- the kernel ends it, and tells nobody here
        await asyncio.sleep(0.01)


def sleeps_for(seconds: str) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if seconds in (process / "cmdline").read_text().split("\0"):
                return True
    return False


async def test_a_cancelled_page_ends_its_process(tmp_path: Path) -> None:
    reader = TextReader(choice(tmp_path, "exec sleep 60"), ReaderLimits())
    reading = asyncio.create_task(reader.read(page()))
    while reader.pid is None:  # noqa: ASYNC110 -- nothing tells that it was started
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert reader.pid is None


async def test_a_process_is_kept_from_film_to_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choice(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    async with text_readers("tesseract") as readers:
        assert readers is not None
        pids: list[set[str]] = []
        for _ in range(2):
            async with readers.film(35) as film:
                before = children()
                await film.take(a_look())
                assert [text.text for text in (await film.finish(1_000_000)).texts] == ["mail ana@example.com", "far"]
                pids.append(children() - before)
        assert len(pids[0]) == 1
        assert not pids[1]


async def test_an_engine_that_is_not_there_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EngineMissing, match="tesseract"):
        async with text_readers("tesseract"):
            pass


async def test_no_engine_is_no_reader() -> None:
    async with text_readers("none") as readers:
        assert readers is None


def test_models_that_are_not_in_the_package_are_refused_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ModuleSpec("rapidocr", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(rapid_parts, "find_spec", Mock(return_value=spec))
    with pytest.raises(EngineMissing, match=r"PP-OCRv6_det_small\.onnx"):
        rapid_parts.models()
