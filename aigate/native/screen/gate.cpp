// See gate.h.
#include "gate.h"

#include <algorithm>
#include <cstring>

#include "link.h"
#include "width.h"

namespace aigate {

namespace {

constexpr char kEscapeByte = 0x1b;
constexpr char kEnquiry = 0x05;
constexpr char kControls = static_cast<char>(0xc2);  // begins C1 controls in UTF-8
constexpr size_t kMostLinked = 8192;                 // bytes of a link's text, and what is within
constexpr const char* kNoLink = "\x1b]8;;\x1b\\";

// Where text is not text: the next of a few bytes, of which two are rare.
class Specials {
  public:
    Specials(const char* data, size_t size) : data_(data), size_(size) {
        rare_[0] = find(kEnquiry, 0);
        rare_[1] = find(kControls, 0);
    }
    size_t next(size_t at) {
        if (rare_[0] < at) rare_[0] = find(kEnquiry, at);
        if (rare_[1] < at) rare_[1] = find(kControls, at);
        const size_t limit = std::min(rare_[0], rare_[1]);
        const void* const found = limit > at ? std::memchr(data_ + at, kEscapeByte, limit - at) : nullptr;
        return found ? static_cast<size_t>(static_cast<const char*>(found) - data_) : limit;
    }

  private:
    size_t find(char byte, size_t at) const {
        const void* const found = std::memchr(data_ + at, byte, size_ - at);
        return found ? static_cast<size_t>(static_cast<const char*>(found) - data_) : size_;
    }

