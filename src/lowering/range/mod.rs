//! Exact intervals of integer values, per element as far as constants tell; where branches of one
//! tensor meet again, those of the affine function that they make together ([`affine`]).

mod affine;
#[cfg(test)]
mod tests;

use crate::eval::{
    Tensor,
    convert::constant_of,
    interpreter::rounding_of,
    ops::{broadcast::broadcast_shape, layout},
};
use ndarray::{ArrayD, Axis, IxDyn};
use qonnx_dialect::{Builder, Element, Op, OpKind, Type, Value, WindowReduction, form, hls, qonnx};
use std::{collections::HashMap, rc::Rc};

/// The widest accumulator: sums must stay exact in 64 bits, with room for a bias.
const WIDEST: i128 = 1 << 61;

/// The least and greatest values of a tensor's elements; both arrays broadcast to its
/// shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Least values.
    pub low: ArrayD<i64>,
    /// Greatest values.
    pub high: ArrayD<i64>,
}

impl Range {
    /// The same interval for all elements.
    pub fn all(low: i64, high: i64) -> Self {
        let scalar = |value| ArrayD::from_elem(IxDyn(&[]), value);
        Self { low: scalar(low), high: scalar(high) }
    }

    /// The interval of all elements together.
    pub fn span(&self) -> (i64, i64) {
        let low = self.low.iter().copied().min().unwrap_or(0);
        let high = self.high.iter().copied().max().unwrap_or(0);
        (low, high.max(low))
    }

    /// Every interval, in row-major order (which need not be the order in memory).
    fn intervals(&self) -> impl Iterator<Item = (i128, i128)> {
        self.low.iter().zip(&self.high).map(|(low, high)| (i128::from(*low), i128::from(*high)))
    }

    /// The narrowest element type.
    pub fn element(&self) -> Element {
        let (low, high) = self.span();
        Element::of_range(low, high)
    }

    /// With `rank` axes, those that `merge` names shrunk to one interval that holds all.
    pub fn merged(&self, rank: usize, merge: impl Fn(usize) -> bool) -> Self {
        let fold = |array: &ArrayD<i64>, pick: fn(i64, i64) -> i64| {
            let missing = rank.saturating_sub(array.ndim());
            let mut array = array.clone();
            for _ in 0..missing {
                array.insert_axis_inplace(Axis(0));
            }
            for axis in (0..array.ndim()).filter(|axis| merge(*axis)) {
                let Some(first) = (array.len_of(Axis(axis)) > 0).then(|| array.index_axis(Axis(axis), 0).to_owned())
                else {
                    continue;
                };
                let folded = array
                    .axis_iter(Axis(axis))
                    .fold(first, |least, row| ndarray::Zip::from(&least).and(&row).map_collect(|a, b| pick(*a, *b)));
                array = folded.insert_axis(Axis(axis));
            }
            array
        };
        Self { low: fold(&self.low, i64::min), high: fold(&self.high, i64::max) }
    }

    /// An interval for each place along one axis.
    pub(crate) fn along(&self, axis: usize, shape: &[usize]) -> Result<Vec<(i64, i64)>, String> {
        let merged = self.merged(shape.len(), |other| other != axis);
        let flat: Vec<(i64, i64)> = merged.low.iter().copied().zip(merged.high.iter().copied()).collect();
        match flat.len() {
            1 => Ok(vec![flat[0]; shape[axis].max(1)]),
            count if count == shape[axis] => Ok(flat),
            count => Err(format!("a range has {count} intervals for an axis of {}", shape[axis])),
        }
    }

    /// The interval of every element of a tensor of this shape.
    pub fn broadcast(&self, shape: &[usize]) -> Option<Self> {
        let full = |array: &ArrayD<i64>| Some(array.broadcast(IxDyn(shape))?.to_owned());
        Some(Self { low: full(&self.low)?, high: full(&self.high)? })
    }
}

/// Ranges of values, computed once each.
#[derive(Default)]
pub struct Ranges<'c> {
    known: HashMap<Value<'c>, Rc<Range>>,
}

