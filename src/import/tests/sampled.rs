//! What lies between elements, in windows and regions; selections of constants; losses; sequences. Expected values are
//! those of onnxruntime.

use super::{Case, case, composed::near};

/// x (1, 1, 2, 3) from 0, sampled at three points.
fn grid(mode: &str, padding: &str) -> Case {
    let points = [-1.0, -1.0, 0.5, -0.25, 1.3, 1.0];
    let node = case("GridSample", 20).input("x", &[1, 1, 2, 3]).floats("g", &[1, 1, 3, 2], &points);
    node.word("mode", mode).word("padding_mode", padding)
}

const X: [f32; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

fn places(count: u8) -> Vec<f32> {
    (0..count).map(f32::from).collect()
}

#[test]
fn grids() {
    grid("linear", "zeros").maps(&X, &[0.0, 2.5, 0.125_000_48]);
    grid("linear", "border").maps(&X, &[0.0, 2.5, 5.0]);
    grid("cubic", "reflection").maps(&X, &[-0.75, 2.488_281_3, 5.598_125]);
    grid("nearest", "zeros").maps(&X, &[0.0, 2.0, 0.0]);
    grid("spline", "zeros").fails_with("mode is 'spline', expected linear or nearest");
    grid("linear", "wrap").fails_with("padding_mode is 'wrap', expected zeros, border or reflection");
    let moved = case("AffineGrid", 20).input("t", &[1, 2, 3]).list("s", &[1, 1, 1, 2]);
    moved.maps(&[1.0, 0.0, 0.5, 0.0, 1.0, 0.0], &[0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn windows_whose_elements_move() {
    let node = case("DeformConv", 22).input("x", &[1, 1, 2, 2]).floats("w", &[1, 1, 1, 2], &[1.0, 2.0]);
    let node = node.floats("o", &[1, 4, 2, 1], &[0.5, 0.0, 0.0, 0.25, 0.0, 0.5, -0.5, 1.0]);
    node.maps(&[0.0, 1.0, 2.0, 3.0], &[2.0, 2.25]);
}

#[test]
fn regions() {
    let align = |mode| {
        let node = case("RoiAlign", 20).input("x", &[1, 1, 4, 4]).floats("r", &[1, 4], &[0.3, 0.2, 2.5, 3.1]);
        node.list("b", &[0]).int("output_height", 2).int("sampling_ratio", 2).word("mode", mode)
    };
    align("avg").maps(&places(16), &[2.6, 8.399_999]);
    align("max").maps(&places(16), &[2.165_624_6, 3.965_001_3]);
    align("min").fails_with("mode is 'min', expected avg or max");
    let node = case("MaxRoiPool", 20).input("x", &[1, 1, 4, 4]).floats("r", &[1, 5], &[0.0, 0.0, 1.0, 2.0, 3.0]);
    node.ints("pooled_shape", &[2, 1]).maps(&places(16), &[10.0, 14.0]);
    let nowhere = case("MaxRoiPool", 20).input("x", &[1, 1, 4, 4]).floats("r", &[1, 5], &[1.0, 0.0, 0.0, 1.0, 1.0]);
    nowhere.ints("pooled_shape", &[1, 1]).fails_with("a region lies in no sample of the 1");
    case("MaxRoiPool", 20)
        .input("x", &[1, 1, 4, 4])
        .input("r", &[1, 5])
        .ints("pooled_shape", &[1, 1])
        .fails_with("regions are not constant");
}

#[test]
fn windows_turned_back() {
    let pool = case("MaxPool", 12).input("x", &[1, 1, 2, 4]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]);
    let found = pool.outputs(2).outputs_for(&[&[3.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 4.0]]);
    assert_eq!(found, [[3.0, 4.0], [0.0, 7.0]]);
    let flat = case("MaxPool", 12).input("x", &[3]).ints("kernel_shape", &[]).outputs(2);
    flat.fails_with("the operand has rank 1");
    let unpool = case("MaxUnpool", 11).input("x", &[1, 1, 1, 2]).constant(
        "i",
        7,
        &[1, 1, 1, 2],
        [5i64, 0].iter().flat_map(|i| i.to_le_bytes()).collect(),
    );
    let unpool = unpool.ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]);
    unpool.maps(&[8.0, 9.0], &[9.0, 0.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0]);
    let columns = case("Col2Im", 18).input("x", &[1, 2, 2]).list("i", &[1, 3]).list("b", &[1, 2]);
    columns.maps(&[1.0, 2.0, 3.0, 4.0], &[1.0, 5.0, 4.0]);
}

#[test]
fn losses() {
    let of = |op, reduction| {
        let node = case(op, 13).input("x", &[2, 3]).list("t", &[2, 0]).floats("w", &[3], &[1.0, 2.0, 3.0]);
        node.word("reduction", reduction)
    };
    of("NegativeLogLikelihoodLoss", "none").maps(&X, &[-6.0, -3.0]);
    of("NegativeLogLikelihoodLoss", "mean").maps(&X, &[-2.25]);
    of("NegativeLogLikelihoodLoss", "sum").int("ignore_index", 2).maps(&X, &[-3.0]);
    of("NegativeLogLikelihoodLoss", "most").fails_with("reduction is 'most', expected none, sum or mean");
    let entropy = of("SoftmaxCrossEntropyLoss", "none").outputs(2).outputs_for(&[&X]);
    near(&entropy[0], &[1.222_817_9, 2.407_606]);
}

#[test]
fn transforms() {
    let line =
        |x: &[f32]| case("DFT", 17).input("x", &[1, x.len() as i64, 1]).int("onesided", 1).outputs_for(&[x]).concat();
    near(&line(&[1.0, 2.0, 3.0, 4.0]), &[10.0, 0.0, -2.0, 2.0, -2.0, 0.0]);
    case("DFT", 17).input("x", &[1, 4, 3]).fails_with("has 3 elements, expected 1 or 2");
    let window = case("HannWindow", 17).constant("n", 7, &[], 4i64.to_le_bytes().to_vec()).outputs_for(&[]).concat();
    assert_eq!(window, [0.0, 0.5, 1.0, 0.5]);
}

#[test]
fn selections_of_constants() {
    let of = |op, values: &[f32]| case(op, 13).floats("x", &[values.len() as i64], values);
    assert_eq!(of("NonZero", &[0.0, 2.0, 0.0, -1.0]).outputs_for(&[]), [[1.0, 3.0]]);
    let unique = of("Unique", &[3.0, 1.0, 3.0]).outputs(4).outputs_for(&[]);
    assert_eq!(unique, [vec![1.0, 3.0], vec![1.0, 0.0], vec![1.0, 0.0, 1.0], vec![1.0, 2.0]]);
    let kept = of("Unique", &[3.0, 1.0, 3.0]).int("sorted", 0).outputs_for(&[]).concat();
    assert_eq!(kept, [3.0, 1.0]);
    case("NonZero", 13).input("x", &[3]).stays_generic();
    let boxes = [0.0, 0.0, 1.0, 1.0, 0.0, 0.1, 1.0, 1.1, 0.0, 5.0, 1.0, 6.0];
    let node = case("NonMaxSuppression", 11).floats("b", &[1, 3, 4], &boxes).floats("s", &[1, 1, 3], &[0.9, 0.8, 0.7]);
    let node = node.list("m", &[3]).scalar("i", 0.5);
    assert_eq!(node.outputs_for(&[]).concat(), [0.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
}

#[test]
fn indices_that_are_computed() {
    // Floats as indices of the rows and columns of x.
    let node = case("GatherElements", 13);
    let mut cast = case("Cast", 13).input("f", &[1, 3]).int("to", 7);
    cast.node.output = vec!["i".into()];
    let mut node = node.input("x", &[2, 3]);
    node.node.input.push("i".into());
    node.inputs.extend(cast.inputs);
    node.before.push(cast.node);
    assert_eq!(node.outputs_for(&[&X, &[1.0, 0.0, -1.0]]).concat(), [3.0, 1.0, 5.0]);
}

#[test]
fn ranges_that_are_computed() {
    let node = case("DynamicQuantizeLinear", 11).input("x", &[3]).outputs(3);
    let [codes, scale, zero] = &node.outputs_for(&[&[-1.0, 0.0, 4.1]])[..] else { panic!("three outputs") };
    assert_eq!((&codes[..], scale[0] as f32, zero[0]), (&[0.0, 50.0, 255.0][..], 0.02, 50.0));
}

#[test]
fn sequences_of_known_length() {
    let parts = || case("SplitToSequence", 13).input("x", &[2, 3]).int("axis", 1);
    let second = parts().followed_by("SequenceAt", "y0").constant("p", 7, &[], (-2i64).to_le_bytes().to_vec());
    second.maps(&X, &[1.0, 4.0]);
    let beyond = parts().followed_by("SequenceAt", "y0").constant("p", 7, &[], 3i64.to_le_bytes().to_vec());
    let message = beyond.result().unwrap_err();
    assert!(message.contains("position 3 lies outside a sequence with 3 places"), "{message}");
    parts().followed_by("ConcatFromSequence", "y0").int("axis", 0).maps(&X, &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let message = parts().result().unwrap_err();
    assert!(message.contains("'y0': is a sequence: only tensors can leave hardware"), "{message}");
}

#[test]
fn inverse_functions_have_the_bits_of_onnxruntime() {
    let of = |op, version, x: &[f32], bits: &[u32]| {
        let y: Vec<f32> = bits.iter().map(|bits| f32::from_bits(*bits)).collect();
        case(op, version).input("x", &[x.len() as i64]).maps(x, &y);
    };
    of("Asin", 7, &[-0.7, 0.3, 0.9], &[0xbf46_8074, 0x3e9c_00ae, 0x3f8f_549c]);
    of("Acos", 7, &[-0.7, 0.3, 0.9], &[0x4016_280a, 0x3fa2_0fb1, 0x3ee6_ecfd]);
    of("Atan", 7, &[-3.3, 0.4, 1.7], &[0xbfa3_6660, 0x3ec2_d1bb, 0x3f85_0052]);
    of("Asinh", 9, &[-3.3, 0.4, 1.0e6], &[0xbff4_6317, 0x3ec7_b2b6, 0x4168_2376]);
    of("Acosh", 9, &[1.2, 3.3, 1.0e9], &[0x3f1f_5328, 0x3fee_7ff0, 0x41ab_54d1]);
    of("Atanh", 9, &[-0.7, 0.3, 0.9], &[0xbf5e_0768, 0x3e9e_795b, 0x3fbc_71af]);
}
