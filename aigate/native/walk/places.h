// What paths say by themselves: which places of the machine links are not followed into. Pure.
#pragma once

#include <string>
#include <string_view>

namespace aigate::walk {

bool is_inside(std::string_view path, std::string_view directory);

// The kernel's own file systems, what a sandbox replaces, and public certificates, which TLS needs.
bool is_never_followed(std::string_view path);

// A directory that holds (a large part of) the system: searched for what patterns name by its place alone.
bool is_systems(std::string_view path);

// The real path of what is there, or none.
std::string real_path(const std::string& path);

}  // namespace aigate::walk
