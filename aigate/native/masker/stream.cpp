// See stream.h.
#include "stream.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace aigate {

namespace {

constexpr size_t kBlock = 128 * 1024;    // stays in the second-level cache between reading, scanning and writing
constexpr int kPipeSize = 1024 * 1024;   // the largest an unprivileged process may ask for by default
constexpr size_t kVectors = IOV_MAX < 1024 ? IOV_MAX : 1024;

void widen_pipe([[maybe_unused]] int descriptor) {
#ifdef F_SETPIPE_SZ
    fcntl(descriptor, F_SETPIPE_SZ, kPipeSize);  // fails on what is not a pipe, and over the user's quota: both fine
#endif
}

// A signal that comes just before a blocking call does not interrupt it, so calls that may block are not made before
// poll() says that they will not, and poll() comes back this often to let signal handlers run.
constexpr int kPollMilliseconds = 500;

constexpr int kAttempts = 100;          // to ask poll() that has no memory at the moment, say
constexpr long kPauseNanoseconds = 10'000'000;

// Waits until a descriptor is ready; false with errno EINTR when something else should be looked after.
bool wait_for(int descriptor, short events) {
    pollfd waiting{descriptor, events, 0};
    int ready = -1;
    for (int i = 0; i < kAttempts && ready < 0; ++i) {
        ready = poll(&waiting, 1, kPollMilliseconds);
        if (ready >= 0 || errno == EINTR) break;
        const int error = errno;
        const timespec pause{0, kPauseNanoseconds};
        nanosleep(&pause, nullptr);
        errno = error;
    }
    if (ready == 0) errno = EINTR;
    return ready > 0;
}

bool may_block(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

Stream::Stream(SharedRules rules, size_t max_line, bool terminal) : engine_(std::move(rules), max_line, terminal) {}

void Stream::feed(const char* data, size_t size, bool final, bool soon) {
    const size_t seen = pending_.size();
    if (seen) {
        pending_.insert(pending_.end(), data, data + size);
        data = pending_.data();
        size = pending_.size();
    }
    const size_t done = engine_.run(data, size, seen, final, sink_, soon);
    left_ = data + done;
    left_size_ = size - done;
}

void Stream::release() {
    if (pending_.empty()) return;
    engine_.release(pending_.data(), pending_.size(), sink_);
    left_ = pending_.data();
    left_size_ = pending_.size();
}

void Stream::settle() {
    if (pending_.empty()) pending_.assign(left_, left_ + left_size_);
    else if (left_ != pending_.data()) pending_.erase(pending_.begin(), pending_.end() - left_size_);
    sink_.clear();
}

Pump::Pump(SharedRules rules, size_t max_line, int in, int out)
    : engine_(std::move(rules), max_line, false), in_(in), out_(out), buffer_(2 * kBlock) {
    widen_pipe(in);
    widen_pipe(out);
    polls_ = may_block(in);
}

Pump::Status Pump::run(int* error) {
    while (true) {
        if (!drain(error)) return *error == EINTR ? Status::Interrupted : Status::WriteFailed;
        if (ended_) break;
        if (fill(error)) continue;
        if (*error == EINTR) return Status::Interrupted;
        read_error_ = *error;
        mask(true);
    }
    *error = read_error_;
    return read_error_ ? Status::ReadFailed : Status::Done;
}

// Reads and masks one block.
bool Pump::fill(int* error) {
    make_room();
    if (polls_ && !wait_for(in_, POLLIN)) {
        *error = errno;
        return false;
    }
    const ssize_t got = read(in_, buffer_.data() + end_, std::min(kBlock, buffer_.size() - end_));
    if (got >= 0) {
        end_ += got;
        mask(got == 0);
        return true;
    }
    *error = errno;
    return *error == EAGAIN || *error == EWOULDBLOCK;  // another reader was faster
}

void Pump::mask(bool final) {
    begin_ += engine_.run(buffer_.data() + begin_, end_ - begin_, seen_, final, sink_);
    seen_ = end_ - begin_;
    ended_ = final;
}

// Makes sure that a whole block fits behind what is kept. What is kept moves to the front as soon as that is little work,
// so that the same memory, which is in the cache, is used again and again. Only called when the sink is empty.
void Pump::make_room() {
    const size_t kept = end_ - begin_;
    if (begin_ >= 4 * kept || buffer_.size() - end_ < kBlock) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
        begin_ = 0;
        end_ = kept;
    }
    if (end_ + kBlock > buffer_.size()) buffer_.resize(2 * buffer_.size());
}

bool Pump::drain(int* error) {
    const auto& pieces = sink_.pieces();
    iovec vectors[kVectors];
    while (piece_ < pieces.size()) {
        const size_t many = std::min(kVectors, pieces.size() - piece_);
        for (size_t i = 0; i < many; ++i)
            vectors[i] = {const_cast<char*>(pieces[piece_ + i].data), pieces[piece_ + i].size};
        vectors[0].iov_base = const_cast<char*>(pieces[piece_].data) + written_;
        vectors[0].iov_len -= written_;
        const ssize_t wrote = many == 1 ? write(out_, vectors[0].iov_base, vectors[0].iov_len)
                                        : writev(out_, vectors, static_cast<int>(many));
        if (wrote < 0) {
            *error = errno;
            if (*error != EAGAIN && *error != EWOULDBLOCK) return false;
            if (wait_for(out_, POLLOUT)) continue;
            *error = errno;
            return false;
        }
        written_ += wrote;
        while (piece_ < pieces.size() && written_ >= pieces[piece_].size) written_ -= pieces[piece_++].size;
    }
    sink_.clear();
    piece_ = 0;
    return true;
}

}  // namespace aigate
