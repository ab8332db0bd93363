// Draws on a terminal on which a program draws, and leaves it as the program has left it: cursor, colours, modes, sets of
// characters, an open link. Owns nothing but where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model.h"

namespace aigate {

class Brush {
  public:
    // link: what begins the link that is open, empty for none. out: where the bytes go.
    Brush(const Model& model, std::string link, std::string& out) : model_(model), link_(std::move(link)), out_(out), row_(model.cursor().row) {}

    // Makes drawing mean what it says.
    void begin();
    // Draws cells, by number row by row, in order: a star where one is masked.
    void cells(const std::vector<uint32_t>& numbers);
    // Makes the terminal save its cursor as the program has; the terminal has forgotten it.
    void save_again();
    void end();

  private:
    void go(size_t row, size_t column);
    void move(size_t to_row, size_t column);
    void show(const Cell& cell);
    void draw_last_again();
    // Margins at the sides wrap what is drawn; setting them again takes the cursor to a row with a number.
    bool lifts_sides() const { return !model_.is_whole() && !model_.cursor().slack; }
    bool has_other_letters() const { return model_.cursor().sets[model_.cursor().shift] != 'B'; }
    const Cell& cell(uint32_t at) const { return model_.grid().cell(at / model_.grid().columns(), at % model_.grid().columns()); }

    const Model& model_;
    std::string link_;
    std::string& out_;
    size_t row_;  // where the cursor stands, while nobody knows the number of its row
};

}  // namespace aigate
