//! Dot products: MatMul, Conv, ConvTranspose.

use super::{
    Propagation,
    contraction::{Contraction, weighted},
    exponent_of, shape_of,
    windows::mixed_axes,
};
use crate::{
    eval::convert::{constant_of, hls_constant},
    lowering::grid::Grid,
};
use ndarray::{ArrayD, Axis, Dimension, IxDyn};
use qonnx_dialect::{Builder, Op, Value, hls, qonnx};

/// The bias is an operation of the chain behind the sum.
const BIAS: &str = "has a bias; run qonnx-extract-bias first";

const VARYING: &str = "the scale of its weights varies among the terms of a sum, and they are not constant or too wide";

/// What the scales of one operand of a dot product become.
struct Side<'c> {
    scales: Vec<Value<'c>>,
    divisors: Vec<Value<'c>>,
    /// What the other operand's elements are multiplied by.
    multiples: Vec<ArrayD<i64>>,
}

/// The attributes that both convolutions share, on integers.
struct ConvShape {
    strides: Vec<i64>,
    dilations: Vec<i64>,
    group: usize,
}

impl<'c> Propagation<'c> {
    pub(super) fn grid_of_matmul(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (self.grid(op.operand(0), op)?, self.grid(op.operand(1), op)?);
        let (a_shape, b_shape) = (shape_of(a.q)?, shape_of(b.q)?);
        if a_shape.len() < 2 || b_shape.len() < 2 {
            return Err("multiplies a vector; give it two axes".into());
        }
        let builder = Builder::before(op);
        let left = without_axes(&builder, &a, &a_shape, &[a_shape.len() - 1], "left")?;
        let right = without_axes(&builder, &b, &b_shape, &[b_shape.len() - 2], "right")?;
        let (x, w) = self.with_multiples(op, (a.q, &left.multiples), (b.q, transposed(&left.multiples, 2)))?;
        let (w, x) = self.with_multiples(op, (w, &right.multiples), (x, transposed(&right.multiples, 1)))?;
        let (scales, divisors) = joined(left, right);
        let exponent = exponent_of(&scales);
        let (x, bias) = without_zero_point(&builder, x, w);
        let shape = shape_of(op.result(0))?;
        let q = self
            .ranges
            .narrowed(op, &shape, |builder, ty| hls::Matmul::build(builder, x, w, bias, exponent, [ty]).op())?;
        Ok(Grid { q, scales, divisors })
    }

    pub(super) fn grid_of_conv(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let conv = qonnx::Conv::of(op).filter(|conv| conv.bias().is_none()).ok_or(BIAS)?;
        let (x, w) = (self.grid(conv.x(), op)?, self.grid(conv.w(), op)?);
        let outputs = shape_of(w.q)?[0];
        let (q, weights) = conv_weights(&Builder::before(op), &w, outputs, &|index| index[0])?;
        let (pads, spatial) = (conv.pads(), conv.strides().len());
        let (low, high) = pads.split_at(spatial.min(pads.len()));
        let interior = vec![0; spatial];
        let group = conv.group().max(1) as usize;
        let shape = ConvShape { strides: conv.strides(), dilations: conv.dilations(), group };
        self.convolved(op, &x, (q, weights), [low, high, &interior], &shape)
    }

    /// Each input element adds its multiple of the kernel: a convolution with the mirrored
    /// kernel of the input with zeros between its elements.
    pub(super) fn grid_of_conv_transpose(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let conv = qonnx::ConvTranspose::of(op).filter(|conv| conv.bias().is_none()).ok_or(BIAS)?;
        let (x, w) = (self.grid(conv.x(), op)?, self.grid(conv.w(), op)?);
        let w_shape = shape_of(w.q)?;
        let (group, spatial) = (conv.group().max(1) as usize, conv.strides().len());
        let (inner, outer) = ((w_shape[0] / group).max(1), w_shape[1]);
        let builder = Builder::before(op);
        let output = |index: &[usize]| index[0] / inner * outer + index[1];
        let (q, weights) = conv_weights(&builder, &w, outer * group, &output)?;
        let q = mirrored(&builder, q, group)?;
        let (mut low, mut high, mut interior) = (Vec::new(), Vec::new(), Vec::new());
        for axis in 0..spatial {
            let reach = conv.dilations()[axis] * (w_shape[axis + 2] as i64 - 1);
            low.push(reach - conv.pads()[axis]);
            high.push(reach - conv.pads()[axis + spatial] + conv.output_padding()[axis]);
            interior.push(conv.strides()[axis] - 1);
        }
        let shape = ConvShape { strides: vec![1; spatial], dilations: conv.dilations(), group };
        self.convolved(op, &x, (q, weights), [&low, &high, &interior], &shape)
    }

