// See ways.h
#include "ways.h"

#include <fcntl.h>

#include "files.h"

namespace aigate::walk {

Ways ways_from(const std::string& directory) {
    Ways found;
    const int opened = open_directory(AT_FDCWD, directory.c_str(), Purpose::Read, true);
    if (opened < 0) return found;
    Listing listing;
    listing.begin(opened);
    while (listing.portion() == 0 && !listing.entries().empty()) {
        for (const Entry& entry : listing.entries()) {
            Type type = entry.type;
            Status status;
            if (type == Type::Unknown && status_at(opened, entry.name, false, status) == 0) type = status.type;
            if (type == Type::Link) found.links.emplace_back(entry.name, entry.length);
            if (type == Type::Directory) found.directories.emplace_back(entry.name, entry.length);
        }
    }
    close_directory(opened);
    return found;
}

}  // namespace aigate::walk
