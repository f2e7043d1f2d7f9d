//! What decompositions are made of: short names for operations of the dialect.

use super::{
    ImportError,
    indexing::array,
    node::{Context, INT64, Node, element_of},
};
use crate::eval::{
    IntType, Tensor,
    convert::{int_type, qonnx_constant},
    ops::layout,
};
use qonnx_dialect::{Element, Reduction, RoundingMode, TensorType, Value, qonnx};

impl<'c> Context<'_, 'c> {
    /// An elementwise operation whose result has the element type of its first operand.
    pub fn apply(&self, name: &str, operands: &[Value<'c>]) -> Value<'c> {
        self.same_type(name, operands, &[])
    }

    /// `a + b`.
    pub fn add(&self, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        self.apply("qonnx.add", &[a, b])
    }

    /// `a - b`.
    pub fn sub(&self, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        self.apply("qonnx.sub", &[a, b])
    }

    /// `a * b`.
    pub fn mul(&self, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        self.apply("qonnx.mul", &[a, b])
    }

    /// `a / b`.
    pub fn div(&self, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        self.apply("qonnx.div", &[a, b])
    }

    /// `qonnx.equal`, `qonnx.less` or `qonnx.greater`.
    pub fn compare(&self, name: &str, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        self.builder.create(name, &[a, b], &[], &[self.unranked(Element::Bool)]).result(0)
    }

    /// `condition ? a : b`.
    pub fn select(&self, condition: Value<'c>, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        qonnx::Where::build(&self.builder, condition, a, b, [self.like(a)]).result()
    }

    /// `x` as another element type; itself if it has that.
    pub fn cast(&self, x: Value<'c>, element: Element) -> Value<'c> {
        if element_of(x) == element {
            return x;
        }
        let shape = x.tensor_type().and_then(|ty| ty.shape);
        qonnx::Cast::build(&self.builder, x, [TensorType { element, shape }.to_type(self.builder.context())]).result()
    }

    /// A constant of one int64.
    pub fn int64(&self, value: i64) -> Value<'c> {
        self.constant(INT64, &Tensor::scalar_int(value))
    }

    /// A constant of int64, `values` in row-major order.
    ///
    /// # Errors
    /// If they are not as many as `shape` says.
    pub fn int64s(&self, node: &Node<'_, 'c>, shape: &[usize], values: Vec<i64>) -> Result<Value<'c>, ImportError> {
        Ok(self.constant(INT64, &Tensor::Int(IntType::I64, array(node, shape, values)?)))
    }

    /// A constant with the element type `element`, rounded to it.
    pub fn constant(&self, element: Element, tensor: &Tensor) -> Value<'c> {
        match (int_type(element), tensor) {
            // bool and one unsigned bit are one type there and two in IR.
            (Some(_), Tensor::Int(_, values)) => {
                let values: Vec<i64> = values.iter().copied().collect();
                let attribute = self.builder.dense_integers(element, tensor.shape(), &values);
                qonnx::Constant::build(&self.builder, attribute, [self.builder.tensor(element, tensor.shape())])
                    .result()
            }
            _ => self.cast(qonnx_constant(&self.builder, tensor), element),
        }
    }

    /// A scalar with the element type of `x`.
    pub fn scalar_like(&self, x: Value<'c>, value: f64) -> Value<'c> {
        let tensor = match element_of(x) {
            Element::Int { .. } | Element::Bool => Tensor::scalar_int(value as i64),
            Element::F64 => Tensor::F64(ndarray::arr0(value).into_dyn()),
            _ => Tensor::scalar(value as f32),
        };
        self.constant(element_of(x), &tensor)
    }

    /// A reduction over `axes`.
    pub fn reduce(&self, kind: Reduction, x: Value<'c>, axes: &[i64], keep: bool) -> Value<'c> {
        let axes = self.indices(axes);
        qonnx::Reduce::build(&self.builder, kind, x, Some(axes), keep, false, [self.like(x)]).result()
    }

    /// The same elements in another shape; 0 keeps the extent, one -1 is inferred.
    pub fn reshape(&self, x: Value<'c>, shape: &[i64]) -> Value<'c> {
        self.reshape_to(x, self.indices(shape))
    }

    /// The same elements in a computed shape.
    pub fn reshape_to(&self, x: Value<'c>, shape: Value<'c>) -> Value<'c> {
        qonnx::Reshape::build(&self.builder, x, shape, false, [self.like(x)]).result()
    }

    /// The extents as int64.
    pub fn shape(&self, x: Value<'c>) -> Value<'c> {
        qonnx::Shape::build(&self.builder, x, 0, None, [self.like(self.indices(&[]))]).result()
    }

    /// Axes in another order; `x` itself where the order stays.
    pub fn transpose(&self, x: Value<'c>, permutation: &[i64]) -> Value<'c> {
        if permutation.iter().copied().eq(0..permutation.len() as i64) {
            return x;
        }
        qonnx::Transpose::build(&self.builder, x, permutation, [self.like(x)]).result()
    }

    /// Elements along an axis by constant positions.
    pub fn take(&self, x: Value<'c>, axis: i64, positions: &Tensor) -> Value<'c> {
        qonnx::Gather::build(&self.builder, x, qonnx_constant(&self.builder, positions), axis, [self.like(x)]).result()
    }

    /// One after another along an axis.
    pub fn concat(&self, parts: &[Value<'c>], axis: i64) -> Value<'c> {
        match parts {
            [one] => *one,
            _ => self.same_type("qonnx.concat", parts, &[("axis", self.builder.i64(axis))]),
        }
    }

    /// Constant float32 weights behind a quantizer that changes none of them, so that layers with them are linear
    /// in integers; without one where there is none.
    pub fn exact_weights(&self, weights: &Tensor) -> Value<'c> {
        let constant = qonnx_constant(&self.builder, weights);
        let values = weights.to_f64_vec();
        let is_whole = |shift: i32| values.iter().all(|value| (value * f64::from(shift).exp2()).fract() == 0.0);
        let Some(shift) = (0..=MAX_SHIFT).find(|shift| is_whole(*shift)) else { return constant };
        let largest = values.iter().fold(0.0f64, |most, value| most.max(value.abs())) * f64::from(shift).exp2();
        let width = IntType::holding(-(largest.min(1e18) as i64), largest.min(1e18) as i64).width;
        if width > MAX_WIDTH {
            return constant;
        }
        let (scale, zero) = (self.scalar((-f64::from(shift)).exp2() as f32), self.scalar(0.0));
        let (width, mode, ty) = (self.scalar(width as f32), RoundingMode::HalfEven, self.like(constant));
        qonnx::Quant::build(&self.builder, constant, scale, zero, width, mode, true, false, [ty]).result()
    }

    /// Matrix product.
    pub fn matmul(&self, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        qonnx::Matmul::build(&self.builder, a, b, [self.like(a)]).result()
    }
}

impl<'c> Node<'_, 'c> {
    /// The extents of a value, all of which must be known.
    ///
    /// # Errors
    /// If one is not.
    pub fn extents(&self, x: Value<'c>) -> Result<Vec<usize>, ImportError> {
        let shape = x.tensor_type().and_then(|ty| ty.static_shape());
        shape.ok_or_else(|| self.error("its operand's shape is not known: give the graph's inputs fixed dimensions"))
    }

    /// The rank of a value.
    ///
    /// # Errors
    /// If it is not known.
    pub fn rank(&self, x: Value<'c>) -> Result<usize, ImportError> {
        super::node::rank_of(x).ok_or_else(|| self.error("its operand's rank is not known"))
    }

    /// The number of channels, which axis 1 has.
    ///
    /// # Errors
    /// If it is not known.
    pub fn channels(&self, x: Value<'c>) -> Result<usize, ImportError> {
        let shape = x.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
        shape.get(1).copied().flatten().ok_or_else(|| self.error("its operand's number of channels is not known"))
    }

    /// An axis counted from the front.
    ///
    /// # Errors
    /// If a tensor of this rank has no such axis.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize, ImportError> {
        layout::axis_index(axis, rank).map_err(|problem| self.error(problem))
    }
}

/// Weights are no multiples of a finer power of two, and no wider: float32 computes their quantizer exactly.
const MAX_SHIFT: i32 = 30;
const MAX_WIDTH: u32 = 31;

/// No table of positions is longer: bounds what a hostile shape or block can cost.
const MAX_POSITIONS: usize = 1 << 24;

impl Node<'_, '_> {
    /// The number of positions of a table with these extents.
    ///
    /// # Errors
    /// If there are too many.
    pub fn positions(&self, extents: &[usize]) -> Result<usize, ImportError> {
        let count = extents.iter().try_fold(1usize, |count, extent| count.checked_mul(*extent));
        count.filter(|count| *count <= MAX_POSITIONS).ok_or_else(|| {
            self.error(format!("moves {extents:?} elements one by one, which is more than {MAX_POSITIONS}"))
        })
    }
}
