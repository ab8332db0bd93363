// See walker.h
#include "walker.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "places.h"

namespace aigate::walk {

namespace {

// Names that tell a repository (gitrepository-layout(5)).
constexpr const char* Parts[] = {".git", "HEAD", "objects", "refs"};
constexpr uint8_t Git = 1, Bare = 2 | 4 | 8, Unknown = 0x80;
constexpr size_t MostOffered = 256;
constexpr uint32_t TurnsBetweenLooks = 32;  // at the clock
constexpr uint32_t EnterByAll = 0111;

}  // namespace

Walker::Walker(const std::vector<Pattern>& patterns, Common& common, size_t most_open)
    : patterns_(patterns), common_(common), tree_(most_open), may_enter_all_(may_enter_all()) {
    for (size_t number = 0; number < part_globs_.size(); ++number) part_globs_[number] = patterns_.names().add(Parts[number]);
}

void Walker::begin() {
    const std::string& project = common_.project;
    const Patterns::State* root = patterns_.root();
    const Patterns::State* state = root;
    for (size_t at = 1, end; at < project.size(); at = end + 1) {
        end = std::min(project.find('/', at), project.size());
        state = patterns_.step(state, std::string_view(project).substr(at, end - at)).next;
    }
    const char* path = tree_.keep(project);
    tasks_.push_back({nullptr, path, project.size(), patterns_.at_project(state), Way::Project, false});
    if (project != "/" && (root->absolute[Hiding] || root->absolute[Protecting])) {
        tasks_.push_back({nullptr, tree_.keep("/"), 1, root, Way::Absolute, false});
    }
}

void Common::stop_all() {
    const std::lock_guard<std::mutex> lock(mutex);
    stop = true;
    changed.notify_all();
}

void Walker::work(uint64_t enough) {
    while (!common_.stop.load(std::memory_order_relaxed) && entries_ < enough) {
        if (tasks_.empty()) {
            unpin();
            if (!take()) return;
            continue;
        }
        if (common_.wanted.load(std::memory_order_relaxed) && offer()) continue;
        const Task task = tasks_.back();
        tasks_.pop_back();
        enter(task);
        patterns_.trim();
        if (patterns_.names().kinds() < parts_.size()) parts_.clear();
        if (++turns_ % TurnsBetweenLooks == 0 && std::chrono::steady_clock::now() >= common_.end) common_.stop_all();
    }
}

// Wait for work that another walker offers. False: nothing is left, or the search stops for now.
bool Walker::take() {
    std::unique_lock<std::mutex> lock(common_.mutex);
    ++common_.waiting;
    while (common_.offers.empty() && common_.waiting < common_.working && !common_.stop) {
        common_.wanted = true;
        common_.changed.wait(lock);
    }
    if (common_.offers.empty() || common_.stop) {
        common_.changed.notify_all();
        return false;  // and counts as waiting until the search goes on
    }
    --common_.waiting;
    const Offer taken = std::move(common_.offers.front());
    common_.offers.pop_front();
    common_.wanted = false;
    lock.unlock();
    accept(taken);
    return true;
}

void Walker::accept(const Offer& offer) {
    const Node& above = *offer.above;
    const size_t length = strlen(above.name);
    Node* node = tree_.add(above.above, above.name, length, above.follow);
    tree_.opened(node, offer.descriptor);
    node->seen = false;  // it is the other walker's
    node->pinned = true;
    pinned_.push_back(node);
    node->pending = static_cast<uint32_t>(offer.items.size());
    std::vector<const Patterns::State*> states;
    for (const Sorted& at : offer.states) states.push_back(patterns_.intern(at));
    for (const Offer::Item& item : offer.items) {
        tasks_.push_back({node, item.name, item.length, states[item.state], item.way, item.follow});
    }
}

// Leave the directories that have waited longest, and so are likely to hold most, to whoever has nothing to do.
bool Walker::offer() {
    const auto first = std::find_if(tasks_.begin(), tasks_.end(), [](const Task& task) { return task.above; });
    Node* above = first == tasks_.end() ? nullptr : first->above;
    const size_t most = std::min(MostOffered, tasks_.size() / 2);
    auto last = first;
    while (last != tasks_.end() && last->above == above && static_cast<size_t>(last - first) < most) ++last;
    if (!above || first == last || tree_.ensure(above) < 0) return false;
    Offer made{duplicate(above->descriptor), above};
    if (made.descriptor < 0) return false;
    const Patterns::State* state = nullptr;
    for (auto task = first; task != last; ++task) {
        if (task->state != state) made.states.push_back((state = task->state)->at);
        made.items.push_back({task->name, task->length, made.states.size() - 1, task->way, task->follow});
    }
    above->pending -= static_cast<uint32_t>(last - first);
    tasks_.erase(first, last);
    if (!above->pending && !above->pinned) tree_.release(above);
    const std::lock_guard<std::mutex> lock(common_.mutex);
    common_.offers.push_back(std::move(made));
    common_.wanted = false;
    common_.changed.notify_one();
    return true;
}

void Walker::unpin() {
    for (Node* node : pinned_) {
        node->pinned = false;
        tree_.release(node);
    }
    pinned_.clear();
}

void Walker::enter(const Task& task) {
    const bool lists = task.way != Way::Absolute || task.state->must_list;
    int descriptor = tree_.open(task.above, task.name, lists ? Purpose::Read : Purpose::Pass, task.follow);
    const bool closed = descriptor == -EACCES && lists && task.way == Way::Absolute;
    if (closed) descriptor = tree_.open(task.above, task.name, Purpose::Pass, task.follow);
    if (task.above && !--task.above->pending && !task.above->pinned) tree_.release(task.above);
    Node* node = tree_.add(task.above, task.name, task.length, task.follow);
    if (closed) failed(node, EACCES);
    if (descriptor >= 0) {
        tree_.opened(node, descriptor);
        inside(node, descriptor, task, lists && !closed);
    } else if (!closed) {
        failed(node, -descriptor);
    }
}

void Walker::inside(Node* node, int descriptor, const Task& task, bool lists) {
    Status status;
    if (status_of(descriptor, status) != 0 || (task.expected.inode && !(task.expected == status.identity))) {
        tree_.release(node);
        return;
    }
    Place place{node, descriptor, task.state, task.way};
    if (!lists) {
        look_up(place);
    } else {
        const FileSystem system = file_system(status, descriptor);
        node->of_project = task.way == Way::Project;
        node->inodes_kept = node->of_project && system.plain_inodes;
        node->first = inodes_.size();
        if (!may_enter_all_ && (status.mode & EnterByAll) != EnterByAll && !may_enter(descriptor)) failed(node, EACCES);
        if (task.way == Way::Absolute || !system.kernels || !task.above) list(place);
    }
    if (!node->pending) tree_.release(node);
}

// Whatever is gone by now is none of ours.
void Walker::failed(const Node* node, int error) {
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return;
    if (error == EMFILE || error == ENFILE || error == ENOMEM) throw Exhausted{{path_of(node), error}};
    findings_.failures.push_back({path_of(node), error});
}

void Walker::list(Place& place) {
    listing_.begin(place.descriptor);
    for (;;) {
        const int error = listing_.portion();
        if (error) failed(place.node, error);
        if (error || listing_.entries().empty()) break;
        for (const Entry& entry : listing_.entries()) consider(place, entry);
    }
    if ((place.parts & Bare) == Bare && strcmp(place.node->name, Parts[0]) != 0) {
        findings_.repositories.emplace_back(path_of(place.node), RepositoryKind::Bare);
    }
}

// Instead of reading a directory, ask for the names that could match.
void Walker::look_up(Place& place) {
    bool told = false;
    for (const uint32_t glob : place.state->wanted) {
        const std::string& name = patterns_.names().glob(glob);
        Status status;
        const int error = status_at(place.descriptor, name.c_str(), false, status);
        if (error == EACCES && !told) failed(place.node, error), told = true;
        if (!error) consider(place, {name.c_str(), name.size(), status.identity.inode, status.type});
    }
}

inline void Walker::consider(Place& place, const Entry& entry) {
    ++entries_;
    const uint32_t kind = patterns_.names().kind(entry.name, entry.length);
    const Patterns::Step& step = patterns_.step(place.state, kind);
    if (entry.type == Type::File && place.node->inodes_kept) {
        inodes_.push_back(entry.inode);
        ++place.node->files;
    }
    if (entry.type != Type::File || step.notable || (kind && parts(kind))) examine(place, entry, kind, step);
}

void Walker::examine(Place& place, const Entry& entry, uint32_t kind, const Patterns::Step& step) {
    Type type = entry.type;
    if (type == Type::Unknown) {
        Status status;
        if (status_at(place.descriptor, entry.name, false, status) != 0) return;
        type = status.type;
    }
    const bool link = type == Type::Link;
    const bool within = place.way != Way::Absolute;
    const auto worth = [&](List list) { return step.absolute[list] || step.next_link->absolute[list]; };
    const bool ask = link && (within || worth(Hiding) || worth(Protecting));
    Status target;
    bool directory = type == Type::Directory;
    if (ask && may_lead_to_directory(place.descriptor, entry.name, entry.length)) {
        directory = status_at(place.descriptor, entry.name, true, target) == 0 && target.type == Type::Directory;
    }
    const Found found{entry, kind, step, link, directory, target.identity};
    if (!within) {
        absolute(place, found);
        return;
    }
    place.parts |= parts(kind);
    if (type == Type::Socket) findings_.sockets.push_back(path_of(place.node, found.name()));
    if (parts(kind) & Git) {
        const auto what = type == Type::Directory ? RepositoryKind::Directory : RepositoryKind::File;
        findings_.repositories.emplace_back(path_of(place.node, found.name()), what);
    }
    in_project(place, found);
}

void Walker::in_project(Place& place, const Found& found) {
    const Patterns::Step& step = found.step;
    const int32_t hiding = step.decided[Hiding][found.directory];
    const int32_t protecting = step.decided[Protecting][found.directory];
    if (denies(Hiding, hiding)) {
        hit(place, found, Hiding, hiding);
        // In what is hidden, only what is named by its whole path is looked for: it may lead out by a link.
        if (found.directory) below(place, found, found.link ? step.next_link : step.next, Way::Absolute);
        return;
    }
    if (denies(Protecting, protecting)) {
        hit(place, found, Protecting, protecting);
    } else if (parts(found.kind) & Git && !found.directory && patterns_.any(Protecting)) {
        hit(place, found, Protecting, Patterns::None);  // it names the repository, and so what git runs
    }
    if (!found.directory) return;
    if (found.link) {
        follow(place, found);
    } else if (is_kernels(place, found.name())) {
        below(place, found, step.next_link, Way::Absolute);
    } else {
        below(place, found, step.next, place.way);
    }
}

void Walker::absolute(Place& place, const Found& found) {
    const Patterns::Step& step = found.step;
    const Patterns::State* next = found.link || is_kernels(place, found.name()) ? step.next_link : step.next;
    bool alive = false;
    for (const List list : {Hiding, Protecting}) {
        const int32_t decided = step.decided[list][found.directory];
        const bool acts = step.absolute[list] && denies(list, decided);
        if (acts) hit(place, found, list, decided);
        // What the project lies in cannot be made read-only as a whole: each thing in it is asked about.
        const bool covered = acts && !(list == Protecting && holds_project(place, found));
        alive = alive || (covered ? next->within[list] : next->absolute[list]);
    }
    if (!found.directory || !alive) return;
    if (is_project(place, found)) return;  // which is walked by itself
    below(place, found, next, Way::Absolute);
}

bool Walker::is_project(const Place& place, const Found& found) const {
    const bool may_be = length_of(place.node, found.entry.length) == common_.project.size();
    return may_be && path_of(place.node, found.name()) == common_.project;
}

bool Walker::holds_project(const Place& place, const Found& found) const {
    const bool may = found.directory && length_of(place.node, found.entry.length) < common_.project.size();
    return may && is_inside(common_.project, path_of(place.node, found.name()));
}

// Have what is in a directory walked.
void Walker::below(const Place& place, const Found& found, const Patterns::State* state, Way way) {
    const bool within = way == Way::Absolute && place.way != Way::Absolute;
    if (within && !state->within[Hiding] && !state->within[Protecting]) return;
    ++place.node->pending;
    tasks_.push_back({place.node, tree_.keep(found.name()), found.entry.length, state, way, found.link});
}

// Follow a directory link of the project: as part of the project if it leads out.
void Walker::follow(const Place& place, const Found& found) {
    const std::string& real = leads_to(place, found);
    if (real.empty()) {
        findings_.failures.push_back({path_of(place.node, found.name()), ENAMETOOLONG});
        return;
    }
    const std::string& project = common_.project;
    if (is_inside(real, project) || is_inside(project, real)) {
        below(place, found, found.step.next_link, Way::Absolute);
        return;
    }
    findings_.links.emplace_back(path_of(place.node, found.name()), real);
    if (is_never_followed(real)) return;
    const Patterns::State* state = found.step.next;
    if (is_systems(real)) state = patterns_.without_generic(state);
    if (!state->alive) return;
    {
        const std::lock_guard<std::mutex> lock(common_.mutex);
        if (!common_.followed.emplace(real, state->at).second) return;
    }
    tasks_.push_back({nullptr, tree_.keep(real), real.size(), state, Way::Outside, false, found.target});
}

// The real path of the directory that a link leads to; many links lead to one.
const std::string& Walker::leads_to(const Place& place, const Found& found) {
    std::string& real = real_paths_[{found.target.device, found.target.inode}];
    if (!real.empty()) return real;
    Target target;
    const int error = target_at(place.descriptor, found.entry.name, target);
    if (!error && target.status.identity == found.target) real = std::move(target.path);
    if (!real.empty()) return real;
    real = real_path(path_of(place.node, found.name()));
    Status status;
    const bool is_it = !status_at(AT_FDCWD, real.c_str(), false, status) && status.identity == found.target;
    if (!is_it) real.clear();  // it was changed meanwhile
    return real;
}

bool Walker::hit(const Place& place, const Found& found, List list, int32_t pattern) {
    Status status;
    const int error = status_at(place.descriptor, found.entry.name, false, status);
    if (error) {
        failed(place.node, error);
        return false;
    }
    Hit made{list, pattern, path_of(place.node, found.name())};
    made.directory = found.directory;
    if (place.way != Way::Absolute && list == Hiding) {
        made.anchored = Patterns::has_place(patterns_.pattern(list, pattern)) ||
                        patterns_.taken_back_elsewhere(list, pattern, found.kind);
    }
    if (const Node* cover = cover_of(place.node)) {
        made.path = path_of(cover);
        made.directory = true;  // found by the same name wherever it is moved, it need not stay where it is
        made.resolved = false;
    } else if (found.link || place.node->through_link) {
        Target target;
        made.resolved = target_at(place.descriptor, found.entry.name, target) == 0 && !target.path.empty();
        if (made.resolved) made.real = std::move(target.path), status = target.status;
    }
    made.identity = status.identity;
    made.links = status.type == Type::File ? status.links : 0;
    findings_.hits.push_back(std::move(made));
    return true;
}

// At the top, /proc and its like are not searched; what is named in them is looked for.
bool Walker::is_kernels(const Place& place, std::string_view name) const {
    return place.node->length == 1 && (name == "proc" || name == "sys" || name == "dev");
}

// Which part of a repository a name is.
uint8_t Walker::parts(uint32_t kind) {
    if (kind >= parts_.size()) parts_.resize(kind + 1, Unknown);
    if (parts_[kind] == Unknown) {
        const Sorted& globs = patterns_.names().matched(kind);
        parts_[kind] = 0;
        for (size_t number = 0; number < part_globs_.size(); ++number) {
            const bool is = std::binary_search(globs.begin(), globs.end(), part_globs_[number]);
            parts_[kind] |= static_cast<uint8_t>(is << number);
        }
    }
    return parts_[kind];
}

FileSystem Walker::file_system(const Status& status, int descriptor) {
    const auto [found, is_new] = file_systems_.try_emplace(status.identity.device);
    if (is_new) found->second = file_system_of(descriptor);
    return found->second;
}

}  // namespace aigate::walk
