"""Rows of conversations as clients see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sightglass_api.conversations.queries import ConversationRow, TurnRow
from sightglass_api.conversations.schemas import Citation, Conversation, DeletedCitation, Turn, Usage
from sightglass_api.feedback.schemas import Feedback
from sightglass_api.jobs.rules import error_of
from sightglass_api.jobs.schemas import JobStatus
from sightglass_common.errors import Cancelled


def conversation_of(row: ConversationRow) -> Conversation:
    """A conversation."""
    ids = None if row.dataset_ids is None else list(row.dataset_ids)
    return Conversation(
        conversation_id=row.conversation_id,
        title=row.title,
        bot_id=row.bot_id,
        bot_version=row.bot_version,
        dataset_ids=ids,
        created_at=row.created_at,
    )


def turn_of(row: TurnRow, citations: Sequence[Mapping[str, Any]]) -> Turn:
    """A turn. citations: its own, with pictures."""
    return Turn(
        turn_id=row.turn_id,
        question=row.question,
        status=JobStatus(row.status),
        answered=row.answered,
        answer=row.answer,
        generated=bool(row.usage and row.usage["generated"]),
        usage=None if row.usage is None else Usage.model_validate(row.usage),
        citations=[_citation(one) for one in citations],
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
        feedback=None if row.feedback is None else Feedback.model_validate(row.feedback),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _citation(stored: Mapping[str, Any]) -> Citation | DeletedCitation:
    return (DeletedCitation if "deleted" in stored else Citation).model_validate(stored)


def error_of_turn(row: TurnRow) -> dict[str, Any]:
    """What ends the stream of a turn that has no answer."""
    error = error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable)
    if error is None:
        return {"code": Cancelled.code, "detail": Cancelled.title(), "retryable": False}
    return {"code": error.code, "detail": error.detail, "retryable": error.retryable}
