"""What a search may be narrowed to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True)
class Filters:
    """Segments that pass all that is not None.

    from_us, to_us: microseconds of a video, of which a segment has some after the first and before the second; a
    segment of no video has none. metadata: what the document's has to hold.
    """

    document_ids: Sequence[UUID] | None = None
    document_refs: Sequence[str] | None = None
    source_ids: Sequence[UUID] | None = None
    video_ids: Sequence[UUID] | None = None
    from_us: int | None = None
    to_us: int | None = None
    metadata: Mapping[str, Any] | None = None

    def values(self) -> dict[str, Any]:
        """As the statement takes them."""
        return {
            "document_ids": _listed(self.document_ids),
            "document_refs": _listed(self.document_refs),
            "source_ids": _listed(self.source_ids),
            "video_ids": None if self.video_ids is None else [str(one) for one in self.video_ids],
            "from_us": self.from_us,
            "to_us": self.to_us,
            "metadata": None if self.metadata is None else Jsonb(dict(self.metadata)),
        }


def _listed(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
