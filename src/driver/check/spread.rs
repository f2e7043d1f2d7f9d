//! What operations make of values that are known up to an interval.

use super::integers::Integers;
use crate::eval::{
    Tensor, evaluate as plain,
    ops::{broadcast, layout::axis_index},
};
use anyhow::{Result, anyhow};
use ndarray::{ArrayD, Axis, Zip};
use qonnx_dialect::{Op, OpKind};
use std::rc::Rc;

/// Beyond so many uncertain operands only the two outermost corners are taken.
const CORNERS: usize = 3;
/// How far functions of the reference that do not keep order stray from one that does.
const STRAY_ULPS: usize = 4;
/// Outputs of softmax are compared no nearer than this: the order of its sum is unknown.
const SOFTMAX_ULPS: f64 = 32.0;

/// A value, exact and with what float32 summation may make of it.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// From exact sums.
    pub mid: Rc<Tensor>,
    /// Least value, element by element.
    pub low: Rc<Tensor>,
    /// Greatest value.
    pub high: Rc<Tensor>,
    /// The exact value as integers, where known.
    pub integers: Option<Rc<Integers>>,
}

impl Bounds {
    /// A value that is certain.
    pub fn point(tensor: Rc<Tensor>) -> Self {
        Self { mid: tensor.clone(), low: tensor.clone(), high: tensor, integers: None }
    }

    /// All within a radius, rounded outwards.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn around(mid: Rc<Tensor>, radius: &ArrayD<f64>) -> Result<Self> {
        if radius.iter().all(|radius| *radius == 0.0) {
            return Ok(Self::point(mid));
        }
        let outward = |sign: f64| {
            broadcast_to(&mid.to_f64(), radius, |m: f64, r: f64| {
                let bound = (m + sign * r) as f32;
                match (r == 0.0, sign > 0.0) {
                    (true, _) => m as f32,
                    (false, true) => bound.next_up(),
                    (false, false) => bound.next_down(),
                }
            })
        };
        let (low, high) = (Rc::new(Tensor::F32(outward(-1.0)?)), Rc::new(Tensor::F32(outward(1.0)?)));
        Ok(Self { mid, low, high, integers: None })
    }

    /// What an operation that keeps order makes of it.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn mapped(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let mid = Rc::new(f(&self.mid)?);
        if self.is_point() {
            return Ok(Self::point(mid));
        }
        Ok(Self { mid, low: Rc::new(f(&self.low)?), high: Rc::new(f(&self.high)?), integers: None })
    }

    /// Whether nothing is uncertain.
    pub fn is_point(&self) -> bool {
        Rc::ptr_eq(&self.low, &self.high)
    }

    /// The larger distance to a bound.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn radius(&self) -> Result<ArrayD<f64>> {
        let (mid, low, high) = (self.mid.to_f64(), self.low.to_f64(), self.high.to_f64());
        Ok(broadcast::zip3(&mid, &low, &high, |m: f64, l: f64, h: f64| (h - m).max(m - l).max(0.0))?)
    }

    /// Whether a number lies between the bounds of an element.
    pub fn holds(&self, element: usize, value: f64) -> bool {
        use super::report::at;
        at(&self.low, element) <= value && value <= at(&self.high, element)
    }

    /// How many elements have more than one legal value.
    pub fn ambiguous(&self) -> usize {
        if self.is_point() {
            return 0;
        }
        let (low, high) = (self.low.to_f64(), self.high.to_f64());
        low.iter().zip(&high).filter(|(low, high)| low < high).count()
    }
}

/// The results of an operation other than a dot product.
///
/// # Errors
/// If it cannot be evaluated.
pub fn evaluate(op: Op<'_>, operands: &[Bounds]) -> Result<Vec<Bounds>> {
    let mid = outcome(op, operands, &|_, bounds| bounds.mid.clone())?;
    match op.kind() {
        OpKind::QonnxSoftmax => return softmax(mid, operands, 0.5),
        OpKind::QonnxLogSoftmax => return softmax(mid, operands, 2.0),
        _ if operands.iter().all(Bounds::is_point) => return Ok(mid.into_iter().map(Bounds::point).collect()),
        OpKind::QonnxArgMax => return indices(op, operands, mid),
        OpKind::QonnxTopK => return top_k(op, operands, mid),
        _ => {}
    }
    let (mut low, mut high) = (mid.clone(), mid.clone());
    for corner in corners(operands) {
        for (index, result) in outcome(op, operands, &corner)?.into_iter().enumerate() {
            if let (Some(low), Some(high)) = (low.get_mut(index), high.get_mut(index)) {
                *low = Rc::new(least(low, &result)?);
                *high = Rc::new(negated(&least(&negated(high), &negated(&result))?));
            }
        }
    }
    let stray = strays(op.kind());
    let bounds = mid.into_iter().zip(low).zip(high).map(|((mid, low), high)| {
        let (low, high) =
            if stray { (stretched(&low, f32::next_down), stretched(&high, f32::next_up)) } else { (low, high) };
        Bounds { mid, low, high, integers: None }
    });
    Ok(bounds.collect())
}

