// See scan.h, and scan_loop.h for what a block is tested for.
#include "scan.h"

#include <algorithm>
#include <cstring>

#include "cpu.h"
#include "bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace aigate {

namespace {

#define INLINE __attribute__((always_inline)) static inline

#if defined(__x86_64__)

#define TARGET __attribute__((target("ssse3")))
struct Ssse3 {
    static constexpr bool kNeedsAscii = false;
    using Register = __m128i;
    // Which buckets a byte is in, by its low and by its high half.
    struct Halves {
        Register low, high;
    };
    static constexpr size_t kWidth = 16;
    TARGET INLINE Register repeat(char byte) { return _mm_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) { return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes)); }
    TARGET INLINE Register load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm_and_si128(a, _mm_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm_srli_epi16(a, 4)); }
    TARGET INLINE Register shuffle(Register table, Register index) { return _mm_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm_cmpeq_epi8(a, b); }
    TARGET INLINE Register both(Register a, Register b) { return _mm_and_si128(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm_or_si128(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) {
        return 0xffff ^ static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())));
    }
    template <bool kAscii>
    TARGET INLINE Halves tables(const Scanner& scanner, size_t set, size_t i) {
        return {table(scanner.low(set, i)), table(scanner.high(set, i))};
    }
    TARGET INLINE Register look_up(const Halves& table, Register bytes) {
        return both(shuffle(table.low, low_nibbles(bytes)), shuffle(table.high, high_nibbles(bytes)));
    }
};
#undef TARGET

#define TARGET __attribute__((target("avx2")))
struct Avx2 {
    static constexpr bool kNeedsAscii = false;
    using Register = __m256i;
    // Which buckets a byte is in, by its low and by its high half.
    struct Halves {
        Register low, high;
    };
    static constexpr size_t kWidth = 32;
    TARGET INLINE Register repeat(char byte) { return _mm256_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) {
        return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    }
    TARGET INLINE Register load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm256_and_si256(a, _mm256_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm256_srli_epi16(a, 4)); }
    TARGET INLINE Register shuffle(Register table, Register index) { return _mm256_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm256_cmpeq_epi8(a, b); }
    TARGET INLINE Register both(Register a, Register b) { return _mm256_and_si256(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm256_or_si256(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) {
        return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, _mm256_setzero_si256())));
    }
    template <bool kAscii>
    TARGET INLINE Halves tables(const Scanner& scanner, size_t set, size_t i) {
        return {table(scanner.low(set, i)), table(scanner.high(set, i))};
    }
    TARGET INLINE Register look_up(const Halves& table, Register bytes) {
        return both(shuffle(table.low, low_nibbles(bytes)), shuffle(table.high, high_nibbles(bytes)));
    }
};
#undef TARGET

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
struct Avx512 {
    static constexpr bool kNeedsAscii = true;
    using Register = __m512i;
    // Which buckets a byte is in, by its low and by its high half.
    struct Halves {
        Register low, high;
    };
    static constexpr size_t kWidth = 64;
    TARGET INLINE Register repeat(char byte) { return _mm512_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) {
        return _mm512_maskz_broadcast_i32x4(0xffff, _mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    }
    TARGET INLINE Register load(const char* p) { return _mm512_loadu_si512(p); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm512_and_si512(a, _mm512_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm512_srli_epi16(a, 4)); }
    TARGET INLINE Register shuffle(Register table, Register index) { return _mm512_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(a, b)); }
    TARGET INLINE Register both(Register a, Register b) { return _mm512_and_si512(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm512_or_si512(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) { return _mm512_test_epi8_mask(a, a); }
    // One look-up among 128 bytes, of which VBMI is capable, in place of two among 16.
    struct Whole {
        Register first, second;
    };
    template <bool kAscii>
    TARGET INLINE auto tables(const Scanner& scanner, size_t set, size_t i) {
        if constexpr (kAscii) return Whole{_mm512_load_si512(scanner.whole(set, i)), _mm512_load_si512(scanner.whole(set, i) + 64)};
        else return Halves{table(scanner.low(set, i)), table(scanner.high(set, i))};
    }
    TARGET INLINE Register look_up(const Whole& table, Register bytes) {
        return _mm512_permutex2var_epi8(table.first, bytes, table.second);
    }
    TARGET INLINE Register look_up(const Halves& table, Register bytes) {
        return both(shuffle(table.low, low_nibbles(bytes)), shuffle(table.high, high_nibbles(bytes)));
    }
};
#undef TARGET

#elif defined(__aarch64__)

struct Neon {
    static constexpr bool kNeedsAscii = false;
    using Register = uint8x16_t;
    // Which buckets a byte is in, by its low and by its high half.
    struct Halves {
        Register low, high;
    };
    static constexpr size_t kWidth = 16;
    INLINE Register repeat(char byte) { return vdupq_n_u8(static_cast<uint8_t>(byte)); }
    INLINE Register table(const uint8_t* bytes) { return vld1q_u8(bytes); }
    INLINE Register load(const char* p) { return vld1q_u8(reinterpret_cast<const uint8_t*>(p)); }
    INLINE Register low_nibbles(Register a) { return vandq_u8(a, vdupq_n_u8(0x0f)); }
    INLINE Register high_nibbles(Register a) { return vshrq_n_u8(a, 4); }
    INLINE Register shuffle(Register table, Register index) { return vqtbl1q_u8(table, index); }
    INLINE Register equal(Register a, Register b) { return vceqq_u8(a, b); }
    INLINE Register both(Register a, Register b) { return vandq_u8(a, b); }
    INLINE Register either(Register a, Register b) { return vorrq_u8(a, b); }
    // One bit for each byte: the bytes' bits, each half added up.
    INLINE uint64_t not_zero(Register a) {
        const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
        if (!vmaxvq_u8(a)) return 0;
        const uint8x16_t bits = vandq_u8(vtstq_u8(a, a), weights);
        return vaddv_u8(vget_low_u8(bits)) | static_cast<uint64_t>(vaddv_u8(vget_high_u8(bits))) << 8;
    }
    template <bool kAscii>
    INLINE Halves tables(const Scanner& scanner, size_t set, size_t i) {
        return {table(scanner.low(set, i)), table(scanner.high(set, i))};
    }
    INLINE Register look_up(const Halves& table, Register bytes) {
        return both(shuffle(table.low, low_nibbles(bytes)), shuffle(table.high, high_nibbles(bytes)));
    }
};

#endif

}  // namespace

// Bits for the bytes of a block of 64.
struct ByteKinds {
    uint64_t runs;  // those that belong to runs
    uint64_t high;  // those beyond ASCII, where the vectors want to know
};

// Bits for the bytes of two blocks, one behind the other.
struct Two {
    uint64_t first;
    uint64_t second;

