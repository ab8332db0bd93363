// See search.h
#include "search.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <system_error>
#include <thread>

namespace aigate::walk {

namespace {

// As many entries are read in the time that a second walker needs to be made ready.
constexpr uint64_t WorthHelp = 4000;
constexpr uint64_t NeverEnough = std::numeric_limits<uint64_t>::max();
constexpr size_t FewestOpen = 8, MostOpen = 256;

// A part of what this process may have open.
size_t most_open() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return MostOpen;
    return std::clamp(static_cast<size_t>(limit.rlim_cur / 8), FewestOpen, MostOpen);
}

// Components decide, so a directory comes right before what is in it.
bool before(const std::string& one, const std::string& other) {
    const auto rank = [](char byte) { return byte == '/' ? 0 : static_cast<unsigned char>(byte); };
    return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end(),
                                        [&](char left, char right) { return rank(left) < rank(right); });
}

template <typename Item>
void append(std::vector<Item>& to, const std::vector<Item>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Search::Search(std::vector<Pattern> patterns, std::string project)
    : patterns_(std::move(patterns)), common_{std::move(project)}, most_open_(most_open()) {
    walkers_.push_back(std::make_unique<Walker>(patterns_, common_, most_open_));
    walkers_.front()->begin();
    alone_ = std::thread::hardware_concurrency() < 2;
}

Search::~Search() {
    for (const Offer& offer : common_.offers) close_directory(offer.descriptor);
}

uint64_t Search::entries() const {
    uint64_t sum = 0;
    for (const auto& walker : walkers_) sum += walker->entries();
    return sum;
}

bool Search::done() const {
    const auto idle = [](const auto& walker) { return walker->idle(); };
    return common_.offers.empty() && std::all_of(walkers_.begin(), walkers_.end(), idle);
}

bool Search::run(double seconds) {
    common_.end = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                         std::chrono::duration<double>(seconds));
    common_.stop = false;
    common_.waiting = 0;
    if (walkers_.size() == 1) {
        guarded(*walkers_.front(), alone_ ? NeverEnough : WorthHelp);
        if (!done() && !common_.stop) walkers_.push_back(std::make_unique<Walker>(patterns_, common_, most_open_));
    }
    if (!done() && !common_.stop) work_together();
    if (common_.error) std::rethrow_exception(common_.error);
    if (!done()) return false;
    gather();
    return true;
}

void Search::work_together() {
    common_.waiting = 0;
    common_.working = 2;
    common_.wanted = false;
    std::thread helper;
    try {
        helper = std::thread([this] { guarded(*walkers_[1], NeverEnough); });
    } catch (const std::system_error&) {
        common_.working = 1;  // no thread can be had: one after the other
    }
    guarded(*walkers_[0], NeverEnough);
    if (helper.joinable()) {
        helper.join();
    } else {
        common_.waiting = 0;
        guarded(*walkers_[1], NeverEnough);
    }
}

void Search::guarded(Walker& walker, uint64_t enough) {
    try {
        walker.work(enough);
        return;
    } catch (const Exhausted& exhausted) {
        const std::lock_guard<std::mutex> lock(common_.mutex);
        failure_ = exhausted.failure;
    } catch (...) {
        const std::lock_guard<std::mutex> lock(common_.mutex);
        common_.error = std::current_exception();
    }
    common_.stop_all();
}

void Search::gather() {
    for (const auto& walker : walkers_) {
        const Findings& found = walker->findings();
        append(findings_.hits, found.hits);
        append(findings_.sockets, found.sockets);
        append(findings_.repositories, found.repositories);
        append(findings_.links, found.links);
        append(findings_.failures, found.failures);
        walker->tree().release_all();
    }
    std::stable_sort(findings_.hits.begin(), findings_.hits.end(),
                     [](const Hit& one, const Hit& other) { return before(one.path, other.path); });
    std::sort(findings_.sockets.begin(), findings_.sockets.end(), before);
    const auto by_first = [](const auto& one, const auto& other) { return before(one.first, other.first); };
    std::sort(findings_.repositories.begin(), findings_.repositories.end(), by_first);
    std::sort(findings_.links.begin(), findings_.links.end(), by_first);
}

std::vector<std::string> Search::directories() const {
    std::vector<std::string> paths;
    for (const auto& walker : walkers_) {
        for (const Node* node : walker->tree().nodes()) {
            if (node->seen) paths.push_back(path_of(node));
        }
    }
    return paths;
}

}  // namespace aigate::walk