    /// The convolution of integers; zeros go around and between the elements of spatial axes.
    fn convolved(
        &mut self,
        op: Op<'c>,
        x: &Grid<'c>,
        (w, weights): (Value<'c>, Side<'c>),
        padding: [&[i64]; 3],
        conv: &ConvShape,
    ) -> Result<Grid<'c>, String> {
        let builder = Builder::before(op);
        let w_shape = shape_of(w)?;
        let input = conv_input(&builder, x, &shape_of(x.q)?, conv.group, w_shape[0])?;
        let spread = per_group(&input.multiples, &w_shape, conv.group);
        let (codes, w) = self.with_multiples(op, (x.q, &input.multiples), (w, spread))?;
        let (scales, divisors) = joined(input, weights);
        let [low, high, interior] = padding.map(|spatial| [&[0, 0], spatial].concat());
        let padded = self.surrounded(op, codes, [&low, &high, &interior], 0)?;
        let (padded, bias) = self.conv_without_zero_point(&builder, op, padded, w)?;
        let (strides, dilations, group) = (&conv.strides, &conv.dilations, conv.group as i64);
        let exponent = exponent_of(&scales);
        let q = self.ranges.narrowed(op, &shape_of(op.result(0))?, |builder, ty| {
            hls::Conv::build(builder, padded, w, bias, strides, dilations, group, exponent, [ty]).op()
        })?;
        Ok(Grid { q, scales, divisors })
    }

    /// Multiples that an operand asks for, in its own integers or in those of the other,
    /// whichever is constant: else they are multiplied in hardware, as where those of the other
    /// cannot tell them apart.
    fn with_multiples(
        &mut self,
        op: Op<'c>,
        (own, multiples): (Value<'c>, &[ArrayD<i64>]),
        (other, seen_there): (Value<'c>, Option<Vec<ArrayD<i64>>>),
    ) -> Result<(Value<'c>, Value<'c>), String> {
        let builder = Builder::before(op);
        if let Some(own) = weighted(&builder, own, multiples) {
            return Ok((own, other));
        }
        if let Some(other) = seen_there.and_then(|multiples| weighted(&builder, other, &multiples)) {
            return Ok((own, other));
        }
        let shape = shape_of(own)?;
        let mut product = own;
        for multiple in multiples {
            let flat: Vec<i64> = multiple.iter().copied().collect();
            let factor = hls_constant(&builder, multiple.shape(), &flat);
            let build = |builder: &Builder<'c>, ty| hls::Mul::build(builder, product, factor, None, [ty]).op();
            product = self.ranges.narrowed(op, &shape, build)?;
        }
        Ok((product, other))
    }

    /// The same values with scales that do not vary along the axes that an operation mixes: where
    /// they did, the integers become multiples of one step.
    pub(super) fn evened(&mut self, op: Op<'c>, grid: Grid<'c>) -> Result<Grid<'c>, String> {
        let (axes, shape) = (mixed_axes(op)?, shape_of(grid.q)?);
        if !axes.iter().any(|axis| grid.varies_along(*axis, shape.len())) {
            return Ok(grid);
        }
        let Side { scales, divisors, multiples } =
            without_axes(&Builder::before(op), &grid, &shape, &axes, "pooled or padded")?;
        let (q, _) = self.with_multiples(op, (grid.q, &multiples), (grid.q, None))?;
        Ok(Grid { q, scales, divisors })
    }

    /// `(x - z) * w` is `x * w - z * sum of w`, with z where there was a padded zero.
    fn conv_without_zero_point(
        &mut self,
        builder: &Builder<'c>,
        op: Op<'c>,
        x: Value<'c>,
        w: Value<'c>,
    ) -> Result<(Value<'c>, Option<Value<'c>>), String> {
        let pad = x.defining_op().and_then(hls::Pad::of).filter(|pad| pad.value() == 0);
        let inner = pad.map_or(x, |pad| pad.x());
        let Some(difference) = inner.defining_op().and_then(hls::Sub::of) else { return Ok((x, None)) };
        let (Some(zero), Some(weights)) = (constant_of(difference.b()), constant_of(w)) else { return Ok((x, None)) };
        let zeros = zero.to_i64_vec().map_err(|problem| problem.to_string())?;
        // Padding is one code for all channels.
        let [zero] = zeros[..] else { return Ok((x, None)) };
        let weights = weights.as_int().map_err(|problem| problem.to_string())?;
        let bias: Vec<i64> = weights.axis_iter(Axis(0)).map(|kernel| -zero * kernel.sum()).collect();
        let codes = match pad {
            Some(pad) => {
                let (low, high, interior) = (pad.low(), pad.high(), pad.interior());
                self.surrounded(op, difference.a(), [&low, &high, &interior], zero)?
            }
            None => difference.a(),
        };
        Ok((codes, Some(hls_constant(builder, &[bias.len()], &bias))))
    }

    /// `hls.pad`, or the value itself where there is nothing to add.
    pub(super) fn surrounded(
        &mut self,
        op: Op<'c>,
        q: Value<'c>,
        [low, high, interior]: [&[i64]; 3],
        value: i64,
    ) -> Result<Value<'c>, String> {
        if low.iter().chain(high).chain(interior).all(|amount| *amount == 0) {
            return Ok(q);
        }
        // Where elements are only taken away, any code will do: every type holds 0.
        let adds = low.iter().chain(high).chain(interior).any(|amount| *amount > 0);
        let value = if adds { value } else { 0 };
        let shape = shape_of(q)?;
        let extents = shape.iter().zip(low.iter().zip(high).zip(interior)).map(|(extent, ((low, high), interior))| {
            let stretched = if *extent == 0 { 0 } else { (*extent as i64 - 1) * (interior + 1) + 1 };
            usize::try_from(stretched + low + high).map_err(|_| "crops more than there is".to_string())
        });
        let extents = extents.collect::<Result<Vec<_>, _>>()?;
        self.ranges
            .narrowed(op, &extents, |builder, ty| hls::Pad::build(builder, q, low, high, interior, value, [ty]).op())
    }
}

