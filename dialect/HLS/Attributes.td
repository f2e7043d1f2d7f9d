//===- Attributes.td - requantizer forms -------------------------*- tablegen -*-===//
#ifndef HLS_ATTRIBUTES_TD
#define HLS_ATTRIBUTES_TD

include "HLS/Dialect.td"

def HLS_Rounding : I32EnumAttr<"Rounding", "how a right shift rounds", [
    I32EnumAttrCase<"Floor", 0, "floor">,
    I32EnumAttrCase<"HalfEven", 1, "half_even">]> {
  let cppNamespace = "::hls";
}

def HLS_WindowReduction : I32EnumAttr<"WindowReduction", "what a window gives", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Max", 1, "max">]> {
  let cppNamespace = "::hls";
}

class HLS_Form<string name, string mnemonic_> : AttrDef<HLS_Dialect, name> {
  let mnemonic = mnemonic_;
}

def HLS_ConstantFormAttr : HLS_Form<"ConstantForm", "constant"> {
  let summary = "one code whatever the input";
  let parameters = (ins "int64_t":$code);
  let assemblyFormat = "`<` $code `>`";
}

def HLS_CompareAttr : HLS_Form<"Compare", "compare"> {
  let summary = "x >= threshold ? above : below";
  let parameters = (ins "int64_t":$threshold, "int64_t":$below, "int64_t":$above);
  let assemblyFormat = "`<` $threshold `,` $below `,` $above `>`";
}

def HLS_MulShiftAttr : HLS_Form<"MulShift", "mul_shift"> {
  let summary = "clamp(round((multiplier * x + addend) / 2^shift)), but for listed exceptions";
  let description = [{
    `exceptions` holds pairs x, code. A multiplier of 1 or -1 is a plain shift.

    ```mlir
    #hls.mul_shift<181 * x + 1024 shift 11 floor in [0, 15]>
    ```
  }];
  let parameters = (ins "int64_t":$multiplier, "int64_t":$addend, "int64_t":$shift,
                        EnumParameter<HLS_Rounding>:$rounding, "int64_t":$low, "int64_t":$high,
                        OptionalArrayRefParameter<"int64_t">:$exceptions);
  let assemblyFormat = [{
    `<` $multiplier `*` `x` `+` $addend `shift` $shift $rounding `in` ` ` `[` $low `,` $high `]`
    (`except` ` ` `[` $exceptions^ `]`)? `>`
  }];
  let genVerifyDecl = 1;
}

def HLS_PiecesAttr : HLS_Form<"Pieces", "pieces"> {
  let summary = "x < split ? below(x) : above(x)";
  let parameters = (ins "int64_t":$split, "::mlir::Attribute":$below, "::mlir::Attribute":$above);
  let assemblyFormat = "`<` $split `,` $below `,` $above `>`";
  let genVerifyDecl = 1;
}

def HLS_ThresholdsAttr : HLS_Form<"Thresholds", "thresholds"> {
  let summary = "codes[number of thresholds that are <= x]";
  let parameters = (ins OptionalArrayRefParameter<"int64_t">:$thresholds, OptionalArrayRefParameter<"int64_t">:$codes);
  let assemblyFormat = "`<` `[` (`]`) : ($thresholds^ `]`)? `,` `[` (`]`) : ($codes^ `]`)? `>`";
  let genVerifyDecl = 1;
}

def HLS_TableAttr : HLS_Form<"Table", "table"> {
  let summary = "codes[x - first]";
  let parameters = (ins "int64_t":$first, ArrayRefParameter<"int64_t">:$codes);
  let assemblyFormat = "`<` $first `,` `[` $codes `]` `>`";
}

#endif // HLS_ATTRIBUTES_TD
