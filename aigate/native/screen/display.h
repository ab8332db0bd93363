// A terminal's output, from a program that may write lines or draw: lines go through the stream that knows lines, at its
// speed, until the cursor is moved; from then on a model of the screen says what is text. Owns which of the two it is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../masker/output.h"
#include "../masker/stream.h"
#include "gate.h"
#include "veil.h"

namespace aigate {

class Display : public Output {
  public:
    // rows, columns: 0 when they are not known; then there are only lines. taken: see Gate.
    Display(SharedRules rules, size_t rows, size_t columns, uint32_t taken);

    void feed(const char* data, size_t size, bool final, bool soon, std::string& out) override;
    void release(std::string& out) override;
    size_t held() const override;
    std::vector<uint64_t> counts() const override;
    void resize(size_t rows, size_t columns) override;

    // Shows once what is masked on the screen, on a page that covers it, and appends that text to `text`; false where that
    // cannot be, for the moment or at all. Nothing may be fed until conceal().
    bool reveal(std::string& out, std::string& text);
    void conceal(std::string& out);
    // The terminal is asked where the cursor is, behind all that was written; and has answered: in this row, from 0. Whether
    // it is worth asking.
    bool asked();
    // Whether a program draws at the moment: else all is lines, and it does not matter in which row.
    bool draws() const { return veil_ && !stream_; }
    void stood(size_t row) {
        if (veil_) veil_->stood(row);
    }
    // What was taken out, by Reach.
    uint64_t taken(size_t reach) const { return gate_.counts()[reach]; }

    // For tests: what the model says stands in the rows, and where the cursor is; behind the last column when a row is full.
    std::vector<std::string> rows() const;
    size_t row() const { return veil_ ? veil_->model().cursor().row : 0; }
    size_t column() const { return veil_ ? veil_->model().cursor().column + veil_->model().cursor().pending : 0; }

  private:
    void show(const char* data, size_t size, bool final, bool soon, std::string& out);
    size_t lines(const char* data, size_t size, bool final, bool soon, std::string& out);
    void draw();
    size_t waiting() const;
    void stay_plain();
    void remember(const char* data, size_t size);
    void add_counts();

    SharedRules rules_;
    Gate gate_;
    std::unique_ptr<Stream> stream_;  // while lines come
    std::unique_ptr<Veil> veil_;
    std::string past_;        // what came as lines since the model was shown something, as far back as matters
    bool forgotten_ = false;  // there was more of it
    size_t cells_ = 0;        // that its last line has filled, about
    std::string tail_;        // the beginning of a sequence, or a CR: whether it moves the cursor is not known
    std::vector<uint64_t> counts_;  // of streams that are over
};

}  // namespace aigate
