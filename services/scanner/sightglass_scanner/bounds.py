"""Finds keys by which what is left of a listing is cut into ranges.

Wherever the bounds lie, each key is in one range: what is found here decides only on how even they are.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from sightglass_scanner.masking import storable

# Of one cut: letters and digits that follow each other at one place of the keys are mostly no more.
MOST_PARTS: Final = 16
_LAST: Final = "\U0010ffff"

# The first key of the listing behind another one, which need not be there; None: there is none.
NextKey: TypeAlias = Callable[[str], Awaitable[str | None]]


async def bounds_of(next_key: NextKey, prefix: str, last: str, upto: str | None, *, most: int) -> list[str]:
    """Bounds in what lies behind `last`, up to `upto` (None: the end), ascending; fewer than `most`, maybe none.

    The keys there begin alike up to some place, and differ in the character that follows: these are found one by one,
    a request each, and the place by halving. prefix: what all keys of the listing begin with. Raises what next_key
    does.
    """
    seen = _Seen(next_key, upto)
    stem = await _stem(seen, prefix, last)
    sign = last[len(stem) : len(stem) + 1] or _sign(await seen.next(last), stem)
    bounds: list[str] = []
    while sign and len(bounds) + 1 < most:
        following = _sign(await seen.next(stem + sign + _LAST), stem)
        if following <= sign:
            break
        sign = following
        bounds.append(stem + sign)
    return [bound for bound in bounds if last < bound != upto and storable(bound) == bound]


class _Seen:
    """The listing up to a key."""

    def __init__(self, next_key: NextKey, upto: str | None) -> None:
        self._next_key = next_key
        self.upto = upto

    async def next(self, after: str) -> str | None:
        key = await self._next_key(after)
        return None if key is None or (self.upto is not None and key > self.upto) else key


async def _stem(seen: _Seen, prefix: str, last: str) -> str:
    """The longest beginning of `last` that all keys behind it share."""
    least, most = min(max(len(prefix), _alike(last, seen.upto or "")), len(last)), len(last)
    while least < most:
        middle = (least + most + 1) // 2
        if await seen.next(last[:middle] + _LAST) is None:
            least = middle
        else:
            most = middle - 1
    return last[:least]


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _sign(key: str | None, stem: str) -> str:
    """The character of a key that follows the stem; "" without one."""
    return key[len(stem) : len(stem) + 1] if key is not None and key.startswith(stem) else ""
