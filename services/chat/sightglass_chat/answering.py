"""AnswerTurn: a question is looked up and answered from what is found, by the tenant's model or word for word."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sightglass_chat import answer_queries as queries
from sightglass_chat import ledger_queries as ledger
from sightglass_chat.answer_queries import TurnRow
from sightglass_chat.domain.citing import place_of_line, without_lines
from sightglass_chat.domain.cleaning import cited
from sightglass_chat.domain.extracting import Answer, Rated, Sentence, extract
from sightglass_chat.domain.prompt import NOTHING
from sightglass_chat.domain.sentences import sentences_of
from sightglass_chat.generating import Generated, Generator, Question, Reason
from sightglass_chat.ledger_queries import Record
from sightglass_chat.redacting import redacted, settings_of
from sightglass_chat.telling import Event, Telling
from sightglass_chat.turnstile import Turnstile
from sightglass_common import redaction_queries
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnswerTurn
from sightglass_common.search import Hit, search
from sightglass_detect import Redacted, Settings
from sightglass_retrieval.minilm import MiniLM

_MODEL: Final = "sightglass/extractive"
_SOURCES: Final = 5
# Those with the most of the question's words get a vector; of a text that answers, one is among them.
_LOOKED_AT: Final = 16
_SNIPPET_CHARS: Final = 300
# What is found for a question is told before others are answered that came so much earlier at most: who waits sees
# that something is done.
_FOUND_FIRST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found for a question. question: redacted once more. vector: None without a model.

    withheld: how many documents were not looked at.
    """

    turn: TurnRow
    settings: Settings
    question: Redacted
    vector: Sequence[float] | None
    hits: Sequence[Hit]
    withheld: int

    @property
    def documents(self) -> frozenset[UUID]:
        """Of which documents something was found."""
        return frozenset(hit.document_id for hit in self.hits)


