//! Products, sums, maxima, arg_max and top_k as loops.
//!
//! An operation is done on fixed-point numbers where the binary points of operands and
//! result fit together, and on codes elsewhere; both give the same codes.

use super::{
    ExportError,
    code::{Axis, index, strides},
    layer::{LayerPrinter, as_number},
    module::shape,
};
use qonnx_dialect::{Op, OpKind, Value, hls};

/// How many multipliers a layer needs if all of it happens at once.
pub(super) fn multiplications(function: Op<'_>) -> usize {
    let elements = |value: Value<'_>| -> usize {
        value.tensor_type().and_then(|ty| ty.static_shape()).map_or(0, |shape| shape.iter().product())
    };
    let last = |value: Value<'_>| value.tensor_type().and_then(|ty| ty.static_shape()?.last().copied()).unwrap_or(1);
    let cost = |op: Op<'_>| match op.kind() {
        OpKind::HlsMatmul => elements(op.result(0)).saturating_mul(last(op.operand(0))),
        OpKind::HlsMul | OpKind::HlsRequantize => elements(op.result(0)),
        _ => 0,
    };
    function.body().into_iter().fold(0, |sum, op| sum.saturating_add(cost(op)))
}

/// The axes of a matrix product: those of the result with the matrices' own, and what is summed over.
struct Product {
    axes: Vec<Axis>,
    terms: Axis,
}

impl Product {
    /// A flat index of an operand whose last two axes are these.
    fn index(&self, shape: &[usize], row: Axis, column: Axis) -> String {
        let batch = self.axes.len().saturating_sub(2);
        let axes: Vec<Axis> = self.axes.iter().take(batch).cloned().chain([row, column]).collect();
        index(&axes, shape)
    }

    fn axis(&self, from_end: usize) -> Axis {
        let position = self.axes.len().checked_sub(from_end);
        let none = Axis { variable: "0".into(), extent: 1 };
        position.and_then(|position| self.axes.get(position)).cloned().unwrap_or(none)
    }
}

