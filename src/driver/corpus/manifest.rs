//! `manifest.json` of a folder of models: named lists of entries, one a model.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// One model with what is known of it. Fields that the runner does not need are ignored.
#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    /// Unique within its list.
    pub name: String,
    /// The model, relative to the manifest.
    pub file: PathBuf,
    /// Golden vectors, relative to the manifest.
    pub vectors: Option<PathBuf>,
    /// Golden vectors on the grid of `grid_format`, relative to the manifest or to the model.
    pub grid_vectors: Option<PathBuf>,
    /// The format of the inputs of `grid_vectors`, such as `fixed<16,6>`.
    pub grid_format: Option<String>,
    /// The graph's inputs, in order.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// How to compare each output.
    #[serde(default)]
    pub output_kinds: Vec<OutputKind>,
    /// Histogram of the operators, by `domain::op` or `op`.
    #[serde(default)]
    pub ops: BTreeMap<String, u64>,
    numeric_check: Option<Value>,
    /// What a compiler should do with the file, where that is not simply to compile it.
    pub expect: Option<Expect>,
    /// A pattern to be found in the message of a refusal.
    pub message: Option<String>,
    /// False: integer hardware may refuse it.
    pub hardware: Option<bool>,
    /// False: a plain float model.
    pub has_quantizers: Option<bool>,
    /// An input meets a linear operator before any quantizer.
    #[serde(default)]
    pub input_unquantized: bool,
    /// Too large to run.
    #[serde(default)]
    pub compile_only: bool,
}

/// A graph input.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The tensor's name.
    pub name: String,
    /// Lengths of the axes; a symbolic one is a name.
    #[serde(default)]
    pub shape: Vec<Value>,
}

/// What stands in front of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// Quantizers only: values are equal.
    Quantizer,
    /// Integers: values are equal.
    Integer,
    /// Float operators: values agree within a tolerance.
    Float,
}

/// The right answer of a compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// Refuse the file, naming what is wrong.
    Reject,
    /// Compile it.
    Accept,
    /// Either of both.
    Either,
}

impl Model {
    /// The largest difference between a float32 and a float64 run of the reference, if known.
    pub fn float32_error(&self) -> Option<f64> {
        let check = self.numeric_check.as_ref()?;
        check.get("max_abs_output_diff_f32_vs_f64")?.as_f64()
    }

    /// Must compile: nothing in the manifest allows a refusal.
    pub fn must_compile(&self) -> bool {
        match self.expect {
            Some(expect) => expect == Expect::Accept,
            None => {
                let runs = self.compile_only || self.vectors.is_some();
                runs && self.hardware != Some(false) && self.has_quantizers != Some(false)
            }
        }
    }
}

/// The lists of the manifest in `folder`, by name.
///
/// # Errors
/// If there is no `manifest.json`, or an entry lacks a name or a file.
pub fn read(folder: &Path) -> Result<BTreeMap<String, Vec<Model>>> {
    let path = folder.join("manifest.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {} (a corpus has one)", path.display()))?;
    let lists: BTreeMap<String, Value> =
        serde_json::from_str(&text).with_context(|| format!("{}: not JSON", path.display()))?;
    let mut models = BTreeMap::new();
    for (name, entries) in lists.into_iter().filter(|(_, value)| value.is_array()) {
        let context = format!("{}: list '{name}'", path.display());
        let entries: Vec<Model> = serde_json::from_value(entries).context(context)?;
        models.insert(name, entries);
    }
    if models.is_empty() {
        bail!("{}: has no list of models", path.display());
    }
    Ok(models)
}
