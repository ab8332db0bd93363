// See sift.h. No branch depends on the text: it would be mispredicted at each other place.
#include "sift.h"

#include <algorithm>
#include <cstring>

#include "bytes.h"
#include "cpu.h"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of values that GCC 12's own header leaves undefined on purpose
#endif
#include <immintrin.h>
#endif

namespace aigate {

struct PlainSift {
    // Of most blocks the first six are all.
    static size_t list(const Scanner::Hits& hits, const char** places) {
        constexpr size_t kFew = 6;
        static_assert(kFew <= Places::kSpare);
        size_t count = 0;
        for (size_t hit = 0; hit < hits.count; ++hit) {
            const char* const block = hits.blocks[hit].at;
            uint64_t left = hits.blocks[hit].places;
            const auto put = [&](size_t at) {
                places[at] = block + __builtin_ctzll(left | uint64_t{1} << 63);
                left &= left - 1;
            };
            const size_t ends = count + ones(left);
#pragma GCC unroll 6
            for (size_t at = 0; at < kFew; ++at) put(count + at);
            for (size_t at = count + kFew; at < ends; ++at) put(at);
            count = ends;
        }
        return count;
    }

    // A look at few bytes is enough for most places.
    static size_t keep(const Rows& rows, const char** places, size_t count) {
        const auto those = [&](auto fits) {
            size_t kept = 0;
            for (size_t at = 0; at < count; ++at) {
                const char* const place = places[at];
                places[kept] = place;
                kept += fits(place);
            }
            count = kept;
        };
        those([&](const char* place) { return rows.may_begin(place); });
        those([&](const char* place) { return rows.may_show(place); });
        return count;
    }

    static size_t fit(const Rows& rows, size_t from, size_t to, uint64_t word, const char* place, uint32_t* numbers) {
        Rows::Behind bits;
        if (place)
            for (size_t at = 0; at < Rows::kLooked; ++at)
                bits.kinds[at] = uint64_t{1} << Rows::kKinds.of[static_cast<unsigned char>(place[Rows::kHashed + at])];
        size_t count = 0;
        for (size_t at = from; at < to; ++at) {
            if ((word & rows.masks_[at]) != rows.values_[at]) continue;
            uint64_t missing = 0;
            for (size_t i = 0; i < Rows::kLooked; ++i) missing |= bits.kinds[i] & ~rows.behinds_[at].kinds[i];
            numbers[count] = rows.numbers_[at];
            count += !missing;
        }
        return count;
    }
};

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

struct VectorSift {
    // The kinds of the bytes behind a place, each in a lane of its own.
    struct Kinds {
        __m512i low, high;
    };
    TARGET __attribute__((always_inline)) static inline Kinds table() {
        return {_mm512_load_si512(Rows::kKinds.of.data()), _mm512_load_si512(Rows::kKinds.of.data() + 64)};
    }
    TARGET __attribute__((always_inline)) static inline __m512i kinds_behind(const Kinds& kinds, const char* place) {
        static_assert(Rows::kLooked == 8);
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(place + Rows::kHashed));
        const __m128i found = _mm512_castsi512_si128(_mm512_permutex2var_epi8(kinds.low, _mm512_castsi128_si512(bytes), kinds.high));
        return _mm512_cvtepu8_epi64(_mm_maskz_mov_epi8(static_cast<__mmask16>(~_mm_movepi8_mask(bytes)), found));  // beyond ASCII: 0
    }