/// The scales of an operand as those of the outputs.
fn side<'c>(builder: &Builder<'c>, grid: &Grid<'c>, contraction: &Contraction<'_>) -> Result<Side<'c>, String> {
    let (scales, multiples) = contraction.scales(builder, &grid.scales)?;
    let (divisors, varying) = contraction.scales(builder, &grid.divisors)?;
    if !varying.is_empty() {
        return Err(format!("its {} operand is divided by what varies along a contracted axis", contraction.side));
    }
    Ok(Side { scales, divisors, multiples })
}

fn joined<'c>(a: Side<'c>, b: Side<'c>) -> (Vec<Value<'c>>, Vec<Value<'c>>) {
    ([a.scales, b.scales].concat(), [a.divisors, b.divisors].concat())
}

/// A convolution's weights with their own multiples in them, and what is left for the outputs.
fn conv_weights<'c>(
    builder: &Builder<'c>,
    grid: &Grid<'c>,
    outputs: usize,
    output: &dyn Fn(&[usize]) -> usize,
) -> Result<(Value<'c>, Side<'c>), String> {
    let shape = shape_of(grid.q)?;
    let spatial = shape.len().saturating_sub(2);
    let kernel = Contraction { shape: &shape, outputs: channel_shape(outputs, spatial), output, side: "weight" };
    let side = side(builder, grid, &kernel)?;
    Ok((weighted(builder, grid.q, &side.multiples).ok_or(VARYING)?, side))
}

/// A tensor whose `axes` are contracted: scales keep the others, where they vary along them.
fn without_axes<'c>(
    builder: &Builder<'c>,
    grid: &Grid<'c>,
    shape: &[usize],
    axes: &[usize],
    name: &'static str,
) -> Result<Side<'c>, String> {
    // Only axes along which a scale varies need a value each.
    let mut outputs = vec![1; shape.len()];
    for scale in grid.scales.iter().chain(&grid.divisors) {
        let scale = shape_of(*scale)?;
        let missing = shape.len() - scale.len().min(shape.len());
        for (place, extent) in scale.iter().enumerate().filter(|(place, _)| !axes.contains(&(place + missing))) {
            outputs[place + missing] = outputs[place + missing].max(*extent);
        }
    }
    let strides = ArrayD::<u8>::zeros(IxDyn(&outputs));
    let extents = outputs.clone();
    let output = |index: &[usize]| {
        let place = index.iter().zip(&extents).map(|(i, extent)| if *extent == 1 { 0 } else { *i });
        place.zip(strides.strides()).map(|(i, stride)| i * stride.unsigned_abs()).sum()
    };
    side(builder, grid, &Contraction { shape, outputs: outputs.clone(), output: &output, side: name })
}

/// A convolution's input: the channels of a group are added.
fn conv_input<'c>(
    builder: &Builder<'c>,
    grid: &Grid<'c>,
    shape: &[usize],
    group: usize,
    outputs: usize,
) -> Result<Side<'c>, String> {
    let spatial = shape.len().saturating_sub(2);
    let per = (shape.get(1).copied().unwrap_or(1) / group).max(1);
    let contraction =
        Contraction { shape, outputs: channel_shape(group, spatial), output: &|index| index[1] / per, side: "input" };
    let side = side(builder, grid, &contraction)?;
    // A value a group becomes a value an output channel.
    let spread = |values: Vec<Value<'c>>| {
        let spread = |value: Value<'c>| {
            let tensor = constant_of(value)?;
            if tensor.len() == 1 {
                return Some(value);
            }
            let values = tensor.to_f32_vec();
            let spread = (0..outputs).map(|output| values[output / (outputs / group)]).collect();
            let tensor = crate::eval::Tensor::f32(&channel_shape(outputs, spatial), spread).ok()?;
            Some(crate::eval::convert::qonnx_constant(builder, &tensor))
        };
        values.into_iter().map(spread).collect::<Option<Vec<_>>>().ok_or("a scale is not constant")
    };
    Ok(Side { scales: spread(side.scales)?, divisors: spread(side.divisors)?, multiples: side.multiples })
}

