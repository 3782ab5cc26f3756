"""BERT as a graph of ONNX, made for one set of weights: from numbers of tokens to vectors of length 1."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sightglass_retrieval.quantising import quantised

Precision: TypeAlias = Literal["fp32", "int8"]

# As config.json has them, whose hash is checked.
WIDTH: Final = 384
_LAYERS: Final = 6
_HEADS: Final = 12
_EPSILON: Final = 1e-12

_OPSET: Final = 20  # the first with Gelu
_IR_VERSION: Final = 10
# What onnxruntime has beyond ONNX.
_ONNXRUNTIME: Final = "com.microsoft"
_LOWEST: Final = np.finfo(np.float32).min


def bert_graph(
    weights: Mapping[str, NDArray[np.float32]], precision: Precision = "fp32"
) -> tuple[bytes, Mapping[str, NDArray[Any]]]:
    """The serialised graph, and the weights that it takes by their names, which are not in it.

    int8: what is multiplied with weights is brought to eight bits as it comes, by one scale for all that comes
    together, so that texts are to come one by one. All else is as in fp32.

    Inputs: `tokens` and `mask` (1 for a token, 0 for padding), int64 of shape (texts, length); `positions`, int64 of
    shape (length), 0 and on. Output: `vectors`, float32 of shape (texts, 384), the mean of what the last layer has of
    the tokens, brought to length 1.
    """
    builder = _Builder(weights, precision)
    shapes = _shapes(builder)
    mask = builder.node("Cast", ["mask"], to=builder.onnx.TensorProto.FLOAT)
    x = builder.node("Reshape", [_embeddings(builder), shapes.rows])
    bias = _bias(builder, mask)
    for number in range(_LAYERS):
        x = _layer(builder, x, f"encoder.layer.{number}.", bias, shapes)
    _pooled(builder, builder.node("Reshape", [x, shapes.widths]), mask)
    return builder.serialised(), builder.taken


class _Builder:
    """Nodes and constants so far. Names of inner values are numbers."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]], precision: Precision) -> None:
        import onnx  # noqa: PLC0415 - importing this module opens nothing

        self.onnx: Any = onnx
        self.precision = precision
        self.taken: dict[str, NDArray[Any]] = {}
        self._weights = weights
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []

    def node(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: object) -> str:
        output = output or f"{kind} {len(self._nodes)}"
        self._nodes.append(self.onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, value: NDArray[Any]) -> str:
        name = f"constant {len(self._tensors)}"
        self._tensors.append(self.onnx.numpy_helper.from_array(value, name))
        return name

    def weight(self, name: str) -> str:
        """A weight that the graph names: the session is given it from memory, so that it is nowhere twice."""
        return self._given(name, self._weights[name])

    def quantised_weight(self, name: str) -> tuple[str, str]:
        """The same in eight bits: its numbers, and their scales."""
        made = quantised(self._weights[name])
        return self._given(f"{name} int8", made.numbers), self._given(f"{name} scales", made.scales)

    def _given(self, name: str, value: NDArray[Any]) -> str:
        kind = self.onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
        tensor = self.onnx.TensorProto(name=name, data_type=kind, dims=value.shape)
        tensor.data_location = self.onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given")
        self._tensors.append(tensor)
        self.taken[name] = value
        return name

    def serialised(self) -> bytes:
        helper, kinds = self.onnx.helper, self.onnx.TensorProto
        texts = ["texts", "length"]
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [
                helper.make_tensor_value_info("tokens", kinds.INT64, texts),
                helper.make_tensor_value_info("positions", kinds.INT64, ["length"]),
                helper.make_tensor_value_info("mask", kinds.INT64, texts),
            ],
            [helper.make_tensor_value_info("vectors", kinds.FLOAT, ["texts", WIDTH])],
            self._tensors,
        )
        sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_ONNXRUNTIME, 1)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=_IR_VERSION)
        return model.SerializeToString()


class _Shapes(NamedTuple):
    """What values are brought to: (texts, length, heads, width of one), (tokens, width), (texts, length, width)."""

    heads: str
    rows: str
    widths: str


