// The everyday verbs: from words to an exit status.
#pragma once

#include <optional>
#include <span>

namespace mydocker::life {

// The exit status, or nothing if the words are for somebody else: no verb of these, or one that the OCI
// verbs have too, about a container of theirs. Throws UsageError, SetupError, oci::Failure.
[[nodiscard]] std::optional<int> run(std::span<const char* const> words);

}  // namespace mydocker::life
