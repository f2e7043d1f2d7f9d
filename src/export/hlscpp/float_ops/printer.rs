//! Writes float operations: arrays, constants, and a loop nest an operation.

use crate::export::hlscpp::{
    ExportError,
    code::{Axis, Code, axes, index},
    layer::Array,
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
    /// Whether its elements are the kernel's numbers, to be read as codes.
    pub is_coded: bool,
}

/// A loop nest of several operations on tensors of one shape: what one gives the next is a
/// scalar.
struct Nest<'c> {
    axes: Vec<Axis>,
    scalars: HashMap<Value<'c>, String>,
}

/// Where arrays live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Storage {
    /// The driver's, on the heap.
    Host,
    /// A layer's, with pipelined loop nests.
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
    nest: Option<Nest<'c>>,
    /// The kernel's arrays that take results as codes.
    outputs: HashMap<Value<'c>, Array>,
}

impl<'c> FloatPrinter<'c> {
    /// With these names taken.
    pub fn new(names: Namer, storage: Storage) -> Self {
        let (code, constants) = (Code::default(), String::new());
        let (values, written, outputs) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { code, storage, constants, names, values, written, nest: None, outputs }
    }

    /// Says which array holds a value.
    pub fn bind(&mut self, value: Value<'c>, array: FloatArray) {
        self.values.insert(value, array);
    }

    /// Says which array of the kernel takes a result.
    pub fn bind_output(&mut self, value: Value<'c>, array: Array) {
        self.outputs.insert(value, array);
    }

    /// A constant operation: written where it is first read.
    pub fn constant(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let elements = op.attribute("value").and_then(constants::read);
        let (_, elements) = elements.ok_or_else(|| ExportError::node(op, "is a constant that cannot be read"))?;
        let ty = Scalar::of_value(op.result(0), op)?;
        let array = FloatArray {
            name: String::new(),
            ty,
            shape: shape(op.result(0), op)?,
            constant: Some(elements),
            is_coded: false,
        };
        self.values.insert(op.result(0), array);
        Ok(())
    }

    /// Declares the array of a result.
    pub fn declare(&mut self, value: Value<'c>, op: Op<'c>, wanted: &str) -> Result<FloatArray, ExportError> {
        let (ty, shape) = (Scalar::of_value(value, op)?, shape(value, op)?);
        let array = FloatArray { name: self.names.name(wanted), ty, shape, constant: None, is_coded: false };
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
        self.declare(op.result(index), op, &result_name(op))
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
        let element = format!("{}[{at}]", self.written(value, op)?);
        Ok(if array.is_coded { format!("static_cast<long long>(code({element}))") } else { element })
    }

    /// The element that broadcasting reads at these axes.
    pub fn broadcast(&mut self, value: Value<'c>, op: Op<'c>, axes: &[Axis]) -> Result<String, ExportError> {
        if let Some(scalar) = self.nest.as_ref().and_then(|nest| nest.scalars.get(&value)) {
            return Ok(scalar.clone());
        }
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
        if let Some(nest) = &self.nest {
            let axes = nest.axes.clone();
            let value = expression(self, &axes)?;
            return self.define(op, &value, &axes);
        }
        let array = self.result(op, 0)?;
        let axes = axes(&array.shape);
        let count = self.open_loops(&axes);
        let value = expression(self, &axes)?;
        self.code.line(format!("{}[{}] = {value};", array.name, index(&axes, &array.shape)));
        self.code.close_all(count);
        Ok(())
    }

    /// One loop nest for operations that each go over a result of the same shape, in order.
    ///
    /// # Errors
    /// As `print`, which writes one operation.
    pub fn fused(
        &mut self,
        ops: &[Op<'c>],
        mut print: impl FnMut(&mut Self, Op<'c>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let Some(first) = ops.first() else { return Ok(()) };
        // What others read needs an array.
        for op in ops {
            let result = op.result(0);
            if !self.outputs.contains_key(&result) && result.users().iter().any(|user| !ops.contains(user)) {
                self.result(*op, 0)?;
            }
        }
        let axes = axes(&shape(first.result(0), *first)?);
        let count = self.open_loops(&axes);
        self.nest = Some(Nest { axes, scalars: HashMap::new() });
        ops.iter().try_for_each(|op| print(self, *op))?;
        self.nest = None;
        self.code.close_all(count);
        Ok(())
    }

    /// A result as a scalar of the open nest, stored where others read it.
    fn define(&mut self, op: Op<'c>, value: &str, axes: &[Axis]) -> Result<(), ExportError> {
        let result = op.result(0);
        let shape = shape(result, op)?;
        let at = index(axes, &shape);
        if let Some(output) = self.outputs.get(&result) {
            self.code.line(output.assignment(&at, value, true));
            return Ok(());
        }
        let ty = Scalar::of_value(result, op)?;
        let name = self.names.name(&result_name(op));
        self.code.line(format!("const {} {name} = {value};", ty.name()));
        match self.values.get(&result) {
            Some(array) => self.code.line(format!("{}[{at}] = {name};", array.name)),
            None => {
                let array = FloatArray { name: name.clone(), ty, shape, constant: None, is_coded: false };
                self.bind(result, array);
            }
        }
        self.nest.iter_mut().for_each(|nest| drop(nest.scalars.insert(result, name.clone())));
        Ok(())
    }
}

fn result_name(op: Op<'_>) -> String {
    node_name(op).unwrap_or_else(|| op.name().trim_start_matches("qonnx.").to_string())
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
