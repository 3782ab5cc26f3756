"""An answer that a model writes: the tenant's providers are asked in their order until one has answered whole."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias
from uuid import UUID

from pydantic import SecretStr

from sightglass_chat import answer_queries, ledger_queries, provider_queries, quota_queries
from sightglass_chat.answer_queries import TurnRow
from sightglass_chat.domain.prompt import Earlier, Source, prompt, tokens_of
from sightglass_chat.domain.screening import Screen
from sightglass_chat.provider_queries import Manner, Outcome, ProviderRow
from sightglass_chat.providers.adapting import Refusals
from sightglass_chat.providers.breaker import Breakers
from sightglass_chat.providers.opening import provider_of
from sightglass_chat.providers.patience import Patience, patiently
from sightglass_chat.providers.provider import Delta, Prompt, Provider, Usage
from sightglass_chat.redacting import SHIPPED, redacted
from sightglass_chat.telling import Telling
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.outage import OUTAGES
from sightglass_common.outward import Outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable
from sightglass_common.provider_keys import opened_key
from sightglass_common.sealed import NotForUs
from sightglass_common.search import Hit
from sightglass_detect import Redacted, Settings

# Why no model has written an answer.
Reason: TypeAlias = Literal[
    "provider_gone", "provider_unavailable", "provider_refused", "answer_unusable", "budget_spent"
]
_STAGE: Final = "answering"
_MOST_EARLIER: Final = 20
_BYTES_A_TOKEN: Final = 3
# More than any model puts in a token for long.
_MOST_BYTES_A_TOKEN: Final = 32


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer. rest: what is still to be told of it."""

    text: str
    rest: str
    model: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what an answer may be made of. settings: what is replaced in it."""

    turn: TurnRow
    text: Redacted
    hits: Sequence[Hit]
    settings: Settings = SHIPPED


@dataclass(frozen=True, slots=True)
class Generator:
    """Asks providers. private_key: chat's half of the pair that their keys are sealed to; empty: none can be opened.

    tell_every_s: how often a piece of an answer is stored. clock: seconds, going on.
    """

    pool: Pool
    outward: Outward
    private_key: SecretStr
    history_tokens: int
    patience: Patience = field(default_factory=Patience)
    breakers: Breakers = field(default_factory=Breakers)
    refusals: Refusals = field(default_factory=Refusals)
    tell_every_s: float = 0.1
    clock: Callable[[], float] = time.monotonic

    async def generate(self, job: JobContext, question: Question, telling: Telling) -> Generated | Reason | None:
        """The answer, told up to its rest; or why there is none: of the last provider that was asked, None without any.

        What was told of an answer that broke off is taken back. Raises Cancelled and LeaseLost.
        """
        if not question.hits:
            return None
        async with tenant_transaction(self.pool, job.claim.tenant_id) as db:
            manner = await provider_queries.manner(db, question.turn.turn_id)
            rows = await provider_queries.chain(db, manner)
            said = await answer_queries.earlier(db, question.turn, _MOST_EARLIER) if rows else []
        if not rows:
            return "provider_gone" if manner.provider_id else None
        asked = await asyncio.to_thread(self._prompt, question, said, manner)
        reason: Reason = "provider_unavailable"
        for row in rows:
            come = await _Asking(self, job, question, telling, row, asked).answer()
            if isinstance(come, Generated):
                return come
            reason = come
            job.log.warning("turn.provider_failed", provider_id=str(row.provider_id), reason=reason)
            await telling.start_anew()
        return reason

    def _prompt(self, question: Question, said: Sequence[tuple[str, str]], manner: Manner) -> Prompt:
        settings = question.settings
        return prompt(
            question.text,
            [Source(redacted(hit.title, settings), redacted(hit.text, settings)) for hit in question.hits],
            [Earlier(redacted(one, settings), redacted(other, settings)) for one, other in said],
            new_word=_random_word,
            history_tokens=self.history_tokens,
            purpose=redacted(manner.system_prompt, settings),
            language=manner.language,
        )

    def provider(self, row: ProviderRow) -> Provider:
        """What speaks to it. Raises ProviderRefused when its key cannot be opened."""
        key: SecretStr | None = None
        if row.sealed_key is not None:
            if not self.private_key.get_secret_value():
                raise ProviderRefused("there is no key to open keys with")
            key = SecretStr(_opened(self.private_key.get_secret_value(), row, row.sealed_key))
        return provider_of(
            self.outward, row.kind, base_url=row.base_url, region=row.region, api_key=key, refusals=self.refusals
        )


@dataclass(slots=True)
class _Asking:
    """One question to one provider."""

    generator: Generator
    job: JobContext
    question: Question
    telling: Telling
    row: ProviderRow
    prompt: Prompt
    screen: Screen = field(init=False)
    usage: Usage | None = None
    said_bytes: int = 0

    def __post_init__(self) -> None:
        self.screen = Screen(len(self.question.hits), self.question.settings)

    async def answer(self) -> Generated | Reason:
        """The answer, or why there is none. Raises Cancelled and LeaseLost."""
        breakers, known = self.generator.breakers, (self.row.provider_id, self.row.changed_at, self.row.model)
        if not breakers.lets(known):
            return "provider_unavailable"
        use_id = new_id()
        if not await self._reserved(use_id):
            return "budget_spent"
        try:
            reason = await self._asked()
        except BaseException:
            # Cancelled, or of no use any more. Where that cannot be noted, the reservation counts.
            with suppress(*OUTAGES):
                await self._settle(use_id, self._taken(at_least=tokens_of(self.prompt)), "cancelled")
            raise
        await self._settle(use_id, self._taken(), "failed" if reason else "done")
        if reason is None:
            breakers.answered(known)
            return await self._told()
        if reason != "answer_unusable":
            breakers.failed(known)
        return reason

    async def _asked(self) -> Reason | None:
        try:
            await self._follow(self.generator.provider(self.row))
        except ProviderRefused as error:
            self._log(error)
            return "provider_refused"
        except ProviderUnavailable as error:
            self._log(error)
            return "provider_unavailable"
        except AnswerUnusable as error:
            self._log(error)
            return "answer_unusable"
        return "answer_unusable" if self.screen.empty else None

    async def _follow(self, provider: Provider) -> None:
        """Take the answer as it comes, and tell of it what may be told."""
        row, clock = self.row, self.generator.clock
        told_at = clock()

        def asking():  # see Asking
            return provider.stream(
                self.prompt, model=row.model, temperature=row.temperature, most_tokens=row.most_tokens
            )

        await self.job.report(_STAGE)
        async with aclosing(patiently(asking, self.generator.patience)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Delta):
                    self.usage = piece
                    continue
                self.said_bytes += len(piece.text.encode("utf-8", "replace"))
                if self.said_bytes > row.most_tokens * _MOST_BYTES_A_TOKEN:
                    raise AnswerUnusable("it is longer than was asked for")
                self.screen.take(piece.text)
                if clock() - told_at >= self.generator.tell_every_s:
                    await self._tell()
                    told_at = clock()

    async def _tell(self) -> None:
        # Also how a cancel is heard of: progress that is new is written at most twice a second.
        await self.job.report(_STAGE, self.said_bytes)
        if self.screen.waits:
            await self.telling.tell(await asyncio.to_thread(self.screen.more))

    async def _told(self) -> Generated:
        """The whole answer. Should what was told not be how it begins, that is taken back."""
        rest, text = await asyncio.to_thread(lambda: (self.screen.rest(), self.screen.whole()))
        if rest is None:
            await self.telling.start_anew()
            rest = text
        return Generated(text, rest, self.row.model, self._taken())

    async def _reserved(self, use_id: UUID) -> bool:
        tokens = tokens_of(self.prompt) + self.row.most_tokens
        async with self.job.transaction() as db:
            turn_id = self.question.turn.turn_id
            if not await quota_queries.suffice(db, turn_id, tokens):
                return False
            reserved = await provider_queries.reserve(db, use_id, turn_id, self.row, tokens)
            await ledger_queries.called(db, use_id)
        return reserved

    async def _settle(self, use_id: UUID, taken: Usage, outcome: Outcome) -> None:
        async with tenant_transaction(self.generator.pool, self.job.claim.tenant_id) as db:
            await provider_queries.settle(db, use_id, taken.input_tokens, taken.output_tokens, outcome)

    def _taken(self, *, at_least: int = 0) -> Usage:
        """As the provider says; of one that has begun and does not say, about.

        at_least: tokens of the question, when it is on its way and nothing has come.
        """
        if self.usage is not None:
            return self.usage
        if not self.said_bytes:
            return Usage(at_least, 0)
        return Usage(tokens_of(self.prompt), -(-self.said_bytes // _BYTES_A_TOKEN))

    def _log(self, error: Exception) -> None:
        self.job.log.info("turn.provider_said", provider_id=str(self.row.provider_id), error=str(error))


def _opened(private_key: str, row: ProviderRow, sealed: bytes) -> str:
    try:
        return opened_key(
            private_key, sealed, tenant_id=row.tenant_id, provider_id=row.provider_id, base_url=row.base_url
        )
    except (NotForUs, ValueError) as error:
        raise ProviderRefused("its key cannot be opened") from error


def _random_word() -> str:
    """Of small letters alone, so that no detector takes it for a secret."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(16))
