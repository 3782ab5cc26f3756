"""Calls about what people ask of their documents: datasets, documents, search, and conversations."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from sightglass_client.answering import Answering
from sightglass_client.answers import read
from sightglass_client.conversations import Conversation, StartedTurn, Turn, TurnEvent
from sightglass_client.datasets import (
    Dataset,
    DatasetVideo,
    Document,
    Evaluation,
    Found,
    IndexingBegun,
    ReadingBegun,
    SourceFile,
    VideosBegun,
)
from sightglass_client.errors import ApiError, NoSuchDataset
from sightglass_client.prefixes import Prefixes
from sightglass_client.session import segment
from sightglass_client.upload import Progress, Uploader, documents_of


class Corpus(Prefixes):
    """The part of `Sightglass` that is about documents, and answers from them."""

    # --- datasets

    def create_dataset(self, name: str, *, language: str = "en", description: str = "") -> Dataset:
        """Make a dataset. language: ISO 639-1 of most of its documents, or `simple`."""
        body = {"name": name, "language": language, "description": description}
        return read(Dataset, self._session.post("/v1/datasets", body))

    def datasets(self, *, page_size: int = 50) -> Iterator[Dataset]:
        """Datasets, newest first, fetched page by page."""
        return self._session.each(Dataset, "/v1/datasets", limit=page_size)

    def dataset(self, name_or_id: str) -> Dataset:
        """One dataset, by its id or else by its name. Raises NoSuchDataset."""
        if _is_id(name_or_id):
            try:
                return self._session.get_as(Dataset, f"/v1/datasets/{segment(name_or_id)}")
            except ApiError as error:
                if error.code != "dataset_not_found":
                    raise
        found = next((one for one in self.datasets(page_size=200) if one.name == name_or_id), None)
        if found is None:
            raise NoSuchDataset(f"There is no dataset {name_or_id!r}.", hint="`sightglass datasets` lists them.")
        return found

    def delete_dataset(self, dataset_id: str) -> None:
        """Delete a dataset: from now on nothing of it is found."""
        self._session.delete(f"/v1/datasets/{segment(dataset_id)}")

    def add_document(
        self, dataset_id: str, path: str | os.PathLike[str], on_progress: Progress | None = None
    ) -> IndexingBegun:
        """Upload a file to a dataset: one document, or of JSON Lines one of each line; and begin to index it.

        on_progress: told (bytes sent, bytes in all). A cut upload goes on at the next call.
        Raises SourceUnreadable, SourceChanged and TransferFailed besides.
        """
        target = documents_of(dataset_id)
        return Uploader(self._session, Path(path), target, states=self._states, on_progress=on_progress).run()

    def documents(
        self, dataset_id: str, *, status: str | None = None, source_id: str | None = None, page_size: int = 200
    ) -> Iterator[Document]:
        """The documents of a dataset, newest first, fetched page by page. source_id: of the file they came with."""
        given = {"status": status, "source_id": source_id}
        wanted = {name: value for name, value in given.items() if value}
        path = f"{_dataset(dataset_id)}/documents"
        return self._session.each(Document, path, wanted or None, limit=page_size)

    def document(self, dataset_id: str, document_id: str) -> Document:
        """One document."""
        return self._session.get_as(Document, f"/v1/datasets/{segment(dataset_id)}/documents/{segment(document_id)}")

    def documents_of(self, dataset_id: str, begun: Sequence[IndexingBegun]) -> Iterator[Document]:
        """The documents that came with some files."""
        for one in begun:
            yield from self.documents(dataset_id, source_id=one.source_id)

    def delete_document(self, dataset_id: str, document_id: str) -> None:
        """Delete a document, with its file if it is all of that: from now on nothing of it is found."""
        self._session.delete(f"{_dataset(dataset_id)}/documents/{segment(document_id)}")

    def reindex(self, dataset_id: str, document_id: str | None = None) -> ReadingBegun:
        """Have a document's file read anew; without a document, all files of the dataset."""
        of = f"/documents/{segment(document_id)}" if document_id else ""
        return read(ReadingBegun, self._session.post(f"{_dataset(dataset_id)}{of}/reindex"))

    def sources(self, dataset_id: str, *, page_size: int = 200) -> Iterator[SourceFile]:
        """The files of a dataset, newest first, fetched page by page."""
        return self._session.each(SourceFile, f"{_dataset(dataset_id)}/sources", limit=page_size)

    def delete_source(self, dataset_id: str, source_id: str) -> None:
        """Delete a file with its documents: from now on nothing of them is found."""
        self._session.delete(f"{_dataset(dataset_id)}/sources/{segment(source_id)}")

    def add_videos(self, dataset_id: str, video_ids: Sequence[str] | None = None) -> VideosBegun:
        """Have a dataset hold videos; None: all of the tenant's, also those to come."""
        videos = "all" if video_ids is None else list(video_ids)
        path = f"/v1/datasets/{segment(dataset_id)}/videos"
        return read(VideosBegun, self._session.post(path, {"videos": videos}, repeatable=True))

    def remove_video(self, dataset_id: str, video_id: str) -> None:
        """Take a video out of a dataset: from now on nothing of it is found there."""
        self._session.delete(f"/v1/datasets/{segment(dataset_id)}/videos/{segment(video_id)}")

    def dataset_videos(self, dataset_id: str, *, page_size: int = 200) -> Iterator[DatasetVideo]:
        """The videos that a dataset holds, newest first, fetched page by page."""
        return self._session.each(DatasetVideo, f"/v1/datasets/{segment(dataset_id)}/videos", limit=page_size)

    # --- questions

    def search(
        self,
        query: str,
        *,
        dataset_ids: Sequence[str] | None = None,
        k: int = 10,
        filters: Mapping[str, object] | None = None,
    ) -> Found:
        """Find the `k` parts of documents that answer best. dataset_ids: default, all of the tenant's.

        filters: what they have to be of, as the API names it: document_refs, video_ids, from_us, to_us and others.
        """
        body = {"query": query, "k": k, **_of(dataset_ids), **({"filters": filters} if filters else {})}
        return read(Found, self._session.post("/v1/search", body, repeatable=True))

    def evaluate(self, dataset_id: str, questions: Sequence[Mapping[str, object]]) -> Evaluation:
        """Try how well a dataset is searched. questions: each `{"question", "relevant": {document_ref: grade}}`."""
        path = f"/v1/datasets/{segment(dataset_id)}/evaluate"
        return read(Evaluation, self._session.post(path, {"questions": list(questions)}, repeatable=True))

    def start_conversation(
        self, *, dataset_ids: Sequence[str] | None = None, bot_id: str | None = None
    ) -> Conversation:
        """Begin a conversation. dataset_ids: what it is answered from; default, the bot's, or all of the tenant's."""
        bot = {} if bot_id is None else {"bot_id": bot_id}
        return read(Conversation, self._session.post("/v1/conversations", _of(dataset_ids) | bot))

    def start_turn(self, conversation_id: str, question: str) -> StartedTurn:
        """Put a question."""
        path = f"/v1/conversations/{segment(conversation_id)}/turns"
        return read(StartedTurn, self._session.post(path, {"question": question}))

    def turn(self, conversation_id: str, turn_id: str) -> Turn:
        """One turn as it is now."""
        return self._session.get_as(Turn, _turn(conversation_id, turn_id))

    def follow_turn(self, conversation_id: str, turn_id: str, *, timeout: float | None = None) -> Iterator[TurnEvent]:
        """The answer as it comes. A cut stream goes on where it stopped.

        timeout: seconds, after which WaitTimedOut is raised. Raises AnswerFailed.
        """
        return iter(Answering(self._session, _turn(conversation_id, turn_id), timeout_s=timeout))

    def ask(self, question: str, *, dataset_ids: Sequence[str] | None = None, timeout: float | None = None) -> Turn:
        """Put one question and wait for its answer; dataset_ids and timeout as above."""
        conversation = self.start_conversation(dataset_ids=dataset_ids)
        started = self.start_turn(conversation.conversation_id, question)
        for _ in self.follow_turn(conversation.conversation_id, started.turn_id, timeout=timeout):
            pass
        return self.turn(conversation.conversation_id, started.turn_id)


def _of(dataset_ids: Sequence[str] | None) -> dict[str, object]:
    return {} if dataset_ids is None else {"dataset_ids": list(dataset_ids)}


def _dataset(dataset_id: str) -> str:
    return f"/v1/datasets/{segment(dataset_id)}"


def _turn(conversation_id: str, turn_id: str) -> str:
    return f"/v1/conversations/{segment(conversation_id)}/turns/{segment(turn_id)}"


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
