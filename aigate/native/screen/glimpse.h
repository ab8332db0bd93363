// What is masked on a screen, shown once to who sits there: the text, and a page with it that goes away again.
#pragma once

#include <string>

#include "grid.h"
#include "reading.h"

namespace aigate {

// The last masked text of a screen with what it stands in up to blanks, since a link is of use as a whole; empty for none.
std::string last_masked(const Grid& grid, const Reading& reading);

// Draws a page with it, from the first row on, over what stands there.
std::string page_of(const std::string& text, size_t rows, size_t columns);

}  // namespace aigate
