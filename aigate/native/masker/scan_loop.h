// The loop of scan.cpp, which includes this once for each kind of vector: VECTOR is a struct of operations, and
// TARGET what the compiler may use for it. There is no include guard on purpose.
//
// For every byte p of a block, with `b` the bytes there and `c` the tables:
//
//     c0[b0] & (esc(b1) | c1[b1] & (esc(b2) | c2[b2] & (... c7[b7])))
//
// that is: up to eight bytes of a fingerprint, of which an escape sequence may hide the rest. Fingerprints before a run have
// only four, and the run. The inner loops must be unrolled, which GCC does not see by itself: else their vectors
// live in memory and half the speed is lost.

// Which of the bytes from p on may begin a fingerprint of these sets: as many as two registers have, so that each table is
// fetched once for both. kAscii: all of them, and those behind, are ASCII.
template <size_t kFirst, size_t kSets, size_t kLength, bool kEscapes, bool kAscii, typename Vector = VECTOR>
TARGET INLINE void showing(VECTOR, const Scanner& scanner, const char* p, uint64_t* masks) {
    using Register = typename Vector::Register;
    Register found[kSets][2];
#pragma GCC unroll 8
    for (size_t back = 1; back <= kLength; ++back) {
        const size_t i = kLength - back;
        const Register bytes[2] = {Vector::load(p + i), Vector::load(p + i + Vector::kWidth)};
#pragma GCC unroll 4
        for (size_t set = 0; set < kSets; ++set) {
            const auto table = Vector::template tables<kAscii>(scanner, kFirst + set, i);
#pragma GCC unroll 2
            for (size_t part = 0; part < 2; ++part) {
                const Register buckets = Vector::look_up(table, bytes[part]);
                found[set][part] = back == 1 ? buckets : Vector::both(buckets, found[set][part]);
                if (kEscapes && i) found[set][part] = Vector::either(found[set][part], Vector::equal(bytes[part], Vector::repeat(kEscape)));
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

// Notes what there is in the next kSpan bytes. before_run: which of them have a run behind.
template <size_t kLevel, bool kEscapes, bool kAscii>
TARGET INLINE void span(VECTOR, const Scanner& scanner, const char* p, const uint64_t* before_runs, Hits& hits) {
    constexpr size_t kSpan = std::max(size_t{64}, 2 * VECTOR::kWidth);
    uint64_t runs[kSpan / 64] = {};
    uint64_t others[kSpan / 64] = {};
#pragma GCC unroll 2
    for (size_t at = 0; at < kSpan; at += 2 * VECTOR::kWidth) {
        uint64_t some[2] = {};
        uint64_t more[2] = {};
        showing<0, kRunSets[kLevel], kRunFrom, kEscapes, kAscii>(VECTOR(), scanner, p + at, some);
        showing<kRunSets[kLevel], kPlainSets[kLevel], kPrintLength, kEscapes, kAscii>(VECTOR(), scanner, p + at, more);
        for (size_t block = 0; block < kSpan / 64; ++block) runs[block] |= some[block] << at, others[block] |= more[block] << at;
    }
    for (size_t block = 0; block < kSpan / 64; ++block) note(p + 64 * block, (runs[block] & before_runs[block]) | others[block], hits);
}

TARGET INLINE ByteKinds kinds(VECTOR, const char* p) {
    using Register = VECTOR::Register;
    const Register low = VECTOR::table(kRuns.low);
    const Register high = VECTOR::table(kRuns.high);
    ByteKinds found{0, 0, 0};
#pragma GCC unroll 4
    for (size_t at = 0; at < 64; at += VECTOR::kWidth) {
        const Register bytes = VECTOR::load(p + at);
        const Register half = VECTOR::shuffle(high, VECTOR::high_nibbles(bytes));
        found.runs |= VECTOR::not_zero(VECTOR::both(VECTOR::shuffle(low, VECTOR::low_nibbles(bytes)), half)) << at;
        found.escapes |= VECTOR::not_zero(VECTOR::equal(bytes, VECTOR::repeat(kEscape))) << at;
        found.high |= VECTOR::not_zero(VECTOR::both(bytes, VECTOR::repeat(static_cast<char>(0x80)))) << at;
    }
    return found;
}

template <size_t kLevel>
TARGET static const char* scan(VECTOR, const Scanner& scanner, const char* p, const char* end, Hits& hits) {
    constexpr size_t kSpan = std::max(size_t{64}, 2 * VECTOR::kWidth);
    constexpr size_t kBlocks = kSpan / 64;
    if (end - p < static_cast<std::ptrdiff_t>(kSpan + 64)) return p;
    ByteKinds here[kBlocks + 1];
    here[kBlocks] = kinds(VECTOR(), p);
    for (; end - p >= static_cast<std::ptrdiff_t>(kSpan + 64) && hits.count < Hits::kEnough; p += kSpan) {
        here[0] = here[kBlocks];
        uint64_t runs[kBlocks];
        uint64_t high = here[0].high;
        uint64_t escapes = 0;
#pragma GCC unroll 2
        for (size_t block = 0; block < kBlocks; ++block) {
            here[block + 1] = kinds(VECTOR(), p + 64 * (block + 1));
            runs[block] = before_run({here[block].runs, here[block + 1].runs}, {here[block].escapes, here[block + 1].escapes});
            high |= here[block + 1].high;
            escapes |= here[block].escapes;
        }
        escapes |= here[kBlocks].escapes & 0x7f;
        if (high && VECTOR::kNeedsAscii) span<kLevel, true, !VECTOR::kNeedsAscii>(VECTOR(), scanner, p, runs, hits);
        else if (escapes) span<kLevel, true, true>(VECTOR(), scanner, p, runs, hits);
        else span<kLevel, false, true>(VECTOR(), scanner, p, runs, hits);
    }
    return p;
}
