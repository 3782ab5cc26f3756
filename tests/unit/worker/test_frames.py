"""The order in which decoded frames are given out, and how many are held."""

from collections.abc import Iterator

import av
import pytest

from sightglass_worker.decode.frames import in_bursts


@pytest.mark.parametrize(
    ("width", "height", "held"), [(64, 36, 16), (1920, 1080, 16), (3840, 2160, 4), (7680, 4320, 1)]
)
def test_frames_keep_their_order_and_few_are_held_at_once(width: int, height: int, held: int) -> None:
    decoded: list[int] = []

    def frames() -> Iterator[av.VideoFrame]:
        for number in range(39):
            frame = av.VideoFrame(width, height, "gray")
            frame.pts = number
            decoded.append(number)
            yield frame

    given, most = list[int | None](), 0
    for burst in in_bursts(frames()):
        most = max(most, len(decoded) - len(given))
        given += [frame.pts for frame in burst]
    assert given == list(range(39))
    assert most == held
