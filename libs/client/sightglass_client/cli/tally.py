"""What became of the documents that came with a file."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sightglass_client.cli import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sightglass_client.datasets import Document


@dataclass(frozen=True)
class Tally:
    """How many documents; skipped and partly by reason. redactions: values that were replaced in all of them."""

    total: int = 0
    ready: int = 0
    skipped: dict[str, int] = field(default_factory=dict[str, int])
    partly: dict[str, int] = field(default_factory=dict[str, int])
    failed: int = 0
    redactions: int = 0

    @property
    def whole(self) -> bool:
        """Whether all of each can be found."""
        return not (self.skipped or self.partly or self.failed)

    def cells(self) -> dict[str, str]:
        """What a table shows of it."""
        return {
            "documents": str(self.total),
            "ready": str(self.ready),
            "skipped": text.counts(self.skipped),
            "partly": text.counts(self.partly),
            "failed": str(self.failed or ""),
            "redactions": str(self.redactions),
        }


def tallies(documents: "Iterable[Document]", source_ids: "Sequence[str]") -> list[Tally]:
    """Count documents by the source that they came with, in the sources' order."""
    of_source: dict[str, list[Document]] = {source_id: [] for source_id in source_ids}
    for document in documents:
        of_source[document.source_id].append(document)
    return [_tally(of_source[source_id]) for source_id in source_ids]


def _tally(documents: "Sequence[Document]") -> Tally:
    states = Counter(document.status for document in documents)
    skipped = Counter(document.reason or "unknown" for document in documents if document.status == "skipped")
    partly = Counter(document.reason for document in documents if document.status != "skipped" and document.reason)
    redactions = sum(document.redactions for document in documents)
    return Tally(len(documents), states["ready"], dict(skipped), dict(partly), states["failed"], redactions)
