//! The qonnx and hls dialects, and the boundary to MLIR.
//!
//! All C++ and all `unsafe` of the project are in this crate. What it offers is
//! safe: handles to IR that live as long as the pass or the borrow of the program
//! they came from ([`Op`], [`Value`]), a [`Builder`], typed views and builders of
//! every operation made from the ODS ([`qonnx`], [`hls`]), constants ([`constants`]),
//! tensor types ([`TensorType`]), whole programs ([`Program`]) and the mains of the
//! MLIR tools ([`tools`]).
//!
//! # Why erased operations cannot dangle
//!
//! Handles are `Copy` and carry a lifetime `'c` that a pass body cannot name
//! outside its call. [`Op::erase`] takes an operation out of its block and drops its
//! operands, but the memory is given back only when the call has ended
//! ([`graveyard`]): a handle that is kept too long sees an operation without a
//! place, never freed memory.

pub mod attributes;
mod builder;
pub mod constants;
mod context;
mod ffi;
pub mod form;
mod graveyard;
mod ir;
mod pass;
mod program;
pub mod quant;
pub mod tools;
mod types;

pub use builder::Builder;
pub use context::Context;
pub use ir::{Op, Reported, Value};
pub use melior::ir::{Attribute, Location, Type};
pub use ods::*;
pub use pass::{Body, Passes, options, register_passes, register_pipeline, register_transforms};
pub use program::{Program, ProgramError};
pub use types::{Element, TensorType, signless_width, with_element};

#[allow(missing_docs)]
mod ods {
    use crate::{Attribute, Builder, Op, Type, Value};
    include!(concat!(env!("OUT_DIR"), "/ods.rs"));
}
