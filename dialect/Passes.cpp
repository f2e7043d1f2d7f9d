//===- Passes.cpp - passes of Passes.td, with their bodies in Rust -----------------===//
#include "CAPI.h"

#include "HLS/HLS.h"
#include "QONNX/QONNX.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

static QonnxPassBody body = nullptr;

namespace {

/// The options of a pass as text, for Rust to parse.
class Options {
public:
  void add(StringRef name, StringRef value) { texts.emplace_back(name.str(), value.str()); }
  void add(StringRef name, bool value) { texts.emplace_back(name.str(), value ? "true" : "false"); }
  void add(StringRef name, int64_t value) { texts.emplace_back(name.str(), std::to_string(value)); }
  /// MLIR splits a list at every comma, that of `fixed<8,4>` too: joins those again.
  void addList(StringRef name, ArrayRef<std::string> values) {
    std::string element;
    for (const std::string &value : values) {
      element += element.empty() ? value : "," + value;
      if (llvm::count(element, '<') > llvm::count(element, '>'))
        continue;
      add(name, element);
      element.clear();
    }
    if (!element.empty())
      add(name, element);
  }

  bool run(size_t index, ModuleOp module) const {
    SmallVector<QonnxOption> options;
    for (const auto &[name, value] : texts)
      options.push_back({wrap(StringRef(name)), wrap(StringRef(value))});
    return body && body(index, wrap(module.getOperation()), options.data(), options.size());
  }

private:
  SmallVector<std::pair<std::string, std::string>> texts;
};

} // namespace

namespace passes {
#define GEN_PASS_DECL
#include "Passes.h.inc"
#include "PassBodies.cpp.inc"
#define GEN_PASS_REGISTRATION
#include "Passes.h.inc"
} // namespace passes

void qonnxRegisterPasses(QonnxPassBody run) {
  body = run;
  passes::registerQonnxPasses();
}

void qonnxRegisterPipeline(MlirStringRef name, MlirStringRef summary, MlirStringRef pipeline) {
  std::string text = unwrap(pipeline).str();
  registerPassPipeline(
      unwrap(name), unwrap(summary),
      [text](OpPassManager &manager, StringRef options,
             function_ref<LogicalResult(const Twine &)> error) -> LogicalResult {
        if (!options.empty())
          return error("this pipeline takes no options");
        return parsePassPipeline(text, manager, llvm::errs());
      },
      [](function_ref<void(const detail::PassOptions &)>) {});
}
