// See style.h.
#include "style.h"

#include <algorithm>

namespace aigate {

namespace {

constexpr uint32_t kIndexed = 0x01000000;
constexpr uint32_t kDirect = 0x02000000;
constexpr uint32_t kUnderline = 20;  // three bits
constexpr uint32_t kFramed = 10, kEncircled = 11, kOverlined = 12, kRaised = 13, kLowered = 14;

uint32_t value_at(const Parameters& parameters, size_t at) { return at < parameters.size() ? parameters[at].value : 0; }

void number(std::string& out, char before, uint32_t value) {
    out += before;
    out += std::to_string(value);
}

void write_colour(std::string& out, uint32_t base, uint32_t colour) {
    if (!colour) return;
    const uint32_t value = colour & 0xffffff;
    const char mark = base == 58 ? ':' : ';';
    if (colour & kIndexed && value < 16 && base != 58) return number(out, ';', (value < 8 ? base - 8 : base + 52) + value % 8);
    number(out, ';', base);
    number(out, mark, colour & kIndexed ? 5 : 2);
    if (colour & kIndexed) return number(out, mark, value);
    if (mark == ':') out += ':';
    for (int shift : {16, 8, 0}) number(out, mark, value >> shift & 0xff);
}

}  // namespace

// Reads what follows 38, 48 or 58 at `at`; returns where the parameters go on.
size_t Style::colour(const Parameters& parameters, size_t at, uint32_t* colour) const {
    const bool subs = at + 1 < parameters.size() && parameters[at + 1].sub;
    size_t end = at + 1;
    while (subs && end < parameters.size() && parameters[end].sub) ++end;
    const uint32_t kind = value_at(parameters, at + 1);
    if (kind == 5) {
        *colour = kIndexed | (value_at(parameters, at + 2) & 0xff);
        return subs ? end : std::min(at + 3, parameters.size());
    }
    if (kind != 2) return subs ? end : std::min(at + 2, parameters.size());
    const size_t first = subs && end - at > 5 ? at + 3 : at + 2;  // 38:2::r:g:b has a colour space
    *colour = kDirect;
    for (size_t part = 0; part < 3; ++part) *colour |= (value_at(parameters, first + part) & 0xff) << (16 - 8 * part);
    return subs ? end : std::min(at + 5, parameters.size());
}

// Takes the parameter at `at` and what belongs to it; returns where the parameters go on.
size_t Style::one(const Parameters& parameters, size_t at) {
    const uint32_t value = parameters[at].value;
    size_t end = at + 1;
    while (end < parameters.size() && parameters[end].sub) ++end;
    const auto underline = [&](uint32_t kind) { attributes_ = (attributes_ & ~(7u << kUnderline)) | kind << kUnderline; };
    if (value == 38) return colour(parameters, at, &foreground_);
    if (value == 48) return colour(parameters, at, &background_);
    if (value == 58) return colour(parameters, at, &line_);
    if (value == 0) *this = Style();
    else if (value == 4) underline(end > at + 1 ? std::min<uint32_t>(parameters[at + 1].value, 5) : 1);
    else if (value < 10) set(value);
    else if (value == 21) underline(2);
    else if (value == 22) clear(1), clear(2);
    else if (value == 24) underline(0);
    else if (value == 25) clear(5), clear(6);
    else if (value >= 23 && value <= 29) clear(value - 20);
    else if (value >= 30 && value <= 37) foreground_ = kIndexed | (value - 30);
    else if (value == 39) foreground_ = 0;
    else if (value >= 40 && value <= 47) background_ = kIndexed | (value - 40);
    else if (value == 49) background_ = 0;
    else if (value == 51) set(kFramed);
    else if (value == 52) set(kEncircled);
    else if (value == 53) set(kOverlined);
    else if (value == 54) clear(kFramed), clear(kEncircled);
    else if (value == 55) clear(kOverlined);
    else if (value == 59) line_ = 0;
    else if (value == 73) set(kRaised), clear(kLowered);
    else if (value == 74) set(kLowered), clear(kRaised);
    else if (value == 75) clear(kRaised), clear(kLowered);
    else if (value >= 90 && value <= 97) foreground_ = kIndexed | (value - 90 + 8);
    else if (value >= 100 && value <= 107) background_ = kIndexed | (value - 100 + 8);
    return end;
}

void Style::apply(const Parameters& parameters) {
    if (parameters.empty()) *this = Style();
    for (size_t at = 0; at < parameters.size();) at = one(parameters, at);
}

void Style::reverse(const Parameters& parameters, size_t from) {
    const bool all = parameters.size() <= from;
    for (size_t at = all ? 0 : from; at < (all ? 1 : parameters.size()); ++at) {
        const uint32_t value = all ? 0 : parameters[at].value;
        const uint32_t underline = attributes_ >> kUnderline & 7;
        if (!value || value == 4) attributes_ = (attributes_ & ~(7u << kUnderline)) | (underline ? 0u : 1u) << kUnderline;
        for (uint32_t attribute : {1u, 5u, 7u})
            if (!value || value == attribute) attributes_ ^= uint32_t{1} << attribute;
    }
}

void Style::write(std::string& out) const {
    out += "\x1b[0";
    for (uint32_t attribute = 1; attribute < 10; ++attribute)
        if (has(attribute)) number(out, ';', attribute);
    const uint32_t kind = attributes_ >> kUnderline & 7;
    if (kind) number(out, ';', 4);
    if (kind > 1) number(out, ':', kind);
    for (auto [attribute, value] : {std::pair{kFramed, 51u}, {kEncircled, 52u}, {kOverlined, 53u}, {kRaised, 73u}, {kLowered, 74u}})
        if (has(attribute)) number(out, ';', value);
    write_colour(out, 38, foreground_);
    write_colour(out, 48, background_);
    write_colour(out, 58, line_);
    out += 'm';
}

}  // namespace aigate
