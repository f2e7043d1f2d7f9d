//! What a check found: a row a stage, a row a layer, the first differences.

use crate::eval::Tensor;
use ndarray::ArrayD;
use serde::Serialize;

/// So many differences of a stage are listed; all are counted.
const LISTED: usize = 10;

/// The whole report; its JSON form is a contract for scripts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The file's name without its extension.
    pub model: String,
    /// Whether nothing unexplained differs.
    pub exact: bool,
    /// How many samples went through.
    pub samples: usize,
    /// A row a stage.
    pub stages: Vec<Stage>,
    /// A row a quantizer.
    pub layers: Vec<Layer>,
    /// What passes remarked: quantizers that the lowering put in.
    pub remarks: Vec<String>,
    /// The first unexplained differences of each stage.
    pub differences: Vec<Difference>,
}

/// A stage against the one before it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stage {
    /// Its name.
    pub stage: String,
    /// Elements compared.
    pub compared: usize,
    /// Elements that differ.
    pub differing: usize,
    /// Those of them that the reference's own float32 summation explains.
    pub explained: usize,
    /// What a reader should know.
    pub note: String,
    #[serde(skip)]
    listed: Vec<Difference>,
}

/// A quantizer, each fed with the reference's codes.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// The ONNX node.
    pub node: String,
    /// Codes compared.
    pub compared: usize,
    /// Codes that differ.
    pub differing: usize,
    /// Those of them that the reference's own float32 summation explains.
    pub explained: usize,
    /// What is known of the sums in front of it.
    pub sum: Sum,
}

/// Whether a float32 sum depends on its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sum {
    /// No dot product lies between this quantizer and those before it.
    None,
    /// Every order gives the exact sum: proven from widths and scales.
    Exact,
    /// The order decides the last bits.
    Rounded,
}

impl Sum {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::None => "no sum",
            Self::Exact => "sum exact by certificate",
            Self::Rounded => "sum rounds in float32",
        }
    }
}

/// An element that differs for no reason that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The stage.
    pub stage: String,
    /// The ONNX node, or the output.
    pub node: String,
    /// Number of the sample.
    pub sample: usize,
    /// Number of the element, in row-major order.
    pub element: usize,
    /// What the stage before gives.
    pub expected: f64,
    /// What is there.
    pub found: f64,
    /// Why this is no legal difference.
    pub why: String,
}

/// Whether a difference is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The reference's summation explains it.
    Explained,
    /// It is a bug; why.
    Unexplained(String),
}

impl Verdict {
    /// A bug, for this reason.
    pub fn bug(why: impl Into<String>) -> Self {
        Self::Unexplained(why.into())
    }
}

/// Where tensors are compared.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The ONNX node or the output.
    pub node: &'p str,
    /// Number of the sample.
    pub sample: usize,
}

/// How a comparison of two tensors went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Elements compared.
    pub compared: usize,
    /// Elements that differ.
    pub differing: usize,
    /// Those that are explained.
    pub explained: usize,
}

impl Stage {
    /// An empty row.
    pub fn new(stage: &str) -> Self {
        Self { stage: stage.into(), ..Self::default() }
    }

    /// Compares element by element, asking `judge` about each that differs.
    pub fn compare(
        &mut self,
        place: Place<'_>,
        expected: &Tensor,
        found: &Tensor,
        judge: &mut dyn FnMut(usize) -> Verdict,
    ) -> Counts {
        if expected.len() != found.len() {
            let why = format!("has shape {:?}, expected {:?}", found.shape(), expected.shape());
            self.problem(place, why);
            return Counts { compared: 1, differing: 1, explained: 0 };
        }
        let mut counts = Counts { compared: expected.len(), ..Counts::default() };
        for element in differing(expected, found) {
            counts.differing += 1;
            match judge(element) {
                Verdict::Explained => counts.explained += 1,
                Verdict::Unexplained(why) => {
                    self.list(place, element, (at(expected, element), at(found, element)), why);
                }
            }
        }
        self.compared += counts.compared;
        self.differing += counts.differing;
        self.explained += counts.explained;
        counts
    }

    /// Compares where nothing may differ.
    pub fn compare_equal(&mut self, place: Place<'_>, expected: &Tensor, found: &Tensor, why: &str) -> Counts {
        self.compare(place, expected, found, &mut |_| Verdict::bug(why))
    }

