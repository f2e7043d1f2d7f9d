// RUN: qonnx-opt %s --hls-outline-float --hls-outline-kernel --hls-outline-layers --hls-verify-legal 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t
// RUN: qonnx-opt %s --hls-outline-float --hls-outline-kernel --hls-outline-layers --hls-verify-legal 2>/dev/null | qonnx-translate --export-hlscpp | FileCheck %s --check-prefix=CPP

// A Softmax between quantizers has no integer form: it is a layer in float32 between layers of integers.

// REMARK: remark: {{.*}}is computed in float32 inside the hardware: not elementwise

// CHECK-LABEL: func @main
// CHECK: %[[C:.*]] = qonnx.quantize %arg0
// CHECK: %[[Y:.*]] = call @main_kernel(%[[C]])
// The host needs the softmax, too: it computes its own.
// CHECK: qonnx.unscale
// CHECK: qonnx.softmax
func.func @main(%x: tensor<1x4xf32>) -> (tensor<1x4xsi9>, tensor<1x4xf32>) {
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %w = hls.constant dense<2> : tensor<ui2>
  %c = qonnx.quantize %x half_even in [-8.0, 7.0] : (tensor<1x4xf32>) -> tensor<1x4xsi4>
  %m = hls.mul %c, %w : (tensor<1x4xsi4>, tensor<ui2>) -> tensor<1x4xsi5>
  %f = qonnx.unscale %m by (%s) : (tensor<1x4xsi5>, tensor<f32>) -> tensor<1x4xf32>
  %p = qonnx.softmax %f axis -1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %d = qonnx.div %p, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %q = qonnx.quantize %d half_even in [0.0, 15.0] {hls.reason = "not elementwise"} : (tensor<1x4xf32>) -> tensor<1x4xui4> loc("probabilities")
  %y = hls.sub %q, %c : (tensor<1x4xui4>, tensor<1x4xsi4>) -> tensor<1x4xsi9>
  return %y, %p : tensor<1x4xsi9>, tensor<1x4xf32>
}

// The layers stand in the order of their calls.
// CHECK: func private @main_kernel
// CHECK: call @layer(
// CHECK: call @probabilities
// CHECK: call @layer_1(
// CHECK-LABEL: func private @layer(
// CHECK-LABEL: func private @probabilities(%arg0: tensor<1x4xsi5>) -> tensor<1x4xui4>
// CHECK-SAME: hls.float
// CHECK: qonnx.unscale %arg0
// CHECK: qonnx.softmax
// CHECK: qonnx.quantize

// One loop a group of elementwise operations; the last gives codes.
// CPP: #include "float_math.h"
// CPP: static void probabilities(const int_t<5> in[4], uint_t<4> out[4])
// CPP: float_math::unscale(static_cast<long long>(code(in[i]))
// CPP: float_math::softmax(
// CPP: for (int i = 0; i < 4; i++) {
// CPP-NEXT: #pragma HLS PIPELINE II=1
// CPP-NEXT: const float [[DIV:.*]] = {{.*}} / 0.125f;
// CPP-NEXT: out[i] = float_math::to_code(float_math::half_even(float_math::limit_code([[DIV]], 0.0f, 15.0f)), 