class AnswerTurnHandler:
    """Answers the question of one turn. What it has found is seen at once, the answer when it is whole.

    embedder: gives the model, or None without one; may be slow at its first call. generator: asks the tenant's
    providers; without one all answers are extractive, as those are of tenants that have none or none that answers.
    at_once: questions that this process works on itself, while others wait for a model.
    """

    def __init__(
        self,
        pool: Pool,
        embedder: Callable[[], MiniLM | None],
        generator: Generator | None = None,
        *,
        at_once: int = 4,
    ) -> None:
        self._pool = pool
        self._embedder = embedder
        self._generator = generator
        self._work = Turnstile(at_once)

    async def __call__(self, message: AnswerTurn, job: JobContext) -> Effect:
        """Do the work of one attempt. Raises TurnNotFound, SourcesChanged, Cancelled, LeaseLost."""
        began = time.monotonic()
        async with self._work.through(began):
            looked = await self._looked_up(message)
            telling = Telling(job, message.turn_id, looked.documents)
            await telling.begin({"results": [_result(hit) for hit in looked.hits], "withheld": looked.withheld})
        come: Generated | Reason | None = None
        if self._generator is not None:
            question = Question(looked.turn, looked.question, looked.hits, looked.settings)
            come = await self._generator.generate(job, question, telling)
        if isinstance(come, Generated):
            said = _written(come, looked.hits)
        else:
            async with self._work.through(began + _FOUND_FIRST_S):
                extracted = await self._extracted(message, looked)
            said = _quoted(extracted, looked.hits, come)
        events: list[Event] = [("delta", {"text": piece}) for piece in said.pieces]
        events += [*(("citation", one) for one in said.citations), ("usage", said.usage)]
        events.append(("done", {"answered": said.answered}))

        async def effect(db: Db) -> FinalStatus:
            await telling.add(db, events)
            await queries.answer(db, message.turn_id, said.text, said.citations, said.usage, answered=said.answered)
            await ledger.record(db, message.turn_id, _record(looked, said))
            return "done"

        job.log.info("turn.answered", sources=len(looked.hits), answered=said.answered, **said.usage)
        return effect

    async def _looked_up(self, message: AnswerTurn) -> _Looked:
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            turn = await queries.turn(db, message.turn_id)
            settings = settings_of(await redaction_queries.rules_without_own(db))
        embedder = await asyncio.to_thread(self._embedder)
        question = await asyncio.to_thread(redacted, turn.question, settings)
        vector = None if embedder is None else (await asyncio.to_thread(embedder.embed, [question]))[0].tolist()
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            hits = await search(db, turn.dataset_ids, str(question), vector, k=_SOURCES)
            withheld = await redaction_queries.withheld(db, turn.dataset_ids)
        return _Looked(turn, settings, question, vector, hits, withheld)

    async def _extracted(self, message: AnswerTurn, looked: _Looked) -> Answer:
        sentences = [
            Sentence(source, place, text)
            for source, hit in enumerate(looked.hits)
            for place, text in enumerate(sentences_of(hit.text))
        ]
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            shares = await queries.shares(
                db,
                looked.turn.dataset_ids,
                str(looked.question),
                [one.text for one in sentences],
                [looked.hits[one.source].dataset_id for one in sentences],
            )
        best = sorted(zip(shares, sentences, strict=True), key=lambda one: (-one[0], one[1]))[:_LOOKED_AT]
        cosines = await self._cosines([one.text for _, one in best], looked)
        rated = [Rated(one, share, cosine) for (share, one), cosine in zip(best, cosines, strict=True)]
        return extract(rated)

    async def _cosines(self, texts: Sequence[str], looked: _Looked) -> Sequence[float | None]:
        embedder, vector = self._embedder(), looked.vector
        if embedder is None or vector is None or not texts:
            return [None] * len(texts)
        vectors = await asyncio.to_thread(lambda: embedder.embed([redacted(text, looked.settings) for text in texts]))
        return [float(one @ vector) for one in vectors]


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer. pieces: what is still to be told of it."""

    text: str
    pieces: Sequence[str]
    citations: Sequence[dict[str, Any]]
    usage: Mapping[str, Any]
    answered: bool


def _record(looked: _Looked, said: _Said) -> Record:
    model, generated = str(said.usage["model"]), bool(said.usage["generated"])
    return Record(model, generated, said.answered, retrieved=len(looked.hits), withheld=looked.withheld)


def _quoted(answer: Answer, hits: Sequence[Hit], reason: Reason | None) -> _Said:
    """reason: why no model has written it; None: the tenant has none."""
    texts = [f"{part.text} [{part.n}]" for part in answer.parts] or [NOTHING]
    pieces = [text if not number else f" {text}" for number, text in enumerate(texts)]
    citations = [_citation(n, hits[source], answer) for n, source in enumerate(answer.sources, 1)]
    usage = {"model": _MODEL, "generated": False, "input_tokens": 0, "output_tokens": 0, "reason": reason}
    return _Said("".join(pieces), pieces, citations, usage, answered=bool(answer.parts))


def _written(come: Generated, hits: Sequence[Hit]) -> _Said:
    """One that cites nothing answers nothing: nobody could look it up."""
    numbers = cited(come.text, len(hits))
    citations = [{"n": n, **_place(hits[n - 1]), "snippet": hits[n - 1].text[:_SNIPPET_CHARS]} for n in numbers]
    usage = {
        "model": come.model,
        "generated": True,
        "input_tokens": come.usage.input_tokens,
        "output_tokens": come.usage.output_tokens,
        "reason": None,
    }
    return _Said(come.text, [come.rest] if come.rest else [], citations, usage, answered=bool(numbers))


def _result(hit: Hit) -> dict[str, Any]:
    return {**_place(hit), "score": round(hit.score, 6)}


def _citation(n: int, hit: Hit, answer: Answer) -> dict[str, Any]:
    """Its snippet begins where the first sentence stands that is from there; of a video it is the place of that."""
    at, length = min((hit.text.find(part.text), len(part.text)) for part in answer.parts if part.n == n)
    seen = place_of_line(hit.locator, hit.text, at, at + length)
    return {"n": n, **_place(hit), **seen, "snippet": hit.text[at : at + _SNIPPET_CHARS]}


def _place(hit: Hit) -> dict[str, Any]:
    return {
        "segment_id": f"{hit.document_id}-{hit.ordinal}",
        "dataset_id": str(hit.dataset_id),
        "document_id": str(hit.document_id),
        "document_ref": hit.ref,
        "title": hit.title,
        "origin": hit.origin,
        "locator": without_lines(hit.locator),
    }
