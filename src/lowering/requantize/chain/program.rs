//! A chain without its IR: float32 steps, evaluated as the reference does.

use crate::eval::ops::{
    elementwise::{Binary, Unary, binary_slice, unary_slice},
    float_quant::Minifloat,
    quant::Quantizer,
    unscale::ScaleProduct,
};

/// The chain without its IR: it can be evaluated on any thread.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) steps: Vec<Step>,
    /// Constants, one value a function.
    pub(super) constants: Vec<Vec<f32>>,
    /// Shape over which functions are numbered.
    pub(super) shape: Vec<usize>,
}

/// Where two branches of a program meet.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    step: usize,
    /// What joins them.
    pub op: Binary,
    /// The constant by which a fused multiply-add multiplies the left branch.
    factor: Option<usize>,
    /// Source and last step of the left branch.
    pub left: (usize, usize),
    /// Source and last step of the right branch.
    pub right: (usize, usize),
}

/// What a step takes: the result of another, or a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Argument {
    Step(usize),
    Constant(usize),
}

/// One float32 operation.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Source `.0` times the product of the constants `.1`.
    Unscale(usize, Vec<usize>),
    Unary(Unary, Argument),
    Binary(Binary, Argument, Argument),
    Fma([Argument; 3]),
    Clip(Argument, Option<Argument>, Option<Argument>),
    Quantize(Argument, Quantizer<f32>),
    Minifloat(Argument, Minifloat),
    Binarize(Argument),
    /// How many of these constants are <= the argument.
    Count(Argument, Vec<usize>),
}

impl Program {
    /// The shape over which functions are numbered, right-aligned to the source's.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many functions there are.
    pub fn functions(&self) -> usize {
        self.shape.iter().product()
    }

    /// What tells function `f` apart: the bits of its constants.
    pub fn key(&self, f: usize) -> Vec<u32> {
        self.constants.iter().map(|values| values[f].to_bits()).collect()
    }

    /// The codes of function `f` of the only source.
    ///
    /// # Errors
    /// If a value is NaN, which has no code.
    pub fn codes(&self, f: usize, inputs: &[i64]) -> Result<Vec<i64>, String> {
        self.codes_of(f, &[inputs])
    }

    /// The codes of function `f`; the inputs of all sources have one length.
    ///
    /// # Errors
    /// If a value is NaN, which has no code.
    pub fn codes_of(&self, f: usize, inputs: &[&[i64]]) -> Result<Vec<i64>, String> {
        as_codes(self.evaluate(f, inputs, None, self.steps.len()), |at| {
            let values: Vec<String> = inputs.iter().map(|input| input[at].to_string()).collect();
            format!("accumulator value {}", values.join(", "))
        })
    }

    /// The floats that function `f` of the only source gives.
    pub fn values(&self, f: usize, inputs: &[i64]) -> Vec<f32> {
        self.evaluate(f, &[inputs], None, self.steps.len())
    }

    /// Result of the last of `count` steps; `given` stands for the result of a step.
    /// Steps that lack an input are left out.
    fn evaluate(&self, f: usize, inputs: &[&[i64]], given: Option<(usize, &[f32])>, count: usize) -> Vec<f32> {
        let mut results: Vec<Option<Vec<f32>>> = Vec::with_capacity(count);
        for (index, step) in self.steps.iter().take(count).enumerate() {
            let is_known = |argument: &Argument| match argument {
                Argument::Step(index) => results[*index].is_some(),
                Argument::Constant(_) => true,
            };
            results.push(match given {
                Some((known, values)) if known == index => Some(values.to_vec()),
                _ if !arguments(step).iter().all(is_known) => None,
                _ => self.run(step, f, inputs, &results),
            });
        }
        results.pop().flatten().unwrap_or_default()
    }

