//! Pools and reductions: sums and greatest elements of windows of integers.

use super::{Propagation, exponent_of, movement::amounts, shape_of};
use crate::{
    eval::{Tensor, convert::constant_of, convert::qonnx_constant, ops::layout::axis_indices},
    lowering::grid::Grid,
};
use ndarray::ArrayD;
use qonnx_dialect::{Builder, Op, Reduction, WindowReduction, hls, qonnx};

/// A window over all axes of a tensor, and the padding in front of it and behind.
struct Window {
    extents: Vec<i64>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    low: Vec<i64>,
    high: Vec<i64>,
    /// Padding behind as the file declares it: what a window reaches beyond does not count.
    declared: Vec<i64>,
}

/// Whether a reduction selects instead of adding.
pub(super) fn is_reduce_max(op: Op<'_>) -> bool {
    qonnx::Reduce::of(op).is_some_and(|reduce| reduce.reduction() == Reduction::Max)
}

impl<'c> Propagation<'c> {
    pub(super) fn max_pooled(&mut self, op: Op<'c>, grid: Grid<'c>) -> Result<Grid<'c>, String> {
        let window = Window::of_pool(op)?;
        let grid = self.evened(op, grid)?;
        let grid = self.with_positive_step(op, grid)?;
        // Padding never wins: it is the least code.
        let least = self.ranges.of(grid.q)?.span().0;
        self.reduce_window(op, WindowReduction::Max, grid, &window, least, &shape_of(op.result(0))?)
    }

    /// A float sum over a count: integers are added, the division stays an operation.
    pub(super) fn lower_average_pool(&mut self, op: Op<'c>) -> Result<(), String> {
        let pool = qonnx::AveragePool::of(op).ok_or("is no AveragePool")?;
        let window = Window::of_pool(op)?;
        let grid = self.grid(pool.x(), op)?;
        let grid = self.evened(op, grid)?;
        let shape = shape_of(op.result(0))?;
        let grid = self.reduce_window(op, WindowReduction::Sum, grid, &window, 0, &shape)?;
        let counts = window.counts(&shape_of(pool.x())?, &shape, pool.count_include_pad());
        self.divided(op, grid, counts)
    }

    /// ReduceSum and ReduceMean.
    pub(super) fn lower_reduce(&mut self, op: Op<'c>) -> Result<(), String> {
        let reduce = qonnx::Reduce::of(op).ok_or("is no reduction")?;
        if !matches!(reduce.reduction(), Reduction::Sum | Reduction::Mean) {
            return Ok(());
        }
        let shape = shape_of(reduce.x())?;
        let Some(axes) = reduced_axes(reduce, shape.len())? else { return Ok(()) };
        let grid = self.grid(reduce.x(), op)?;
        let grid = self.evened(op, grid)?;
        let grid = self.reduced(op, WindowReduction::Sum, grid, &axes)?;
        let count = axes.iter().map(|axis| shape[*axis]).product::<usize>();
        match reduce.reduction() {
            Reduction::Mean => self.divided(op, grid, ArrayD::from_elem(vec![], count as f32)),
            _ => {
                self.replace(op, grid);
                Ok(())
            }
        }
    }

    pub(super) fn greatest(&mut self, op: Op<'c>, grid: Grid<'c>) -> Result<Grid<'c>, String> {
        let reduce = qonnx::Reduce::of(op).ok_or("is no reduction")?;
        let rank = shape_of(reduce.x())?.len();
        let axes = reduced_axes(reduce, rank)?.ok_or("reduces nothing")?;
        let grid = self.evened(op, grid)?;
        let grid = self.with_positive_step(op, grid)?;
        self.reduced(op, WindowReduction::Max, grid, &axes)
    }

    /// Windows as long as the axes; the result in the shape of the operation's.
    fn reduced(
        &mut self,
        op: Op<'c>,
        reduction: WindowReduction,
        grid: Grid<'c>,
        axes: &[usize],
    ) -> Result<Grid<'c>, String> {
        let shape = shape_of(grid.q)?;
        let mut window = Window::ones(shape.len());
        for axis in axes {
            window.extents[*axis] = shape[*axis] as i64;
        }
        let kept: Vec<usize> =
            shape.iter().enumerate().map(|(axis, extent)| if axes.contains(&axis) { 1 } else { *extent }).collect();
        let grid = self.reduce_window(op, reduction, grid, &window, 0, &kept)?;
        self.viewed(op, grid, &kept, &shape_of(op.result(0))?)
    }

    fn reduce_window(
        &mut self,
        op: Op<'c>,
        reduction: WindowReduction,
        grid: Grid<'c>,
        window: &Window,
        padding: i64,
        shape: &[usize],
    ) -> Result<Grid<'c>, String> {
        let interior = vec![0; window.low.len()];
        let q = self.surrounded(op, grid.q, [&window.low, &window.high, &interior], padding)?;
        // The greatest code has the binary point of the codes, which may not be that of the grid:
        // what joins codes alone has no scales.
        let selects = reduction == WindowReduction::Max && grid.scales.is_empty();
        let exponent = if selects { None } else { exponent_of(&grid.scales) };
        let q = self.ranges.narrowed(op, shape, |builder, ty| {
            let Window { extents, strides, dilations, .. } = window;
            hls::ReduceWindow::build(builder, reduction, q, extents, strides, dilations, exponent, [ty]).op()
        })?;
        Ok(Grid { q, ..grid })
    }

    /// Replaces an operation with the grid's value over the counts.
    fn divided(&mut self, op: Op<'c>, grid: Grid<'c>, counts: ArrayD<f32>) -> Result<(), String> {
        let sum = self.unscaled(op, &grid, op.result(0).ty());
        self.place(sum, grid);
        let builder = Builder::before(op);
        let counts = qonnx_constant(&builder, &Tensor::F32(counts));
        let mean = qonnx::Div::build(&builder, sum, counts, [op.result(0).ty()]).result();
        op.replace(&[mean]);
        Ok(())
    }

    /// The grid in another shape.
    fn viewed(&mut self, op: Op<'c>, grid: Grid<'c>, from: &[usize], to: &[usize]) -> Result<Grid<'c>, String> {
        let layout = crate::transforms::layout::Layout::View { from: from.to_vec(), to: to.to_vec() };
        if from == to { Ok(grid) } else { self.moved(op, grid, &layout, to) }
    }
}