    /// A difference that is none of elements: something is missing or of another shape.
    pub fn problem(&mut self, place: Place<'_>, why: String) {
        self.compared += 1;
        self.differing += 1;
        self.list(place, 0, (f64::NAN, f64::NAN), why);
    }

    /// Adds to the note.
    pub fn remark(&mut self, text: &str) {
        if !self.note.is_empty() {
            self.note += "; ";
        }
        self.note += text;
    }

    fn list(&mut self, place: Place<'_>, element: usize, (expected, found): (f64, f64), why: String) {
        if self.listed.len() < LISTED {
            let (stage, node) = (self.stage.clone(), place.node.to_string());
            self.listed.push(Difference { stage, node, sample: place.sample, element, expected, found, why });
        }
    }
}

impl Report {
    /// Adds a row with its differences.
    pub fn push(&mut self, mut stage: Stage) {
        self.differences.append(&mut stage.listed);
        self.stages.push(stage);
        self.exact = self.stages.iter().all(|stage| stage.differing == stage.explained);
    }
}

/// The elements that differ as numbers: -0.0 equals 0.0, NaN equals NaN.
fn differing(expected: &Tensor, found: &Tensor) -> Vec<usize> {
    fn positions<T>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>, same: impl Fn(T, T) -> bool) -> Vec<usize> {
        a.zip(b).enumerate().filter_map(|(index, (a, b))| (!same(a, b)).then_some(index)).collect()
    }
    match (expected, found) {
        (Tensor::Int(_, a), Tensor::Int(_, b)) => positions(a.iter(), b.iter(), |a, b| a == b),
        _ => positions(expected.to_f64_vec().into_iter(), found.to_f64_vec().into_iter(), |a, b| {
            a == b || (a.is_nan() && b.is_nan())
        }),
    }
}

/// An element as a number, counted in row-major order.
pub fn at(tensor: &Tensor, element: usize) -> f64 {
    let value = match tensor {
        Tensor::F32(a) => flat(a, element).map(f64::from),
        Tensor::F64(a) => flat(a, element),
        Tensor::Int(_, a) => flat(a, element).map(|value| value as f64),
    };
    value.unwrap_or(f64::NAN)
}

fn flat<T: Copy>(array: &ArrayD<T>, element: usize) -> Option<T> {
    if let Some(values) = array.as_slice() {
        return values.get(element).copied();
    }
    let mut rest = element;
    let mut index = array.shape().to_vec();
    for place in index.iter_mut().rev() {
        let extent = (*place).max(1);
        (*place, rest) = (rest % extent, rest / extent);
    }
    array.get(index.as_slice()).copied().filter(|_| rest == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_and_nans_are_equal_and_the_rest_is_judged() {
        let a = Tensor::f32(&[4], vec![0.0, f32::NAN, 1.0, 2.0]).unwrap();
        let b = Tensor::f32(&[4], vec![-0.0, f32::NAN, 1.5, 2.5]).unwrap();
        let mut stage = Stage::new("split");
        let place = Place { node: "n", sample: 3 };
        stage.compare(place, &a, &b, &mut |element| if element == 2 { Verdict::Explained } else { Verdict::bug("no") });
        let mut report = Report::default();
        report.push(stage);
        assert!(!report.exact);
        let row = &report.stages[0];
        assert_eq!((row.compared, row.differing, row.explained), (4, 2, 1));
        assert_eq!((report.differences[0].element, report.differences[0].found), (3, 2.5));
    }

    #[test]
    fn elements_are_counted_in_row_major_order() {
        let transposed = ndarray::arr2(&[[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]).reversed_axes().into_dyn();
        let tensor = Tensor::F32(transposed);
        let found: Vec<f64> = (0..6).map(|element| at(&tensor, element)).collect();
        assert_eq!(found, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(at(&tensor, 6).is_nan());
    }

    #[test]
    fn another_size_is_a_difference() {
        let mut stage = Stage::new("hls");
        stage.compare_equal(
            Place { node: "n", sample: 0 },
            &Tensor::scalar(1.0),
            &Tensor::f32(&[2], vec![1.0; 2]).unwrap(),
            "",
        );
        assert_eq!((stage.differing, stage.explained), (1, 0));
    }
}
