"""Times as WebVTT writes them."""


def timecode(ms: int) -> str:
    """`hh:mm:ss.mmm` of a time in milliseconds, of as many hours as there are."""
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
