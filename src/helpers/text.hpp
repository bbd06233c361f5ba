// Pure functions on text. No system calls here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mydocker::text {

// "a, b, c" for join({"a","b","c"}, ", ").
[[nodiscard]] std::string join(const std::vector<std::string>& words, std::string_view separator);

// The pieces between separators; an empty text gives one empty piece.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// An absolute path with one slash between its parts, none at the end, and no "." among them:
// "a/./b//c/" as "/a/b/c". ".." stays, since only a lookup can tell where it leads.
[[nodiscard]] std::string plain_path(std::string_view path);

// Pieces separated by any run of blanks, tabs, newlines; none of them empty.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

// Without blanks, tabs and newlines at both ends.
[[nodiscard]] std::string trimmed(std::string_view text);

// A user's text on a terminal: control characters, and bytes that are no UTF-8, as \x1b, so that no
// name can speak to the terminal.
[[nodiscard]] std::string printable(std::string_view text);

// The same inside a message: in single quotes.
[[nodiscard]] std::string quoted(std::string_view text);

// Each occurrence of `what` in `text` replaced by `with`.
[[nodiscard]] std::string replaced(std::string text, std::string_view what, std::string_view with);

// The content of a JSON string literal, without the quotes (RFC 8259); bytes that are no UTF-8
// become U+FFFD.
[[nodiscard]] std::string json_escaped(std::string_view text);

// A JSON string literal.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace mydocker::text
