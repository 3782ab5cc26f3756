"""What the API answers of datasets, their documents and the search of them, typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sightglass_client.answer import Answer
from sightglass_client.places import place_of


class Dataset(Answer):
    """Documents that are searched, and answered from, together.

    segments: how many parts of them can be found. withheld: how many documents are not searched until they are read
    anew, as more is looked for than when they were redacted. all_videos: whether it holds the tenant's videos, also
    those to come.
    """

    dataset_id: str
    name: str
    description: str = ""
    language: str = "en"
    all_videos: bool = False
    documents: int = 0
    segments: int = 0
    withheld: int = 0
    created_at: datetime


class Document(Answer):
    """A document of a dataset.

    document_ref: the caller's own id. reason: why it was skipped, or that it was read only partly. redactions: how many
    values were replaced before anything was indexed. withheld: whether it is not searched until it is read anew, for
    withheld_reason.
    """

    document_id: str
    dataset_id: str
    source_id: str
    document_ref: str | None = None
    title: str = ""
    metadata: Mapping[str, Any] = {}
    status: str
    reason: str | None = None
    detail: str = ""
    redactions: int = 0
    segments: int = 0
    withheld: bool = False
    withheld_reason: str | None = None
    created_at: datetime
    indexed_at: datetime | None = None


class SourceFile(Answer):
    """A file that documents came with. state: of its job, or `deleting`. documents: those that it has the newest of."""

    source_id: str
    dataset_id: str
    job_id: str
    filename: str
    content_type: str = ""
    size_bytes: int = 0
    state: str
    documents: int = 0
    ready: int = 0
    skipped: int = 0
    withheld: int = 0
    created_at: datetime


class ReadingBegun(Answer):
    """What is read anew."""

    job_id: str


class IndexingBegun(Answer):
    """What the upload of documents has begun. document_ids: none of JSON Lines, whose lines are documents each."""

    source_id: str
    job_id: str
    document_ids: tuple[str, ...] = ()


class VideosBegun(Answer):
    """What the adding of videos has begun."""

    source_id: str
    job_id: str


class DatasetVideo(Answer):
    """A video that a dataset holds. status: `waiting` until an exact analysis of it was read."""

    video_id: str
    filename: str
    status: str
    reason: str | None = None
    document_id: str | None = None
    analysis_id: str | None = None
    segments: int = 0


class SegmentScores(Answer):
    """What each side of a search gave a segment; None where it is not among that side's best."""

    words: float | None = None
    vectors: float | None = None


class Source(Answer):
    """A part of a document. document_ref: the caller's own id of it. origin: of an object of a prefix its address."""

    segment_id: str
    dataset_id: str
    document_id: str
    document_ref: str | None = None
    title: str = ""
    origin: str | None = None
    locator: Mapping[str, Any] = {}

    @property
    def document(self) -> str:
        """What the document is called."""
        return self.origin or self.title or self.document_ref or self.document_id

    @property
    def place(self) -> str:
        """Where in the document it begins, in words."""
        # A part begins with a line, or a sentence of one: its column says nothing.
        return place_of({name: value for name, value in self.locator.items() if name != "column"})

    @property
    def name(self) -> str:
        """The document and the place: `travel.md, line 3`, `clip.mp4 0:12-0:18`."""
        between = " " if self.locator.get("kind") == "video" else ", "
        return between.join(filter(None, (self.document, self.place)))


class SearchResult(Source):
    """What a search has found. score: 0 to 1, of this search alone."""

    score: float
    scores: SegmentScores = SegmentScores()
    text: str


class Found(Answer):
    """What a search has found, the best first. query: as it was searched for, without what is sensitive in it.

    vectors: False where words alone decided. withheld: how many documents were not looked at.
    """

    query: str
    vectors: bool = True
    withheld: int = 0
    results: tuple[SearchResult, ...] = ()


class Quality(Answer):
    """How well one way of searching does, the mean of all questions; latency is of the search alone."""

    ndcg_at_10: float
    recall_at_10: float
    p50_ms: float
    p95_ms: float


class Evaluation(Answer):
    """How well a dataset is searched. vectors, both: None where no embedding model is installed.

    missing: relevant documents that the dataset does not have.
    """

    questions: int
    words: Quality
    vectors: Quality | None = None
    both: Quality | None = None
    missing: int = 0
