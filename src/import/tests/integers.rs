//! Operators on integer codes.

use super::{Case, case};

const U8: i32 = 2;
const I8: i32 = 3;
const I32: i32 = 6;

/// An operator of ONNX Runtime.
fn runtime(op_type: &str) -> Case {
    case(op_type, 13).domain("com.microsoft").import("com.microsoft", 1)
}

impl Case {
    fn codes(self, name: &str, data_type: i32, dims: &[i64], codes: &[i8]) -> Self {
        self.constant(name, data_type, dims, codes.iter().map(|code| *code as u8).collect())
    }

    /// Codes with a scale and a zero point for all.
    fn quantized(self, name: &str, data_type: i32, dims: &[i64], codes: &[i8]) -> Self {
        self.codes(name, data_type, dims, codes).parameters(name, data_type)
    }

    fn parameters(self, name: &str, data_type: i32) -> Self {
        self.scalar(&format!("{name}_scale"), 0.5).codes(&format!("{name}_zero"), data_type, &[], &[3])
    }

    fn biased(self, name: &str, values: &[i32]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, I32, &[values.len() as i64], raw)
    }
}

#[test]
fn products_of_codes() {
    let product = case("QLinearMatMul", 10).quantized("a", U8, &[1, 2], &[1, 2]).quantized("b", I8, &[2, 1], &[3, 4]);
    product.parameters("y", I8).gives("(tensor<1x1xf32>, tensor<f32>, tensor<si8>) -> tensor<1x1xsi8>");
    let columns = || case("QLinearMatMul", 21).quantized("a", U8, &[1, 2], &[1, 2]);
    let columns = || columns().codes("b", I8, &[2, 2], &[1, 2, 3, 4]).floats("bs", &[2], &[1.0, 2.0]);
    columns().codes("bz", I8, &[2], &[1, 2]).parameters("y", U8).gives("axis -1 : (tensor<2x2xsi8>");
    let rows = case("QLinearMatMul", 21).codes("a", U8, &[2, 1], &[1, 2]).floats("as", &[2], &[1.0, 2.0]);
    rows.codes("az", U8, &[2], &[1, 2]).quantized("b", I8, &[1, 1], &[1]).parameters("y", U8).stays_generic();
}

/// (1, 1, 2, 2) and a kernel of two outputs.
fn conv(weight: i8) -> Case {
    let x = case("QLinearConv", 10).quantized("x", U8, &[1, 1, 2, 2], &[1; 4]);
    let w = x.codes("w", I8, &[2, 1, 1, 1], &[weight; 2]).floats("ws", &[2], &[0.5, 0.25]);
    w.codes("wz", I8, &[2], &[0; 2]).parameters("y", U8)
}

#[test]
fn convolutions_of_codes() {
    conv(1).ints("pads", &[1, 0, 0, 0]).gives("axis 0 : (tensor<2x1x1x1xsi8>, tensor<f32>, tensor<2xsi8>)");
    conv(1).gives("tensor<2x1x1xf32>");
    conv(1).biased("b", &[7, -7]).gives("bias");
    // x is 1 - 3.
    conv(100).biased("b", &[(1 << 24) - 200, 0]).gives("bias");
    conv(100).biased("b", &[1 - (1 << 24), 0]).fails_with("its sum can reach 16777415, expected at most 16777216");
}

#[test]
fn sums_of_codes() {
    let integer = |k: i64| {
        let codes = vec![127; k as usize];
        case("MatMulInteger", 10).codes("x", U8, &[1, k], &codes).codes("w", I8, &[k, 1], &codes)
    };
    integer(2).gives("axis 1 : (tensor<1x1xf32>, tensor<f32>) -> tensor<1x1xsi32>");
    integer(1040).gives("-> tensor<1x1xsi32>");
    integer(1041).fails_with("its sum can reach 16790289");
    integer(2).codes("xz", U8, &[], &[3]).codes("wz", I8, &[1], &[-1]).gives("axis -1 : (tensor<2x1xsi8>");
    integer(2).codes("xz", U8, &[2], &[3, 3]).stays_generic();
    let conv = case("ConvInteger", 10).codes("x", U8, &[1, 1, 2, 2], &[1; 4]).codes("w", U8, &[1, 1, 1, 2], &[1; 2]);
    conv.absent().codes("wz", U8, &[], &[3]).gives("-> tensor<1x1x2x1xsi32>");
}

/// A sum of 1000 products of 127 and 252, and a bias, divided by `scale`.
fn long_sum(scale: f32, bias: i32) -> Case {
    let codes = vec![127; 1000];
    let a = runtime("QGemm").codes("a", U8, &[1, 1000], &vec![-1; 1000]).scalar("as", 1.0).codes("az", U8, &[], &[3]);
    let b = a.codes("b", I8, &[1000, 1], &codes).scalar("bs", 1.0).codes("bz", I8, &[], &[0]).biased("c", &[bias]);
    b.scalar("ys", scale).codes("yz", U8, &[], &[0])
}

#[test]
fn sums_that_saturate_may_round() {
    long_sum(65_000.0, 0).gives("qonnx.gemm");
    long_sum(65_000.0, 80_000).fails_with("its sum can reach 32084000");
    long_sum(66_000.0, 0).fails_with("its sum can reach 32004000");
}

