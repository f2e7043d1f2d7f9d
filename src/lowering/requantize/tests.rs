//! The whole way from a float32 chain to a proven form, against brute force.

use super::*;
use proptest::prelude::*;

/// `n * scale`, plus a bias, through an activation, divided, rounded to even and clamped, op by op
/// in float32.
#[derive(Debug)]
struct Chain {
    scale: f32,
    bias: f32,
    slope: f32,
    divisor: f32,
    low: i64,
    high: i64,
}

impl Chain {
    fn apply(&self, n: i64) -> i64 {
        let x = (n as f64 * f64::from(self.scale)) as f32 + self.bias;
        let x = if x < 0.0 { x * self.slope } else { x };
        let code = (x / self.divisor).round_ties_even() as i64;
        code.clamp(self.low, self.high)
    }

    fn tabulate(&self, low: i64, high: i64) -> StepFunction {
        tabulate(low, high, |n| self.apply(n))
    }
}

fn tabulate(low: i64, high: i64, f: impl Fn(i64) -> i64) -> StepFunction {
    let codes: Vec<i64> = (low..=high).map(f).collect();
    StepFunction::from_table(low, &codes).unwrap()
}

fn equal(form: &Form, f: &StepFunction) -> bool {
    (f.low()..=f.high()).all(|n| form.apply(n) == f.apply(n))
}

/// Forms that differ in one number, one rounding or one exception; some still equal the original.
fn mutants(form: &Form) -> Vec<Form> {
    let mut found = Vec::new();
    let mut change = |edit: &dyn Fn(&mut Form)| {
        let mut mutant = form.clone();
        edit(&mut mutant);
        found.push(mutant);
    };
    for delta in [-1, 1] {
        change(&|form| match form {
            Form::Constant { code } => *code += delta,
            Form::Compare { threshold, .. } => *threshold += delta,
            Form::MulShift { multiplier, .. } => *multiplier += delta,
            Form::Pieces { split, .. } => *split += delta,
            Form::Thresholds { thresholds, .. } => {
                thresholds.iter_mut().take(1).for_each(|at| *at += delta);
            }
            Form::Table { codes, .. } => codes[0] += delta,
        });
        change(&|form| match form {
            Form::MulShift { addend, .. } => *addend += delta,
            Form::Thresholds { codes, .. } => codes[0] += delta,
            Form::Table { first, .. } => *first += delta,
            _ => {}
        });
        change(&|form| {
            if let Form::MulShift { low, .. } = form {
                *low += delta;
            }
        });
    }
    change(&|form| {
        if let Form::MulShift { rounding, .. } = form {
            *rounding = match rounding {
                Rounding::Floor => Rounding::HalfEven,
                Rounding::HalfEven => Rounding::Floor,
            };
        }
    });
    change(&|form| {
        if let Form::MulShift { exceptions, .. } = form {
            exceptions.pop();
        }
    });
    if let Form::Pieces { split, below, above } = form {
        let (split, other) = (*split, || above.clone());
        found.extend(mutants(below).into_iter().map(|mutant| Form::Pieces {
            split,
            below: Box::new(mutant),
            above: other(),
        }));
    }
    found
}

/// Every form found is equal to `f`, and the proof agrees with brute force on each mutant.
fn check_forms(f: &StepFunction) {
    for form in candidates(f) {
        assert!(equal(&form, f), "{form:?}");
        assert_eq!(prove(&form, f).map(|proof| proof.values), Ok(f.size()));
        for mutant in mutants(&form) {
            match prove(&mutant, f) {
                Ok(_) => assert!(equal(&mutant, f), "proved {mutant:?}"),
                Err(Counterexample::Differs { n, expected, found }) => {
                    assert_eq!((expected, found), (f.apply(n), mutant.apply(n)));
                    assert_ne!(expected, found);
                }
                Err(Counterexample::Malformed(_)) => {}
            }
        }
    }
}