type Corner<'b> = dyn Fn(usize, &Bounds) -> Rc<Tensor> + 'b;

fn outcome(op: Op<'_>, operands: &[Bounds], corner: &Corner<'_>) -> Result<Vec<Rc<Tensor>>> {
    let tensors: Vec<Rc<Tensor>> = operands.iter().enumerate().map(|(index, bounds)| corner(index, bounds)).collect();
    let tensors: Vec<&Tensor> = tensors.iter().map(Rc::as_ref).collect();
    Ok(plain(op, &tensors)?.into_iter().map(Rc::new).collect())
}

/// Every choice of low and high for the uncertain operands.
fn corners(operands: &[Bounds]) -> Vec<Box<Corner<'static>>> {
    let uncertain: Vec<usize> =
        (0..operands.len()).filter(|index| !operands.get(*index).is_none_or(Bounds::is_point)).collect();
    let choices: Vec<usize> = match uncertain.len() {
        0..=CORNERS => (0..1 << uncertain.len()).collect(),
        _ => vec![0, usize::MAX],
    };
    let corner = |choice: usize| -> Box<Corner<'static>> {
        let uncertain = uncertain.clone();
        Box::new(move |index, bounds| {
            let position = uncertain.iter().position(|place| *place == index).unwrap_or(0);
            let upper = choice == usize::MAX || choice >> position.min(CORNERS) & 1 == 1;
            if upper { bounds.high.clone() } else { bounds.low.clone() }
        })
    };
    choices.into_iter().map(corner).collect()
}

/// `f` of all pairs; the second operand broadcasts to the first.
///
/// # Errors
/// If it does not.
pub fn broadcast_to<A: Clone, B: Clone, T>(a: &ArrayD<A>, b: &ArrayD<B>, f: impl Fn(A, B) -> T) -> Result<ArrayD<T>> {
    let b = broadcast::view_as(b, a.shape())?;
    Ok(Zip::from(a).and(b).map_collect(|a, b| f(a.clone(), b.clone())))
}

fn least(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    Ok(match (a, b) {
        (Tensor::F32(a), Tensor::F32(b)) => Tensor::F32(broadcast::zip(a, b, f32::min)?),
        (Tensor::F64(a), Tensor::F64(b)) => Tensor::F64(broadcast::zip(a, b, f64::min)?),
        (Tensor::Int(ty, a), Tensor::Int(_, b)) => Tensor::Int(*ty, broadcast::zip(a, b, i64::min)?),
        _ => return Err(anyhow!("an operation gives different element types for different values")),
    })
}

fn negated(tensor: &Tensor) -> Tensor {
    match tensor {
        Tensor::F32(a) => Tensor::F32(a.mapv(|value| -value)),
        Tensor::F64(a) => Tensor::F64(a.mapv(|value| -value)),
        Tensor::Int(ty, a) => Tensor::Int(*ty, a.mapv(|value| value.saturating_neg())),
    }
}

/// Functions that implementations approximate, element by element.
pub fn is_approximated(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::QonnxSigmoid
            | OpKind::QonnxTanh
            | OpKind::QonnxExp
            | OpKind::QonnxLog
            | OpKind::QonnxErf
            | OpKind::QonnxSin
            | OpKind::QonnxCos
            | OpKind::QonnxTan
            | OpKind::QonnxSinh
            | OpKind::QonnxCosh
            | OpKind::QonnxAsin
            | OpKind::QonnxAcos
            | OpKind::QonnxAtan
            | OpKind::QonnxAsinh
            | OpKind::QonnxAcosh
            | OpKind::QonnxAtanh
            | OpKind::QonnxSoftplus
            | OpKind::QonnxElu
            | OpKind::QonnxSelu
            | OpKind::QonnxPow
    )
}

/// Functions that fall between neighbouring floats, although they rise.
fn strays(kind: OpKind) -> bool {
    is_approximated(kind) || kind == OpKind::QonnxSoftsign
}

fn stretched(tensor: &Rc<Tensor>, step: fn(f32) -> f32) -> Rc<Tensor> {
    match tensor.as_ref() {
        Tensor::F32(a) => Rc::new(Tensor::F32(a.mapv(|value| (0..STRAY_ULPS).fold(value, |value, _| step(value))))),
        _ => tensor.clone(),
    }
}

