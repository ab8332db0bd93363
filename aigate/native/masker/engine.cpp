// See engine.h.
#include "engine.h"

#include <algorithm>

#include "payload.h"
#include "text.h"

namespace aigate {

Engine::Engine(SharedRules rules, size_t max_line, bool terminal)
    : rules_(std::move(rules)),
      counts_(rules_->counted(), 0),
      masker_(*rules_, counts_),
      findings_(rules_->counted()),
      window_(std::max(max_line, rules_->values() ? 2 * rules_->values()->longest() : 0)),
      stride_(window_ - std::min(kOverlap, window_ / 2)),
      front_(terminal ? std::make_unique<Front>(rules_->shape(), rules_->values()) : nullptr) {}

size_t Engine::run(const char* data, size_t size, size_t seen, bool final, Sink& sink, bool soon) {
    const char* const end = data + size;
    const char* at = data;
    const auto unfinished = [&](size_t left) { return soon && left <= kUnlooked ? 0 : partial_line(at, left, sink); };
    if (inside_line_ || followed_ || shown_) {
        const char* stop = find_line_end(data + std::min(seen, size), end);
        const bool ended = final || stop != end;
        if (front_ && !ended) return unfinished(stop - at);
        at += line(at, stop - at, ended, sink);
        if (at != stop || stop == end) return at - data;
        sink.pass(at, 1);
        masker_.ended_by(*at++);
        if (at == end) return size;
    }
    const char* last = find_last_line_end(std::max(at, data + seen), end);
    if (last) {
        lines(at, last + 1 - at, sink);
        at = last + 1;
    }
    if (at == end) return size;
    at += front_ && !final ? unfinished(end - at) : line(at, end - at, final, sink);
    return at - data;
}

void Engine::release(const char* data, size_t size, Sink& sink) {
    masker_.preview({data, size, size, size, true, true}, shown_, sink);
    shown_ = size;
}

// Masks whole lines, each with its end. Lines on which nothing is found pass together.
void Engine::lines(const char* data, size_t size, Sink& sink) {
    const char* const end = data + size;
    Finder::Walk walk(rules_->finder(size), data, end, findings_);
    const char* carrier = Payload::find(data, end);
    while (data != end) {
        if (carrier < data) carrier = Payload::find(data, end);
        const char* found = masker_.awaits() ? data : std::min(walk.next(data), carrier);
        if (found == end) break;
        const char* begin = find_last_line_end(data, found);
        begin = begin ? begin + 1 : data;
        const char* stop = find_line_end(found, end);
        sink.pass(data, begin - data);
        if (static_cast<size_t>(stop - begin) <= window_) {
            walk.collect(begin, stop);
            masker_.mask(Window::whole(begin, stop - begin), 0, &findings_, sink);
        } else {
            line(begin, stop - begin, true, sink);
            walk.forget();
        }
        sink.pass(stop, 1);
        masker_.ended_by(*stop);
        data = stop + 1;
    }
    sink.pass(data, end - data);
}

// Masks a line or as many windows of it as can be decided. Windows lie where the line's own bytes put them, never
// where a chunk ended. Returns how many bytes were masked.
size_t Engine::line(const char* data, size_t size, bool ended, Sink& sink) {
    size_t done = 0;
    while (true) {
        const size_t left = size - done;
        if (ended && left <= window_) {
            masker_.mask(Window::whole(data + done, left), shown_, look(data + done, left), sink);
            inside_line_ = false;
            shown_ = followed_ = 0;
            if (front_) front_->reset();
            return size;
        }
        if (!ended && left < window_ + kSequenceMax) return done;
        const size_t masked = masker_.mask({data + done, left, window_, stride_, true, false}, shown_, look(data + done, window_), sink);
        done += masked;
        shown_ -= std::min(shown_, masked);
        followed_ -= std::min(followed_, masked);
        inside_line_ = true;
    }
}

// What one window may hold.
const Findings* Engine::look(const char* data, size_t size) {
    findings_.clear();
    if (!size) return &findings_;  // the finder is not built for nothing
    const char* const end = data + size;
    Finder::Walk walk(rules_->finder(size), data, end, findings_);
    walk.collect(data, end);
    return &findings_;
}

// On a terminal: masks a line that has not ended, up to where it is undecided.
size_t Engine::partial_line(const char* data, size_t size, Sink& sink) {
    size_t decided = follow(data, size);
    if (!inside_line_ && masker_.awaits()) decided = 0;  // whether a line belongs to a key its end decides
    if (!decided) return line(data, size, false, sink);  // a match that will not end becomes a matter of windows
    const size_t masked = masker_.mask({data, size, followed_, decided, true, true}, shown_, look(data, followed_), sink);
    shown_ -= std::min(shown_, masked);
    followed_ -= masked;
    inside_line_ = true;
    return masked;
}

// Takes the front up to the end of the line or to a sequence that is not finished. Returns how many bytes are decided.
size_t Engine::follow(const char* data, size_t size) {
    std::vector<size_t> places;  // where the undecided bytes of text lie
    const auto take = [&](size_t from, bool advance) {
        while (from < size) {
            const long length = data[from] == kEscape ? sequence::length(data + from, size - from) : sequence::kNone;
            if (length == sequence::kUnfinished || (!advance && from >= followed_)) break;
            if (length > 0) { from += length; continue; }
            if (advance) front_->advance(static_cast<unsigned char>(data[from]));
            else places.push_back(from);
            ++from;
        }
        return from;
    };
    followed_ = take(followed_, true);
    const size_t undecided = front_->undecided();
    if (!undecided) return followed_;
    take(0, false);
    return undecided > places.size() ? 0 : places[places.size() - undecided];
}

}  // namespace aigate
