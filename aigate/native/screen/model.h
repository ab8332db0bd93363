// A model of a terminal: what stands on its screens and where the cursor is, after what was sent to it. Follows xterm where
// terminals differ; what it does not know changes nothing. Owns the cells; decides nothing about secrets.
//
// Where on the screen a program begins is not known. Until it goes to a place by number, the cursor is taken to be in the
// last row, and only where things are beside one another is certain: `slack` says how many rows that may be off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "grid.h"
#include "parser.h"

namespace aigate {

// Who listens to a model.
class Watcher {
  public:
    virtual ~Watcher() = default;
    // What was drawn is about to leave: into the scrollback, which nobody can draw over, or for good.
    virtual void leaving(bool into_scrollback) = 0;
    // Where in the output the character that is drawn now begins, and what was drawn since the last look.
    virtual uint64_t place() const = 0;
    virtual uint64_t looked() const = 0;
    // The same character is drawn there once more.
    virtual void drawn_again(uint64_t before) = 0;
};

class Model {
  public:
    Model(size_t rows, size_t columns, Watcher& watcher);

    struct Cursor {
        size_t row = 0;
        size_t column = 0;
        bool pending = false;  // the row is full, and the next character goes into the next row
        bool origin = false;   // rows count from the upper margin
        Style style;
        char sets[4] = {'B', 'B', 'B', 'B'};
        uint8_t shift = 0;  // which of the sets is in use
        bool protects = false;  // what is drawn is spared by selective erasing
        size_t slack = 0;
    };

    // Does what the parser has found.
    void apply(const Parser& parser, Parser::Event event);
    // The terminal is asked where the cursor is, now; and has said so: in that row it was, counted from 0.
    // Returns whether that is of use.
    bool asked();
    void stood(size_t row);
    // The window has another size. What stands where is not known until it is drawn anew, but on the other screen, whose rows
    // no terminal breaks anew.
    void resize(size_t rows, size_t columns);
    // What was drawn is not known any more.
    void lose();

    const Grid& grid() const { return alternate_ ? other_ : main_; }
    Grid& grid() { return alternate_ ? other_ : main_; }
    const Cursor& cursor() const { return cursor_; }
    bool alternate() const { return alternate_; }
    // Where the program has saved the cursor of this screen; nullptr where it has not.
    const Cursor* saved() const { return has_saved_[alternate_] ? &saved_[alternate_] : nullptr; }
    // The margins at the sides, first and last column, and whether these are the screen's own edges.
    size_t left_side() const { return left_; }
    size_t right_side() const { return right_; }
    bool is_whole() const { return left_ == 0 && right_ + 1 == grid().columns(); }
    bool inserts() const { return insert_; }
    size_t top() const { return top_; }
    bool shifted_once() const { return once_ != kNoShift; }
    // The last thing that was done was to draw a character, or nothing that moves the cursor.
    bool after_text() const { return after_text_; }
    // The sequence that began the hyperlink at hand, without ESC and its end; empty for none.
    const std::string& link() const { return link_; }
    // The character that was drawn just now, which REP repeats; 0 when something else has happened since.
    char32_t last() const { return last_; }
    // Whether all is as a program that writes line by line takes it to be, and the cursor at the beginning of a blank rest.
    bool is_plain() const;

  private:
    static constexpr uint8_t kNoShift = 4;

    void print(char32_t code, bool repeated = false);
    bool print_within(char32_t code, const Parser& parser);
    void control(char32_t code);
    void escape(const Parser& parser);
    void sequence(const Parser& parser);
    void private_modes(const Parser& parser, bool on);
    void private_mode(uint32_t mode, bool on);
    void string(const Parser& parser);
    char32_t in_set(char32_t code);

    void to(size_t row, size_t column);
    void to_row(size_t row);
    void to_column(size_t column);
    void up(size_t count);
    void down(size_t count);
    void down_anywhere(size_t count);
    void row_leaves();
    void line_feed();
    void reverse_feed();
    void scroll_up(size_t count);
    void scroll_down(size_t count);
    void insert_lines(size_t count);
    void delete_lines(size_t count);
    void erase_display(uint32_t what, bool selected = false);
    void erase_line(uint32_t what, bool selected = false);
    void tab(size_t count);
    void back_tab(size_t count);
    void repeat(size_t count);
    void set_margins(const Parser& parser);
    void set_sides(const Parser& parser);
    void reset_sides();
    void return_to_left();
    void left(size_t count);
    bool is_between_sides() const { return cursor_.column >= left_ && cursor_.column <= right_; }
    size_t edge() const { return cursor_.column <= right_ ? right_ + 1 : grid().columns(); }
    // Rectangles (DEC STD 070, xterm): fill, erase, copy, colour.
    struct Box {
        size_t top, left, bottom, right;  // behind the last row and column
        bool empty() const { return top >= bottom || left >= right; }
    };
    Box box(const Parser& parser, size_t first) const;
    void rectangle(const Parser& parser);
    void fill_box(const Box& box, char32_t code);
    void copy_box(const Parser& parser);
    void colour_box(const Parser& parser, bool reverse);
    void region_up(size_t top, size_t count, bool keep);
    void region_down(size_t top, size_t count);
    void shift_columns(size_t from, size_t count, bool away);
    void index_column(bool away);
    void back();
    void picture(const std::string& keys, bool moves);
    void save();
    void restore();
    void switch_screen(bool alternate);
    void leave_alternate();
    void reset_modes();
    void reset();
    void test_picture();
    void set_tabs();
    void home();
    void not_sure();
    size_t bottom_limit() const { return cursor_.row <= bottom_ ? bottom_ : grid().rows() - 1; }
    size_t top_limit() const { return cursor_.row >= top_ ? top_ : 0; }

    Watcher& watcher_;
    Cursor cursor_;
    Grid main_;
    Grid other_;
    bool alternate_ = false;
    uint32_t scale_ = 1;        // of what is drawn now, and the cells that it takes; 0: as many as it needs
    uint32_t sized_width_ = 0;
    uint64_t sized_ = 0;        // which of the texts of which the size is given was drawn last,
    size_t sized_at_ = 0;       // and where in the row its next character goes
    size_t sized_end_ = 0;
    size_t sized_letters_ = 0;  // in the cell before
    bool exact_ = false;        // DECSACE: what colours a rectangle does not go on from row to row
    bool asks_itself_ = false;  // the command asks that, too: the first answer might be its own
    bool asked_ = false;        // where the cursor was, whose row and slack were these
    size_t asked_row_ = 0;
    size_t asked_slack_ = 0;
    Cursor saved_[2];
    bool has_saved_[2] = {false, false};
    size_t main_slack_ = 0;  // of the main screen, while the other one is shown
    size_t top_ = 0;
    size_t bottom_;
    size_t left_ = 0;    // margins at the sides (DECSLRM),
    size_t right_ = 0;   // of which this is the last column within
    bool sided_ = false;  // whether there may be some (DECLRMM)
    bool wraps_ = true;
    bool unwraps_ = false;  // a backspace goes back to the row that the terminal has wrapped
    bool placing_ = false;  // a picture comes in pieces, and moves the cursor with the last
    bool insert_ = false;
    bool new_line_ = false;
    uint8_t once_ = kNoShift;
    bool after_text_ = false;
    char32_t last_ = 0;
    std::vector<bool> tabs_;
    std::string link_;
};

}  // namespace aigate
