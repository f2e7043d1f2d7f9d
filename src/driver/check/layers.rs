//! The hardware's module against the reference: layer by layer, each fed with the
//! reference's codes, and end to end.

use super::{
    fed::{self, Fed},
    reference::{Key, Recorded, SampleCodes, keyed, record},
    replay::{Joins, Replay, has_sum},
    report::{Counts, Layer, Place, Stage, Sum, Verdict, at},
    spread::Bounds,
};
use crate::{
    driver::evaluate::{Sample, main_function},
    eval::{Interpreter, Tensor, interpreter::Observer},
    transforms::functions::returned,
    transforms::split_quant::gives_codes,
};
use anyhow::Result;
use qonnx_dialect::{Op, Value};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

/// The rows, and what later stages need.
pub struct Outcome {
    /// `layers`, `outputs` and `hls`.
    pub stages: Vec<Stage>,
    /// A row a quantizer.
    pub layers: Vec<Layer>,
    /// The hardware module's run of each sample, end to end.
    pub runs: Vec<Run>,
}

/// A run of the hardware's module.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The graph's outputs.
    pub outputs: Vec<Rc<Tensor>>,
    /// What each call of a kernel took.
    pub kernel_inputs: Vec<Rc<Tensor>>,
    /// What it gave.
    pub kernel_outputs: Vec<Rc<Tensor>>,
}

/// Checks `hls` against `split` on all samples.
///
/// # Errors
/// If an operation cannot be evaluated.
pub fn check(split: Op<'_>, hls: Op<'_>, samples: &[Sample]) -> Result<Outcome> {
    let mut layers = Layers::new(split, hls)?;
    let mut runs = Vec::new();
    for (index, sample) in samples.iter().enumerate() {
        runs.push(layers.sample(index, sample)?);
    }
    Ok(Outcome { layers: layers.rows(), stages: layers.finish(), runs })
}

struct Layers<'s, 'h> {
    split: Op<'s>,
    hls: Op<'h>,
    main: Op<'s>,
    quantizers: Vec<(Key, Op<'s>)>,
    counts: BTreeMap<Key, Counts>,
    sums: HashMap<Key, Sum>,
    /// Quantizers of either side without partner in the other.
    alone: BTreeSet<Key>,
    layers: Stage,
    outputs: Stage,
    end_to_end: Stage,
}

impl<'s, 'h> Layers<'s, 'h> {
    fn new(split: Op<'s>, hls: Op<'h>) -> Result<Self> {
        let main = main_function(split)?;
        Ok(Self {
            split,
            hls,
            main,
            quantizers: keyed(main, gives_codes),
            counts: BTreeMap::new(),
            sums: HashMap::new(),
            alone: BTreeSet::new(),
            layers: Stage::new("layers"),
            outputs: Stage::new("outputs"),
            end_to_end: Stage::new("hls"),
        })
    }

    fn sample(&mut self, index: usize, sample: &Sample) -> Result<Run> {
        let (reference, fed, overrides) = fed::agree(self.split, self.hls, sample)?;
        // Every value of the reference, for those samples that need an explanation.
        let sums: Vec<bool> =
            returned(self.main).iter().map(|value| value.defining_op().is_some_and(has_sum)).collect();
        let differs =
            fed.codes.iter().any(|(key, found)| reference.codes.get(key).is_some_and(|codes| !same(codes, found)));
        let needs_values = differs || index == 0 || sums.contains(&true);
        let recorded = if needs_values { record(self.split, sample, &overrides)? } else { Recorded::new() };
        let flipped = self.compare_layers(index, &reference, &fed, &recorded)?;
        let tails = self.compare_outputs(index, &reference, &fed, &recorded, &sums)?;
        if index == 0 {
            self.certify(&recorded)?;
        }
        let run = end_to_end(self.hls, sample)?;
        self.compare_end_to_end(index, &reference, &run, flipped, &tails);
        Ok(run)
    }

