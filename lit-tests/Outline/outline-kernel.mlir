// RUN: qonnx-opt %s -split-input-file --hls-outline-kernel | FileCheck %s

// The host quantizes the input and scales the output; the binary point of each argument
// goes along. The kernel has the graph's name.
// CHECK-LABEL: func @main
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>)
// CHECK: %[[Q:.*]] = qonnx.quantize
// CHECK: %[[N:.*]] = call @net(%[[Q]]) : (tensor<1x2xui4>) -> tensor<1x2xsi7>
// CHECK: %[[Y:.*]] = qonnx.unscale %[[N]] by
// CHECK: return %[[Y]]
// CHECK-LABEL: func private @net
// CHECK-SAME: (%[[A:.*]]: tensor<1x2xui4> {hls.exponent = -1 : i64}) -> tensor<1x2xsi7> attributes {hls.kernel}
// CHECK: %[[K:.*]] = hls.constant
// CHECK: %[[M:.*]] = hls.matmul %[[A]], %[[K]]
// CHECK: return %[[M]]
module {
  func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
    %s = qonnx.constant dense<0.5> : tensor<f32>
    %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
    %d = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
    %q = qonnx.quantize %d half_even in [0.0, 15.0] exponent -1 : (tensor<1x2xf32>) -> tensor<1x2xui4>
    %n = hls.matmul %q, %k exponent -1 : (tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi7>
    %y = qonnx.unscale %n by (%s) : (tensor<1x2xsi7>, tensor<f32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  } loc("net")
}

// -----

// A name that C++ would not take, and one that is taken already.
// CHECK-LABEL: func @main
// CHECK: call @my_net_v1_2_1
// CHECK: func private @my_net_v1_2()
// CHECK: func private @my_net_v1_2_1
module {
  func.func @main(%q: tensor<1x2xui4>) -> tensor<1x2xui5> {
    %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
    return %n : tensor<1x2xui5>
  } loc("my net/v1.2")
  func.func private @my_net_v1_2() -> ()
}

// -----

// The name that the driver gave comes before the graph's.
// CHECK-LABEL: func @main
// CHECK: call @jet_tagger
module {
  func.func @main(%q: tensor<1x2xui4>) -> tensor<1x2xui5> attributes {hls.top = "jet_tagger"} {
    %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
    return %n : tensor<1x2xui5>
  } loc("torch-jit-export")
}

// -----

// Several inputs and outputs; only the arguments with a binary point carry one. An
// operation of the host that stood between two of the kernel's moves behind the call.
// CHECK-LABEL: func @main
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[X:.*]]: tensor<1x2xf32>)
// CHECK: %[[Q:.*]] = qonnx.quantize %[[X]]
// CHECK: %[[R:.*]]:2 = call @net(%[[P]], %[[Q]])
// CHECK: qonnx.unscale %[[R]]#0 by
// CHECK: qonnx.unscale %[[R]]#1 by
// CHECK-LABEL: func private @net
// CHECK-SAME: (%{{.*}}: tensor<1x2xui4>, %{{.*}}: tensor<1x2xui4> {hls.exponent = -3 : i64}) -> (tensor<1x2xui5>, tensor<1x2xsi6>)
module {
  func.func @main(%p: tensor<1x2xui4>, %x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
    %q = qonnx.quantize %x half_even in [0.0, 15.0] exponent -3 : (tensor<1x2xf32>) -> tensor<1x2xui4>
    %a = hls.add %p, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
    %y = qonnx.unscale %a by () : (tensor<1x2xui5>) -> tensor<1x2xf32>
    %b = hls.sub %a, %q : (tensor<1x2xui5>, tensor<1x2xui4>) -> tensor<1x2xsi6>
    %z = qonnx.unscale %b by () : (tensor<1x2xsi6>) -> tensor<1x2xf32>
    return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
  } loc("net")
}

// -----

// Nothing for the hardware to do, and what is outlined already.
// CHECK-LABEL: func @host_only
// CHECK-NOT: call
// CHECK-LABEL: func @kernel
// CHECK-NOT: call
// CHECK-LABEL: func @layer
// CHECK-NOT: call
module {
  func.func @host_only(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
    %y = qonnx.relu %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  }
  func.func @kernel(%q: tensor<1x2xui4>) -> tensor<1x2xui5> attributes {hls.kernel} {
    %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
    return %n : tensor<1x2xui5>
  }
  func.func @layer(%q: tensor<1x2xui4>) -> tensor<1x2xui5> attributes {hls.layer} {
    %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
    return %n : tensor<1x2xui5>
  }
}
