"""Small ONNX models for tests, written by hand: field numbers are those of onnx.proto, IR version 8, opset 13."""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Each key point is a dot of its own colour, so that a convolution of one pixel tells it from all others.
COLOURS = {
    "left_shoulder": (255, 0, 0),
    "left_elbow": (0, 255, 0),
    "left_wrist": (0, 0, 255),
    "right_shoulder": (255, 255, 0),
    "right_elbow": (0, 255, 255),
    "right_wrist": (255, 0, 255),
}
NAMES = tuple(COLOURS)
WIDTH, HEIGHT, STEP = 160, 96, 4


def heatmap_model() -> bytes:
    """(1, 3, rows, columns) of 0 to 1 to a map of each colour, every fourth pixel."""
    return _model(_maps("maps"), _WEIGHTS, {"maps": (1, len(NAMES), HEIGHT // STEP, WIDTH // STEP)})


def simcc_model() -> bytes:
    """The same, as the highest value of each column and of each row."""
    nodes = [
        *_maps("maps"),
        _node("ReduceMax", ["maps"], "across", axes=[2], keepdims=0),
        _node("ReduceMax", ["maps"], "down", axes=[3], keepdims=0),
    ]
    shapes = {"across": (1, len(NAMES), WIDTH // STEP), "down": (1, len(NAMES), HEIGHT // STEP)}
    return _model(nodes, _WEIGHTS, shapes)


def constant_model(output: Array, shape: Sequence[int] = (1, 3, HEIGHT, WIDTH)) -> bytes:
    """Gives `output` for any picture that is not black, and zeros for that."""
    nodes = [
        _node("ReduceMax", ["picture"], "brightest", keepdims=0),
        _node("Mul", ["brightest", "output"], "told"),
    ]
    return _model(nodes, {"output": output.astype(np.float32)}, {"told": output.shape}, shape)


def with_outside_weights() -> bytes:
    """A model whose weights are in another file, named by a path."""
    tensor = _text(8, "output") + _number(1, 1) + _number(2, 1) + _number(14, 1)
    tensor += _part(13, _text(1, "location") + _text(2, "passwd"))
    node = _node("Mul", ["picture", "output"], "told")
    return _wrapped([node], [tensor], {"told": (1, 3, HEIGHT, WIDTH)}, (1, 3, HEIGHT, WIDTH))


def manifest_of(model: bytes, decoder: str, names: Sequence[str] = NAMES, **changes: Any) -> dict[str, Any]:
    """A manifest that fits a model of this file."""
    return {
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": {"width": WIDTH, "height": HEIGHT, **changes},
        "decoder": decoder,
        "keypoints": list(names),
    }


def written(folder: Path, model: bytes, manifest: Mapping[str, Any]) -> str:
    """The path of a model with its manifest beside it."""
    path = folder / "pose.onnx"
    path.write_bytes(model)
    path.with_name("pose.onnx.json").write_text(json.dumps(manifest))
    return str(path)


def _maps(name: str) -> list[bytes]:
    return [
        _node("Conv", ["picture", "weights", "bias"], "alike"),
        _node("Relu", ["alike"], "positive"),
        _node("AveragePool", ["positive"], name, kernel_shape=[STEP, STEP], strides=[STEP, STEP]),
    ]


def _colour_weights() -> dict[str, Array]:
    signs = np.array([[1 if part else -1 for part in colour] for colour in COLOURS.values()], np.float32)
    bias = 1 - np.maximum(signs, 0).sum(axis=1)
    return {"weights": signs.reshape(-1, 3, 1, 1), "bias": bias.astype(np.float32)}


_WEIGHTS = _colour_weights()


def _model(
    nodes: Sequence[bytes],
    weights: Mapping[str, Array],
    outputs: Mapping[str, Sequence[int]],
    shape: Sequence[int] = (1, 3, HEIGHT, WIDTH),
) -> bytes:
    tensors = [
        b"".join(_number(1, side) for side in array.shape)
        + _number(2, 1)
        + _text(8, name)
        + _part(9, array.astype("<f4").tobytes())
        for name, array in weights.items()
    ]
    return _wrapped(nodes, tensors, outputs, shape)


def _wrapped(
    nodes: Sequence[bytes], tensors: Sequence[bytes], outputs: Mapping[str, Sequence[int]], shape: Sequence[int]
) -> bytes:
    graph = b"".join(_part(1, node) for node in nodes) + _text(2, "test")
    graph += b"".join(_part(5, tensor) for tensor in tensors) + _part(11, _value("picture", shape))
    graph += b"".join(_part(12, _value(name, sides)) for name, sides in outputs.items())
    return _number(1, 8) + _part(7, graph) + _part(8, _number(2, 13))


def _value(name: str, shape: Sequence[int]) -> bytes:
    sides = b"".join(_part(1, _number(1, side)) for side in shape)
    return _text(1, name) + _part(2, _part(1, _number(1, 1) + _part(2, sides)))


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> bytes:
    told = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)
    for name, value in attributes.items():
        if isinstance(value, list):
            told += _part(5, _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, 7))
        else:
            told += _part(5, _text(1, name) + _number(3, value) + _number(20, 2))
    return told


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += struct.pack("B", value & 0x7F | 0x80)
        value >>= 7
    return out + struct.pack("B", value)
