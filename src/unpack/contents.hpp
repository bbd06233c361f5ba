// What an archive of an image says of itself: its small texts, and the names of the rest.
#pragma once

#include <string>

#include "unpack/streams.hpp"

namespace mydocker::unpack {

// Writes to standard output, for each entry, a line "KIND NAME-LENGTH TEXT-LENGTH DIGEST", the name
// and the text, without separators; src/image/contents.hpp reads it. KIND is `text` (a file that may
// be JSON, with its content and the SHA-256 of that), `data` (any other file) or `link` (with its
// target). An archive with an entry that no image has is a root file system itself: then all that is
// written is "root 0 0 -". Throws Refusal.
void write_contents(Stream& archive);

// Writes the SHA-256 of a small file to standard output. Throws Refusal.
void write_digest(Stream& file);

}  // namespace mydocker::unpack