impl<'c> Ranges<'c> {
    /// The range of a value of an integer type.
    ///
    /// # Errors
    /// If a sum can leave 62 bits or the type is not one of integers.
    pub fn of(&mut self, value: Value<'c>) -> Result<Rc<Range>, String> {
        if let Some(range) = self.known.get(&value) {
            return Ok(range.clone());
        }
        let range = match value.defining_op() {
            Some(op) => {
                let intervals = self.of_op(op, value)?;
                affine::range(self, op).unwrap_or(intervals)
            }
            None => of_type(value)?,
        };
        let range = Rc::new(range);
        self.known.insert(value, range.clone());
        Ok(range)
    }

    /// Gives the result of an integer operation its narrowest type; what only moves keeps its operand's.
    ///
    /// # Errors
    /// If it has no range.
    pub fn fit(&mut self, op: Op<'c>) -> Result<(), String> {
        let result = op.result(0);
        let element = match op.kind() {
            OpKind::HlsView | OpKind::HlsTranspose | OpKind::HlsGather => {
                op.operand(0).tensor_type().ok_or("is no tensor")?.element
            }
            _ => self.of(result)?.element(),
        };
        result.set_type(Builder::before(op).tensor(element, &shape_of(result)?));
        Ok(())
    }

    /// Builds an integer operation of this shape in front of another, with the narrowest type
    /// of its range.
    ///
    /// # Errors
    /// If it has no range; then nothing is left of it.
    pub fn narrowed(
        &mut self,
        place: Op<'c>,
        shape: &[usize],
        build: impl Fn(&Builder<'c>, Type<'c>) -> Op<'c>,
    ) -> Result<Value<'c>, String> {
        let builder = Builder::before(place);
        let result = build(&builder, builder.tensor(Element::Int { width: 64, signed: true }, shape)).result(0);
        match self.of(result) {
            Ok(range) => {
                result.set_type(builder.tensor(range.element(), shape));
                Ok(result)
            }
            Err(problem) => {
                if let Some(op) = result.defining_op() {
                    op.erase();
                }
                Err(problem)
            }
        }
    }

    fn of_op(&mut self, op: Op<'c>, value: Value<'c>) -> Result<Range, String> {
        match op.kind() {
            OpKind::HlsConstant => {
                let codes = constant_of(value).ok_or("the constant cannot be read")?;
                let codes = codes.as_int().map_err(|problem| problem.to_string())?;
                Ok(Range { low: codes.clone(), high: codes.clone() })
            }
            OpKind::QonnxQuantize => of_quantize(op, value),
            OpKind::QonnxBinarize => Ok(Range::all(-1, 1)),
            OpKind::QonnxCountThresholds => {
                let steps = op.operand(1).tensor_type().and_then(|ty| ty.static_shape()?.last().copied());
                Ok(Range::all(0, steps.ok_or("its thresholds have no static shape")? as i64))
            }
            OpKind::HlsRequantize => of_requantize(op),
            OpKind::HlsMatmul => self.of_matmul(hls::Matmul::of(op).ok_or("is no matmul")?),
            OpKind::HlsAdd => self.of_binary(op, |a, b| (a.0 + b.0, a.1 + b.1)),
            OpKind::HlsSub => self.of_binary(op, |a, b| (a.0 - b.1, a.1 - b.0)),
            OpKind::HlsMul => self.of_binary(op, products),
            OpKind::HlsMax => self.of_binary(op, |a, b| (a.0.max(b.0), a.1.max(b.1))),
            OpKind::HlsView | OpKind::HlsTranspose => self.of_layout(op),
            OpKind::HlsConv => self.of_conv(hls::Conv::of(op).ok_or("is no conv")?),
            OpKind::HlsReduceWindow => self.of_reduce_window(hls::ReduceWindow::of(op).ok_or("is no window")?),
            OpKind::HlsPad => self.of_pad(hls::Pad::of(op).ok_or("is no pad")?),
            OpKind::HlsGather => self.of_gather(hls::Gather::of(op).ok_or("is no gather")?),
            OpKind::HlsConcat => self.of_concat(hls::Concat::of(op).ok_or("is no concat")?),
            _ => of_type(value),
        }
    }

    fn of_binary(
        &mut self,
        op: Op<'c>,
        rule: impl Fn((i128, i128), (i128, i128)) -> (i128, i128),
    ) -> Result<Range, String> {
        let (a, b) = (self.of(op.operand(0))?, self.of(op.operand(1))?);
        let shape = broadcast_shape(a.low.shape(), b.low.shape()).map_err(|problem| problem.to_string())?;
        let full = |range: &Range| range.broadcast(&shape).ok_or("ranges do not broadcast");
        let (a, b) = (full(&a)?, full(&b)?);
        collect(&shape, a.intervals().zip(b.intervals()).map(|(a, b)| rule(a, b)))
    }

    fn of_layout(&mut self, op: Op<'c>) -> Result<Range, String> {
        let inner = self.of(op.operand(0))?;
        if inner.low.len() == 1 {
            return Ok(Range::all(inner.span().0, inner.span().1));
        }
        let (from, to) = (shape_of(op.operand(0))?, shape_of(op.result(0))?);
        let moved = |array: &ArrayD<i64>| {
            let moved = match op.kind() {
                OpKind::HlsTranspose => layout::transpose(&tensor(array.clone()), &op.i64s_attribute("permutation")),
                _ => layout::with_shape(&tensor(array.clone()), &to),
            };
            moved.and_then(|tensor| tensor.as_int().cloned()).map_err(|problem| problem.to_string())
        };
        // Transposed, an interval for all places along an axis still is one.
        let inner = match op.kind() {
            OpKind::HlsTranspose => inner.merged(from.len(), |_| false),
            _ => inner.broadcast(&from).ok_or("the range does not broadcast")?,
        };
        Ok(Range { low: moved(&inner.low)?, high: moved(&inner.high)? })
    }

    fn of_matmul(&mut self, op: hls::Matmul<'c>) -> Result<Range, String> {
        let (a_shape, b_shape) = (shape_of(op.a())?, shape_of(op.b())?);
        let (a, b) = (self.of(op.a())?, self.of(op.b())?);
        let product = product_range((&a, &a_shape), (&b, &b_shape))?;
        match op.bias() {
            None => Ok(product),
            Some(bias) => {
                let bias = self.of(bias)?;
                let shape = broadcast_shape(product.low.shape(), bias.low.shape()).map_err(|p| p.to_string())?;
                let (product, bias) = (product.broadcast(&shape), bias.broadcast(&shape));
                let (product, bias) = (product.ok_or("no broadcast")?, bias.ok_or("no broadcast")?);
                let sums = product.intervals().zip(bias.intervals());
                collect(&shape, sums.map(|((low, high), bias)| (low + bias.0, high + bias.1)))
            }
        }
    }

    /// Each output channel by its own weights and the ranges of the channels that it adds.
    fn of_conv(&mut self, conv: hls::Conv<'c>) -> Result<Range, String> {
        let (x_shape, w_shape) = (shape_of(conv.x())?, shape_of(conv.w())?);
        let rank = x_shape.len();
        let x = self.of(conv.x())?.along(1, &x_shape)?;
        let w = self.of(conv.w())?.broadcast(&w_shape).ok_or("the range does not broadcast")?;
        let (outputs, per) = (w_shape[0], w_shape[1]);
        let group = conv.group().max(1) as usize;
        let kernel: usize = w_shape[2..].iter().product();
        let weights: Vec<(i128, i128)> = w.intervals().collect();
        let bias = conv.bias().map(|bias| self.of(bias)).transpose()?;
        let bias = bias.map(|bias| bias.broadcast(&[outputs]).ok_or("the range does not broadcast")).transpose()?;
        let sums = (0..outputs).map(|output| {
            let mut sum = match &bias {
                Some(bias) => (i128::from(bias.low[output]), i128::from(bias.high[output])),
                None => (0, 0),
            };
            for inner in 0..per {
                let channel = (output / (outputs / group).max(1) * per + inner).min(x.len() - 1);
                let value = (i128::from(x[channel].0), i128::from(x[channel].1));
                let start = (output * per + inner) * kernel;
                for place in start..start + kernel {
                    let (least, greatest) = products(value, weights[place]);
                    sum = (sum.0 + least, sum.1 + greatest);
                }
            }
            sum
        });
        collect(&[vec![outputs], vec![1; rank - 2]].concat(), sums)
    }

    fn of_reduce_window(&mut self, op: hls::ReduceWindow<'c>) -> Result<Range, String> {
        let inner = self.of(op.x())?;
        let window = op.window();
        let moves = |axis: usize| window[axis] != 1 || op.strides()[axis] != 1;
        let merged = inner.merged(window.len(), moves);
        let count = match op.reduction() {
            WindowReduction::Sum => window.iter().map(|extent| i128::from(*extent)).product(),
            WindowReduction::Max => 1,
        };
        collect(merged.low.shape(), merged.intervals().map(|(low, high)| (low * count, high * count)))
    }

    fn of_pad(&mut self, pad: hls::Pad<'c>) -> Result<Range, String> {
        let inner = self.of(pad.x())?;
        let changes = |axis: usize| pad.low()[axis] != 0 || pad.high()[axis] != 0 || pad.interior()[axis] != 0;
        let adds = |axis: usize| pad.low()[axis] > 0 || pad.high()[axis] > 0 || pad.interior()[axis] > 0;
        let rank = pad.low().len();
        let mut range = inner.merged(rank, changes);
        if (0..rank).any(adds) {
            range.low.mapv_inplace(|low| low.min(pad.value()));
            range.high.mapv_inplace(|high| high.max(pad.value()));
        }
        Ok(range)
    }

    fn of_gather(&mut self, gather: hls::Gather<'c>) -> Result<Range, String> {
        let inner = self.of(gather.x())?;
        let rank = shape_of(gather.x())?.len();
        let axis = layout::axis_index(gather.axis(), rank).map_err(|problem| problem.to_string())?;
        let ranked = inner.merged(rank, |_| false);
        if ranked.low.shape()[axis] == 1 {
            return Ok(ranked);
        }
        let indices: Vec<usize> = gather.indices().iter().map(|index| *index as usize).collect();
        let picked = |array: &ArrayD<i64>| array.select(Axis(axis), &indices);
        Ok(Range { low: picked(&ranked.low), high: picked(&ranked.high) })
    }

    fn of_concat(&mut self, concat: hls::Concat<'c>) -> Result<Range, String> {
        let rank = shape_of(concat.result())?.len();
        let axis = layout::axis_index(concat.axis(), rank).map_err(|problem| problem.to_string())?;
        let mut parts = Vec::new();
        for input in concat.inputs() {
            let extent = shape_of(input)?[axis];
            let mut shape = vec![1; rank];
            shape[axis] = extent;
            // One interval for each place along the axis.
            let range = self.of(input)?.merged(rank, |other| other != axis);
            parts.push(range.broadcast(&shape).ok_or("the range does not broadcast")?);
        }
        let joined = |pick: fn(&Range) -> &ArrayD<i64>| {
            let views: Vec<_> = parts.iter().map(|part| pick(part).view()).collect();
            ndarray::concatenate(Axis(axis), &views).map_err(|problem| problem.to_string())
        };
        Ok(Range { low: joined(|part| &part.low)?, high: joined(|part| &part.high)? })
    }
}

