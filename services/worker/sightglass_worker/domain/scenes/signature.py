"""What is kept of a frame to compare it with others, and the two comparisons."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.pixels import Pixels

# Below this deviation of luma (of 255) a picture is one even colour: black with codec noise has
# about 1 to 2, the darkest real scene of the sample films about 8.
FLAT_SPREAD = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """A frame, sampled small: 8 bit samples of luma, then of both chroma planes, in one flat array.

    luma_size: how many of them are luma. columns: of luma.
    centred: luma minus its mean, so that a dot product is a covariance.
    spread: standard deviation of luma, 0 to 127.5.
    """

    samples: Pixels
    luma_size: int
    columns: int
    centred: NDArray[np.float32]
    spread: float

    @property
    def flat(self) -> bool:
        """Whether the frame shows one even colour, such as the black between two fades."""
        return self.spread < FLAT_SPREAD


def signatures(samples: Pixels, luma_size: int, columns: int) -> list[Signature]:
    """Sum frames up by their samples, a row each: `luma_size` of luma first, then those of U and V, if any.

    For a few frames at once, as a call of NumPy costs as much as what it does for one.
    Raises ValueError when there is no luma.
    """
    if not 0 < luma_size <= samples.shape[1]:
        msg = f"{luma_size} samples of luma out of {samples.shape[1]}"
        raise ValueError(msg)
    luma = samples[:, :luma_size]
    centred = luma.astype(np.float32)
    centred -= (np.add.reduce(luma, axis=1, dtype=np.uint32) / luma_size).astype(np.float32)[:, None]
    return [
        Signature(frame, luma_size, columns, light, sqrt(float(light @ light) / luma_size))
        for frame, light in zip(samples, centred, strict=True)
    ]


def difference(a: Signature, b: Signature) -> float:
    """Mean absolute difference of Y, U and V, each plane weighing a third: 0 to 255."""
    # max - min is |a - b| without leaving 8 bits: four times as fast as widening.
    apart = np.maximum(a.samples, b.samples)
    apart -= np.minimum(a.samples, b.samples)
    luma = int(np.add.reduce(apart[: a.luma_size], dtype=np.uint32)) / a.luma_size
    chroma_size = apart.size - a.luma_size
    if chroma_size == 0:
        return luma / 3
    return (luma + 2 * int(np.add.reduce(apart[a.luma_size :], dtype=np.uint32)) / chroma_size) / 3


def unlikeness(a: Signature, b: Signature) -> float:
    """How little of the picture's structure two frames share: 0 (the same) to 1 (nothing).

    One minus the correlation of luma, so a change of brightness or contrast alone counts for
    nothing. Against a flat frame, which has no structure, it is 1; between two flat ones 0.
    """
    if a.flat or b.flat:
        return 0.0 if a.flat and b.flat else 1.0
    return min(1.0, max(0.0, 1.0 - correlation(a, b)))


def correlation(a: Signature, b: Signature) -> float:
    """Correlation of luma, -1 to 1. Neither frame may be of one even value."""
    return float(a.centred @ b.centred) / (a.luma_size * a.spread * b.spread)


def change(a: Signature, b: Signature) -> float:
    """Difference that neither brightness nor compression quality explains: 0 to 255.

    The product of both measures. A flash, a fade step or a key frame of better quality
    differs much but keeps its structure; film grain has other structure but differs little.
    """
    return difference(a, b) * unlikeness(a, b)


def sharpness(luma: Pixels) -> float:
    """Mean absolute step between neighbouring luma samples: higher is sharper. luma: (rows, columns).

    Only to compare frames of one scene with each other: it also grows with contrast and detail.
    """
    if luma.shape[1] < 2:
        return 0.0
    return float(np.abs(np.diff(luma.astype(np.int16), axis=1)).mean())
