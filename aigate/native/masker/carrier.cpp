// See carrier.h.
#include "carrier.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace aigate {

namespace {

constexpr size_t kBlock = 64 * 1024;
constexpr size_t kSequence = 24;  // bytes within which a sequence that switches modes has ended (MODES_KEPT)
constexpr char kModes[] = "\033[?";

bool switches_modes(const char* data, size_t size) { return memmem(data, size, kModes, sizeof kModes - 1) != nullptr; }

bool ends_in_sequence(const char* data, size_t size) {
    const size_t looked = std::min(size, kSequence);
    return memchr(data + size - looked, kModes[0], looked) != nullptr;
}

}  // namespace

Carrier::Carrier(Stream& stream) : stream_(stream), block_(kBlock) {}

Carrier::End Carrier::run(int source, int target, int alert, int timeout, int grace) {
    rest_.clear();
    while (true) {
        const ssize_t got = read(source, block_.data(), block_.size());
        if (got > 0) {
            const End end = pass(block_.data(), got, target);
            if (end != End::Idle) return end;
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) return End::Closed;
        const bool held = stream_.held();
        pollfd waiting[2] = {{source, POLLIN, 0}, {alert, POLLIN, 0}};
        if (poll(waiting, 2, held ? grace : timeout) <= 0 || waiting[1].revents) return held ? End::Held : End::Idle;
    }
}

// Masks one block and writes it. Idle: what is decided is out.
Carrier::End Carrier::pass(const char* data, size_t size, int target) {
    const bool doubtful = in_sequence_ || switches_modes(data, size);
    in_sequence_ = ends_in_sequence(data, size);
    stream_.feed(data, size, false);
    rest_.resize(stream_.sink().size());
    stream_.sink().copy_to(rest_.data());
    stream_.settle();
    if (doubtful || in_sequence_) return End::Modes;
    size_t written = 0;
    while (written < rest_.size()) {
        const ssize_t wrote = write(target, rest_.data() + written, rest_.size() - written);
        if (wrote < 0) break;
        written += wrote;
    }
    rest_.erase(0, written);
    return rest_.empty() ? End::Idle : End::Full;
}

}  // namespace aigate
