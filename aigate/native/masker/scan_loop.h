// The loop of scan.cpp, which includes this once for each kind of vector: VECTOR is a struct of operations, and
// TARGET what the compiler may use for it. There is no include guard on purpose.
//
// For every byte p of a block, with `b` the bytes there and `c` the tables:
//
//     c0[b0] & (esc(b1) | c1[b1] & (esc(b2) | c2[b2] & (esc(b3) | c3[b3])))
//
// that is: up to four bytes of a fingerprint, of which an escape sequence may hide the rest. The inner loops must be
// unrolled, which GCC does not see by itself: else their vectors live in memory and half the speed is lost.

template <size_t kSets>
TARGET static const char* scan(VECTOR, const Scanner& scanner, const char* p, const char* end, Hits& hits) {
    using Register = VECTOR::Register;
    const Register escape = VECTOR::repeat(kEscape);
    Register lows[kSets][kPrintLength];
    Register highs[kSets][kPrintLength];
#pragma GCC unroll 4
    for (size_t set = 0; set < kSets; ++set) {
#pragma GCC unroll 4
        for (size_t i = 0; i < kPrintLength; ++i) {
            lows[set][i] = VECTOR::table(scanner.low_[set][i]);
            highs[set][i] = VECTOR::table(scanner.high_[set][i]);
        }
    }
    for (; end - p >= static_cast<long>(VECTOR::kWidth + kPrintLength - 1) && hits.count < Hits::kEnough; p += VECTOR::kWidth) {
        Register found[kSets];
#pragma GCC unroll 4
        for (size_t back = 1; back <= kPrintLength; ++back) {
            const size_t i = kPrintLength - back;
            const Register bytes = VECTOR::load(p + i);
            const Register low = VECTOR::low_nibbles(bytes);
            const Register high = VECTOR::high_nibbles(bytes);
            const Register escapes = VECTOR::equal(bytes, escape);
#pragma GCC unroll 4
            for (size_t set = 0; set < kSets; ++set) {
                const Register buckets = VECTOR::both(VECTOR::look_up(lows[set][i], low), VECTOR::look_up(highs[set][i], high));
                found[set] = back == 1 ? buckets : VECTOR::both(buckets, found[set]);
                if (i) found[set] = VECTOR::either(found[set], escapes);
            }
        }
        Register any = found[0];
#pragma GCC unroll 4
        for (size_t set = 1; set < kSets; ++set) any = VECTOR::either(any, found[set]);
        note(p, VECTOR::not_zero(any), hits);
    }
    return p;
}
