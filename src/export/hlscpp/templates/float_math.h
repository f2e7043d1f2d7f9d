// Float arithmetic of the driver and of float layers, one rounding an operation, as onnxruntime computes on
// an x86 with FMA.
// The polynomials and their order of operations are those of MLAS (MIT licence) and Eigen.
// Compile with -ffp-contract=off.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

namespace float_math {

inline float of_bits(std::uint32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

inline std::uint32_t bits_of(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

// ---- integer codes of quantizers ----

inline float sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x == 0 ? 0.0f : x; }
inline float half_even(float x) { return std::nearbyint(x); }
inline float up(float x) { return sign(x) * std::ceil(std::fabs(x)); }
inline float down(float x) { return std::trunc(x); }
inline float half_up(float x) { return sign(x) * std::floor(std::fabs(x) + 0.5f); }
inline float half_down(float x) { return sign(x) * std::ceil(std::fabs(x) - 0.5f); }

// The clamp comes before the rounding.
inline float limit_code(float x, float low, float high) {
    x = x > high ? high : x;
    return x < low ? low : x;
}

inline long long to_code(float x, const char *node) {
#ifdef __SYNTHESIS__
    (void)node;
#else
    if (std::isnan(x)) throw std::invalid_argument(std::string("NaN has no integer code at ") + node);
#endif
    return static_cast<long long>(x);
}

// How many of n thresholds are <= x.
inline long long count_reached(float x, const float *thresholds, long n) {
    long long count = 0;
    for (long k = 0; k < n; k++) count += x >= thresholds[k] ? 1 : 0;
    return count;
}

// ---- FloatQuant ----

// The last place of x in a minifloat; `least` is that of its subnormals.
inline float minifloat_unit(float x, float mantissa, float least) {
    const float exponent = std::floor(std::log2(std::fabs(x) + std::numeric_limits<float>::min())) - mantissa;
    return std::exp2(exponent < least ? least : exponent);
}

// x rounded to a multiple of `unit`; +-`beyond` where that is more than `maximum`.
inline float minifloat(float x, float unit, float (*round)(float), float maximum, float beyond) {
    const float y = unit * round(x / unit);
    return std::isnan(y) || std::fabs(y) <= maximum ? y : beyond * std::copysign(1.0f, y);
}

// ---- an integer times an exact product of float32 scales, rounded once ----

// +-digits * 2^exponent, little-endian in base 2^32.
template <int N> struct Scale {
    bool negative;
    int exponent;
    std::uint32_t digits[N];
};

template <int N> inline float unscale(long long n, const Scale<N> &scale) {
    const bool negative = scale.negative != (n < 0);
    const std::uint64_t magnitude = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
    std::uint32_t product[N + 2] = {};
    for (int half = 0; half < 2; half++) {
        const std::uint64_t factor = half == 0 ? magnitude & 0xffffffffu : magnitude >> 32;
        std::uint64_t carry = 0;
        for (int i = 0; i < N; i++) {
            carry += static_cast<std::uint64_t>(scale.digits[i]) * factor + product[i + half];
            product[i + half] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        product[N + half] = static_cast<std::uint32_t>(carry);
    }
    int top = 32 * (N + 2);
    auto bit = [&](int i) { return i < 0 || i >= 32 * (N + 2) ? 0u : product[i / 32] >> (i % 32) & 1u; };
    while (top > 0 && !bit(top - 1)) top--;
    const std::uint32_t sign_bit = negative ? 0x80000000u : 0u;
    if (top == 0 || top + scale.exponent < -149) return of_bits(sign_bit);
    if (top + scale.exponent > 128) return of_bits(sign_bit | 0x7f800000u);
    // The unit in the last place is 2^(top - 24), but no finer than a subnormal's.
    const int unit = top + scale.exponent - 24 > -149 ? top + scale.exponent - 24 : -149;
    const int shift = unit - scale.exponent;
    std::uint32_t mantissa = 0;
    for (int i = 24; i >= 0; i--) mantissa = mantissa << 1 | bit(i + shift);
    bool below_half = true;
    for (int i = 0; i < shift - 1; i++) below_half = below_half && !bit(i);
    if (bit(shift - 1) && (!below_half || (mantissa & 1u))) mantissa++;
    // Added, not or-ed: a mantissa that reached 2^24 carries into the exponent, up to infinity.
    const std::uint32_t field = static_cast<std::uint32_t>(unit + 149);
    return of_bits(sign_bit | (field == 0 ? mantissa : (field << 23) + mantissa));
}

// ---- arithmetic ----

// NaN of either operand passes through.
inline float max(float a, float b) { return a < b || std::isnan(b) ? b : a; }
inline float min(float a, float b) { return b < a || std::isnan(b) ? b : a; }

// Like the SSE instructions: NaN passes through.
inline float limit(float x, float low, float high) {
    x = low > x ? low : x;
    return high < x ? high : x;
}

template <int N> inline float horner(float x, const float (&coefficients)[N]) {
    float sum = coefficients[0];
    for (int i = 1; i < N; i++) sum = std::fma(sum, x, coefficients[i]);
    return sum;
}

inline float sigmoid(float x) {
    static const float p[] = {4.37031e-11f, 1.1562732e-7f, 6.085749e-5f, 8.513771e-3f, 2.4828795e-1f};
    static const float q[] = {6.1024737e-13f, 5.7610214e-9f, 6.291068e-6f, 1.7019882e-3f, 1.1681765e-1f, 9.931519e-1f};
    x = limit(x, -18.0f, 18.0f);
    const float square = x * x;
    const float numerator = x * horner(square, p);
    const float y = numerator / horner(square, q) + 0.5f;
    return 0.0f > y ? 0.0f : y;
}

inline float tanh(float x) {
    static const float p[] = {-2.7607684e-16f, 2.000188e-13f, -8.604672e-11f, 5.1222973e-8f,
                              1.48572235e-5f, 6.3726195e-4f, 4.8935246e-3f};
    static const float q[] = {1.1982584e-6f, 1.1853471e-4f, 2.2684347e-3f, 4.893525e-3f};
    x = limit(x, -9.0f, 9.0f);
    const float square = x * x;
    const float numerator = x * horner(square, p);
    return numerator / horner(square, q);
}

static const float ROUNDING_BIAS = 12582912.0f;  // 1.5 * 2^23
static const float LOG2_E = 1.44269504088896341f;
static const float LN_2 = 0.693147180559945309f;
static const float MINUS_LN2_HIGH = -6.9314575e-1f, MINUS_LN2_LOW = -1.4286068e-6f;

// The exponential inside erf; x in [-88, 0].
inline float erf_exp(float x) {
    static const float p[] = {1.3831981e-3f, 8.3755e-3f, 4.166895e-2f, 1.6666447e-1f, 4.9999985e-1f, 1.0f, 1.0f};
    const float n = std::fma(x, LOG2_E, ROUNDING_BIAS) - ROUNDING_BIAS;
    const float r = std::fma(n, MINUS_LN2_LOW, std::fma(n, MINUS_LN2_HIGH, x));
    return horner(r, p) * of_bits(static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23);
}

inline float erf(float x) {
    static const float small[] = {-5.9910497e-4f, 4.993396e-3f, -2.6766734e-2f, 1.12818025e-1f, -3.7612486e-1f, 1.2837915e-1f};
    static const float big[] = {1.7294893e-5f, -3.8320868e-4f, 3.8839343e-3f, -2.425456e-2f,
                                1.0677785e-1f, 6.348467e-1f, 1.2871751e-1f};
    if (std::isnan(x)) return x;
    const float magnitude = std::fabs(x), a = magnitude < 3.925f ? magnitude : 3.925f;
    const float y = a > 0.921875f ? 1.0f - erf_exp(-std::fma(horner(a, big), a, a)) : std::fma(horner(a * a, small), a, a);
    return std::copysign(y, x);
}

inline const float (&exp_coefficients())[6] {
    static const float p[] = {of_bits(0x3ab4a000), of_bits(0x3c092f6e), of_bits(0x3d2aadad), of_bits(0x3e2aaa28), of_bits(0x3efffffb), 1.0f};
    return p;
}

inline float exp(float x) {
    x = limit(x, -103.972084f, 88.77626f);
    const float biased = std::fma(x, LOG2_E, ROUNDING_BIAS), n = biased - ROUNDING_BIAS;
    const float r = std::fma(n, MINUS_LN2_LOW, std::fma(n, MINUS_LN2_HIGH, x));
    // The scale 2^n is split in two normal floats, so that results overflow and underflow gradually.
    const std::int64_t most = 0x3f800000, least = -0x3f000000;
    const std::int64_t exponent = static_cast<std::int32_t>(bits_of(biased) << 23);
    const std::int64_t normal = exponent < least ? least : exponent > most ? most : exponent;
    const float overflow = of_bits(static_cast<std::uint32_t>(exponent - normal + most));
    const float scale = of_bits(static_cast<std::uint32_t>(normal + most));
    return std::fma(horner(r, exp_coefficients()), r * overflow, overflow) * scale;
}

// e^x for x <= 0 as Softmax computes it.
inline float exp_nonpositive(float x) {
    x = -88.37626f > x ? -88.37626f : x;
    const float biased = std::fma(x, LOG2_E, ROUNDING_BIAS), n = biased - ROUNDING_BIAS;
    const float r = std::fma(n, MINUS_LN2_LOW, std::fma(n, MINUS_LN2_HIGH, x));
    return std::fma(horner(r, exp_coefficients()), r, 1.0f) * of_bits((bits_of(biased) << 23) + 0x3f800000u);
}

// Eigen's, without FMA, as Elu, Selu and Softplus use it.
inline float eigen_exp(float x) {
    if (x < -104.0f) return 0.0f;
    const float limited = x > 88.723f ? 88.723f : x;
    const float n = std::floor(limited * LOG2_E + 0.5f);
    const float r = (limited + n * -0.693359375f) + n * 2.1219444e-4f;
    const float square = r * r;
    const float even = (square * 1.3744964e-3f + 4.1669652e-2f) * square + 4.9999988e-1f;
    const float odd = square * 8.368945e-3f + 1.6666518e-1f;
    const float fraction = square * (r * odd + even) + (r + 1.0f);
    if (std::isnan(x)) return x;
    const float y = static_cast<float>(std::ldexp(static_cast<double>(fraction), static_cast<int>(n)));
    return x > y ? x : y;
}

inline float eigen_log(float x) {
    if (x == 0.0f) return -std::numeric_limits<float>::infinity();
    if (std::isnan(x) || x < 0.0f) return std::numeric_limits<float>::quiet_NaN();
    if (std::isinf(x)) return x;
    const bool subnormal = x < std::numeric_limits<float>::min();
    const float normal = subnormal ? x * 16777216.0f : x;
    const int exponent = static_cast<int>(bits_of(normal) >> 23) - 126 + (subnormal ? -24 : 0);
    const float fraction = of_bits((bits_of(normal) & 0x7fffffu) | 0x3f000000u);
    const bool low = fraction < 0.707106781186547524f;
    const float r = low ? (fraction - 1.0f) + fraction : fraction - 1.0f;
    const float n = low ? static_cast<float>(exponent) - 1.0f : static_cast<float>(exponent);
    const float p = r * (r * (r * 1.8256296e-1f + 1.0f) + 1.0f);
    const float q = r * (r * (r * 4.9616247e-2f + 5.992325e-1f) + 1.5f) + 1.0f;
    return n * LN_2 + p / q;
}

inline float eigen_log1p(float x) {
    const float y = x + 1.0f, logarithm = eigen_log(y);
    return y == 1.0f || y == logarithm ? x : x * (logarithm / (y - 1.0f));
}

inline float softplus(float x) { return x > 0.0f ? x + eigen_log1p(eigen_exp(-x)) : eigen_log1p(eigen_exp(x)); }
inline float elu(float x, float alpha) { return x >= 0.0f ? x : alpha * (eigen_exp(x) - 1.0f); }
inline float selu(float x, float alpha, float gamma) {
    return gamma * (max(x, 0.0f) + min(alpha * (eigen_exp(x) - 1.0f), 0.0f));
}

inline float power(float a, float b) { return std::pow(a, b); }

// ---- rows along an axis: n elements, `stride` apart ----

// e^(x - max) in y; the sum in eight lanes, as MLAS adds.
inline float sum_exp(const float *x, float *y, long n, long stride, float greatest) {
    float lanes[8] = {};
    for (long i = 0; i < n; i++) {
        y[i * stride] = exp_nonpositive(x[i * stride] + -greatest);
        lanes[i % 8] += y[i * stride];
    }
    return ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
}

inline float greatest_of(const float *x, long n, long stride) {
    float greatest = std::numeric_limits<float>::lowest();
    for (long i = 0; i < n; i++) greatest = x[i * stride] > greatest ? x[i * stride] : greatest;
    return greatest;
}

inline void softmax(const float *x, float *y, long n, long stride) {
    const float scale = 1.0f / sum_exp(x, y, n, stride, greatest_of(x, n, stride));
    for (long i = 0; i < n; i++) y[i * stride] *= scale;
}

inline void log_softmax(const float *x, float *y, long n, long stride) {
    const float greatest = greatest_of(x, n, stride);
    const float logarithm = std::log(sum_exp(x, y, n, stride, greatest));
    for (long i = 0; i < n; i++) y[i * stride] = (x[i * stride] - greatest) - logarithm;
}

// (x - mean) / sqrt(variance + epsilon) * scale + bias; mean and variance in double, rounded once.
inline void layer_norm(const float *x, float *y, const float *scale, const float *bias, long n, float epsilon) {
    double sum = 0.0, squares = 0.0;
    for (long i = 0; i < n; i++) sum += static_cast<double>(x[i]);
    const double mean = sum / static_cast<double>(n);
    for (long i = 0; i < n; i++) squares += (static_cast<double>(x[i]) - mean) * (static_cast<double>(x[i]) - mean);
    const double variance = squares / static_cast<double>(n);
    const float center = static_cast<float>(mean);
    const float deviation = static_cast<float>(std::sqrt(variance + static_cast<double>(epsilon)));
    for (long i = 0; i < n; i++) {
        y[i] = (x[i] - center) / deviation * scale[i];
        if (bias) y[i] = y[i] + bias[i];
    }
}

// ---- sums of n neighbours, `start` elements behind the begin of a tensor ----

inline float sum(const float *x, long start, long n) {
    float sum = 0.0f;
    for (long i = start; i < start + n; i++) sum = sum + x[i];
    return sum;
}

// Four lanes, their sum, then what fills no lane: MLAS' order of a global average.
inline float sum_by_four(const float *x, long start, long n) {
    x += start;
    float lanes[4] = {};
    for (long i = 0; i < n / 4 * 4; i++) lanes[i % 4] = lanes[i % 4] + x[i];
    float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    for (long i = n / 4 * 4; i < n; i++) sum = sum + x[i];
    return sum;
}

// Pairs of aligned packets of four lane by lane, then the lanes, then what lies in front and behind: Eigen's order.
inline float eigen_sum(const float *x, long start, long n) {
    x += start;
    const long unaligned = (4 - start % 4) % 4, front = unaligned < n ? unaligned : n;
    const long packets = (n - front) / 4, paired = packets / 2 * 2;
    float sum = 0.0f;
    bool empty = packets == 0;
    if (packets > 0) {
        float lanes[2][4] = {};
        for (long p = 0; p < packets && p < 2; p++) for (int i = 0; i < 4; i++) lanes[p][i] = x[front + 4 * p + i];
        for (long p = 2; p < paired; p++) for (int i = 0; i < 4; i++) lanes[p % 2][i] = lanes[p % 2][i] + x[front + 4 * p + i];
        for (int i = 0; i < 4 && paired > 0; i++) lanes[0][i] = lanes[0][i] + lanes[1][i];
        for (int i = 0; i < 4 && paired > 0 && paired < packets; i++) lanes[0][i] = lanes[0][i] + x[front + 4 * paired + i];
        sum = (lanes[0][0] + lanes[0][2]) + (lanes[0][1] + lanes[0][3]);
    }
    for (long i = 0; i < n; i++) {
        if (i >= front && i < front + 4 * packets) continue;
        sum = empty ? x[i] : sum + x[i];
        empty = false;
    }
    return sum;
}

// The k largest or smallest of n, best first; equal values in the order of their indices.
template <class T>
inline void top_k(const T *x, T *values, long long *indices, long n, long k, long stride, bool largest) {
    std::vector<bool> taken(n);
    for (long rank = 0; rank < k; rank++) {
        long best = -1;
        for (long i = 0; i < n; i++) {
            if (taken[i]) continue;
            if (best < 0 || (largest ? x[i * stride] > x[best * stride] : x[i * stride] < x[best * stride])) best = i;
        }
        taken[best] = true;
        values[rank * stride] = x[best * stride];
        indices[rank * stride] = best;
    }
}

template <class T> inline long long arg_max(const T *x, long n, long stride, bool last) {
    long best = 0;
    for (long i = 1; i < n; i++) {
        if (last ? x[i * stride] >= x[best * stride] : x[i * stride] > x[best * stride]) best = i;
    }
    return best;
}

// ---- conversions: float to integer truncates and saturates, integer to integer wraps ----

inline long long to_integer(float x) {
    if (std::isnan(x)) return 0;
    if (x >= 9223372036854775808.0f) return std::numeric_limits<long long>::max();
    if (x < -9223372036854775808.0f) return std::numeric_limits<long long>::min();
    return static_cast<long long>(x);
}

// Rounded before the zero point is added; NaN has the least code.
inline long long quantize_linear(float x, float scale, long long zero, long long low, long long high) {
    const float q = std::nearbyint(x / scale);
    if (std::isnan(q)) return low;
    // Far beyond any code, but near enough to add to.
    const long long limit = 1LL << 62, n = to_integer(q), code = (n < -limit ? -limit : n > limit ? limit : n) + zero;
    return code < low ? low : code > high ? high : code;
}

inline long long wrap_integer(long long x, int width, bool is_signed) {
    const int unused = 64 - width;
    const auto shifted = static_cast<unsigned long long>(x) << unused;
    return is_signed ? static_cast<long long>(shifted) >> unused : static_cast<long long>(shifted >> unused);
}

}  // namespace float_math
