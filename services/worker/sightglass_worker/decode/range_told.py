"""What RangeFinder knows of a range as plain values, pictures as JPEG."""

import numpy as np

from sightglass_worker.decode.picture import Picture, jpeg
from sightglass_worker.decode.range_results import LitSamples, PieceFound
from sightglass_worker.decode.results import Thumbnail
from sightglass_worker.domain.merging.marks import Lit, Piece


def piece_found(piece: Piece[Picture]) -> PieceFound:
    """A piece."""
    best = piece.best
    if best is None:
        return PieceFound(0, None, piece.end, piece.inherits)
    picture = best.picture
    thumbnail = Thumbnail(best.t_us, picture.width, picture.height, best.sharpness, jpeg(picture))
    return PieceFound(best.frame, thumbnail, piece.end, piece.inherits)


def lit_samples(lit: Lit | None) -> LitSamples | None:
    """A lit frame."""
    if lit is None:
        return None
    seen = lit.signature
    return LitSamples(lit.frame, seen.luma_size, seen.columns, np.ascontiguousarray(seen.samples).tobytes())
