//! Operations that were erased, kept until no handle can see them.
//!
//! A pass body or a borrow of a program opens a graveyard. Borrows may nest, of one
//! program or of several: what is erased goes to the outermost graveyard of its own
//! context, whose handles are the last to end.

use mlir_sys::{MlirContext, MlirOperation, mlirOperationDestroy, mlirOperationGetContext};
use std::cell::RefCell;

struct Grave {
    context: MlirContext,
    dead: Vec<MlirOperation>,
}

thread_local! {
    static OPEN: RefCell<Vec<Grave>> = const { RefCell::new(Vec::new()) };
}

/// Gives the memory of what was erased back when it is dropped.
pub struct Graveyard(());

impl Graveyard {
    /// For operations of a context; graveyards are dropped in the reverse order.
    pub fn open(context: MlirContext) -> Self {
        OPEN.with(|open| open.borrow_mut().push(Grave { context, dead: Vec::new() }));
        Self(())
    }
}

impl Drop for Graveyard {
    fn drop(&mut self) {
        let dead = OPEN.with(|open| open.borrow_mut().pop()).map(|grave| grave.dead).unwrap_or_default();
        for op in dead {
            // SAFETY: erased operations have no parent and no uses, their context is alive, and
            // every handle's lifetime has ended with the call that this graveyard belongs to.
            unsafe { mlirOperationDestroy(op) };
        }
    }
}

/// Keeps an operation until the outermost borrow of its context ends.
pub fn bury(op: MlirOperation) {
    // SAFETY: the operation is alive.
    let context = unsafe { mlirOperationGetContext(op) };
    OPEN.with(|open| {
        let mut open = open.borrow_mut();
        // Without a graveyard there is no handle through which to erase; leak rather than guess.
        if let Some(grave) = open.iter_mut().find(|grave| grave.context.ptr == context.ptr) {
            grave.dead.push(op);
        }
    });
}
