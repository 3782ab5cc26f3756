"""Sound films, damaged by chance: each ends as a result or an error with its code, whatever was hit."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from tests.films import film
from tests.processes import open_descriptors
from tests.unit.worker.encodings import ENCODINGS, encoded
from tests.unit.worker.mutator import mutant
from tests.unit.worker.ordeal import ENDS, MOST_BYTES, ordeal

SAMPLES: Final = [
    f"codecs/bikes1s_{name}" for name in ("av1.mp4", "h264.mp4", "hevc10.mp4", "mpeg2.ts", "mpeg4.avi", "vp9.webm")
]
_EACH: Final = 11
_SOAKED: Final = 80


@pytest.fixture(autouse=True)
async def _nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = open_descriptors()
    yield
    assert list(tmp_path.iterdir()) == []
    await asyncio.sleep(0)  # sockets are closed in the loop's next turn
    assert open_descriptors() <= opened


def test_a_seed_makes_the_same_mutant_again() -> None:
    data, other = film(SAMPLES[0]), film(SAMPLES[1])
    made = [mutant(seed, data, other) for seed in range(100)]
    assert made == [mutant(seed, data, other) for seed in range(100)]
    assert len({name for name, _ in made}) == 12


@pytest.mark.parametrize("name", SAMPLES)
async def test_damage_ends_in_a_result_or_a_code(name: str) -> None:
    number = SAMPLES.index(name)
    other = film(SAMPLES[number - 1])
    for seed in range(number * _EACH, (number + 1) * _EACH):
        await _withstood(seed, name, film(name), other)


async def test_what_was_damaged_once_in_an_odd_way_is_withstood() -> None:
    """Mutants that the decoder crashed on, or was out of memory."""
    for seed, name in ((5897, "codecs/bikes1s_av1.mp4"), (385, "codecs/bikes1s_av1.mp4")):
        await _withstood(seed, name, film(name), film("codecs/bikes1s_h264.mp4"))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [*ENCODINGS, *SAMPLES])
async def test_much_damage_ends_in_a_result_or_a_code(name: str) -> None:
    films = [*ENCODINGS, *SAMPLES]
    number = films.index(name)
    other = _sound(films[number - 7])
    for seed in range(10_000 + number * _SOAKED, 10_000 + (number + 1) * _SOAKED):
        await _withstood(seed, name, _sound(name), other)


async def _withstood(seed: int, name: str, data: bytes, other: bytes) -> None:
    what, damaged = mutant(seed, data, other)
    seen = await ordeal(damaged)
    told = f"seed {seed}, {name}, {what}: {seen.error!r}"
    assert seen.end in ENDS, told
    assert seen.error is None or not seen.error.retryable, told
    assert 0 < seen.peak_bytes <= MOST_BYTES, told


def _sound(name: str) -> bytes:
    return film(name) if name in SAMPLES else encoded(name)
