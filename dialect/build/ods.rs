//! Rust views of the operations and enumerations in the ODS.

use serde_json::Value;
use std::{error::Error, fmt::Write};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How an argument of an operation looks in Rust.
enum Argument {
    Operand(Arity),
    Attribute(AttributeKind),
}

#[derive(Clone, Copy, PartialEq)]
enum Arity {
    One,
    Optional,
    Variadic,
}

struct AttributeKind {
    /// Type of accessor and builder parameter.
    rust: String,
    /// Accessor on `Op`, given the attribute's name.
    getter: &'static str,
    /// Conversion on `Builder`; the result is an optional attribute.
    setter: &'static str,
}

struct Operation {
    view: String,
    kind: String,
    name: String,
    summary: String,
    arguments: Vec<(String, Argument)>,
    results: Vec<(String, bool)>,
    sized: bool,
}

/// The text of `ods.rs`.
pub fn rust(dialects: &[Value]) -> Result<String> {
    let mut text = String::new();
    let mut all = Vec::new();
    for records in dialects {
        for name in instances(records, "EnumInfo") {
            enumeration(&mut text, records, &name)?;
        }
        let operations =
            instances(records, "Op").iter().map(|name| operation(records, name)).collect::<Result<Vec<_>>>()?;
        let dialect = operations.first().and_then(|op| op.name.split('.').next()).unwrap_or("none").to_string();
        writeln!(text, "/// Typed views of the `{dialect}` dialect's operations.\npub mod {dialect} {{")?;
        writeln!(text, "    #[allow(unused_imports)]\n    use super::*;")?;
        for op in &operations {
            view(&mut text, op)?;
        }
        writeln!(text, "}}")?;
        all.extend(operations);
    }
    kinds(&mut text, &all)?;
    Ok(text)
}

fn instances(records: &Value, class: &str) -> Vec<String> {
    let list = records["!instanceof"][class].as_array();
    let names = list.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_string));
    names.filter(|name| records[name.as_str()]["!anonymous"] != Value::Bool(true)).collect()
}

fn superclasses<'a>(record: &'a Value) -> impl Iterator<Item = &'a str> {
    record["!superclasses"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn is_a(record: &Value, class: &str) -> bool {
    superclasses(record).any(|name| name == class)
}

fn text_of<'a>(record: &'a Value, field: &str) -> Result<&'a str> {
    record[field].as_str().ok_or_else(|| format!("{field} of {} is no text", record["!name"]).into())
}

fn camel(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split(['_', '.']).filter(|word| !word.is_empty()).map(capital).collect()
}

fn enumeration(text: &mut String, records: &Value, name: &str) -> Result<()> {
    let record = &records[name];
    if !text_of(record, "cppNamespace")?.starts_with("::qonnx")
        && !text_of(record, "cppNamespace")?.starts_with("::hls")
    {
        return Ok(());
    }
    let class = text_of(record, "className")?;
    let mut cases = Vec::new();
    for case in record["enumerants"].as_array().into_iter().flatten() {
        let case = &records[text_of(case, "def")?];
        let value = case["value"].as_i64().ok_or("enum value is no number")?;
        cases.push((text_of(case, "symbol")?.to_string(), text_of(case, "str")?.to_string(), value));
    }
    writeln!(text, "/// {}.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]", text_of(record, "summary")?)?;
    writeln!(text, "pub enum {class} {{")?;
    for (symbol, word, _) in &cases {
        writeln!(text, "    /// `{word}`\n    {symbol},")?;
    }
    writeln!(text, "}}\nimpl {class} {{\n    /// The case stored as this number.")?;
    writeln!(text, "    pub fn from_number(number: i64) -> Option<Self> {{\n        match number {{")?;
    for (symbol, _, value) in &cases {
        writeln!(text, "            {value} => Some(Self::{symbol}),")?;
    }
    writeln!(text, "            _ => None,\n        }}\n    }}\n    /// The number it is stored as.")?;
    writeln!(text, "    pub fn number(self) -> i64 {{\n        match self {{")?;
    for (symbol, _, value) in &cases {
        writeln!(text, "            Self::{symbol} => {value},")?;
    }
    writeln!(text, "        }}\n    }}\n    /// The word in the assembly.")?;
    writeln!(text, "    pub fn keyword(self) -> &'static str {{\n        match self {{")?;
    for (symbol, word, _) in &cases {
        writeln!(text, "            Self::{symbol} => {word:?},")?;
    }
    writeln!(text, "        }}\n    }}\n}}")?;
    Ok(())
}

