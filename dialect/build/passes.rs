//! Passes of `Passes.td`: their C++ classes and the struct that Rust fills.

use serde_json::Value;
use std::{error::Error, fmt::Write};

pub struct Pass {
    class: String,
    argument: String,
    summary: String,
    options: Vec<PassOption>,
}

struct PassOption {
    cpp: String,
    argument: String,
    description: String,
    rust: &'static str,
    default: String,
}

impl PassOption {
    fn field(&self) -> String {
        self.argument.replace('-', "_")
    }
}

pub fn read(records: &Value) -> Result<Vec<Pass>, Box<dyn Error>> {
    let names = records["!instanceof"]["PassBase"].as_array().ok_or("no passes")?;
    names.iter().filter_map(Value::as_str).map(|name| pass(records, name)).collect()
}

fn pass(records: &Value, name: &str) -> Result<Pass, Box<dyn Error>> {
    let record = &records[name];
    let text = |record: &Value, field: &str| record[field].as_str().unwrap_or_default().to_string();
    let mut options = Vec::new();
    for option in record["options"].as_array().into_iter().flatten() {
        let option = &records[option["def"].as_str().ok_or("option without a record")?];
        let list = option["!superclasses"].as_array().into_iter().flatten().any(|c| c == "ListOption");
        let rust = match (option["type"].as_str().unwrap_or_default(), list) {
            ("int64_t", false) => "i64",
            ("bool", false) => "bool",
            ("std::string", false) => "String",
            ("std::string", true) => "Vec<String>",
            (other, _) => return Err(format!("no Rust type for option type {other}").into()),
        };
        let default = match rust {
            "i64" | "bool" => text(option, "defaultValue"),
            _ => "Default::default()".to_string(),
        };
        options.push(PassOption {
            cpp: text(option, "cppName"),
            argument: text(option, "argument"),
            description: text(option, "description"),
            rust,
            default,
        });
    }
    Ok(Pass { class: name.to_string(), argument: text(record, "argument"), summary: text(record, "summary"), options })
}

/// The pass classes, each running body number `i` in Rust.
pub fn cpp(passes: &[Pass]) -> String {
    let mut text = String::new();
    for (index, pass) in passes.iter().enumerate() {
        let class = &pass.class;
        let define = class.to_uppercase();
        let _ = writeln!(text, "#define GEN_PASS_DEF_{define}\n#include \"Passes.h.inc\"");
        let _ = writeln!(
            text,
            "struct {class} : impl::{class}Base<{class}> {{\n  using {class}Base::{class}Base;\n  void runOnOperation() override {{\n    Options texts;"
        );
        for option in &pass.options {
            let add = if option.rust == "Vec<String>" { "addList" } else { "add" };
            let _ = writeln!(text, "    texts.{add}(\"{}\", {});", option.argument, option.cpp);
        }
        let _ = writeln!(text, "    if (!texts.run({index}, getOperation()))\n      signalPassFailure();\n  }}\n}};");
    }
    text
}

/// The struct of bodies, the options and the dispatch.
pub fn rust(passes: &[Pass]) -> String {
    let mut text = String::new();
    for pass in passes {
        let _ = writeln!(
            text,
            "/// Options of `{}`.\n#[derive(Clone, Debug)]\npub struct {}Options {{",
            pass.argument, pass.class
        );
        for option in &pass.options {
            let _ = writeln!(text, "    /// {}.\n    pub {}: {},", option.description, option.field(), option.rust);
        }
        let _ = writeln!(
            text,
            "}}\nimpl Default for {}Options {{\n    fn default() -> Self {{\n        Self {{",
            pass.class
        );
        for option in &pass.options {
            let _ = writeln!(text, "            {}: {},", option.field(), option.default);
        }
        let _ = writeln!(text, "        }}\n    }}\n}}");
        let _ = writeln!(
            text,
            "impl {}Options {{\n    fn parse(options: &[(&str, &str)]) -> Self {{\n        #[allow(unused_mut)]\n        let mut parsed = Self::default();\n        for (name, value) in options {{\n            let _ = value;\n            match *name {{",
            pass.class
        );
        for option in &pass.options {
            let field = option.field();
            let assignment = match option.rust {
                "Vec<String>" => format!("parsed.{field}.push(value.to_string())"),
                "String" => format!("parsed.{field} = value.to_string()"),
                _ => format!("parsed.{field} = value.parse().unwrap_or(parsed.{field})"),
            };
            let _ = writeln!(text, "                {:?} => {assignment},", option.argument);
        }
        let _ = writeln!(text, "                _ => {{}}\n            }}\n        }}\n        parsed\n    }}\n}}");
    }
    let _ = writeln!(text, "/// A body for each pass of `Passes.td`.\npub struct Passes {{");
    for pass in passes {
        let _ = writeln!(
            text,
            "    /// `{}`: {}.\n    pub {}: Body<{}Options>,",
            pass.argument,
            pass.summary,
            pass.argument.replace('-', "_"),
            pass.class
        );
    }
    let _ = writeln!(
        text,
        "}}\nimpl Passes {{\n    fn run(&self, index: usize, module: Op<'_>, options: &[(&str, &str)]) -> Result<(), Reported> {{\n        match index {{"
    );
    for (index, pass) in passes.iter().enumerate() {
        let _ = writeln!(
            text,
            "            {index} => (self.{})(module, &{}Options::parse(options)),",
            pass.argument.replace('-', "_"),
            pass.class
        );
    }
    let _ = writeln!(text, "            _ => Err(module.error(\"unknown pass\")),\n        }}\n    }}");
    let _ = writeln!(
        text,
        "    fn name(index: usize) -> &'static str {{\n        [{}].get(index).copied().unwrap_or(\"unknown pass\")\n    }}\n}}",
        passes.iter().map(|p| format!("{:?}", p.argument)).collect::<Vec<_>>().join(", ")
    );
    text
}
