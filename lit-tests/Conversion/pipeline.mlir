// What another tool may write goes down to hardware.
// RUN: qonnx-opt %s --convert-quant-to-qonnx --qonnx-to-hls | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK: qonnx.quantize {{.*}} -> tensor<1x4xui8>
// CHECK: call @main_kernel
// CHECK-LABEL: func.func private @main_kernel
// CHECK-LABEL: func.func private @layer
// CHECK: hls.constant dense<{{\[\[}}1, -6], [5, 1], [-2, 7], [0, -7]]> : tensor<4x2xsi4>
// CHECK: hls.matmul
// CHECK: hls.requantize
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[0.3, -0.7], [1.2, 0.1], [-0.4, 0.9], [0.0, -1.5]]> : tensor<4x2xf32>
  %xq = quant.qcast %x : tensor<1x4xf32> to tensor<1x4x!quant.uniform<u8<0:200>:f32, 0.05:3>>
  %xd = quant.dcast %xq : tensor<1x4x!quant.uniform<u8<0:200>:f32, 0.05:3>> to tensor<1x4xf32>
  %wq = quant.qcast %w : tensor<4x2xf32> to tensor<4x2x!quant.uniform<i4<-7:7>:f32:1, {0.25,0.125}>>
  %wd = quant.dcast %wq : tensor<4x2x!quant.uniform<i4<-7:7>:f32:1, {0.25,0.125}>> to tensor<4x2xf32>
  %s = qonnx.matmul %xd, %wd : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %c = arith.constant dense<[[10, -20]]> : tensor<1x2xi32>
  %cq = quant.scast %c : tensor<1x2xi32> to tensor<1x2x!quant.uniform<i32:f32, 0.0125>>
  %b = quant.dcast %cq : tensor<1x2x!quant.uniform<i32:f32, 0.0125>> to tensor<1x2xf32>
  %a = qonnx.add %s, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %r = qonnx.relu %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %yq = quant.qcast %r : tensor<1x2xf32> to tensor<1x2x!quant.uniform<u4:f32, 0.1>>
  %y = quant.dcast %yq : tensor<1x2x!quant.uniform<u4:f32, 0.1>> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