impl<'c> LayerPrinter<'_, 'c> {
    /// `sum_k a[.., m, k] * b[.., k, n] + bias[n]`.
    pub fn matmul(&mut self, op: Op<'c>, label: &str, name: &str) -> Result<(), ExportError> {
        let Some(view) = hls::Matmul::of(op) else { return Err(ExportError::node(op, "is no matrix product")) };
        let result = self.array(op.result(0), op)?;
        let (a_number, a_shape, a_constant) = self.describe(view.a(), op)?;
        let (b_number, b_shape, b_constant) = self.describe(view.b(), op)?;
        let a_full = if a_shape.len() == 1 { vec![1, a_shape[0]] } else { a_shape.clone() };
        let b_full = if b_shape.len() == 1 { vec![b_shape[0], 1] } else { b_shape.clone() };
        let full = product_shape(&a_full, &b_full).filter(|full| full.iter().product::<usize>() == result.len());
        let full = full.ok_or_else(|| {
            ExportError::node(op, format!("multiplies shapes {a_shape:?} and {b_shape:?} to {:?}", result.shape))
        })?;
        let exponents =
            product_exponents((a_number.exponent, a_constant), (b_number.exponent, b_constant), result.number.exponent);
        let (a_exponent, b_exponent) = exponents.map_or((None, None), |(a, b)| (Some(a), Some(b)));
        let sum_exponent = exponents.and(result.number.exponent);
        let sum_number = result.number.with_exponent(sum_exponent);
        let rows = if b_shape.len() == 2 { self.transposed_rom(view.b(), op)? } else { None };
        let terms_label = self.local_name(&format!("{name}_terms"));
        self.nest(label, &full, |printer, axes| {
            let terms = Axis { variable: "k".into(), extent: a_full.last().copied().unwrap_or(1) };
            let product = Product { axes: axes.to_vec(), terms };
            let (m, n, k) = (product.axis(2), product.axis(1), product.terms.clone());
            let start = match view.bias() {
                Some(bias) => printer.element(bias, op, &index(std::slice::from_ref(&n), &[n.extent]), sum_exponent)?,
                None => "0".into(),
            };
            printer.code.line(format!("{sum_number} sum = {start};"));
            let count = printer.code.open_loops(&terms_label, std::slice::from_ref(&k));
            let a = printer.element(view.a(), op, &product.index(&a_full, m, k.clone()), a_exponent)?;
            let b = match &rows {
                Some(rom) => {
                    let at = format!("{}][{}", index_of(&n), index_of(&k));
                    as_number(rom, &at, b_exponent)
                }
                None => printer.element(view.b(), op, &product.index(&b_full, k.clone(), n), b_exponent)?,
            };
            printer.code.line(format!("sum += mul<{sum_number}>({a}, {b});"));
            printer.code.close_all(count);
            printer.store(&result, &index(axes, &full), "sum", sum_exponent.is_none());
            Ok(())
        })
    }

    /// Sum, difference, product or maximum of two values, broadcast.
    pub fn binary(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let result = self.array(op.result(0), op)?;
        let (a, b) = (op.operand(0), op.operand(1));
        let (a_number, a_shape, a_constant) = self.describe(a, op)?;
        let (b_number, b_shape, b_constant) = self.describe(b, op)?;
        let (left, right) = ((a_number.exponent, a_constant), (b_number.exponent, b_constant));
        let exponents = match op.kind() {
            OpKind::HlsMul => product_exponents(left, right, result.number.exponent),
            _ => sum_exponents(left, right, result.number.exponent),
        };
        let (a_exponent, b_exponent) = exponents.map_or((None, None), |(a, b)| (Some(a), Some(b)));
        let number = result.number.with_exponent(exponents.and(result.number.exponent));
        let function = match op.kind() {
            OpKind::HlsAdd => format!("add<{number}>"),
            OpKind::HlsSub => format!("sub<{number}>"),
            OpKind::HlsMul => format!("mul<{number}>"),
            // Compared as a signed type that holds both: C++ compares mixed signs as unsigned.
            _ => format!("larger<{}>", a_number.with_exponent(number.exponent).common(b_number)),
        };
        self.nest(label, &result.shape.clone(), |printer, axes| {
            let a = printer.element(a, op, &index(axes, &a_shape), a_exponent)?;
            let b = printer.element(b, op, &index(axes, &b_shape), b_exponent)?;
            let expression = match op.kind() {
                OpKind::HlsMax => format!("{number}({function}({a}, {b}))"),
                _ => format!("{function}({a}, {b})"),
            };
            printer.store(&result, &index(axes, &result.shape), &expression, exponents.is_none());
            Ok(())
        })
    }

    /// The index of the largest along an axis: the first of equals, or the last.
    pub fn arg_max(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let result = self.array(op.result(0), op)?;
        let rows = self.rows(op)?;
        let better = if op.unit_attribute("select_last_index") { ">=" } else { ">" };
        let kept = rows.outside.clone();
        self.nest(label, &kept, |printer, axes| {
            printer.code.line("int best = 0;");
            printer.code.open(format!("for (int k = 1; k < {}; k++)", rows.extent));
            let candidate = printer.element(op.operand(0), op, &rows.at(axes, "k"), rows.exponent)?;
            let best = printer.element(op.operand(0), op, &rows.at(axes, "best"), rows.exponent)?;
            printer.code.line(format!("if ({candidate} {better} {best}) best = k;"));
            printer.code.close();
            let code = format!("{}(best)", result.number.codes());
            printer.store(&result, &index(axes, &kept), &code, true);
            Ok(())
        })
    }

    /// The k largest (or smallest) along an axis, by k passes; equal values in the order of their indices.
    pub fn top_k(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        // A result that nothing reads was not declared.
        let [values, indices] = [0, 1].map(|i| (!op.result(i).is_unused()).then(|| self.array(op.result(i), op)));
        let (values, indices) = (values.transpose()?, indices.transpose()?);
        let rows = self.rows(op)?;
        let count = shape(op.result(0), op)?.get(rows.axis).copied().unwrap_or(0);
        if count > rows.extent {
            return Err(ExportError::node(op, format!("selects {count} of {} elements", rows.extent)));
        }
        let better = if op.unit_attribute("smallest") { "<" } else { ">" };
        self.nest(label, &rows.outside.clone(), |printer, axes| {
            printer.code.line(format!("bool taken[{}] = {{}};", rows.extent));
            printer.code.open(format!("for (int rank = 0; rank < {count}; rank++)"));
            printer.code.line("int best = -1;");
            printer.code.open(format!("for (int k = 0; k < {}; k++)", rows.extent));
            let candidate = printer.element(op.operand(0), op, &rows.at(axes, "k"), rows.exponent)?;
            let best = printer.element(op.operand(0), op, &rows.at(axes, "best"), rows.exponent)?;
            printer.code.line(format!("if (!taken[k] && (best < 0 || {candidate} {better} {best})) best = k;"));
            printer.code.close();
            printer.code.line("taken[best] = true;");
            let to = Rows { extent: count, ..rows.clone() }.at(axes, "rank");
            if let Some(values) = &values {
                printer.store(values, &to, &best, rows.exponent.is_none());
            }
            if let Some(indices) = &indices {
                printer.store(indices, &to, &format!("{}(best)", indices.number.codes()), true);
            }
            printer.code.close();
            Ok(())
        })
    }

    fn rows(&self, op: Op<'c>) -> Result<Rows, ExportError> {
        let (number, shape, _) = self.describe(op.operand(0), op)?;
        let axis = op.i64_attribute("axis");
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        let axis = usize::try_from(axis).ok().filter(|axis| *axis < shape.len());
        let axis = axis.ok_or_else(|| {
            ExportError::node(op, format!("has no axis {} in shape {shape:?}", op.i64_attribute("axis")))
        })?;
        let mut outside = shape.clone();
        let extent = std::mem::replace(&mut outside[axis], 1);
        Ok(Rows { axis, extent, outside, exponent: number.exponent })
    }
}

