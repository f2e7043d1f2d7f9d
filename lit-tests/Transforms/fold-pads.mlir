// RUN: qonnx-opt %s --qonnx-fold-pads | FileCheck %s
// RUN: qonnx-opt %s --qonnx-fold-pads --qonnx-fold-pads | FileCheck %s

// Pads in front of spatial axes, then behind them; those of the convolution are added.
// CHECK-LABEL: @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x1x4x5xf32>)
// CHECK-NOT: qonnx.pad
// CHECK: qonnx.conv %[[X]], %{{.*}} strides [1, 2] pads [2, 2, 3, 4] dilations [1, 1] group 1 notset : (tensor<1x1x4x5xf32>, tensor<2x1x2x2xf32>) -> tensor<1x2x8x5xf32>
func.func @conv(%x: tensor<1x1x4x5xf32>) -> tensor<1x2x8x5xf32> {
  %w = qonnx.constant dense<0.5> : tensor<2x1x2x2xf32>
  %a = qonnx.constant dense<[0, 0, 1, 2, 0, 0, 3, 4]> : tensor<8xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4x5xf32>, tensor<8xsi64>) -> tensor<1x1x8x11xf32>
  %y = qonnx.conv %p, %w strides [1, 2] pads [1, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x1x8x11xf32>, tensor<2x1x2x2xf32>) -> tensor<1x2x8x5xf32>
  return %y : tensor<1x2x8x5xf32>
}

// One Pad behind another; axes by number; weights behind a quantizer; a bias.
// CHECK-LABEL: @twice
// CHECK-NOT: qonnx.pad
// CHECK: qonnx.conv %{{.*}}, %{{.*}} bias %{{.*}} strides [1] pads [1, 2] dilations [1] group 1 notset
func.func @twice(%x: tensor<1x1x4xf32>, %b: tensor<1xf32>) -> tensor<1x1x5xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %n = qonnx.constant dense<4.0> : tensor<f32>
  %q = qonnx.quant %w, %s, %z, %n half_even signed : (tensor<1x1x3xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x3xf32>
  %v = qonnx.constant dense<0.0> : tensor<f32>
  %last = qonnx.constant dense<-1> : tensor<1xsi64>
  %a = qonnx.constant dense<[1, 0]> : tensor<2xsi64>
  %c = qonnx.constant dense<[0, 0, 0, 0, 0, 2]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a value %v axes %last : (tensor<1x1x4xf32>, tensor<2xsi64>, tensor<f32>, tensor<1xsi64>) -> tensor<1x1x5xf32>
  %r = qonnx.pad constant %p, %c : (tensor<1x1x5xf32>, tensor<6xsi64>) -> tensor<1x1x7xf32>
  %y = qonnx.conv %r, %q bias %b strides [1] pads [0, 0] dilations [1] group 1 valid : (tensor<1x1x7xf32>, tensor<1x1x3xf32>, tensor<1xf32>) -> tensor<1x1x5xf32>
  return %y : tensor<1x1x5xf32>
}

// A Pad that something else needs stays for it.
// CHECK-LABEL: @used_twice
// CHECK-SAME: (%[[X:.*]]: tensor<1x1x4xf32>)
// CHECK-DAG: %[[P:.*]] = qonnx.pad
// CHECK-DAG: %[[Y:.*]] = qonnx.conv %[[X]]
// CHECK: return %[[Y]], %[[P]]
func.func @used_twice(%x: tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>, tensor<1x1x6xf32>) {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  return %y, %p : tensor<1x1x4xf32>, tensor<1x1x6xf32>
}

