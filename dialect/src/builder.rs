//! Building operations.

use crate::{Context, Element, Op, TensorType, Value, constants, ffi, ir::block_of};
use melior::ir::{Attribute, AttributeLike, Location, Type, TypeLike};
use mlir_sys::*;

impl<'c> Op<'c> {
    /// The context that owns everything.
    pub fn context(self) -> Context<'c> {
        // SAFETY: the context outlives all handles.
        unsafe { Context::from_raw(mlirOperationGetContext(self.raw())) }
    }
}

/// Inserts new operations at one place, with one location.
#[derive(Clone, Copy)]
pub struct Builder<'c> {
    context: Context<'c>,
    place: Place<'c>,
    location: Location<'c>,
}

#[derive(Clone, Copy)]
enum Place<'c> {
    Before(Op<'c>),
    EndOf(Op<'c>),
}

impl<'c> Builder<'c> {
    /// Builds in front of an operation, with its location.
    pub fn before(op: Op<'c>) -> Self {
        Self { context: op.context(), place: Place::Before(op), location: op.location() }
    }

    /// Builds at the end of the first block of an operation's first region.
    pub fn at_end_of(op: Op<'c>) -> Self {
        Self { context: op.context(), place: Place::EndOf(op), location: op.location() }
    }

    /// The same place with another location.
    pub fn at(self, location: Location<'c>) -> Self {
        Self { location, ..self }
    }

    /// The same place with a name as the location.
    pub fn named(self, name: &str) -> Self {
        // SAFETY: the name is copied into the context.
        let location = unsafe {
            let context = self.context.to_raw();
            Location::from_raw(mlirLocationNameGet(context, ffi::string(name), mlirLocationUnknownGet(context)))
        };
        Self { location, ..self }
    }

    /// The context.
    pub fn context(&self) -> Context<'c> {
        self.context
    }

    /// The location that new operations get.
    pub fn location(&self) -> Location<'c> {
        self.location
    }

    /// A tensor type.
    pub fn tensor(&self, element: Element, shape: &[usize]) -> Type<'c> {
        TensorType::new(element, shape).to_type(self.context)
    }

    /// An integer type without a sign, as MLIR's own dialects have them.
    pub fn signless(&self, width: u32) -> Type<'c> {
        // SAFETY: the context is alive.
        unsafe { Type::from_raw(mlirIntegerTypeGet(self.context.to_raw(), width)) }
    }

    /// Builds an operation without regions.
    ///
    /// # Panics
    /// If MLIR refuses the attributes; the typed builders give the right ones.
    pub fn create(
        &self,
        name: &str,
        operands: &[Value<'c>],
        attributes: &[(&str, Attribute<'c>)],
        types: &[Type<'c>],
    ) -> Op<'c> {
        self.create_with_region(name, operands, attributes, types, None)
    }

    /// The same operation, attributes and all, of other operands and result types.
    ///
    /// # Panics
    /// If the number of operands changes where attributes count them.
    pub fn copy(&self, op: Op<'c>, operands: &[Value<'c>], types: &[Type<'c>]) -> Op<'c> {
        let attributes = op.attributes();
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.create(op.name(), operands, &attributes, types)
    }

    /// A `func.func` with one empty block of the inputs' types.
    pub fn function(&self, name: &str, inputs: &[Type<'c>], results: &[Type<'c>], private: bool) -> Op<'c> {
        let raw_inputs: Vec<_> = inputs.iter().map(|ty| ty.to_raw()).collect();
        let raw_results: Vec<_> = results.iter().map(|ty| ty.to_raw()).collect();
        // SAFETY: the arrays live through the calls; region and block go to the operation.
        let (ty, region) = unsafe {
            let context = self.context.to_raw();
            let (n, m) = (raw_inputs.len() as isize, raw_results.len() as isize);
            let ty = mlirFunctionTypeGet(context, n, raw_inputs.as_ptr(), m, raw_results.as_ptr());
            let locations = vec![self.location.to_raw(); inputs.len()];
            let block = mlirBlockCreate(n, raw_inputs.as_ptr(), locations.as_ptr());
            let region = mlirRegionCreate();
            mlirRegionAppendOwnedBlock(region, block);
            (Attribute::from_raw(mlirTypeAttrGet(ty)), region)
        };
        let mut attributes = vec![("sym_name", self.str(name)), ("function_type", ty)];
        if private {
            attributes.push(("sym_visibility", self.str("private")));
        }
        self.create_with_region("func.func", &[], &attributes, &[], Some(region))
    }

    fn create_with_region(
        &self,
        name: &str,
        operands: &[Value<'c>],
        attributes: &[(&str, Attribute<'c>)],
        types: &[Type<'c>],
        region: Option<MlirRegion>,
    ) -> Op<'c> {
        let operands: Vec<_> = operands.iter().map(|value| value.raw()).collect();
        let types: Vec<_> = types.iter().map(|ty| ty.to_raw()).collect();
        // SAFETY: all arrays live until the operation is created, which copies them.
        unsafe {
            let named = |(name, value): &(&str, Attribute<'c>)| {
                let identifier = mlirIdentifierGet(self.context.to_raw(), ffi::string(name));
                mlirNamedAttributeGet(identifier, value.to_raw())
            };
            let attributes: Vec<_> = attributes.iter().map(named).collect();
            let mut state = mlirOperationStateGet(ffi::string(name), self.location.to_raw());
            mlirOperationStateAddOperands(&mut state, operands.len() as isize, operands.as_ptr());
            mlirOperationStateAddResults(&mut state, types.len() as isize, types.as_ptr());
            mlirOperationStateAddAttributes(&mut state, attributes.len() as isize, attributes.as_ptr());
            if let Some(region) = region {
                mlirOperationStateAddOwnedRegions(&mut state, 1, &region);
            }
            let op = mlirOperationCreate(&mut state);
            assert!(!op.ptr.is_null(), "MLIR refused to build {name}");
            self.insert(op)
        }
    }

    /// # Safety
    /// The operation must be new and without a parent.
    unsafe fn insert(&self, raw: MlirOperation) -> Op<'c> {
        // SAFETY: the place is alive; the operation's ownership goes to the block.
        unsafe {
            match self.place {
                Place::Before(anchor) => mlirBlockInsertOwnedOperationBefore(block_of(anchor), anchor.raw(), raw),
                Place::EndOf(parent) => {
                    let block = parent.entry_block().expect("the operation has a body");
                    mlirBlockAppendOwnedOperation(block, raw);
                }
            }
            Op::from_raw(raw)
        }
    }

    /// Parses an attribute; None if the text is none.
    pub fn parse_attribute(&self, text: &str) -> Option<Attribute<'c>> {
        // SAFETY: a text that is no attribute gives null.
        unsafe { Attribute::from_option_raw(mlirAttributeParseGet(self.context.to_raw(), ffi::string(text))) }
    }

    /// A string attribute.
    pub fn str(&self, text: &str) -> Attribute<'c> {
        // SAFETY: the text is copied into the context.
        unsafe { Attribute::from_raw(mlirStringAttrGet(self.context.to_raw(), ffi::string(text))) }
    }

    /// A 64-bit integer attribute.
    pub fn i64(&self, number: i64) -> Attribute<'c> {
        self.integer(64, number)
    }

    /// A unit attribute.
    pub fn unit(&self) -> Attribute<'c> {
        // SAFETY: the context is alive.
        unsafe { Attribute::from_raw(mlirUnitAttrGet(self.context.to_raw())) }
    }

    /// An array attribute.
    pub fn array(&self, items: &[Attribute<'c>]) -> Attribute<'c> {
        let items: Vec<_> = items.iter().map(|item| item.to_raw()).collect();
        // SAFETY: the array is copied into the context.
        unsafe { Attribute::from_raw(mlirArrayAttrGet(self.context.to_raw(), items.len() as isize, items.as_ptr())) }
    }

    /// A dictionary attribute.
    pub fn dictionary(&self, items: &[(&str, Attribute<'c>)]) -> Attribute<'c> {
        // SAFETY: names and values are copied into the context.
        unsafe {
            let context = self.context.to_raw();
            let named = |(name, value): &(&str, Attribute<'c>)| {
                mlirNamedAttributeGet(mlirIdentifierGet(context, ffi::string(name)), value.to_raw())
            };
            let items: Vec<_> = items.iter().map(named).collect();
            Attribute::from_raw(mlirDictionaryAttrGet(context, items.len() as isize, items.as_ptr()))
        }
    }

    /// A reference to a function.
    pub fn symbol(&self, name: &str) -> Attribute<'c> {
        // SAFETY: the name is copied into the context.
        unsafe {
            let context = self.context.to_raw();
            Attribute::from_raw(mlirFlatSymbolRefAttrGet(context, ffi::string(name)))
        }
    }

    /// `dense` with these numbers, of an integer element type.
    pub fn dense_integers(&self, element: Element, shape: &[usize], values: &[i64]) -> Attribute<'c> {
        constants::dense_integers(self.context, element, shape, values)
    }

    /// A list of 64-bit integers.
    pub fn i64s(&self, numbers: &[i64]) -> Attribute<'c> {
        // SAFETY: the array is copied into the context.
        unsafe {
            let raw = mlirDenseI64ArrayGet(self.context.to_raw(), numbers.len() as isize, numbers.as_ptr());
            Attribute::from_raw(raw)
        }
    }

    fn integer(&self, width: u32, number: i64) -> Attribute<'c> {
        // SAFETY: the context is alive.
        unsafe {
            let ty = mlirIntegerTypeGet(self.context.to_raw(), width);
            Attribute::from_raw(mlirIntegerAttrGet(ty, number))
        }
    }

    // What the generated builders call: each gives the attribute of a parameter,
    // none where the parameter says that it is absent.

    pub(crate) fn push<'n>(
        &self,
        list: &mut Vec<(&'n str, Attribute<'c>)>,
        name: &'n str,
        value: Option<Attribute<'c>>,
    ) {
        list.extend(value.map(|value| (name, value)));
    }

    pub(crate) fn enum_attribute(&self, number: i64) -> Option<Attribute<'c>> {
        Some(self.integer(32, number))
    }

    pub(crate) fn i64_attribute(&self, number: i64) -> Option<Attribute<'c>> {
        Some(self.i64(number))
    }

    pub(crate) fn optional_i64_attribute(&self, number: Option<i64>) -> Option<Attribute<'c>> {
        number.map(|number| self.i64(number))
    }

    pub(crate) fn f32_attribute(&self, number: f32) -> Option<Attribute<'c>> {
        // SAFETY: the context is alive; float32 goes through double unchanged.
        unsafe {
            let context = self.context.to_raw();
            Some(Attribute::from_raw(mlirFloatAttrDoubleGet(context, mlirF32TypeGet(context), f64::from(number))))
        }
    }

    pub(crate) fn unit_attribute(&self, present: bool) -> Option<Attribute<'c>> {
        present.then(|| self.unit())
    }

    pub(crate) fn str_attribute(&self, text: &str) -> Option<Attribute<'c>> {
        Some(self.str(text))
    }

    pub(crate) fn i64s_attribute(&self, numbers: &[i64]) -> Option<Attribute<'c>> {
        Some(self.i64s(numbers))
    }

    pub(crate) fn i32s_attribute(&self, numbers: &[i32]) -> Option<Attribute<'c>> {
        // SAFETY: the array is copied into the context.
        unsafe {
            let raw = mlirDenseI32ArrayGet(self.context.to_raw(), numbers.len() as isize, numbers.as_ptr());
            Some(Attribute::from_raw(raw))
        }
    }

    pub(crate) fn attribute_attribute(&self, attribute: Attribute<'c>) -> Option<Attribute<'c>> {
        Some(attribute)
    }
}
