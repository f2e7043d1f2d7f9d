//! The ordered stages from file to hardware, and what holds after each.

use qonnx_dialect::{Program, ProgramError};

/// What a user may say about the way down.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `NAME=fixed<W,I>` for inputs that the file leaves unquantized.
    pub input_formats: Vec<String>,
    /// `fixed<W,I>` for everything else that is not quantized.
    pub default_format: Option<String>,
    /// Whether float operations behind the last quantizer become hardware, of stated precision.
    pub float_tail_in_hardware: bool,
    /// `NAME=fixed<W,I>` for outputs that end in such operations.
    pub output_formats: Vec<String>,
    /// How many samples are computed at a time; None for as many as the file says, 1 where it leaves that open.
    pub batch_size: Option<usize>,
}

/// A stage: its name is that of the state it leaves the module in.
pub struct Stage {
    /// What `--stage` calls it.
    pub name: &'static str,
    /// What holds after it.
    pub holds: &'static str,
    passes: &'static [&'static str],
}

/// From file to hardware, in order. The first is the import itself.
pub const STAGES: [Stage; 6] = [
    Stage { name: "import", holds: "what the file says, op by op", passes: &[] },
    Stage {
        name: "cleanup",
        holds: "static shapes, no constant arithmetic but quantizers, every op known",
        passes: &["qonnx-verify-supported", INFER_SHAPES, "qonnx-fold-constants", "qonnx-fold-pads", "canonicalize"],
    },
    Stage {
        name: "lowered",
        holds: "dot products, elementwise operations, views and quantizers only; inputs quantized",
        passes: &[
            "qonnx-lower-channels-last",
            "qonnx-lower-shapes",
            "qonnx-lower-movement",
            "qonnx-lower-gemm",
            "qonnx-extract-bias",
            "qonnx-lower-batch-norm",
            INSERT_QUANTIZERS,
            "canonicalize",
            "qonnx-fold-constants",
            "qonnx-hoist-movement",
            "canonicalize",
        ],
    },
    Stage {
        name: "split",
        holds: "quantizers in three parts: scale, integer code, unscale",
        passes: &["qonnx-split-quant", "canonicalize", "cse"],
    },
    Stage {
        name: "fixed-point",
        holds: "integers between the first quantizer and the last, each requantizer proven",
        passes: &[
            "qonnx-propagate-scales",
            "qonnx-sink-joins",
            "canonicalize",
            "cse",
            "qonnx-legalize-fixed-point",
            "canonicalize",
            "cse",
        ],
    },
    Stage {
        name: "hls",
        holds: "a kernel of layers, codes between them; the host's part around it",
        passes: &[
            "hls-sink-transposes",
            "canonicalize",
            "hls-remove-stuck-channels",
            "hls-outline-float",
            "hls-outline-kernel",
            "hls-outline-layers",
            "hls-verify-legal",
            "canonicalize",
        ],
    },
];

const INFER_SHAPES: &str = "qonnx-infer-shapes";
/// What converts a cleaned-up graph to channels last.
pub const CHANNELS_LAST: &str = "qonnx-channels-last,canonicalize,cse";

const INSERT_QUANTIZERS: &str = "qonnx-insert-quantizers";

impl Stage {
    /// Its passes in order, without options.
    pub fn passes(&self) -> &'static [&'static str] {
        self.passes
    }

    /// The textual pipeline that leads to this stage from the one before; None for the
    /// import.
    pub fn pipeline(&self, options: &Options) -> Option<String> {
        if self.passes.is_empty() {
            return None;
        }
        let passes: Vec<String> = self.passes.iter().map(|pass| with_options(pass, options)).collect();
        Some(format!("builtin.module({})", passes.join(",")))
    }

    /// Runs the stage's passes.
    ///
    /// # Errors
    /// What the pass that fails reports.
    pub fn run(&self, program: &mut Program, options: &Options) -> Result<(), ProgramError> {
        match self.pipeline(options) {
            Some(pipeline) => program.run(&pipeline),
            None => Ok(()),
        }
    }
}

fn with_options(pass: &str, options: &Options) -> String {
    match (pass, options.batch_size) {
        // What the file says about shapes must be known before samples can be followed through it.
        (INFER_SHAPES, Some(samples)) => {
            format!("{pass},qonnx-fold-constants,qonnx-set-batch-size{{batch-size={samples}}},{pass}")
        }
        (INSERT_QUANTIZERS, _) => insert_quantizers(options),
        _ => pass.to_string(),
    }
}

fn insert_quantizers(options: &Options) -> String {
    let mut settings = Vec::new();
    if !options.input_formats.is_empty() {
        settings.push(format!("input-format={{{}}}", options.input_formats.join(";")));
    }
    if let Some(format) = &options.default_format {
        settings.push(format!("default-format={format}"));
    }
    if options.float_tail_in_hardware {
        settings.push("float-tail=lut".into());
    }
    if !options.output_formats.is_empty() {
        settings.push(format!("output-format={{{}}}", options.output_formats.join(";")));
    }
    let pass = INSERT_QUANTIZERS;
    if settings.is_empty() { pass.to_string() } else { format!("{pass}{{{}}}", settings.join(" ")) }
}

/// Pipelines that `qonnx-opt` offers by name: each stage, and the whole way.
pub fn named() -> Vec<(&'static str, &'static str, String)> {
    let passes = |stages: &[Stage]| {
        let all: Vec<&str> = stages.iter().flat_map(|stage| stage.passes.iter().copied()).collect();
        all.join(",")
    };
    vec![
        ("qonnx-cleanup", "Shapes, constants, unknown operators: qonnx to qonnx", passes(&STAGES[1..2])),
        ("qonnx-to-channels-last", "The cleaned-up graph with its channels last: qonnx to qonnx", {
            format!("{},{CHANNELS_LAST}", passes(&STAGES[1..2]))
        }),
        ("qonnx-lower", "Everything up to dot products, elementwise operations and quantizers", passes(&STAGES[1..3])),
        ("qonnx-to-hls", "The whole way from an imported file to hardware", passes(&STAGES[1..])),
    ]
}
