"""What benchmarks/embedding.py measures, one run a process: `python -m benchmarks.embedding_runs THREADS PRECISION`.

Embeds segments in tens, by turns with onnxruntime alone, whose session gets the same batches as arrays that are there
already. Prints one line of JSON, `{"load_s", "a_second", "a_cpu_s", "question_ms", "turns", "rss_mib"}`: CPU until the
model can be asked; segments a second of the best turn, by the clock and of CPU; CPU of a question, the median; CPU
seconds of each turn, ours and that of onnxruntime alone; the resident peak.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.scenes_runs import peak_mib
from sightglass_detect import Redacted, redact
from sightglass_retrieval.bert_graph import Precision
from sightglass_retrieval.minilm import MiniLM, open_session
from sightglass_retrieval.model_files import model_folder, read_model
from sightglass_retrieval.wordpieces import WordPieces

# Each is one token. Of which words a text is made does not change what it costs.
_WORDS = "the of and to in is was he for it with as his on be at by had not are but from or have an they which one you"
_TOKENS = 180
_IN_A_TURN = 10
_TURNS = 11


def _redacted(tokens: int, draw: random.Random) -> Redacted:
    """A text of so many tokens, the two around it counted."""
    return redact(" ".join(draw.choices(_WORDS.split(), k=tokens - 2)), ())


def _took(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - cpu


def main(threads: int, precision: Precision) -> None:
    """Measure and print."""
    folder = model_folder()
    if folder is None:
        sys.exit("The model is not installed: make setup.")
    cpu = time.process_time()
    files = read_model(folder)
    model = MiniLM(files, threads=threads, precision=precision)
    load_s = time.process_time() - cpu
    draw = random.Random(5)
    segments = [_redacted(_TOKENS, draw) for _ in range(_IN_A_TURN)]
    question = [_redacted(10, draw)]
    model.embed(segments)
    ours = [_took(lambda: model.embed(segments)) for _ in range(_TURNS)]
    question_ms = median(_took(lambda: model.embed(question))[1] for _ in range(50)) * 1000
    rss_mib = peak_mib("self")
    session, pieces = open_session(files, threads, precision), WordPieces(files.tokenizer)
    arrays = [_arrays(pieces.numbers(str(segment), _TOKENS)) for segment in segments]

    def alone() -> None:
        for one in arrays:
            session.run(None, one)

    alone()
    turns = [(_took(lambda: model.embed(segments))[1], _took(alone)[1]) for _ in range(_TURNS)]
    result = {
        "load_s": load_s,
        "a_second": _IN_A_TURN / min(clock for clock, _ in ours),
        "a_cpu_s": _IN_A_TURN / min(cpu for _, cpu in ours),
        "question_ms": question_ms,
        "turns": turns,
        "rss_mib": rss_mib,
    }
    print(json.dumps(result))


def _arrays(numbers: list[int]) -> dict[str, Any]:
    tokens = np.array([numbers])
    return {"tokens": tokens, "mask": np.ones_like(tokens), "positions": np.arange(len(numbers))}


if __name__ == "__main__":
    main(int(sys.argv[1]), "int8" if sys.argv[2] == "int8" else "fp32")
