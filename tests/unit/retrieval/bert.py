"""BERT as its paper has it (Devlin et al., 2018; the layers: Vaswani et al., 2017), in numpy, for a text at a time.

It shares nothing with the graph but the weights, which it reads by their format's description.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HEADS = 12
LAYERS = 6


class Bert:
    """folder: holds `model.safetensors` and `vocab.txt`."""

    def __init__(self, folder: Path) -> None:
        content = (folder / "model.safetensors").read_bytes()
        begin = 8 + int.from_bytes(content[:8], "little")
        told: dict[str, Any] = json.loads(content[8:begin])
        self._weights: dict[str, Array] = {}
        for name, tensor in told.items():
            if name != "__metadata__" and tensor["dtype"] == "F32":
                start, end = tensor["data_offsets"]
                numbers = np.frombuffer(content[begin + start : begin + end], np.float32)
                self._weights[name] = numbers.reshape(tensor["shape"]).astype(np.float64)
        words = (folder / "vocab.txt").read_text("utf-8").splitlines()
        self._numbers = {word: number for number, word in enumerate(words)}

    def vector(self, words: str) -> Array:
        """Of words that the vocabulary has, with spaces between."""
        numbers = [self._numbers[word] for word in ("[CLS]", *words.split(), "[SEP]")]
        x = self._of("embeddings.word_embeddings.weight")[numbers]
        x = x + self._of("embeddings.position_embeddings.weight")[: len(numbers)]
        x = self._normalised(x + self._of("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm")
        for number in range(LAYERS):
            x = self._layer(x, f"encoder.layer.{number}.")
        mean = x.mean(axis=0)
        return mean / math.sqrt(float(mean @ mean))

    def _layer(self, x: Array, name: str) -> Array:
        seen = self._linear(self._attended(x, f"{name}attention.self."), f"{name}attention.output.dense")
        x = self._normalised(x + seen, f"{name}attention.output.LayerNorm")
        inner = self._linear(x, f"{name}intermediate.dense")
        gelu = inner * np.vectorize(math.erf)(inner / math.sqrt(2)) / 2 + inner / 2
        return self._normalised(x + self._linear(gelu, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _attended(self, x: Array, name: str) -> Array:
        query, key, value = (self._linear(x, name + part) for part in ("query", "key", "value"))
        width = x.shape[1] // HEADS
        heads: list[Array] = []
        for head in range(HEADS):
            of = slice(head * width, (head + 1) * width)
            scores = np.exp(query[:, of] @ key[:, of].T / math.sqrt(width))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, of])
        return np.concatenate(heads, axis=1)

    def _linear(self, x: Array, name: str) -> Array:
        return x @ self._of(f"{name}.weight").T + self._of(f"{name}.bias")

    def _normalised(self, x: Array, name: str) -> Array:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-12)
        return x * self._of(f"{name}.weight") + self._of(f"{name}.bias")

    def _of(self, name: str) -> Array:
        return self._weights[name]
