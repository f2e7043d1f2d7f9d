//! The orders of axes that each value is at hand in.

use crate::transforms::permutation::Permutation;
use crate::{
    eval::{
        convert::{constant_of, element_type, qonnx_constant},
        ops::layout,
    },
    transforms::push_transposes::wants::{INSIDE, INTERFACE},
};
use qonnx_dialect::{Builder, Op, TensorType, Value, qonnx};
use std::collections::HashMap;

/// Values of the function as it was, in terms of those that are computed.
#[derive(Default)]
pub struct Forms<'c> {
    /// What a value is a transpose of, where it is not computed itself.
    sources: HashMap<Value<'c>, (Value<'c>, Permutation)>,
    /// The transposes of a computed value that are there.
    transposes: HashMap<Value<'c>, Vec<(Permutation, Value<'c>)>>,
    /// Where the file has such a transpose.
    spare: HashMap<(Value<'c>, Permutation), Op<'c>>,
}

/// The rank of a value, where it is known.
pub fn rank_of(value: Value<'_>) -> Option<usize> {
    value.tensor_type()?.shape.map(|shape| shape.len())
}

impl<'c> Forms<'c> {
    /// A result of the function as it was is computed as `value`, which has that order.
    pub fn define(&mut self, result: Value<'c>, value: Value<'c>, order: &Permutation) {
        self.sources.insert(result, (value, order.inverse()));
    }

    /// A transpose of the function as it was: it is computed where somebody needs it.
    pub fn alias(&mut self, op: Op<'c>) {
        let Some(permutation) = Permutation::of(&op.i64s_attribute("permutation")) else { return };
        let (source, order) = self.source(op.operand(0), permutation.rank());
        let order = order.then(&permutation);
        self.spare.entry((source, order.clone())).or_insert(op);
        self.sources.insert(op.result(0), (source, order));
    }

    /// The computed value that this one is a transpose of.
    fn source(&self, value: Value<'c>, rank: usize) -> (Value<'c>, Permutation) {
        let known = self.sources.get(&value).filter(|(_, order)| order.rank() == rank).cloned();
        known.unwrap_or_else(|| (value, Permutation::identity(rank)))
    }

    /// The orders in which a value is at hand.
    pub fn orders(&self, value: Value<'c>) -> Vec<Permutation> {
        let Some(rank) = rank_of(value) else { return Vec::new() };
        let (source, order) = self.source(value, rank);
        let back = order.inverse();
        let others = self.transposes.get(&source).into_iter().flatten().map(|(made, _)| back.then(made));
        std::iter::once(back.clone()).chain(others).collect()
    }

    /// The value that has the elements in the wanted order of a source already, and how it is transposed to that.
    fn nearest(&self, source: Value<'c>, wanted: &Permutation) -> Option<(Value<'c>, Permutation)> {
        let own = (Permutation::identity(wanted.rank()), source);
        let made = self.transposes.get(&source).into_iter().flatten();
        let steps = std::iter::once(&own).chain(made).map(|(order, value)| (*value, order.inverse().then(wanted)));
        let free = |(value, step): &(Value<'c>, Permutation)| {
            value.tensor_type().and_then(|ty| ty.shape).is_some_and(|shape| step.keeps_elements(&shape))
        };
        steps.clone().find(|(_, step)| step.is_identity()).or_else(|| steps.into_iter().find(free))
    }

    /// What it costs to have a value in an order.
    pub fn cost(&self, value: Value<'c>, order: &Permutation) -> usize {
        let Some(rank) = rank_of(value) else { return 0 };
        let is_constant = |source: Value<'c>| source.defining_op().is_some_and(|op| qonnx::Constant::of(op).is_some());
        if rank < order.rank() {
            let own = self.cost(value, &Permutation::identity(rank));
            let padded = padded(value, order.rank()).and_then(|ty| ty.shape);
            let free = is_constant(value) || padded.is_some_and(|shape| order.keeps_elements(&shape));
            return own + if free { 0 } else { INSIDE };
        }
        let (source, own) = self.source(value, rank);
        if is_constant(source) || self.nearest(source, &own.then(order)).is_some() {
            return 0;
        }
        if source.defining_op().is_none() { INTERFACE } else { INSIDE }
    }