    // For each byte, what there is `count` bytes behind it.
    __attribute__((always_inline)) Two behind(unsigned count) const { return {first >> count | second << (64 - count), second >> count}; }
    Two operator&(const Two& other) const { return {first & other.first, second & other.second}; }
};

// The places that have a run behind kRunFrom bytes. Given which bytes belong to runs.
INLINE uint64_t before_run(Two bytes) {
    static_assert(kRunFrom == 4 && kRun == 12);
    bytes = bytes & bytes.behind(1);
    bytes = bytes & bytes.behind(2);
    return (bytes & bytes.behind(4) & bytes.behind(8)).behind(4).first;
}

// Which bytes belong to runs: a bit for each high half that does, by the low half, and which bit that is.
struct RunTable {
    alignas(16) uint8_t low[16] = {};
    alignas(16) uint8_t high[16] = {};

    RunTable() {
        for (unsigned byte = 0; byte < 128; ++byte)
            if (is_run(static_cast<unsigned char>(byte))) low[byte & 15] |= static_cast<uint8_t>(1 << (byte >> 4));
        for (unsigned half = 0; half < 8; ++half) high[half] = static_cast<uint8_t>(1 << half);
    }
};
const RunTable kRuns;

constexpr size_t kStep = 128;    // so many bytes are scanned at a time,
constexpr size_t kBehind = 64;   // and so many behind them may be read

struct Blocks {
    static void scalar(const Scanner& scanner, const char* p, size_t size, uint64_t* places) {
        for (size_t at = 0; at < size; ++at) {
            uint64_t buckets = ~uint64_t{0};
            for (size_t i = 0; buckets && i < kPrintLength; ++i) buckets &= scanner.buckets_.of[i][static_cast<unsigned char>(p[at + i])];
            if (buckets) places[at / 64] |= uint64_t{1} << at % 64;
        }
    }

#if defined(__x86_64__)

#define VECTOR Ssse3
#define TARGET __attribute__((target("ssse3")))
#include "scan_loop.h"
#undef TARGET
#undef VECTOR

#define VECTOR Avx2
#define TARGET __attribute__((target("avx2")))
#include "scan_loop.h"
#undef TARGET
#undef VECTOR

#define VECTOR Avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
#include "scan_loop.h"

#undef TARGET
#undef VECTOR

#elif defined(__aarch64__)

#define VECTOR Neon
#define TARGET
#include "scan_loop.h"
#undef TARGET
#undef VECTOR

#endif