// The zeros were counted, and are.
// CHECK-LABEL: @average
// CHECK: qonnx.average_pool %{{.*}} kernel [3] strides [1] pads [1, 1] dilations [1] include_pad notset : (tensor<1x1x4xf32>)
func.func @average(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.average_pool %p kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// -inf is below everything, 0 below no ReLU, the least code below no code.
// CHECK-LABEL: @max
// CHECK-NOT: qonnx.pad
// CHECK: qonnx.max_pool %{{.*}} pads [1, 1] {{.*}} : (tensor<1x1x4xf32>)
// CHECK: qonnx.max_pool %{{.*}} pads [1, 1] {{.*}} : (tensor<1x1x4xf32>)
// CHECK: qonnx.max_pool %{{.*}} pads [1, 1] {{.*}} : (tensor<1x1x4xsi8>)
func.func @max(%x: tensor<1x1x4xf32>, %c: tensor<1x1x4xsi8>) -> (tensor<1x1x4xf32>, tensor<1x1x4xf32>, tensor<1x1x4xsi8>) {
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %inf = qonnx.constant dense<0xFF800000> : tensor<f32>
  %least = qonnx.constant dense<-128> : tensor<si8>
  %p = qonnx.pad constant %x, %a value %inf : (tensor<1x1x4xf32>, tensor<6xsi64>, tensor<f32>) -> tensor<1x1x6xf32>
  %0 = qonnx.max_pool %p kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x4xf32>
  %r = qonnx.relu %x : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %n = qonnx.constant dense<4.0> : tensor<f32>
  %u = qonnx.quant %r, %s, %z, %n half_even : (tensor<1x1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x4xf32>
  %q = qonnx.pad constant %u, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %1 = qonnx.max_pool %q kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x4xf32>
  %t = qonnx.pad constant %c, %a value %least : (tensor<1x1x4xsi8>, tensor<6xsi64>, tensor<si8>) -> tensor<1x1x6xsi8>
  %2 = qonnx.max_pool %t kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xsi8>) -> tensor<1x1x4xsi8>
  return %0, %1, %2 : tensor<1x1x4xf32>, tensor<1x1x4xf32>, tensor<1x1x4xsi8>
}

// Limits the wrong way round: all elements become the high one, which 0 is above.
// CHECK-LABEL: @reversed_limits
// CHECK: qonnx.pad
// CHECK: qonnx.max_pool
// CHECK-SAME: pads [0, 0]
func.func @reversed_limits(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %l = qonnx.constant dense<1.0> : tensor<f32>
  %h = qonnx.constant dense<-1.0> : tensor<f32>
  %c = qonnx.clip %x low %l high %h : (tensor<1x1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x1x4xf32>
  %p = qonnx.pad constant %c, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.max_pool %p kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// Channels last: the axes between samples and channels are the window's.
// CHECK-LABEL: @channels_last
// CHECK-NOT: qonnx.pad
// CHECK: qonnx.conv %{{.*}} pads [1, 1] {{.*}} channels_last : (tensor<1x4x2xf32>
// CHECK: qonnx.max_pool %{{.*}} pads [1, 1] {{.*}} channels_last : (tensor<1x4x2xf32>)
// CHECK: qonnx.pad
// CHECK: qonnx.max_pool %{{.*}} pads [0, 0]
func.func @channels_last(%x: tensor<1x4x2xf32>) -> (tensor<1x4x3xf32>, tensor<1x4x2xf32>, tensor<1x2x4xf32>) {
  %a = qonnx.constant dense<[0, 1, 0, 0, 1, 0]> : tensor<6xsi64>
  %w = qonnx.constant dense<1.0> : tensor<3x3x2xf32>
  %p = qonnx.pad constant %x, %a : (tensor<1x4x2xf32>, tensor<6xsi64>) -> tensor<1x6x2xf32>
  %0 = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset channels_last : (tensor<1x6x2xf32>, tensor<3x3x2xf32>) -> tensor<1x4x3xf32>
  %r = qonnx.relu %x : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
  %q = qonnx.pad constant %r, %a : (tensor<1x4x2xf32>, tensor<6xsi64>) -> tensor<1x6x2xf32>
  %1 = qonnx.max_pool %q kernel [3] strides [1] pads [0, 0] dilations [1] notset channels_last : (tensor<1x6x2xf32>) -> tensor<1x4x2xf32>
  %b = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %c = qonnx.pad constant %r, %b : (tensor<1x4x2xf32>, tensor<6xsi64>) -> tensor<1x4x4xf32>
  %2 = qonnx.max_pool %c kernel [3] strides [1] pads [0, 0] dilations [1] notset channels_last : (tensor<1x4x4xf32>) -> tensor<1x2x4xf32>
  return %0, %1, %2 : tensor<1x4x3xf32>, tensor<1x4x2xf32>, tensor<1x2x4xf32>
}