#[test]
fn gemm_of_codes() {
    let gemm = || {
        let a = runtime("QGemm").quantized("a", U8, &[1, 2], &[1, 2]);
        a.quantized("b", I8, &[3, 2], &[1; 6]).int("transB", 1)
    };
    gemm().biased("c", &[1, 2, 3]).gives("trans_b : (tensor<1x2xf32>, tensor<3x2xf32>, tensor<3xf32>)");
    gemm().biased("c", &[1, 2, 1 << 24]).fails_with("its sum can reach");
    gemm().absent().parameters("y", U8).gives("-> tensor<1x3xui8>");
    gemm().absent().scalar("ys", 1.0).stays_generic();
}

#[test]
fn elementwise_operators_on_codes() {
    let binary = |op| runtime(op).quantized("a", U8, &[2], &[1, 2]).quantized("b", U8, &[2], &[3, 4]);
    binary("QLinearAdd").parameters("y", U8).gives("qonnx.fma");
    binary("QLinearMul").parameters("y", U8).gives("qonnx.mul");
    binary("QLinearAdd").fails_with("operand 6 is missing");
    let unary = |op| runtime(op).quantized("x", I8, &[2], &[1, 2]).parameters("y", I8);
    unary("QLinearLeakyRelu").gives("alpha 0.00999999977");
    unary("QLinearSigmoid").gives("qonnx.sigmoid");
    unary("QLinearSoftmax").stays_generic();
    let concat = || runtime("QLinearConcat").parameters("y", U8).quantized("a", U8, &[2], &[1, 2]);
    concat().quantized("b", U8, &[1], &[3]).int("axis", 0).gives("-> tensor<3xui8>");
    concat().fails_with("has no axis");
}

#[test]
fn the_operand_that_repeats_comes_second() {
    // The codes that the runtime adds last: its outer fma.
    let outer = |a: &[i64], b: &[i64]| {
        let codes = |shape: &[i64]| vec![1; shape.iter().product::<i64>() as usize];
        let sum = runtime("QLinearAdd").quantized("a", U8, a, &codes(a)).quantized("b", I8, b, &codes(b));
        let text = sum.parameters("y", U8).result().unwrap();
        let last = text.lines().rfind(|line| line.contains("qonnx.dequantize_linear")).unwrap();
        last.contains("xui8>").then_some("a").or(last.contains("xsi8>").then_some("b"))
    };
    assert_eq!(outer(&[2, 3], &[2, 3]), Some("a"));
    assert_eq!(outer(&[2, 1], &[2, 3]), Some("b"));
    assert_eq!(outer(&[2, 3], &[2, 1]), Some("a"));
    assert_eq!(outer(&[2, 1, 1], &[2, 3, 1]), Some("b"));
    // Rows that repeat are no single elements.
    assert_eq!(outer(&[3], &[2, 3]), Some("a"));
}

#[test]
fn pools_of_codes() {
    let pool = |op| runtime(op).quantized("x", U8, &[1, 1, 2, 4], &[1; 8]).parameters("y", U8);
    let average = |kernel: &[i64]| pool("QLinearAveragePool").ints("kernel_shape", kernel);
    average(&[2, 2]).gives("qonnx.average_pool");
    average(&[2, 2]).int("channels_last", 1).stays_generic();
    average(&[2, 2]).int("ceil_mode", 1).int("count_include_pad", 1).stays_generic();
    // The whole image: an integer sum.
    average(&[2, 4]).gives("qonnx.reduce sum");
    average(&[2, 4]).ints("pads", &[0, 0, 1, 0]).gives("qonnx.average_pool");
    pool("QLinearGlobalAveragePool").gives("qonnx.reduce sum");
}

/// Floats of 8 bits are float32 here: a cast rounds to their values.
#[test]
fn casts_to_floats_of_8_bits() {
    const F8E4M3FN: i32 = 17;
    let x = [1.1, 460.0, 1e9, -f32::INFINITY, f32::NAN, 0.001];
    let cast = |to: i64| case("Cast", 25).input("x", &[6]).int("to", to);
    cast(17).maps_with_nan(&x, &[1.125, 448.0, 448.0, -448.0, f32::NAN, 0.001_953_125]);
    let strict = cast(17).int("saturate", 0);
    strict.maps_with_nan(&x, &[1.125, 448.0, f32::NAN, f32::NAN, f32::NAN, 0.001_953_125]);
    let infinite = cast(19).int("saturate", 0);
    infinite.maps_with_nan(&x, &[1.0, 448.0, f32::INFINITY, -f32::INFINITY, f32::NAN, 0.000_976_562_5]);
    cast(23).stays_generic();
    cast(24).stays_generic();
    let like = |data_type, raw| case("CastLike", 19).input("x", &[2]).constant("like", data_type, &[1], raw);
    like(F8E4M3FN, vec![0x38]).maps(&[1.1, -1.1], &[1.125, -1.125]);
    like(1, 1f32.to_le_bytes().to_vec()).gives("tensor<2xf32>");
}
