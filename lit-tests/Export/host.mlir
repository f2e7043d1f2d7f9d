// What the host does in front of the kernel and behind it, on floats.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// CHECK-LABEL: // ==== driver.h ====
// CHECK: static const float_math::Scale<3> out_MatMul_scales[2] = {
// CHECK: inline void run(const float *left, const float *right, float *probabilities, float *scores, long long *codes) {
// CHECK: left_Quant[i] = left[i] / 0.3f;
// CHECK: float_math::to_code(std::ceil(float_math::limit_code(
// CHECK: float_math::softmax(&
module attributes {qonnx.name = "host"} {
  func.func @main(%l: tensor<1x4xf32> {qonnx.name = "left"}, %r: tensor<1x2x2xf32> {qonnx.name = "right"}) -> (tensor<1x2xf32> {qonnx.name = "probabilities"}, tensor<1x2xf32> {qonnx.name = "scores"}) {
    %s = qonnx.constant dense<0.3> : tensor<f32>
    %z = qonnx.constant dense<2.0> : tensor<1xf32>
    %d = qonnx.div %l, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32> loc("left/Quant")
    %e = qonnx.add %d, %z : (tensor<1x4xf32>, tensor<1xf32>) -> tensor<1x4xf32> loc("left/Quant")
    %q = qonnx.quantize %e ceil in [0.0, 255.0] : (tensor<1x4xf32>) -> tensor<1x4xui8> loc("left/Quant")
    %t = qonnx.transpose %r [0, 2, 1] : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32> loc("right/Transpose")
    %f = qonnx.view %t : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
    %th = qonnx.sigmoid %f : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("right/Sigmoid")
    %levels = qonnx.constant dense<[[0.1, 0.2, 0.7], [0.1, 0.5, 0.6], [0.3, 0.31, 0.32], [0.0, 0.5, 1.0]]> : tensor<4x3xf32>
    %c = qonnx.count_thresholds %th, %levels axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xui2> loc("right/MultiThreshold")
    %n = func.call @host(%q, %c) : (tensor<1x4xui8>, tensor<1x4xui2>) -> tensor<1x2xsi13>
    %sw = qonnx.constant dense<[[0.0123, 0.7]]> : tensor<1x2xf32>
    %sv = qonnx.constant dense<0.1> : tensor<1xf32>
    %y = qonnx.unscale %n by (%s, %sw, %sv) : (tensor<1x2xsi13>, tensor<f32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<1x2xf32> loc("out/MatMul")
    %g = qonnx.constant dense<[1.5, -0.3]> : tensor<2xf32>
    %b = qonnx.constant dense<[0.1, -0.2]> : tensor<2xf32>
    %m = qonnx.constant dense<[0.4, 0.9]> : tensor<2xf32>
    %v = qonnx.constant dense<[0.6, 1.7]> : tensor<2xf32>
    %bn = qonnx.batch_normalization %y, %g, %b, %m, %v epsilon 1.0e-5 : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("out/BatchNorm")
    %tanh = qonnx.tanh %bn : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Tanh")
    %exp = qonnx.exp %tanh : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Exp")
    %erf = qonnx.erf %exp : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Erf")
    %elu = qonnx.elu %bn alpha 0.7 : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Elu")
    %plus = qonnx.softplus %elu : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Softplus")
    %log = qonnx.log %plus : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Log")
    %leaky = qonnx.leaky_relu %log alpha 0.1 : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/LeakyRelu")
    %sum = qonnx.add %leaky, %erf : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Add")
    %clip = qonnx.clip %sum low %sv : (tensor<1x2xf32>, tensor<1xf32>) -> tensor<1x2xf32> loc("out/Clip")
    %p = qonnx.softmax %y axis 1 : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("out/Softmax")
    return %p, %clip : tensor<1x2xf32>, tensor<1x2xf32>
  }
  func.func private @host(%q: tensor<1x4xui8>, %c: tensor<1x4xui2>) -> tensor<1x2xsi13> attributes {hls.kernel} {
    %b = func.call @layer(%q, %c) : (tensor<1x4xui8>, tensor<1x4xui2>) -> tensor<1x2xsi13>
    return %b : tensor<1x2xsi13>
  }
  func.func private @layer(%q: tensor<1x4xui8>, %c: tensor<1x4xui2>) -> tensor<1x2xsi13> attributes {hls.layer} {
    %s = hls.add %q, %c : (tensor<1x4xui8>, tensor<1x4xui2>) -> tensor<1x4xui9> loc("layer/Add")
    %w = hls.constant dense<[[7, -1], [3, 2], [-8, 1], [0, -5]]> : tensor<4x2xsi4>
    %acc = hls.matmul %s, %w : (tensor<1x4xui9>, tensor<4x2xsi4>) -> tensor<1x2xsi13> loc("out/MatMul")
    return %acc : tensor<1x2xsi13>
  }
}
