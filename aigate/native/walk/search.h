// One search from its beginning to its end: walkers, as many as pay, and what they found, put together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "walker.h"

namespace aigate::walk {

// A path that leads to one of several files. covered: it is a directory that hides one, whose own path is too long.
struct Name {
    std::string path;
    size_t file;
    bool covered;
};

class Search {
  public:
    // project: a real path, which is walked whole.
    Search(std::vector<Pattern> patterns, std::string project);
    ~Search();

    // Go on for so long at most. Whether the search is at its end; there is a failure if it cannot be brought there.
    bool run(double seconds);
    const Failure& failure() const { return failure_; }

    uint64_t entries() const;
    std::string place() const { return walkers_.front()->place(); }

    // At the end: what was found, in the order of paths.
    const Findings& findings() const { return findings_; }
    // The directories in which something could come to match, or was found.
    std::vector<std::string> directories() const;
    // The names that these files have in the project.
    std::vector<Name> names_of(const std::vector<Identity>& files);

  private:
    bool done() const;
    void work_together();
    void guarded(Walker& walker, uint64_t enough);
    void gather();

    std::vector<Pattern> patterns_;
    Common common_;
    size_t most_open_;
    std::vector<std::unique_ptr<Walker>> walkers_;
    Findings findings_;
    Failure failure_{"", 0};
    bool alone_ = false;
};

// The files below a directory, or the file itself, that have more names than one.
std::vector<Identity> files_with_more_names(const std::string& path);

}  // namespace aigate::walk
