// See _masker_scan.h. Each path computes, for every byte p of a block, with `b` the bytes there and `c` the tables:
//
//     c0[b0] & (esc(b1) | c1[b1] & (esc(b2) | c2[b2] & (esc(b3) | c3[b3])))
//
// that is: up to four bytes of a fingerprint, of which an escape sequence may hide the rest.
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
    static const char* scalar(const Scanner& scanner, const char* p, const char* end) {
        return scanner.find_scalar(p, end);
    }

#if defined(__x86_64__)
    __attribute__((target("ssse3"))) static const char* ssse3(const Scanner& scanner, const char* p, const char* end) {
        const __m128i nibble = _mm_set1_epi8(0x0f);
        const __m128i escape = _mm_set1_epi8(kEscape);
        __m128i low[kPrintLength];
        __m128i high[kPrintLength];
        for (size_t i = 0; i < kPrintLength; ++i) {
            low[i] = _mm_load_si128(reinterpret_cast<const __m128i*>(scanner.low_[i]));
            high[i] = _mm_load_si128(reinterpret_cast<const __m128i*>(scanner.high_[i]));
        }
        for (; end - p >= 16 + 3; p += 16) {
            __m128i found = _mm_setzero_si128();
            for (size_t i = kPrintLength; i-- > 0;) {
                const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
                const __m128i buckets =
                    _mm_and_si128(_mm_shuffle_epi8(low[i], _mm_and_si128(bytes, nibble)),
                                  _mm_shuffle_epi8(high[i], _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble)));
                found = i == kPrintLength - 1 ? buckets : _mm_and_si128(buckets, found);
                if (i) found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, escape));
            }
            unsigned hits = 0xffff ^ static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(found, _mm_setzero_si128())));
            for (; hits; hits &= hits - 1) {
                const char* hit = p + __builtin_ctz(hits);
                if (scanner.looks_right(hit, end)) return hit;
            }
        }
        return scanner.find_scalar(p, end);
    }

    __attribute__((target("avx2"))) static const char* avx2(const Scanner& scanner, const char* p, const char* end) {
        const __m256i nibble = _mm256_set1_epi8(0x0f);
        const __m256i escape = _mm256_set1_epi8(kEscape);
        __m256i low[kPrintLength];
        __m256i high[kPrintLength];
        for (size_t i = 0; i < kPrintLength; ++i) {
            low[i] = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(scanner.low_[i])));
            high[i] = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(scanner.high_[i])));
        }
        for (; end - p >= 32 + 3; p += 32) {
            __m256i found = _mm256_setzero_si256();
            for (size_t i = kPrintLength; i-- > 0;) {
                const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
                const __m256i buckets = _mm256_and_si256(
                    _mm256_shuffle_epi8(low[i], _mm256_and_si256(bytes, nibble)),
                    _mm256_shuffle_epi8(high[i], _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
                found = i == kPrintLength - 1 ? buckets : _mm256_and_si256(buckets, found);
                if (i) found = _mm256_or_si256(found, _mm256_cmpeq_epi8(bytes, escape));
            }
            unsigned hits =
                ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256())));
            for (; hits; hits &= hits - 1) {
                const char* hit = p + __builtin_ctz(hits);
                if (scanner.looks_right(hit, end)) return hit;
            }
        }
        return scanner.find_scalar(p, end);
    }

    // One look-up among 128 bytes takes the place of two among 16. Blocks with bytes beyond ASCII are left to avx2.
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx2"))) static const char* avx512(
        const Scanner& scanner, const char* p, const char* end) {
        const __m512i escape = _mm512_set1_epi8(kEscape);
        __m512i first[kPrintLength];
        __m512i second[kPrintLength];
        for (size_t i = 0; i < kPrintLength; ++i) {
            first[i] = _mm512_loadu_si512(scanner.exact_[i]);
            second[i] = _mm512_loadu_si512(scanner.exact_[i] + 64);
        }
        for (; end - p >= 64 + 3; p += 64) {
            __m512i bytes[kPrintLength];
            for (size_t i = 0; i < kPrintLength; ++i) bytes[i] = _mm512_loadu_si512(p + i);
            if (_mm512_movepi8_mask(_mm512_or_si512(bytes[0], bytes[kPrintLength - 1]))) {
                const char* stop = p + 64;
                const char* hit = avx2(scanner, p, stop + 3);
                if (hit < stop) return hit;
                continue;
            }
            __m512i found = _mm512_permutex2var_epi8(first[3], bytes[3], second[3]);
            for (size_t i = kPrintLength - 1; i-- > 0;) {
                found = _mm512_mask_blend_epi8(_mm512_cmpeq_epi8_mask(bytes[i + 1], escape), found, _mm512_set1_epi8(-1));
                found = _mm512_and_si512(found, _mm512_permutex2var_epi8(first[i], bytes[i], second[i]));
            }
            const uint64_t hits = _mm512_test_epi8_mask(found, found);
            if (hits) return p + __builtin_ctzll(hits);
        }
        return avx2(scanner, p, end);
    }