    /// None for an `unscale` of a source that is not given.
    fn run(&self, step: &Step, f: usize, inputs: &[&[i64]], results: &[Option<Vec<f32>>]) -> Option<Vec<f32>> {
        let length = || results.iter().flatten().map(Vec::len).next().unwrap_or(0);
        let vector = |argument: &Argument| match argument {
            Argument::Step(index) => results[*index].clone().unwrap_or_default(),
            Argument::Constant(index) => vec![self.constants[*index][f]; length()],
        };
        Some(match step {
            Step::Unscale(source, scales) => {
                let inputs = inputs.get(*source).filter(|inputs| !inputs.is_empty())?;
                let scales: Vec<f32> = scales.iter().map(|index| self.constants[*index][f]).collect();
                let product = ScaleProduct::new(&scales);
                inputs.iter().map(|n| product.times(*n)).collect()
            }
            Step::Unary(op, x) => {
                let mut x = vector(x);
                unary_slice(*op, &mut x);
                x
            }
            Step::Binary(op, a, Argument::Constant(b)) => {
                let mut a = vector(a);
                binary_slice(*op, &mut a, self.constants[*b][f], false);
                a
            }
            Step::Binary(op, Argument::Constant(a), b) => {
                let mut b = vector(b);
                binary_slice(*op, &mut b, self.constants[*a][f], true);
                b
            }
            Step::Binary(op, a, b) => vector(a).into_iter().zip(vector(b)).map(|(a, b)| op.scalar(a, b)).collect(),
            Step::Fma([a, b, c]) => {
                let pairs = vector(a).into_iter().zip(vector(b)).zip(vector(c));
                pairs.map(|((a, b), c)| a.mul_add(b, c)).collect()
            }
            Step::Clip(x, low, high) => {
                let mut x = vector(x);
                for (op, bound) in [(Binary::Max, low), (Binary::Min, high)] {
                    if let Some(bound) = bound {
                        x = x.into_iter().zip(vector(bound)).map(|(x, bound)| op.scalar(x, bound)).collect();
                    }
                }
                x
            }
            Step::Quantize(x, quantizer) => vector(x).into_iter().map(|x| quantizer.code(x)).collect(),
            Step::Minifloat(x, format) => vector(x).into_iter().map(|x| format.code(x)).collect(),
            Step::Binarize(x) => vector(x).into_iter().map(|x| if x >= 0.0 { 1.0 } else { -1.0 }).collect(),
            Step::Count(x, thresholds) => {
                let thresholds: Vec<f32> = thresholds.iter().map(|index| self.constants[*index][f]).collect();
                let count = |x: f32| thresholds.iter().filter(|threshold| x >= **threshold).count() as f32;
                vector(x).into_iter().map(count).collect()
            }
        })
    }

    /// The step where two branches of one source each are joined, if what follows sees
    /// nothing else of them: `(step, operation, left source, right source)`.
    pub fn join(&self) -> Option<Join> {
        let sources = |argument: &Argument| match argument {
            Argument::Step(index) => sources_of(&self.steps, *index),
            Argument::Constant(_) => 0,
        };
        let both = |step: &Step| arguments(step).iter().fold(0, |all, argument| all | sources(argument)) == 0b11;
        let step = self.steps.iter().position(both)?;
        let (op, left, right, factor) = match &self.steps[step] {
            Step::Binary(op, left, right) => (*op, left, right, None),
            Step::Fma([left, Argument::Constant(factor), right]) => (Binary::Add, left, right, Some(*factor)),
            _ => return None,
        };
        let (Argument::Step(a), Argument::Step(b)) = (left, right) else { return None };
        let separate = sources(left).count_ones() == 1 && sources(right).count_ones() == 1;
        let below = |argument: Argument| !matches!(argument, Argument::Step(index) if index < step);
        let closed = self.steps[step + 1..].iter().all(|step| arguments(step).into_iter().all(below));
        let source = |argument| sources(argument).trailing_zeros() as usize;
        let (left, right) = ((source(left), *a), (source(right), *b));
        (separate && closed).then_some(Join { step, op, factor, left, right })
    }

    /// What function `f` multiplies the left branch of a join by, in one rounding with the sum.
    pub fn factor(&self, f: usize, join: &Join) -> f32 {
        join.factor.map_or(1.0, |factor| self.constants[factor][f])
    }

    /// The floats of one branch of a join.
    pub fn branch(&self, f: usize, (source, step): (usize, usize), inputs: &[i64]) -> Vec<f32> {
        let mut all: Vec<&[i64]> = vec![&[]; source + 1];
        all[source] = inputs;
        self.evaluate(f, &all, None, step + 1)
    }

    /// The codes of function `f` of the values that a join gives.
    ///
    /// # Errors
    /// If a value is NaN, which has no code.
    pub fn behind(&self, f: usize, join: &Join, values: &[f32]) -> Result<Vec<i64>, String> {
        let codes = self.evaluate(f, &[], Some((join.step, values)), self.steps.len());
        as_codes(codes, |at| format!("the sum {}", values[at]))
    }