prop_compose! {
    /// Random odd scales whose codes spread over about the range of inputs.
    fn chains()(bits in 2_u32..=16, scale in 0.001_f32..0.01, spread in 0.3_f32..3.0,
                bias in -1.0_f32..1.0, slope in prop::sample::select(vec![1.0_f32, 0.0, 0.1]),
                falling: bool) -> Chain {
        let scale = if falling { -scale } else { scale };
        let span = 2000.0 * scale.abs();
        let divisor = 2.0 * span * spread / (1_u32 << bits) as f32;
        let half = 1_i64 << (bits - 1);
        Chain { scale, bias: bias * span / 4.0, slope, divisor, low: -half, high: half - 1 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chains_have_proven_forms(chain in chains()) {
        let f = chain.tabulate(-2000, 1999);
        prop_assert_eq!(from_monotone(-2000, 1999, |inputs| {
            Ok::<_, ()>(inputs.iter().map(|&n| chain.apply(n)).collect())
        }), Ok(f.clone()));
        check_forms(&f);
    }

    #[test]
    fn any_table_has_a_proven_form(codes in prop::collection::vec(-4_i64..4, 1..80)) {
        check_forms(&StepFunction::from_table(-30, &codes).unwrap());
    }

    #[test]
    fn any_rising_table_has_a_proven_form(steps in prop::collection::vec(0_i64..3, 1..80)) {
        let mut code = -20;
        let codes: Vec<i64> = steps.iter().map(|step| { code += step; code }).collect();
        check_forms(&StepFunction::from_table(-30, &codes).unwrap());
    }
}

#[test]
fn powers_of_two_with_ties_are_half_even_shifts() {
    for (shift, sign) in [(1, 1), (4, 1), (7, -1)] {
        let chain = Chain { scale: sign as f32, bias: 0.0, slope: 1.0, divisor: (1 << shift) as f32, low: -8, high: 7 };
        let form = cheapest(&chain.tabulate(-5000, 5000));
        let expected = Form::MulShift {
            multiplier: sign,
            addend: 0,
            shift,
            rounding: Rounding::HalfEven,
            low: -8,
            high: 7,
            exceptions: vec![],
        };
        assert_eq!(form, expected);
    }
}

#[test]
fn rounding_down_is_a_plain_shift() {
    let form = cheapest(&tabulate(-700, 700, |n| ((n + 40) >> 5).clamp(0, 15)));
    assert_eq!((form.kind(), form.multiplier_bits()), (FormKind::Shift, 1));
}

#[test]
fn fewest_steps_cost_least() {
    assert_eq!(cheapest(&tabulate(-9, 9, |_| 4)), Form::Constant { code: 4 });
    let compare = Form::Compare { threshold: 3, below: 1, above: -1 };
    assert_eq!(cheapest(&tabulate(-9, 9, |n| if n >= 3 { -1 } else { 1 })), compare);
}

#[test]
fn steps_of_many_codes_are_a_shift_to_the_left() {
    let form = cheapest(&tabulate(-100, 100, |n| n * 4 + 1));
    assert_eq!((form.kind(), form.apply(7)), (FormKind::Shift, 29));
}

#[test]
fn leaky_relu_is_two_pieces() {
    let chain = |slope| Chain { scale: 0.25, bias: 0.0, slope, divisor: 2.0, low: -8, high: 7 };
    let form = cheapest(&chain(0.125).tabulate(-1000, 1000));
    let Form::Pieces { split: 0, below, above } = &form else { panic!("{form:?}") };
    assert_eq!([below.kind(), above.kind()], [FormKind::HalfEvenShift; 2]);
    let odd = cheapest(&Chain { bias: 0.37, ..chain(0.1) }.tabulate(-1000, 1000));
    assert_eq!(odd.kind(), FormKind::Pieces);
    assert!(odd.multiplier_bits() <= 8, "{odd:?}");
}

#[test]
fn absolute_value_is_two_pieces() {
    let form = cheapest(&tabulate(-30_000, 30_000, |n| (n.abs() * 5 >> 10).min(100)));
    assert_eq!((form.kind(), form.multiplier_bits()), (FormKind::Pieces, 3));
}

#[test]
fn disturbed_line_is_a_shift_with_exceptions() {
    let line = |n: i64| ((n * 11 + 3) >> 12).clamp(-128, 127);
    // Three steps come two inputs late.
    let late = [-27, 5, 70].map(|code: i64| (4096 * code - 3 + 10).div_euclid(11));
    assert!(late.iter().all(|&n| line(n) == line(n - 1) + 1));
    let is_late = |n: i64| late.contains(&n) || late.contains(&(n - 1));
    let f = tabulate(-60_000, 60_000, |n| line(n) - i64::from(is_late(n)));
    let form = cheapest(&f);
    let Form::MulShift { exceptions, .. } = &form else { panic!("{form:?}") };
    assert!((1..=6).contains(&exceptions.len()), "{form:?}");
    assert!(equal(&form, &f));
}

#[test]
fn curves_are_thresholds_or_tables() {
    let sigmoid = |n: i64| {
        let noise = (n * 7919 % 31) as f64 * 1e-4;
        (255.0 / (1.0 + (-(n as f64) / 900.0 + noise).exp())).round() as i64
    };
    let small = tabulate(-2000, 2000, sigmoid);
    assert_eq!(small.is_monotone(), None);
    assert_eq!(cheapest(&small).kind(), FormKind::Table);
    let wide = tabulate(-40_000, 40_000, |n| sigmoid(n / 20) >> 4);
    assert_eq!(cheapest(&wide).kind(), FormKind::Thresholds);
}

#[test]
fn huge_values_do_not_overflow() {
    let huge = (1 << 62) - 1;
    let steps = |codes: [i64; 3]| {
        let at = [-huge + 1, 5, huge];
        at.into_iter().zip(codes).map(|(at, code)| Step { at, code }).collect::<Vec<_>>()
    };
    for codes in [[1, 2, 3], [-1 << 40, 1 << 40, 3], [-huge, huge, -huge], [-3, -4, -5]] {
        let f = StepFunction::new(-huge, huge, 0, steps(codes)).unwrap();
        for form in candidates(&f) {
            assert!(prove(&form, &f).is_ok());
            for step in f.steps() {
                assert_eq!(form.apply(step.at), step.code);
                assert_eq!(form.apply(step.at - 1), f.apply(step.at - 1));
            }
        }
    }
}
