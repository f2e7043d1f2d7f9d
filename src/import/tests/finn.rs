//! QONNX's operators for the way to FINN.

use super::{AttributeProto, AttributeType, Case, case};

fn node(op_type: &str) -> Case {
    case(op_type, 13).domain("qonnx.custom_op.general").import("qonnx.custom_op.general", 1)
}

#[test]
fn popcounts() {
    let product = || node("XnorPopcountMatMul").input("a", &[2, 3]);
    product().floats("b", &[3, 1], &[1.0; 3]).gives("dense<3.000000e+00>");
    product().floats("b", &[2, 1], &[1.0; 2]).fails_with("contracts 3 columns of the left with 2 rows");
}

#[test]
fn average_pools() {
    let pool = || node("QuantAvgPool2d").input("x", &[1, 2, 4, 4]).int("kernel", 2).int("stride", 2).int("obits", 3);
    // The sum of 4 numbers of 4 bits has 6.
    pool().int("ibits", 4).gives("dense<6.000000e+00>");
    pool().int("ibits", 4).gives("floor : (tensor<1x2x2x2xf32>");
    pool().int("ibits", 4).word("data_layout", "NHWC").gives("-> tensor<1x1x2x4xf32>");
    pool().int("ibits", 4).word("data_layout", "CHWN").fails_with("data_layout is 'CHWN'");
    pool().int("ibits", 40).fails_with("ibits is 40, expected 1 to 32");
    pool().fails_with("has no ibits");
}

#[test]
fn patches() {
    let image = || node("Im2Col").input("x", &[1, 5, 4, 3]);
    let patches = || image().ints("kernel_size", &[3, 2]).ints("stride", &[2, 1]);
    patches().gives("-> tensor<1x2x3x18xf32>");
    patches().ints("pad_amount", &[1, 0, 1, 1]).gives("-> tensor<1x3x4x18xf32>");
    patches().ints("dilations", &[2, 3]).gives("dense<[0, 2, 4]> : tensor<3xsi64>");
    patches().ints("dilations", &[3, 1]).fails_with("its window [3, 2] of stride [2, 1] does not fit [1, 5, 4, 3]");
    image().ints("kernel_size", &[3]).ints("stride", &[1, 1]).fails_with("kernel_size is [3], expected 2 numbers");
    image().ints("kernel_size", &[3, 3]).fails_with("has no stride");
    let wide = patches().ints("pad_amount", &[1 << 23, 0, 1 << 23, 0]);
    wide.fails_with("its patches have more than 16777216 rows");
}

#[test]
fn greatest_elements_with_channels_last() {
    let pool = || node("MaxPoolNHWC").input("x", &[1, 4, 4, 3]).ints("kernel_shape", &[2, 2]);
    pool().ints("strides", &[2, 2]).gives("-> tensor<1x2x2x3xf32>");
    let word = AttributeProto { i: Some(1), ..Default::default() };
    pool().ints("strides", &[3, 3]).attribute("ceil_mode", AttributeType::Int, word).gives("-> tensor<1x2x2x3xf32>");
}
