//! Constants of a layer, written as ROMs at their first use.

use super::{LayerPrinter, Place, node_name, shape};
use crate::export::hlscpp::{ExportError, rom::Rom};
use qonnx_dialect::{
    Op, OpKind, Value,
    constants::{self, Elements},
};

impl<'c> LayerPrinter<'_, 'c> {
    /// Takes note of a constant: it becomes a ROM where it is used.
    pub(super) fn constant(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let result = op.result(0);
        let number = self.types.number(result, op)?.codes();
        let Some((_, Elements::Int(values))) = op.attribute("value").and_then(constants::read) else {
            return Err(ExportError::node(op, "is no constant of integers that can be read"));
        };
        let used = result.users().first().copied();
        let base = used.and_then(node_name).unwrap_or_else(|| self.layer.name.to_string());
        let role = match used.map(|op| (op.kind(), result.uses().first().map(|(_, n)| *n))) {
            Some((OpKind::HlsMatmul | OpKind::HlsConv, Some(2))) => "bias",
            Some((OpKind::HlsMatmul | OpKind::HlsConv, _)) => "weights",
            _ => "constant",
        };
        let place =
            Place::Constant { values, number, shape: shape(result, op)?, rom: None, name: format!("{base}_{role}") };
        self.places.insert(result, place);
        Ok(())
    }

    /// The flat ROM of a constant, written at its first use.
    pub(super) fn vector_rom(&mut self, value: Value<'c>, op: Op<'c>) -> Result<Rom, ExportError> {
        let Place::Constant { values, number, rom, name, .. } = self.place(value, op)?.clone() else {
            return Err(ExportError::node(op, "has an operand that is no constant"));
        };
        if let Some(rom) = rom {
            return Ok(rom);
        }
        let written = self.roms.vector(self.globals, &name, &values, Some(number));
        if let Some(Place::Constant { rom, .. }) = self.places.get_mut(&value) {
            *rom = Some(written.clone());
        }
        Ok(written)
    }

    /// A constant matrix as a ROM with a row for each of its columns: what one output of a product reads.
    pub fn transposed_rom(&mut self, value: Value<'c>, op: Op<'c>) -> Result<Option<Rom>, ExportError> {
        let Place::Constant { values, number, shape, name, .. } = self.place(value, op)?.clone() else {
            return Ok(None);
        };
        let [rows, columns] = shape[..] else { return Ok(None) };
        let row = |column| values.iter().skip(column).step_by(columns).copied().take(rows).collect();
        let transposed: Vec<Vec<i64>> = (0..columns).map(row).collect();
        Ok(Some(self.roms.matrix(self.globals, &name, &transposed, Some(number))))
    }

    /// A constant as a ROM with a row for each step along its first axis: what one output of a convolution reads.
    pub fn row_rom(&mut self, value: Value<'c>, op: Op<'c>) -> Result<Option<Rom>, ExportError> {
        let Place::Constant { values, number, shape, name, .. } = self.place(value, op)?.clone() else {
            return Ok(None);
        };
        let length: usize = shape.iter().skip(1).product();
        let rows: Vec<Vec<i64>> = values.chunks(length.max(1)).map(<[i64]>::to_vec).collect();
        Ok(Some(self.roms.matrix(self.globals, &name, &rows, Some(number))))
    }
}