/// The rows of a tensor along one axis.
#[derive(Clone)]
struct Rows {
    axis: usize,
    extent: usize,
    /// The shape with one element along the axis.
    outside: Vec<usize>,
    exponent: Option<i64>,
}

impl Rows {
    /// The flat index of element `k` of the row at these axes.
    fn at(&self, axes: &[Axis], k: &str) -> String {
        let mut shape = self.outside.clone();
        let mut axes = axes.to_vec();
        if let (Some(extent), Some(axis)) = (shape.get_mut(self.axis), axes.get_mut(self.axis)) {
            *extent = self.extent;
            *axis = Axis { variable: k.into(), extent: self.extent };
        }
        let terms = axes.iter().zip(strides(&shape));
        super::code::index_by_stride(terms)
    }
}

fn index_of(axis: &Axis) -> String {
    if axis.extent > 1 { axis.variable.clone() } else { "0".into() }
}

/// numpy's shape of a product of matrices, batches broadcast.
fn product_shape(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let (a_batch, [m, _]) = a.split_last_chunk()?;
    let (b_batch, [_, n]) = b.split_last_chunk()?;
    let rank = a_batch.len().max(b_batch.len());
    let dim = |batch: &[usize], i: usize| {
        (i + batch.len()).checked_sub(rank).and_then(|i| batch.get(i)).copied().unwrap_or(1)
    };
    let batch = (0..rank).map(|i| dim(a_batch, i).max(dim(b_batch, i)));
    Some(batch.chain([*m, *n]).collect())
}

/// Binary points of two factors that give the result's; a constant takes the one that fits.
fn product_exponents(a: (Option<i64>, bool), b: (Option<i64>, bool), result: Option<i64>) -> Option<(i64, i64)> {
    let result = result?;
    match (a, b) {
        ((Some(a), _), (Some(b), _)) => (a + b == result).then_some((a, b)),
        ((Some(a), _), (None, true)) => Some((a, result - a)),
        ((None, true), (Some(b), _)) => Some((result - b, b)),
        _ => None,
    }
}

/// Binary points of two terms: the result's.
fn sum_exponents(a: (Option<i64>, bool), b: (Option<i64>, bool), result: Option<i64>) -> Option<(i64, i64)> {
    let result = result?;
    let fits = |(exponent, constant): (Option<i64>, bool)| exponent.map_or(constant, |exponent| exponent == result);
    (fits(a) && fits(b)).then_some((result, result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_products() {
        assert_eq!(product_shape(&[1, 4], &[4, 3]), Some(vec![1, 3]));
        assert_eq!(product_shape(&[5, 2, 4], &[4, 3]), Some(vec![5, 2, 3]));
        assert_eq!(product_shape(&[2, 1, 2, 4], &[7, 4, 3]), Some(vec![2, 7, 2, 3]));
    }

    #[test]
    fn constants_take_the_binary_point_that_fits() {
        assert_eq!(product_exponents((Some(-8), false), (None, true), Some(-10)), Some((-8, -2)));
        assert_eq!(product_exponents((Some(-8), false), (None, false), Some(-10)), None);
        assert_eq!(product_exponents((Some(-8), false), (Some(-1), false), Some(-10)), None);
        assert_eq!(sum_exponents((Some(-3), false), (None, true), Some(-3)), Some((-3, -3)));
        assert_eq!(sum_exponents((Some(-3), false), (Some(-4), false), Some(-4)), None);
    }
}
