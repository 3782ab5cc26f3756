"""Turns redacted text into segments and vectors. Of the rest of Sightglass it needs detection alone, for `Redacted`.

Importing it opens nothing: the model is read, and what runs it is imported, when `minilm.find` is called.
"""

from sightglass_retrieval.embedder import Embedder
from sightglass_retrieval.minilm import MiniLM, find
from sightglass_retrieval.model_files import WrongModel
from sightglass_retrieval.segments import Passage, Segment, cut

__all__ = ["Embedder", "MiniLM", "Passage", "Segment", "WrongModel", "cut", "find"]
