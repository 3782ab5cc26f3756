"""The one-second video that /health/analysis-pipeline sends through the system: one_second.mp4 beside this file.

64x64, 24 frames a second, half a second of red, half a second of blue: two scenes. Made with PyAV 18.1 by

    with av.open("one_second.mp4", "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=24)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "30", "x264-params": "threads=1"}
        for number in range(24):
            colour = (200, 40, 40) if number < 12 else (30, 60, 210)
            pixels = np.full((64, 64, 3), colour, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
"""

from importlib.resources import files
from typing import Final

FILENAME: Final = "one_second.mp4"
CONTENT_TYPE: Final = "video/mp4"


def one_second() -> bytes:
    """The file."""
    return files(__package__ or __name__).joinpath(FILENAME).read_bytes()
