// The loop of scan.cpp, which includes this once for each kind of vector: VECTOR is a struct of operations, and
// TARGET what the compiler may use for it. There is no include guard on purpose.
//
// For every byte p of a block, with `b` the bytes there and `c` the tables: c0[b0] & c1[b1] & c2[b2] & ... c7[b7], that is up
// to eight bytes of a fingerprint. Fingerprints before a run have only four, and the run. The inner loops must be
// unrolled, which GCC does not see by itself: else their vectors live in memory and half the speed is lost.

// Which of the bytes from p on may begin a fingerprint of these sets: as many as two registers have, so that each table is
// fetched once for both. kAscii: all of them, and those behind, are ASCII.
template <size_t kFirst, size_t kSets, size_t kLength, bool kAscii, typename Vector = VECTOR>
TARGET INLINE void showing(VECTOR, const Scanner& scanner, const char* p, uint64_t* masks) {
    using Register = typename Vector::Register;
    Register found[kSets][2];
#pragma GCC unroll 8
    for (size_t i = 0; i < kLength; ++i) {
        const Register bytes[2] = {Vector::load(p + i), Vector::load(p + i + Vector::kWidth)};
#pragma GCC unroll 4
        for (size_t set = 0; set < kSets; ++set) {
            const auto table = Vector::template tables<kAscii>(scanner, kFirst + set, i);
#pragma GCC unroll 2
            for (size_t part = 0; part < 2; ++part) {
                const Register buckets = Vector::look_up(table, bytes[part]);
                found[set][part] = i ? Vector::both(buckets, found[set][part]) : buckets;
            }
        }
    }
#pragma GCC unroll 2
    for (size_t part = 0; part < 2; ++part) {
        Register any = found[0][part];
#pragma GCC unroll 4
        for (size_t set = 1; set < kSets; ++set) any = Vector::either(any, found[set][part]);
        masks[part * Vector::kWidth / 64] |= Vector::not_zero(any) << part * Vector::kWidth % 64;
    }
}

// Adds what there is in the next kSpan bytes. before_run: which of them have a run behind.
template <size_t kLevel, bool kAscii>
TARGET INLINE void span(VECTOR, const Scanner& scanner, const char* p, const uint64_t* before_runs, uint64_t* places) {
    uint64_t runs[kStep / 64] = {};
#pragma GCC unroll 4
    for (size_t at = 0; at < kStep; at += 2 * VECTOR::kWidth) {
        uint64_t some[2] = {};
        uint64_t more[2] = {};
        showing<0, kRunSets[kLevel], kRunFrom, kAscii>(VECTOR(), scanner, p + at, some);
        showing<kRunSets[kLevel], kPlainSets[kLevel], kPrintLength, kAscii>(VECTOR(), scanner, p + at, more);
        for (size_t word = 0; word < std::max(size_t{1}, VECTOR::kWidth / 32); ++word) {
            runs[at / 64 + word] |= some[word] << at % 64;
            places[at / 64 + word] |= more[word] << at % 64;
        }
    }
    for (size_t block = 0; block < kStep / 64; ++block) places[block] |= runs[block] & before_runs[block];
}

TARGET INLINE ByteKinds kinds(VECTOR, const char* p) {
    using Register = VECTOR::Register;
    const Register low = VECTOR::table(kRuns.low);
    const Register high = VECTOR::table(kRuns.high);
    ByteKinds found{0, 0};
#pragma GCC unroll 4
    for (size_t at = 0; at < 64; at += VECTOR::kWidth) {
        const Register bytes = VECTOR::load(p + at);
        const Register half = VECTOR::shuffle(high, VECTOR::high_nibbles(bytes));
        found.runs |= VECTOR::not_zero(VECTOR::both(VECTOR::shuffle(low, VECTOR::low_nibbles(bytes)), half)) << at;
        if (VECTOR::kNeedsAscii) found.high |= VECTOR::not_zero(VECTOR::both(bytes, VECTOR::repeat(static_cast<char>(0x80)))) << at;
    }
    return found;
}

template <size_t kLevel>
TARGET static void scan(VECTOR, const Scanner& scanner, const char* p, size_t size, uint64_t* places) {
    constexpr size_t kBlocks = kStep / 64;
    ByteKinds here[kBlocks + 1];
    here[kBlocks] = kinds(VECTOR(), p);
    for (size_t at = 0; at < size; at += kStep) {
        here[0] = here[kBlocks];
        uint64_t runs[kBlocks];
        uint64_t high = here[0].high;
#pragma GCC unroll 2
        for (size_t block = 0; block < kBlocks; ++block) {
            here[block + 1] = kinds(VECTOR(), p + at + 64 * (block + 1));
            runs[block] = before_run({here[block].runs, here[block + 1].runs});
            high |= here[block + 1].high;
        }
        if (high && VECTOR::kNeedsAscii) span<kLevel, !VECTOR::kNeedsAscii>(VECTOR(), scanner, p + at, runs, places + at / 64);
        else span<kLevel, true>(VECTOR(), scanner, p + at, runs, places + at / 64);
    }
}
