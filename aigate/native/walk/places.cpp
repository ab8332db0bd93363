// See places.h
#include "places.h"

#include <algorithm>
#include <cstdlib>

namespace aigate::walk {

namespace {

constexpr std::string_view NeverFollowed[] = {
    "/proc", "/sys", "/dev", "/run",
    "/etc/ssl/certs", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
};
constexpr std::string_view Systems[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/nix"};

}  // namespace

bool is_inside(std::string_view path, std::string_view directory) {
    if (path.substr(0, directory.size()) != directory) return false;
    return path.size() == directory.size() || directory == "/" || path[directory.size()] == '/';
}

bool is_never_followed(std::string_view path) {
    return std::any_of(std::begin(NeverFollowed), std::end(NeverFollowed),
                       [&](std::string_view place) { return is_inside(path, place); });
}

// /usr and /usr/share, but not /usr/share/x; /nix and /nix/store, but not what is in it.
bool is_systems(std::string_view path) {
    const bool below = std::any_of(std::begin(Systems), std::end(Systems),
                                   [&](std::string_view place) { return is_inside(path, place); });
    if (!below) return false;
    const auto depth = std::count(path.begin(), path.end(), '/');
    return depth == 1 || (depth == 2 && !is_inside(path, "/etc"));
}

std::string real_path(const std::string& path) {
    char* found = realpath(path.c_str(), nullptr);
    std::string real = found ? found : "";
    free(found);
    return real;
}

}  // namespace aigate::walk
