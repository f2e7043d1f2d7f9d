"""A small builder of QONNX graphs: every node and tensor gets a readable name."""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"


class Graph:
    """Nodes and initializers in order. Methods return the name of the tensor they make."""

    def __init__(self, name: str, opset: int = 13):
        self.name = name
        self.opset = opset
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []

    def input(self, name: str, shape: list, dtype=TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, shape: list, dtype=TensorProto.FLOAT) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def const(self, name: str, value, dtype=np.float32) -> str:
        array = np.asarray(value, dtype=dtype)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, op: str, inputs: list, name: str, domain: str = "", **attributes) -> str:
        output = f"{name}_out"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, domain=domain, **attributes))
        return output

    def quant(self, x: str, name: str, bits: int, scale, zero_point=0.0, signed=True, narrow=False) -> str:
        """QONNX's Quant, rounding half to even."""
        parameters = [
            self.const(f"{name}_scale", scale),
            self.const(f"{name}_zero_point", zero_point),
            self.const(f"{name}_bits", bits),
        ]
        return self.node(
            "Quant", [x, *parameters], name, QONNX,
            signed=int(signed), narrow=int(narrow), rounding_mode="ROUND",
        )  # fmt: skip

    def bipolar(self, x: str, name: str, scale=1.0) -> str:
        return self.node("BipolarQuant", [x, self.const(f"{name}_scale", scale)], name, QONNX)

    def trunc(self, x: str, name: str, in_bits: int, out_bits: int, scale, mode: str = "FLOOR") -> str:
        """QONNX's Trunc, version 1: codes of `scale` lose their `in_bits - out_bits` low bits."""
        values = {"scale": scale, "zero_point": 0.0, "in_bits": in_bits, "out_bits": out_bits}
        parameters = [self.const(f"{name}_{key}", value) for key, value in values.items()]
        return self.node("Trunc", [x, *parameters], name, QONNX, rounding_mode=mode)

    def quant_const(self, name: str, codes: np.ndarray, bits: int, scale, zero_point=0.0, narrow=True) -> str:
        """A constant with these integer codes, behind a Quant as exporters write it."""
        value = (codes.astype(np.float32) - np.float32(zero_point)) * np.asarray(scale, np.float32)
        return self.quant(self.const(name, value), f"{name}_quant", bits, scale, zero_point, narrow=narrow)

    def batch_norm(self, x: str, name: str, gamma, beta, mean, var) -> str:
        parts = {"gamma": gamma, "beta": beta, "mean": mean, "var": var}
        return self.node("BatchNormalization", [x, *(self.const(f"{name}_{k}", v) for k, v in parts.items())], name)

    def model(self) -> ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        domains = sorted({n.domain for n in self.nodes} - {""})
        opsets = [helper.make_opsetid("", self.opset), *(helper.make_opsetid(d, 1) for d in domains)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="qonnxc")
