//! The stages that compute in float32: each must give what the one before gives.

use super::{
    reference::{Overrides, is_quantizer, keyed, record},
    report::{Place, Stage},
};
use crate::{
    driver::{
        evaluate::{self, Sample, main_function},
        model::Model,
    },
    eval::Tensor,
    transforms::{functions::operations, kinds::is_dot_product},
};
use anyhow::Result;
use qonnx_dialect::Program;
use std::{collections::HashMap, rc::Rc};

/// The last stage in float32.
pub const LAST: &str = "split";

/// Outputs of a stage: `[output][sample]`.
pub type Outputs = Vec<Vec<Rc<Tensor>>>;

/// What the float stages leave behind.
pub struct Floats {
    /// A row a stage.
    pub stages: Vec<Stage>,
    /// What the file says, on every sample.
    pub import: Outputs,
    /// The file's graph, dot products apart from what is added to them.
    pub plain: Program,
}

/// Lowers a model down to [`LAST`] and compares on the way. `split` is the program there: with another batch size
/// than the file's, the file is run as often as its batches make one of that.
///
/// # Errors
/// If a pass fails or an operation cannot be evaluated.
pub fn check(model: &mut Model, samples: &[Sample], split: &Program) -> Result<Floats> {
    let mut walk = Walk::default();
    model.lower_with(LAST, |stage, program| {
        let outputs = match stage.name {
            "import" => evaluate::run_by_batch(program, samples, split)?,
            _ => evaluate::run(program, samples)?,
        };
        walk.visit(stage.name, program, samples, outputs)
    })?;
    let plain = walk.plain.unwrap_or_default();
    Ok(Floats { stages: walk.stages, import: walk.import, plain })
}

#[derive(Default)]
struct Walk {
    stages: Vec<Stage>,
    import: Outputs,
    before: Outputs,
    quantizers: usize,
    plain: Option<Program>,
    /// The graph with the quantizers that the lowering put in.
    quantized: Option<Program>,
}

impl Walk {
    fn visit(&mut self, name: &str, program: &Program, samples: &[Sample], outputs: Outputs) -> Result<()> {
        let mut stage = Stage::new(name);
        match name {
            "import" => self.import = outputs.clone(),
            "lowered" if count_quantizers(program) > self.quantizers => {
                let distance = distance(&self.before, &outputs);
                stage.remark(&format!(
                    "quantizers were put in: the reference from here on, at most {distance:e} from the file's outputs on these samples"
                ));
                self.quantized = Some(copy(program)?);
            }
            _ => compare(&mut stage, &self.before, &outputs),
        }
        if name == "cleanup" {
            self.quantizers = count_quantizers(program);
            let mut plain = copy(program)?;
            plain.run("builtin.module(qonnx-lower-channels-last,qonnx-lower-gemm,qonnx-extract-bias)")?;
            self.plain = Some(plain);
        }
        // Quantizers of constants are gone once they are split, so all stages have been seen.
        if name == LAST
            && let (Some(before), Some(sample)) = (self.quantized.as_ref().or(self.plain.as_ref()), samples.first())
        {
            compare_operands(&mut stage, before, program, sample)?;
        }
        self.before = outputs;
        self.stages.push(stage);
        Ok(())
    }
}

fn copy(program: &Program) -> Result<Program> {
    Ok(Program::parse(&program.to_bytecode())?)
}

fn count_quantizers(program: &Program) -> usize {
    program.with(|module| operations(module).filter(|op| is_quantizer(*op)).count())
}

/// How far outputs are apart at most.
fn distance(before: &Outputs, after: &Outputs) -> f64 {
    let pairs = before.iter().flatten().zip(after.iter().flatten());
    let distances = pairs.flat_map(|(a, b)| {
        let (a, b) = (a.to_f64_vec(), b.to_f64_vec());
        a.into_iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() }).collect::<Vec<_>>()
    });
    distances.fold(0.0, f64::max)
}

/// Compares all outputs of two stages.
fn compare(stage: &mut Stage, before: &Outputs, after: &Outputs) {
    for (output, (before, after)) in before.iter().zip(after).enumerate() {
        let node = format!("out{output}");
        for (sample, (expected, found)) in before.iter().zip(after).enumerate() {
            stage.compare_equal(Place { node: &node, sample }, expected, found, "the stage before gives another value");
        }
    }
}

/// The operands of every dot product, weights above all: later stages are judged by them.
fn compare_operands(stage: &mut Stage, before: &Program, after: &Program, sample: &Sample) -> Result<()> {
    let (before, after) = (operands(before, sample)?, operands(after, sample)?);
    for (key, expected) in &before {
        let place = Place { node: &key.node, sample: 0 };
        let Some(found) = after.get(key) else {
            stage.problem(place, "the dot product of this node is gone".into());
            continue;
        };
        for (expected, found) in expected.iter().zip(found) {
            stage.compare_equal(place, expected, found, "an operand of the dot product is another than in the file");
        }
    }
    stage.remark("with the operands of each dot product");
    Ok(())
}

type Operands = HashMap<super::reference::Key, Vec<Rc<Tensor>>>;

fn operands(program: &Program, sample: &Sample) -> Result<Operands> {
    program.with(|module| {
        let recorded = record(module, sample, &Overrides::new())?;
        let products = keyed(main_function(module)?, is_dot_product);
        let values = |op: qonnx_dialect::Op<'_>| {
            op.operands().iter().filter_map(|operand| recorded.get(operand).cloned()).collect()
        };
        Ok(products.into_iter().map(|(key, op)| (key, values(op))).collect())
    })
}
