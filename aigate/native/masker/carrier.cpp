// See carrier.h.
#include "carrier.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace aigate {

namespace {

constexpr size_t kBlock = 64 * 1024;
constexpr size_t kRead = 4096;   // what a terminal gives at a time
constexpr long kAtOnceNanoseconds = 500'000;
constexpr size_t kFlood = 2048;   // a block of so many bytes is seldom the last
constexpr size_t kSequence = 24;  // bytes within which a sequence that switches modes has ended (MODES_KEPT)
constexpr char kModes[] = "\033[?";

// memmem() takes ten times as long where there is no escape at all.
bool switches_modes(const char* data, size_t size) {
    const char* const end = data + size;
    while ((data = static_cast<const char*>(memchr(data, kModes[0], end - data)))) {
        if (!memcmp(data, kModes, std::min<size_t>(sizeof kModes - 1, end - data))) return true;
        ++data;
    }
    return false;
}

bool ends_in_sequence(const char* data, size_t size) {
    const size_t looked = std::min(size, kSequence);
    return memchr(data + size - looked, kModes[0], looked) != nullptr;
}

// Whether more comes at once, as in a flood: then what is undecided is not decided yet.
bool comes_at_once(int source, int alert) {
    pollfd waiting[2] = {{source, POLLIN, 0}, {alert, POLLIN, 0}};
#ifdef __linux__
    const timespec most{0, kAtOnceNanoseconds};
    return ppoll(waiting, 2, &most, nullptr) > 0 && !waiting[1].revents;
#else
    return poll(waiting, 2, 0) > 0 && !waiting[1].revents;
#endif
}

// Waits for one descriptor; false when the time is over or `alert` is readable.
bool wait_for(int descriptor, short events, int alert, int milliseconds) {
    pollfd waiting[2] = {{descriptor, events, 0}, {alert, POLLIN, 0}};
    return poll(waiting, 2, milliseconds) > 0 && !waiting[1].revents;
}

bool is_readable(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
}

}  // namespace

Carrier::Carrier(Output& output) : output_(output), block_(kBlock) {}

Carrier::End Carrier::run(int source, int target, int alert, int timeout, int grace) {
    rest_.clear();
    const End end = carry(source, target, alert, timeout, grace);
    if (expects_) mask(0);
    return end;
}

Carrier::End Carrier::carry(int source, int target, int alert, int timeout, int grace) {
    size_t unasked = 0;  // bytes since `alert` was looked at
    while (true) {
        bool ended = false;
        const size_t got = fill(source, &ended);
        if (got) {
            mask(got);
            if (may_switch_modes(got)) return End::Modes;
            if (!drain(target, alert, grace)) return End::Full;
            unasked += got;
            if (unasked >= kBlock && is_readable(alert)) return End::Idle;  // a flood may never make us wait
            if (unasked >= kBlock) unasked = 0;
        }
        if (ended) return End::Closed;
        if (got > block_.size() - kRead || (expects_ && comes_at_once(source, alert))) continue;
        unasked = 0;
        if (expects_) mask(0);
        if (!drain(target, alert, grace)) return End::Full;
        const bool held = output_.held();
        if (!wait_for(source, POLLIN, alert, held ? grace : timeout)) return held ? End::Held : End::Idle;
    }
}

// Reads what is there, as far as it has room. ended: it was the last.
size_t Carrier::fill(int source, bool* ended) {
    size_t size = 0;
    while (block_.size() - size >= kRead) {
        const ssize_t got = read(source, block_.data() + size, block_.size() - size);
        if (got > 0) {
            size += static_cast<size_t>(got);
            continue;
        }
        *ended = got == 0 || (errno != EAGAIN && errno != EINTR);
        return size;
    }
    return size;
}

// Masks so much of the block into rest_; nothing: what was left for the bytes that have not come.
void Carrier::mask(size_t size) {
    expects_ = size >= kFlood;
    output_.feed(block_.data(), size, false, expects_, rest_);
}

// Tells whether so much of the block may switch modes of the screen, or begin to.
bool Carrier::may_switch_modes(size_t size) {
    const bool doubtful = in_sequence_ || switches_modes(block_.data(), size);
    in_sequence_ = ends_in_sequence(block_.data(), size);
    return doubtful || in_sequence_;
}

// Writes rest_. A terminal that is only slower than the command is waited for here; false when it is more than that.
bool Carrier::drain(int target, int alert, int grace) {
    size_t written = 0;
    while (written < rest_.size()) {
        const ssize_t wrote = write(target, rest_.data() + written, rest_.size() - written);
        if (wrote >= 0) written += wrote;
        else if (errno != EAGAIN || !wait_for(target, POLLOUT, alert, grace)) break;
    }
    rest_.erase(0, written);
    return rest_.empty();
}

}  // namespace aigate
