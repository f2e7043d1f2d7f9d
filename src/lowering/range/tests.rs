//! Ranges of small functions.

use super::*;
use qonnx_dialect::Program;

/// Two channels, of [0, 1] and of [0, 15].
const CHANNELS: &str = "%x = hls.concat %a, %b axis 1 : (tensor<1x1x3xui1>, tensor<1x1x3xui4>) -> tensor<1x2x3xui4>";

/// The range of the last operation, which may use `a` (codes of [0, 1]), `b` (codes of
/// [0, 15]), `wide` (40 bits) and `image` (codes of [0, 15]).
fn range_of(lines: &[&str]) -> Result<Range, String> {
    let arguments =
        "%a: tensor<1x1x3xui1>, %b: tensor<1x1x3xui4>, %wide: tensor<1x1x3xui40>, %image: tensor<1x8x64x64xui4>";
    let source = format!("func.func @f({arguments}) {{\n{}\nreturn\n}}", lines.join("\n"));
    let program = Program::parse(source.as_bytes()).unwrap();
    program.with(|module| {
        let ops = module.body()[0].body();
        Ranges::default().of(ops[ops.len() - 2].result(0)).map(|range| (*range).clone())
    })
}

/// Intervals in order, however they broadcast.
fn intervals(lines: &[&str]) -> Vec<(i64, i64)> {
    let range = range_of(lines).unwrap();
    range.low.iter().copied().zip(range.high.iter().copied()).collect()
}

/// The interval of all elements.
fn span(lines: &[&str]) -> (i64, i64) {
    range_of(lines).unwrap().span()
}

#[test]
fn a_convolution_adds_its_own_channels_and_the_bias() {
    let dense = [
        CHANNELS,
        "%w = hls.constant dense<[[[1], [-2]], [[3], [1]]]> : tensor<2x2x1xsi3>",
        "%k = hls.constant dense<[5, -1]> : tensor<2xsi4>",
        "%y = hls.conv %x, %w, %k strides [1] dilations [1] group 1 : (tensor<1x2x3xui4>, tensor<2x2x1xsi3>, tensor<2xsi4>) -> tensor<1x2x3xsi7>",
    ];
    assert_eq!(intervals(&dense), [(-25, 6), (-1, 17)]);
}

#[test]
fn groups_do_not_mix() {
    let grouped = [
        CHANNELS,
        "%w = hls.constant dense<[[[1, 1]], [[1, -1]]]> : tensor<2x1x2xsi2>",
        "%y = hls.conv %x, %w strides [1] dilations [1] group 2 : (tensor<1x2x3xui4>, tensor<2x1x2xsi2>) -> tensor<1x2x2xsi5>",
    ];
    assert_eq!(intervals(&grouped), [(0, 2), (-15, 15)]);
}

#[test]
fn sums_beyond_62_bits_are_refused() {
    let wide = [
        "%w = hls.constant dense<1073741824> : tensor<1x1x3xui31>",
        "%y = hls.conv %wide, %w strides [1] dilations [1] group 1 : (tensor<1x1x3xui40>, tensor<1x1x3xui31>) -> tensor<1x1x1xui63>",
    ];
    assert!(range_of(&wide).is_err_and(|problem| problem.contains("more than 62 bits")));
}

#[test]
fn windows_keep_the_axes_that_they_do_not_touch() {
    let along = |reduction: &str, window: &str, result: &str| {
        let window = format!(
            "%y = hls.reduce_window {reduction} %x window {window} strides [1, 1, 1] dilations [1, 1, 1] : (tensor<1x2x3xui4>) -> {result}"
        );
        intervals(&[CHANNELS, &window])
    };
    assert_eq!(along("sum", "[1, 1, 3]", "tensor<1x2x1xui6>"), [(0, 3), (0, 45)]);
    assert_eq!(along("max", "[1, 1, 3]", "tensor<1x2x1xui4>"), [(0, 1), (0, 15)]);
    assert_eq!(along("sum", "[1, 2, 3]", "tensor<1x1x1xui7>"), [(0, 90)]);
    assert_eq!(along("max", "[1, 2, 3]", "tensor<1x1x1xui4>"), [(0, 15)]);
}

#[test]
fn padding_adds_its_value_where_there_is_any() {
    let padded = |amounts: &str, result: &str| {
        let pad = format!("%y = hls.pad %x {amounts} value -3 : (tensor<1x2x3xui4>) -> {result}");
        intervals(&[CHANNELS, &pad])
    };
    let around = padded("low [0, 0, 1] high [0, 0, 0] interior [0, 0, 0]", "tensor<1x2x4xsi5>");
    assert_eq!(around, [(-3, 1), (-3, 15)]);
    let between = padded("low [0, 0, 0] high [0, 0, 0] interior [0, 0, 1]", "tensor<1x2x5xsi5>");
    assert_eq!(between, [(-3, 1), (-3, 15)]);
    let cropped = padded("low [0, 0, -1] high [0, 0, 0] interior [0, 0, 0]", "tensor<1x2x2xsi5>");
    assert_eq!(cropped, [(0, 1), (0, 15)]);
    // A channel more: which is which is not followed.
    let channel = padded("low [0, 1, 0] high [0, 0, 0] interior [0, 0, 0]", "tensor<1x3x3xsi5>");
    assert_eq!(channel, [(-3, 15)]);
}

