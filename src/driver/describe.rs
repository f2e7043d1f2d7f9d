//! `qonnxc report`: what is in a model, as table, JSON and one HTML page.
//!
//! The layers are the dot products of the graph once its quantizers are split ([`layers`]); the picture is
//! that of the cleaned-up graph, as the file has it ([`graph`]).

mod graph;
mod layers;
mod page;

use super::model::{LoweringOptions, Model};
use anyhow::{Context, Result};
use clap::Args;
use graph::Node;
use layers::{Layer, Totals};
use serde::Serialize;
use std::{fmt, path::PathBuf, process::ExitCode};

/// The stage whose graph is drawn: the file's operators, constants folded.
const DRAWN: &str = "cleanup";
/// The stage at which operands are integers and scales.
const COUNTED: &str = "split";

/// Describe a model: layers, bits, operations, memory.
#[derive(Args, Clone, Debug)]
pub struct ReportOptions {
    /// The QONNX file (.onnx), or a module at the stage `import` (.mlir, .mlirbc)
    pub model: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write one self-contained page: table, histograms of weights, the graph drawn
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lowering: LoweringOptions,
}

/// What is in a model.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The file's name.
    pub name: String,
    /// The dot products, in order.
    pub layers: Vec<Layer>,
    /// Sums over all layers.
    pub totals: Totals,
    /// The operators of the graph, constants left out.
    pub nodes: Vec<Node>,
    /// What passes remarked: inserted quantizers.
    pub remarks: Vec<String>,
}

/// Describes a model and prints or writes it.
///
/// # Errors
/// If the model cannot be read, has no split form, or the page cannot be written.
pub fn run(options: &ReportOptions) -> Result<ExitCode> {
    let mut model = Model::load(&options.model, &options.lowering)?;
    let mut nodes = Vec::new();
    model.lower_with(COUNTED, |stage, program| {
        if stage.name == DRAWN {
            nodes = program.with(graph::nodes);
        }
        Ok(())
    })?;
    let layers = model.program.with(layers::layers);
    let totals = Totals::of(&layers);
    let description = Description { name: model.name, layers, totals, nodes, remarks: model.remarks };
    if let Some(path) = &options.html {
        let page = page::render(&description)?;
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    match options.json {
        true => super::print(&format!("{}\n", serde_json::to_string(&description)?))?,
        false => super::print(&description.to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(5).max(5);
        writeln!(
            f,
            "{:width$}  {:14}  {:>16}  {:>16}  {:>8}  {:>10}  {:>11}  {:>12}  {:>12}  {:>12}",
            "layer", "operator", "input", "output", "bits", "parameters", "MACs", "BOPs", "weight bits", "output bits"
        )?;
        for layer in &self.layers {
            writeln!(
                f,
                "{:width$}  {:14}  {:>16}  {:>16}  {:>8}  {:>10}  {:>11}  {:>12}  {:>12}  {:>12}",
                layer.name,
                layer.operator,
                shape(&layer.input),
                shape(&layer.output),
                layer.widths(),
                layer.parameters,
                layer.macs,
                layer.bops,
                layer.weight_memory_bits,
                layer.output_memory_bits
            )?;
        }
        let Totals { parameters, macs, bops, weight_memory_bits, output_memory_bits } = self.totals;
        writeln!(
            f,
            "{}: {} layers, {} operators, {parameters} parameters, {macs} MACs, {bops} BOPs, {weight_memory_bits} bits \
             of weights, {output_memory_bits} bits of activations",
            self.name,
            self.layers.len(),
            self.nodes.len()
        )
    }
}

/// `1x3x32x32`.
fn shape(dims: &[usize]) -> String {
    dims.iter().map(usize::to_string).collect::<Vec<_>>().join("x")
}
