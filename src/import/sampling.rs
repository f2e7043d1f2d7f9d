//! GridSample and AffineGrid: elements between others, at positions that are operands.
//!
//! Positions are computed by operations of the dialect and the neighbours gathered by them, so that constant positions
//! fold to gathers by constant indices and products with constant weights. Order of operations: onnxruntime's.

use super::{
    ImportError,
    node::{Context, INT64, Node, element_of},
};
use crate::{
    eval::{
        Tensor,
        ops::layout::{channels_first, channels_last},
    },
    onnx::quoted,
};
use qonnx_dialect::{Element, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(vec![match node.op_type() {
        "GridSample" => grid_sample(cx, node)?,
        "AffineGrid" => affine_grid(cx, node)?,
        _ => return Ok(None),
    }]))
}

/// What stands outside a field.
#[derive(Clone, Copy, PartialEq)]
pub enum Padding {
    /// 0.
    Zeros,
    /// The nearest element.
    Border,
    /// The field again, mirrored at its outer elements' centers (`aligned`) or edges.
    Reflection {
        /// Whether at the centers.
        aligned: bool,
    },
}

/// Elements on a grid of some axes, all channels of a place in a row.
pub struct Field<'c> {
    rows: Value<'c>,
    /// The first row of each sample, against positions.
    starts: Value<'c>,
    extents: Vec<usize>,
    padding: Padding,
}

/// An index along an axis: the element that stands there, and whether there is one; everywhere if absent.
#[derive(Clone, Copy)]
struct Tap<'c> {
    index: Value<'c>,
    exists: Option<Value<'c>>,
}

impl<'c> Field<'c> {
    /// The field of each of `samples` (a shape), with the fields' axes and then the channels behind it in `x`.
    pub fn new(
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        x: Value<'c>,
        (samples, extents, padding): (&[usize], &[usize], Padding),
    ) -> Result<Self, ImportError> {
        let size = node.positions(extents)?;
        let count = node.positions(samples)?;
        node.positions(&[count, size])?;
        // Any number of channels.
        let rows = [(count * size) as i64, -1];
        let shape: Vec<usize> = samples.iter().copied().chain(std::iter::repeat_n(1, extents.len() + 1)).collect();
        let starts =
            cx.int64s(node, &shape[..shape.len() - 1], (0..count).map(|sample| (sample * size) as i64).collect())?;
        Ok(Self { rows: cx.reshape(x, &rows), starts, extents: extents.to_vec(), padding })
    }

