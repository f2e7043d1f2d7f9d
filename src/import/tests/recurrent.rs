//! RNN, GRU and LSTM: results of onnxruntime.

use super::{Case, case, composed::near};

/// `start, start + step, ...`, again from the start after five.
fn ramp(count: usize, step: f32) -> Vec<f32> {
    (0..count).map(|index| -0.5 + step * (index % 5) as f32).collect()
}

/// Three steps of one sample with one input and two hidden elements.
fn layer(op_type: &str, gates: usize, directions: usize) -> Case {
    let (d, g) = (directions as i64, gates as i64);
    let node = case(op_type, 14).input("x", &[3, 1, 1]).int("hidden_size", 2).outputs(2);
    let node = node.floats("w", &[d, 2 * g, 1], &ramp(2 * gates * directions, 0.25));
    node.floats("r", &[d, 2 * g, 2], &ramp(4 * gates * directions, 0.125))
}

fn biased(op_type: &str, gates: usize, directions: usize) -> Case {
    let biases = ramp(4 * gates * directions, 0.0625);
    layer(op_type, gates, directions).floats("b", &[directions as i64, 4 * gates as i64], &biases).absent()
}

#[track_caller]
fn gives(case: Case, expected: &[&[f32]]) {
    let outputs = case.outputs_for(&[&[0.5, -1.0, 2.0]]);
    assert_eq!(outputs.len(), expected.len());
    outputs.iter().zip(expected).for_each(|(found, wanted)| near(found, wanted));
}

#[test]
fn recurrent_layers() {
    let last = [-0.852_625_13, -0.742_030_74];
    let all = [&last[..], &[0.397_039_18, -0.154_212_95, -0.954_045_24, -0.848_283_65]].concat();
    gives(biased("RNN", 1, 1).word("direction", "reverse"), &[&all, &last]);
    biased("RNN", 1, 1).word("direction", "sideways").fails_with("direction is 'sideways', expected forward");
}

#[test]
fn gated_units() {
    let start = |directions: usize| {
        biased("GRU", 3, directions).floats("h", &[directions as i64, 1, 2], &vec![0.25; 2 * directions])
    };
    let all = [
        -0.327_993_78,
        -0.561_510_8,
        -0.616_806_2,
        -0.541_349_35,
        -0.593_919_3,
        -0.396_251_23,
        -0.396_322_64,
        -0.402_688_44,
        0.112_380_36,
        -0.805_912_55,
        -0.694_745_9,
        -0.476_696_37,
    ];
    let last = [0.112_380_36, -0.805_912_55, -0.616_806_2, -0.541_349_35];
    gives(start(2).word("direction", "bidirectional"), &[&all, &last]);
    let last = [0.370_044_3, -0.755_108_7];
    let all = [&[-0.080_785_595, -0.490_524_98, -0.443_167_12, -0.232_208_88], &last[..]].concat();
    gives(start(1).int("linear_before_reset", 1), &[&all, &last]);
}

#[test]
fn long_short_term_memory() {
    let node = biased("LSTM", 4, 1).floats("h", &[1, 1, 2], &[0.25; 2]).floats("c", &[1, 1, 2], &[0.5; 2]);
    let node = node.floats("p", &[1, 6], &ramp(6, 0.25)).float("clip", 0.5).outputs(3);
    let last = [-0.096_461_006, -0.101_906_07];
    let all = [&[0.021_135_388, 0.005_399_337, -0.056_470_38, -0.065_140_43], &last[..]].concat();
    gives(node, &[&all, &last, &[-0.261_286_32, -0.240_266_68]]);
    let words = ["HardSigmoid", "Softsign", "Relu"];
    let node = layer("LSTM", 4, 1).words("activations", &words).float_list("activation_alpha", &[0.3]).outputs(3);
    let last = [0.012_755_323, 0.0];
    gives(node, &[&[0.0, 0.0, 0.056_736_108, 0.0, last[0], last[1]], &last, &[0.025_510_646, 0.0]]);
    layer("LSTM", 4, 1).words("activations", &["Tanh"]).fails_with("names 1 activations, expected 3 a direction");
    layer("LSTM", 4, 1).words("activations", &["Cosine"]).fails_with("names the activation 'Cosine'");
    layer("LSTM", 4, 1).int("input_forget", 1).stays_generic();
}

#[test]
fn the_sequence_has_a_known_length() {
    let of = |steps| {
        let node =
            case("RNN", 14).input("x", &[steps, 1, 1]).floats("w", &[1, 1, 1], &[1.0]).floats("r", &[1, 1, 1], &[1.0]);
        node.int("hidden_size", 1)
    };
    of(65).fails_with("has a sequence of 65 steps, expected 1 to 64");
    of(2).absent().constant("lengths", 6, &[1], vec![1, 0, 0, 0]).stays_generic();
    of(2).absent().constant("lengths", 6, &[1], vec![2, 0, 0, 0]).gives("qonnx.tanh");
}
