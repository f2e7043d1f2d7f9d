//! Modules to text that other tools read: a folder a target.

pub mod hlscpp;