    fn tap(&self, cx: &Context<'_, 'c>, axis: usize, index: Value<'c>) -> Tap<'c> {
        let last = self.extents[axis].saturating_sub(1) as f64;
        let number = |value| cx.scalar_like(index, value);
        let limited = |index| cx.apply("qonnx.min", &[cx.apply("qonnx.max", &[index, number(0.0)]), number(last)]);
        let integer = |index| cx.cast(limited(index), INT64);
        match self.padding {
            Padding::Zeros => {
                let below = cx.compare("qonnx.less", index, number(0.0));
                let above = cx.compare("qonnx.greater", index, number(last));
                let outside = cx.apply("qonnx.or", &[below, above]);
                let ones = cx.constant(Element::Bool, &Tensor::scalar_int(1));
                Tap { index: integer(index), exists: Some(cx.apply("qonnx.xor", &[outside, ones])) }
            }
            Padding::Reflection { aligned } if last > 0.0 => {
                // Even, with a period of twice the field's length.
                let (low, length) = if aligned { (0.0, last) } else { (-0.5, last + 1.0) };
                let distance = cx.apply("qonnx.abs", &[cx.sub(index, number(low))]);
                let along = cx.apply("qonnx.fmod", &[distance, number(2.0 * length)]);
                let back = cx.sub(number(2.0 * length), along);
                let mirrored = cx.add(cx.apply("qonnx.min", &[along, back]), number(low));
                Tap { index: integer(mirrored), exists: None }
            }
            _ => Tap { index: integer(index), exists: None },
        }
    }

    /// Elements at a tap an axis: (positions..., channels).
    fn at(&self, cx: &Context<'_, 'c>, taps: &[Tap<'c>]) -> Value<'c> {
        let int64 = |value: usize| cx.int64(value as i64);
        let mut row: Option<Value<'c>> = None;
        for (tap, extent) in taps.iter().zip(&self.extents) {
            row = Some(row.map_or(tap.index, |row| cx.add(cx.mul(row, int64(*extent)), tap.index)));
        }
        let row = row.map_or(self.starts, |row| cx.add(row, self.starts));
        let found = qonnx::Gather::build(&cx.builder, self.rows, row, 0, [cx.like(self.rows)]).result();
        let exists = taps.iter().filter_map(|tap| tap.exists);
        match exists.reduce(|a, b| cx.apply("qonnx.and", &[a, b])) {
            Some(exists) => cx.select(cx.over_channels(exists), found, cx.scalar_like(found, 0.0)),
            None => found,
        }
    }

    /// Taps at each axis' position rounded down and so many further ones, from `first` on.
    fn taps(&self, cx: &Context<'_, 'c>, bases: &[Value<'c>], first: i64, count: usize) -> Vec<Vec<Tap<'c>>> {
        let axis_taps = |(axis, base): (usize, &Value<'c>)| {
            let offset = |step: usize| cx.add(*base, cx.scalar_like(*base, (first + step as i64) as f64));
            (0..count).map(|step| self.tap(cx, axis, offset(step))).collect()
        };
        bases.iter().enumerate().map(axis_taps).collect()
    }

    /// The sum over all taps, axis by axis, of elements times their weights along that axis.
    fn nested(
        &self,
        cx: &Context<'_, 'c>,
        taps: &[Vec<Tap<'c>>],
        weights: &[Vec<Value<'c>>],
        chosen: &[Tap<'c>],
    ) -> Value<'c> {
        let axis = chosen.len();
        let (Some(taps_here), Some(weights_here)) = (taps.get(axis), weights.get(axis)) else {
            return self.at(cx, chosen);
        };
        let mut sum: Option<Value<'c>> = None;
        for (tap, weight) in taps_here.iter().zip(weights_here) {
            let inner = self.nested(cx, taps, weights, &[chosen, &[*tap]].concat());
            let term = cx.mul(cx.over_channels(*weight), inner);
            sum = Some(sum.map_or(term, |sum| cx.add(sum, term)));
        }
        sum.unwrap_or(self.rows)
    }

    /// Between two neighbours an axis. `flat` multiplies the weights of all axes first.
    pub fn linear(&self, cx: &Context<'_, 'c>, positions: &[Value<'c>], flat: bool) -> Value<'c> {
        let bases: Vec<Value<'c>> = positions.iter().map(|position| cx.apply("qonnx.floor", &[*position])).collect();
        let taps = self.taps(cx, &bases, 0, 2);
        let pair = |(position, base): (&Value<'c>, &Value<'c>)| {
            let next = cx.add(*base, cx.scalar_like(*base, 1.0));
            vec![cx.sub(next, *position), cx.sub(*position, *base)]
        };
        let weights: Vec<Vec<Value<'c>>> = positions.iter().zip(&bases).map(pair).collect();
        if !flat {
            return self.nested(cx, &taps, &weights, &[]);
        }
        let mut corners: Vec<(Option<Value<'c>>, Vec<Tap<'c>>)> = vec![(None, Vec::new())];
        for (taps, weights) in taps.iter().zip(&weights) {
            let extended = corners.iter().flat_map(|(outer, chosen)| {
                taps.iter().zip(weights).map(move |(tap, weight)| {
                    let weight = outer.map_or(*weight, |outer| cx.mul(outer, *weight));
                    (Some(weight), [chosen.as_slice(), &[*tap]].concat())
                })
            });
            corners = extended.collect();
        }
        let terms =
            corners.iter().filter_map(|(weight, taps)| Some(cx.mul(cx.over_channels((*weight)?), self.at(cx, taps))));
        terms.reduce(|sum, term| cx.add(sum, term)).unwrap_or(self.rows)
    }

    /// Between four neighbours an axis, by the kernel with the parameter -0.75.
    fn cubic(&self, cx: &Context<'_, 'c>, positions: &[Value<'c>]) -> Value<'c> {
        const A: f64 = -0.75;
        let bases: Vec<Value<'c>> = positions.iter().map(|position| cx.apply("qonnx.floor", &[*position])).collect();
        let taps = self.taps(cx, &bases, -1, 4);
        let weights = |(position, base): (&Value<'c>, &Value<'c>)| {
            // In two steps, from the first tap.
            let first = cx.sub(*base, cx.scalar_like(*base, 1.0));
            let t = cx.sub(cx.sub(*position, first), cx.scalar_like(*base, 1.0));
            let number = |value| cx.scalar_like(t, value);
            let near = |t: Value<'c>| {
                let slope = cx.sub(cx.mul(number(A + 2.0), t), number(A + 3.0));
                cx.add(cx.mul(cx.mul(slope, t), t), number(1.0))
            };
            let far = |t: Value<'c>| {
                let square = cx.add(cx.mul(cx.sub(cx.mul(number(A), t), number(5.0 * A)), t), number(8.0 * A));
                cx.sub(cx.mul(square, t), number(4.0 * A))
            };
            let rest = cx.sub(number(1.0), t);
            vec![far(cx.add(t, number(1.0))), near(t), near(rest), far(cx.sub(number(2.0), t))]
        };
        let weights: Vec<Vec<Value<'c>>> = positions.iter().zip(&bases).map(weights).collect();
        self.nested(cx, &taps, &weights, &[])
    }
}

impl<'c> Context<'_, 'c> {
    /// A value a position, against all channels of it.
    pub fn over_channels(&self, x: Value<'c>) -> Value<'c> {
        qonnx::Unsqueeze::build(&self.builder, x, Some(self.indices(&[-1])), [self.like(x)]).result()
    }
}

fn grid_sample<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, grid) = (node.operand(0)?, node.operand(1)?);
    let shape = node.extents(x)?;
    let (rank, aligned) = (shape.len(), node.flag("align_corners", 0)?);
    let spatial = shape.get(2..).filter(|spatial| (1..=3).contains(&spatial.len()));
    let spatial = spatial.ok_or_else(|| node.error(format!("its operand has rank {rank}, expected 3 to 5")))?;
    let padding = match node.proto.string("padding_mode")?.unwrap_or("zeros") {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection { aligned },
        other => {
            return Err(node.error(format!("padding_mode is {}, expected zeros, border or reflection", quoted(other))));
        }
    };
    let field = Field::new(cx, node, cx.transpose(x, &channels_last(rank)), (&shape[..1], spatial, padding))?;
    let position = |(axis, extent): (usize, &usize)| {
        // Coordinates name the last axis first.
        let coordinate = cx.take(grid, -1, &Tensor::scalar_int((spatial.len() - 1 - axis) as i64));
        let number = |value| cx.scalar_like(coordinate, value);
        let from_start = cx.add(coordinate, number(1.0));
        match aligned {
            true => cx.mul(cx.div(from_start, number(2.0)), number(*extent as f64 - 1.0)),
            false => cx.div(cx.sub(cx.mul(from_start, number(*extent as f64)), number(1.0)), number(2.0)),
        }
    };
    let positions: Vec<Value<'c>> = spatial.iter().enumerate().map(position).collect();
    let sampled = match node.proto.string("mode")?.unwrap_or("linear") {
        "linear" | "bilinear" => {
            field.linear(cx, &positions, padding == Padding::Zeros && !aligned && spatial.len() == 2)
        }
        "nearest" => {
            let nearest: Vec<Value<'c>> =
                positions.iter().map(|position| cx.apply("qonnx.round", &[*position])).collect();
            field.nearest(cx, &nearest)
        }
        "cubic" | "bicubic" if spatial.len() == 2 => field.cubic(cx, &positions),
        other => {
            let words = "linear or nearest, or cubic along two axes";
            return Err(node.error(format!("mode is {}, expected {words}", quoted(other))));
        }
    };
    Ok(cx.transpose(sampled, &channels_first(rank)))
}

impl<'c> Field<'c> {
    /// The elements at whole positions.
    fn nearest(&self, cx: &Context<'_, 'c>, positions: &[Value<'c>]) -> Value<'c> {
        let taps: Vec<Tap<'c>> =
            positions.iter().enumerate().map(|(axis, position)| self.tap(cx, axis, *position)).collect();
        self.at(cx, &taps)
    }
}

/// A constant grid of coordinates from -1 to 1, of the outer elements' centers (`align_corners`) or edges, turned by
/// a matrix a sample.
fn affine_grid<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let theta = node.operand(0)?;
    let size = cx.fixed(node, 1, "extents")?.to_i64_vec().map_err(|problem| node.error(problem))?;
    let spatial: Vec<usize> = size.iter().skip(2).map(|extent| usize::try_from(*extent).unwrap_or(0)).collect();
    if !(2..=3).contains(&spatial.len()) {
        return Err(node.error(format!("its size has {} extents, expected 4 or 5", size.len())));
    }
    let aligned = node.flag("align_corners", 0)?;
    let coordinate = |index: usize, extent: usize| {
        let (index, extent) = (index as f32, extent as f32);
        let last = extent - 1.0;
        let along = if index == last { 1.0 } else { -1.0 + index * (2.0 / last) };
        if aligned { along } else { along * last / extent }
    };
    let axes = spatial.len();
    let count = node.positions(&spatial)?;
    // (samples, from, to); what is added comes last.
    let turned = cx.transpose(theta, &[0, 2, 1]);
    let row = |from: usize| cx.take(turned, 1, &Tensor::indices(vec![from as i64]));
    let term = |from: usize| {
        // Coordinates name the last axis first.
        let (axis, inner) = (axes - 1 - from, spatial.iter().skip(axes - from).product::<usize>().max(1));
        let values = (0..count).map(|place| coordinate(place / inner % spatial[axis], spatial[axis])).collect();
        let values = Tensor::f32(&[count, 1], values).map_err(|problem| node.error(problem))?;
        Ok::<_, ImportError>(cx.mul(cx.constant(element_of(theta), &values), row(from)))
    };
    // Eigen's product of small matrices adds the first of three last.
    let order: &[usize] = if axes == 3 { &[1, 2, 0] } else { &[0, 1] };
    let terms = order.iter().map(|from| term(*from)).collect::<Result<Vec<_>, _>>()?;
    let sum = terms.into_iter().chain([row(axes)]).reduce(|sum, term| cx.add(sum, term));
    let spatial = spatial.iter().map(|extent| *extent as i64);
    let shape: Vec<i64> = std::iter::once(0).chain(spatial).chain([axes as i64]).collect();
    Ok(cx.reshape(sum.unwrap_or(theta), &shape))
}