def _shapes(builder: _Builder) -> _Shapes:
    size = builder.node("Shape", ["tokens"])
    head = builder.constant(np.array([_HEADS, WIDTH // _HEADS], np.int64))
    width = builder.constant(np.array([WIDTH], np.int64))
    return _Shapes(
        heads=builder.node("Concat", [size, head], axis=0),
        rows=builder.constant(np.array([-1, WIDTH], np.int64)),
        widths=builder.node("Concat", [size, width], axis=0),
    )


def _embeddings(builder: _Builder) -> str:
    parts = [
        builder.node("Gather", [builder.weight("embeddings.word_embeddings.weight"), "tokens"]),
        builder.node("Gather", [builder.weight("embeddings.position_embeddings.weight"), "positions"]),
        # All is of the first of two sentences.
        builder.node(
            "Gather", [builder.weight("embeddings.token_type_embeddings.weight"), builder.constant(np.array(0))]
        ),
    ]
    words = builder.node("Add", [builder.node("Add", parts[:2]), parts[2]])
    return _normalised(builder, words, "embeddings.LayerNorm")


def _bias(builder: _Builder, mask: str) -> str:
    """What is added before the softmax, of shape (texts, 1, 1, length): 0, and the lowest number at padding."""
    padding = builder.node("Sub", [builder.constant(np.array(1, np.float32)), mask])
    low = builder.node("Mul", [padding, builder.constant(np.array(_LOWEST, np.float32))])
    return builder.node("Unsqueeze", [low, builder.constant(np.array([1, 2], np.int64))])


def _layer(builder: _Builder, x: str, name: str, bias: str, shapes: _Shapes) -> str:
    """One layer. x, and what it gives, are (tokens of all texts, width).

    A product of such matrices takes the weights as they are, and the bias with them: a sixth less time than products of
    three dimensions.
    """
    attended = _attended(builder, x, f"{name}attention.self.", bias, shapes)
    seen = _linear(builder, attended, f"{name}attention.output.dense")
    x = _normalised(builder, builder.node("Add", [seen, x]), f"{name}attention.output.LayerNorm")
    inner = builder.node("Gelu", [_linear(builder, x, f"{name}intermediate.dense")])
    outer = _linear(builder, inner, f"{name}output.dense")
    return _normalised(builder, builder.node("Add", [outer, x]), f"{name}output.LayerNorm")


def _attended(builder: _Builder, x: str, name: str, bias: str, shapes: _Shapes) -> str:
    def by_head(part: str, order: Sequence[int]) -> str:
        split = builder.node("Reshape", [_linear(builder, x, name + part), shapes.heads])
        return builder.node("Transpose", [split], perm=order)

    query, key = by_head("query", (0, 2, 1, 3)), by_head("key", (0, 2, 3, 1))
    scale = builder.constant(np.array((WIDTH // _HEADS) ** -0.5, np.float32))
    scores = builder.node("Add", [builder.node("Mul", [builder.node("MatMul", [query, key]), scale]), bias])
    weighed = builder.node("MatMul", [builder.node("Softmax", [scores], axis=-1), by_head("value", (0, 2, 1, 3))])
    return builder.node("Reshape", [builder.node("Transpose", [weighed], perm=(0, 2, 1, 3)), shapes.rows])


def _pooled(builder: _Builder, x: str, mask: str) -> None:
    along = builder.constant(np.array([1], np.int64))
    kept = builder.node("Mul", [x, builder.node("Unsqueeze", [mask, builder.constant(np.array([2], np.int64))])])
    total = builder.node("ReduceSum", [kept, along], keepdims=0)
    mean = builder.node("Div", [total, builder.node("ReduceSum", [mask, along], keepdims=1)])
    builder.node("LpNormalization", [mean], "vectors", axis=-1, p=2)


def _linear(builder: _Builder, x: str, name: str) -> str:
    if builder.precision == "int8":
        numbers, scales = builder.quantised_weight(f"{name}.weight")
        inputs = [x, numbers, scales, "", builder.weight(f"{name}.bias")]
        return builder.node("DynamicQuantizeMatMul", inputs, domain=_ONNXRUNTIME)
    return builder.node("Gemm", [x, builder.weight(f"{name}.weight"), builder.weight(f"{name}.bias")], transB=1)


def _normalised(builder: _Builder, x: str, name: str) -> str:
    weights = [builder.weight(f"{name}.weight"), builder.weight(f"{name}.bias")]
    return builder.node("LayerNormalization", [x, *weights], axis=-1, epsilon=_EPSILON)
