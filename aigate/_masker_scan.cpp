// See _masker_scan.h. Each path computes, for every byte p of a block, with `b` the bytes there and `c` the tables:
//
//     c0[b0] & (esc(b1) | c1[b1] & (esc(b2) | c2[b2] & (esc(b3) | c3[b3])))
//
// that is: up to four bytes of a fingerprint, of which an escape sequence may hide the rest. The inner loops must be
// unrolled, which GCC does not see by itself: else their vectors live in memory and half the speed is lost.
#include "_masker_scan.h"

#include <cstring>

#include "_masker_text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace aigate {

struct Paths {
    using Judge = Scanner::Judge;

    static const char* scalar(const Scanner& scanner, const char* p, const char* end, Judge& judge) {
        return scanner.find_scalar(p, p, end, judge);
    }

#if defined(__x86_64__)
    template <size_t kSets>
    __attribute__((target("ssse3"))) static const char* ssse3(const Scanner& scanner, const char* p, const char* end,
                                                              Judge& judge) {
        const char* const begin = p;
        const __m128i nibble = _mm_set1_epi8(0x0f);
        const __m128i escape = _mm_set1_epi8(kEscape);
        const __m128i zero = _mm_setzero_si128();
        __m128i lows[kSets][kPrintLength];
        __m128i highs[kSets][kPrintLength];
#pragma GCC unroll 4
        for (size_t set = 0; set < kSets; ++set) {
#pragma GCC unroll 4
            for (size_t i = 0; i < kPrintLength; ++i) {
                lows[set][i] = _mm_load_si128(reinterpret_cast<const __m128i*>(scanner.low_[set][i]));
                highs[set][i] = _mm_load_si128(reinterpret_cast<const __m128i*>(scanner.high_[set][i]));
            }
        }
        for (; end - p >= 16 + 3; p += 16) {
            __m128i found[kSets] = {};
#pragma GCC unroll 4
            for (size_t back = 1; back <= kPrintLength; ++back) {
                const size_t i = kPrintLength - back;
                const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
                const __m128i low = _mm_and_si128(bytes, nibble);
                const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble);
                const __m128i escapes = i ? _mm_cmpeq_epi8(bytes, escape) : zero;
#pragma GCC unroll 4
                for (size_t set = 0; set < kSets; ++set) {
                    const __m128i buckets = _mm_and_si128(_mm_shuffle_epi8(lows[set][i], low),
                                                          _mm_shuffle_epi8(highs[set][i], high));
                    found[set] = i == kPrintLength - 1 ? buckets : _mm_and_si128(buckets, found[set]);
                    found[set] = _mm_or_si128(found[set], escapes);
                }
            }
            const __m128i any = kSets == 1 ? found[0] : _mm_or_si128(found[0], found[kSets - 1]);
            unsigned hits = 0xffff ^ static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(any, zero)));
            for (; hits; hits &= hits - 1) {
                const char* hit = p + __builtin_ctz(hits);
                if (scanner.looks_right(begin, hit, end) && judge(hit)) return hit;
            }
        }
        return scanner.find_scalar(begin, p, end, judge);
    }

    template <size_t kSets>
    __attribute__((target("avx2"))) static const char* avx2(const Scanner& scanner, const char* p, const char* end,
                                                            Judge& judge) {
        const char* const begin = p;
        const __m256i nibble = _mm256_set1_epi8(0x0f);
        const __m256i escape = _mm256_set1_epi8(kEscape);
        const __m256i zero = _mm256_setzero_si256();
        __m256i lows[kSets][kPrintLength];
        __m256i highs[kSets][kPrintLength];
#pragma GCC unroll 4
        for (size_t set = 0; set < kSets; ++set) {
#pragma GCC unroll 4
            for (size_t i = 0; i < kPrintLength; ++i) {
                lows[set][i] = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(scanner.low_[set][i])));
                highs[set][i] = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(scanner.high_[set][i])));
            }
        }
        for (; end - p >= 32 + 3; p += 32) {
            __m256i found[kSets] = {};
#pragma GCC unroll 4
            for (size_t back = 1; back <= kPrintLength; ++back) {
                const size_t i = kPrintLength - back;
                const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
                const __m256i low = _mm256_and_si256(bytes, nibble);
                const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
                const __m256i escapes = i ? _mm256_cmpeq_epi8(bytes, escape) : zero;
#pragma GCC unroll 4
                for (size_t set = 0; set < kSets; ++set) {
                    const __m256i buckets = _mm256_and_si256(_mm256_shuffle_epi8(lows[set][i], low),
                                                             _mm256_shuffle_epi8(highs[set][i], high));
                    found[set] = i == kPrintLength - 1 ? buckets : _mm256_and_si256(buckets, found[set]);
                    found[set] = _mm256_or_si256(found[set], escapes);
                }
            }
            const __m256i any = kSets == 1 ? found[0] : _mm256_or_si256(found[0], found[kSets - 1]);
            unsigned hits = ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(any, zero)));
            for (; hits; hits &= hits - 1) {
                const char* hit = p + __builtin_ctz(hits);
                if (scanner.looks_right(begin, hit, end) && judge(hit)) return hit;
            }
        }
        return scanner.find_scalar(begin, p, end, judge);
    }

    // A block's worth of places, one by one.
    static const char* beyond_ascii(const Scanner& scanner, const char* begin, const char* p, const char* end,
                                    Judge& judge) {
        for (const char* stop = p + 64; p != stop; ++p)
            if (scanner.looks_right(begin, p, end) && judge(p)) return p;
        return nullptr;
    }

    // One look-up among 128 bytes takes the place of two among 16. Blocks with bytes beyond ASCII are looked at
    // without vectors.
    template <size_t kSets>
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi"))) static const char* avx512(
        const Scanner& scanner, const char* p, const char* end, Judge& judge) {
        const char* const begin = p;
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
        for (; end - p >= 64 + 3; p += 64) {
            __m512i bytes[kPrintLength];
#pragma GCC unroll 4
            for (size_t i = 0; i < kPrintLength; ++i) bytes[i] = _mm512_loadu_si512(p + i);
            if (_mm512_movepi8_mask(_mm512_or_si512(bytes[0], bytes[kPrintLength - 1]))) {
                if (const char* hit = beyond_ascii(scanner, begin, p, end, judge)) return hit;
                continue;
            }
            __m512i found[kSets] = {};
#pragma GCC unroll 4
            for (size_t back = 1; back <= kPrintLength; ++back) {
                const size_t i = kPrintLength - back;
                const __mmask64 escapes = i ? _mm512_cmpeq_epi8_mask(bytes[i], escape) : 0;
#pragma GCC unroll 4
                for (size_t set = 0; set < kSets; ++set) {
                    const __m512i buckets = _mm512_permutex2var_epi8(first[set][i], bytes[i], second[set][i]);
                    found[set] = i == kPrintLength - 1 ? buckets : _mm512_and_si512(buckets, found[set]);
                    if (i) found[set] = _mm512_mask_mov_epi8(found[set], escapes, ones);
                }
            }
            const __m512i any = kSets == 1 ? found[0] : _mm512_or_si512(found[0], found[kSets - 1]);
            for (uint64_t hits = _mm512_test_epi8_mask(any, any); hits; hits &= hits - 1) {
                const char* hit = p + __builtin_ctzll(hits);
                if (scanner.looks_right(begin, hit, end) && judge(hit)) return hit;
            }
        }
        return scanner.find_scalar(begin, p, end, judge);
    }
