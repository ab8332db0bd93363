// What leads on from one directory: links and directories. Whole directories are listed, however flat they are.
#pragma once

#include <string>
#include <vector>

namespace aigate::walk {

struct Ways {
    std::vector<std::string> links, directories;  // names
};

// Of a directory that cannot be read: what was read of it until then.
Ways ways_from(const std::string& directory);

}  // namespace aigate::walk
