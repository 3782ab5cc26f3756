"""How long a provider is waited for, and how often it is asked: again only while nothing of its answer is there."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from sightglass_chat.providers.provider import Piece
from sightglass_common.provider_errors import ProviderUnavailable

_rng: Final = random.Random()  # noqa: S311  # spreads load, hides nothing
Asking: TypeAlias = Callable[[], AsyncGenerator[Piece]]


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of one question to one provider, in seconds; connecting has its own (`outward`).

    first_s: until something of the answer comes. between_s: from one piece to the next. whole_s: of the whole
    answer, with all attempts and pauses.
    longest_pause_s: who asks for a longer one is not asked again.
    """

    attempts: int = 3
    first_s: float = 30.0
    between_s: float = 15.0
    whole_s: float = 120.0
    longest_pause_s: float = 20.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def patiently(asking: Asking, patience: Patience) -> AsyncGenerator[Piece]:
    """The answer to a question that is asked again while the provider says: not now.

    Raises what Provider.stream raises; ProviderUnavailable when all attempts or a time limit are spent.
    """
    end = asyncio.get_running_loop().time() + patience.whole_s
    for attempt in range(1, patience.attempts + 1):
        begun = False
        try:
            async with aclosing(_timed(asking(), patience, end)) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
        except ProviderUnavailable as error:
            if begun or attempt == patience.attempts:
                raise
            pause_s = error.retry_after_s
            if pause_s is None:
                pause_s = min(patience.longest_pause_s, (1 + _rng.random()) * 2 ** (attempt - 1))
            if pause_s > patience.longest_pause_s:
                raise
        else:
            return
        await patience.sleep(pause_s)


async def _timed(answer: AsyncGenerator[Piece], patience: Patience, end: float) -> AsyncGenerator[Piece]:
    """Each piece within its time: the limits are of waiting, never of what is done with a piece."""
    loop = asyncio.get_running_loop()
    limit_s = patience.first_s
    async with aclosing(answer):
        while True:
            try:
                async with asyncio.timeout_at(min(loop.time() + limit_s, end)):
                    piece = await anext(answer, None)
            except TimeoutError as error:
                raise ProviderUnavailable(
                    f"nothing came for {limit_s:g} s, or no end in {patience.whole_s:g} s"
                ) from error
            if piece is None:
                return
            yield piece
            limit_s = patience.between_s
