//! Normalizations, reductions and running sums.

use super::{Case, case, composed::near};

const X: [f32; 8] = [1.0, -2.0, 3.0, 0.5, -1.0, 4.0, 2.0, -0.5];

fn node(op_type: &str, version: i64) -> Case {
    case(op_type, version).input("x", &[1, 2, 4])
}

impl Case {
    /// Checks the only output for [`X`].
    #[track_caller]
    fn nears(self, expected: &[f32]) {
        near(&self.outputs_for(&[&X]).concat(), expected);
    }
}

#[test]
fn normalizations() {
    let affine = |op, version| node(op, version).floats("s", &[2], &[2.0, 0.5]).floats("b", &[2], &[1.0, -1.0]);
    affine("InstanceNormalization", 22).nears(&[
        1.421_116_8,
        -1.947_817_6,
        3.667_072_8,
        0.859_627_7,
        -1.528_163_7,
        -0.285_425_66,
        -0.782_520_9,
        -1.403_889_9,
    ]);
    affine("GroupNormalization", 21).int("num_groups", 1).nears(&[
        1.130_465_4,
        -2.000_705,
        3.217_912_4,
        0.608_603_7,
        -1.489_245_4,
        -0.184_591_05,
        -0.706_452_8,
        -1.358_779_9,
    ]);
    let group = node("GroupNormalization", 18).floats("s", &[1], &[2.0]).floats("b", &[1], &[1.0]);
    group.int("num_groups", 1).nears(&[
        1.130_465_4,
        -2.000_705,
        3.217_912_4,
        0.608_603_7,
        -0.956_981_54,
        4.261_636,
        2.174_188_9,
        -0.435_119_75,
    ]);
    node("RMSNormalization", 23).floats("s", &[4], &[1.0, 2.0, 3.0, 4.0]).nears(&[
        0.529_812_16,
        -2.119_248_6,
        4.768_309_6,
        1.059_624_3,
        -0.433_860_5,
        3.470_884,
        2.603_163,
        -0.867_721,
    ]);
    node("LpNormalization", 22).int("axis", 2).int("p", 1).nears(&[
        0.153_846_16,
        -0.307_692_32,
        0.461_538_46,
        0.076_923_08,
        -0.133_333_34,
        0.533_333_36,
        0.266_666_68,
        -0.066_666_67,
    ]);
    node("LpNormalization", 22).maps(&[0.0; 8], &[0.0; 8]);
    node("LRN", 13).int("size", 3).float("alpha", 0.5).nears(&LRN);
    node("GroupNormalization", 21).fails_with("has no num_groups");
}

/// `x / (1 + 0.5 / 3 * (sum of squares of both channels)) ^ 0.75`.
const LRN: [f32; 8] =
    [0.805_927_46, -0.665_906_76, 1.263_774_2, 0.470_867_2, -0.805_927_46, 1.331_813_5, 0.842_516_1, -0.470_867_2];

#[test]
fn reductions() {
    let reduce = |op| node(op, 18).list("a", &[2]).int("keepdims", 0);
    reduce("ReduceL1").nears(&[6.5, 7.5]);
    reduce("ReduceL2").nears(&[3.774_917_2, 4.609_772]);
    reduce("ReduceSumSquare").nears(&[14.25, 21.25]);
    reduce("ReduceLogSumExp").nears(&[3.202_253_6, 4.142_525_2]);
    node("ReduceLogSum", 18).list("a", &[2]).nears(&[0.916_290_7, 1.504_077_4]);
    node("ArgMin", 13).int("axis", 2).int("keepdims", 0).maps(&X, &[1.0, 0.0]);
    node("Hardmax", 13).maps(&X, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    node("Hardmax", 11).int("axis", 1).maps(&X, &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let bytes = case("ArgMin", 13).constant("x", 2, &[3], vec![200, 3, 250]).outputs_for(&[]);
    assert_eq!(bytes, [[1.0]]);
}

#[test]
fn pools() {
    node("LpPool", 22).ints("kernel_shape", &[2]).ints("strides", &[2]).int("p", 1).nears(&[3.0, 3.5, 5.0, 2.5]);
    node("LpPool", 22).ints("kernel_shape", &[2]).ints("strides", &[2]).nears(&[
        2.236_068,
        3.041_381_4,
        4.123_105_5,
        2.061_552_8,
    ]);
    node("LpPool", 22).ints("kernel_shape", &[2]).int("ceil_mode", 1).stays_generic();
    node("GlobalLpPool", 22).nears(&[3.774_917_2, 4.609_772]);
}

#[test]
fn running_sums_and_products() {
    let sum = || node("CumSum", 14).list("a", &[2]);
    sum().maps(&X, &[1.0, -1.0, 2.0, 2.5, -1.0, 3.0, 5.0, 4.5]);
    sum().int("exclusive", 1).int("reverse", 1).maps(&X, &[1.5, 3.5, 0.5, 0.0, 5.5, 1.5, -0.5, 0.0]);
    let whole = case("CumSum", 14).ints32("x", &[3, 4, 5]).list("a", &[0]).outputs_for(&[]);
    assert_eq!(whole, [[3.0, 7.0, 12.0]]);
    let product = || node("CumProd", 26).list("a", &[-1]);
    product().maps(&X, &[1.0, -2.0, -6.0, -3.0, -1.0, -4.0, -8.0, 4.0]);
    product().int("exclusive", 1).maps(&X, &[1.0, 1.0, -2.0, -6.0, 1.0, -1.0, -4.0, -8.0]);
    product().int("reverse", 1).maps(&X, &[-3.0, -3.0, 1.5, 0.5, 4.0, -4.0, -1.0, -0.5]);
}
