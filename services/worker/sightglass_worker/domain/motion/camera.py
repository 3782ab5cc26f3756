"""How the camera moved between two pictures: by a shift and a zoom. How far it rolled is not found."""

from operator import itemgetter
from typing import Final, cast

import numpy as np
from numpy.fft import irfft2, rfft2
from numpy.linalg import solve
from numpy.typing import NDArray

from sightglass_worker.domain.motion.maps import STILL, Camera, Luma, warped

Spectrum = NDArray[np.complex64]

# Differences of luma (of 255) beyond which one more tells nothing more: another thing is there.
_CLIP: Final = 24.0
# A middle difference of luma at which a map explains the picture well.
_WELL: Final = 2.0
# A jump must explain this much, as the peak of two unlike pictures lies anywhere.
_BETTER: Final = 0.8
# Samples: a smaller step is the last. At 0.2 a fifth of the work is saved, and a quarter more regions are told of the
# sample films, which are none.
_SMALLEST_STEP: Final = 0.04
# Squared slope that each place is taken to have besides its own.
_STEADY: Final = 0.5
_REFINEMENTS: Final = 2


def middle(values: Luma) -> float:
    """The upper median. numpy's own loads a module on its first call, which the decoder process may not do."""
    flat = values.ravel()
    return float(np.partition(flat, flat.size // 2)[flat.size // 2])


class CameraFinder:
    """Finds the camera's movement from picture to picture of one size, (rows, columns)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._window = np.outer(np.hanning(shape[0]), np.hanning(shape[1])).astype(np.float32)
        self._shape = shape
        # Every second place of every second row is enough to settle four numbers.
        self._x = np.arange(1, shape[1] - 1, 2, dtype=np.float32)[None] - np.float32((shape[1] - 1) / 2)
        self._y = np.arange(1, shape[0] - 1, 2, dtype=np.float32)[:, None] - np.float32((shape[0] - 1) / 2)
        places = self._x.size * self._y.size
        # As if every place had a little slope and had not moved, so that noise alone moves nothing.
        self._steady = np.diag(_STEADY * places * np.array([1.0, 1.0, shape[0] * shape[1] / 12, 1e-3]))

    def between(self, before: Luma, now: Luma) -> Camera:
        """The map from places of `now` to those of `before`."""
        camera, apart = self._settled(before, now, STILL)
        if apart > _WELL:
            # It may have moved farther than the slopes of a picture tell.
            x, y = self._jump(before, now)
            if _cost(before, now, x, y) < _BETTER * _cost(before, now, 0, 0):
                camera = min((camera, apart), self._settled(before, now, Camera(1.0, x, y)), key=itemgetter(1))[0]
        return STILL if camera.still(now.shape) else camera

    def _settled(self, before: Luma, now: Luma, camera: Camera) -> tuple[Camera, float]:
        """The map refined, and the middle difference before its last step."""
        apart = 0.0
        for _ in range(_REFINEMENTS):
            camera, step, apart = self._refined(before, now, camera)
            if step < _SMALLEST_STEP:
                break
        return camera, apart

    def _jump(self, before: Luma, now: Luma) -> tuple[int, int]:
        """The shift in whole samples, by phase correlation (Kuglin and Hines, 1975)."""
        rows, columns = self._shape
        cross = self._spectrum(before)
        cross *= np.conj(self._spectrum(now))
        cross /= np.abs(cross) + np.float32(1e-3)
        y, x = divmod(int(np.argmax(irfft2(cross, (rows, columns)))), columns)
        return x - columns if 2 * x > columns else x, y - rows if 2 * y > rows else y

    def _spectrum(self, luma: Luma) -> Spectrum:
        # The stubs know of double precision alone.
        return cast("Spectrum", rfft2((luma - luma.mean()) * self._window))

    def _refined(self, before: Luma, now: Luma, camera: Camera) -> tuple[Camera, float, float]:
        """One Gauss-Newton step on the clipped difference, with a change of brightness left free.

        Also how far it moves the farthest place, in samples, and the middle difference before it.
        """
        seen, rows, columns = warped(before, camera)
        # Slopes of both pictures' mean, with which the step is right to the second order
        # (Benhimane and Malis, 2004).
        both = seen + now
        both /= 4
        axes = np.ones((4, self._y.size, self._x.size), np.float32)
        across, down, grow, _ = axes
        np.subtract(both[1:-1:2, 2::2], both[1:-1:2, :-2:2], out=across)
        np.subtract(both[2::2, 1:-1:2], both[:-2:2, 1:-1:2], out=down)
        np.multiply(across, self._x, out=grow)
        grow += down * self._y
        left = now[1:-1:2, 1:-1:2] - seen[1:-1:2, 1:-1:2]
        left -= middle(_half_of(left))
        weight = np.zeros_like(left)
        weight[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2] = 1
        apart = middle(np.abs(_half_of(left)))
        doubt = left / np.float32(max(4.0, 3 * apart))
        doubt *= doubt
        doubt += 1
        weight /= doubt
        flat = axes.reshape(4, left.size)
        weighted = flat * weight.ravel()
        normal = (weighted @ flat.T).astype(np.float64)
        normal += self._steady
        x, y, zoom, _ = solve(normal, (weighted @ left.ravel()).astype(np.float64)).tolist()
        better = camera.after(Camera(1 + zoom, x, y))
        if not 0.5 < better.zoom < 2:
            return camera, 0.0, apart
        return better, max(abs(x), abs(y), abs(zoom) * max(now.shape) / 2), apart


def _half_of(values: Luma) -> Luma:
    """Every second of the values, which is enough for their middle."""
    return values.ravel()[::2]


def _cost(before: Luma, now: Luma, x: int, y: int) -> float:
    """Mean clipped difference where both show something, if `now` is `before` shifted by whole samples."""
    rows, columns = now.shape
    shown = now[max(0, -y) : rows - max(0, y), max(0, -x) : columns - max(0, x)]
    apart = np.abs(shown - before[max(0, y) : rows + min(0, y), max(0, x) : columns + min(0, x)])
    return float(np.minimum(apart, _CLIP).mean())
