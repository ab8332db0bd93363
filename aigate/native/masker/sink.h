// Where masked output goes: a list of pieces, most of which are stretches of the input itself, so that clean bytes
// are written from where they were read. Owns no bytes but those that it is told to keep.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace aigate {

class Sink {
  public:
    struct Piece {
        const char* data;
        size_t size;
    };

    // Bytes that pass as they are. They must stay in place until the sink is emptied.
    void pass(const char* data, size_t size) {
        if (!size) return;
        if (!pieces_.empty() && pieces_.back().data + pieces_.back().size == data) {
            pieces_.back().size += size;
        } else {
            pieces_.push_back({data, size});
        }
    }

    // What stands for a hidden run.
    void star() { pieces_.push_back({"***", 3}); }
    // What stands for so many hidden cells.
    void stars(size_t cells) {
        static constexpr char kStars[] = "****************************************************************";
        for (; cells; cells -= pieces_.back().size) pieces_.push_back({kStars, cells < 64 ? cells : 64});
    }

    // What stands nowhere else.
    void keep(std::string text) {
        if (text.empty()) return;
        kept_.push_back(std::move(text));
        pieces_.push_back({kept_.back().data(), kept_.back().size()});
    }

    const std::vector<Piece>& pieces() const { return pieces_; }
    void clear() {
        pieces_.clear();
        if (!kept_.empty()) kept_.clear();
    }

    size_t size() const {
        size_t total = 0;
        for (const Piece& piece : pieces_) total += piece.size;
        return total;
    }

    void copy_to(char* out) const {
        for (const Piece& piece : pieces_) {
            __builtin_memcpy(out, piece.data, piece.size);
            out += piece.size;
        }
    }

  private:
    std::vector<Piece> pieces_;
    std::deque<std::string> kept_;  // these stay in place
};

}  // namespace aigate
