//! Sums, differences, products and maxima of two values.

use super::{product_exponents, sum_exponents};
use crate::export::hlscpp::{ExportError, code::index, layer::LayerPrinter};
use qonnx_dialect::{Op, OpKind};

impl<'c> LayerPrinter<'_, 'c> {
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
}
