"""Golden vectors by QONNX's own executor, and the same graph evaluated in float64."""

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

QONNX = "qonnx.custom_op.general"


def narrowed(x, *parameters):
    """All as float32 where x is float32: an input's quantizer has one right answer, ties included."""
    if np.array_equal(x.astype(np.float32), x):
        return [array.astype(np.float32) for array in (x, *parameters)]
    return [x, *parameters]


class Quant(OpRun):
    op_domain = QONNX

    def _run(self, x, scale, zero_point, bits, signed=None, narrow=None, rounding_mode=None):
        low = -(2.0 ** (bits - 1)) + narrow if signed else 0.0
        high = 2.0 ** (bits - 1) - 1 if signed else 2.0**bits - 1 - narrow
        x, scale, zero_point = narrowed(x, scale, zero_point)
        code = np.rint(np.clip(x / scale + zero_point, low, high))
        return (((code - zero_point) * scale).astype(np.float64),)


class Trunc(OpRun):
    op_domain = QONNX

    def _run(self, x, scale, zero_point, in_bits, out_bits, rounding_mode=None):
        assert rounding_mode == "FLOOR", rounding_mode
        code = np.rint(x / scale + zero_point)
        return ((np.floor(code / 2.0 ** (in_bits - out_bits)) - zero_point) * scale,)


class BipolarQuant(OpRun):
    op_domain = QONNX

    def _run(self, x, scale):
        return (np.where(x >= 0, 1.0, -1.0) * scale,)


class QuantizeLinear(OpRun):
    op_domain = ""

    def _run(self, x, scale, zero_point, axis=None, **_):
        limits = np.iinfo(zero_point.dtype)
        x, scale = narrowed(x, scale)
        code = np.rint(x / scale) + zero_point
        return (np.clip(code, limits.min, limits.max).astype(zero_point.dtype),)


class DequantizeLinear(OpRun):
    op_domain = ""

    def _run(self, x, scale, zero_point, axis=None, **_):
        if scale.ndim:
            shape = [-1 if dim == axis else 1 for dim in range(x.ndim)]
            scale, zero_point = scale.reshape(shape), zero_point.reshape(shape)
        return ((x.astype(np.float64) - zero_point) * scale,)


class MultiThreshold(OpRun):
    op_domain = QONNX

    def _run(self, x, thresholds, out_bias=None, out_dtype=None, out_scale=None):
        count = (x[:, :, None] >= thresholds[None]).sum(axis=2)
        return ((out_scale or 1.0) * count + (out_bias or 0.0),)


def vectors(shape: list, low: float, high: float, scale: float, rng) -> np.ndarray:
    """16 inputs: 8 random ones, then the corners named below. First axis: samples."""
    size = int(np.prod(shape))
    i = np.arange(size)
    corners = [
        np.zeros(size),
        np.full(size, low),
        np.full(size, high),
        np.clip((i - size // 2 + 0.5) * scale, low, high),  # half-way ties of the input quantizer
        np.where(i % 2, low, high),
        np.where(i == size // 3, high, 0),  # an impulse
        np.linspace(low, high, size),
        (i - size / 2) * 1e-4 * scale,  # tiny values
    ]
    samples = np.concatenate([rng.uniform(low, high, (8, size)), corners])
    return samples.reshape(16, *shape).astype(np.float32)


def golden(model: ModelProto, samples: np.ndarray) -> list[np.ndarray]:
    """The outputs of QONNX's executor, one sample at a time, in the graph's order."""
    cleaned = cleanup_model(ModelWrapper(with_batch_1(model)))
    name = cleaned.graph.input[0].name
    results = [execute_onnx(cleaned, {name: x}) for x in samples]
    return [np.stack([r[o.name] for r in results]) for o in cleaned.graph.output]


def on_runtime(model: ModelProto, samples: np.ndarray) -> list[np.ndarray]:
    """The outputs of ONNX Runtime as the file has it: nothing optimized, one sample at a time."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    name = model.graph.input[0].name
    results = [session.run(None, {name: x}) for x in samples]
    return [np.stack(outputs) for outputs in zip(*results)]


def in_float64(model: ModelProto, samples: np.ndarray) -> list[np.ndarray]:
    """The outputs if every float32 of the graph were a float64."""
    wide = with_batch_1(model)
    for opset in wide.opset_import:
        if opset.domain == "":  # before 14 onnx's evaluator runs BatchNormalization in training mode
            opset.version = max(opset.version, 14)
    for tensor in wide.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            value = numpy_helper.to_array(tensor).astype(np.float64)
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    for info in [*wide.graph.input, *wide.graph.output]:
        if info.type.tensor_type.elem_type == TensorProto.FLOAT:
            info.type.tensor_type.elem_type = TensorProto.DOUBLE
    operators = [Quant, Trunc, BipolarQuant, QuantizeLinear, DequantizeLinear, MultiThreshold]
    evaluator = ReferenceEvaluator(wide, new_ops=operators)
    name = wide.graph.input[0].name
    results = [evaluator.run(None, {name: x.astype(np.float64)}) for x in samples]
    return [np.stack(outputs) for outputs in zip(*results)]


def with_batch_1(model: ModelProto) -> ModelProto:
    """A copy with every symbolic dimension set to 1."""
    copy = ModelProto()
    copy.CopyFrom(model)
    for info in [*copy.graph.input, *copy.graph.output]:
        for dim in info.type.tensor_type.shape.dim:
            if dim.HasField("dim_param"):
                dim.dim_value = 1
    return copy
