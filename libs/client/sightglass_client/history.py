"""What was said and what it took: the calls about conversations that there are, feedback on answers, and their sums."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from typing import IO
from urllib.parse import quote

from sightglass_client import download as downloads
from sightglass_client.answer import Answer
from sightglass_client.answers import read
from sightglass_client.connection import Connection
from sightglass_client.conversations import Conversation, Feedback, Turn
from sightglass_client.session import segment


class Latency(Answer):
    """From when a question was put, in milliseconds."""

    p50_ms: float
    p95_ms: float


class UsageSum(Answer):
    """What some answers took together. name: what they have in common; None for none. cost: as prices are reckoned."""

    name: str | None = None
    answers: int = 0
    answered: int = 0
    generated: int = 0
    retrieved: int = 0
    withheld: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    unsettled_tokens: int = 0
    cost: Decimal = Decimal(0)
    first_event: Latency | None = None
    whole: Latency | None = None


class Analytics(Answer):
    """Sums of the ledger of answers."""

    group: str
    begin: str
    end: str
    items: tuple[UsageSum, ...] = ()
    total: UsageSum


class History(Connection):
    """The part of `Sightglass` that is about what was said."""

    def conversations(self, *, page_size: int = 50) -> Iterator[Conversation]:
        """The conversations of this key, newest first, fetched page by page."""
        return self._session.each(Conversation, "/v1/conversations", limit=page_size)

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation."""
        return self._session.get_as(Conversation, _path(conversation_id))

    def turns(self, conversation_id: str, *, page_size: int = 200) -> Iterator[Turn]:
        """What was asked and answered, in its order, fetched page by page."""
        return self._session.each(Turn, f"{_path(conversation_id)}/turns", limit=page_size)

    def rename_conversation(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation another title."""
        return read(Conversation, self._session.patch(_path(conversation_id), {"title": title}))

    def delete_conversation(self, conversation_id: str) -> None:
        """Remove a conversation with all that was said in it."""
        self._session.delete(_path(conversation_id))

    def export_conversation(self, conversation_id: str, kind: str, out: IO[bytes]) -> int:
        """Write all that was said to a file, as it comes; how many bytes. kind: jsonl or md.

        Raises TransferFailed when the transfer was cut: what is written then is not whole.
        """
        return downloads.export(self._session, f"{_path(conversation_id)}/export?format={quote(kind)}", out)

    def give_feedback(
        self, conversation_id: str, turn_id: str, thumb: str, *, source: str | int | None = None, note: str = ""
    ) -> Feedback:
        """Say how good an answer is: `up` or `down`. source: a citation's number, or a document's id."""
        path = f"{_path(conversation_id)}/turns/{segment(turn_id)}/feedback"
        body = {"thumb": thumb, "source": source, "note": note}
        return read(Feedback, self._session.post(path, body, repeatable=True))

    def feedback_questions(self, dataset_id: str) -> list[Mapping[str, object]]:
        """Questions whose right sources are known by feedback, each as `evaluate` takes it."""
        out = BytesIO()
        downloads.export(self._session, f"/v1/datasets/{segment(dataset_id)}/feedback", out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def analytics(self, group: str = "day", *, begin: str | None = None, end: str | None = None) -> Analytics:
        """What answers took. group: day, bot, key or provider. begin, end: days of UTC; default, the last thirty."""
        days = {"from": begin, "to": end}
        wanted = {"group": group, **{name: day for name, day in days.items() if day is not None}}
        return read(Analytics, self._session.get("/v1/analytics", wanted))


def _path(conversation_id: str) -> str:
    return f"/v1/conversations/{segment(conversation_id)}"
