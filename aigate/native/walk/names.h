// Which globs a file's name matches: one automaton for all globs, made deterministic one state at a time as names need
// it, so that a name costs the same however many globs there are. Knows one path component, never a path.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aigate::walk {

using Sorted = std::vector<uint32_t>;

class Names {
  public:
    // Add a glob (fnmatch(3) with FNM_PATHNAME) and return its number; equal globs share one. Names are not asked about
    // before the last glob is in.
    uint32_t add(std::string_view glob);

    // Whether a glob matches exactly one name, spelt as it is.
    static bool is_literal(std::string_view glob) { return glob.find_first_of("*?[\\") == std::string_view::npos; }

    // Why a glob can match nothing: a bracket that is never closed, a range of characters that runs backwards, or a class
    // of characters that there is not.
    enum class Flaw : uint8_t { None, Open, Backwards, Unknown };
    static Flaw flaw(std::string_view glob);

    const std::string& glob(uint32_t number) const { return globs_[number]; }

    // The kind of a name: two names of one kind match the same globs. Kind 0 matches none. Names are bytes that are
    // taken for UTF-8; a byte that is none counts as a character of its own, as in Python's surrogateescape.
    uint32_t kind(const char* name, size_t length);

    // The globs that names of a kind match.
    const Sorted& matched(uint32_t kind) const { return kinds_[kind]; }

    // How many kinds there have been; forgotten, all but 0 get new numbers.
    size_t kinds() const { return kinds_.size(); }
    void forget_kinds();

  private:
    struct Range {
        uint32_t first, last;
    };
    struct Set {  // of characters
        bool negated = false;
        std::vector<Range> ranges{};
        std::vector<bool> classes{};  // of the alphabet, once it is known
    };
    // Plain: a character, as nearly all are. One: any of a set. number: of the character, the set, or at the end the glob.
    struct Step {
        enum class What : uint8_t { Plain, One, Any, End } what;
        uint32_t number = 0;
        uint32_t only = 0;  // the plain character's class, once it is known
    };
    struct Hash {
        size_t operator()(const Sorted& numbers) const;
    };

    static Flaw parse(std::string_view glob, std::vector<Step>& into, std::vector<Set>& sets);
    static Flaw bracket(const std::vector<uint32_t>& text, size_t& at, Set& into);
    static Flaw named_class(const std::vector<uint32_t>& text, size_t& at, Set& into);

    void prepare();
    void divide();
    uint32_t character_class(uint32_t character) const;
    void reach(uint32_t step, Sorted& into) const;
    int32_t build(uint32_t state, uint32_t character_class);
    uint32_t intern(Sorted steps);
    uint32_t intern_kind(const Sorted& steps);
    void forget();

    std::vector<std::string> globs_;
    std::map<std::string, uint32_t, std::less<>> numbers_;
    std::vector<Step> steps_;
    std::vector<Set> sets_;
    Sorted starts_;
    std::vector<uint32_t> borders_;  // where a class of characters begins
    uint16_t ascii_[128] = {};
    uint32_t classes_ = 0;

    std::vector<int32_t> next_;  // by state and class; -1 is not known yet
    std::vector<Sorted> states_;
    std::vector<uint32_t> state_kinds_;
    std::unordered_map<Sorted, uint32_t, Hash> state_numbers_;
    std::vector<Sorted> kinds_;
    std::unordered_map<Sorted, uint32_t, Hash> kind_numbers_;
    uint32_t start_ = 0;
};

// The next character of UTF-8 text; at moves behind it. A byte that belongs to none counts 0xDC00 plus its value.
uint32_t next_character(const char* text, size_t length, size_t& at);

}  // namespace aigate::walk
