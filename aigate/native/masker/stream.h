// The two ways in: Stream takes bytes that the caller has, Pump moves them from one descriptor to another.
// Both keep the unfinished end of the input; the engine sees it again together with what follows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine.h"
#include "output.h"

namespace aigate {

class Stream {
  public:
    Stream(SharedRules rules, size_t max_line, bool terminal);

    // See LineMasker.
    void keep_width() { engine_.masker().keep_width(); }
    bool awaits() { return engine_.masker().awaits(); }
    // What has come and was not shown.
    std::string unshown() const { return {pending_.begin() + engine_.shown(), pending_.end()}; }

    // Masks [data, data+size) into sink(), whose pieces may point into `data`: copy them out, then call settle().
    // soon: see Engine. Feeding nothing makes up for it.
    void feed(const char* data, size_t size, bool final, bool soon = false);
    void settle();

    // On a terminal: how many bytes are undecided and not shown, and showing them all the same.
    size_t held() const { return pending_.size() - engine_.shown(); }
    void release();

    const Sink& sink() const { return sink_; }
    const std::vector<uint64_t>& counts() const { return engine_.counts(); }

  private:
    Engine engine_;
    Sink sink_;
    std::vector<char> pending_;
    const char* left_ = nullptr;  // what the engine left over of the last feed
    size_t left_size_ = 0;
};

// A stream on a terminal whose size does not matter.
class StreamOutput : public Output {
  public:
    explicit StreamOutput(Stream& stream) : stream_(stream) {}

    void feed(const char* data, size_t size, bool final, bool soon, std::string& out) override {
        stream_.feed(data, size, final, soon);
        take(out);
    }
    void release(std::string& out) override {
        stream_.release();
        take(out);
    }
    size_t held() const override { return stream_.held(); }
    std::vector<uint64_t> counts() const override { return stream_.counts(); }
    void resize(size_t, size_t) override {}

  private:
    void take(std::string& out) {
        for (const Sink::Piece& piece : stream_.sink().pieces()) out.append(piece.data, piece.size);
        stream_.settle();
    }

    Stream& stream_;
};

class Pump {
  public:
    enum class Status { Done, Interrupted, ReadFailed, WriteFailed };

    Pump(SharedRules rules, size_t max_line, int in, int out);

    // Works until end of input. Interrupted: a signal came, call again to go on. After a failed read everything that
    // was read is masked and written. *error is errno.
    Status run(int* error);

    const std::vector<uint64_t>& counts() const { return engine_.counts(); }

  private:
    bool fill(int* error);
    bool drain(int* error);
    void make_room();
    void mask(bool final);

    Engine engine_;
    Sink sink_;
    int in_;
    int out_;
    bool polls_;
    std::vector<char> buffer_;
    size_t begin_ = 0;    // buffer_[begin_, end_) was read and is not masked yet
    size_t end_ = 0;
    size_t seen_ = 0;     // of these, how many the engine has seen
    size_t piece_ = 0;    // sink pieces written so far, and bytes of the next one
    size_t written_ = 0;
    bool ended_ = false;
    int read_error_ = 0;
};

}  // namespace aigate
