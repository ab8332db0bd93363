// Which vector instructions the processor has and the system keeps registers for. Asks them, not the compiler's runtime:
// __builtin_cpu_supports links and says no to everything where zig's stands in for libgcc's.
#pragma once

#if defined(__x86_64__)

#include <cpuid.h>

namespace aigate {

struct Cpu {
    bool ssse3 = false, avx2 = false, avx512 = false;  // the last: F, BW, VL, VBMI, VBMI2, BMI1, BMI2 and POPCNT

    Cpu() {
        // Bits by Intel's manual, volume 2, CPUID and XGETBV.
        unsigned a, b, c, d;
        if (!__get_cpuid(1, &a, &b, &c, &d)) return;
        ssse3 = c >> 9 & 1;
        const bool popcnt = c >> 23 & 1;
        const bool is_xgetbv_there = c >> 27 & 1;
        if (!is_xgetbv_there || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
        unsigned kept, upper;
        __asm__ volatile("xgetbv" : "=a"(kept), "=d"(upper) : "c"(0));
        constexpr unsigned kYmm = 0x06, kZmm = 0xe6, kFBwVl = 1u << 16 | 1u << 30 | 1u << 31;
        constexpr unsigned kBmi = 1u << 3 | 1u << 8, kVbmi = 1u << 1 | 1u << 6;
        avx2 = (kept & kYmm) == kYmm && (b >> 5 & 1);
        avx512 = avx2 && (kept & kZmm) == kZmm && popcnt && (b & (kFBwVl | kBmi)) == (kFBwVl | kBmi) && (c & kVbmi) == kVbmi;
    }
};

}  // namespace aigate

#endif
