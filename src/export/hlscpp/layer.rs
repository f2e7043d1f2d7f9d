//! One static function a layer: its arrays, and a loop nest an operation.

mod constants;

use super::{
    ExportError, ExportOptions,
    code::{Axis, Code, axes, index},
    integer_ops,
    module::{Layer, ValueTypes, node_name, node_names, returned, shape},
    names::Namer,
    number::Number,
    requantize,
    rom::{Rom, Roms},
};
use qonnx_dialect::{Op, OpKind, Value};
use std::collections::HashMap;

/// Arrays up to this size are registers, larger ones memories.
const REGISTERS: usize = 4096;

/// A tensor as a flat C++ array, row by row.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub name: String,
    pub number: Number,
    pub shape: Vec<usize>,
}

impl Array {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// `uint_t<8> name[64]`.
    pub fn declaration(&self) -> String {
        format!("{} {}[{}]", self.number, self.name, self.len())
    }

    /// Its declaration inside a function.
    pub fn local(&self) -> String {
        format!("{}{};", if self.is_registers() { "" } else { "MEMORY " }, self.declaration())
    }

    /// An assignment to element `at`: of a number of its own type, or, if `is_code`, of a code.
    pub fn assignment(&self, at: &str, expression: &str, is_code: bool) -> String {
        let Self { name, number, .. } = self;
        match is_code && number.exponent.is_some() {
            true => format!("{name}[{at}] = from_code<{number}>({expression});"),
            false => format!("{name}[{at}] = {expression};"),
        }
    }

    /// Whether it is small enough for registers.
    pub fn is_registers(&self) -> bool {
        self.len() <= REGISTERS
    }

    /// The pragma that makes registers of it, if it is small.
    pub fn partition(&self) -> Option<String> {
        self.is_registers().then(|| format!("ARRAY_PARTITION variable={} type=complete", self.name))
    }
}

/// Where a value of a layer lives.
#[derive(Clone, Debug)]
enum Place {
    Array(Array),
    Constant { values: Vec<i64>, number: Number, shape: Vec<usize>, rom: Option<Rom>, name: String },
}

/// Writes one layer.
pub(super) struct LayerPrinter<'a, 'c> {
    pub code: Code,
    pub roms: &'a mut Roms,
    /// Names at global scope: ROMs.
    pub globals: &'a mut Namer,
    types: &'a ValueTypes<'c>,
    layer: Layer<'c>,
    locals: Namer,
    places: HashMap<Value<'c>, Place>,
    /// Whether everything happens at once, or an output at a time.
    parallel: bool,
    parallel_operators: usize,
}

/// The C++ of a layer: its definition and the names of its parameters' types.
pub(super) fn print<'c>(
    layer: Layer<'c>,
    function_name: &str,
    types: &ValueTypes<'c>,
    options: &ExportOptions,
    roms: &mut Roms,
    globals: &mut Namer,
) -> Result<String, ExportError> {
    let mut printer = LayerPrinter {
        code: Code::default(),
        roms,
        globals,
        types,
        layer,
        locals: Namer::default(),
        places: HashMap::new(),
        parallel: integer_ops::operators(layer.function) <= options.parallel_multipliers
            && integer_ops::largest_tensor(layer.function) <= REGISTERS,
        parallel_operators: options.parallel_multipliers,
    };
    printer.roms.comment(&format!("---- {function_name} ----"));
    printer.function(function_name)?;
    Ok(printer.code.finish())
}

