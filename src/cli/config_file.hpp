// Options from a file that --config names. It is read only then: no file is looked for, since one that
// lies beside a root or in the folder of the caller may be somebody else's.
//
//   # a comment
//   a
//   user = 1000:1000
//   env = GREETING=good day
//   read-only = true
//   entrypoint = /bin/sh
//
// A key is an option's long name, or its letter if it has none. What can be given again stands on
// more lines. Quotes around a value keep its blanks. `entrypoint` is one word a line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace mydocker::cli {

// The lines of `text`, judged by the options that there are. Throws UsageError, which names `file`
// and the line.
[[nodiscard]] std::vector<ConfigLine> parse_config(std::string_view file, std::string_view text);

// What the words say, and where they say nothing, the file of their --config. Throws UsageError.
[[nodiscard]] Options read_options(std::span<const char* const> words);

// The text of a refusal; each line of it that is about a line of the file names that.
[[nodiscard]] std::string with_places(const Options& options, std::string_view refusal);

}  // namespace mydocker::cli