    /// Whether an explained code of this sample differs.
    fn compare_layers(
        &mut self,
        index: usize,
        reference: &SampleCodes,
        fed: &Fed,
        recorded: &Recorded<'s>,
    ) -> Result<bool> {
        let ops: HashMap<&Key, Op<'s>> = self.quantizers.iter().map(|(key, op)| (key, *op)).collect();
        let mut flipped = false;
        let mut seen = BTreeSet::new();
        for (key, found) in &fed.codes {
            let place = Place { node: &key.node, sample: index };
            let Some(expected) = reference.codes.get(key) else {
                if self.alone.insert(key.clone()) {
                    self.layers.problem(place, unknown(key));
                }
                continue;
            };
            seen.insert(key);
            let replayed = match ops.get(key) {
                Some(op) if !same(expected, found) => replays(self.main, *op, recorded)?,
                _ => Vec::new(),
            };
            let counts =
                self.layers.compare(place, expected, found, &mut |element| judge(&replayed, element, expected, found));
            flipped |= counts.explained > 0;
            add(self.counts.entry(key.clone()).or_default(), counts);
        }
        for (key, _) in self.quantizers.iter().filter(|(key, _)| !seen.contains(key)) {
            let known = is_merged(key, reference, &seen) || fed.parts.contains(&key.node);
            if !known && self.alone.insert(key.clone()) {
                let place = Place { node: &key.node, sample: index };
                self.layers.problem(
                    place,
                    format!(
                        "no requantize or quantizer of the checked module is number {} at this node",
                        key.occurrence
                    ),
                );
            }
        }
        Ok(flipped)
    }

    /// Gives what exact sums make of each output that has one behind its last quantizer.
    fn compare_outputs(
        &mut self,
        index: usize,
        reference: &SampleCodes,
        fed: &Fed,
        recorded: &Recorded<'s>,
        sums: &[bool],
    ) -> Result<Vec<Option<Bounds>>> {
        let mut tails = Vec::new();
        for (output, value) in returned(self.main).into_iter().enumerate() {
            let tail = match value.defining_op().filter(|_| sums.get(output) == Some(&true)) {
                Some(op) => self.tail(recorded, op, value, fed.outputs.get(output))?,
                None => None,
            };
            let (Some(expected), Some(found)) = (reference.outputs.get(output), fed.outputs.get(output)) else {
                continue;
            };
            // Sums are exact in hardware; what is the reference's very value needs no such excuse.
            let differs = expected.to_f64() != found.to_f64();
            let expected = tail.as_ref().filter(|_| differs).map_or(expected, |tail| &tail.mid);
            let place = Place { node: &output_name(output), sample: index };
            self.outputs.compare_equal(place, expected, found, "the exact sum gives the expected value");
            tails.push(tail);
        }
        if reference.outputs.len() != fed.outputs.len() {
            let why = format!("{} outputs, expected {}", fed.outputs.len(), reference.outputs.len());
            self.outputs.problem(Place { node: "main", sample: index }, why);
        }
        Ok(tails)
    }

    /// What exact sums make of an output; joins count as what gives the value found.
    fn tail(
        &self,
        recorded: &Recorded<'s>,
        op: Op<'s>,
        value: Value<'s>,
        found: Option<&Rc<Tensor>>,
    ) -> Result<Option<Bounds>> {
        let with = |joins: Joins| Replay::run(self.main, recorded, &[op], joins)?.bounds(value);
        let float = with(Joins::Float)?;
        if found.is_none_or(|found| found.to_f64() == float.mid.to_f64()) {
            return Ok(Some(float));
        }
        let exact = with(Joins::Exact)?;
        let fits = found.is_some_and(|found| found.to_f64() == exact.mid.to_f64());
        Ok(Some(if fits { exact } else { float }))
    }

    fn compare_end_to_end(
        &mut self,
        index: usize,
        reference: &SampleCodes,
        run: &Run,
        flipped: bool,
        tails: &[Option<Bounds>],
    ) {
        for (output, (expected, found)) in reference.outputs.iter().zip(&run.outputs).enumerate() {
            let tail = tails.get(output).and_then(Option::as_ref);
            let bounds = tail.map(std::slice::from_ref).unwrap_or_default();
            let place = Place { node: &output_name(output), sample: index };
            self.end_to_end.compare(place, expected, found, &mut |element| match (flipped, tail) {
                (true, _) => Verdict::Explained,
                (false, Some(_)) => judge(bounds, element, expected, found),
                (false, None) => Verdict::bug("no code of this sample differs layer by layer"),
            });
        }
    }

    /// Which sums are exact whatever their order.
    fn certify(&mut self, recorded: &Recorded<'s>) -> Result<()> {
        for (key, op) in &self.quantizers {
            let replay = Replay::run(self.main, recorded, &[*op], Joins::Float)?;
            let sum = match (replay.sums.is_empty(), replay.sums.values().all(|exact| *exact)) {
                (true, _) => Sum::None,
                (false, true) => Sum::Exact,
                (false, false) => Sum::Rounded,
            };
            self.sums.insert(key.clone(), sum);
        }
        Ok(())
    }

    fn rows(&self) -> Vec<Layer> {
        let row = |(key, _): &(Key, Op<'s>)| {
            let counts = self.counts.get(key).copied().unwrap_or_default();
            let Counts { compared, differing, explained } = counts;
            let sum = self.sums.get(key).copied().unwrap_or(Sum::None);
            Layer { node: key.node.clone(), compared, differing, explained, sum }
        };
        self.quantizers.iter().map(row).collect()
    }