/// One value a channel, broadcast over spatial axes.
fn channel_shape(channels: usize, spatial: usize) -> Vec<usize> {
    [vec![channels], vec![1; spatial]].concat()
}

/// Multiples of input channels, as the weights (outputs, channels / group, kernel) see them;
/// None if they vary in space.
fn per_group(multiples: &[ArrayD<i64>], weights: &[usize], group: usize) -> Option<Vec<ArrayD<i64>>> {
    let (outputs, per) = (weights[0], weights[1]);
    let seen = |multiple: &ArrayD<i64>| {
        if multiple.shape().iter().enumerate().any(|(axis, extent)| axis != 1 && *extent != 1) {
            return None;
        }
        let flat: Vec<i64> = multiple.iter().copied().collect();
        let shape = [vec![outputs, per], vec![1; weights.len() - 2]].concat();
        Some(ArrayD::from_shape_fn(IxDyn(&shape), |index| {
            let index = index.slice();
            let channel = index[0] / (outputs / group) * per + index[1];
            flat.get(channel).or(flat.first()).copied().unwrap_or(1)
        }))
    };
    multiples.iter().map(seen).collect()
}

/// Rows of one matrix are columns of the other; None if the multiples vary along the axis that is
/// not contracted, counted from the end: the other matrix knows nothing of it.
fn transposed(multiples: &[ArrayD<i64>], kept: usize) -> Option<Vec<ArrayD<i64>>> {
    let swapped = |array: &ArrayD<i64>| {
        let rank = array.ndim();
        let mut swapped = array.clone();
        swapped.swap_axes(rank - 1, rank - 2);
        (array.shape()[rank - kept] == 1).then_some(swapped)
    };
    multiples.iter().map(swapped).collect()
}

/// Weights (channels, outputs / group, kernel) of a transposed convolution as those
/// (outputs, channels / group, mirrored kernel) of a convolution.
fn mirrored<'c>(builder: &Builder<'c>, weights: Value<'c>, group: usize) -> Result<Value<'c>, String> {
    let constant = constant_of(weights).ok_or("its weights are not constant")?;
    let weights = constant.as_int().map_err(|problem| problem.to_string())?;
    let (inner, outer) = (weights.shape()[0] / group, weights.shape()[1]);
    let shape = [&[outer * group, inner], &weights.shape()[2..]].concat();
    let mirrored = ArrayD::from_shape_fn(IxDyn(&shape), |index| {
        let index = index.slice();
        let mut source = vec![index[0] / outer.max(1) * inner + index[1], index[0] % outer.max(1)];
        let kernel = index[2..].iter().zip(&weights.shape()[2..]);
        source.extend(kernel.map(|(i, extent)| extent - 1 - i));
        weights[source.as_slice()]
    });
    Ok(hls_constant(builder, &shape, &mirrored.iter().copied().collect::<Vec<_>>()))
}

/// `(x - z) * w` is `x * w - z * sum of w`: the zero point becomes a bias, where z and w are
/// constant.
fn without_zero_point<'c>(builder: &Builder<'c>, x: Value<'c>, w: Value<'c>) -> (Value<'c>, Option<Value<'c>>) {
    let bias = || {
        let difference = x.defining_op().and_then(hls::Sub::of)?;
        let zero = constant_of(difference.b())?;
        let weights = constant_of(w)?;
        let [rows, columns] = weights.shape() else { return None };
        // One for all, or one a term: not one a row of x, as many as these may be.
        if zero.len() != 1 && (zero.len() != *rows || zero.shape().last() != Some(rows)) {
            return None;
        }
        let zero = zero.to_i64_vec().ok()?;
        let zero = if zero.len() == 1 { vec![zero[0]; *rows] } else { zero };
        let weights = weights.to_i64_vec().ok()?;
        let column = |column: usize| (0..*rows).map(|row| -zero[row] * weights[row * columns + column]).sum();
        let bias: Vec<i64> = (0..*columns).map(column).collect();
        Some((difference.a(), hls_constant(builder, &[*columns], &bias)))
    };
    match bias() {
        Some((codes, bias)) => (codes, Some(bias)),
        None => (x, None),
    }
}