/// How many terms each result of an operation on integers adds.
pub fn terms_of(op: Op<'_>) -> usize {
    let extents = |index: usize| shape_of(op.operand(index)).unwrap_or_default();
    match op.kind() {
        OpKind::HlsMatmul => extents(0).last().copied().unwrap_or(1),
        OpKind::HlsConv => extents(1).iter().skip(1).product(),
        OpKind::HlsReduceWindow => {
            op.i64s_attribute("window").iter().map(|extent| extent.unsigned_abs() as usize).product()
        }
        _ => 1,
    }
}

fn tensor(values: ArrayD<i64>) -> Tensor {
    Tensor::Int(crate::eval::IntType::I64, values)
}

/// The shape of a value.
///
/// # Errors
/// If it is not static.
pub fn shape_of(value: Value<'_>) -> Result<Vec<usize>, String> {
    value.tensor_type().and_then(|ty| ty.static_shape()).ok_or_else(|| format!("{} has no static shape", value.ty()))
}

/// The interval of `a * b`.
fn products(a: (i128, i128), b: (i128, i128)) -> (i128, i128) {
    let all = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
    (all.into_iter().fold(i128::MAX, i128::min), all.into_iter().fold(i128::MIN, i128::max))
}

/// The interval of every element of a matrix product.
fn product_range((a, a_shape): (&Range, &[usize]), (b, b_shape): (&Range, &[usize])) -> Result<Range, String> {
    let ([.., k], Some(n)) = (a_shape, (b_shape.len() >= 2).then(|| b_shape[b_shape.len() - 1])) else {
        return Err("ranges of products with vectors are not computed; give the operands two axes".into());
    };
    // One interval for all has no axes.
    let whole = |range: &Range| {
        let (low, high) = range.span();
        if range.low.len() == 1 { Range::all(low, high) } else { range.clone() }
    };
    let (a, b) = (&whole(a), &whole(b));
    // Rows share a range where the operand has one interval for all or a row of them.
    let rows = if a.low.len() == 1 || a.low.len() == *k && a.low.shape().last() == Some(k) {
        1
    } else {
        a_shape.iter().product::<usize>() / k.max(&1)
    };
    let left_shape = if rows == 1 { vec![1, *k] } else { a_shape.to_vec() };
    let left = a.broadcast(&left_shape).or_else(|| reshape(a, &left_shape)).ok_or("the range does not broadcast")?;
    let right = b.broadcast(b_shape).ok_or("the range does not broadcast")?;
    let matrices = b_shape[..b_shape.len() - 2].iter().product::<usize>();
    let batches = if matrices == 1 { 1 } else { matrices };
    if batches != 1 {
        let worst = whole_product(a, b, *k as i128);
        return collect(&[], std::iter::once(worst));
    }
    let flat = |array: &ArrayD<i64>| array.iter().copied().collect::<Vec<i64>>();
    let (al, ah, bl, bh) = (flat(&left.low), flat(&left.high), flat(&right.low), flat(&right.high));
    let mut sums = vec![(0i128, 0i128); rows * n];
    for row in 0..rows {
        for i in 0..*k {
            let x = (i128::from(al[row * k + i]), i128::from(ah[row * k + i]));
            for column in 0..n {
                let w = (i128::from(bl[i * n + column]), i128::from(bh[i * n + column]));
                let (low, high) = products(x, w);
                let sum = &mut sums[row * n + column];
                *sum = (sum.0 + low, sum.1 + high);
            }
        }
    }
    let shape = if rows == 1 { vec![n] } else { [&a_shape[..a_shape.len() - 1], &[n]].concat() };
    collect(&shape, sums.into_iter())
}

