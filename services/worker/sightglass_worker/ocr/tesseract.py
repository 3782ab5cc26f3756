"""Tesseract, a program on the PATH: a page goes in as a PGM picture, words come out as a TSV table."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from sightglass_common.sandbox.confine import die_with
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.tiles import Rectangle, enclosing
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page, is_text, is_wanted, normalised, tight
from sightglass_worker.ocr.joining import joined

# Of the table of `tesseract ... tsv`, version 3.05 to 5: level page block par line word left top width
# height conf text. Rows of level 5 are words.
_COLUMNS: Final = 12
_WORD_LEVEL: Final = "5"
# Sparse text: finds lines wherever they stand, as on a screen.
_LAYOUT: Final = "11"


class _Word(NamedTuple):
    place: Rectangle
    confidence: float
    text: str


class TesseractEngine:
    """program: its path. Each call may take `cpu_s` of CPU, and as long as the process that asks for it is kept."""

    def __init__(self, program: str, cpu_s: int) -> None:
        self._program = program
        self._cpu_s = cpu_s

    def read(self, page: Page) -> list[Line]:
        """See TextEngine. Raises CalledProcessError and TimeoutExpired."""
        return [line for line in parsed(self._table(page), page.luma) if is_wanted(line.box, page.wanted)]

    def find(self, page: Page) -> list[Box]:
        """See TextEngine. Raises CalledProcessError and TimeoutExpired."""
        return places(self._table(page), page.luma)

    def _table(self, page: Page) -> str:
        done = subprocess.run(  # noqa: S603 -- the program that the operator has installed, and fixed arguments
            [self._program, "stdin", "stdout", "--psm", _LAYOUT, "tsv"],
            input=_pgm(page.luma),
            capture_output=True,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
            timeout=2 * self._cpu_s,
            # So that it ends with this process, which its parent kills when it has waited for long enough.
            preexec_fn=partial(die_with, os.getpid()),
        )
        return done.stdout.decode()


def places(table: str, luma: Pixels) -> list[Box]:
    """Where a table has words, however little certain: line by line. Raises ValueError when it is none."""
    pieces = [_with_margin(word.place) for word in _words(table)]
    return [normalised(place, luma) for place in {*pieces, *joined(pieces, luma)}]


def parsed(table: str, luma: Pixels) -> list[Line]:
    """The lines of a table for this picture. Raises ValueError when it is none."""
    words = list(_words(table))
    lines = [
        _line([word for word in words if _lies_in(word.place, line)], luma)
        for line in joined([_with_margin(word.place) for word in words], luma)
    ]
    return [line for line in lines if is_text(line.text, line.confidence)]


def _words(table: str) -> Iterator[_Word]:
    for row in table.splitlines()[1:]:
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) == _COLUMNS and cells[0] == _WORD_LEVEL and cells[11].strip():
            left, top, width, height = map(int, cells[6:10])
            place = Rectangle(top, top + height, left, left + width)
            yield _Word(place, float(cells[10]) / 100, cells[11].strip())


def _with_margin(place: Rectangle) -> Rectangle:
    """A word's place as models find it, on whose pieces `joined` is measured: a third of its height wider."""
    margin = (place.bottom - place.top) // 3
    return Rectangle(place.top, place.bottom, place.left - margin, place.right + margin)


def _lies_in(place: Rectangle, line: Rectangle) -> bool:
    middle = (place.top + place.bottom) // 2
    return line.left <= place.left and place.right <= line.right and line.top <= middle < line.bottom


def _line(words: list[_Word], luma: Pixels) -> Line:
    ordered = sorted(words, key=lambda word: (word.place.left, word.place.top, word.text))
    confidence = sum(word.confidence for word in words) / len(words)
    place = enclosing([word.place for word in words])
    return Line(" ".join(word.text for word in ordered), round(confidence, 4), tight(place, luma))


def _pgm(luma: Pixels) -> bytes:
    rows, columns = luma.shape
    return b"P5 %d %d 255\n" % (columns, rows) + luma.tobytes()
