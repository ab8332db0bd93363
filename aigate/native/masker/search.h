// Where a stream of bytes holds what is to be hidden: offsets, lines and columns. Writes nothing and replaces nothing;
// whoever asked has the bytes, and decides what stands in place of them.
#pragma once

#include <cstdint>
#include <vector>

#include "engine.h"

namespace aigate {

// A place in a stream. offset: bytes from its beginning. line: from 1, ended by LF. column: from 1, in characters; a byte
// that belongs to no character counts as one.
struct Position {
    uint64_t offset = 0;
    uint64_t line = 1;
    uint64_t column = 1;
};

// Bytes to be hidden. first: a run begins here; otherwise it goes on behind an escape sequence or a window's edge.
struct Hidden {
    Position begin;
    Position end;
    bool first;
};

class Search {
  public:
    Search(SharedRules rules, size_t max_line) : engine_(std::move(rules), max_line, false) {}

    // Looks at what can be decided and adds to found().
    void feed(const char* data, size_t size, bool final);
    // How many bytes of the stream are decided: nothing more will be hidden before that.
    uint64_t decided() const { return at_.offset; }
    const std::vector<Hidden>& found() const { return found_; }
    void forget() { found_.clear(); }

    const std::vector<uint64_t>& counts() const { return engine_.counts(); }

  private:
    void collect(const char* data, size_t done);
    void hide(const char* from, const char* to, bool first);
    void walk(const char* from, const char* to);

    Engine engine_;
    Sink sink_;
    std::vector<char> pending_;
    std::vector<Hidden> found_;
    Position at_;
};

}  // namespace aigate