fn reshape(range: &Range, shape: &[usize]) -> Option<Range> {
    let shaped = |array: &ArrayD<i64>| array.to_shape(shape).ok().map(|array| array.to_owned());
    Some(Range { low: shaped(&range.low)?, high: shaped(&range.high)? })
}

fn whole_product(a: &Range, b: &Range, terms: i128) -> (i128, i128) {
    let wide = |range: &Range| (i128::from(range.span().0), i128::from(range.span().1));
    let (low, high) = products(wide(a), wide(b));
    (low * terms, high * terms)
}

fn collect(shape: &[usize], values: impl Iterator<Item = (i128, i128)>) -> Result<Range, String> {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for (least, greatest) in values {
        if least < -WIDEST || greatest > WIDEST {
            return Err(format!("values reach [{least}, {greatest}], more than 62 bits: use fewer bits"));
        }
        low.push(least as i64);
        high.push(greatest as i64);
    }
    let array = |values| ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|problem| problem.to_string());
    Ok(Range { low: array(low)?, high: array(high)? })
}

fn of_type(value: Value<'_>) -> Result<Range, String> {
    let range = value.tensor_type().and_then(|ty| ty.element.range());
    range
        .map(|(low, high)| Range::all(low, high))
        .ok_or_else(|| format!("{} is no integer type of up to 63 bits", value.ty()))
}

fn of_quantize(op: Op<'_>, value: Value<'_>) -> Result<Range, String> {
    let quantize = qonnx::Quantize::of(op).ok_or("is no quantize")?;
    let mode = rounding_of(quantize.rounding());
    let (low, high) = (mode.round(quantize.low()), mode.round(quantize.high()));
    let whole = of_type(value)?.span();
    Ok(Range::all((low as i64).max(whole.0), (high as i64).min(whole.1)))
}

/// From the codes that the forms can give.
fn of_requantize(op: Op<'_>) -> Result<Range, String> {
    let requantize = hls::Requantize::of(op).ok_or("is no requantize")?;
    let forms = form::read_all(requantize.forms()).ok_or("has a form that cannot be read")?;
    let shape: Vec<usize> = requantize.channels().iter().map(|dim| *dim as usize).collect();
    collect(
        &shape,
        forms.iter().map(|form| {
            let (low, high) = super::requantize::code_range(form);
            (i128::from(low), i128::from(high))
        }),
    )
}
