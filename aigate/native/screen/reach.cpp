// See reach.h.
#include "reach.h"

#include <string>

namespace aigate {

namespace {

constexpr uint32_t kNoNumber = UINT32_MAX;

bool begins(const std::string& text, const char* with, size_t at = 0) { return at <= text.size() && text.compare(at, std::char_traits<char>::length(with), with) == 0; }

bool is_one_of(char byte, const char* of) { return byte && std::char_traits<char>::find(of, std::char_traits<char>::length(of), byte); }

bool asks(const std::string& text) { return text.find('?') != std::string::npos; }

// CSI Ps t: what a window does, or is asked (xterm).
Reach of_window(uint32_t what) {
    if (what == 20 || what == 21) return Reach::TextQuery;
    if (what == 22 || what == 23) return Reach::Title;
    if (what >= 11 && what <= 19) return Reach::Query;
    return Reach::Window;
}

Reach of_private_mode(uint32_t mode) {
    switch (mode) {
        case 2: return Reach::Other;  // DECANM: VT52, where sequences mean something else
        case 40: return Reach::Window;  // allows DECCOLM to resize
        case 46: return Reach::File;  // logging
        case 5522: return Reach::ClipboardRead;
        default: return Reach::Nothing;
    }
}

Reach of_private_modes(const Parser& parser) {
    for (const Parameter& mode : parser.parameters())
        if (const Reach reach = of_private_mode(mode.value); reach != Reach::Nothing) return reach;
    return Reach::Nothing;
}

// With intermediate bytes.
Reach of_longer_sequence(const std::string& between, char final) {
    if (between == "$") {
        if (is_one_of(final, "rtvxz{")) return Reach::Nothing;  // rectangles
        if (final == 'p') return Reach::Query;
        if (is_one_of(final, "uw")) return Reach::TextQuery;
        return final == '|' ? Reach::Window : Reach::Other;
    }
    if (between == "*") {
        if (final == 'x') return Reach::Nothing;
        if (final == 'y') return Reach::TextQuery;  // a checksum of what stands there
        return final == '|' ? Reach::Window : Reach::Other;  // macros, among others
    }
    if (between == "#") return is_one_of(final, "pqPQ{}") ? Reach::Nothing : is_one_of(final, "R|") ? Reach::Query : Reach::Other;
    if (between == "'") return is_one_of(final, "wz{}~") ? Reach::Nothing : final == '|' ? Reach::Query : Reach::Other;
    if (between == "\"") return final == 'q' ? Reach::Nothing : final == 'v' ? Reach::Query : Reach::Other;
    if (between == " ") return is_one_of(final, "@Aqtuv") ? Reach::Nothing : Reach::Other;
    return between == "!" && final == 'p' ? Reach::Nothing : Reach::Other;
}

Reach of_sequence(const Parser& parser) {
    const char prefix = parser.prefix();
    const char final = parser.final();
    const std::string& between = parser.intermediates();
    if (!between.empty()) return of_longer_sequence(between, final);
    switch (final) {
        case 'c': return prefix == '?' ? Reach::Nothing : Reach::Query;
        case 'h': case 'l': return prefix == '?' ? of_private_modes(parser) : Reach::Nothing;
        case 'i': return Reach::File;
        case 'm': return prefix == '?' ? Reach::Query : Reach::Nothing;
        case 'n': return prefix == '>' ? Reach::Nothing : Reach::Query;
        case 'q': return prefix == '>' ? Reach::Query : Reach::Nothing;
        case 'S': case 'u': return prefix == '?' ? Reach::Query : Reach::Nothing;
        case 't': return prefix ? Reach::Title : of_window(parser.number(0, 0));
        case 'x': return Reach::Query;
        case 'y': return Reach::Other;  // tests of the terminal itself
        default: return Reach::Nothing;
    }
}

Reach of_escape(const Parser& parser) {
    const std::string& between = parser.intermediates();
    const char final = parser.final();
    if (between.empty()) {
        if (final == 'Z') return Reach::Query;
        if (final == 'k') return Reach::Title;  // GNU screen, tmux: a string begins
        return is_one_of(final, "lm!") ? Reach::Other : Reach::Nothing;  // locked memory; a message to all
    }
    if (between[0] == '%') return between.size() == 1 && final == 'G' ? Reach::Nothing : Reach::Other;  // leaves UTF-8
    if (between[0] == ' ') return final == 'F' ? Reach::Nothing : Reach::Other;
    return Reach::Nothing;
}

// OSC 9: a notification, or one of ConEmu's commands by number, of which only progress is harmless.
Reach of_nine(const std::string& text) {
    size_t digits = 2;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    const bool numbered = digits > 2 && (digits == text.size() || text[digits] == ';');
    if (!numbered) return Reach::Notification;
    return digits == 3 && text[2] == '4' ? Reach::Nothing : Reach::Other;
}

// OSC 1337: iTerm2's own.
Reach of_iterm(const std::string& text) {
    const size_t at = 5;
    if (begins(text, "File=", at) || begins(text, "MultipartFile=", at)) {
        const std::string arguments = text.substr(at, text.find(':', at) - at);
        return arguments.find("inline=1") != std::string::npos ? Reach::Nothing : Reach::File;
    }
    for (const char* name : {"FilePart=", "FileEnd", "CursorShape=", "SetMark", "HighlightCursorLine=", "SetColors="})
        if (begins(text, name, at)) return Reach::Nothing;
    for (const char* name : {"Copy=", "CopyToClipboard=", "EndCopy"})
        if (begins(text, name, at)) return Reach::Clipboard;
    if (begins(text, "RequestAttention=", at)) return Reach::Notification;
    if (begins(text, "ReportCellSize", at) || begins(text, "Capabilities", at)) return Reach::Query;
    if (begins(text, "ReportVariable=", at)) return Reach::TextQuery;
    return begins(text, "RequestUpload=", at) || begins(text, "SetBackgroundImageFile=", at) ? Reach::File : Reach::Other;
}

// What stands behind the selection's name: data, or a question for it.
Reach of_selection(const std::string& text) {
    const size_t data = text.find(';', 3);
    return data != std::string::npos && begins(text, "?", data + 1) ? Reach::ClipboardRead : Reach::Clipboard;
}

uint32_t number_of(const std::string& text, size_t* end) {
    uint32_t number = 0;
    size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && number < 1000000; ++at) number = number * 10 + static_cast<uint32_t>(text[at] - '0');
    *end = at;
    return at && (at == text.size() || text[at] == ';') ? number : kNoNumber;
}

Reach of_command(const std::string& text) {
    size_t end = 0;
    const uint32_t number = number_of(text, &end);
    switch (number) {
        case 0: case 1: case 2: case 30: case 31: return Reach::Title;
        case 4: case 5: case 10: case 11: case 12: case 13: case 14: case 15: case 16: case 17: case 18: case 19: case 21: case 22:
            return asks(text) ? Reach::Query : Reach::Nothing;
        case 6: case 66: case 104: case 105: case 106: case 110: case 111: case 112: case 113: case 114: case 115: case 116: case 117:
        case 118: case 119: case 133: case 633:
            return Reach::Nothing;
        case 8: {
            const size_t target = text.find(';', 2);
            return target == std::string::npos || target + 1 == text.size() ? Reach::Nothing : Reach::Link;
        }
        case 9: return of_nine(text);
        case 46: case 5113: return Reach::File;
        case 50: return begins(text, "50;CursorShape=") ? Reach::Nothing : asks(text) ? Reach::TextQuery : Reach::Other;
        case 52: return of_selection(text);
        case 60: case 61: return Reach::Query;
        case 99: return Reach::Notification;
        case 777: return begins(text, "777;notify") ? Reach::Notification : Reach::Other;
        case 1337: return of_iterm(text);
        case 5522: return text.find("type=read") != std::string::npos ? Reach::ClipboardRead : Reach::Clipboard;
        case kNoNumber: return !text.empty() && is_one_of(text[0], "lLI") ? Reach::Title : Reach::Other;
        default: return Reach::Other;
    }
}

Reach of_device_string(const std::string& text) {
    size_t at = 0;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) - 0x30u < 0x10)) ++at;  // parameters
    if (at == text.size()) return Reach::Other;
    if (text[at] == 'q') return Reach::Nothing;  // Sixel
    if (begins(text, "$q", at)) return Reach::TextQuery;
    if (begins(text, "+q", at)) return Reach::Query;
    return text == "=1s" || text == "=2s" ? Reach::Nothing : Reach::Other;
}

// kitty's graphics: `t=` names where the picture comes from, `a=q` asks.
Reach of_picture(const std::string& text) {
    const std::string keys = ',' + text.substr(1, text.find(';') - 1) + ',';
    const size_t medium = keys.find(",t=");
    if (medium != std::string::npos && keys.compare(medium, 5, ",t=d,") != 0) return Reach::File;
    return keys.find(",a=q,") != std::string::npos ? Reach::Query : Reach::Nothing;
}

Reach of_string(const Parser& parser) {
    const std::string& text = parser.string();
    switch (parser.introducer()) {
        case ']': return of_command(text);
        case 'P': return of_device_string(text);
        case '_': return begins(text, "G") ? of_picture(text) : Reach::Other;
        default: return Reach::Other;
    }
}

}  // namespace

Reach reach_of(const Parser& parser, Parser::Event event) {
    switch (event) {
        case Parser::Event::Control: return parser.code() == 0x05 ? Reach::TextQuery : Reach::Nothing;  // ENQ: the answerback
        case Parser::Event::Escape: return of_escape(parser);
        case Parser::Event::Csi: return of_sequence(parser);
        case Parser::Event::String: return of_string(parser);
        default: return Reach::Nothing;
    }
}

}  // namespace aigate
