"""Every queue, declared once: what it carries and how long a consumer may hold a message."""

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sightglass_common.messages import (
    AnalyzeRange,
    AnalyzeVideo,
    AnswerTurn,
    DeleteContent,
    IndexContent,
    ListPage,
    Message,
    ReadDataset,
    ReadImage,
    RevealFinding,
    ScanBatch,
    ScanSource,
    ScanTexts,
    SyncPrefix,
    TryProvider,
)

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Queue(Generic[M]):
    """A standard queue that carries one type of message, with its dead-letter queue.

    visibility_timeout_s: how long a received message stays hidden; heartbeats extend it, so it is also the
        longest time until the message of a killed consumer is delivered again.
    max_receives: SQS itself moves a message to the dead-letter queue after so many receives. It is the net below our
        own count of attempts, so it is higher: a deploy or a throttle costs a receive, but not an attempt.
    """

    name: str
    message: type[M]
    visibility_timeout_s: int = 30
    max_receives: int = 20

    @property
    def dead_letters(self) -> str:
        """Name of the dead-letter queue."""
        return f"{self.name}-dlq"


VIDEO_ANALYSES: Final = Queue("video-analyses", AnalyzeVideo)
VIDEO_RANGES: Final = Queue("video-ranges", AnalyzeRange)
SCAN_LISTINGS: Final = Queue("scan-listings", ListPage)
SCAN_BATCHES: Final = Queue("scan-batches", ScanBatch)
TEXTS_TO_SCAN: Final = Queue("texts-to-scan", ScanTexts)
IMAGES_TO_READ: Final = Queue("images-to-read", ReadImage)
SOURCES_TO_SCAN: Final = Queue("sources-to-scan", ScanSource)
CONTENTS_TO_INDEX: Final = Queue("contents-to-index", IndexContent)
DATASETS_TO_READ: Final = Queue("datasets-to-read", ReadDataset)
PREFIXES_TO_SYNC: Final = Queue("prefixes-to-sync", SyncPrefix)
CONTENTS_TO_DELETE: Final = Queue("contents-to-delete", DeleteContent)
CHAT_TURNS: Final = Queue("chat-turns", AnswerTurn)

FINDING_REVEALS: Final = Queue("finding-reveals", RevealFinding)
PROVIDER_TESTS: Final = Queue("provider-tests", TryProvider)

QUEUES: Final[tuple[Queue[Any], ...]] = (
    VIDEO_ANALYSES,
    VIDEO_RANGES,
    SCAN_LISTINGS,
    SCAN_BATCHES,
    TEXTS_TO_SCAN,
    IMAGES_TO_READ,
    SOURCES_TO_SCAN,
    CONTENTS_TO_INDEX,
    DATASETS_TO_READ,
    PREFIXES_TO_SYNC,
    CONTENTS_TO_DELETE,
    CHAT_TURNS,
    FINDING_REVEALS,
    PROVIDER_TESTS,
)
BY_NAME: Final = {queue.name: queue for queue in QUEUES}
