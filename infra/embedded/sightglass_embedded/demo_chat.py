"""Documents and questions through the client library: indexed, asked, and the answers held against the documents."""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sightglass_client.cli.progress import progress
from sightglass_client.client import Sightglass
from sightglass_client.conversations import Retrieval, Turn, TurnEvent
from sightglass_client.datasets import Document, IndexingBegun
from sightglass_embedded.demo_handbook import Question

_NAME: Final = "Handbook of the demo"
_TIMEOUT_S: Final = 120.0
_WIDTH: Final = 120  # where there is no terminal


@dataclass(frozen=True, slots=True)
class _Answered:
    """A question at its end, and all that came on the way."""

    turn: Turn
    events: Sequence[TurnEvent]

    @property
    def all(self) -> str:
        """Everything that was told of it."""
        return "\n".join(one.model_dump_json() for one in (*self.events, self.turn))

    @property
    def nearest(self) -> list[str]:
        """What it was looked for in."""
        return [one.name for event in self.events if isinstance(event, Retrieval) for one in event.results]


def asked(
    files: Mapping[str, bytes], questions: Sequence[Question], planted: Sequence[str], *, url: str, api_key: str
) -> list[dict[str, Any]]:
    """Make a dataset of documents, ask questions and print the answers. Blocks.

    Returns what demo.json holds about each question. It is no `hit` where the expected source is not cited, the answer
    does not say what stands there, or one of the planted values is in anything that was answered.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    with Sightglass(url, api_key) as client:
        dataset_id, ids = _indexed(client, console, files)
        turns = [_answered(client, dataset_id, question) for question in questions]
    return [_result(console, question, ids, told, planted) for question, told in zip(questions, turns, strict=True)]


def leaked(told: str, planted: Iterable[str]) -> list[str]:
    """The planted values that a text has, however they are written in it."""
    letters = _letters(told)
    return [value for value in planted if _letters(value) in letters]


def _indexed(client: Sightglass, console: Console, files: Mapping[str, bytes]) -> tuple[str, dict[str, str]]:
    """The dataset with all videos too, and the ids of its documents by their file's name or their own id."""
    for old in client.datasets():
        if old.name == _NAME:  # of an earlier run
            client.delete_dataset(old.dataset_id)
    dataset_id = client.create_dataset(_NAME).dataset_id
    begun = _uploaded(client, dataset_id, files)
    client.wait(client.add_videos(dataset_id).job_id, timeout=_TIMEOUT_S)
    found = list(client.documents(dataset_id))
    console.print(f"{_NAME}: {_summary(files, found)}", markup=False)
    records = {document.document_ref: document.document_id for document in found if document.document_ref}
    videos = {document.title: document.document_id for document in found}
    return dataset_id, videos | records | {name: one.document_ids[0] for name, one in begun.items() if one.document_ids}


def _uploaded(client: Sightglass, dataset_id: str, files: Mapping[str, bytes]) -> dict[str, IndexingBegun]:
    """Upload all, then wait for all; they are worked on meanwhile."""
    with tempfile.TemporaryDirectory() as folder, progress(quiet=False) as shown:
        begun: dict[str, IndexingBegun] = {}
        for name, content in files.items():
            path = Path(folder) / name
            path.write_bytes(content)
            begun[name] = client.add_document(dataset_id, path, shown.upload(name))
        for name, indexing in begun.items():
            told = shown.job(name)
            for job in client.watch(indexing.job_id, timeout=_TIMEOUT_S):
                told(job)
    return begun


def _summary(files: Mapping[str, bytes], documents: Sequence[Document]) -> str:
    ready = sum(document.status == "ready" for document in documents)
    replaced = sum(document.redactions for document in documents)
    return f"{len(files)} files, {ready} of {len(documents)} documents ready, {replaced} values replaced in them\n"


def _answered(client: Sightglass, dataset_id: str, question: Question) -> _Answered:
    conversation = client.start_conversation(dataset_ids=[dataset_id])
    started = client.start_turn(conversation.conversation_id, question.text)
    events = list(client.follow_turn(conversation.conversation_id, started.turn_id, timeout=_TIMEOUT_S))
    return _Answered(client.turn(conversation.conversation_id, started.turn_id), events)


def _result(
    console: Console, question: Question, ids: Mapping[str, str], told: _Answered, planted: Sequence[str]
) -> dict[str, Any]:
    missing = _missing(told.turn, ids.get(question.source), question, leaked(told.all, planted))
    _print(console, told, missing)
    return {
        "question": question.text,
        "answer": told.turn.answer,
        "citations": [
            {
                "n": one.n,
                "title": one.title,
                "document_ref": one.document_ref,
                "place": one.place,
                "snippet": one.snippet,
            }
            for one in told.turn.citations
        ],
        "expected_source": question.source,
        "hit": not missing,
    }


def _missing(turn: Turn, expected: str | None, question: Question, leaks: Sequence[str]) -> list[str]:
    there = {
        f"{question.source} among the sources": expected in {one.document_id for one in turn.citations},
        f"{question.says!r} in the answer": question.says in (turn.answer or ""),
        "an answer without planted values": not leaks,
    }
    return [name for name, is_there in there.items() if not is_there]


def _print(console: Console, told: _Answered, missing: Sequence[str]) -> None:
    _say(console, told.turn.question, style="bold", indent=1)
    _say(console, told.turn.answer or f"({told.turn.status})")
    for citation in told.turn.citations:
        _say(console, f"[{citation.n}] {citation.name}", style="cyan")
    for name in missing:
        _say(console, f"missing: {name}", style="red")
    if missing:
        _say(console, f"nearest: {'; '.join(told.nearest) or 'nothing'}", style="red")
    console.print()


def _say(console: Console, words: str, *, style: str = "", indent: int = 3) -> None:
    console.print(Padding(Text(words, style=style), (0, 0, 0, indent), expand=False))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()
