"""The background of a picture, from pictures before and after it, and what differs from it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sightglass_worker.domain.motion.camera import middle
from sightglass_worker.domain.motion.maps import Camera, Luma, warped

# Differences of luma (of 255) that are noise in any film, and how many deviations of this one's.
_LEAST: Final = 7.0
_DEVIATIONS: Final = 3.5
# By how many samples the camera may be mistaken where it moves.
_MISTAKEN: Final = 0.3


def evidence(now: Luma, others: Sequence[tuple[Luma, Camera]]) -> Luma:
    """How `now` differs from its background: 1 and more where it does. others: four, each with its map from `now`.

    The background is the median of the five: whatever is at a place in at most two of them is not in it.
    """
    seen = [now, *(_as_seen(now, luma, camera) for luma, camera in others)]
    background = _median_of_five(*seen)
    plain = np.abs(now - background)
    # What its neighbours do not share is noise; what it does not share with them is their blur.
    apart = np.minimum(_blurred(plain), 2 * plain)
    noise = middle(apart[::3, ::3])
    if any(not camera.still(now.shape) for _, camera in others):
        apart -= _MISTAKEN * _steepness(background)
    return apart * np.float32(1 / (_LEAST + _DEVIATIONS * noise))


def _as_seen(now: Luma, luma: Luma, camera: Camera) -> Luma:
    """`luma` as seen from `now`; where it shows nothing, `now` itself, so that nothing differs there."""
    seen, rows, columns = warped(luma, camera)
    if seen is luma:
        return luma
    whole = now.copy()
    whole[rows, columns] = seen[rows, columns]
    return whole


def _median_of_five(a: Luma, b: Luma, c: Luma, d: Luma, e: Luma) -> Luma:
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), e))


def _blurred(luma: Luma) -> Luma:
    """Mean of three by three; at the edges as it is."""
    out = luma.copy()
    out[1:-1] += luma[:-2] + luma[2:]
    out[1:-1] /= 3
    across = out.copy()
    across[:, 1:-1] += out[:, :-2] + out[:, 2:]
    across[:, 1:-1] /= 3
    return across


def _steepness(luma: Luma) -> Luma:
    """The largest step of luma from each sample to one beside, above or below it."""
    out = np.zeros_like(luma)
    across, down = np.abs(luma[:, 1:] - luma[:, :-1]), np.abs(luma[1:] - luma[:-1])
    np.maximum(out[:, 1:], across, out=out[:, 1:])
    np.maximum(out[:, :-1], across, out=out[:, :-1])
    np.maximum(out[1:], down, out=out[1:])
    np.maximum(out[:-1], down, out=out[:-1])
    return out
