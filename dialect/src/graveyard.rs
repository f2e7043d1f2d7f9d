//! Operations that were erased, kept until no handle can see them.
//!
//! A thread runs one pass body (or one borrow of a program) at a time; nested ones
//! share the outermost graveyard.

use mlir_sys::{MlirOperation, mlirOperationDestroy};
use std::cell::RefCell;

thread_local! {
    static BURIED: RefCell<(usize, Vec<MlirOperation>)> = const { RefCell::new((0, Vec::new())) };
}

/// Gives the memory of what was erased back when the outermost one is dropped.
pub struct Graveyard(());

impl Graveyard {
    pub fn open() -> Self {
        BURIED.with(|buried| buried.borrow_mut().0 += 1);
        Self(())
    }
}

impl Drop for Graveyard {
    fn drop(&mut self) {
        let dead = BURIED.with(|buried| {
            let mut buried = buried.borrow_mut();
            buried.0 -= 1;
            if buried.0 == 0 { std::mem::take(&mut buried.1) } else { Vec::new() }
        });
        for op in dead {
            // SAFETY: erased operations have no parent and no uses, and every handle's
            // lifetime has ended with the call that this graveyard belongs to.
            unsafe { mlirOperationDestroy(op) };
        }
    }
}

pub fn bury(op: MlirOperation) {
    BURIED.with(|buried| buried.borrow_mut().1.push(op));
}
