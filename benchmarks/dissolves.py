"""How many dissolves are told, and how many that are none, in films that no threshold was tuned on."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tests.films import drawn

from benchmarks.figure import Figure, at_least
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.run import ReadRange, decoder

Image = NDArray[np.uint8]
_ROWS, _COLUMNS = 180, 320
_RATE: Final = 25
_FILMS: Final = 8
_SHOTS: Final = 9
# The middle of a dissolve that is told lies at most this far from the true one, in frames.
_NEAR: Final = 8


def figures() -> list[Figure]:
    """Films of shots with noise of a natural spectrum, seen by a camera that moves: each change a dissolve or a cut."""
    true = found = hits = false_cuts = 0
    errors: list[int] = []
    for seed in range(_FILMS):
        images, dissolves, cuts = _reel(np.random.default_rng(9000 + seed))
        kinds = asyncio.run(_boundaries(images))
        told = [frame for frame, kind in kinds if kind == "dissolve"]
        true, found = true + len(dissolves), found + len(told)
        for middle in dissolves:
            near = [abs(frame - middle) for frame in told if abs(frame - middle) <= _NEAR]
            hits += bool(near)
            errors += near[:1]
        false_cuts += sum(kind == "cut" and all(abs(frame - cut) > 1 for cut in cuts) for frame, kind in kinds)
    return [
        at_least("dissolves of 0.4 to 2 s that are told", hits / true, "", 0.85),
        at_least("of those told, how many are there", hits / max(1, found), "", 0.95),
        Figure("the middle is off by, median", float(np.median(errors)), "frames"),
        Figure("cuts that are none, in all films", false_cuts, ""),
    ]


async def _boundaries(images: list[Image]) -> list[tuple[int, str]]:
    kinds: list[tuple[int, str]] = []

    async def on_scene(found: SceneFound) -> None:
        if found.index:
            kinds.append((found.scene.first_frame, found.scene.boundary_kind.value))

    async def ignore(_: Progress | SpriteSheet) -> None:
        pass

    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        path = Path(folder) / "film.mp4"
        path.write_bytes(drawn(images))
        with path.open("rb") as film:
            async with decoder(Limits()) as child:
                await child.probe(_reading(film.fileno()), path.stat().st_size)
                await child.analyze(film.fileno(), on_progress=ignore, on_scene=on_scene, on_sprite=ignore)
    return kinds


def _reading(descriptor: int) -> ReadRange:
    async def read(offset: int, size: int) -> bytes:
        return os.pread(descriptor, size, offset)

    return read


def _reel(random: np.random.Generator) -> tuple[list[Image], list[int], list[int]]:
    """A film, the middles of its dissolves and its cuts, in frames."""
    images: list[Image] = []
    dissolves: list[int] = []
    cuts: list[int] = []
    coming = _shot(random)
    for _ in range(_SHOTS):
        shot, coming = coming, _shot(random)
        images += [next(shot) for _ in range(int(random.integers(40, 90)))]
        if random.random() < 0.3:
            cuts.append(len(images))
            continue
        length = int(random.integers(10, 51))
        dissolves.append(len(images) + length // 2)
        for step in range(length):
            share = (step + 1) / (length + 1)
            images.append(((1 - share) * next(shot) + share * next(coming)).astype(np.uint8))
    return [*images, *(next(coming) for _ in range(60))], dissolves, cuts


def _shot(random: np.random.Generator) -> Iterator[Image]:
    """A still or moving camera's view of a landscape of noise, with a thing of another landscape that crosses it."""
    world, thing = _landscape(random), _landscape(random)
    speed = random.choice([0.0, 0.5, 1.5, 3.0]) * random.choice([-1, 1], 2) * [0.3, 1.0]
    place = np.array([200.0, 300.0])
    across, size = float(random.uniform(0, _COLUMNS)), int(random.integers(20, 70))
    walk = random.choice([-2.0, 0.0, 1.0, 2.0])
    while True:
        top, left = (_there_and_back(v, 200) for v in place)
        image = world[top : top + _ROWS, left : left + _COLUMNS].copy()
        x = _there_and_back(across, _COLUMNS - size)
        image[60 : 60 + size, x : x + size] = thing[:size, :size]
        yield image
        place += speed
        across += walk


def _there_and_back(way: float, length: int) -> int:
    return abs(int(way) % (2 * length) - length)


def _landscape(random: np.random.Generator) -> Image:
    """Noise whose amplitude falls with the frequency, as that of photographs does; a tint of its own."""
    rows, columns = 2 * _ROWS + 40, 2 * _COLUMNS
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns)[None])
    frequency[0, 0] = 1
    waves = np.fft.fft2(random.normal(size=(rows, columns))) / frequency ** random.uniform(0.9, 1.2)
    plane = np.real(np.fft.ifft2(waves))
    plane = (plane - plane.mean()) / plane.std() * random.uniform(30, 55) + random.uniform(90, 160)
    tint = random.uniform(0.75, 1.25, 3)
    return (plane[:, :, None] * tint).clip(0, 255).astype(np.uint8)
