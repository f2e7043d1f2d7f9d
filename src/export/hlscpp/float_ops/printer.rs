//! Writes float operations: arrays, constants, and a loop nest an operation.

use crate::export::hlscpp::{
    ExportError,
    code::{Axis, Code, axes, index},
    module::{node_name, shape},
    names::Namer,
    number,
    rom::wrap,
};
use qonnx_dialect::{
    Element, Op, Value,
    constants::{self, Elements},
};
use std::collections::HashMap;

/// The element types of float operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Scalar {
    Float,
    Double,
    Integer,
}

impl Scalar {
    /// In C++.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Double => "double",
            Self::Integer => "long long",
        }
    }

    /// Of a value's elements.
    pub fn of_value(value: Value<'_>, op: Op<'_>) -> Result<Self, ExportError> {
        let ty = value.tensor_type().and_then(|ty| Self::of(ty.element));
        ty.ok_or_else(|| {
            ExportError::node(op, format!("has a value of type {}, which C++ floats cannot hold", value.ty()))
        })
    }

    /// Of an element of the IR; None for half floats.
    pub fn of(element: Element) -> Option<Self> {
        match element {
            Element::F32 => Some(Self::Float),
            Element::F64 => Some(Self::Double),
            Element::Bool | Element::Int { .. } => Some(Self::Integer),
            Element::F16 | Element::BF16 => None,
        }
    }
}

/// A tensor as a flat array, and its elements where they are known.
#[derive(Clone, Debug)]
pub(in super::super) struct FloatArray {
    pub name: String,
    pub ty: Scalar,
    pub shape: Vec<usize>,
    pub constant: Option<Elements>,
}

/// Where arrays live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Storage {
    /// The driver's, on the heap.
    Host,
    /// A layer's, with a pipelined loop nest an operation.
    Hardware,
}

/// Writes the body of a function that computes in floats.
pub(in super::super) struct FloatPrinter<'c> {
    pub code: Code,
    storage: Storage,
    /// Constants, at file scope.
    pub constants: String,
    pub names: Namer,
    values: HashMap<Value<'c>, FloatArray>,
    /// Constants that were written.
    written: HashMap<Value<'c>, String>,
}

impl<'c> FloatPrinter<'c> {
    /// With these names taken.
    pub fn new(names: Namer, storage: Storage) -> Self {
        let (code, constants) = (Code::default(), String::new());
        Self { code, storage, constants, names, values: HashMap::new(), written: HashMap::new() }
    }

    /// Says which array holds a value.
    pub fn bind(&mut self, value: Value<'c>, array: FloatArray) {
        self.values.insert(value, array);
    }

    /// A constant operation: written where it is first read.
    pub fn constant(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let elements = op.attribute("value").and_then(constants::read);
        let (_, elements) = elements.ok_or_else(|| ExportError::node(op, "is a constant that cannot be read"))?;
        let ty = Scalar::of_value(op.result(0), op)?;
        let array = FloatArray { name: String::new(), ty, shape: shape(op.result(0), op)?, constant: Some(elements) };
        self.values.insert(op.result(0), array);
        Ok(())
    }

    /// Declares the array of a result.
    pub fn declare(&mut self, value: Value<'c>, op: Op<'c>, wanted: &str) -> Result<FloatArray, ExportError> {
        let (ty, shape) = (Scalar::of_value(value, op)?, shape(value, op)?);
        let array = FloatArray { name: self.names.name(wanted), ty, shape, constant: None };
        let count: usize = array.shape.iter().product();
        self.code.line(match self.storage {
            Storage::Host => format!("std::vector<{}> {}({count});", ty.name(), array.name),
            Storage::Hardware => format!("MEMORY {} {}[{count}];", ty.name(), array.name),
        });
        self.values.insert(value, array.clone());
        Ok(array)
    }

    /// Declares the array of an operation's result, named after its node.
    pub fn result(&mut self, op: Op<'c>, index: usize) -> Result<FloatArray, ExportError> {
        let name = node_name(op).unwrap_or_else(|| op.name().trim_start_matches("qonnx.").to_string());
        self.declare(op.result(index), op, &name)
    }

    /// Gives a value another name: the same elements in another shape.
    pub fn alias(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let mut array = self.array(op.operand(0), op)?;
        // The name must exist before it is shared.
        if array.constant.is_some() {
            self.written(op.operand(0), op)?;
            let name = self.written.get(&op.operand(0)).cloned().unwrap_or_default();
            self.written.insert(op.result(0), name);
        }
        array.shape = shape(op.result(0), op)?;
        self.values.insert(op.result(0), array);
        Ok(())
    }

