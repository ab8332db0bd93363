// Whether a hyperlink leads where its text says. Owns that judgement.
#pragma once

#include <string>

namespace aigate {

// target: an address. text: what is shown, blanks where a line ends. A text without any address in it promises nothing.
bool is_honest(const std::string& text, const std::string& target);

}  // namespace aigate
