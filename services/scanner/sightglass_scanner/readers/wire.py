"""What carries messages between the scanner and the child that reads."""

from typing import Final

from sightglass_common.sandbox.wire import Wire

# A piece of text is at most some MiB, and so is what is read of a source at once.
WIRE: Final = Wire(json_bytes=4 * 1024 * 1024, blob_bytes=32 * 1024 * 1024)