fn operation(records: &Value, name: &str) -> Result<Operation> {
    let record = &records[name];
    let dialect = text_of(&records[text_of(&record["opDialect"], "def")?], "name")?;
    let mnemonic = text_of(record, "opName")?;
    let mut arguments = Vec::new();
    for argument in record["arguments"]["args"].as_array().into_iter().flatten() {
        let constraint = &records[text_of(&argument[0], "def")?];
        let name = argument[1].as_str().ok_or("argument without a name")?;
        arguments.push((name.to_string(), kind_of(records, constraint)?));
    }
    let mut results = Vec::new();
    for result in record["results"]["args"].as_array().into_iter().flatten() {
        let variadic = is_a(&records[text_of(&result[0], "def")?], "Variadic");
        results.push((result[1].as_str().ok_or("result without a name")?.to_string(), variadic));
    }
    let traits = record["traits"].as_array().into_iter().flatten();
    Ok(Operation {
        view: camel(mnemonic),
        kind: camel(&format!("{dialect}.{mnemonic}")),
        name: format!("{dialect}.{mnemonic}"),
        summary: text_of(record, "summary")?.to_string(),
        arguments,
        results,
        sized: traits.filter_map(|t| t["def"].as_str()).any(|t| t == "AttrSizedOperandSegments"),
    })
}

fn kind_of(records: &Value, constraint: &Value) -> Result<Argument> {
    if is_a(constraint, "Optional") {
        return Ok(Argument::Operand(Arity::Optional));
    }
    if is_a(constraint, "Variadic") {
        return Ok(Argument::Operand(Arity::Variadic));
    }
    if is_a(constraint, "EnumAttrInfo") || is_a(constraint, "EnumInfo") {
        let class = text_of(constraint, "className")?;
        return Ok(Argument::Attribute(AttributeKind { rust: class.into(), getter: "enum", setter: "enum" }));
    }
    if !is_a(constraint, "Attr") && !is_a(constraint, "AttrConstraint") {
        return Ok(Argument::Operand(Arity::One));
    }
    let optional = is_a(constraint, "OptionalAttr");
    let name = if optional { text_of(&constraint["baseAttr"], "def")? } else { text_of(constraint, "!name")? };
    let _ = records;
    let (rust, getter, setter) = match (name, optional) {
        ("I64Attr", false) => ("i64", "i64_attribute", "i64"),
        ("I64Attr", true) => ("Option<i64>", "optional_i64_attribute", "optional_i64"),
        ("F32Attr", false) => ("f32", "f32_attribute", "f32"),
        ("UnitAttr", false) => ("bool", "unit_attribute", "unit"),
        ("StrAttr", false) => ("&'c str", "str_attribute", "str"),
        ("DenseI64ArrayAttr", false) => ("&[i64]", "i64s_attribute", "i64s"),
        ("ElementsAttr" | "ArrayAttr", false) => ("Attribute<'c>", "attribute", "attribute"),
        _ => return Err(format!("no Rust type for attribute {name}").into()),
    };
    Ok(Argument::Attribute(AttributeKind { rust: rust.into(), getter, setter }))
}

fn view(text: &mut String, op: &Operation) -> Result<()> {
    let Operation { view, kind, name, summary, .. } = op;
    writeln!(
        text,
        "/// `{name}`: {summary}.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub struct {view}<'c>(Op<'c>);"
    )?;
    writeln!(text, "impl<'c> {view}<'c> {{")?;
    writeln!(text, "    /// The name in the IR.\n    pub const NAME: &'static str = {name:?};")?;
    writeln!(
        text,
        "    /// The view, if the operation is one.\n    pub fn of(op: Op<'c>) -> Option<Self> {{ (op.kind() == OpKind::{kind}).then_some(Self(op)) }}"
    )?;
    writeln!(text, "    /// The operation.\n    pub fn op(self) -> Op<'c> {{ self.0 }}")?;
    accessors(text, op)?;
    builder(text, op)?;
    writeln!(text, "}}")?;
    Ok(())
}

fn operands(op: &Operation) -> impl Iterator<Item = (&String, Arity)> {
    op.arguments.iter().filter_map(|(name, argument)| match argument {
        Argument::Operand(arity) => Some((name, *arity)),
        Argument::Attribute(_) => None,
    })
}

fn accessors(text: &mut String, op: &Operation) -> Result<()> {
    let plain = operands(op).all(|(_, arity)| arity == Arity::One);
    let groups: Vec<bool> = operands(op).map(|(_, arity)| arity == Arity::One).collect();
    for (index, (name, arity)) in operands(op).enumerate() {
        writeln!(text, "    /// Operand `{name}`.")?;
        match (plain, arity) {
            (true, _) => writeln!(text, "    pub fn {name}(self) -> Value<'c> {{ self.0.operand({index}) }}")?,
            (false, arity) => {
                let group = format!("self.0.operand_group({index}, &{groups:?}, {})", op.sized);
                match arity {
                    Arity::One => writeln!(text, "    pub fn {name}(self) -> Value<'c> {{ {group}[0] }}")?,
                    Arity::Optional => {
                        writeln!(text, "    pub fn {name}(self) -> Option<Value<'c>> {{ {group}.first().copied() }}")?
                    }
                    Arity::Variadic => writeln!(text, "    pub fn {name}(self) -> Vec<Value<'c>> {{ {group} }}")?,
                }
            }
        }
    }
    for (name, argument) in &op.arguments {
        if let Argument::Attribute(AttributeKind { rust, getter, .. }) = argument {
            let (rust, body) = match *getter {
                "enum" => (
                    rust.clone(),
                    format!("{rust}::from_number(self.0.i64_attribute({name:?})).expect(\"verified by MLIR\")"),
                ),
                "i64s_attribute" => ("Vec<i64>".into(), format!("self.0.i64s_attribute({name:?})")),
                "attribute" => (rust.clone(), format!("self.0.attribute({name:?}).expect(\"required by ODS\")")),
                getter => (rust.clone(), format!("self.0.{getter}({name:?})")),
            };
            writeln!(text, "    /// Attribute `{name}`.\n    pub fn {name}(self) -> {rust} {{ {body} }}")?;
        }
    }
    for (index, (name, variadic)) in op.results.iter().enumerate().filter(|(_, (_, variadic))| !variadic) {
        let _ = variadic;
        writeln!(text, "    /// Result `{name}`.\n    pub fn {name}(self) -> Value<'c> {{ self.0.result({index}) }}")?;
    }
    Ok(())
}