/// Softmax moves no further than its operands times a constant (its Jacobian's largest row sum).
fn softmax(mid: Vec<Rc<Tensor>>, operands: &[Bounds], slope: f64) -> Result<Vec<Bounds>> {
    let moved = match operands.first() {
        Some(operand) => operand.radius()?.into_iter().fold(0.0, f64::max),
        None => 0.0,
    };
    let around = |mid: Rc<Tensor>| {
        let values = mid.to_f64();
        let largest = values.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        let ulp = largest * 2f64.powi(-23);
        let radius = ArrayD::from_elem(values.raw_dim(), slope * moved + SOFTMAX_ULPS * ulp);
        Bounds::around(mid, &radius)
    };
    mid.into_iter().map(around).collect()
}

/// An index is open where another element may be the largest.
fn indices(op: Op<'_>, operands: &[Bounds], mid: Vec<Rc<Tensor>>) -> Result<Vec<Bounds>> {
    let x = operands.first().ok_or_else(|| anyhow!("has no operand"))?;
    let axis = Axis(axis_index(op.i64_attribute("axis"), x.mid.rank())?);
    let (low, high) = (x.low.to_f64(), x.high.to_f64());
    let extent = low.len_of(axis);
    let open = |low: ndarray::ArrayView1<'_, f64>, high: ndarray::ArrayView1<'_, f64>| {
        let best = low.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        high.iter().filter(|high| **high >= best).count() > 1
    };
    let lanes = low.lanes(axis).into_iter().zip(high.lanes(axis)).map(|(low, high)| open(low, high));
    let lanes: Vec<bool> = lanes.collect();
    let bound = |mid: &Tensor, value: i64| match mid {
        Tensor::Int(ty, a) => {
            let values = a.iter().zip(&lanes).map(|(mid, open)| if *open { value } else { *mid });
            Tensor::int(*ty, a.shape(), values.collect())
        }
        other => Ok(other.clone()),
    };
    let bounds = |mid: Rc<Tensor>| {
        let (low, high) = (Rc::new(bound(&mid, 0)?), Rc::new(bound(&mid, extent as i64 - 1)?));
        Ok(Bounds { mid, low, high, integers: None })
    };
    mid.into_iter().map(bounds).collect()
}

/// The k-th largest value keeps order; its index is open as a whole.
fn top_k(op: Op<'_>, operands: &[Bounds], mid: Vec<Rc<Tensor>>) -> Result<Vec<Bounds>> {
    let low = outcome(op, operands, &|_, bounds| bounds.low.clone())?;
    let high = outcome(op, operands, &|_, bounds| bounds.high.clone())?;
    let all = mid.into_iter().zip(low).zip(high).map(|((mid, low), high)| {
        let open = |value: i64| match mid.as_ref() {
            Tensor::Int(ty, a) => Some(Rc::new(Tensor::Int(*ty, ArrayD::from_elem(a.raw_dim(), value)))),
            _ => None,
        };
        let (low, high) = (open(0).unwrap_or(low), open(i64::from(i32::MAX)).unwrap_or(high));
        Bounds { mid, low, high, integers: None }
    });
    Ok(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_rounded_outwards_and_points_stay_points() {
        let mid = Rc::new(Tensor::f32(&[2], vec![1.0, 2.0]).unwrap());
        assert!(Bounds::around(mid.clone(), &ArrayD::zeros(vec![2])).unwrap().is_point());
        let radius = ndarray::arr1(&[0.0, 1e-9]).into_dyn();
        let bounds = Bounds::around(mid, &radius).unwrap();
        assert_eq!(bounds.low.to_f32_vec(), [1.0, 2.0f32.next_down()]);
        assert_eq!(bounds.high.to_f32_vec(), [1.0, 2.0f32.next_up()]);
        assert_eq!(bounds.ambiguous(), 1);
        assert!(bounds.holds(1, 2.0) && !bounds.holds(1, 2.1) && !bounds.holds(0, 1.1));
        assert!((bounds.radius().unwrap().sum() - 2f64.powi(-22)).abs() < 1e-12);
    }

    #[test]
    fn every_corner_of_few_operands_and_two_of_many() {
        let point = Bounds::point(Rc::new(Tensor::scalar(1.0)));
        let wide = Bounds::around(point.mid.clone(), &ArrayD::from_elem(vec![], 0.5)).unwrap();
        assert_eq!(corners(&[wide.clone(), point, wide.clone()]).len(), 4);
        assert_eq!(corners(&vec![wide; 5]).len(), 2);
    }
}
