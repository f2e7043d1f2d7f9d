// Number types of the kernel, in one place.
//
// By default they are ap_int and ap_fixed, which are exact to the bit. With -DQONNXC_NATIVE they are the
// next native integers that hold the codes: the same codes, since no width in the kernel overflows, at
// many times the speed. In C simulation ROMs are native arrays, because static arrays of ap_int cost
// the compiler seconds; every use converts to the exact type.
#pragma once

#include <cstdint>
#include <type_traits>

template <int W>
struct native_integer {
    static_assert(W >= 1 && W <= 128, "fast simulation holds at most 128 bits");
    using s = std::conditional_t<(W <= 8), std::int8_t, std::conditional_t<(W <= 16), std::int16_t,
              std::conditional_t<(W <= 32), std::int32_t, std::conditional_t<(W <= 64), std::int64_t, __int128>>>>;
    using u = std::conditional_t<(W <= 8), std::uint8_t, std::conditional_t<(W <= 16), std::uint16_t,
              std::conditional_t<(W <= 32), std::uint32_t, std::conditional_t<(W <= 64), std::uint64_t, unsigned __int128>>>>;
};

#ifdef QONNXC_NATIVE

template <int W> using int_t = typename native_integer<W>::s;
template <int W> using uint_t = typename native_integer<W>::u;
template <int W, int I> using fixed_t = int_t<W>;
template <int W, int I> using ufixed_t = uint_t<W>;

// The integer code of a number, and the number of a code.
template <class T> inline T code(T value) { return value; }
template <class T, class C> inline T from_code(C code) { return static_cast<T>(code); }

// Sum, difference and product as a T.
template <class T, class A, class B> inline T add(A a, B b) { return static_cast<T>(static_cast<T>(a) + static_cast<T>(b)); }
template <class T, class A, class B> inline T sub(A a, B b) { return static_cast<T>(static_cast<T>(a) - static_cast<T>(b)); }
template <class T, class A, class B> inline T mul(A a, B b) { return static_cast<T>(static_cast<T>(a) * static_cast<T>(b)); }

#else

#include "ap_fixed.h"
#include "ap_int.h"

template <int W> using int_t = ap_int<W>;
template <int W> using uint_t = ap_uint<W>;
template <int W, int I> using fixed_t = ap_fixed<W, I>;
template <int W, int I> using ufixed_t = ap_ufixed<W, I>;

template <int W> inline ap_int<W> code(ap_int<W> value) { return value; }
template <int W> inline ap_uint<W> code(ap_uint<W> value) { return value; }
template <int W, int I> inline ap_int<W> code(ap_fixed<W, I> value) { return ap_int<W>(value.range(W - 1, 0)); }
template <int W, int I> inline ap_uint<W> code(ap_ufixed<W, I> value) { return ap_uint<W>(value.range(W - 1, 0)); }

template <class T> struct coded {
    template <class C> static T from(C code) { return T(code); }
};
template <int W, int I> struct coded<ap_fixed<W, I>> {
    template <class C> static ap_fixed<W, I> from(C code) {
        ap_fixed<W, I> value;
        value.range(W - 1, 0) = ap_int<W>(code);
        return value;
    }
};
template <int W, int I> struct coded<ap_ufixed<W, I>> {
    template <class C> static ap_ufixed<W, I> from(C code) {
        ap_ufixed<W, I> value;
        value.range(W - 1, 0) = ap_uint<W>(code);
        return value;
    }
};
template <class T, class C> inline T from_code(C code) { return coded<T>::from(code); }

template <class T, class A, class B> inline T add(A a, B b) { return T(a + b); }
template <class T, class A, class B> inline T sub(A a, B b) { return T(a - b); }
template <class T, class A, class B> inline T mul(A a, B b) { return T(a * b); }

// The type that rounds half to even and saturates when it is assigned to.
template <class T> struct saturating;
template <int W, int I> struct saturating<ap_fixed<W, I>> { using type = ap_fixed<W, I, AP_RND_CONV, AP_SAT>; };
template <int W, int I> struct saturating<ap_ufixed<W, I>> { using type = ap_ufixed<W, I, AP_RND_CONV, AP_SAT>; };

#endif

// Elements of ROMs, and memories inside functions, which simulation keeps off its stack.
#ifdef __SYNTHESIS__
#define MEMORY
template <int W> using rom_t = int_t<W>;
template <int W> using urom_t = uint_t<W>;
#else
#define MEMORY static
template <int W> using rom_t = typename native_integer<(W < 64 ? W : 64)>::s;
template <int W> using urom_t = typename native_integer<(W < 64 ? W : 64)>::u;
#endif

// The larger of two numbers, compared as a C that holds both.
template <class C, class A, class B> inline C larger(A a, B b) {
    const C x = C(a), y = C(b);
    return x < y ? y : x;
}

// floor(value / 2^shift). P holds 2^shift and all values that occur.
template <class P> inline P shift_floor(P value, int shift) { return P(value >> shift); }

// value / 2^shift, half to even. P also holds value + 2^(shift - 1).
template <class P> inline P shift_half_even(P value, int shift) {
    if (shift == 0) return value;
    const P odd = P(P(value >> shift) & P(1));
    return P(P(value + P(P(P(1) << (shift - 1)) - P(1)) + odd) >> shift);
}

// value limited to [low, high].
template <class T, class V> inline T clamp(V value, long long low, long long high) {
    if (value < low) return T(low);
    if (value > high) return T(high);
    return T(value);
}

// How many thresholds are <= x.
template <class X, class R, int N> inline int count_reached(X x, const R (&thresholds)[N]) {
    int count = 0;
    for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
        count += x >= X(thresholds[i]) ? 1 : 0;
    }
    return count;
}

// The code listed for x, or `otherwise`.
template <class T, class X, class R, class C, int N>
inline T patched(X x, const R (&inputs)[N], const C (&codes)[N], T otherwise) {
    T result = otherwise;
    for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
        if (x == X(inputs[i])) result = T(codes[i]);
    }
    return result;
}

// x / 2^SHIFT half to even, saturated to T, whose codes are LOW to HIGH.
template <class T, int SHIFT, long long LOW, long long HIGH, class P, class X> inline T round_saturate(X x) {
#ifdef QONNXC_NATIVE
    return clamp<T>(shift_half_even<P>(static_cast<P>(x), SHIFT), LOW, HIGH);
#else
    const typename saturating<T>::type rounded = x;
    return T(rounded);
#endif
}

// Copies of a value that is used more than once: dataflow wants one reader each. Registers are copied at
// once, memories an element a cycle.
template <int N, class T> inline void copy(const T from[N], T to[N]) {
#pragma HLS INLINE off
    for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
        to[i] = from[i];
    }
}
template <int N, class T> inline void fork(const T from[N], T first[N], T second[N]) {
#pragma HLS INLINE off
    for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
        first[i] = from[i];
        second[i] = from[i];
    }
}
template <int N, class T> inline void copy_memory(const T from[N], T to[N]) {
#pragma HLS INLINE off
    for (int i = 0; i < N; i++) {
#pragma HLS PIPELINE II=1
        to[i] = from[i];
    }
}
template <int N, class T> inline void fork_memory(const T from[N], T first[N], T second[N]) {
#pragma HLS INLINE off
    for (int i = 0; i < N; i++) {
#pragma HLS PIPELINE II=1
        first[i] = from[i];
        second[i] = from[i];
    }
}
