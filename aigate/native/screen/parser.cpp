// See parser.h.
#include "parser.h"

#include <algorithm>

namespace aigate {

namespace {

constexpr char kEscapeByte = 0x1b;
constexpr size_t kMostParameters = 32;
constexpr uint32_t kLargest = 0xffff;
constexpr size_t kMostIntermediates = 4;
constexpr uint32_t kLargestPart = 15;
constexpr uint32_t kLargestSize = 7;  // of sized text, in both ways

// The digits that stand there, two of them at most.
uint32_t number_at(const std::string& text, size_t at) {
    uint32_t number = 0;
    for (const size_t end = std::min(at + 2, text.size()); at < end && text[at] >= '0' && text[at] <= '9'; ++at)
        number = number * 10 + static_cast<uint32_t>(text[at] - '0');
    return number;
}

}  // namespace

uint32_t Parser::number(size_t at, uint32_t missing) const {
    return at < parameters_.size() && parameters_[at].value ? parameters_[at].value : missing;
}

Parser::Event Parser::take(unsigned char byte) {
    again_ = false;
    if (state_ == State::Ground) return character(byte);
    if (state_ == State::String) return in_string(byte);
    if (byte == 0x18 || byte == 0x1a) {
        state_ = State::Ground;
        return control(byte);
    }
    if (byte == kEscapeByte) {
        begin();
        return Event::None;
    }
    if (byte < 0x20) return control(byte);
    if (byte == 0x7f) return Event::None;
    if (byte >= 0x80) {  // ends what is no sequence then
        state_ = State::Ground;
        return character(byte);
    }
    return state_ == State::Escape ? in_escape(byte) : in_csi(byte);
}

Parser::Event Parser::control(char32_t code) {
    code_ = code;
    return Event::Control;
}

Parser::Event Parser::ill_formed(bool again) {
    expected_ = 0;
    again_ = again;
    code_ = 0xfffd;
    return Event::Print;
}

// Text, in UTF-8; well-formed as RFC 3629 has it.
Parser::Event Parser::character(unsigned char byte) {
    if (expected_) {
        if (byte < low_ || byte > high_) return ill_formed(true);
        low_ = 0x80;
        high_ = 0xbf;
        partial_ = partial_ << 6 | (byte & 0x3f);
        if (--expected_) return Event::None;
        code_ = partial_;
        if (code_ >= 0xa0) return Event::Print;
        begin();  // C1: the same as ESC and a letter
        return in_escape(static_cast<unsigned char>(code_ - 0x40));
    }
    if (byte == kEscapeByte) {
        end_sized();
        begin();
        return Event::None;
    }
    if (byte == 0x07) end_sized();
    if (byte < 0x20 || byte == 0x7f) return control(byte);
    code_ = byte;
    if (byte < 0x80) return Event::Print;
    if (byte < 0xc2 || byte > 0xf4) return ill_formed(false);
    expected_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    partial_ = byte & (0x3f >> expected_);
    low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    return Event::None;
}

// An ESC, or what is as good as one.
void Parser::begin() {
    state_ = State::Escape;
    intermediates_.clear();
    parameters_.clear();
    prefix_ = 0;
}

Parser::Event Parser::in_escape(unsigned char byte) {
    if (byte < 0x30) {
        if (intermediates_.size() < kMostIntermediates) intermediates_ += static_cast<char>(byte);
        return Event::None;
    }
    final_ = static_cast<char>(byte);
    if (intermediates_.empty()) {
        switch (byte) {
            case '[': state_ = State::Csi; return Event::None;
            case ']': case 'P': case 'X': case '^': case '_':
                state_ = State::String;
                introducer_ = static_cast<char>(byte);
                string_.clear();
                before_ = 0;
                return Event::None;
            default: break;
        }
    }
    state_ = State::Ground;
    return Event::Escape;
}

void Parser::add_digit(unsigned char byte) {
    if (parameters_.empty()) parameters_.emplace_back();
    Parameter& last = parameters_.back();
    last.value = std::min(last.value * 10 + (byte - '0'), kLargest);
    last.missing = false;
}

Parser::Event Parser::in_csi(unsigned char byte) {
    if (byte >= 0x40) {
        const bool known = state_ == State::Csi;
        state_ = State::Ground;
        final_ = static_cast<char>(byte);
        return known ? Event::Csi : Event::None;
    }
    if (state_ == State::CsiIgnored) return Event::None;
    if (byte < 0x30) {
        if (intermediates_.size() < kMostIntermediates) intermediates_ += static_cast<char>(byte);
    } else if (!intermediates_.empty()) {
        state_ = State::CsiIgnored;
    } else if (byte >= 0x3c) {
        if (!parameters_.empty() || prefix_) state_ = State::CsiIgnored;
        prefix_ = static_cast<char>(byte);
    } else if (byte <= '9') {
        if (parameters_.size() <= kMostParameters) add_digit(byte);
    } else if (parameters_.size() < kMostParameters) {
        if (parameters_.empty()) parameters_.emplace_back();
        parameters_.emplace_back();
        parameters_.back().sub = byte == ':';
    }
    return Event::None;
}

// Up to ST (ESC \), for an OSC also up to BEL; CAN and SUB give it up, and so does an ESC that begins something else.
Parser::Event Parser::in_string(unsigned char byte) {
    if (byte == 0x18 || byte == 0x1a) {
        state_ = State::Ground;
        return control(byte);
    }
    if (byte == kEscapeByte || (byte == 0x07 && introducer_ == ']')) {
        if (byte == kEscapeByte) begin();
        else state_ = State::Ground;
        return Event::String;
    }
    const bool ends = byte == 0x9c && before_ == 0xc2;  // ST as a character (C1), which xterm knows and others do not
    before_ = byte;
    if (ends) {
        if (!string_.empty() && string_.back() == '\xc2') string_.pop_back();
        state_ = State::Ground;
        return Event::String;
    }
    if (byte == ';' && is_sized_text()) {  // what follows up to its end is text, and ST a sequence by itself
        state_ = State::Ground;
        begin_sized();
        return Event::None;
    }
    if (string_.size() < kStringKept) string_ += static_cast<char>(byte);
    return Event::None;
}

// Whether the beginning of an OSC 66 is over but for the `;` behind its metadata (kitty, text sizing protocol).
bool Parser::is_sized_text() const {
    return introducer_ == ']' && string_.compare(0, 3, "66;") == 0 && string_.size() < kStringKept;
}

// Reads the metadata, `s=2:w=3`; n and d are a fraction by which letters are smaller, in the same cells.
void Parser::begin_sized() {
    ++sized_;
    in_sized_ = true;
    uint32_t part = 0;
    uint32_t of = 0;
    for (size_t at = 3; at + 2 < string_.size(); ++at) {
        if (at > 3 && string_[at - 1] != ':') continue;
        if (string_[at + 1] != '=') continue;
        if (string_[at] == 'n') part = number_at(string_, at + 2);
        if (string_[at] == 'd') of = number_at(string_, at + 2);
        const auto digit = static_cast<uint32_t>(string_[at + 2] - '0');
        if (digit > kLargestSize) continue;
        if (string_[at] == 's' && digit) scale_ = digit;
        if (string_[at] == 'w') sized_width_ = digit;
    }
    if (part && of > part && of <= kLargestPart) sized_share_ = (of + part * scale_ - 1) / (part * scale_);
}

void Parser::end_sized() {
    scale_ = 1;
    sized_width_ = 0;
    sized_share_ = 1;
    in_sized_ = false;
}

}  // namespace aigate
