"""What a server does not take is left out, and that it does not is remembered: each model knows other parameters."""

from collections.abc import AsyncGenerator, Callable, Collection, Hashable
from contextlib import aclosing
from typing import Final, TypeAlias

from sightglass_chat.providers.http import Rejected
from sightglass_chat.providers.provider import Piece

_MOST_KNOWN: Final = 10_000
# Asks without the parameters that are named.
Speaking: TypeAlias = Callable[[Collection[str]], AsyncGenerator[Piece]]


class Refusals:
    """The parameters that servers are known not to take, for each with a model of it; in this process."""

    def __init__(self) -> None:
        self._known: dict[Hashable, frozenset[str]] = {}

    def of(self, server: Hashable) -> frozenset[str]:
        """Those of one server."""
        return self._known.get(server, frozenset())

    def note(self, server: Hashable, names: frozenset[str]) -> None:
        """It has answered without these."""
        if server not in self._known and len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[server] = names


async def adapted(
    speaking: Speaking, names: Collection[str], refusals: Refusals, server: Hashable
) -> AsyncGenerator[Piece]:
    """The answer; a server that rejects a question and names parameters of it is asked once more without these.

    names: those that may be left out. Raises what Provider.stream raises.
    """
    refused = refusals.of(server)
    while True:
        try:
            async with aclosing(speaking(refused)) as pieces:
                async for piece in pieces:
                    refusals.note(server, refused)
                    yield piece
        except Rejected as error:
            named = {name for name in names if name not in refused and name.encode() in error.reason}
            if not named:
                raise
            refused |= named
        else:
            return
