"""In which way objects are looked through: two looks of one way at one state of an object come to the same."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, cast

from sightglass_detect import Settings

# What of a look is not its way.
_BESIDE: Final = frozenset({"cache"})
# What reads for us, with its own changes from release to release.
_READERS: Final = ("fastavro", "hyperscan", "pillow", "pyarrow", "pypdfium2", "python-calamine", "zstandard")
_FOLDERS: Final = ("media", "readers", "screen")
_OURS: Final = ("reading.py", "detecting.py", "masking.py", "sealing.py", "results.py")


def way_of(settings: Settings, key: bytes, *, media: bool) -> bytes:
    """16 bytes that differ where what is looked for, the code that looks, or the key of the hashes differs.

    media: whether others look at films and images.
    """
    told = json.dumps([_plain(settings), media], sort_keys=True).encode()
    return blake2b(told + _code(), key=key, digest_size=16).digest()


@cache
def _code() -> bytes:
    """Of the detectors, the engine, the readers, and the libraries that these read by."""
    seen = blake2b()
    detect, scanner = files("sightglass_detect"), files("sightglass_scanner")
    for source in (detect, *(scanner / name for name in _FOLDERS), *(scanner / name for name in _OURS)):
        _take(source, seen)
    for name in _READERS:
        try:
            seen.update(f"{name}=={version(name)}\n".encode())
        except PackageNotFoundError:
            seen.update(f"no {name}\n".encode())
    return seen.digest()


def _take(source: Traversable, seen: Any) -> None:
    if source.is_file():
        if source.name.endswith((".py", ".toml")):
            seen.update(f"{source.name}\n".encode() + source.read_bytes())
        return
    for inner in sorted(source.iterdir(), key=lambda found: found.name):
        if inner.is_file() or not inner.name.startswith("__"):
            _take(inner, seen)


def _plain(value: object) -> object:
    """A value as JSON has it, the same in every process."""
    if is_dataclass(value):
        named = (field.name for field in fields(value) if field.name not in _BESIDE)
        return {name: _plain(getattr(value, name)) for name in named}
    if isinstance(value, AbstractSet):
        return sorted(json.dumps(_plain(one), sort_keys=True) for one in cast("AbstractSet[object]", value))
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("list[object]", value)]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"A setting is a {type(value).__name__}.")
