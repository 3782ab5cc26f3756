"""What documents are read from."""

from typing import Final

_RECORD_TYPES: Final = frozenset(
    {"application/jsonl", "application/jsonlines", "application/x-jsonlines", "application/x-ndjson"}
)
_RECORD_SUFFIXES: Final = (".jsonl", ".ndjson")


def holds_records(filename: str, content_type: str) -> bool:
    """Whether an object is JSON Lines, each line a document of its own; else all of it is one."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in _RECORD_TYPES or filename.lower().endswith(_RECORD_SUFFIXES)
