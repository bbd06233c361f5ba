// --image, --overlay and their companions, as values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/to_spec.hpp"

namespace mydocker::cli {

// The image of --image; nothing without it. Throws UsageError and SetupError.
[[nodiscard]] std::optional<ImageRoot> image_root(const Options& options,
                                                  const Surroundings& around);

// The root of those options; spec.id is known already. Throws UsageError and SetupError.
[[nodiscard]] Root root_of(const Options& options, const std::optional<ImageRoot>& image,
                           const Surroundings& around, const ContainerSpec& spec);

// What is run: the words of the command line, or else the image's own. Throws UsageError.
[[nodiscard]] std::vector<std::string> entrypoint_of(const Options& options,
                                                     const std::optional<ImageRoot>& image);

// The ports of --publish, with those of the image in the place of the word `image`. Throws UsageError.
[[nodiscard]] std::vector<std::string> ports_of(const Options& options,
                                                const std::optional<ImageRoot>& image);

// The signal that asks it to end. Throws UsageError.
[[nodiscard]] int stop_signal_of(const Options& options, const std::optional<ImageRoot>& image);

}  // namespace mydocker::cli