#elif defined(__aarch64__)
    template <size_t kSets>
    static const char* neon(const Scanner& scanner, const char* p, const char* end, Judge& judge) {
        const char* const begin = p;
        const uint8x16_t nibble = vdupq_n_u8(0x0f);
        const uint8x16_t escape = vdupq_n_u8(static_cast<uint8_t>(kEscape));
        for (; end - p >= 16 + 3; p += 16) {
            uint8x16_t found[kSets] = {};
#pragma GCC unroll 4
            for (size_t back = 1; back <= kPrintLength; ++back) {
                const size_t i = kPrintLength - back;
                const uint8x16_t bytes = vld1q_u8(reinterpret_cast<const uint8_t*>(p + i));
                const uint8x16_t low = vandq_u8(bytes, nibble);
                const uint8x16_t high = vshrq_n_u8(bytes, 4);
                const uint8x16_t escapes = i ? vceqq_u8(bytes, escape) : vdupq_n_u8(0);
#pragma GCC unroll 4
                for (size_t set = 0; set < kSets; ++set) {
                    const uint8x16_t buckets = vandq_u8(vqtbl1q_u8(vld1q_u8(scanner.low_[set][i]), low),
                                                        vqtbl1q_u8(vld1q_u8(scanner.high_[set][i]), high));
                    found[set] = i == kPrintLength - 1 ? buckets : vandq_u8(buckets, found[set]);
                    found[set] = vorrq_u8(found[set], escapes);
                }
            }
            const uint8x16_t any = kSets == 1 ? found[0] : vorrq_u8(found[0], found[kSets - 1]);
            // Four bits of `hits` for each byte.
            uint64_t hits = vget_lane_u64(
                vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(vtstq_u8(any, any)), 4)), 0);
            while (hits) {
                const int byte = __builtin_ctzll(hits) / 4;
                if (scanner.looks_right(begin, p + byte, end) && judge(p + byte)) return p + byte;
                hits &= ~(uint64_t{0xf} << (4 * byte));
            }
        }
        return scanner.find_scalar(begin, p, end, judge);
    }
