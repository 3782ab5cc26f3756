"""What carries messages between the worker and its decoders and engines."""

from typing import Final

from sightglass_common.sandbox.wire import Wire

# The largest JSON is a sprite sheet's WebVTT (about 8 kB), the largest blob a picture.
WIRE: Final = Wire(json_bytes=256 * 1024, blob_bytes=8 * 1024 * 1024)
