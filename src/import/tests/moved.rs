//! Movement by constant indices.

use super::{Case, case};

const X: [f32; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

fn matrix(op_type: &str, version: i64) -> Case {
    case(op_type, version).input("x", &[2, 3])
}

fn indices(case: Case, dims: &[i64], values: &[i64]) -> Case {
    case.constant("i", 7, dims, values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

#[test]
fn gathers() {
    let elements = || matrix("GatherElements", 13).int("axis", 1);
    indices(elements(), &[2, 2], &[0, -1, 2, 2]).maps(&X, &[0.0, 2.0, 5.0, 5.0]);
    indices(elements(), &[2, 1], &[0, 3]).fails_with("index 3 lies outside axis 1 of 3 elements");
    indices(elements(), &[2], &[0, 1]).fails_with("do not fit an operand of [2, 3]");
    indices(matrix("GatherND", 13), &[2, 2], &[1, -1, 0, 0]).maps(&X, &[5.0, 0.0]);
    indices(matrix("GatherND", 13), &[1, 1], &[1]).maps(&X, &[3.0, 4.0, 5.0]);
    indices(matrix("GatherND", 13).int("batch_dims", 1), &[2, 1], &[2, 0]).maps(&X, &[2.0, 3.0]);
    indices(matrix("GatherND", 13), &[1, 3], &[0, 0, 0]).fails_with("name too many axes");
    matrix("GatherElements", 13).input("i", &[2, 3]).fails_with("its indices are f32, expected integers");
}

#[test]
fn scatters() {
    let elements = |version, at: &[i64]| {
        let node = indices(matrix("ScatterElements", version).int("axis", 1), &[2, 2], at);
        node.floats("u", &[2, 2], &[10.0, 20.0, 30.0, 40.0])
    };
    elements(11, &[0, 2, 1, -3]).maps(&X, &[10.0, 1.0, 20.0, 40.0, 30.0, 5.0]);
    elements(11, &[1, 1, 0, 2]).maps(&X, &[0.0, 20.0, 2.0, 30.0, 4.0, 40.0]);
    elements(16, &[1, 1, 0, 2]).word("reduction", "add").maps(&X, &[0.0, 31.0, 2.0, 33.0, 4.0, 45.0]);
    elements(18, &[1, 1, 0, 2]).word("reduction", "max").maps(&X, &[0.0, 20.0, 2.0, 30.0, 4.0, 40.0]);
    elements(18, &[1, 1, 0, 2]).word("reduction", "xor").fails_with("reduction is 'xor', expected none, add");
    let rows =
        || indices(matrix("ScatterND", 16), &[2, 1], &[1, 1]).floats("u", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    rows().maps(&X, &[0.0, 1.0, 2.0, 4.0, 5.0, 6.0]);
    rows().word("reduction", "mul").maps(&X, &[0.0, 1.0, 2.0, 12.0, 40.0, 90.0]);
}

#[test]
fn masks() {
    matrix("Trilu", 14).maps(&X, &[0.0, 1.0, 2.0, 0.0, 4.0, 5.0]);
    matrix("Trilu", 14).int("upper", 0).list("k", &[1]).maps(&X, &[0.0, 1.0, 0.0, 3.0, 4.0, 5.0]);
    matrix("EyeLike", 9).int("k", 1).maps(&X, &[0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    let hot =
        |axis| case("OneHot", 11).input("x", &[2]).list("d", &[3]).floats("v", &[2], &[-1.0, 1.0]).int("axis", axis);
    hot(-1).maps(&[1.0, -1.0], &[-1.0, 1.0, -1.0, -1.0, -1.0, 1.0]);
    hot(0).maps(&[1.0, -1.0], &[-1.0, -1.0, 1.0, -1.0, -1.0, 1.0]);
}

#[test]
fn parts() {
    matrix("Compress", 11).constant("c", 9, &[2], vec![0, 1]).int("axis", 1).maps(&X, &[1.0, 4.0]);
    matrix("Compress", 11).constant("c", 9, &[4], vec![0, 1, 0, 1]).maps(&X, &[1.0, 3.0]);
    matrix("CenterCropPad", 18).list("s", &[1, 4]).maps(&X, &[0.0, 1.0, 2.0, 0.0]);
    let reverse = matrix("ReverseSequence", 10).list("l", &[1, 2, 2]);
    reverse.maps(&X, &[0.0, 4.0, 5.0, 3.0, 1.0, 2.0]);
}

#[test]
fn ranges_of_floats_are_sums_of_steps() {
    let range = |limit| case("Range", 11).scalar("a", 0.0).scalar("l", limit).scalar("d", 0.1);
    let values = range(0.75).outputs_for(&[]).concat();
    assert_eq!((values.len(), values[7] as f32), (8, 0.700_000_05));
    assert!(range(-1.0).outputs_for(&[]).concat().is_empty());
    range(1e9).fails_with("more than");
    case("Range", 11).input("a", &[]).scalar("l", 1.0).scalar("d", 0.1).stays_generic();
}
