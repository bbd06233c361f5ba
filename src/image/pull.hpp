// Images that lie elsewhere, fetched by skopeo(1): it knows registries and their passwords.
#pragma once

#include <string>

#include "image/store.hpp"

namespace mydocker::image {

// Whether `text` says where to fetch an image: docker://NAME, docker-daemon:NAME,
// containers-storage:NAME.
[[nodiscard]] bool is_elsewhere(const std::string& text);

// Under which word the store knows what was fetched from there (store.hpp, `find_source`).
[[nodiscard]] std::string elsewhere_key(const std::string& text);

// Fetches it into a temporary folder of the store, an OCI layout; gives that. The store is locked.
// Throws SetupError with skopeo's own words, or the package's name if it is not installed.
[[nodiscard]] std::string pull(Store& store, const std::string& text);

}  // namespace mydocker::image
