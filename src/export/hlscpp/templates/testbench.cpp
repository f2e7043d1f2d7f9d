// C simulation of {{ name }}.
//   csim                    compares the kernel's codes with vectors.txt in the current folder
//   csim --run IN OUT       float32 samples to float32 outputs and the kernel's int64 codes
//   csim --codes IN OUT     the kernel's int64 inputs to its int64 outputs
// Files are raw and little-endian, one sample after another.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <vector>

#include "driver.h"

// Numbers of a sample: floats in and out of the network, codes in and out of the kernel.
static const long INPUTS = {{ inputs }}, OUTPUTS = {{ outputs }};
static const long CODES_IN = {{ codes_in }}, CODES_OUT = {{ codes_out }};

using Clock = std::chrono::steady_clock;

static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

static int fail(const char *what, const char *file) {
    std::fprintf(stderr, "csim: %s %s\n", what, file);
    return 2;
}
{% if kernel %}
// Which output of the kernel a code belongs to.
static void name_code(long index) {
    static const struct { const char *name; long count; } outputs[] = { {{- codes_out_list -}} };
    for (const auto &output : outputs) {
        if (index < output.count) {
            std::printf("%s[%ld]", output.name, index);
            return;
        }
        index -= output.count;
    }
}

static int check() {
    std::ifstream file("vectors.txt");
    if (!file) return fail("cannot open", "vectors.txt");
    std::vector<long long> in(CODES_IN), expected(CODES_OUT), found(CODES_OUT);
    long samples = 0, differ = 0;
    double seconds = 0;
    while (true) {
        long read = 0;
        for (auto &value : in) read += file >> value ? 1 : 0;
        for (auto &value : expected) read += file >> value ? 1 : 0;
        if (read == 0) break;
        if (read != CODES_IN + CODES_OUT) return fail("a sample is cut off in", "vectors.txt");
        const auto start = Clock::now();
        {{ top }}_codes(in.data(), found.data());
        seconds += seconds_since(start);
        for (long i = 0; i < CODES_OUT; i++) {
            if (found[i] == expected[i]) continue;
            if (differ++ == 0) {
                std::printf("sample %ld: ", samples);
                name_code(i);
                std::printf(" is %lld, expected %lld\n", found[i], expected[i]);
            }
        }
        samples++;
    }
    std::printf("%ld samples, %ld codes compared, %ld differ\n", samples, samples * CODES_OUT, differ);
    std::printf("%.0f samples/s\n", samples / (seconds > 0 ? seconds : 1e-9));
    return differ == 0 && samples > 0 ? 0 : 1;
}

static int codes(const char *from, const char *to) {
    std::ifstream file(from, std::ios::binary);
    std::ofstream result(to, std::ios::binary);
    if (!file) return fail("cannot open", from);
    std::vector<long long> in(CODES_IN), out(CODES_OUT);
    long samples = 0;
    const auto start = Clock::now();
    while (file.read(reinterpret_cast<char *>(in.data()), CODES_IN * sizeof(long long))) {
        {{ top }}_codes(in.data(), out.data());
        result.write(reinterpret_cast<const char *>(out.data()), CODES_OUT * sizeof(long long));
        samples++;
    }
    if (file.gcount() != 0) return fail("a sample is cut off in", from);
    if (!result.flush()) return fail("cannot write", to);
    std::printf("%.0f samples/s\n", samples / seconds_since(start));
    return 0;
}
{% endif %}
static int run_file(const char *from, const char *to) {
    std::ifstream file(from, std::ios::binary);
    std::ofstream result(to, std::ios::binary);
    if (!file) return fail("cannot open", from);
    std::vector<float> in(INPUTS), out(OUTPUTS);
    std::vector<long long> codes(CODES_OUT);
    long samples = 0;
    const auto start = Clock::now();
    while (file.read(reinterpret_cast<char *>(in.data()), INPUTS * sizeof(float))) {
        run({{ run_arguments }});
        result.write(reinterpret_cast<const char *>(out.data()), OUTPUTS * sizeof(float));
        result.write(reinterpret_cast<const char *>(codes.data()), CODES_OUT * sizeof(long long));
        samples++;
    }
    if (file.gcount() != 0) return fail("a sample is cut off in", from);
    if (!result.flush()) return fail("cannot write", to);
    std::printf("%.0f samples/s\n", samples / seconds_since(start));
    return 0;
}

int main(int argc, char **argv) {
    try {
        if (argc == 4 && std::strcmp(argv[1], "--run") == 0) return run_file(argv[2], argv[3]);
{%- if kernel %}
        if (argc == 4 && std::strcmp(argv[1], "--codes") == 0) return codes(argv[2], argv[3]);
        if (argc == 1) return check();
{%- endif %}
    } catch (const std::exception &error) {
        std::fprintf(stderr, "csim: %s\n", error.what());
        return 1;
    }
    std::fprintf(stderr, "usage: csim [--run IN OUT{% if kernel %} | --codes IN OUT{% endif %}]\n");
    return 2;
}