fn builder(text: &mut String, op: &Operation) -> Result<()> {
    let mut parameters = String::new();
    let mut operand_lines = String::new();
    let mut attribute_lines = String::new();
    let mut sizes = Vec::new();
    for (name, argument) in &op.arguments {
        let rust = match argument {
            Argument::Operand(Arity::One) => "Value<'c>".to_string(),
            Argument::Operand(Arity::Optional) => "Option<Value<'c>>".to_string(),
            Argument::Operand(Arity::Variadic) => "&[Value<'c>]".to_string(),
            Argument::Attribute(kind) => kind.rust.replace("&'c str", "&str"),
        };
        write!(parameters, ", {name}: {rust}")?;
        match argument {
            Argument::Operand(Arity::One) => writeln!(operand_lines, "        operands.push({name});")?,
            Argument::Operand(Arity::Optional) => writeln!(operand_lines, "        operands.extend({name});")?,
            Argument::Operand(Arity::Variadic) => {
                writeln!(operand_lines, "        operands.extend_from_slice({name});")?
            }
            Argument::Attribute(kind) if kind.setter == "enum" => {
                writeln!(
                    attribute_lines,
                    "        builder.push(&mut attributes, {name:?}, builder.enum_attribute({name}.number()));"
                )?;
            }
            Argument::Attribute(kind) => {
                let setter = kind.setter;
                writeln!(
                    attribute_lines,
                    "        builder.push(&mut attributes, {name:?}, builder.{setter}_attribute({name}));"
                )?;
            }
        }
        match argument {
            Argument::Operand(Arity::One) => sizes.push("1".to_string()),
            Argument::Operand(Arity::Optional) => sizes.push(format!("i32::from({name}.is_some())")),
            Argument::Operand(Arity::Variadic) => sizes.push(format!("{name}.len() as i32")),
            Argument::Attribute(_) => {}
        }
    }
    if op.sized {
        writeln!(
            attribute_lines,
            "        builder.push(&mut attributes, \"operandSegmentSizes\", builder.i32s_attribute(&[{}]));",
            sizes.join(", ")
        )?;
    }
    let variadic = op.results.iter().any(|(_, variadic)| *variadic);
    let types =
        if variadic { "types: &[Type<'c>]".to_string() } else { format!("types: [Type<'c>; {}]", op.results.len()) };
    writeln!(text, "    /// Builds one at the builder's place; `types` are those of the results.")?;
    writeln!(text, "    #[allow(unused_mut, clippy::too_many_arguments, clippy::vec_init_then_push)]")?;
    writeln!(text, "    pub fn build(builder: &Builder<'c>{parameters}, {types}) -> Self {{")?;
    writeln!(text, "        let mut operands: Vec<Value<'c>> = Vec::new();\n{operand_lines}")?;
    writeln!(text, "        let mut attributes: Vec<(&str, Attribute<'c>)> = Vec::new();\n{attribute_lines}")?;
    let types = if variadic { "types" } else { "&types" };
    writeln!(text, "        Self(builder.create(Self::NAME, &operands, &attributes, {types}))\n    }}")?;
    Ok(())
}

fn kinds(text: &mut String, operations: &[Operation]) -> Result<()> {
    writeln!(text, "/// Every operation of our dialects: a match on it lists what a new one lacks.")?;
    writeln!(text, "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum OpKind {{")?;
    for Operation { kind, name, .. } in operations {
        writeln!(text, "    /// `{name}`\n    {kind},")?;
    }
    writeln!(text, "    /// An operation of another dialect.\n    Other,\n}}\nimpl OpKind {{")?;
    writeln!(
        text,
        "    /// The kind with this name in the IR.\n    pub fn of(name: &str) -> Self {{\n        match name {{"
    )?;
    for Operation { kind, name, .. } in operations {
        writeln!(text, "            {name:?} => Self::{kind},")?;
    }
    writeln!(text, "            _ => Self::Other,\n        }}\n    }}")?;
    let hardware: Vec<String> =
        operations.iter().filter(|op| op.name.starts_with("hls.")).map(|op| format!("Self::{}", op.kind)).collect();
    writeln!(text, "    /// Whether it is an operation of the hls dialect.\n    pub fn is_hls(self) -> bool {{")?;
    writeln!(text, "        matches!(self, {})\n    }}\n}}", hardware.join(" | "))?;
    Ok(())
}
