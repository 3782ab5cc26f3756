"""TryProvider: a provider is asked for one word, and what works of it is noted."""

import time
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Any, Final

import structlog

from sightglass_chat import provider_queries as queries
from sightglass_chat.domain import trouble
from sightglass_chat.domain.prompt import tokens_of
from sightglass_chat.domain.trouble import Shown
from sightglass_chat.generating import Generator
from sightglass_chat.provider_queries import ProviderRow
from sightglass_chat.providers.patience import Patience, patiently
from sightglass_chat.providers.provider import Delta, Prompt, Said, Usage
from sightglass_chat.redacting import redacted
from sightglass_common.db import tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.ids import new_id
from sightglass_common.messages import TryProvider
from sightglass_common.outcomes import Done
from sightglass_common.provider_errors import ProviderFailed

# A model that thinks before it speaks spends some on that.
_MOST_TOKENS: Final = 256
# Once, and less long than a question: somebody waits.
_PATIENCE: Final = Patience(attempts=1, first_s=20.0, between_s=10.0, whole_s=40.0)
_SPENT: Final = Shown(works=False, reason="budget_spent", detail="What it may take this month is spent.")

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class TryProviderHandler:
    """A `Handler` for a consumer of provider-tests. A test that is over stays as it is."""

    def __init__(self, generator: Generator, patience: Patience = _PATIENCE) -> None:
        self._generator = generator
        self._patience = patience

    async def __call__(self, delivery: Delivery[TryProvider]) -> Done:
        """Do the test. That a provider does not work is a result like any other."""
        message = delivery.message
        async with tenant_transaction(self._generator.pool, message.tenant_id) as db:
            row = await queries.to_test(db, message.test_id)
        if row is None:
            return Done()
        result = await self._tested(row)
        async with tenant_transaction(self._generator.pool, message.tenant_id) as db:
            await queries.tested(db, message.test_id, result)
        _log.info("provider.tested", provider_id=str(row.provider_id), works=result["works"], reason=result["reason"])
        return Done()

    async def _tested(self, row: ProviderRow) -> dict[str, Any]:
        prompt = Prompt(redacted("You are tried out."), [Said("user", redacted("Say the one word: ready"))])
        row = replace(row, most_tokens=min(row.most_tokens, _MOST_TOKENS))
        use_id, tokens = new_id(), tokens_of(prompt)
        async with tenant_transaction(self._generator.pool, row.tenant_id) as db:
            if not await queries.reserve(db, use_id, None, row, tokens + row.most_tokens):
                return asdict(_SPENT) | _Call().measured
        call = _Call()
        try:
            shown = await self._asked(row, prompt, call)
        finally:
            taken = call.usage or Usage(tokens if call.begun else 0, row.most_tokens if call.begun else 0)
            async with tenant_transaction(self._generator.pool, row.tenant_id) as db:
                await queries.settle(
                    db, use_id, taken.input_tokens, taken.output_tokens, "done" if call.whole else "failed"
                )
        return asdict(shown) | call.measured

    async def _asked(self, row: ProviderRow, prompt: Prompt, call: "_Call") -> Shown:
        try:
            provider = self._generator.provider(row)

            def asking():  # see Asking
                return provider.stream(
                    prompt, model=row.model, temperature=row.temperature, most_tokens=row.most_tokens
                )

            async with aclosing(patiently(asking, self._patience)) as pieces:
                async for piece in pieces:
                    call.take(piece)
        except ProviderFailed as error:
            return trouble.failed(error, begun=call.begun)
        call.end()
        return trouble.answered(words=call.begun, tokens_told=call.usage is not None)


class _Call:
    """What is measured of one call; times in milliseconds, from its beginning."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first_ms: int | None = None
        self._whole_ms: int | None = None
        self.usage: Usage | None = None

    @property
    def begun(self) -> bool:
        """Whether a word came."""
        return self._first_ms is not None

    @property
    def whole(self) -> bool:
        """Whether the answer came to its end."""
        return self._whole_ms is not None

    @property
    def measured(self) -> dict[str, int | None]:
        """By the names of the result's fields."""
        return {
            "first_word_ms": self._first_ms,
            "whole_ms": self._whole_ms,
            "input_tokens": self.usage and self.usage.input_tokens,
            "output_tokens": self.usage and self.usage.output_tokens,
        }

    def take(self, piece: Delta | Usage) -> None:
        """A piece came."""
        if isinstance(piece, Usage):
            self.usage = piece
        elif self._first_ms is None:
            self._first_ms = self._since()

    def end(self) -> None:
        """The answer is whole."""
        self._whole_ms = self._since()

    def _since(self) -> int:
        return round((time.monotonic() - self._began) * 1000)
