// The ways in which programs write a text: as it is, escaped for JSON, shells, URLs and HTML, in base64 and in
// hexadecimal. Owns these ways; searches nothing.
#pragma once

#include <string>
#include <vector>

namespace aigate {

// Each way to write the value once, the value itself first. In base64 what is the value's alone: characters that also
// hold bits of what stands beside it are left out, so a spelling may be one character short at either end.
std::vector<std::string> spellings(const std::string& value);

}  // namespace aigate
