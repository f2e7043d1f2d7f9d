//! Resize between elements: results of onnxruntime.

use super::{Case, case, composed::near};

const X: [f32; 6] = [1.0, 2.0, 4.0, -1.0, 0.0, 3.0];

fn resize(version: i64) -> Case {
    case("Resize", version).input("x", &[1, 1, 2, 3]).absent()
}

fn scaled(scales: &[f32]) -> Case {
    resize(13).floats("s", &[4], scales)
}

#[track_caller]
fn nears(case: Case, expected: &[f32]) {
    near(&case.outputs_for(&[&X]).concat(), expected);
}

#[test]
fn linear() {
    let twice = || scaled(&[1.0, 1.0, 1.0, 2.0]).word("mode", "linear");
    let rows = [1.0, 1.25, 1.75, 2.5, 3.5, 4.0, -1.0, -0.75, -0.25, 0.75, 2.25, 3.0];
    twice().maps(&X, &rows);
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 4.0, -1.0, -0.5, 0.0, 1.5, 3.0, 3.0];
    twice().word("coordinate_transformation_mode", "asymmetric").maps(&X, &steps);
    let corners = resize(19).absent().list("z", &[3, 2]).ints("axes", &[2, 3]).word("mode", "linear");
    let corners = corners.word("coordinate_transformation_mode", "align_corners");
    corners.maps(&X, &[1.0, 4.0, 0.0, 3.5, -1.0, 3.0]);
    let upsample = case("Upsample", 9).input("x", &[1, 1, 2, 3]).floats("s", &[4], &[1.0, 1.0, 1.0, 2.0]);
    upsample.word("mode", "linear").maps(&X, &steps);
}

#[test]
fn short_weights_are_a_matrix_and_long_ones_the_sum_of_the_reference() {
    let text = scaled(&[1.0, 1.0, 1.0, 1.5]).word("mode", "linear").result().unwrap();
    assert_eq!(text.matches("qonnx.add").count(), 3, "{text}");
    assert!(!text.contains("qonnx.matmul"), "{text}");
    let text = scaled(&[1.0, 1.0, 2.0, 2.0]).word("mode", "linear").result().unwrap();
    assert_eq!(text.matches("qonnx.matmul").count(), 1, "{text}");
    assert_eq!(text.matches("qonnx.quant").count(), 1, "{text}");
}

#[test]
fn cubic() {
    let twice = || scaled(&[1.0, 1.0, 1.0, 2.0]).word("mode", "cubic");
    nears(twice(), &CUBIC);
    nears(twice().int("exclude_outside", 1).float("cubic_coeff_a", -0.5), &CUBIC_INSIDE);
}

#[test]
fn crops() {
    let region = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.5];
    let node = case("Resize", 13).input("x", &[1, 1, 2, 3]).floats("r", &[8], &region).absent();
    let node = node.list("z", &[1, 1, 2, 4]).word("mode", "linear").float("extrapolation_value", 9.0);
    nears(
        node.word("coordinate_transformation_mode", "tf_crop_and_resize"),
        &[1.0, 2.0, 4.0, 9.0, -1.0, 0.0, 3.0, 9.0],
    );
}

#[test]
fn what_is_not_known_stays() {
    scaled(&[1.0, 1.0, 0.5, 0.5]).word("mode", "linear").int("antialias", 1).stays_generic();
    scaled(&[1.0, 1.0, 2.0, 2.0])
        .word("mode", "spline")
        .fails_with("mode is 'spline', expected nearest, linear or cubic");
}

const CUBIC: [f32; 12] = [
    0.89453125,
    1.15625,
    1.5625,
    2.5585938,
    3.5820312,
    4.2109375,
    -1.1054688,
    -0.87890625,
    -0.54296875,
    0.78515625,
    2.3554688,
    3.3164062,
];
const CUBIC_INSIDE: [f32; 12] = [
    0.9117647,
    1.1459854,
    1.6412214,
    2.5114503,
    3.642336,
    4.1764703,
    -1.0882353,
    -0.8759124,
    -0.42748094,
    0.73282444,
    2.4525547,
    3.2647057,
];
