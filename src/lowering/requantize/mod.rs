//! Exact requantization: integer accumulators to integer codes.
//!
//! Between an accumulator and the next quantizer lies, per channel, a function from a known
//! interval of integers to a few codes. Everything here is about that function as such; what
//! chain of float operations it came from no longer matters.
//!
//! 1. [`StepFunction`] holds it exactly: from a table, or by bisection where the range is too
//!    wide for one ([`from_monotone`], [`from_envelopes`]).
//! 2. [`cheapest()`] finds the cheapest hardware [`Form`] that equals it on the whole range;
//!    [`candidates`] lists every form found, for a caller that wants one kind for all channels.
//! 3. [`prove()`] checks a form against the function for every value, independently of the search.
//!
//! All of it is integer arithmetic: `i64` values, `i128` in between.

pub mod bisect;
pub mod branches;
pub mod chain;
pub mod cheapest;

mod corridor;
pub mod envelopes;
pub mod fit;
pub mod form;
mod hull;
mod operation;
pub mod prove;
pub mod step_function;
#[cfg(test)]
mod tests;

pub use bisect::{BisectError, from_monotone};
pub use chain::{Chain, Stop};
pub use cheapest::{candidates, cheapest};
pub use envelopes::from_envelopes;
pub use form::{Form, FormExt, FormKind, Rounding, RoundingExt};
pub use operation::{apply, code_range, forms_of, ranked_forms_of, set_forms};
pub use prove::{Counterexample, Proof, prove};
pub use step_function::{Direction, InvalidSteps, Piece, Step, StepFunction};
