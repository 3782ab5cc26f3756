"""A corpus as buckets have it: logs, CSV, JSON lines, prose and source, with values seeded at places that are noted."""

import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.detect_values import KINDS

# Of 100 parts.
PARTS: Final = {"log": 30, "csv": 15, "jsonl": 15, "prose": 15, "source": 25}
# A value in so many bytes, on average: about 2,160 in the 75 MB that are not source.
_ONE_IN: Final = 35_000


@dataclass(frozen=True, slots=True)
class Seeded:
    """A value at a place of its part, in bytes."""

    detector: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of one kind, and what was put into it."""

    kind: str
    data: bytes
    seeded: tuple[Seeded, ...]


def corpus(megabytes: float, seed: int = 1) -> list[Part]:
    """Make the five parts; the same for the same seed, but for the source, which is the installed Python library."""
    random = Random(seed)
    makers = {"log": _log, "csv": _csv, "jsonl": _json, "prose": _prose}
    parts = [_made(kind, int(megabytes * 10_000 * PARTS[kind]), make, random) for kind, make in makers.items()]
    return [*parts, Part("source", _source(int(megabytes * 10_000 * PARTS["source"])), ())]


# What a line is, before and behind the value that may stand in it, given the value's name ("" for none).
Line = Callable[[Random, str], tuple[str, str]]


def _made(kind: str, size: int, line: Line, random: Random) -> Part:
    pieces: list[str] = []
    seeded: list[Seeded] = []
    length = 0
    every = tuple(KINDS.items())
    due = random.randrange(_ONE_IN)
    while length < size:
        detector, (name, make) = random.choice(every) if length >= due else ("", ("", str))
        due += random.randrange(2 * _ONE_IN) if detector else 0
        value = make(random) if detector else ""
        before, behind = line(random, name)
        if detector:
            seeded.append(Seeded(detector, length + len(before), length + len(before) + len(value)))
        text = f"{before}{value}{behind}\n"
        pieces.append(text)
        length += len(text)
    return Part(kind, "".join(pieces).encode("ascii"), tuple(seeded))


def _log(random: Random, name: str) -> tuple[str, str]:
    second, ip = random.randrange(86_400), ".".join(str(random.randint(1, 250)) for _ in range(4))
    day, milliseconds = random.randint(1, 28), random.randrange(1000)
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{milliseconds:03d}"
    trace = f"{random.getrandbits(128):032x}"
    uuid = f"{trace[:8]}-{trace[8:12]}-4{trace[13:16]}-a{trace[17:20]}-{trace[20:]}"
    start = f"2026-11-{day:02d}T{time}Z {random.choice(_LEVELS)} [worker-{random.randrange(32)}]"
    status = f"{random.choice((200, 204, 404, 500))} {random.randrange(5000)}ms"
    tail = f" GET /v1/items/{random.randrange(10**6)} {status} trace={trace}"
    job = f"job={random.randrange(10**9)}"
    return (f"{start} {job} {name}=", tail) if name else (f"{start} {ip} {job} request={uuid}", tail)


def _csv(random: Random, name: str) -> tuple[str, str]:
    words, date = " ".join(random.choices(_WORDS, k=3)), f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    row = f"{random.randrange(10**7)},{words},{random.random() * 1000:.2f},{date},"
    behind = f",{random.randrange(10**4)}"
    return (f"{row}{name} ", behind) if name else (f"{row}{random.choice(_WORDS)}", behind)


def _json(random: Random, name: str) -> tuple[str, str]:
    at, sha = 1_790_000_000_000 + random.randrange(10**9), f"{random.getrandbits(160):040x}"
    start = f'{{"id": {random.randrange(10**12)}, "sha": "{sha}", "at": {at}, '
    words = '"text": "' + " ".join(random.choices(_WORDS, k=8)) + '"}'
    return (f'{start}"{name}": "', f'", {words}') if name else (start, words)


def _prose(random: Random, name: str) -> tuple[str, str]:
    start, end = (" ".join(random.choices(_WORDS, k=random.randint(5, 12))) for _ in range(2))
    return (f"{start.capitalize()}, the {name} is ", f", {end}.") if name else (f"{start.capitalize()} ", f"{end}.")


def _source(size: int) -> bytes:
    """Python source, file after file, as often as it takes."""
    found, length = list[bytes](), 0
    while length < size:
        for content in _library():
            found.append(content)
            length += len(content)
            if length >= size:
                break
    return b"".join(found)[:size]


def _library() -> Iterator[bytes]:
    folder = Path(sysconfig.get_paths()["stdlib"])
    for file in sorted(folder.rglob("*.py")):
        if "site-packages" not in file.parts:
            yield file.read_bytes()


_LEVELS: Final = ("INFO", "DEBUG", "WARN")
# Of the standard library's own words on the language: what prose is, and no more.
_WORDS: Final = tuple(
    word
    for word in (Path(sysconfig.get_paths()["stdlib"]) / "pydoc_data" / "topics.py").read_text("utf-8").split()
    if word.isascii() and word.isalpha()
)[:20_000]