    fn finish(mut self) -> Vec<Stage> {
        let of = |sum: Sum| self.sums.values().filter(|found| **found == sum).count();
        let (exact, rounded) = (of(Sum::Exact), of(Sum::Rounded));
        self.layers.remark(&format!("{} quantizers", self.quantizers.len()));
        if exact > 0 {
            self.layers.remark(&format!("{exact} behind a sum exact by certificate"));
        }
        if rounded > 0 {
            self.layers.remark(&format!("{rounded} behind a sum that rounds"));
        }
        vec![self.layers, self.outputs, self.end_to_end]
    }
}

fn unknown(key: &Key) -> String {
    format!(
        "the reference has no quantizer number {} at this node; was the module saved without its locations?",
        key.occurrence
    )
}

/// Whether a quantizer without partner gives what another one gives that has one:
/// equal operations are merged on the way.
fn is_merged(key: &Key, reference: &SampleCodes, seen: &BTreeSet<&Key>) -> bool {
    let Some(codes) = reference.codes.get(key) else { return false };
    seen.iter().any(|other| reference.codes.get(other).is_some_and(|other| same(other, codes)))
}

fn output_name(output: usize) -> String {
    format!("out{output}")
}

fn same(a: &Tensor, b: &Tensor) -> bool {
    a.len() == b.len() && matches!((a.as_int(), b.as_int()), (Ok(a), Ok(b)) if a.iter().eq(b.iter()))
}

fn add(total: &mut Counts, counts: Counts) {
    total.compared += counts.compared;
    total.differing += counts.differing;
    total.explained += counts.explained;
}

/// A quantizer from exact sums, joins as operations on floats and as exact ones.
fn replays<'s>(main: Op<'s>, op: Op<'s>, recorded: &Recorded<'s>) -> Result<Vec<Bounds>> {
    let with = |joins: Joins| {
        let mut replay = Replay::run(main, recorded, &[op], joins)?;
        replay.quantizers.remove(&op).map_or_else(|| replay.bounds(op.result(0)), Ok)
    };
    [Joins::Float, Joins::Exact].into_iter().map(with).collect()
}

/// A difference is legal if the exact sum gives our value, and some order of summation
/// the reference's.
fn judge(replays: &[Bounds], element: usize, expected: &Tensor, found: &Tensor) -> Verdict {
    let Some(first) = replays.first() else { return Verdict::bug("nothing explains it") };
    let (expected, found) = (at(expected, element), at(found, element));
    let Some(bounds) = replays.iter().find(|bounds| at(&bounds.mid, element) == found) else {
        return Verdict::bug(format!("the exact sum gives {}", at(&first.mid, element)));
    };
    if !bounds.holds(element, expected) {
        let (low, high) = (at(&bounds.low, element), at(&bounds.high, element));
        return Verdict::bug(format!(
            "no order of float32 summation gives the reference's value: only {low} to {high}"
        ));
    }
    Verdict::Explained
}

/// Runs the module as it is and keeps what its kernel takes and gives.
fn end_to_end(module: Op<'_>, sample: &Sample) -> Result<Run> {
    let main = main_function(module)?;
    let mut run = Run::default();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    {
        let observer: Box<Observer<'_, '_>> = Box::new(|op, operands, results| {
            if op.name() == "func.call" && op.parent() == Some(main) {
                inputs.extend(operands.iter().cloned());
                outputs.extend(results.iter().cloned());
            }
            results
        });
        run.outputs = Interpreter::observed(module, observer).run(main, sample.clone())?;
    }
    (run.kernel_inputs, run.kernel_outputs) = (inputs, outputs);
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::IntType;

    #[test]
    fn only_the_exact_sum_and_a_legal_order_excuse_a_difference() {
        let codes = |code: i64| Rc::new(Tensor::int(IntType::signed(8), &[1], vec![code]).unwrap());
        // The exact sum gives 3, some order of float32 summation 4.
        let bounds = Bounds { mid: codes(3), low: codes(3), high: codes(4), integers: None };
        let verdict =
            |expected: i64, found: i64| judge(std::slice::from_ref(&bounds), 0, &codes(expected), &codes(found));
        assert_eq!(verdict(4, 3), Verdict::Explained);
        assert_eq!(verdict(3, 4), Verdict::bug("the exact sum gives 3"));
        assert_eq!(
            verdict(5, 3),
            Verdict::bug("no order of float32 summation gives the reference's value: only 3 to 4")
        );
        assert_eq!(judge(&[], 0, &codes(1), &codes(2)), Verdict::bug("nothing explains it"));
    }
}
