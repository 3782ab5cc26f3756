"""MiniLM, the default embedder: all-MiniLM-L6-v2 by onnxruntime, in single precision or in eight bits."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sightglass_detect import Redacted
from sightglass_retrieval.bert_graph import WIDTH, Precision, bert_graph
from sightglass_retrieval.model_files import SHA256, TOKENIZER, WEIGHTS, ModelFiles, model_folder, read_model
from sightglass_retrieval.wordpieces import WordPieces

# What it was trained with (sentence_bert_config.json), the two around a text counted.
MOST_TOKENS: Final = 256
_BATCH_TEXTS: Final = 8
# Long texts are no faster together, and take more memory: 27 a CPU second one by one, 23 in eights (168 tokens each).
# Short ones are: 440 a CPU second in eights, and 240 one by one (ten tokens each).
_BATCH_TOKENS: Final = 256


class MiniLM:
    """Vectors of 384 numbers. Asks nothing of the network, and writes nothing. Threads may share one.

    threads: on how many cores one call computes. precision: int8 takes half the time, less memory, and its vectors are
    a little off those of fp32.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 1, precision: Precision = "fp32") -> None:
        self._pieces = WordPieces(files.tokenizer)
        self._precision: Precision = precision
        # In int8 a text's vector depends on which others it comes with, so it comes alone.
        self._most_together = _BATCH_TEXTS if precision == "fp32" else 1
        self._session: Any = open_session(files, threads, precision)

    @property
    def revision(self) -> str:
        """See Embedder."""
        return f"all-minilm-l6-v2:{SHA256[WEIGHTS][:12]}:{SHA256[TOKENIZER][:12]}:{self._precision}"

    @property
    def dimensions(self) -> int:
        """See Embedder."""
        return WIDTH

    def tokens(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each token of a text, in characters; all of them, however many."""
        return self._pieces.places(text)

    def embed(self, texts: Sequence[Redacted]) -> NDArray[np.float32]:
        """See Embedder. Of a text with more than 254 tokens, what follows these is not looked at.

        With which others a text comes changes its vector by less than 1e-6. Raises TypeError for a text that was not
        redacted.
        """
        vectors = np.empty((len(texts), WIDTH), np.float32)
        numbers = [self._pieces.numbers(_plain(text), MOST_TOKENS) for text in texts]
        for batch in _batches([len(one) for one in numbers], self._most_together):
            vectors[batch] = self._run([numbers[index] for index in batch])
        return vectors

    def _run(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        length = max(map(len, batch))
        tokens = np.zeros((len(batch), length), np.int64)
        mask = np.zeros_like(tokens)
        for row, numbers in enumerate(batch):
            tokens[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        (vectors,) = self._session.run(None, {"tokens": tokens, "mask": mask, "positions": np.arange(length)})
        return vectors


def find(*, threads: int = 1, precision: Precision = "fp32") -> MiniLM | None:
    """The model that is installed; None when none is. Takes half a second. Raises WrongModel."""
    folder = model_folder()
    return None if folder is None else MiniLM(read_model(folder), threads=threads, precision=precision)


def _plain(text: Redacted) -> str:
    if not isinstance(text, Redacted):  # pyright: ignore[reportUnnecessaryIsInstance]  # vectors tell of what they are made
        raise TypeError(f"only redacted text has vectors, not {type(text).__name__}")
    return str(text)


def _batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Indexes of texts that go together, the shortest first: little is padding."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == most or (len(batch) + 1) * lengths[index] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def open_session(files: ModelFiles, threads: int, precision: Precision = "fp32") -> Any:
    """onnxruntime with the model, on so many threads; `bert_graph` says what goes in and comes out."""
    # Read when it is imported: else it keeps a database in the home folder, and sends its maker what it is used for.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - importing this module opens nothing

    runtime: Any = onnxruntime  # its stubs do not name what its compiled part brings
    graph, taken = bert_graph(files.weights, precision)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Its arena keeps what the largest batch took.
    options.enable_cpu_mem_arena = False
    # Threads that wait for work would take a core from others.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [runtime.OrtValue.ortvalue_from_numpy(value) for value in taken.values()]
    options.add_external_initializers(list(taken), values)
    return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
