// RUN: qonnx-opt %s --qonnx-infer-shapes=batch-size=0 -verify-diagnostics

// expected-error @below {{batch-size is 0, expected at least 1}}
module {
  func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
    return %x : tensor<?x4xf32>
  }
}