/// The axes along which a pool, a reduction or a padding joins elements, moves them or adds some.
///
/// # Errors
/// If its parameters are not constant, or shapes not static.
pub(in crate::lowering) fn mixed_axes(op: Op<'_>) -> Result<Vec<usize>, String> {
    let rank = shape_of(op.operand(0))?.len();
    if let Some(pad) = qonnx::Pad::of(op) {
        let (low, high) = amounts(pad, rank)?;
        return Ok((0..rank).filter(|axis| low[*axis] != 0 || high[*axis] != 0).collect());
    }
    match qonnx::Reduce::of(op) {
        Some(reduce) => Ok(reduced_axes(reduce, rank)?.unwrap_or_default()),
        None => Ok(Window::of_pool(op)?.mixed()),
    }
}

/// The axes that are reduced; None if none are.
fn reduced_axes(reduce: qonnx::Reduce<'_>, rank: usize) -> Result<Option<Vec<usize>>, String> {
    let axes = match reduce.axes() {
        Some(axes) => constant_of(axes).ok_or("its axes are not constant")?.to_i64_vec().map_err(|p| p.to_string())?,
        None => Vec::new(),
    };
    if axes.is_empty() {
        return Ok((!reduce.noop_with_empty_axes()).then(|| (0..rank).collect()));
    }
    axis_indices(&axes, rank).map(Some).map_err(|problem| problem.to_string())
}

impl Window {
    fn ones(rank: usize) -> Self {
        let (ones, zeros) = (vec![1; rank], vec![0; rank]);
        let (low, high, declared) = (zeros.clone(), zeros.clone(), zeros);
        Self { extents: ones.clone(), strides: ones.clone(), dilations: ones, low, high, declared }
    }

    /// A pool's window, with as much padding behind as its result needs.
    fn of_pool(op: Op<'_>) -> Result<Self, String> {
        let (shape, result) = (shape_of(op.operand(0))?, shape_of(op.result(0))?);
        // Both pools have these attributes.
        let [kernels, strides, pads, dilations] =
            ["kernel", "strides", "pads", "dilations"].map(|name| op.i64s_attribute(name));
        let spatial = kernels.len();
        let mut window = Self::ones(shape.len());
        for axis in 0..spatial {
            let (kernel, stride, dilation) = (kernels[axis], strides[axis], dilations[axis]);
            let (low, extent) = (pads[axis], shape[axis + 2] as i64);
            // With ceil_mode the last window may reach beyond the padding; without, elements
            // behind the last window are not needed.
            let reach = (result[axis + 2] as i64 - 1) * stride + (kernel - 1) * dilation + 1;
            window.extents[axis + 2] = kernel;
            window.strides[axis + 2] = stride;
            window.dilations[axis + 2] = dilation;
            window.low[axis + 2] = low;
            window.declared[axis + 2] = pads[axis + spatial];
            window.high[axis + 2] = (reach - low - extent).max(0);
        }
        Ok(window)
    }

    /// The axes along which elements join or move.
    fn mixed(&self) -> Vec<usize> {
        let moves = |axis: &usize| {
            let padded = self.low[*axis] != 0 || self.high[*axis] != 0;
            self.extents[*axis] != 1 || padded || self.strides[*axis] != 1
        };
        (0..self.extents.len()).filter(moves).collect()
    }

    /// By what the sum of each window is divided: the elements that are there, or, with
    /// `include_pad`, those within the padding as the file declares it.
    fn counts(&self, shape: &[usize], result: &[usize], include_pad: bool) -> ArrayD<f32> {
        let rank = shape.len();
        let padded = |axis: usize, place: i64| {
            let place = place - self.low[axis];
            let inside = 0 <= place && place < shape[axis] as i64;
            inside || include_pad && place < shape[axis] as i64 + self.declared[axis]
        };
        let along = |axis: usize, output: usize| {
            let start = output as i64 * self.strides[axis];
            (0..self.extents[axis]).filter(|k| padded(axis, start + k * self.dilations[axis])).count() as f32
        };
        let mut extents = vec![1; rank];
        extents[2..].copy_from_slice(&result[2..]);
        let counts = ArrayD::from_shape_fn(extents, |index| {
            let index = ndarray::Dimension::slice(&index).to_vec();
            (2..rank).map(|axis| along(axis, index[axis])).product::<f32>()
        });
        match counts.first() {
            Some(first) if counts.iter().all(|count| count == first) => ArrayD::from_elem(vec![], *first),
            _ => counts,
        }
    }
}
