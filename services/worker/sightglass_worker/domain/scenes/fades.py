"""Fades through an even colour (black, white) between two scenes."""

from dataclasses import dataclass
from typing import Final

from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.signature import FLAT_SPREAD, Signature, unlikeness

# A picture counts as back only at twice the spread of a flat one, so that a dark scene whose
# grain hovers about the limit does not blink in and out.
LIT_SPREAD: Final = 2 * FLAT_SPREAD
# Through black and back to the same picture is a blink, not a new scene. Correlation does not
# see brightness, so the dim frames at both ends of the fade can be compared as they are.
NEW_PICTURE_MIN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade from the last lit frame, `left`, to the first lit one again, `back`.

    Its boundary is the first frame after the even colour: the black belongs to what faded out.
    """

    left: int
    back: int
    boundary: Boundary


class FadeFinder:
    """Finds fades. Holds one signature and two places, however long the black is."""

    def __init__(self) -> None:
        self._lit: Signature | None = None
        self._lit_frame = -1
        self._after_flat: tuple[int, int] | None = None  # frame and time
        self._was_flat = False
        self._frame = -1

    def push(self, signature: Signature, t_us: int) -> Fade | None:
        """Take the next frame; return the fade that ends with it, if one does."""
        self._frame += 1
        if self._was_flat and not signature.flat:
            self._after_flat = (self._frame, t_us)
        self._was_flat = signature.flat
        if signature.spread < LIT_SPREAD:
            return None
        fade = self._fade_to(signature)
        self._lit, self._lit_frame, self._after_flat = signature, self._frame, None
        return fade

    @property
    def lit_frames(self) -> int:
        """Frames up to the last lit one, counted from the first: no fade to come begins before."""
        return self._lit_frame + 1

    def _fade_to(self, signature: Signature) -> Fade | None:
        if self._lit is None or self._after_flat is None:
            return None
        new = unlikeness(self._lit, signature)
        if new < NEW_PICTURE_MIN:
            return None
        frame, t_us = self._after_flat
        return Fade(self._lit_frame, self._frame, Boundary(frame, t_us, BoundaryKind.FADE, round(new, 4)))
