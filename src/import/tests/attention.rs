//! Attention and RotaryEmbedding: results of onnxruntime.

use super::{Case, case, composed::near};

/// One head of two queries, three keys and values of two elements.
fn attention() -> Case {
    let node = case("Attention", 23).input("q", &[1, 1, 2, 2]);
    let node = node.floats("k", &[1, 1, 3, 2], &[0.25, 1.0, -2.0, 0.5, 0.0, 1.0]);
    node.floats("v", &[1, 1, 3, 2], &[1.0, 2.0, -1.0, 0.0, 0.5, 3.0])
}

#[track_caller]
fn gives(case: Case, q: &[f32], expected: &[f32]) {
    near(&case.outputs_for(&[q]).concat(), expected);
}

#[test]
fn masks() {
    let q = [1.0, 0.0, 0.5, -1.0];
    gives(attention().int("is_causal", 1), &q, &[1.0, 2.0, 0.217_443_23, 1.217_443_2]);
    let masked =
        attention().constant("m", 9, &[2, 3], vec![1, 1, 0, 0, 0, 1]).float("softcap", 2.0).float("scale", 0.5);
    gives(masked, &q, &[0.481_193_2, 1.481_193_2, 0.5, 3.0]);
    let blind = attention().constant("m", 9, &[2, 3], vec![0, 0, 0, 0, 0, 1]);
    gives(blind, &q, &[0.0, 0.0, 0.5, 3.0]);
}

#[test]
fn heads_that_share_a_key() {
    let node = case("Attention", 23).input("q", &[1, 2, 4]).floats("k", &[1, 2, 2], &[0.25, 1.0, -2.0, 0.5]);
    let node = node.floats("v", &[1, 2, 2], &[0.25, 1.0, -2.0, 0.5]).int("q_num_heads", 2).int("kv_num_heads", 1);
    let expected =
        [-0.130_800_43, 0.915_377_7, -0.630_376_34, 0.804_360_8, -0.678_172_23, 0.793_739_5, -1.559_966_8, 0.597_785_2];
    gives(node, &[1.0, 0.0, 0.5, -1.0, 0.0, 1.0, -1.0, 0.5], &expected);
    let unnamed = case("Attention", 23).input("q", &[1, 2, 4]).input("k", &[1, 2, 4]).input("v", &[1, 2, 4]);
    unnamed.fails_with("has no q_num_heads above 0");
}

#[test]
fn rotations() {
    let turn = |x: &[i64]| {
        let node = case("RotaryEmbedding", 23).input("x", x).floats("c", &[2, 1], &[1.0, 0.0]);
        node.floats("s", &[2, 1], &[0.0, 1.0]).constant("p", 7, &[1, 2], [[0; 8], 1i64.to_le_bytes()].concat())
    };
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    turn(&[1, 1, 2, 3]).int("rotary_embedding_dim", 2).maps(&x, &[1.0, 2.0, 3.0, -5.0, 4.0, 6.0]);
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let joint = turn(&[1, 2, 4]).int("num_heads", 2);
    joint.int("interleaved", 1).maps(&x, &[1.0, 2.0, 3.0, 4.0, -6.0, 5.0, -8.0, 7.0]);
    turn(&[1, 1, 2, 3]).fails_with("turns 3 of 3 elements, expected an even part");
}
