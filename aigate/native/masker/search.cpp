// See search.h.
#include "search.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "text.h"

namespace aigate {

void Search::feed(const char* data, size_t size, bool final) {
    const size_t seen = pending_.size();
    if (seen) {
        pending_.insert(pending_.end(), data, data + size);
        data = pending_.data();
        size = pending_.size();
    }
    const size_t done = engine_.run(data, size, seen, final, sink_);
    collect(data, done);
    sink_.clear();
    if (seen) pending_.erase(pending_.begin(), pending_.begin() + done);
    else pending_.assign(data + done, data + size);
}

// What the sink does not pass is hidden. A piece that lies outside of the data stands for a run.
void Search::collect(const char* data, size_t done) {
    const std::less<const char*> before;
    const char* const end = data + done;
    const char* at = data;
    bool first = false;
    for (const Sink::Piece& piece : sink_.pieces()) {
        if (before(piece.data, data) || !before(piece.data, end)) {
            first = true;
            continue;
        }
        if (piece.data != at) {
            hide(at, piece.data, first);
            first = false;
        }
        at = piece.data + piece.size;
        walk(piece.data, at);
    }
    if (at != end) hide(at, end, first);
}

void Search::hide(const char* from, const char* to, bool first) {
    const Position begin = at_;
    walk(from, to);
    found_.push_back({begin, at_, first});
}

void Search::walk(const char* from, const char* to) {
    at_.offset += to - from;
    if (const auto lines = std::count(from, to, '\n')) {
        at_.line += lines;
        at_.column = 1;
        const std::reverse_iterator<const char*> back(to), front(from);
        from = std::find(back, front, '\n').base();
    }
    at_.column += std::count_if(from, to, [](char byte) { return !is_continuation(byte); });
}

}  // namespace aigate