    /// Whether what follows a join keeps or reverses order.
    pub fn is_monotone_behind(&self, join: &Join) -> bool {
        self.steps[join.step + 1..].iter().all(|step| self.keeps_order(step)) && self.is_line_from(join.step)
    }

    /// Whether a branch is its integers times scales, nothing else.
    pub fn is_plain(&self, (_, step): (usize, usize)) -> bool {
        matches!(self.steps[step], Step::Unscale(..))
    }

    /// Whether every step keeps or reverses order, whatever function: then the whole
    /// does, in float32 as well, since rounding to nearest keeps order.
    pub fn is_monotone(&self) -> bool {
        self.steps.iter().all(|step| self.keeps_order(step)) && self.is_line()
    }

    /// Whether each step is used once: no two paths meet again.
    fn is_line(&self) -> bool {
        let sources = self.steps.iter().filter(|step| matches!(step, Step::Unscale(..))).count();
        sources == 1 && self.is_line_from(0)
    }

    fn is_line_from(&self, first: usize) -> bool {
        let mut uses = vec![0; self.steps.len()];
        for argument in self.steps.iter().flat_map(arguments) {
            if let Argument::Step(index) = argument {
                uses[index] += 1;
            }
        }
        uses.iter().skip(first).all(|count| *count <= 1)
    }

    fn keeps_order(&self, step: &Step) -> bool {
        let constant = |argument: &Argument| match argument {
            Argument::Constant(index) => Some(&self.constants[*index]),
            Argument::Step(_) => None,
        };
        match step {
            Step::Unscale(..) | Step::Quantize(..) | Step::Binarize(_) | Step::Count(..) | Step::Clip(..) => true,
            // Just below a power of two the exponent may be one too high: nearest values are the same.
            Step::Minifloat(_, format) => format.rounding.is_to_nearest(),
            Step::Unary(op, _) => match op {
                Unary::Neg | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Sign | Unary::Relu => true,
                Unary::LeakyRelu { alpha } => *alpha >= 0.0,
                // A product and a sum, then a clamp.
                Unary::HardSigmoid { .. } => true,
                _ => false,
            },
            Step::Binary(op, a, b) => match op {
                Binary::Add | Binary::Sub | Binary::Min | Binary::Max | Binary::Mul => {
                    constant(a).or(constant(b)).is_some_and(|values| values.iter().all(|value| value.is_finite()))
                }
                Binary::Div => constant(b).is_some_and(|values| values.iter().all(|v| v.is_finite() && *v != 0.0)),
                Binary::Prelu => constant(b).is_some_and(|slopes| slopes.iter().all(|slope| *slope >= 0.0)),
                _ => false,
            },
            Step::Fma([_, b, c]) => constant(b).is_some() && constant(c).is_some(),
        }
    }
}

/// Codes are whole; NaN has none.
fn as_codes(values: Vec<f32>, place: impl Fn(usize) -> String) -> Result<Vec<i64>, String> {
    match values.iter().position(|code| code.is_nan()) {
        Some(at) => Err(format!("the float chain gives NaN for {}", place(at))),
        None => Ok(values.into_iter().map(|code| code as i64).collect()),
    }
}

fn arguments(step: &Step) -> Vec<Argument> {
    match step {
        Step::Unscale(..) => Vec::new(),
        Step::Unary(_, x) | Step::Quantize(x, _) | Step::Minifloat(x, _) | Step::Binarize(x) | Step::Count(x, _) => {
            vec![*x]
        }
        Step::Binary(_, a, b) => vec![*a, *b],
        Step::Fma(all) => all.to_vec(),
        Step::Clip(x, low, high) => [Some(*x), *low, *high].into_iter().flatten().collect(),
    }
}

/// The sources that a step depends on, as bits.
pub(super) fn sources_of(steps: &[Step], step: usize) -> u64 {
    let mut known: Vec<u64> = Vec::with_capacity(step + 1);
    for step in steps.iter().take(step + 1) {
        let own = if let Step::Unscale(source, _) = step { 1 << (source % 64) } else { 0 };
        let inner = arguments(step).into_iter().map(|argument| match argument {
            Argument::Step(index) => known[index],
            Argument::Constant(_) => 0,
        });
        let all = inner.fold(own, |all, bits| all | bits);
        known.push(all);
    }
    known.last().copied().unwrap_or(0)
}
