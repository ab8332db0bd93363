// What passes to a terminal on which a program draws: every byte, and stars in place of what belongs to a match, in the
// bytes that are still here and over cells that were shown. Owns the model, the bytes that wait, and which cells are masked.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../masker/certain.h"
#include "../masker/engine.h"
#include "../masker/front.h"
#include "../masker/payload.h"
#include "loose.h"
#include "model.h"
#include "parser.h"
#include "pieces.h"
#include "reading.h"

namespace aigate {

class Veil : private Watcher {
  public:
    Veil(SharedRules rules, size_t rows, size_t columns);

    // Takes bytes that the terminal has, as they were before other hands masked them: nothing is written for them.
    void replay(const char* data, size_t size);
    // Takes output. Stops behind a line end where all is plain again and line by line would do, if `may_stop`; returns
    // how many bytes were taken.
    size_t take(const char* data, size_t size, bool may_stop);
    // Appends what is decided to `out`. all: what is not decided as well.
    void show(std::string& out, bool all);
    // How many bytes wait.
    size_t held() const { return out_.size() + raw_.size(); }
    void resize(size_t rows, size_t columns);
    // Whether the beginning of a text makes a rule certain: what follows is masked as it comes.
    bool is_certain(const std::string& text) {
        size_t begin = 0;
        size_t shown = 0;
        return certain_.find(text, &begin, &shown);
    }
    // Whether the terminal is in the middle of nothing.
    bool may_cover() const;
    // Covers the screen with a page that shows what is masked on it, which is returned; and puts back what was there.
    // Nothing may be taken between the two.
    std::string cover(std::string& out);
    void put_back(std::string& out);
    // What was drawn is not known any more.
    void lose() { model_.lose(); }
    // The terminal is asked where the cursor is; and has answered.
    bool asked() { return model_.asked(); }
    void stood(size_t row) {
        model_.stood(row);
        changed_ = true;
    }

    const std::vector<uint64_t>& counts() const { return counts_; }
    const Model& model() const { return model_; }

  private:
    struct Edit {  // bytes of the output that something else stands for
        size_t at;
        size_t size;
        std::string text;
        bool operator<(const Edit& other) const { return at < other.at; }
    };
    struct End {  // a text that may go on, of which a beginning makes a rule certain
        std::string text;
        bool foreseen;  // and its letters are masked as they come
        bool apart;     // the cursor stood elsewhere: a text that is typed ends when the cursor goes on
        size_t age;     // looks since it was there
    };
    struct Repeat {  // a sequence that repeats the character which began there
        size_t at;
        size_t size;
        uint64_t of;
        char32_t code;
        size_t count;
        bool begun;  // a part of it is out
    };

    void leaving(bool into_scrollback) override;
    uint64_t place() const override { return base_ + out_.size() - raw_shown_; }
    uint64_t looked() const override { return looked_; }
    void drawn_again(uint64_t before) override;

    // in_string: what it ends, or goes on in, is a sequence that carries text.
    void handle(Parser::Event event, bool in_string);
    void pass_part();
    void begin_sized();
    void look(bool showing = false);
    void follow(const std::string& text);
    size_t locate();
    void foresee();
    void foresee_growth();
    void foresee_growth(size_t first, size_t at, bool may, std::vector<End>& ends);
    bool is_drawn(uint32_t at);
    void foresee(uint32_t at);
    void hide(const std::vector<LineMasker::Hit>& hits, const Sink& sink);
    void hide_pieces();
    bool matches(const std::string& text);
    void hide_cell(uint32_t at);
    void uncover(bool showing);
    void uncover(size_t row, bool showing);
    void edit(const Cell& hidden);
    void edit_shared(size_t at, size_t letters);
    void edit_one(size_t at, size_t width);
    void count(const std::vector<LineMasker::Hit>& hits);
    void draw_over();
    std::string open_link();
    void append_string(const std::string& raw, size_t shown, std::string& out);
    size_t undecided();
    void expand_repeats(size_t until);
    bool edited(uint64_t stamp) const;
    void write(size_t until, std::string& out);
    Cell& cell(uint32_t at) { return model_.grid().row(at / model_.grid().columns()).cells[at % model_.grid().columns()]; }

    SharedRules rules_;
    Engine engine_;
    Front front_;
    Certain certain_;
    Pieces pieces_;
    Loose loose_;
    std::vector<LineMasker::Hit> hits_;
    Sink sink_;
    Reading reading_;
    Reading before_;         // the cursor,
    size_t open_begin_ = 0;  // and which bytes of that are to be held
    size_t open_end_ = 0;
    std::string followed_;   // what the front has taken
    std::vector<End> ends_;  // that were seen by the last look at what is shown,
    uint64_t seen_ = 1;      // and where in the output that was
    Parser parser_;
    Model model_;
    std::vector<uint64_t> counts_;
    Payload payload_;

    std::string out_;       // what waits, in order,
    uint64_t base_ = 1;     // where in all the output it begins,
    std::string raw_;       // and the bytes behind it that are no event yet
    size_t raw_shown_ = 0;  // of which so many are out
    bool whole_ = true;     // nothing of a sequence stands at the end of out_
    std::vector<Edit> edits_;
    std::vector<Repeat> repeats_;
    std::vector<std::pair<uint64_t, uint64_t>> again_;  // characters that were drawn twice, and where before
    std::vector<uint32_t> over_;  // cells that are to be drawn over
    uint64_t looked_ = 1;
    bool fresh_ = false;    // something was drawn since the last look,
    bool changed_ = false;  // or moved
    bool replaying_ = false;
    size_t looks_ = 0;
    uint64_t last_print_ = 0;  // where the last character began,
    bool spoiled_ = false;     // and whether the terminal has drawn another one since
    bool armor_ = false;
};

}  // namespace aigate