    template <typename Vector, size_t kLevel>
    static void by(const Scanner& scanner, const char* p, size_t size, uint64_t* places) {
        scan<kLevel>(Vector(), scanner, p, size, places);
    }

    template <typename Vector>
    static Scanner::Path path(const char* name) {
        return {name, {by<Vector, 0>, by<Vector, 1>, by<Vector, 2>}};
    }

    static std::vector<Scanner::Path> all() {
        std::vector<Scanner::Path> paths;
#if defined(__x86_64__)
        const Cpu cpu;
        if (cpu.avx512) paths.push_back(path<Avx512>("avx512"));
        if (cpu.avx2) paths.push_back(path<Avx2>("avx2"));
        if (cpu.ssse3) paths.push_back(path<Ssse3>("ssse3"));
#elif defined(__aarch64__)
        paths.push_back(path<Neon>("neon"));
#endif
        paths.push_back({"scalar", {scalar, scalar, scalar}});
        return paths;
    }
};

const std::vector<Scanner::Path>& Scanner::all_paths() {
    static const std::vector<Path> paths = Blocks::all();
    return paths;
}

bool Scanner::by_nibbles() { return std::strcmp(all_paths().front().name, "avx512") != 0; }

Scanner::Scanner(const Buckets& buckets, const Grams& grams) : buckets_(buckets), grams_(grams), path_(&all_paths().front()) {
    for (size_t set = 0; set < kMostSets; ++set) {
        for (size_t i = 0; i < kPrintLength; ++i) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                const auto bits = static_cast<uint8_t>(buckets.of[i][byte] >> set * kBuckets & 0xff);
                if (byte < 128) whole_[set][i][byte] = bits;
                low_[set][i][byte & 15] |= bits;
                high_[set][i][byte >> 4] |= bits;
            }
        }
    }
}

// Notes what there is in the next bytes, at most Grams::kChunk of them, without a branch for each block.
void Scanner::chunk(const char* p, size_t size, Hits& hits) const {
    uint64_t places[Grams::kChunk / 64] = {};
    if (grams_.any()) grams_.find(p, size / 64, places);
    if (buckets_.any) path_->scan[buckets_.level](*this, p, size, places);
    for (size_t block = 0; block < size / 64; ++block) hits.note(p + 64 * block, places[block]);
}

// The last bytes do not fill a block: they are scanned in a copy, with line ends behind them.
const char* Scanner::scan(const char* p, const char* end, Hits& hits) const {
    static_assert(Grams::kChunk % kStep == 0 && Grams::kChunk / 64 <= Hits::kMore && Grams::kBehind <= kBehind);
    const auto left = [&] { return static_cast<size_t>(end - p); };
    while (left() >= kStep + kBehind && hits.count < Hits::kEnough) {
        const size_t size = std::min(Grams::kChunk, (left() - kBehind) / kStep * kStep);
        chunk(p, size, hits);
        p += size;
    }
    if (p == end || hits.count >= Hits::kEnough) return p;
    char copy[2 * kStep + kBehind];
    const size_t size = left();
    const size_t whole = (size + kStep - 1) / kStep * kStep;
    std::memcpy(copy, p, size);
    std::memset(copy + size, '\n', whole + kBehind - size);
    Hits last;
    chunk(copy, whole, last);
    for (size_t i = 0; i < last.count; ++i) {
        const auto from = static_cast<size_t>(last.blocks[i].at - copy);
        const uint64_t kept = size - from >= 64 ? ~uint64_t{0} : (uint64_t{1} << (size - from)) - 1;
        if (from < size) hits.note(p + from, last.blocks[i].places & kept);
    }
    return end;
}

std::vector<std::string> Scanner::paths() {
    std::vector<std::string> names;
    for (const Path& path : all_paths()) names.push_back(path.name);
    return names;
}

bool Scanner::use(const std::string& name) {
    for (const Path& path : all_paths()) {
        if (path.name != name) continue;
        path_ = &path;
        return true;
    }
    return false;
}

}  // namespace aigate
