"""Feedback on answers, and the questions with their right sources that a dataset has gathered of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.conversations import queries as conversations
from sightglass_api.datasets import queries as datasets
from sightglass_api.evaluation.schemas import MOST_QUESTIONS
from sightglass_api.exports.writers import NDJSON
from sightglass_api.feedback import queries
from sightglass_api.feedback.queries import QuestionRow
from sightglass_api.feedback.schemas import Feedback, NewFeedback
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored, rules_of, without_values
from sightglass_common.dataset_errors import DatasetNotFound, DocumentNotFound, TurnNotAnswered, TurnNotFound
from sightglass_common.db import Db
from sightglass_common.errors import InvalidRequest, RateLimited

router = APIRouter(prefix="/v1", tags=["conversations"])


@router.post(
    "/conversations/{conversation_id}/turns/{turn_id}/feedback",
    **guarded(Permission.ASK, TurnNotFound, TurnNotAnswered, DocumentNotFound, RateLimited, body=True),
)
async def give_feedback(conversation_id: UUID, turn_id: UUID, new: NewFeedback, tenant: CallersTenant) -> Feedback:
    """Say how good an answer is, and what answers best. Given again, it takes the place of what was said before.

    With its question it is seen by who may read the audit: see `GET /v1/datasets/{dataset_id}/feedback`.
    """
    note = await as_stored(tenant, new.note)
    key_id = tenant.caller.key_id
    async with tenant.transaction() as db:
        row = await conversations.turn(db, key_id, conversation_id, turn_id)
        if row.status != "done":
            raise TurnNotAnswered
        document_id = await _document(db, new.source, row.citations)
        await queries.put(db, tenant.tenant_id, turn_id, thumb=new.thumb, document_id=document_id, note=note)
        given = (await conversations.turn(db, key_id, conversation_id, turn_id)).feedback
    return Feedback.model_validate(given)


@router.get(
    "/datasets/{dataset_id}/feedback",
    response_class=Response,
    **guarded(Permission.AUDIT, DatasetNotFound, RateLimited),
)
async def feedback_of_dataset(dataset_id: UUID, tenant: CallersTenant) -> Response:
    """Questions of all keys whose right sources are known by feedback, as JSON Lines for `evaluate`: the newest 300.

    `{"question", "relevant": {document_ref: grade}}`: 2 for what was said to answer best, 1 for what an answer cites
    that was found good. A document without a ref is named by its id.
    """
    async with tenant.transaction() as db:
        await datasets.dataset(db, dataset_id)
        rows = await queries.questions(db, dataset_id, MOST_QUESTIONS)
    return Response("".join(map(_line, await _as_of_now(tenant, rows))), media_type=NDJSON)


async def _document(db: Db, source: int | UUID | None, citations: Sequence[Mapping[str, Any]]) -> UUID | None:
    """The document that is meant. Raises DocumentNotFound, InvalidRequest."""
    if isinstance(source, int):
        cited = {one["n"]: UUID(one["document_id"]) for one in citations if "document_id" in one}
        if source not in cited:
            detail = "is no number of a citation of this answer."
            raise InvalidRequest(f"/source: {detail}", errors=[{"pointer": "/source", "detail": detail}])
        source = cited[source]
    if source is not None and not await queries.is_there(db, source):
        raise DocumentNotFound
    return source


async def _as_of_now(tenant: Tenant, rows: Sequence[QuestionRow]) -> list[QuestionRow]:
    """The rows; their questions without what is sensitive by the rules of now, which may be stricter than then."""
    rules = await rules_of(tenant)
    return await tenant.context.looking.run(
        tenant.tenant_id, lambda: [QuestionRow(str(without_values(row.question, rules)), row.relevant) for row in rows]
    )


def _line(row: QuestionRow) -> str:
    return json.dumps({"question": row.question, "relevant": dict(row.relevant)}) + "\n"