#endif

    // For rules that need one set of tables, and for those that need two.
    struct Path {
        const char* name;
        Scanner::Find find[kMostSets];
    };

    static std::vector<Path> all() {
        std::vector<Path> paths;
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
            paths.push_back({"avx512", {avx512<1>, avx512<2>}});
        if (__builtin_cpu_supports("avx2")) paths.push_back({"avx2", {avx2<1>, avx2<2>}});
        if (__builtin_cpu_supports("ssse3")) paths.push_back({"ssse3", {ssse3<1>, ssse3<2>}});
#elif defined(__aarch64__)
        paths.push_back({"neon", {neon<1>, neon<2>}});
#endif
        paths.push_back({"scalar", {scalar, scalar}});
        return paths;
    }
};

Scanner::Scanner(const Prints& prints) : sets_(prints.sets) {
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
    find_ = Paths::all().front().find[sets_ - 1];
}

std::vector<std::string> Scanner::paths() {
    std::vector<std::string> names;
    for (const Paths::Path& path : Paths::all()) names.push_back(path.name);
    return names;
}

namespace {

// Whether p is the last byte of a CSI sequence that begins at or after `begin`.
bool ends_sequence(const char* begin, const char* p) {
    const char* at = p;
    while (at != begin && at[-1] >= 0x20 && at[-1] <= 0x3f) --at;
    if (at - begin < 2 || at[-1] != '[' || at[-2] != kEscape) return false;
    return sequence::length(at - 2, p + 1 - (at - 2)) == p + 1 - (at - 2);
}

}  // namespace

bool Scanner::use(const std::string& name) {
    for (const Paths::Path& path : Paths::all()) {
        if (path.name != name) continue;
        find_ = path.find[sets_ - 1];
        return true;
    }
    return false;
}

// Looks at four bytes of text, and steps over escape sequences between them. The last byte of a sequence with another
// one behind it is no place: floods of sequences would all be walked through from each of them.
bool Scanner::looks_right(const char* begin, const char* p, const char* end) const {
    uint64_t groups = groups_[0][static_cast<unsigned char>(*p)];
    if (p + 1 != end && p[1] == kEscape && ends_sequence(begin, p)) return false;
    for (size_t i = 1; i < kPrintLength && groups; ++i) {
        ++p;
        while (p != end && *p == kEscape) {
            const long length = sequence::length(p, end - p);
            if (length <= 0) break;
            p += length;
        }
        if (p == end) return true;
        groups &= groups_[i][static_cast<unsigned char>(*p)];
    }
    return groups;
}

const char* Scanner::find_scalar(const char* begin, const char* p, const char* end, Judge& judge) const {
    for (; p != end; ++p)
        if (groups_[0][static_cast<unsigned char>(*p)] && looks_right(begin, p, end) && judge(p)) return p;
    return end;
}

}  // namespace aigate
