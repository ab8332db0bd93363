// See tree.h
#include "tree.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace aigate::walk {

namespace {

constexpr size_t Block = 1 << 16;
constexpr size_t Row = 256;

}  // namespace

std::string path_of(const Node* node) {
    std::string path(node->length, '/');
    size_t end = path.size();
    for (; node->above; node = node->above) {
        const size_t length = strlen(node->name);
        end -= length;
        path.replace(end, length, node->name, length);
        if (node->above->length > 1) --end;
    }
    return path.replace(0, strlen(node->name), node->name);
}

std::string path_of(const Node* node, std::string_view name) {
    std::string path = path_of(node);
    if (path.size() > 1) path += '/';
    return path.append(name);
}

const Node* cover_of(const Node* node) {
    if (node->length <= LongestPath) return nullptr;
    while (node->above && node->above->length > LongestPath) node = node->above;
    return node;
}

Tree::Tree(size_t most_open) : most_open_(most_open) { ends_.older = ends_.newer = &ends_; }

Tree::~Tree() { release_all(); }

const char* Tree::keep(std::string_view name) {
    const size_t size = name.size() + 1;
    if (size > left_) {
        left_ = size > Block ? size : Block;
        blocks_.push_back(std::make_unique<char[]>(left_));
        free_ = blocks_.back().get();
    }
    char* kept = free_;
    memcpy(kept, name.data(), name.size());
    kept[name.size()] = 0;
    free_ += size;
    left_ -= size;
    return kept;
}

Node* Tree::add(Node* above, const char* name, size_t length, bool follow) {
    if (!row_left_) {
        rows_.push_back(std::make_unique<Node[]>(Row));
        row_left_ = Row;
    }
    Node* node = &rows_.back()[Row - row_left_--];
    node->above = above;
    node->name = name;
    node->length = above ? length_of(above, length) : length;
    node->follow = follow;
    node->through_link = follow || (above && above->through_link);
    nodes_.push_back(node);
    return node;
}

void Tree::opened(Node* node, int descriptor) {
    node->descriptor = descriptor;
    node->seen = true;
    node->older = ends_.older;
    node->newer = &ends_;
    node->older->newer = ends_.older = node;
    ++open_;
}

void Tree::forget(Node* node) {
    node->older->newer = node->newer;
    node->newer->older = node->older;
    --open_;
    close_directory(node->descriptor);
    node->descriptor = -1;
}

void Tree::release(Node* node) {
    if (node->descriptor >= 0) forget(node);
}

void Tree::release_all() {
    while (ends_.newer != &ends_) forget(ends_.newer);
}

bool Tree::close_oldest(const Node* but) {
    for (Node* node = ends_.newer; node != &ends_; node = node->newer) {
        if (node == but || node->pinned) continue;
        forget(node);
        return true;
    }
    return false;
}

int Tree::open(Node* above, const char* name, Purpose purpose, bool follow) {
    const int at = above ? ensure(above) : AT_FDCWD;
    if (at < 0 && above) return at;
    while (open_ >= most_open_ && close_oldest(above)) continue;
    for (;;) {
        const int descriptor = open_directory(at, name, purpose, follow);
        if ((descriptor != -EMFILE && descriptor != -ENFILE) || !close_oldest(above)) return descriptor;
    }
}

// From the nearest directory above that is open, downwards. Each stays open until others are needed more.
int Tree::ensure(Node* node) {
    if (node->descriptor >= 0) return node->descriptor;
    std::vector<Node*> closed;
    for (Node* each = node; each && each->descriptor < 0; each = each->above) closed.push_back(each);
    while (!closed.empty()) {
        Node* next = closed.back();
        closed.pop_back();
        const int descriptor = open(next->above, next->name, Purpose::Pass, next->follow);
        if (descriptor < 0) return descriptor;
        opened(next, descriptor);
    }
    return node->descriptor;
}

}  // namespace aigate::walk