    TARGET __attribute__((always_inline)) static inline void put(const char** places, __m512i base, __m128i eight) {
        _mm512_storeu_si512(places, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(eight)));
    }

    TARGET static size_t list(const Scanner::Hits& hits, const char** places) {
        static_assert(Places::kSpare >= 8);
        alignas(64) uint8_t counted[64];
        for (unsigned at = 0; at < 64; ++at) counted[at] = static_cast<uint8_t>(at);
        const __m512i each = _mm512_load_si512(counted);
        size_t count = 0;
        for (size_t hit = 0; hit < hits.count; ++hit) {
            const __m512i base = _mm512_set1_epi64(reinterpret_cast<long long>(hits.blocks[hit].at));
            const uint64_t left = hits.blocks[hit].places;
            const __m512i found = _mm512_maskz_compress_epi8(left, each);
            const auto many = static_cast<size_t>(_mm_popcnt_u64(left));
            put(places + count, base, _mm512_castsi512_si128(found));
            if (__builtin_expect(many > 8, 0)) {
                alignas(64) uint8_t all[64];
                _mm512_store_si512(all, found);
                for (size_t at = 8; at < many; at += 8) put(places + count + at, base, _mm_loadl_epi64(reinterpret_cast<const __m128i*>(all + at)));
            }
            count += many;
        }
        return count;
    }

    TARGET static size_t keep(const Rows& rows, const char** places, size_t count) {
        const Kinds kinds = table();
        const __m512i one = _mm512_set1_epi64(1);
        const uint16_t* const of = rows.of_.data();
        const Rows::Behind* const behind = rows.behind_.data();
        size_t kept = 0;
        for (size_t at = 0; at < count; ++at) {
            const char* const place = places[at];
            const __m512i row = _mm512_load_si512(behind + of[Rows::hash(Rows::four_at(place))]);
            const __m512i bits = _mm512_srlv_epi64(row, kinds_behind(kinds, place));
            places[kept] = place;
            kept += _mm512_test_epi64_mask(bits, one) == 0xff;
        }
        return kept;
    }

    TARGET static size_t fit(const Rows& rows, size_t from, size_t to, uint64_t word, const char* place, uint32_t* numbers) {
        const __m512i bits =
            place ? _mm512_sllv_epi64(_mm512_set1_epi64(1), kinds_behind(table(), place)) : _mm512_setzero_si512();
        const __m512i words = _mm512_set1_epi64(static_cast<long long>(word));
        size_t count = 0;
        for (size_t at = from; at < to; at += 8) {
            const auto there = static_cast<__mmask8>(to - at >= 8 ? 0xff : (1u << (to - at)) - 1);
            const __m512i masks = _mm512_maskz_loadu_epi64(there, rows.masks_.data() + at);
            const __m512i values = _mm512_maskz_loadu_epi64(there, rows.values_.data() + at);
            unsigned left = _mm512_mask_cmpeq_epi64_mask(there, _mm512_and_si512(masks, words), values);
            for (; left; left &= left - 1) {
                const size_t one = at + static_cast<size_t>(__builtin_ctz(left));
                const __m512i missing = _mm512_andnot_si512(_mm512_load_si512(rows.behinds_.data() + one), bits);
                numbers[count] = rows.numbers_[one];
                count += !_mm512_test_epi64_mask(missing, missing);
            }
        }
        return count;
    }
};

#undef TARGET

#endif

const std::vector<Sift::Way>& Sift::ways() {
    static const std::vector<Way> all = [] {
        std::vector<Way> found;
#if defined(__x86_64__)
        if (Cpu().avx512) found.push_back({"avx512", VectorSift::list, VectorSift::keep, VectorSift::fit});
#endif
        found.push_back({"plain", PlainSift::list, PlainSift::keep, PlainSift::fit});
        return found;
    }();
    return all;
}

void Sift::use(const std::string& path) {
    way_ = &ways().back();
    for (const Way& way : ways())
        if (path == way.name) way_ = &way;
}

// Of places near the end not enough is known.
void Sift::list(const Scanner::Hits& hits, const char* end, Places& places) const {
    const size_t count = way_->list(hits, places.data());
    size_t whole = count;
    while (whole && end - places[whole - 1] < static_cast<std::ptrdiff_t>(Rows::kBytes)) --whole;
    const size_t kept = way_->keep(rows_, places.data(), whole);
    std::copy(places.begin() + whole, places.begin() + count, places.data() + kept);
    places.size = kept + (count - whole);
}

}  // namespace aigate