    /// A value that was computed or is constant.
    pub fn array(&self, value: Value<'c>, op: Op<'c>) -> Result<FloatArray, ExportError> {
        self.values
            .get(&value)
            .cloned()
            .ok_or_else(|| ExportError::node(op, "uses a value that the driver does not have"))
    }

    /// The element type that a value has in the driver.
    pub fn values_type(&self, value: Value<'c>) -> Option<Scalar> {
        self.values.get(&value).map(|array| array.ty)
    }

    /// The elements of a constant operand.
    pub fn constant_of(&self, value: Value<'c>, op: Op<'c>, operand: &str) -> Result<Elements, ExportError> {
        let constant = self.array(value, op)?.constant;
        constant.ok_or_else(|| {
            ExportError::node(op, format!("has a {operand} that is no constant, which the driver cannot do"))
        })
    }

    /// Element `at` of a value, a literal if it is one constant number.
    pub fn element(&mut self, value: Value<'c>, op: Op<'c>, at: &str) -> Result<String, ExportError> {
        let array = self.array(value, op)?;
        let single = array.constant.as_ref().and_then(|elements| match elements {
            Elements::F32(values) if values.len() == 1 => values.first().map(|v| float(*v)),
            Elements::F64(values) if values.len() == 1 => values.first().map(|v| double(*v)),
            Elements::Int(values) if values.len() == 1 => values.first().map(|v| format!("{v}LL")),
            _ => None,
        });
        if let Some(literal) = single {
            return Ok(literal);
        }
        Ok(format!("{}[{at}]", self.written(value, op)?))
    }

    /// The element that broadcasting reads at these axes.
    pub fn broadcast(&mut self, value: Value<'c>, op: Op<'c>, axes: &[Axis]) -> Result<String, ExportError> {
        let shape = self.array(value, op)?.shape;
        self.element(value, op, &index(axes, &shape))
    }

    /// The name of an array, a constant's after it was written.
    pub fn written(&mut self, value: Value<'c>, op: Op<'c>) -> Result<String, ExportError> {
        let array = self.array(value, op)?;
        let Some(elements) = array.constant else { return Ok(array.name) };
        if let Some(name) = self.written.get(&value) {
            return Ok(name.clone());
        }
        let name = self.names.name(&format!("{}_constant", node_name(op).unwrap_or_default()));
        self.write_constant(&name, array.ty.name(), elements);
        self.written.insert(value, name.clone());
        Ok(name)
    }

    /// Writes a constant array at file scope.
    pub fn write_constant(&mut self, name: &str, ty: &str, elements: Elements) {
        let items: Vec<String> = match elements {
            Elements::F32(values) => values.into_iter().map(float).collect(),
            Elements::F64(values) => values.into_iter().map(double).collect(),
            Elements::Int(values) => values.into_iter().map(|value| number::literal(value.into())).collect(),
        };
        self.write_items(name, ty, items);
    }

    /// Writes an array of initializers at file scope.
    pub fn write_items(&mut self, name: &str, ty: &str, items: Vec<String>) {
        let count = items.len();
        self.constants +=
            &format!("static const {ty} {name}[{count}] = {{\n{}\n}};\n\n", wrap(items.into_iter(), "    "));
    }

    /// Opens loops, in hardware with a new element every cycle; returns how many to close.
    pub fn open_loops(&mut self, axes: &[Axis]) -> usize {
        let count = self.code.open_loops("", axes);
        if self.storage == Storage::Hardware && count > 0 {
            self.code.pragma("PIPELINE II=1");
        }
        count
    }

    /// Loops over a result, the body's expression at each element.
    pub fn each(
        &mut self,
        op: Op<'c>,
        expression: impl FnOnce(&mut Self, &[Axis]) -> Result<String, ExportError>,
    ) -> Result<(), ExportError> {
        let array = self.result(op, 0)?;
        let axes = axes(&array.shape);
        let count = self.open_loops(&axes);
        let value = expression(self, &axes)?;
        self.code.line(format!("{}[{}] = {value};", array.name, index(&axes, &array.shape)));
        self.code.close_all(count);
        Ok(())
    }
}

/// A float32 as a C++ literal that reads back the same.
pub(in super::super) fn float(x: f32) -> String {
    match x {
        x if x.is_nan() => "NAN".into(),
        x if x.is_infinite() => {
            if x > 0.0 {
                "INFINITY".into()
            } else {
                "-INFINITY".into()
            }
        }
        x => format!("{x:?}f"),
    }
}

fn double(x: f64) -> String {
    match x {
        x if x.is_nan() => "static_cast<double>(NAN)".into(),
        x if x.is_infinite() => format!("{}static_cast<double>(INFINITY)", if x > 0.0 { "" } else { "-" }),
        x => format!("{x:?}"),
    }
}
