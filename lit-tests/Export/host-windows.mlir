// Movement, windows, reductions, ONNX's quantizers and FloatQuant on the host.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// CHECK-LABEL: // ==== driver.h ====
// A list without a pattern is a table; what counts in steps becomes loops.
// CHECK: static const int Pad_sources[168] = {
// CHECK: Slice[i * 4 + j * 2 + l] = picture[i * 30 - j * 12 + l * 3 + 25];
// CHECK: Pad[i] = Pad_sources[i] < 0 ? -0.5f : picture[Pad_sources[i]];
// CHECK: Zeros[i] = Zeros_sources[i] < 0 ? 0 : picture[Zeros_sources[i]];
// CHECK: Expand[i * 30 + j] = Split[j];
// CHECK: Concat[i + 360] = Split[i];
// CHECK: const int at1 = l + k1 * 2;
// CHECK: float_math::sum_by_four(&picture[0], i * 30L, 30) / 30.0f;
// CHECK: float_math::sum(&Tile[0], i * 30L, 30) / 30.0f;
// CHECK: float_math::eigen_sum(&picture[0], i * 30L, 30);
// CHECK: float_math::minifloat({{.*}}, float_math::half_even, 448.0f, 448.0f) * 0.37f;
// CHECK: float_math::minifloat({{.*}}, std::floor, 6.0f, INFINITY) * {{.*}};
module attributes {qonnx.name = "host_windows"} {
  func.func @main(%x: tensor<1x4x5x6xf32> {qonnx.name = "picture"}) -> (tensor<1x4x2x2xf32>, tensor<1x2x3x5x6xf32>, tensor<1x1x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x4x6x7xf32>, tensor<1x4x8x6xf32>, tensor<1x4x8x6xf32>, tensor<1x4x10x9xf32>, tensor<2x1x5x6xf32>, tensor<1x8x5x6xf32>, tensor<1x1x10x12xf32>, tensor<1x5x6x4xf32>, tensor<1x13x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x4x3x5xf32>, tensor<1x4x3x3xf32>, tensor<1x4x5x3xf32>, tensor<1x4x3x4xf32>, tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x4xf32>, tensor<f32>, tensor<1x1x5x6xf32>, tensor<1x5xf32>, tensor<1x5xf32>, tensor<1x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x4x5x6xf32>) {
    %starts = qonnx.constant dense<[4, 1]> : tensor<2xsi64>
    %ends = qonnx.constant dense<[0, 6]> : tensor<2xsi64>
    %saxes = qonnx.constant dense<[2, 3]> : tensor<2xsi64>
    %steps = qonnx.constant dense<[-2, 3]> : tensor<2xsi64>
    %slice = qonnx.slice %x, %starts, %ends axes %saxes steps %steps : (tensor<1x4x5x6xf32>, tensor<2xsi64>, tensor<2xsi64>, tensor<2xsi64>, tensor<2xsi64>) -> tensor<1x4x2x2xf32> loc("Slice")
    %indices = qonnx.constant dense<[[3, 0, 0], [1, 2, 2]]> : tensor<2x3xsi64>
    %gather = qonnx.gather %x, %indices axis 1 : (tensor<1x4x5x6xf32>, tensor<2x3xsi64>) -> tensor<1x2x3x5x6xf32> loc("Gather")
    %lengths = qonnx.constant dense<[1, 3]> : tensor<2xsi64>
    %s:2 = qonnx.split %x lengths %lengths axis 1 : (tensor<1x4x5x6xf32>, tensor<2xsi64>) -> (tensor<1x1x5x6xf32>, tensor<1x3x5x6xf32>) loc("Split")
    %pads = qonnx.constant dense<[0, 0, 1, 2, 0, 0, 0, -1]> : tensor<8xsi64>
    %filler = qonnx.constant dense<-0.5> : tensor<f32>
    %pad = qonnx.pad constant %x, %pads value %filler : (tensor<1x4x5x6xf32>, tensor<8xsi64>, tensor<f32>) -> tensor<1x4x6x7xf32> loc("Pad")
    %pads1 = qonnx.constant dense<[0, 0, 1, 0, 0, 0, 2, 0]> : tensor<8xsi64>
    %zeros = qonnx.pad constant %x, %pads1 : (tensor<1x4x5x6xf32>, tensor<8xsi64>) -> tensor<1x4x8x6xf32> loc("Zeros")
    %reflect = qonnx.pad reflect %x, %pads1 : (tensor<1x4x5x6xf32>, tensor<8xsi64>) -> tensor<1x4x8x6xf32> loc("Reflect")
    %factors = qonnx.constant dense<[1.0, 1.0, 2.0, 1.5]> : tensor<4xf32>
    %resize = qonnx.resize %x scales %factors asymmetric floor : (tensor<1x4x5x6xf32>, tensor<4xf32>) -> tensor<1x4x10x9xf32> loc("Resize")
    %shape = qonnx.constant dense<[2, 1, 5, 6]> : tensor<4xsi64>
    %expand = qonnx.expand %s#0, %shape : (tensor<1x1x5x6xf32>, tensor<4xsi64>) -> tensor<2x1x5x6xf32> loc("Expand")
    %repeats = qonnx.constant dense<[1, 2, 1, 1]> : tensor<4xsi64>
    %tile = qonnx.tile %x, %repeats : (tensor<1x4x5x6xf32>, tensor<4xsi64>) -> tensor<1x8x5x6xf32> loc("Tile")
    %d2s = qonnx.depth_to_space %x block 2 : (tensor<1x4x5x6xf32>) -> tensor<1x1x10x12xf32> loc("DepthToSpace")
    %transpose = qonnx.transpose %x [0, 2, 3, 1] : (tensor<1x4x5x6xf32>) -> tensor<1x5x6x4xf32> loc("Transpose")
    %concat = qonnx.concat %x, %tile, %s#0 axis 1 : (tensor<1x4x5x6xf32>, tensor<1x8x5x6xf32>, tensor<1x1x5x6xf32>) -> tensor<1x13x5x6xf32> loc("Concat")
    %half = qonnx.constant dense<0.5> : tensor<f32>
    %cond = qonnx.less %x, %half : (tensor<1x4x5x6xf32>, tensor<f32>) -> tensor<1x4x5x6xi1> loc("Less")
    %where = qonnx.where %cond, %x, %filler : (tensor<1x4x5x6xi1>, tensor<1x4x5x6xf32>, tensor<f32>) -> tensor<1x4x5x6xf32> loc("Where")
    %k = qonnx.constant dense<[3]> : tensor<1xsi64>
    %top, %at = qonnx.top_k %x, %k axis 1 largest : (tensor<1x4x5x6xf32>, tensor<1xsi64>) -> (tensor<1x3x5x6xf32>, tensor<1x3x5x6xsi64>) loc("TopK")
    %atf = qonnx.cast %at : (tensor<1x3x5x6xsi64>) -> tensor<1x3x5x6xf32>
    %maxp = qonnx.max_pool %x kernel [3, 2] strides [2, 1] pads [1, 0, 1, 1] dilations [1, 2] notset : (tensor<1x4x5x6xf32>) -> tensor<1x4x3x5xf32> loc("MaxPool")
    %maxc = qonnx.max_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] ceil notset : (tensor<1x4x5x6xf32>) -> tensor<1x4x3x3xf32> loc("CeilPool")
    %avg = qonnx.average_pool %x kernel [3, 3] strides [1, 2] pads [1, 1, 1, 0] dilations [1, 1] notset : (tensor<1x4x5x6xf32>) -> tensor<1x4x5x3xf32> loc("AveragePool")
    %avgp = qonnx.average_pool %x kernel [2, 3] strides [2, 2] pads [1, 1, 0, 1] dilations [1, 1] ceil include_pad notset : (tensor<1x4x5x6xf32>) -> tensor<1x4x3x4xf32> loc("PaddedAveragePool")
    %a23 = qonnx.constant dense<[2, 3]> : tensor<2xsi64>
    %a1 = qonnx.constant dense<[1]> : tensor<1xsi64>
    %a13 = qonnx.constant dense<[1, 3]> : tensor<2xsi64>
    %gap = qonnx.reduce mean %x axes %a23 keep_dims : (tensor<1x4x5x6xf32>, tensor<2xsi64>) -> tensor<1x4x1x1xf32> loc("GlobalAveragePool")
    %gap8 = qonnx.reduce mean %tile axes %a23 keep_dims : (tensor<1x8x5x6xf32>, tensor<2xsi64>) -> tensor<1x8x1x1xf32> loc("GlobalAveragePool8")
    %rsum = qonnx.reduce sum %x axes %a23 : (tensor<1x4x5x6xf32>, tensor<2xsi64>) -> tensor<1x4xf32> loc("ReduceSum")
    %rall = qonnx.reduce mean %x : (tensor<1x4x5x6xf32>) -> tensor<f32> loc("ReduceAll")
    %rmean = qonnx.reduce mean %x axes %a1 keep_dims : (tensor<1x4x5x6xf32>, tensor<1xsi64>) -> tensor<1x1x5x6xf32> loc("ReduceMean")
    %rmax = qonnx.reduce max %x axes %a13 : (tensor<1x4x5x6xf32>, tensor<2xsi64>) -> tensor<1x5xf32> loc("ReduceMax")
    %rmin = qonnx.reduce min %x axes %a13 : (tensor<1x4x5x6xf32>, tensor<2xsi64>) -> tensor<1x5xf32> loc("ReduceMin")
    %rprod = qonnx.reduce prod %x axes %a1 : (tensor<1x4x5x6xf32>, tensor<1xsi64>) -> tensor<1x5x6xf32> loc("ReduceProd")
    %scale = qonnx.constant dense<[0.1, 0.25, 0.3, 0.07]> : tensor<4xf32>
    %zero = qonnx.constant dense<[3, 0, -5, 100]> : tensor<4xsi8>
    %q = qonnx.quantize_linear %x, %scale, %zero axis 1 : (tensor<1x4x5x6xf32>, tensor<4xf32>, tensor<4xsi8>) -> tensor<1x4x5x6xsi8> loc("QuantizeLinear")
    %dq = qonnx.dequantize_linear %q, %scale, %zero axis 1 : (tensor<1x4x5x6xsi8>, tensor<4xf32>, tensor<4xsi8>) -> tensor<1x4x5x6xf32> loc("DequantizeLinear")
    %unit = qonnx.constant dense<0.37> : tensor<f32>
    %units = qonnx.constant dense<[[[0.37]], [[1.0]], [[0.125]], [[3.1]]]> : tensor<4x1x1xf32>
    %four = qonnx.constant dense<4.0> : tensor<f32>
    %three = qonnx.constant dense<3.0> : tensor<f32>
    %two = qonnx.constant dense<2.0> : tensor<f32>
    %one = qonnx.constant dense<1.0> : tensor<f32>
    %seven = qonnx.constant dense<7.0> : tensor<f32>
    %most = qonnx.constant dense<448.0> : tensor<f32>
    %e4m3 = qonnx.float_quant %x, %unit, %four, %three, %seven, %most half_even saturate : (tensor<1x4x5x6xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4x5x6xf32> loc("E4M3")
    %e2m1 = qonnx.float_quant %x, %units, %two, %one, %one, %most floor inf : (tensor<1x4x5x6xf32>, tensor<4x1x1xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4x5x6xf32> loc("E2M1")
    return %slice, %gather, %s#0, %s#1, %pad, %zeros, %reflect, %resize, %expand, %tile, %d2s, %transpose, %concat, %where, %top, %atf, %maxp, %maxc, %avg, %avgp, %gap, %gap8, %rsum, %rall, %rmean, %rmax, %rmin, %rprod, %dq, %e4m3, %e2m1 : tensor<1x4x2x2xf32>, tensor<1x2x3x5x6xf32>, tensor<1x1x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x4x6x7xf32>, tensor<1x4x8x6xf32>, tensor<1x4x8x6xf32>, tensor<1x4x10x9xf32>, tensor<2x1x5x6xf32>, tensor<1x8x5x6xf32>, tensor<1x1x10x12xf32>, tensor<1x5x6x4xf32>, tensor<1x13x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x3x5x6xf32>, tensor<1x4x3x5xf32>, tensor<1x4x3x3xf32>, tensor<1x4x5x3xf32>, tensor<1x4x3x4xf32>, tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x4xf32>, tensor<f32>, tensor<1x1x5x6xf32>, tensor<1x5xf32>, tensor<1x5xf32>, tensor<1x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x4x5x6xf32>, tensor<1x4x5x6xf32>
  }
}
