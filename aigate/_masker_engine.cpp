// See _masker_engine.h.
#include "_masker_engine.h"

#include <algorithm>

#include "_masker_text.h"

namespace aigate {

Engine::Engine(SharedRules rules, size_t max_line)
    : rules_(std::move(rules)),
      counts_(rules_->size(), 0),
      masker_(*rules_, counts_),
      stride_(max_line - std::min(kOverlap, max_line / 2)),
      window_(max_line) {}

size_t Engine::run(const char* data, size_t size, size_t seen, bool final, Sink& sink) {
    const char* const end = data + size;
    const char* at = data;
    if (inside_line_) {
        const char* stop = find_line_end(data + std::min(seen, size), end);
        at += line(at, stop - at, final || stop != end, sink);
        if (at != stop || stop == end) return at - data;
    }
    const char* last = find_last_line_end(std::max(at, data + seen), end);
    if (last) {
        lines(at, last + 1 - at, sink);
        at = last + 1;
    }
    if (at != end) at += line(at, end - at, final, sink);
    return at - data;
}

// Masks whole lines, each with its end.
void Engine::lines(const char* data, size_t size, Sink& sink) {
    const char* const end = data + size;
    while (data != end) {
        const char* stop = find_line_end(data, end);
        line(data, stop - data, true, sink);
        sink.pass(stop, 1);
        data = stop + 1;
    }
}

// Masks a line or as many windows of it as can be decided. Windows lie where the line's own bytes put them, never
// where a chunk ended. Returns how many bytes were masked.
size_t Engine::line(const char* data, size_t size, bool ended, Sink& sink) {
    size_t done = 0;
    while (true) {
        const size_t left = size - done;
        if (ended && left <= window_) {
            masker_.mask(Window::whole(data + done, left), sink);
            inside_line_ = false;
            return size;
        }
        if (!ended && left < window_ + kSequenceMax) return done;
        done += masker_.mask({data + done, left, window_, stride_, true}, sink);
        inside_line_ = true;
    }
}

}  // namespace aigate
