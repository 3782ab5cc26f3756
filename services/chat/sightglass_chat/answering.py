"""AnswerTurn: a question is looked up and answered from what is found, in the sources' own words."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sightglass_chat import answer_queries as queries
from sightglass_chat.answer_queries import TurnRow
from sightglass_chat.domain.citing import place_of_line, without_lines
from sightglass_chat.domain.extracting import Answer, Rated, Sentence, extract
from sightglass_chat.domain.sentences import sentences_of
from sightglass_chat.redacting import redacted
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnswerTurn
from sightglass_common.search_queries import Hit, search
from sightglass_detect import Redacted
from sightglass_retrieval.minilm import MiniLM

_MODEL: Final = "sightglass/extractive"
_SOURCES: Final = 5
# Those with the most of the question's words get a vector; of a text that answers, one is among them.
_LOOKED_AT: Final = 16
_SNIPPET_CHARS: Final = 300
_NOTHING: Final = "Nothing in your data answers this."


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found for a question. question: redacted once more. vector: None without a model."""

    turn: TurnRow
    question: Redacted
    vector: Sequence[float] | None
    hits: Sequence[Hit]


class AnswerTurnHandler:
    """Answers the question of one turn. What it has found is seen at once, the answer when it is whole.

    embedder: gives the model, or None without one; may be slow at its first call.
    """

    def __init__(self, pool: Pool, embedder: Callable[[], MiniLM | None]) -> None:
        self._pool = pool
        self._embedder = embedder

    async def __call__(self, message: AnswerTurn, job: JobContext) -> Effect:
        """Do the work of one attempt. Raises TurnNotFound."""
        looked = await self._looked_up(message)
        async with job.transaction() as db:
            found = ("retrieval", {"results": [_result(hit) for hit in looked.hits]})
            await queries.add_events(db, message.tenant_id, message.turn_id, 1, [found])
        answer, sentences = await self._extracted(message, looked)
        citations = [_citation(n, looked.hits[source], answer) for n, source in enumerate(answer.sources, 1)]
        text = " ".join(f"{part.text} [{part.n}]" for part in answer.parts) or _NOTHING
        events = [*_deltas(answer), *(("citation", one) for one in citations), *_ending(answered=bool(answer.parts))]

        async def effect(db: Db) -> FinalStatus:
            await queries.add_events(db, message.tenant_id, message.turn_id, 2, events)
            await queries.answer(db, message.turn_id, text, citations, answered=bool(answer.parts))
            return "done"

        job.log.info("turn.answered", sources=len(looked.hits), sentences=sentences, answered=bool(answer.parts))
        return effect

    async def _looked_up(self, message: AnswerTurn) -> _Looked:
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            turn = await queries.turn(db, message.turn_id)
        embedder = await asyncio.to_thread(self._embedder)
        question = await asyncio.to_thread(redacted, turn.question)
        vector = None if embedder is None else (await asyncio.to_thread(embedder.embed, [question]))[0].tolist()
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            hits = await search(db, turn.dataset_ids, str(question), vector, k=_SOURCES)
        return _Looked(turn, question, vector, hits)

    async def _extracted(self, message: AnswerTurn, looked: _Looked) -> tuple[Answer, int]:
        """The answer, and how many sentences it was chosen from."""
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
        cosines = await self._cosines([one.text for _, one in best], looked.vector)
        rated = [Rated(one, share, cosine) for (share, one), cosine in zip(best, cosines, strict=True)]
        return extract(rated), len(sentences)

    async def _cosines(self, texts: Sequence[str], vector: Sequence[float] | None) -> Sequence[float | None]:
        embedder = self._embedder()
        if embedder is None or vector is None or not texts:
            return [None] * len(texts)
        vectors = await asyncio.to_thread(lambda: embedder.embed([redacted(text) for text in texts]))
        return [float(one @ vector) for one in vectors]


def _deltas(answer: Answer) -> list[tuple[str, Mapping[str, Any]]]:
    """The answer in pieces that make it up as it is stored."""
    texts = [f"{part.text} [{part.n}]" for part in answer.parts] or [_NOTHING]
    return [("delta", {"text": text if not number else f" {text}"}) for number, text in enumerate(texts)]


def _ending(*, answered: bool) -> list[tuple[str, Mapping[str, Any]]]:
    usage = {"model": _MODEL, "input_tokens": 0, "output_tokens": 0, "generated": False}
    return [("usage", usage), ("done", {"answered": answered})]


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
        "locator": without_lines(hit.locator),
    }
