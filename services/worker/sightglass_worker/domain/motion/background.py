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
    if seen is not luma:
        for edge in (slice(rows.start), slice(rows.stop, None)):
            seen[edge] = now[edge]
        for edge in (slice(columns.start), slice(columns.stop, None)):
            seen[:, edge] = now[:, edge]
    return seen


def _median_of_five(a: Luma, b: Luma, c: Luma, d: Luma, e: Luma) -> Luma:
    low, other = np.minimum(a, b), np.minimum(c, d)
    np.maximum(low, other, out=low)
    high = np.maximum(a, b)
    np.minimum(high, np.maximum(c, d, out=other), out=high)
    np.maximum(low, high, out=other)
    np.minimum(low, high, out=low)
    return np.maximum(low, np.minimum(other, e, out=other), out=low)


def _blurred(luma: Luma) -> Luma:
    """Mean of three by three; at the edges as it is."""
    down = luma.copy()
    down[1:-1] += luma[:-2] + luma[2:]
    down[1:-1] /= 3
    out = down.copy()
    # All rows as one, which is done faster than row by row; their ends are set right afterwards.
    whole, row = out.ravel(), down.ravel()
    whole[1:-1] += row[:-2] + row[2:]
    whole[1:-1] /= 3
    out[:, 0], out[:, -1] = down[:, 0], down[:, -1]
    return out


def _steepness(luma: Luma) -> Luma:
    """The largest step of luma from each sample to one beside, above or below it."""
    out = np.zeros(luma.shape, np.float32)
    # All rows as one, as above. From the end of one to the beginning of the next is no step.
    whole, row = out.ravel(), luma.ravel()
    across = row[1:] - row[:-1]
    across[luma.shape[1] - 1 :: luma.shape[1]] = 0
    np.abs(across, out=across)
    whole[1:] = across
    np.maximum(whole[:-1], across, out=whole[:-1])
    down = luma[1:] - luma[:-1]
    np.abs(down, out=down)
    np.maximum(out[1:], down, out=out[1:])
    np.maximum(out[:-1], down, out=out[:-1])
    return out
