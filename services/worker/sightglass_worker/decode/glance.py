"""Whether a film is worth fetching, by little reading whatever its size."""

from sightglass_common.video_errors import (
    CorruptContainer,
    NoVideoStream,
    ProcessorLimit,
    UnsupportedCodec,
    VideoTooLong,
)
from sightglass_worker.decode.boxes import LostError, index_range
from sightglass_worker.decode.glance_file import GlanceFile
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.probe import probe
from sightglass_worker.decode.results import Glance
from sightglass_worker.decode.sniff import BOXES, HEAD_BYTES, says_length


def glance(source: GlanceFile, limits: Limits) -> Glance:
    """Find out what a film is, as far as that takes no more reading than a GlanceFile gives.

    Raises what probe raises, but only of what was read: where something was not, and may make it a film that can be
    analysed, it is for those to refuse who have all of it.
    """
    try:
        found = probe(source, limits)
    except (CorruptContainer, NoVideoStream, UnsupportedCodec):
        if not source.is_cut or _is_lost(source):
            raise
        return Glance(None, None)
    except (VideoTooLong, ProcessorLimit):
        # Without its end, the length of what has no header for it is guessed from its size.
        if not source.is_cut or says_length(source.held(0, HEAD_BYTES)):
            raise
        return Glance(None, None)
    return Glance(found.duration_us, None if source.is_cut else found)


def _is_lost(source: GlanceFile) -> bool:
    """Whether it is an MP4 that has no index: all of it is found by that."""
    if source.held(4, 4) not in BOXES:
        return False
    try:
        index_range(source.held, source.size_bytes)
    except LostError:
        return True
    return False
