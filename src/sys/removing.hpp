// Folders taken away with all that is in them.
#pragma once

#include <string>

namespace mydocker::sys {

// Removes `path`, whatever it is; links are not followed, and what is not there is fine. False if
// something could not be removed.
bool remove_tree(const std::string& path);

}  // namespace mydocker::sys
