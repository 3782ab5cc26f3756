"""Whether all of a film was seen, by what its header claims."""

from typing import Final

# Fewer frames than this share of the header's are a film that ends early; edit lists and
# players' rounding explain a little less.
FRAMES_SHARE: Final = 0.98
# Where the header counts no frames its length stands in, which may be the sound's.
LENGTH_SHARE: Final = 0.9


def missing(
    *, bad_packets: int, frames: int, expected_frames: int, duration_us: int, expected_us: int | None
) -> str | None:
    """Why a result is partial: `bad_packets` or `ends_early`; None when it is whole.

    expected_frames, expected_us: what the header claims; 0 and None where it claims nothing.
    """
    if bad_packets:
        return "bad_packets"
    if expected_frames:
        return "ends_early" if frames < FRAMES_SHARE * expected_frames else None
    short = expected_us is not None and duration_us < LENGTH_SHARE * expected_us
    return "ends_early" if short else None
