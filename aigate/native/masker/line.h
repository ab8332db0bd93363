// Masks one line, or one window of a long line, exactly as the contract says: every rule, on the text without escape
// sequences. Speed is not its business; _masker_engine decides which lines need it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "armor.h"
#include "below.h"
#include "finder.h"
#include "rules.h"
#include "sink.h"
#include "text.h"

namespace aigate {

// A line, or a window of one that is too long: what begins in the first `limit` of the `size` bytes at `data`.
// A `partial` window, one that is not the last of its line, decides what begins in its first `stride` bytes; what lies
// behind them is looked at again by the next window. A sequence is never cut: it belongs to where it begins.
// `settled`: no match that begins in the stride could be longer if more text followed. Otherwise a match that reaches
// the window's edge from there hides the rest of its line.
struct Window {
    const char* data;
    size_t size;
    size_t limit;
    size_t stride;
    bool partial;
    bool settled;

    static Window whole(const char* data, size_t size) { return {data, size, size, size, false, false}; }
};

class Payload;

class LineMasker {
  public:
    // Where a match lies, in what was given to be masked.
    struct Hit {
        size_t rule;
        const char* begin;
        const char* end;
    };

    LineMasker(const RuleSet& rules, std::vector<uint64_t>& counts);
    ~LineMasker();

    // Stars as wide as what they hide, for a terminal.
    void keep_width() { keeps_width_ = true; }
    // Notes each match that is counted, too; for lines without sequences that fit into a window.
    void note_hits(std::vector<Hit>* hits) { hits_ = hits; }

    // Masks what the window decides and returns how many raw bytes that was (all of them unless it is partial).
    // Of these, the first `shown` were written before. findings: what the window may hold; nullptr when nobody looked.
    size_t mask(const Window& window, size_t shown, const Findings* findings, Sink& sink);
    // Writes what the window would write, and decides nothing.
    void preview(const Window& window, size_t shown, Sink& sink);
    // Whether a key may have begun before, or a name waits for its value: the next line has to be looked at as a whole.
    bool awaits() const { return armor_.waits() || below_.waits(); }
    // Whether a BEGIN was on any line, or a value below its name.
    bool reaches_over() const { return reaches_over_; }
    // What ended the line that was masked last. Between the two bytes of a CR LF there is no line.
    void ended_by(char end) { after_return_ = end == '\r'; }
    // The line is over: what was carried from window to window is forgotten, but not an open key.
    void end_line();
    // What comes next has nothing to do with what was.
    void begin_again() {
        armor_.rest();
        below_.forget();
        after_return_ = false;
    }

  private:
    struct Sequence {  // an escape sequence: where, how long, and how much text stands before it
        size_t raw;
        size_t size;
        size_t text;
    };
    // Where a rule's search goes on, and where its last counted match ends, in the text of the current window.
    struct Progress {
        size_t next[2] = {0, 0};
        size_t counted = 0;
        bool open[2] = {false, false};
        bool touched = false;
    };

    void find_hidden(const Window& window, const Findings* findings);
    void apply_values(const Findings* findings);
    void apply_rule(size_t rule, const Window& window, const Findings* findings, bool utf8);
    bool skip(const Window& window, Sink& sink);
    void read_text(const Window& window);
    void read_sequences(const Window& window, const char* escape);
    bool text_is_utf8() const;
    void touch(size_t rule);
    void search(size_t rule, Encoding encoding);
    void try_moves(size_t rule, Encoding encoding);
    bool try_place(size_t rule, Encoding encoding, size_t at, bool near, Match* match);
    void visit(size_t rule, Encoding encoding, const char* data, const Findings& findings);
    void search_around(size_t rule, Encoding encoding, const char* data, const Findings& findings);
    template <typename Use>
    void each_place(size_t rule, const char* data, const Findings& findings, Use use) const;
    size_t text_behind(size_t sequence, size_t raw) const;
    void hide_rest(size_t rule, Encoding encoding, size_t from);
    bool accept(size_t rule, Encoding encoding, const Match& match);
    void follow_armor();
    void follow_names();
    void find_begin(size_t rule);
    bool names_one(size_t rule, const char* data, const Findings* findings);
    void keep_line();
    void count_matches(size_t rule);
    void hide(size_t begin, size_t end);
    size_t cut(const Rule& rule, const Span& secret) const;
    void merge_hidden();
    void emit(const char* raw, size_t shown, Sink& sink);
    void emit_sequence(const char* sequence, size_t size, size_t shown, Sink& sink);
    void emit_text(const char* raw, size_t begin, size_t end, Sink& sink);
    void emit_stars(size_t begin, size_t end, Sink& sink);
    void carry_over();

    const RuleSet& rules_;
    std::vector<uint64_t>& counts_;
    std::vector<Progress> progress_;
    std::vector<size_t> touched_;  // rules whose progress on this line is not at its beginning
    Armor armor_;
    size_t armored_ = 0;  // the rule that found its BEGIN
    Below below_;
    bool reaches_over_ = false;
    std::unique_ptr<Payload> payload_;  // of sequences, once there is one
    bool previewing_ = false;
    bool keeps_width_ = false;
    std::vector<Hit>* hits_ = nullptr;
    bool after_return_ = false;
    // A BEGIN on the line at hand and what stands around it: windows may have passed since.
    struct Begun {
        bool found = false;
        std::string before;
        std::string behind;
        size_t from = 0;  // where in the window's text there is more of that
    };
    Begun begun_;
    std::string line_;  // how the line at hand begins, as far as it is decided,
    size_t line_size_ = 0;  // and how long it is so far

    // The window at hand. text_ begins with context_ bytes of the windows before.
    std::vector<char> scratch_;
    const char* text_ = nullptr;
    size_t context_ = 0;
    size_t text_size_ = 0;
    std::vector<Sequence> sequences_;
    std::vector<size_t> moves_;  // where in the text the cursor is moved
    bool partial_ = false;
    bool settled_ = false;
    size_t decided_raw_ = 0;   // what this window decides, in raw bytes
    size_t decided_text_ = 0;  // and in bytes of text
    std::vector<Span> matches_;  // of the rule at hand,
    size_t wasted_ = 0;          // and how many bytes were looked at in vain for it
    struct Tried {
        size_t at;
        bool matched;
        Match match;
    };
    std::vector<Tried> tried_;   // places where both encodings agree, for the second to know
    bool asked_twice_ = false;   // whether there is a second: the text is no UTF-8
    size_t ascii_from_ = 0;      // then: from here on there is nothing but ASCII
    size_t vain_ = 0;            // likewise in matches of which less counted as the value
    size_t looked_ = 0;          // bytes for the match at hand
    FirstMatch::Way match_way_;
    size_t known_ = 0;           // those of them that lie behind
    std::vector<Span> hidden_;
    size_t next_hidden_ = 0;

    // The line so far.
    bool first_window_ = true;
    size_t open_rules_ = 0;  // rules whose match hides all the rest
    char context_bytes_[kBeforeToken];
    bool last_hidden_ = false;
    bool moved_ = false;  // the cursor, just before this window's text
    std::vector<Span> carried_;
};

}  // namespace aigate
