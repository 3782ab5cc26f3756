"""Where objects are, as it may be shown: `s3://bucket/key` with tokens for what is sensitive in it."""

from collections.abc import Iterator, Sequence

from sightglass_detect import Settings
from sightglass_scanner.documents.redacting import Redaction
from sightglass_scanner.documents.seeking import add_each
from sightglass_scanner.masking import storable


def addresses(bucket: str, keys: Sequence[str], settings: Settings) -> list[str]:
    """The addresses of objects, redacted, each by itself."""
    redactions = [Redaction(settings) for _ in keys]
    pairs = zip(keys, redactions, strict=True)
    add_each([(name.encode(), one.values) for key, one in pairs for name in names(key)], settings)
    return [address(bucket, key, one) for key, one in zip(keys, redactions, strict=True)]


def address(bucket: str, key: str, redaction: Redaction) -> str:
    """The address of an object, without what is flagged. The redaction has looked at its `names`."""
    return f"s3://{bucket}/{redaction.text(storable(key))}"


def names(key: str) -> Iterator[str]:
    """What is looked through of a key: all of it, each part, and the last one without its ending.

    A slash or an ending may make a value look like none: `ann@example.com.txt`.
    """
    key = storable(key)
    parts = key.split("/")
    told = {key: None, **dict.fromkeys(parts), parts[-1].rpartition(".")[0]: None}
    return (name for name in told if name)
