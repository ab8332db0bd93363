// Hard links: which files have more names than one, and where in the project the other names are. See search.h
#include <cerrno>
#include <fcntl.h>

#include <system_error>
#include <unordered_map>

#include "search.h"

namespace aigate::walk {

namespace {

constexpr size_t DescriptorsForLinks = 32;

using Wanted = std::unordered_multimap<uint64_t, size_t>;  // by inode number: which of the files

// Read a directory's entries one after another.
template <typename Look>
void each_entry(Listing& listing, int descriptor, Look look) {
    listing.begin(descriptor);
    while (listing.portion() == 0 && !listing.entries().empty()) {
        for (const Entry& entry : listing.entries()) look(entry);
    }
}

// A few bits of an inode number: most files are told apart by them.
class Sieve {
  public:
    explicit Sieve(const Wanted& wanted) : bits_(Size) {
        for (const auto& [inode, number] : wanted) bits_[place(inode)] = true;
    }
    bool lets_through(uint64_t inode) const { return bits_[place(inode)]; }

  private:
    static constexpr size_t Size = 1 << 16;
    static size_t place(uint64_t inode) { return (inode * 0x9E3779B97F4A7C15U) >> 48; }
    std::vector<bool> bits_;
};

}  // namespace

std::vector<Name> Search::names_of(const std::vector<Identity>& files) {
    Wanted wanted;
    for (size_t number = 0; number < files.size(); ++number) wanted.emplace(files[number].inode, number);
    const Sieve sieve(wanted);
    std::vector<Name> found;
    Tree& tree = walkers_.front()->tree();
    Listing listing;
    const auto look = [&](Node* node) {
        const int above = tree.ensure(node);
        const int descriptor = above < 0 ? above : tree.open(node, ".", Purpose::Read, false);
        if (descriptor < 0) return;
        each_entry(listing, descriptor, [&](const Entry& entry) {
            if (entry.type != Type::File && entry.type != Type::Unknown) return;
            if (node->inodes_kept && !sieve.lets_through(entry.inode)) return;
            Status status;
            if (status_at(descriptor, entry.name, false, status) != 0 || status.type != Type::File) return;
            const auto [first, last] = wanted.equal_range(status.identity.inode);
            for (auto each = first; each != last; ++each) {
                if (!(files[each->second] == status.identity)) continue;
                const Node* cover = cover_of(node);
                std::string path = cover ? path_of(cover) : path_of(node, {entry.name, entry.length});
                found.push_back({std::move(path), each->second, cover != nullptr});
                break;
            }
        });
        close_directory(descriptor);
    };
    for (const auto& walker : walkers_) {
        const auto& inodes = walker->inodes();
        for (Node* node : walker->tree().nodes()) {
            if (!node->of_project) continue;
            bool worth = !node->inodes_kept;
            for (size_t at = node->first; at < node->first + node->files && !worth; ++at) {
                worth = sieve.lets_through(inodes[at]) && wanted.count(inodes[at]);
            }
            if (worth) look(node);
        }
    }
    tree.release_all();
    return found;
}

std::vector<Identity> files_with_more_names(const std::string& path) {
    std::vector<Identity> found;
    const auto note = [&](const Status& status) {
        if (status.type == Type::File && status.links > 1) found.push_back(status.identity);
    };
    Status status;
    if (status_at(AT_FDCWD, path.c_str(), false, status) != 0) return found;
    if (status.type != Type::Directory) {
        note(status);
        return found;
    }
    Tree tree(DescriptorsForLinks);
    Listing listing;
    std::vector<std::pair<Node*, const char*>> pending{{nullptr, tree.keep(path)}};
    while (!pending.empty()) {
        const auto [above, name] = pending.back();
        pending.pop_back();
        const int descriptor = tree.open(above, name, Purpose::Read, false);
        if (above && !--above->pending) tree.release(above);
        if (descriptor < 0) continue;
        Node* node = tree.add(above, name, std::char_traits<char>::length(name), false);
        tree.opened(node, descriptor);
        each_entry(listing, descriptor, [&](const Entry& entry) {
            Status listed;
            listed.type = entry.type;
            if (entry.type == Type::File || entry.type == Type::Unknown) {
                if (status_at(descriptor, entry.name, false, listed) != 0) return;
                note(listed);
            }
            if (listed.type != Type::Directory) return;
            pending.emplace_back(node, tree.keep({entry.name, entry.length}));
            ++node->pending;
        });
        if (!node->pending) tree.release(node);
    }
    return found;
}

}  // namespace aigate::walk