#[test]
fn gathers_and_concats_keep_what_they_move_along_their_axis() {
    let gather = "%y = hls.gather %x axis 1 [1, 1, 0] : (tensor<1x2x3xui4>) -> tensor<1x3x3xui4>";
    assert_eq!(intervals(&[CHANNELS, gather]), [(0, 15), (0, 15), (0, 1)]);
    let along = "%y = hls.concat %b, %x, %a axis 1 : (tensor<1x1x3xui4>, tensor<1x2x3xui4>, tensor<1x1x3xui1>) -> tensor<1x4x3xui4>";
    assert_eq!(intervals(&[CHANNELS, along]), [(0, 15), (0, 1), (0, 15), (0, 1)]);
    // What was gathered along the last axis lies in memory in another order.
    let view = "%v = hls.view %x : (tensor<1x2x3xui4>) -> tensor<2x3xui4>";
    let gather = "%g = hls.gather %v axis 1 [2, 0] : (tensor<2x3xui4>) -> tensor<2x2xui4>";
    let twice = "%y = hls.add %g, %g : (tensor<2x2xui4>, tensor<2x2xui4>) -> tensor<2x2xui5>";
    assert_eq!(intervals(&[CHANNELS, view, gather, twice]), [(0, 2), (0, 2), (0, 30), (0, 30)]);
    // Channels are merged by a Concat of another axis.
    let across = "%y = hls.concat %x, %x axis 2 : (tensor<1x2x3xui4>, tensor<1x2x3xui4>) -> tensor<1x2x6xui4>";
    assert_eq!(intervals(&[CHANNELS, across]), [(0, 15); 6]);
}

#[test]
fn branches_of_one_tensor_are_not_independent() {
    let double = "%d = hls.mul %b, %c : (tensor<1x1x3xui4>, tensor<si3>) -> tensor<1x1x3xsi7>";
    let constant = "%c = hls.constant dense<-2> : tensor<si3>";
    // b - 2 b, and 3 b of two ways round.
    let sum = "%y = hls.add %b, %d : (tensor<1x1x3xui4>, tensor<1x1x3xsi7>) -> tensor<1x1x3xsi7>";
    assert_eq!(intervals(&[constant, double, sum]), [(-15, 0); 3]);
    let difference = "%y = hls.sub %b, %d : (tensor<1x1x3xui4>, tensor<1x1x3xsi7>) -> tensor<1x1x3xsi8>";
    assert_eq!(intervals(&[constant, double, difference]), [(0, 45); 3]);
    // Other branches are.
    let other = "%y = hls.add %a, %d : (tensor<1x1x3xui1>, tensor<1x1x3xsi7>) -> tensor<1x1x3xsi7>";
    assert_eq!(span(&[constant, double, other]), (-30, 1));
    // Elements that have changed places are others.
    let reversed = "%r = hls.gather %b axis 2 [2, 1, 0] : (tensor<1x1x3xui4>) -> tensor<1x1x3xui4>";
    let crossed = "%y = hls.sub %b, %r : (tensor<1x1x3xui4>, tensor<1x1x3xui4>) -> tensor<1x1x3xsi5>";
    assert_eq!(intervals(&[reversed, crossed]), [(-15, 15), (0, 0), (-15, 15)]);
}

#[test]
fn two_dot_products_in_a_row_are_one() {
    // (b0 + b1, b0 - b1, 0), then the sum of all: 2 b0.
    let lines = [
        "%v = hls.view %b : (tensor<1x1x3xui4>) -> tensor<1x3xui4>",
        "%m = hls.constant dense<[[1, 1, 0], [1, -1, 0], [0, 0, 0]]> : tensor<3x3xsi2>",
        "%h = hls.matmul %v, %m : (tensor<1x3xui4>, tensor<3x3xsi2>) -> tensor<1x3xsi6>",
        "%o = hls.constant dense<1> : tensor<3x1xsi2>",
        "%y = hls.matmul %h, %o : (tensor<1x3xsi6>, tensor<3x1xsi2>) -> tensor<1x1xsi7>",
    ];
    assert_eq!(intervals(&lines), [(0, 30)]);
}

#[test]
fn what_costs_too_much_stays_with_intervals() {
    // Intervals leave out that each channel is a term of its sum.
    let lines = [
        "%m = hls.constant dense<1> : tensor<8x8x1x1xui1>",
        "%h = hls.conv %image, %m strides [1, 1] dilations [1, 1] group 1 : (tensor<1x8x64x64xui4>, tensor<8x8x1x1xui1>) -> tensor<1x8x64x64xui7>",
        "%y = hls.sub %h, %image : (tensor<1x8x64x64xui7>, tensor<1x8x64x64xui4>) -> tensor<1x8x64x64xsi8>",
    ];
    assert_eq!(span(&lines), (-15, 8 * 15));
}
