// See scan.h, and scan_loop.h for what a block is tested for.
#include "scan.h"

#include <algorithm>
#include <cstring>

#include "cpu.h"
#include "text.h"

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
    using Register = __m128i;
    static constexpr size_t kWidth = 16;
    TARGET INLINE Register repeat(char byte) { return _mm_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) { return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes)); }
    TARGET INLINE Register load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm_and_si128(a, _mm_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm_srli_epi16(a, 4)); }
    TARGET INLINE Register look_up(Register table, Register index) { return _mm_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm_cmpeq_epi8(a, b); }
    TARGET INLINE Register both(Register a, Register b) { return _mm_and_si128(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm_or_si128(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) {
        return 0xffff ^ static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())));
    }
};
#undef TARGET

#define TARGET __attribute__((target("avx2")))
struct Avx2 {
    using Register = __m256i;
    static constexpr size_t kWidth = 32;
    TARGET INLINE Register repeat(char byte) { return _mm256_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) {
        return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    }
    TARGET INLINE Register load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm256_and_si256(a, _mm256_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm256_srli_epi16(a, 4)); }
    TARGET INLINE Register look_up(Register table, Register index) { return _mm256_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm256_cmpeq_epi8(a, b); }
    TARGET INLINE Register both(Register a, Register b) { return _mm256_and_si256(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm256_or_si256(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) {
        return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, _mm256_setzero_si256())));
    }
};
#undef TARGET

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
struct Avx512 {
    using Register = __m512i;
    static constexpr size_t kWidth = 64;
    TARGET INLINE Register repeat(char byte) { return _mm512_set1_epi8(byte); }
    TARGET INLINE Register table(const uint8_t* bytes) {
        return _mm512_maskz_broadcast_i32x4(0xffff, _mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    }
    TARGET INLINE Register load(const char* p) { return _mm512_loadu_si512(p); }
    TARGET INLINE Register low_nibbles(Register a) { return _mm512_and_si512(a, _mm512_set1_epi8(0x0f)); }
    TARGET INLINE Register high_nibbles(Register a) { return low_nibbles(_mm512_srli_epi16(a, 4)); }
    TARGET INLINE Register look_up(Register table, Register index) { return _mm512_shuffle_epi8(table, index); }
    TARGET INLINE Register equal(Register a, Register b) { return _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(a, b)); }
    TARGET INLINE Register both(Register a, Register b) { return _mm512_and_si512(a, b); }
    TARGET INLINE Register either(Register a, Register b) { return _mm512_or_si512(a, b); }
    TARGET INLINE uint64_t not_zero(Register a) { return _mm512_test_epi8_mask(a, a); }
};
#undef TARGET

#elif defined(__aarch64__)

struct Neon {
    using Register = uint8x16_t;
    static constexpr size_t kWidth = 16;
    INLINE Register repeat(char byte) { return vdupq_n_u8(static_cast<uint8_t>(byte)); }
    INLINE Register table(const uint8_t* bytes) { return vld1q_u8(bytes); }
    INLINE Register load(const char* p) { return vld1q_u8(reinterpret_cast<const uint8_t*>(p)); }
    INLINE Register low_nibbles(Register a) { return vandq_u8(a, vdupq_n_u8(0x0f)); }
    INLINE Register high_nibbles(Register a) { return vshrq_n_u8(a, 4); }
    INLINE Register look_up(Register table, Register index) { return vqtbl1q_u8(table, index); }
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
};

#endif

}  // namespace

struct Blocks {
    using Hits = Scanner::Hits;

    // Without a branch that would be mispredicted each time that something is found.
    INLINE void note(const char* p, uint64_t found, Hits& hits) {
        hits.blocks[hits.count] = {p, found};
        hits.count += found != 0;
    }

