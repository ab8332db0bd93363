// Walks directories and notes what is to be known about them. One walker belongs to one thread; walkers share what
// still has to be walked through `Common`.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "files.h"
#include "patterns.h"
#include "tree.h"

namespace aigate::walk {

// In which part of the machine a directory lies.
enum class Way : uint8_t {
    Project,   // in the project: all patterns count, and everything is walked
    Outside,   // behind a link of the project that leads out of it: likewise
    Absolute,  // anywhere: only what patterns that start at / can name is looked at
};

// Something that patterns name.
struct Hit {
    List list;
    int32_t pattern;      // its number in the list; Patterns::None for a `.git` that is no directory
    std::string path;
    std::string real{};   // the real path, if it is another one and known
    bool resolved = true; // whether that is so, and `identity` that of what is there in the end
    bool directory = false;
    bool anchored = true;
    Identity identity{};
    uint64_t links = 0;
};

enum class RepositoryKind : uint8_t { Directory, File, Bare };

struct Failure {
    std::string path;
    int error;
};

// Thrown where there are too few descriptors or too little memory to go on.
struct Exhausted {
    Failure failure;
};

// What walkers note.
struct Findings {
    std::vector<Hit> hits;
    std::vector<std::string> sockets;
    std::vector<std::pair<std::string, RepositoryKind>> repositories;
    std::vector<std::pair<std::string, std::string>> links;  // out of the project: where they lie, where they lead
    std::vector<Failure> failures;
};

// Directories, all in one, that one walker leaves to another. Their states are given as places in patterns.
struct Offer {
    struct Item {
        const char* name;
        size_t length, state;
        Way way;
        bool follow;
    };
    int descriptor;
    Node* above;
    std::vector<Item> items{};
    std::vector<Sorted> states{};
};

struct Common {
    std::string project;
    std::mutex mutex{};
    std::condition_variable changed{};
    std::deque<Offer> offers{};
    std::set<std::pair<std::string, Sorted>> followed{};  // real paths and states of links that lead out
    size_t waiting = 0, working = 1;   // walkers
    std::atomic<bool> wanted{false};  // somebody waits for work
    std::atomic<bool> stop{false};
    std::chrono::steady_clock::time_point end{};
    std::exception_ptr error{};

    void stop_all();
};

class Walker {
  public:
    Walker(const std::vector<Pattern>& patterns, Common& common, size_t most_open);
    Walker(const Walker&) = delete;
    Walker& operator=(const Walker&) = delete;

    // What a search begins with: the whole machine for absolute patterns, and the project.
    void begin();

    // Walk until nothing is left anywhere, or it is time to stop. enough: or until so many entries were seen.
    void work(uint64_t enough);

    bool idle() const { return tasks_.empty(); }
    uint64_t entries() const { return entries_; }
    std::string place() const { return tree_.nodes().empty() ? "" : path_of(tree_.nodes().back()); }
    const Findings& findings() const { return findings_; }
    Tree& tree() { return tree_; }
    const std::vector<uint64_t>& inodes() const { return inodes_; }

  private:
    struct Task {
        Node* above;
        const char* name;
        size_t length;
        const Patterns::State* state;
        Way way;
        bool follow;
        Identity expected{};  // of a path
    };
    struct Place {
        Node* node;
        int descriptor;
        const Patterns::State* state;
        Way way;
        uint8_t parts = 0;  // of a repository
    };
    // An entry that deserves a closer look.
    struct Found {
        const Entry& entry;
        uint32_t kind;
        const Patterns::Step& step;
        bool link, directory;
        const Identity& target;  // of the directory that a link leads to
        std::string_view name() const { return {entry.name, entry.length}; }
    };

    bool take();
    void accept(const Offer& offer);
    bool offer();
    void unpin();
    void enter(const Task& task);
    void inside(Node* node, int descriptor, const Task& task, bool lists);
    void failed(const Node* node, int error);
    void list(Place& place);
    void look_up(Place& place);
    void consider(Place& place, const Entry& entry);
    void examine(Place& place, const Entry& entry, uint32_t kind, const Patterns::Step& step);
    void in_project(Place& place, const Found& found);
    void absolute(Place& place, const Found& found);
    bool is_project(const Place& place, const Found& found) const;
    bool holds_project(const Place& place, const Found& found) const;
    void below(const Place& place, const Found& found, const Patterns::State* state, Way way);
    void follow(const Place& place, const Found& found);
    const std::string& leads_to(const Place& place, const Found& found);
    bool hit(const Place& place, const Found& found, List list, int32_t pattern);
    bool denies(List list, int32_t number) const {
        return number != Patterns::None && !patterns_.pattern(list, number).negated;
    }
    bool is_kernels(const Place& place, std::string_view name) const;
    uint8_t parts(uint32_t kind);
    FileSystem file_system(const Status& status, int descriptor);

    Patterns patterns_;
    Common& common_;
    Tree tree_;
    Listing listing_;
    std::deque<Task> tasks_;
    std::vector<Node*> pinned_;
    Findings findings_;
    std::vector<uint64_t> inodes_;
    std::unordered_map<uint64_t, FileSystem> file_systems_;
    std::map<std::pair<uint64_t, uint64_t>, std::string> real_paths_;  // of directories that links lead to, by identity
    std::vector<uint8_t> parts_;  // by kind of name
    std::array<uint32_t, 4> part_globs_{};
    uint64_t entries_ = 0;
    uint32_t turns_ = 0;
    bool may_enter_all_;
};

}  // namespace aigate::walk
