//===- OpsElementwise.td - one value in, one value out ----------*- tablegen -*-===//
#ifndef QONNX_OPS_ELEMENTWISE_TD
#define QONNX_OPS_ELEMENTWISE_TD

include "QONNX/Dialect.td"

class QONNX_UnaryOp<string mnemonic, string formula, list<Trait> traits = []>
    : QONNX_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultElementType, SameOperandsAndResultShape], traits)> {
  let summary = formula;
  let arguments = (ins AnyTensor:$x);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

/// Unary with ONNX's `alpha`.
class QONNX_AlphaOp<string mnemonic, string formula>
    : QONNX_UnaryOp<mnemonic, formula> {
  let arguments = (ins AnyTensor:$x, F32Attr:$alpha);
  let assemblyFormat = "$x `alpha` $alpha attr-dict `:` functional-type(operands, results)";
}

class QONNX_BinaryOp<string mnemonic, string formula, list<Trait> traits = []>
    : QONNX_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultElementType, ResultsBroadcastableShape], traits)> {
  let summary = formula;
  let arguments = (ins AnyTensor:$a, AnyTensor:$b);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

class QONNX_CompareOp<string mnemonic, string formula>
    : QONNX_Op<mnemonic, [Pure, SameOperandsElementType, ResultsBroadcastableShape]> {
  let summary = formula;
  let arguments = (ins AnyTensor:$a, AnyTensor:$b);
  let results = (outs TensorOf<[I1]>:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def QONNX_NegOp : QONNX_UnaryOp<"neg", "-x">;
def QONNX_AbsOp : QONNX_UnaryOp<"abs", "|x|">;
def QONNX_SqrtOp : QONNX_UnaryOp<"sqrt", "square root">;
def QONNX_ExpOp : QONNX_UnaryOp<"exp", "e to the x">;
def QONNX_LogOp : QONNX_UnaryOp<"log", "natural logarithm">;
def QONNX_ErfOp : QONNX_UnaryOp<"erf", "error function">;
def QONNX_ReciprocalOp : QONNX_UnaryOp<"reciprocal", "1 / x">;
def QONNX_SignOp : QONNX_UnaryOp<"sign", "-1, 0 or 1">;
def QONNX_RoundOp : QONNX_UnaryOp<"round", "nearest integer, half to even">;
def QONNX_FloorOp : QONNX_UnaryOp<"floor", "greatest integer not above x">;
def QONNX_CeilOp : QONNX_UnaryOp<"ceil", "least integer not below x">;
def QONNX_ReluOp : QONNX_UnaryOp<"relu", "max(x, 0)"> {
  let description = [{
    `max(x, 0)`, as ONNX Relu.

    ```mlir
    %y = qonnx.relu %x : (tensor<1x64xf32>) -> tensor<1x64xf32>
    ```
  }];
}
def QONNX_SigmoidOp : QONNX_UnaryOp<"sigmoid", "1 / (1 + exp(-x))"> {
  let description = [{
    The rational polynomial of ONNX Runtime's MLAS, with fused multiply-adds:
    not monotone in the last bits, which matters to requantization.
  }];
}
def QONNX_TanhOp : QONNX_UnaryOp<"tanh", "hyperbolic tangent"> {
  let description = [{ MLAS's rational polynomial with fused multiply-adds, as `qonnx.sigmoid`. }];
}
def QONNX_SinOp : QONNX_UnaryOp<"sin", "sine"> {
  let description = [{ The polynomial of Eigen's packets without fused multiply-adds, as ONNX Runtime; likewise `qonnx.cos`. }];
}
def QONNX_CosOp : QONNX_UnaryOp<"cos", "cosine">;
def QONNX_TanOp : QONNX_UnaryOp<"tan", "tangent">;
def QONNX_SinhOp : QONNX_UnaryOp<"sinh", "hyperbolic sine">;
def QONNX_CoshOp : QONNX_UnaryOp<"cosh", "hyperbolic cosine">;
def QONNX_AsinOp : QONNX_UnaryOp<"asin", "angle whose sine is x"> {
  let description = [{
    The polynomial of Eigen's packets without fused multiply-adds, as ONNX Runtime; likewise `qonnx.acos`
    and `qonnx.atan`. The hyperbolic ones are those of the C library.

    ```mlir
    %y = qonnx.asin %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
}
def QONNX_AcosOp : QONNX_UnaryOp<"acos", "angle whose cosine is x">;
def QONNX_AtanOp : QONNX_UnaryOp<"atan", "angle whose tangent is x">;
def QONNX_AsinhOp : QONNX_UnaryOp<"asinh", "number whose hyperbolic sine is x">;
def QONNX_AcoshOp : QONNX_UnaryOp<"acosh", "number whose hyperbolic cosine is x">;
def QONNX_AtanhOp : QONNX_UnaryOp<"atanh", "number whose hyperbolic tangent is x">;
def QONNX_SoftplusOp : QONNX_UnaryOp<"softplus", "log(1 + exp(x))">;
def QONNX_SoftsignOp : QONNX_UnaryOp<"softsign", "x / (1 + |x|)">;
def QONNX_HardSwishOp : QONNX_UnaryOp<"hard_swish", "x * max(0, min(1, x/6 + 0.5))">;
def QONNX_LeakyReluOp : QONNX_AlphaOp<"leaky_relu", "x if x >= 0 else alpha * x">;
def QONNX_ThresholdedReluOp : QONNX_AlphaOp<"thresholded_relu", "x if x > alpha else 0">;
def QONNX_EluOp : QONNX_AlphaOp<"elu", "x if x >= 0 else alpha * (exp(x) - 1)">;

def QONNX_SeluOp : QONNX_UnaryOp<"selu", "gamma * (x if x > 0 else alpha * exp(x) - alpha)"> {
  let arguments = (ins AnyTensor:$x, F32Attr:$alpha, F32Attr:$gamma);
  let assemblyFormat = "$x `alpha` $alpha `gamma` $gamma attr-dict `:` functional-type(operands, results)";
}
def QONNX_HardSigmoidOp : QONNX_UnaryOp<"hard_sigmoid", "max(0, min(1, alpha * x + beta))"> {
  let arguments = (ins AnyTensor:$x, F32Attr:$alpha, F32Attr:$beta);
  let assemblyFormat = "$x `alpha` $alpha `beta` $beta attr-dict `:` functional-type(operands, results)";
}

def QONNX_IdentityOp : QONNX_UnaryOp<"identity", "x"> {
  let description = [{ ONNX Identity and Dropout at inference. Folds away. }];
  let hasFolder = 1;
}

def QONNX_AddOp : QONNX_BinaryOp<"add", "a + b, broadcast as numpy does", [Commutative]>;
def QONNX_SubOp : QONNX_BinaryOp<"sub", "a - b, broadcast as numpy does">;
def QONNX_MulOp : QONNX_BinaryOp<"mul", "a * b, broadcast as numpy does", [Commutative]>;
def QONNX_DivOp : QONNX_BinaryOp<"div", "a / b, broadcast as numpy does"> {
  let description = [{
    A true division, never a product with a reciprocal: `x * (1/s)` differs from
    `x / s` in a quarter of all float32 values. Integers truncate toward zero.
  }];
}
def QONNX_PowOp : QONNX_BinaryOp<"pow", "a to the b">;
def QONNX_ModOp : QONNX_BinaryOp<"mod", "remainder of a / b with the sign of b"> {
  let description = [{ ONNX Mod with `fmod = 0`. A remainder of a division of integers by 0 is 0. }];
}
def QONNX_FmodOp : QONNX_BinaryOp<"fmod", "remainder of a / b with the sign of a"> {
  let description = [{ ONNX Mod with `fmod = 1`; exact, as C's. }];
}
def QONNX_AndOp : QONNX_BinaryOp<"and", "a and b, bit by bit", [Commutative]> {
  let description = [{ ONNX And on bool and BitwiseAnd on integers. }];
}
def QONNX_OrOp : QONNX_BinaryOp<"or", "a or b, bit by bit", [Commutative]> {
  let description = [{ ONNX Or on bool and BitwiseOr on integers. }];
}
def QONNX_XorOp : QONNX_BinaryOp<"xor", "a or b but not both, bit by bit", [Commutative]> {
  let description = [{ ONNX Xor on bool and BitwiseXor on integers; with a constant of ones it is the complement. }];
}
def QONNX_MinOp : QONNX_BinaryOp<"min", "the smaller", [Commutative]>;
def QONNX_MaxOp : QONNX_BinaryOp<"max", "the larger", [Commutative]>;
def QONNX_PreluOp : QONNX_BinaryOp<"prelu", "a if a >= 0 else b * a">;
def QONNX_EqualOp : QONNX_CompareOp<"equal", "a == b">;
def QONNX_LessOp : QONNX_CompareOp<"less", "a < b">;
def QONNX_GreaterOp : QONNX_CompareOp<"greater", "a > b">;

def QONNX_FmaOp : QONNX_Op<"fma", [Pure, SameOperandsAndResultElementType, ResultsBroadcastableShape]> {
  let summary = "x * a + b, rounded once";
  let description = [{
    What ONNX Runtime computes for `alpha * sum + beta * C` in Gemm: a fused
    multiply-add. Made by `qonnx-lower-gemm` where `alpha` is not 1.

    ```mlir
    %y = qonnx.fma %sum, %alpha, %c : (tensor<1x4xf32>, tensor<f32>, tensor<4xf32>) -> tensor<1x4xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$a, AnyTensor:$b);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $a `,` $b attr-dict `:` functional-type(operands, results)";
}

def QONNX_ClipOp : QONNX_Op<"clip", [Pure, AttrSizedOperandSegments]> {
  let summary = "min(max(x, low), high)";
  let description = [{
    ONNX Clip; a bound that is absent does not limit.

    ```mlir
    %y = qonnx.clip %x low %l high %h : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, Optional<AnyTensor>:$low, Optional<AnyTensor>:$high);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x (`low` $low^)? (`high` $high^)? attr-dict `:` functional-type(operands, results)";
}

def QONNX_CastOp : QONNX_Op<"cast", [Pure, SameOperandsAndResultShape]> {
  let summary = "another element type";
  let description = [{ ONNX Cast to the element type of the result. A cast to its own type folds away. }];
  let arguments = (ins AnyTensor:$x);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

#endif // QONNX_OPS_ELEMENTWISE_TD
