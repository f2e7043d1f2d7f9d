//! The file's meaning against golden outputs of another implementation.
//!
//! That one adds float32 numbers in an order of its own. Its outputs may differ from ours
//! within the interval that any order stays in, and anywhere behind a quantizer that this
//! interval makes ambiguous.

use super::{
    reference::{Overrides, is_quantizer, record},
    replay::{Joins, Replay, needed},
    report::{Place, Stage, Verdict, at},
    spread::{Bounds, is_approximated},
    stages::Outputs,
};
use crate::{
    driver::{
        evaluate::{Sample, main_function},
        npz::{Array, NamedArrays},
    },
    eval::Tensor,
    transforms::functions::returned,
};
use anyhow::{Result, bail};
use qonnx_dialect::{Op, OpKind, Program};

/// Outputs behind functions that implementations approximate differ by so many ulp of the
/// largest output.
const TRANSCENDENTAL_ULPS: f64 = 32.0;

/// Compares with `out0, out1, ...`; None if the vectors hold no outputs.
///
/// # Errors
/// If an array does not fit the graph, or an operation cannot be evaluated.
pub fn check(plain: &Program, samples: &[Sample], outputs: &Outputs, vectors: &NamedArrays) -> Result<Option<Stage>> {
    let golden: Vec<&Array> = vectors.numbered("out").collect();
    if golden.is_empty() {
        return Ok(None);
    }
    if golden.len() != outputs.len() {
        bail!("the vectors have {} outputs, the graph has {}", golden.len(), outputs.len());
    }
    let mut stage = Stage::new("golden");
    for (index, sample) in samples.iter().enumerate() {
        let mut explanation: Option<Explanation> = None;
        for (output, (golden, ours)) in golden.iter().zip(outputs).enumerate() {
            let Some(ours) = ours.get(index) else { continue };
            let expected = slice(golden, index, ours, output)?;
            let place = Place { node: &format!("out{output}"), sample: index };
            if explanation.is_none() && differ(&expected, ours) {
                explanation = Some(explain(plain, sample)?);
            }
            let largest = ours.to_f64().iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
            stage.compare(place, &expected, ours, &mut |element| match &explanation {
                Some(explanation) => {
                    explanation.judge(output, element, (at(&expected, element), at(ours, element)), largest)
                }
                None => Verdict::bug("differs from the vectors"),
            });
        }
    }
    Ok(Some(stage))
}

fn differ(expected: &Tensor, ours: &Tensor) -> bool {
    expected.to_f64() != ours.to_f64()
}

/// One sample of an array, shaped and typed as our output.
fn slice(golden: &Array, sample: usize, ours: &Tensor, output: usize) -> Result<Tensor> {
    let values = golden.to_f64();
    let size = ours.len();
    let Some(part) = values.get(sample * size..(sample + 1) * size) else {
        bail!("out{output} of the vectors has shape {:?}, expected {:?} a sample", golden.shape(), ours.shape());
    };
    Ok(Tensor::f64(ours.shape(), part.to_vec())?)
}

/// What may differ in one sample.
struct Explanation {
    /// Codes that the order of summation decides.
    ambiguous: usize,
    outputs: Vec<Output>,
}

struct Output {
    bounds: Bounds,
    transcendental: bool,
}

impl Explanation {
    fn judge(&self, output: usize, element: usize, (expected, ours): (f64, f64), largest: f64) -> Verdict {
        let Some(tail) = self.outputs.get(output) else { return Verdict::bug("is no output") };
        let near = (expected - ours).abs() <= TRANSCENDENTAL_ULPS * 2f64.powi(-23) * largest;
        if self.ambiguous > 0 || tail.bounds.holds(element, expected) || (tail.transcendental && near) {
            return Verdict::Explained;
        }
        Verdict::bug("no order of float32 summation gives the value in the vectors, and no code before it is ambiguous")
    }
}

fn explain(plain: &Program, sample: &Sample) -> Result<Explanation> {
    plain.with(|module| {
        let main = main_function(module)?;
        let recorded = record(module, sample, &Overrides::new())?;
        let tails: Vec<Op<'_>> = returned(main).into_iter().filter_map(|value| value.defining_op()).collect();
        let quantizers = main.body().into_iter().filter(|op| is_quantizer(*op));
        let targets: Vec<Op<'_>> = quantizers.chain(tails.iter().copied()).collect();
        let replay = Replay::run(main, &recorded, &targets, Joins::Float)?;
        let ambiguous = replay.quantizers.values().map(Bounds::ambiguous).sum();
        let mut outputs = Vec::new();
        for value in returned(main) {
            let transcendental = value.defining_op().is_some_and(|op| needed(&[op]).into_iter().any(is_transcendental));
            outputs.push(Output { bounds: replay.bounds(value)?, transcendental });
        }
        Ok(Explanation { ambiguous, outputs })
    })
}

fn is_transcendental(op: Op<'_>) -> bool {
    is_approximated(op.kind()) || matches!(op.kind(), OpKind::QonnxSoftmax | OpKind::QonnxLogSoftmax)
}