    template <size_t kSets>
    static const char* scalar(const Scanner& scanner, const char* p, const char* end, Hits& hits) {
        const auto byte = [](const char* at) { return static_cast<unsigned char>(*at); };
        while (p != end && hits.count < Hits::kEnough) {
            uint64_t found = 0;
            const char* const stop = p + std::min<std::ptrdiff_t>(64, end - p);
            for (const char* at = p; at != stop; ++at) {
                const uint64_t groups = scanner.groups_[0][byte(at)];
                const bool open = at + 1 == end || at[1] == kEscape;
                if (groups && (open || (groups & scanner.groups_[1][byte(at + 1)]))) found |= uint64_t{1} << (at - p);
            }
            note(p, found, hits);
            p = stop;
        }
        return p;
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

    // With VBMI one look-up among 128 bytes takes the place of two among 16. Blocks with bytes beyond ASCII go the
    // other way, one by one.
    template <size_t kSets>
    TARGET static const char* wide(const Scanner& scanner, const char* p, const char* end, Hits& hits) {
        const __m512i escape = _mm512_set1_epi8(kEscape);
        const __m512i ones = _mm512_set1_epi8(-1);
        __m512i first[kSets][kPrintLength];
        __m512i second[kSets][kPrintLength];
#pragma GCC unroll 4
        for (size_t set = 0; set < kSets; ++set) {
#pragma GCC unroll 4
            for (size_t i = 0; i < kPrintLength; ++i) {
                first[set][i] = _mm512_load_si512(scanner.buckets_[set][i]);
                second[set][i] = _mm512_load_si512(scanner.buckets_[set][i] + 64);
            }
        }
        for (; end - p >= 64 + 3 && hits.count < Hits::kEnough; p += 64) {
            __m512i bytes[kPrintLength];
#pragma GCC unroll 4
            for (size_t i = 0; i < kPrintLength; ++i) bytes[i] = _mm512_loadu_si512(p + i);
            if (__builtin_expect(_mm512_movepi8_mask(_mm512_or_si512(bytes[0], bytes[kPrintLength - 1])) != 0, 0)) {
                scan<kSets>(Avx512(), scanner, p, p + 64 + 3, hits);
                continue;
            }
            __m512i found[kSets];
#pragma GCC unroll 4
            for (size_t back = 1; back <= kPrintLength; ++back) {
                const size_t i = kPrintLength - back;
                const __mmask64 escapes = i ? _mm512_cmpeq_epi8_mask(bytes[i], escape) : 0;
#pragma GCC unroll 4
                for (size_t set = 0; set < kSets; ++set) {
                    const __m512i buckets = _mm512_permutex2var_epi8(first[set][i], bytes[i], second[set][i]);
                    found[set] = back == 1 ? buckets : _mm512_and_si512(buckets, found[set]);
                    if (i) found[set] = _mm512_mask_mov_epi8(found[set], escapes, ones);
                }
            }
            __m512i any = found[0];
#pragma GCC unroll 4
            for (size_t set = 1; set < kSets; ++set) any = _mm512_or_si512(any, found[set]);
            note(p, _mm512_test_epi8_mask(any, any), hits);
        }
        return p;
    }
#undef TARGET
#undef VECTOR

#elif defined(__aarch64__)

#define VECTOR Neon
#define TARGET
#include "scan_loop.h"
#undef TARGET
#undef VECTOR

#endif

    template <typename Vector, size_t kSets>
    static const char* by(const Scanner& scanner, const char* p, const char* end, Hits& hits) {
        return scan<kSets>(Vector(), scanner, p, end, hits);
    }

    template <typename Vector>
    static Scanner::Path path(const char* name) {
        return {name, Vector::kWidth, {by<Vector, 1>, by<Vector, 2>, by<Vector, 4>}};
    }

    static std::vector<Scanner::Path> all() {
        std::vector<Scanner::Path> paths;
#if defined(__x86_64__)
        const Cpu cpu;
        if (cpu.avx512) paths.push_back({"avx512", Avx512::kWidth, {wide<1>, wide<2>, wide<4>}});
        if (cpu.avx2) paths.push_back(path<Avx2>("avx2"));
        if (cpu.ssse3) paths.push_back(path<Ssse3>("ssse3"));
#elif defined(__aarch64__)
        paths.push_back(path<Neon>("neon"));
#endif
        paths.push_back({"scalar", 0, {scalar<1>, scalar<2>, scalar<4>}});
        return paths;
    }
};

const std::vector<Scanner::Path>& Scanner::all_paths() {
    static const std::vector<Path> paths = Blocks::all();
    return paths;
}

Scanner::Scanner(const Prints& prints) : sets_(prints.sets), path_(&all_paths().front()) {
    std::memcpy(buckets_, prints.buckets, sizeof buckets_);
    std::memcpy(groups_, prints.groups, sizeof groups_);
    for (size_t set = 0; set < kMostSets; ++set) {
        for (size_t i = 0; i < kPrintLength; ++i) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                low_[set][i][byte & 15] |= buckets_[set][i][byte];
                high_[set][i][byte >> 4] |= buckets_[set][i][byte];
            }
        }
    }
}

