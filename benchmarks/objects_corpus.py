"""Small objects of mixed kinds, cut from the corpus of `detect`: whole lines, a table with its header."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from benchmarks.detect_corpus import corpus

OBJECT_BYTES = 4096
_ENDINGS = {"log": "log", "csv": "csv", "jsonl": "jsonl", "prose": "txt", "source": "py"}
_HEADER = b"id,words,amount,date,note,count\n"


@dataclass(frozen=True, slots=True)
class Small:
    """An object. seeded: values of which all lies in it."""

    kind: str
    key: str
    body: bytes
    seeded: int


def small_objects(count: int, seed: int = 1) -> list[Small]:
    """So many, the kinds in turns."""
    parts = corpus(count * OBJECT_BYTES / 5 / 150_000 + 1, seed)
    kinds = [list(_cut(part.kind, part.data, [(v.start, v.end) for v in part.seeded])) for part in parts]
    turns = (found for turn in zip_longest(*kinds) for found in turn if found is not None)
    return [found for found, _ in zip(turns, range(count), strict=False)]


def _cut(kind: str, data: bytes, seeded: list[tuple[int, int]]) -> Iterator[Small]:
    header = _HEADER if kind == "csv" else b""
    start = number = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + OBJECT_BYTES - len(header)) + 1
        if end <= start:
            return
        held = sum(start <= first and last <= end for first, last in seeded)
        yield Small(kind, f"{kind}/{number:06}.{_ENDINGS[kind]}", header + data[start:end], held)
        start, number = end, number + 1
