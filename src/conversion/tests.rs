//! Random quantizers of upstream's dialect against the formulas that they are taken as, there and back.

use crate::{
    driver::{evaluate, samples::Random},
    eval::Tensor,
};
use qonnx_dialect::Program;
use std::rc::Rc;

const SHAPE: [usize; 3] = [2, 4, 6];

struct Case {
    text: String,
    low: i64,
    high: i64,
    /// Of each element.
    scales: Vec<f32>,
    zero_points: Vec<i64>,
}

fn below(random: &mut Random, end: u64) -> i64 {
    (random.bits() % end) as i64
}

/// A scale that is a power of two, or has all bits of a float32.
fn scale(random: &mut Random) -> f32 {
    let power = 2f32.powi(below(random, 20) as i32 - 12);
    if random.bits().is_multiple_of(3) { power } else { power * (1.0 + random.unit() as f32) }
}

impl Case {
    fn new(random: &mut Random) -> Self {
        let (bits, signed) = (2 + below(random, 15), random.bits().is_multiple_of(2));
        let (least, greatest) = if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) };
        let codes = (greatest - least + 1) as u64;
        let (a, b) = (least + below(random, codes), least + below(random, codes));
        let (low, high) =
            if a == b || random.bits().is_multiple_of(2) { (least, greatest) } else { (a.min(b), a.max(b)) };
        let has_zero = random.bits().is_multiple_of(2);
        let [_, rows, columns] = SHAPE;
        // How many places share parameters along the last two axes.
        let blocks = [(rows, columns), (1, columns), (rows, 1), (2, 3), (1, 2)];
        let (height, width) = blocks[below(random, 5) as usize];
        let (tall, wide) = (rows / height, columns / width);
        let scales: Vec<f32> = (0..tall * wide).map(|_| scale(random)).collect();
        let zero = |_| if has_zero { least + below(random, codes) } else { 0 };
        let zeros: Vec<i64> = (0..tall * wide).map(zero).collect();
        let parameter = |place: usize| format!("{:.60}:{}", scales[place], zeros[place]);
        let list = |places: std::ops::Range<usize>| places.map(parameter).collect::<Vec<_>>().join(", ");
        let parameters = match (tall, wide) {
            (1, 1) => format!(", {}", parameter(0)),
            (_, 1) if height == 1 => format!(":1, {{{}}}", list(0..tall)),
            (1, _) if width == 1 => format!(":2, {{{}}}", list(0..wide)),
            _ => {
                let lines: Vec<_> =
                    (0..tall).map(|row| format!("{{{}}}", list(row * wide..(row + 1) * wide))).collect();
                format!(":{{1:{height}, 2:{width}}}, {{{{{}}}}}", lines.join(", "))
            }
        };
        let sign = if signed { "i" } else { "u" };
        let ty = format!("tensor<2x4x6x!quant.uniform<{sign}{bits}<{low}:{high}>:f32{parameters}>>");
        let text = format!(
            "func.func @main(%x: tensor<2x4x6xf32>) -> tensor<2x4x6xf32> {{\n\
             %q = quant.qcast %x : tensor<2x4x6xf32> to {ty}\n\
             %y = quant.dcast %q : {ty} to tensor<2x4x6xf32>\n\
             return %y : tensor<2x4x6xf32> }}"
        );
        let place = |element: usize| (element / columns % rows) / height * wide + element % columns / width;
        let places: Vec<usize> = (0..SHAPE.iter().product()).map(place).collect();
        let scales = places.iter().map(|place| scales[*place]).collect();
        Self { text, low, high, scales, zero_points: places.iter().map(|place| zeros[*place]).collect() }
    }

    /// Half of them near ties of any code and some around.
    fn operand(&self, random: &mut Random) -> Vec<f32> {
        let mut value = |(scale, zero): (&f32, &i64)| {
            let reach = (self.high - self.low + 1) as f64 * 1.5;
            let middle = (self.low + self.high) as f64 / 2.0 - *zero as f64;
            let code = middle + (random.unit() - 0.5) * reach;
            let code = if random.bits().is_multiple_of(2) { code.floor() + 0.5 } else { code };
            let value = (code * f64::from(*scale)) as f32;
            let near = f32::from_bits(value.to_bits().wrapping_add_signed(below(random, 3) as i32 - 1));
            if near.is_finite() { near } else { value }
        };
        self.scales.iter().zip(&self.zero_points).map(&mut value).collect()
    }

    fn expected(&self, x: &[f32], after: bool) -> Vec<f32> {
        let value = |((x, scale), zero): ((&f32, &f32), &i64)| {
            let zero = *zero as f32;
            let code = if after { (x / scale).round_ties_even() + zero } else { (x / scale + zero).round_ties_even() };
            (code.clamp(self.low as f32, self.high as f32) - zero) * scale
        };
        x.iter().zip(&self.scales).zip(&self.zero_points).map(value).collect()
    }
}

fn evaluated(program: &Program, x: &[f32]) -> Vec<f32> {
    let x = Rc::new(Tensor::f32(&SHAPE, x.to_vec()).unwrap());
    evaluate::run(program, &[vec![x]]).unwrap()[0][0].to_f32_vec()
}

#[test]
fn casts_are_their_formulas_there_and_back() {
    crate::passes::register();
    let mut random = Random::new(7);
    for number in 0..600 {
        let after = number % 2 == 1;
        let order = if after { "after-rounding" } else { "before-rounding" };
        let case = Case::new(&mut random);
        let mut program = Program::parse(case.text.as_bytes()).unwrap();
        let to_qonnx = format!("builtin.module(convert-quant-to-qonnx{{zero-point={order}}})");
        program.run(&to_qonnx).unwrap();
        let x = case.operand(&mut random);
        let expected = case.expected(&x, after);
        assert_eq!(evaluated(&program, &x), expected, "{order}: {}", case.text);

        // What is limited by clips in front is two operations there, and comes back as such.
        program.run(&format!("builtin.module(convert-qonnx-to-quant{{zero-point={order}}})")).unwrap();
        let mut program = Program::parse(program.to_text(false).as_bytes()).unwrap();
        program.run(&to_qonnx).unwrap();
        assert_eq!(evaluated(&program, &x), expected, "again, {order}: {}", case.text);
    }
}
