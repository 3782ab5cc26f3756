"""Samples of a picture."""

import numpy as np
from numpy.typing import NDArray

# 8 bit samples of one plane, (rows, columns); or of several, one after another.
Pixels = NDArray[np.uint8]