    const char* data_;
    size_t size_;
    size_t rare_[2];
};

// The size of a control sequence that only draws, as most are: without prefix and intermediate bytes. 0: it is another one.
size_t drawing_sequence(const char* data, size_t size) {
    if (size < 3 || data[1] != '[') return 0;
    size_t at = 2;
    while (at < size && (data[at] == ';' || data[at] == ':' || (data[at] >= '0' && data[at] <= '9'))) ++at;
    return at < size && at < 64 && std::strchr("mHKJABCDGdXPfr", data[at]) && data[at] ? at + 1 : 0;
}

}  // namespace

Gate::Bytes Gate::pass(const char* data, size_t size, bool final) {
    Specials specials(data, size);
    if (!taken_ || (is_idle() && specials.next(0) == size)) {
        ends_taken_ = false;
        return {data, size};
    }
    out_.clear();
    bool as_it_is = is_idle();  // nothing was copied yet, since nothing was more than drawing
    for (size_t at = 0; at < size; ++at) {
        if (is_idle()) {
            const size_t next = specials.next(at);
            if (next > at) ends_taken_ = false;
            if (!as_it_is) out_.append(data + at, next - at);
            at = next;
            if (at == size) break;
            if (const size_t drawn = drawing_sequence(data + at, size - at); data[at] == kEscapeByte && drawn) {
                if (!as_it_is) out_.append(data + at, drawn);
                ends_taken_ = false;
                at += drawn - 1;
                continue;
            }
        }
        if (as_it_is) out_.assign(data, at);
        as_it_is = false;
        const auto byte = static_cast<unsigned char>(data[at]);
        Parser::Event event = parser_.take(byte);
        if (parser_.again()) {
            end_sequence(event);
            event = parser_.take(byte);
        }
        token_ += data[at];
        handle(event);
    }
    if (as_it_is) return {data, size};
    if (final) {
        token_.clear();
        close_link(true);
    }
    return {out_.data(), out_.size()};
}

Gate::Bytes Gate::give_up() {
    out_.clear();
    close_link(true);
    return {out_.data(), out_.size()};
}

// Whether this is to be taken out; counts it then.
bool Gate::take(Reach reach) {
    if (!takes(reach)) return false;
    ++counts_[static_cast<size_t>(reach)];
    return true;
}

void Gate::handle(Parser::Event event) {
    if (event == Parser::Event::String) return handle_string();
    if (event == Parser::Event::Control && take(reach_of(parser_, event))) token_.pop_back();
    if (!parser_.is_ground()) return decide_early();
    const bool unknown = event == Parser::Event::None && token_.size() > 2 && (token_[1] == '[' || token_.compare(0, 2, "\xc2\x9b") == 0);  // and perhaps known to others
    if (unknown && decided_ == Decided::No && take(Reach::Other)) decided_ = Decided::Taken;
    if ((event == Parser::Event::Escape || event == Parser::Event::Csi) && decided_ == Decided::No) {
        const bool ends = event == Parser::Event::Escape && parser_.final() == '\\' && parser_.intermediates().empty();
        const Reach reach = reach_of(parser_, event);
        if ((ends && ends_taken_) || take(reach)) {
            decided_ = Decided::Taken;
            names_window_ |= event == Parser::Event::Escape && reach == Reach::Title;
        }
    }
    ends_taken_ = false;
    end_sequence(event);
}

// What is under way gets too long to wait for its end, or tells all there is to know.
void Gate::decide_early() {
    if (decided_ == Decided::No && parser_.in_string()) {
        const std::string& text = parser_.string();
        if (parser_.introducer() == ']' && (text == "P" || text == "R") && take(Reach::Other)) {  // Linux: a palette, which has no end
            parser_ = Parser();
            token_.clear();
            return;
        }
        if (text.size() < Parser::kStringKept) return;
        const Reach reach = reach_of(parser_, Parser::Event::String);
        decided_ = take(reach == Reach::Link ? Reach::FalseLink : reach) || take(reach) ? Decided::Taken : Decided::Passes;
    } else if (decided_ == Decided::No) {
        if (token_.size() < Parser::kStringKept) return;
        decided_ = take(Reach::Other) ? Decided::Taken : Decided::Passes;
    }
    if (decided_ == Decided::Passes) emit(token_);
    token_.clear();
}

// A string is over, by BEL or by an ESC, with which something else begins.
void Gate::handle_string() {
    const bool escape = token_.back() == kEscapeByte;
    const Reach reach = reach_of(parser_, Parser::Event::String);
    if (escape) token_.pop_back();
    if (const size_t end = token_.size() - std::min<size_t>(token_.size(), 2); token_.compare(end, 2, "\xc2\x9c") == 0)
        token_.replace(end, 2, "\x1b\\");  // so that every terminal sees the end there
    if (decided_ == Decided::No) {
        if (reach == Reach::Link) {
            close_link(false);
            if (!take(Reach::Link)) open_link();
            else decided_ = Decided::Taken;
        } else {
            if (parser_.introducer() == ']' && parser_.string().compare(0, 2, "8;") == 0) close_link(false);
            if (take(reach)) decided_ = Decided::Taken;
        }
    }
    ends_taken_ = escape && decided_ == Decided::Taken;
    if (decided_ != Decided::Taken) emit(token_);
    decided_ = Decided::No;
    token_.assign(escape ? 1 : 0, kEscapeByte);
}

void Gate::end_sequence(Parser::Event event) {
    const bool taken = decided_ == Decided::Taken || names_window_;
    if (names_window_ && decided_ != Decided::Taken) {  // up to ST, BEL or the end of the line
        const bool ends = event == Parser::Event::Escape && parser_.final() == '\\';
        const bool stops = event == Parser::Event::Control && (parser_.code() == '\a' || parser_.code() == '\n' || parser_.code() == 0x18);
        names_window_ = !ends && !stops;
    }
    if (!taken) {
        if (!link_.empty()) note_text(event);
        emit(token_);
    }
    decided_ = Decided::No;
    token_.clear();
}

void Gate::emit(const std::string& bytes) {
    if (link_.empty()) {
        out_ += bytes;
        return;
    }
    link_ += bytes;
    if (link_.size() > kMostLinked) close_link(true);
}

// Keeps what a hyperlink shows.
void Gate::note_text(Parser::Event event) {
    if (event == Parser::Event::Print) {
        append_character(shown_, parser_.code());
        append_character(joined_, parser_.code());
    } else if (event == Parser::Event::Control) {
        shown_ += ' ';
        moved_ |= parser_.code() != '\r' && parser_.code() != '\n';
    } else if (event == Parser::Event::Csi ? parser_.final() != 'm' : parser_.final() != '\\') {
        shown_ += ' ';
        moved_ = true;
    }
}

void Gate::open_link() {
    if (!takes(Reach::FalseLink)) return;
    const std::string& text = parser_.string();
    target_ = text.substr(text.find(';', 2) + 1);
    shown_.clear();
    joined_.clear();
    moved_ = false;
    link_ = token_;
    opening_ = link_.size();
    token_.clear();
}

// The text of a link is known: it passes, or loses what makes it one.
void Gate::close_link(bool given_up) {
    if (link_.empty()) return;
    const bool honest = !given_up && is_honest(joined_, target_) && (!moved_ || is_honest(shown_, target_));
    if (honest) {
        out_ += link_;
    } else {
        ++counts_[static_cast<size_t>(Reach::FalseLink)];
        out_ += kNoLink;
        out_.append(link_, opening_);
    }
    link_.clear();
}

}  // namespace aigate
