//! A handle to the context that owns types, attributes and locations.

use mlir_sys::MlirContext;
use std::marker::PhantomData;

/// The context of a program, for as long as its handles live.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    raw: MlirContext,
    lifetime: PhantomData<&'c ()>,
}

impl<'c> Context<'c> {
    /// # Safety
    /// The context must stay alive for `'c`.
    pub(crate) unsafe fn from_raw(raw: MlirContext) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    pub(crate) fn to_raw(self) -> MlirContext {
        self.raw
    }
}

impl<'c> From<&'c melior::Context> for Context<'c> {
    fn from(context: &'c melior::Context) -> Self {
        // SAFETY: the borrow keeps it alive for 'c.
        unsafe { Self::from_raw(context.to_raw()) }
    }
}