#elif defined(__aarch64__)
    static const char* neon(const Scanner& scanner, const char* p, const char* end) {
        const uint8x16_t nibble = vdupq_n_u8(0x0f);
        const uint8x16_t escape = vdupq_n_u8(static_cast<uint8_t>(kEscape));
        uint8x16_t low[kPrintLength];
        uint8x16_t high[kPrintLength];
        for (size_t i = 0; i < kPrintLength; ++i) {
            low[i] = vld1q_u8(scanner.low_[i]);
            high[i] = vld1q_u8(scanner.high_[i]);
        }
        for (; end - p >= 16 + 3; p += 16) {
            uint8x16_t found = vdupq_n_u8(0);
            for (size_t i = kPrintLength; i-- > 0;) {
                const uint8x16_t bytes = vld1q_u8(reinterpret_cast<const uint8_t*>(p + i));
                const uint8x16_t buckets =
                    vandq_u8(vqtbl1q_u8(low[i], vandq_u8(bytes, nibble)), vqtbl1q_u8(high[i], vshrq_n_u8(bytes, 4)));
                found = i == kPrintLength - 1 ? buckets : vandq_u8(buckets, found);
                if (i) found = vorrq_u8(found, vceqq_u8(bytes, escape));
            }
            // Four bits of `hits` for each byte.
            uint64_t hits = vget_lane_u64(
                vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(vtstq_u8(found, found)), 4)), 0);
            while (hits) {
                const int byte = __builtin_ctzll(hits) / 4;
                if (scanner.looks_right(p + byte, end)) return p + byte;
                hits &= ~(uint64_t{0xf} << (4 * byte));
            }
        }
        return scanner.find_scalar(p, end);
    }
#endif

    static std::vector<std::pair<std::string, Scanner::Find>> all() {
        std::vector<std::pair<std::string, Scanner::Find>> paths;
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
            paths.emplace_back("avx512", avx512);
        if (__builtin_cpu_supports("avx2")) paths.emplace_back("avx2", avx2);
        if (__builtin_cpu_supports("ssse3")) paths.emplace_back("ssse3", ssse3);
#elif defined(__aarch64__)
        paths.emplace_back("neon", neon);
#endif
        paths.emplace_back("scalar", scalar);
        return paths;
    }
};

Scanner::Scanner(const Prints& prints) {
    std::memcpy(exact_, prints.classes, sizeof exact_);
    for (size_t i = 0; i < kPrintLength; ++i) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            low_[i][byte & 15] |= exact_[i][byte];
            high_[i][byte >> 4] |= exact_[i][byte];
        }
    }
    find_ = Paths::all().front().second;
}

std::vector<std::string> Scanner::paths() {
    std::vector<std::string> names;
    for (const auto& path : Paths::all()) names.push_back(path.first);
    return names;
}

void Scanner::use(const std::string& name) {
    for (const auto& path : Paths::all())
        if (path.first == name) find_ = path.second;
}

const char* Scanner::find(const char* p, const char* end) const { return find_(*this, p, end); }

bool Scanner::looks_right(const char* p, const char* end) const {
    uint8_t buckets = exact_[0][static_cast<unsigned char>(*p)];
    for (size_t i = 1; i < kPrintLength && buckets; ++i) {
        if (p + i == end || p[i] == kEscape) return true;
        buckets &= exact_[i][static_cast<unsigned char>(p[i])];
    }
    return buckets;
}

const char* Scanner::find_scalar(const char* p, const char* end) const {
    while (p != end && !looks_right(p, end)) ++p;
    return p;
}

}  // namespace aigate