// The last bytes do not fill a block: they are scanned in a copy, with ESC behind them, which leaves everything open.
const char* Scanner::scan(const char* p, const char* end, Hits& hits) const {
    const Scan blocks = path_->scan[sets_ == 4 ? 2 : sets_ - 1];
    p = blocks(*this, p, end, hits);
    if (p == end || hits.count >= Hits::kEnough) return p;
    char copy[2 * 64 + kPrintLength];
    const auto size = static_cast<size_t>(end - p);
    std::memset(copy, kEscape, sizeof copy);
    std::memcpy(copy, p, size);
    const size_t whole = (size + path_->width - 1) / path_->width * path_->width;
    Hits last;
    blocks(*this, copy, copy + whole + kPrintLength - 1, last);
    for (size_t i = 0; i < last.count; ++i) {
        const auto from = static_cast<size_t>(last.blocks[i].at - copy);
        const uint64_t kept = size - from >= 64 ? ~uint64_t{0} : (uint64_t{1} << (size - from)) - 1;
        if (from < size) Blocks::note(p + from, last.blocks[i].places & kept, hits);
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

namespace {

// Whether p is the last byte of a sequence that begins at or after `begin`.
bool ends_sequence(const char* begin, const char* p) {
    const char* at = p;
    if (*p == '\x07') {
        const char* const from = p - begin > static_cast<std::ptrdiff_t>(kSequenceMax) ? p - kSequenceMax : begin;
        while (at != from && at[-1] != kEscape) --at;
        if (at == from) return false;
    } else {
        while (at != begin && at[-1] >= 0x20 && at[-1] <= 0x3f) --at;
        if (at != begin && at[-1] == '[') --at;
    }
    if (at == begin || at[-1] != kEscape) return false;
    return sequence::length(at - 1, static_cast<size_t>(p + 2 - at)) == p + 2 - at;
}

}  // namespace

// Looks at four bytes of text, and steps over escape sequences between them. The last byte of a sequence with others
// behind it is no place: floods of sequences would all be walked through from each of them.
uint64_t Scanner::groups_around_escapes(const char* place, const char* begin, const char* end) const {
    uint64_t groups = groups_[0][static_cast<unsigned char>(*place)];
    const char* p = place;
    for (size_t i = 1; i < kPrintLength && groups; ++i) {
        ++p;
        if (p != end && *p == kEscape) {
            p = sequence::skip_one(p, end);
            if (p != end && *p == kEscape) {
                if (i == 1 && ends_sequence(begin, place)) return 0;
                p = sequence::skip(p, end);
            }
        }
        if (p == end) return groups;
        groups &= groups_[i][static_cast<unsigned char>(*p)];
    }
    return groups;
}

}  // namespace aigate
