// The directories of one search, and their descriptors: each directory is opened below the one above it, never by its
// whole path, so that paths may have any length. Few descriptors are held: the one that was used longest ago is closed
// and opened again when it is needed. Belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "files.h"

namespace aigate::walk {

struct Node {
    Node* above = nullptr;        // none for a directory that is named by its path
    const char* name = nullptr;   // or that path
    size_t length = 0;            // of the path
    bool follow = false;          // it is reached by a link
    bool through_link = false;    // it, or one above
    bool pinned = false;          // its descriptor stays open
    bool seen = false;            // it was opened
    bool inodes_kept = false;     // the inode numbers of its files are in the list of its walker, from `first` on
    bool of_project = false;      // it lies in the project, and not behind a link
    int descriptor = -1;
    uint32_t pending = 0;         // directories below that are still to be opened
    uint32_t files = 0;
    size_t first = 0;
    Node *older = nullptr, *newer = nullptr;
};

// The path of a directory, or of an entry in it.
std::string path_of(const Node* node);
std::string path_of(const Node* node, std::string_view name);
// Bytes; PATH_MAX is 4096, and what mounts on a path puts something in front.
constexpr size_t LongestPath = 3000;
// Where nothing can be mounted in a directory, since its path is too long: the directory that is hidden instead, on the
// way to it. Otherwise none.
const Node* cover_of(const Node* node);

// The length of an entry's path.
inline size_t length_of(const Node* node, size_t name) { return node->length + (node->length > 1) + name; }

class Tree {
  public:
    explicit Tree(size_t most_open);
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree();

    // A name that lives as long as the tree.
    const char* keep(std::string_view name);

    Node* add(Node* above, const char* name, size_t length, bool follow);
    const std::vector<Node*>& nodes() const { return nodes_; }

    // Take a descriptor that was opened for a node.
    void opened(Node* node, int descriptor);
    // Have a node's descriptor open: the descriptor, or a negated errno.
    int ensure(Node* node);
    // Open what is below a node. None: a path. The descriptor, or a negated errno.
    int open(Node* above, const char* name, Purpose purpose, bool follow);
    void release(Node* node);
    void release_all();

  private:
    void forget(Node* node);
    bool close_oldest(const Node* but);

    std::vector<std::unique_ptr<char[]>> blocks_;
    size_t left_ = 0;
    char* free_ = nullptr;
    std::vector<std::unique_ptr<Node[]>> rows_;
    size_t row_left_ = 0;
    std::vector<Node*> nodes_;
    size_t most_open_;
    size_t open_ = 0;
    Node ends_;  // older: the newest, newer: the oldest
};

}  // namespace aigate::walk
