"""What every maker of vectors has in common."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sightglass_detect import Redacted


class Embedder(Protocol):
    """Turns texts into vectors, of which those of texts that mean the same are near each other."""

    @property
    def revision(self) -> str:
        """Names the model, its weights and its precision. Vectors of two revisions are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        ...

    def embed(self, texts: Sequence[Redacted]) -> NDArray[np.float32]:
        """Vectors of length 1, of shape (texts, dimensions), in the order of the texts."""
        ...
