// The OCI front end: from words to an exit status.
#pragma once

#include <optional>
#include <span>

namespace mydocker::oci {

// The exit status, or nothing if the words are not an OCI runtime's. A verb's errors are told here;
// std::system_error is thrown if nobody takes the text of --version.
[[nodiscard]] std::optional<int> run(std::span<const char* const> words);

}  // namespace mydocker::oci