    /// The value in this order, with axes of one element in front up to the order's rank; what is missing is built in
    /// front of `user`.
    pub fn get(&mut self, value: Value<'c>, order: &Permutation, user: Op<'c>) -> Value<'c> {
        let Some(rank) = rank_of(value) else { return value };
        if rank < order.rank() {
            let own = self.get(value, &Permutation::identity(rank), user);
            return widened(own, order, user).unwrap_or(own);
        }
        let (source, own) = self.source(value, rank);
        let wanted = own.then(order);
        let nearest = self.nearest(source, &wanted);
        if let Some((found, _)) = nearest.as_ref().filter(|(_, step)| step.is_identity()) {
            return *found;
        }
        let built = constant(source, &wanted, user);
        let built = built.or_else(|| nearest.and_then(|(found, step)| view(found, &step, user)));
        let built = built.unwrap_or_else(|| self.transpose(source, &wanted, user));
        self.transposes.entry(source).or_default().push((wanted, built));
        built
    }

    /// In the place of a transpose of the file, where there was one.
    fn transpose(&mut self, source: Value<'c>, wanted: &Permutation, user: Op<'c>) -> Value<'c> {
        let place = self.spare.remove(&(source, wanted.clone())).unwrap_or(user);
        transpose(source, wanted, place)
    }
}

fn moved(ty: &TensorType, order: &Permutation) -> Option<TensorType> {
    Some(TensorType { element: ty.element, shape: Some(order.applied(ty.shape.as_ref()?)?) })
}

/// Axes of one element in front, up to a rank.
fn padded(value: Value<'_>, rank: usize) -> Option<TensorType> {
    let ty = value.tensor_type()?;
    let shape = ty.shape?;
    let missing = rank.checked_sub(shape.len())?;
    Some(TensorType { element: ty.element, shape: Some([vec![Some(1); missing], shape].concat()) })
}

/// A value of lower rank in an order.
fn widened<'c>(value: Value<'c>, order: &Permutation, user: Op<'c>) -> Option<Value<'c>> {
    let ty = padded(value, order.rank())?;
    let shape = ty.static_shape()?;
    let builder = Builder::before(user);
    if let Some(tensor) = constant_of(value).filter(|tensor| element_type(tensor) == ty.element) {
        let tensor = layout::with_shape(&tensor, &shape).ok()?;
        return Some(qonnx_constant(&builder, &layout::transpose(&tensor, &order.to_i64s()).ok()?));
    }
    if order.keeps_elements(ty.shape.as_ref()?) {
        return Some(qonnx::View::build(&builder, value, [moved(&ty, order)?.to_type(user.context())]).result());
    }
    let wide = qonnx::View::build(&builder, value, [ty.to_type(user.context())]).result();
    Some(transpose(wide, order, user))
}

/// The same elements in another order of axes of which only those of one element move.
fn view<'c>(value: Value<'c>, order: &Permutation, user: Op<'c>) -> Option<Value<'c>> {
    let ty = value.tensor_type()?;
    ty.static_shape()?;
    Some(qonnx::View::build(&builder(value, user), value, [moved(&ty, order)?.to_type(user.context())]).result())
}

fn constant<'c>(value: Value<'c>, order: &Permutation, user: Op<'c>) -> Option<Value<'c>> {
    let element = value.tensor_type()?.element;
    // Half floats are held as float32 and would change their type.
    let tensor = constant_of(value).filter(|tensor| element_type(tensor) == element)?;
    let moved = layout::transpose(&tensor, &order.to_i64s()).ok()?;
    let place = value.defining_op().map_or(user.location(), |op| op.location());
    Some(qonnx_constant(&Builder::before(user).at(place), &moved))
}

fn transpose<'c>(value: Value<'c>, order: &Permutation, user: Op<'c>) -> Value<'c> {
    let ty = value.tensor_type().and_then(|ty| moved(&ty, order)).map_or(value.ty(), |ty| ty.to_type(user.context()));
    qonnx::Transpose::build(&builder(value, user), value, &order.to_i64s(), [ty]).result()
}

/// In front of the user with its location; a return has none of the file.
fn builder<'c>(value: Value<'c>, user: Op<'c>) -> Builder<'c> {
    let builder = Builder::before(user);
    match value.defining_op().filter(|_| user.name() == "func.return") {
        Some(op) => builder.at(op.location()),
        None => builder,
    }
}
