"""The order in which decoded frames are given out, and how many are held."""

from collections.abc import Iterator

import av
import pytest

from sightglass_worker.decode.frames import in_bursts


@pytest.mark.parametrize(("width", "height", "held"), [(64, 36, 8), (1920, 1080, 8), (3840, 2160, 3), (7680, 4320, 1)])
def test_frames_keep_their_order_and_few_are_held_at_once(width: int, height: int, held: int) -> None:
    decoded: list[int] = []

    def frames() -> Iterator[av.VideoFrame]:
        for number in range(19):
            frame = av.VideoFrame(width, height, "gray")
            frame.pts = number
            decoded.append(number)
            yield frame

    given, most = list[int | None](), 0
    for frame in in_bursts(frames()):
        most = max(most, len(decoded) - len(given))
        given.append(frame.pts)
    assert given == list(range(19))
    assert most == held
