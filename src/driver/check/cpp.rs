//! The exported C++, compiled, against the evaluator: codes and outputs, bit by bit.

use super::{
    layers::Run,
    report::{Place, Stage},
};
use crate::{
    driver::{
        csim::{Csim, CsimOptions},
        evaluate::Sample,
    },
    eval::{IntType, Tensor},
    export::hlscpp::{ExportOptions, Port, export},
};
use anyhow::{Context, Result};
use qonnx_dialect::Program;
use std::rc::Rc;

/// Exports, compiles and runs the kernel alone and the whole.
///
/// # Errors
/// If the module cannot be exported or compiled.
pub fn check(hls: &Program, samples: &[Sample], runs: &[Run], options: &CsimOptions) -> Result<Stage> {
    let project = export(hls, &ExportOptions::default())?;
    let folder = tempfile::tempdir().context("cannot make a folder for the C++ project")?;
    let place = folder.path().join("project");
    project.write(&place)?;
    let csim = Csim::build(&place, &project.interface, options)?;
    let mut stage = Stage::new("cpp");
    stage.remark(&format!(
        "{}, compiled in {:.1} s",
        if options.native { "native integers" } else { "ap_int" },
        csim.compile_seconds
    ));
    let kernel = &project.interface.kernel_outputs;
    if !kernel.is_empty() {
        let inputs = gathered(
            runs,
            project.interface.kernel_inputs.len(),
            |run| &run.kernel_inputs,
            |t| t.to_i64_vec().unwrap_or_default(),
        );
        let inputs: Vec<&[i64]> = inputs.iter().map(Vec::as_slice).collect();
        let codes = csim.codes(&inputs)?;
        compare(&mut stage, kernel, &codes, runs, |run| &run.kernel_outputs, integers);
    }
    let inputs: Vec<Vec<f32>> = (0..project.interface.inputs.len())
        .map(|index| {
            samples.iter().filter_map(|sample| sample.get(index)).flat_map(|tensor| tensor.to_f32_vec()).collect()
        })
        .collect();
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let results = csim.run(&inputs)?;
    compare(&mut stage, &project.interface.outputs, &results.outputs, runs, |run| &run.outputs, floats);
    Ok(stage)
}

/// Port by port, the values of all runs.
fn gathered<T>(
    runs: &[Run],
    ports: usize,
    part: impl Fn(&Run) -> &[Rc<Tensor>],
    values: impl Fn(&Tensor) -> Vec<T>,
) -> Vec<Vec<T>> {
    let port =
        |index: usize| runs.iter().filter_map(|run| part(run).get(index)).flat_map(|tensor| values(tensor)).collect();
    (0..ports).map(port).collect()
}

fn integers(shape: &[usize], values: &[i64]) -> Option<Tensor> {
    Tensor::int(IntType::I64, shape, values.to_vec()).ok()
}

fn floats(shape: &[usize], values: &[f32]) -> Option<Tensor> {
    Tensor::f32(shape, values.to_vec()).ok()
}

fn compare<T>(
    stage: &mut Stage,
    ports: &[Port],
    found: &[Vec<T>],
    runs: &[Run],
    part: impl Fn(&Run) -> &[Rc<Tensor>],
    tensor: impl Fn(&[usize], &[T]) -> Option<Tensor>,
) {
    for (index, (port, values)) in ports.iter().zip(found).enumerate() {
        for (sample, run) in runs.iter().enumerate() {
            let place = Place { node: &port.name, sample };
            let values = values.get(sample * port.len()..(sample + 1) * port.len());
            let found = values.and_then(|values| tensor(&port.shape, values));
            match (part(run).get(index), found) {
                (Some(expected), Some(found)) => {
                    _ = stage.compare_equal(place, expected, &found, "the evaluator gives the expected value")
                }
                _ => stage.problem(place, format!("the simulation gives no values of shape {:?}", port.shape)),
            }
        }
    }
}
