//! Gathers and scatters by indices that are computed: places in row-major order, by operations of the dialect. They
//! run in the evaluator; hardware moves elements in one fixed way.

use super::{
    ImportError,
    node::{Context, INT64, Node, element_of},
};
use crate::eval::Tensor;
use ndarray::{Dimension, IxDyn};
use qonnx_dialect::{Value, qonnx};

/// An operand, and indices into it that are no constant.
pub struct Computed<'c> {
    /// What is read or written.
    pub x: Value<'c>,
    shape: Vec<usize>,
    indices: Value<'c>,
    index_shape: Vec<usize>,
}

impl<'c> Computed<'c> {
    /// None where the indices are constant.
    ///
    /// # Errors
    /// If a shape is not known.
    pub fn of(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Self>, ImportError> {
        let (x, indices) = (node.operand(0)?, node.operand(1)?);
        if cx.known(indices).is_some() {
            return Ok(None);
        }
        if element_of(indices).is_float() {
            return Err(node.error(format!("its indices are {}, expected integers", element_of(indices))));
        }
        let (shape, index_shape) = (node.extents(x)?, node.extents(indices)?);
        node.positions(&shape)?;
        node.positions(&index_shape)?;
        Ok(Some(Self { x, shape, indices: cx.cast(indices, INT64), index_shape }))
    }

    /// Counted from the front, times the distance of neighbours along the axis.
    fn scaled(&self, cx: &Context<'_, 'c>, index: Value<'c>, axis: usize, stride: usize) -> Value<'c> {
        let number = |value: usize| cx.int64(value as i64);
        let is_negative = cx.compare("qonnx.less", index, number(0));
        let from_front = cx.select(is_negative, cx.add(index, number(self.shape[axis])), index);
        cx.mul(from_front, number(stride))
    }

    fn stride(&self, axis: usize) -> usize {
        self.shape.iter().skip(axis + 1).product()
    }

    /// For each index along `axis` its place.
    ///
    /// # Errors
    /// If the indices do not fit the operand.
    pub fn elements(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>, axis: usize) -> Result<Value<'c>, ImportError> {
        let within = |(at, (count, extent)): (usize, (&usize, &usize))| at == axis || count <= extent;
        let fits = self.index_shape.len() == self.shape.len();
        if !fits || !self.index_shape.iter().zip(&self.shape).enumerate().all(within) {
            let (found, shape) = (&self.index_shape, &self.shape);
            return Err(node.error(format!("indices of shape {found:?} do not fit an operand of {shape:?}")));
        }
        let others = |index: IxDyn| {
            let along = index.slice().iter().enumerate().filter(|(at, _)| *at != axis);
            along.map(|(at, index)| (index * self.stride(at)) as i64).sum()
        };
        let base = ndarray::indices(IxDyn(&self.index_shape)).into_iter().map(others).collect();
        let base = cx.int64s(node, &self.index_shape, base)?;
        Ok(cx.add(self.scaled(cx, self.indices, axis, self.stride(axis)), base))
    }

    /// For each index that names a part, the place of its first element, and how many axes it names.
    ///
    /// # Errors
    /// If it names more axes than there are.
    pub fn parts(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        batch: usize,
    ) -> Result<(Value<'c>, usize), ImportError> {
        let (named, outer) = self.index_shape.split_last().ok_or_else(|| node.error("its indices are a scalar"))?;
        let depth = batch.saturating_add(*named);
        if depth > self.shape.len() || batch > outer.len() {
            let (found, shape) = (&self.index_shape, &self.shape);
            return Err(node.error(format!("indices of shape {found:?} name too many axes of an operand of {shape:?}")));
        }
        let leading = |index: IxDyn| {
            let along = index.slice().iter().take(batch).enumerate();
            along.map(|(at, index)| (index * self.stride(at)) as i64).sum()
        };
        let base = ndarray::indices(IxDyn(outer)).into_iter().map(leading).collect();
        let base = cx.int64s(node, outer, base)?;
        let index = |at: usize| cx.take(self.indices, -1, &Tensor::scalar_int(at as i64));
        let terms = (0..*named).map(|at| self.scaled(cx, index(at), batch + at, self.stride(batch + at)));
        Ok((terms.fold(base, |sum, term| cx.add(sum, term)), depth))
    }

    /// The places of all elements of parts that begin at `starts`, and their shape.
    ///
    /// # Errors
    /// If there are too many.
    pub fn spread(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        starts: Value<'c>,
        depth: usize,
    ) -> Result<Value<'c>, ImportError> {
        let inner = &self.shape[depth..];
        let size = node.positions(inner)?;
        let outer = &self.index_shape[..self.index_shape.len().saturating_sub(1)];
        node.positions(&[outer, inner].concat())?;
        let offsets = cx.int64s(node, inner, (0..size as i64).collect())?;
        let shape: Vec<i64> = outer.iter().map(|extent| *extent as i64).chain(inner.iter().map(|_| 1)).collect();
        Ok(cx.add(cx.reshape(starts, &shape), offsets))
    }

    /// Elements of the operand at places.
    pub fn gather(&self, cx: &Context<'_, 'c>, places: Value<'c>) -> Value<'c> {
        let flat = cx.reshape(self.x, &[-1]);
        qonnx::Gather::build(&cx.builder, flat, places, 0, [cx.like(self.x)]).result()
    }

    /// The operand with updates at places.
    pub fn scatter(&self, cx: &Context<'_, 'c>, places: Value<'c>, updates: Value<'c>) -> Value<'c> {
        cx.reshape_to(cx.scatter(cx.reshape(self.x, &[-1]), places, updates), cx.shape(self.x))
    }
}
