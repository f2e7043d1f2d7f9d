// What the stage does as a whole: identities and what nothing uses go, shapes and constants are known, pads fold.
// RUN: qonnx-opt %s --qonnx-cleanup | FileCheck %s
// RUN: qonnx-opt %s --qonnx-cleanup --qonnx-cleanup | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4xf32>, %{{.*}}: tensor<1xf32>)
// CHECK-NEXT: %[[W:.*]] = qonnx.constant dense<1.000000e+00> : tensor<3x2x3xf32>
// CHECK-NEXT: %[[Y:.*]] = qonnx.conv %[[X]], %[[W]] strides [1] pads [1, 1]
// CHECK-NEXT: return %[[Y]]
func.func @main(%x: tensor<?x2x4xf32>, %unused: tensor<1xf32>) -> tensor<*xf32> {
  %dropout = qonnx.identity %x : (tensor<?x2x4xf32>) -> tensor<?x2x4xf32>
  %cast = qonnx.cast %dropout : (tensor<?x2x4xf32>) -> tensor<?x2x4xf32>
  %half = qonnx.constant dense<0.5> : tensor<3x2x3xf32>
  %w = qonnx.add %half, %half : (tensor<3x2x3xf32>, tensor<3x2x3xf32>) -> tensor<3x2x3xf32>
  %shape = qonnx.shape %cast start 0 : (tensor<?x2x4xf32>) -> tensor<3xsi64>
  %r = qonnx.reshape %cast, %shape : (tensor<?x2x4xf32>, tensor<3xsi64>) -> tensor<*xf32>
  %t = qonnx.transpose %cast [0, 2, 1] : (tensor<?x2x4xf32>) -> tensor<*xf32>
  %u = qonnx.transpose %t [0, 2, 1] : (tensor<*xf32>) -> tensor<*xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %u, %a : (tensor<*xf32>, tensor<6xsi64>) -> tensor<*xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<*xf32>, tensor<3x2x3xf32>) -> tensor<*xf32>
  %dead = qonnx.relu %y : (tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