impl<'c> LayerPrinter<'_, 'c> {
    fn function(&mut self, name: &str) -> Result<(), ExportError> {
        let mut parameters = Vec::new();
        for (index, argument) in self.layer.function.arguments().into_iter().enumerate() {
            let wanted = match self.layer.function.arguments().len() {
                1 => "in".to_string(),
                _ => format!("in{index}"),
            };
            let array = self.new_array(argument, self.layer.call, &wanted)?;
            parameters.push((true, array.clone()));
            self.places.insert(argument, Place::Array(array));
        }
        let outputs = self.outputs()?;
        parameters.extend(outputs.iter().map(|(_, array)| (false, array.clone())));
        self.header_comment()?;
        let declared =
            |(input, array): &(bool, Array)| format!("{}{}", if *input { "const " } else { "" }, array.declaration());
        let list: Vec<String> = parameters.iter().map(declared).collect();
        self.code.open(format!("static void {name}({})", list.join(", ")));
        if self.parallel {
            self.code.pragma("PIPELINE II=1");
        }
        for (_, array) in &parameters {
            array.partition().into_iter().for_each(|pragma| self.code.pragma(pragma));
        }
        for op in self.layer.function.body() {
            self.operation(op, &outputs)?;
        }
        self.copy_remaining(&outputs)?;
        self.code.close();
        Ok(())
    }

    /// The parameters for what the layer returns, each with the value that it takes.
    fn outputs(&mut self) -> Result<Vec<(Value<'c>, Array)>, ExportError> {
        let values = returned(self.layer.function);
        let mut outputs = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let name = if values.len() == 1 { "out".to_string() } else { format!("out{index}") };
            outputs.push((*value, self.new_array(*value, value.defining_op().unwrap_or(self.layer.call), &name)?));
        }
        Ok(outputs)
    }

    fn new_array(&mut self, value: Value<'c>, op: Op<'c>, wanted: &str) -> Result<Array, ExportError> {
        let (number, shape) = (self.types.number(value, op)?, shape(value, op)?);
        Ok(Array { name: self.locals.name(wanted), number, shape })
    }

    /// What stands above the function: each operation's nodes, types and, for a requantizer, forms.
    fn header_comment(&mut self) -> Result<(), ExportError> {
        for op in self.layer.function.body() {
            comment(&mut self.code, op);
            if op.kind() == OpKind::HlsRequantize {
                requantize::summary(op)?.into_iter().for_each(|line| self.code.line(format!("//     {line}")));
            }
        }
        Ok(())
    }

    fn operation(&mut self, op: Op<'c>, outputs: &[(Value<'c>, Array)]) -> Result<(), ExportError> {
        match op.kind() {
            OpKind::HlsConstant => return self.constant(op),
            OpKind::HlsView => return self.view(op),
            OpKind::Other if op.name() == "func.return" => return Ok(()),
            _ if op.is_unused() => return Ok(()),
            _ => {}
        }
        let name = node_name(op).unwrap_or_else(|| op.name().trim_start_matches("hls.").to_string());
        for result in op.results().into_iter().filter(|result| !result.is_unused()) {
            let array = match direct_output(result, outputs) {
                Some(array) => array,
                None => self.local(result, op, &name)?,
            };
            self.places.insert(result, Place::Array(array));
        }
        let label = self.locals.name(&name_of_loop(&name, op));
        match op.kind() {
            OpKind::HlsMatmul => self.matmul(op, &label, &name),
            OpKind::HlsConv => self.conv(op, &label, &name),
            OpKind::HlsReduceWindow => self.reduce_window(op, &label, &name),
            OpKind::HlsPad => self.pad(op, &label),
            OpKind::HlsGather => self.gather(op, &label, &name),
            OpKind::HlsConcat => self.concat(op, &label),
            OpKind::HlsAdd | OpKind::HlsSub | OpKind::HlsMul | OpKind::HlsMax => self.binary(op, &label),
            OpKind::HlsRequantize => requantize::print(self, op, &label),
            OpKind::HlsTranspose => self.transpose(op, &label),
            OpKind::HlsArgMax => self.arg_max(op, &label),
            OpKind::HlsTopK => self.top_k(op, &label),
            _ => Err(ExportError::node(op, "is no operation of the hls dialect; lower it first")),
        }
    }

    fn local(&mut self, value: Value<'c>, op: Op<'c>, name: &str) -> Result<Array, ExportError> {
        let array = self.new_array(value, op, name)?;
        self.code.line(array.local());
        array.partition().into_iter().for_each(|pragma| self.code.pragma(pragma));
        Ok(array)
    }

    /// The same array, seen in another shape.
    fn view(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let seen = shape(op.result(0), op)?;
        let mut place = self.place(op.operand(0), op)?.clone();
        match &mut place {
            Place::Array(array) => array.shape = seen,
            Place::Constant { shape, .. } => *shape = seen,
        }
        self.places.insert(op.result(0), place);
        Ok(())
    }

    /// Copies what is returned but was not computed into its parameter: an argument, a constant, a value returned twice.
    fn copy_remaining(&mut self, outputs: &[(Value<'c>, Array)]) -> Result<(), ExportError> {
        for (value, array) in outputs {
            let op = self.layer.call;
            if matches!(self.place(*value, op)?, Place::Array(source) if source.name == array.name) {
                continue;
            }
            let axes = axes(&[array.len()]);
            let at = index(&axes, &[array.len()]);
            let label = self.locals.name(&format!("copy_{}", array.name));
            let count = self.code.open_loops(&label, &axes);
            let source = self.element(*value, op, &at, array.number.exponent)?;
            self.code.line(format!("{}[{at}] = {source};", array.name));
            self.code.close_all(count);
        }
        Ok(())
    }

    fn place(&self, value: Value<'c>, op: Op<'c>) -> Result<&Place, ExportError> {
        self.places.get(&value).ok_or_else(|| ExportError::node(op, "uses a value from outside its layer"))
    }

    /// The array of a result that was declared.
    pub fn array(&self, value: Value<'c>, op: Op<'c>) -> Result<Array, ExportError> {
        match self.place(value, op)? {
            Place::Array(array) => Ok(array.clone()),
            Place::Constant { .. } => Err(ExportError::node(op, "writes to a constant")),
        }
    }

    /// Type and shape of any value. A constant has no binary point of its own.
    pub fn describe(&self, value: Value<'c>, op: Op<'c>) -> Result<(Number, Vec<usize>, bool), ExportError> {
        Ok(match self.place(value, op)? {
            Place::Array(array) => (array.number, array.shape.clone(), false),
            Place::Constant { number, shape, .. } => (*number, shape.clone(), true),
        })
    }

    /// Element `at` of a value: as a number with this binary point, or, without one, as its code.
    /// A constant takes any binary point.
    pub fn element(
        &mut self,
        value: Value<'c>,
        op: Op<'c>,
        at: &str,
        exponent: Option<i64>,
    ) -> Result<String, ExportError> {
        if let Place::Array(Array { name, number, .. }) = self.place(value, op)? {
            let element = format!("{name}[{at}]");
            return Ok(if number.exponent.is_some() && exponent.is_none() {
                format!("code({element})")
            } else {
                element
            });
        }
        let rom = self.vector_rom(value, op)?;
        Ok(as_number(&rom, at, exponent))
    }

    /// Writes a loop nest over a result of this shape, the body at each element.
    pub fn nest(
        &mut self,
        label: &str,
        shape: &[usize],
        body: impl FnOnce(&mut Self, &[Axis]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        self.nest_over(label, &axes(shape), true, body)
    }

    /// Writes a loop nest over these axes; its innermost loop is pipelined, if loops in the body are not.
    pub fn nest_over(
        &mut self,
        label: &str,
        axes: &[Axis],
        pipelined: bool,
        body: impl FnOnce(&mut Self, &[Axis]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let count = self.code.open_loops(label, axes);
        if !self.parallel && pipelined && count > 0 {
            self.code.pragma("PIPELINE II=1");
        }
        body(self, axes)?;
        self.code.close_all(count);
        Ok(())
    }

    /// Opens the loops over a sum's terms, pipelined unless all happens at once; returns how many to close.
    pub fn open_terms(&mut self, label: &str, terms: &[Axis], at_once: bool) -> usize {
        let count = self.code.open_loops(label, terms);
        if !self.parallel && !at_once && count > 0 {
            self.code.pragma("PIPELINE II=1");
        }
        count
    }

    /// Whether a new sum may begin every cycle: it needs an operator a term, and registers to read from.
    pub fn sums_at_once(&self, terms: usize, sources: &[Value<'c>], op: Op<'c>) -> Result<bool, ExportError> {
        let mut at_once = terms <= self.parallel_operators;
        for source in sources {
            at_once &= match self.place(*source, op)? {
                Place::Array(array) => array.is_registers(),
                Place::Constant { .. } => true,
            };
        }
        Ok(at_once || terms == 1)
    }

    /// Assigns to an element of a result ([`Array::assignment`]).
    pub fn store(&mut self, array: &Array, at: &str, expression: &str, is_code: bool) {
        self.code.line(array.assignment(at, expression, is_code));
    }

    /// The layer's name in the IR.
    pub fn layer_name(&self) -> &'c str {
        self.layer.name
    }

    /// A new name in the function.
    pub fn local_name(&mut self, wanted: &str) -> String {
        self.locals.name(wanted)
    }
}

/// What an operation is: its nodes, its types.
pub(super) fn comment(code: &mut Code, op: Op<'_>) {
    if matches!(op.kind(), OpKind::HlsConstant | OpKind::QonnxConstant | OpKind::Other) {
        return;
    }
    let ty = |value: Value<'_>| value.tensor_type().map_or_else(|| value.ty().to_string(), |ty| ty.to_string());
    let list = |values: Vec<Value<'_>>| values.into_iter().map(ty).collect::<Vec<_>>().join(", ");
    let name = op.name().split('.').next_back().unwrap_or_default();
    code.line(format!("// {name}: {}", one_line(&node_names(op))));
    code.line(format!("//     {} -> {}", list(op.operands()), list(op.results())));
}

/// A ROM's element with this binary point, or as a code.
pub(super) fn as_number(rom: &Rom, at: &str, exponent: Option<i64>) -> String {
    match exponent {
        None => rom.at(at),
        Some(_) => format!("from_code<{}>({})", rom.number.with_exponent(exponent), rom.at(at)),
    }
}

/// The parameter that takes a result which is returned once and read by nothing else: a layer
/// does not read what it gives out.
fn direct_output<'c>(result: Value<'c>, outputs: &[(Value<'c>, Array)]) -> Option<Array> {
    let [(user, _)] = result.uses()[..] else { return None };
    match user.kind() {
        // Seen through: it is the same array.
        OpKind::HlsView => {
            let shape = result.tensor_type()?.static_shape()?;
            Some(Array { shape, ..direct_output(user.result(0), outputs)? })
        }
        _ => outputs.iter().find(|(value, _)| *value == result).map(|(_, array)| array.clone()),
    }
}

fn name_of_loop(name: &str, op: Op<'_>) -> String {
    format!(
        "{name}_{}",
        match op.kind() {
            OpKind::HlsMatmul | OpKind::HlsConv | OpKind::HlsReduceWindow => "outputs",
            OpKind::HlsRequantize => "codes",
            _ => "elements",
        }
    )
}

/// A name without line ends or a backslash, either of which would let a comment end early or go on.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\\' { ' ' } else { c }).collect()
}
