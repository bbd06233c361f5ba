#include "image/pull.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "helpers/text.hpp"
#include "image/description.hpp"
#include "image/json.hpp"
#include "mydocker/error.hpp"
#include "sys/installed_program.hpp"

namespace mydocker::image {
namespace {

constexpr std::array<std::string_view, 3> kPlaces{"docker://",
                                                  "docker-daemon:", "containers-storage:"};

// "docker://registry/name" as "registry/name"; empty if it is none of those.
std::string_view name_in(std::string_view text) {
  for (const auto place : kPlaces) {
    if (text.starts_with(place)) return text.substr(place.size());
  }
  return {};
}

// What it is called in the layout; one that is named by its digest alone has no name.
std::string name_of(const std::string& text) {
  try {
    return ":" + full_name(name_in(text));
  } catch (const BadImage&) {
    return {};
  }
}

}  // namespace

bool is_elsewhere(const std::string& text) { return !name_in(text).empty(); }

std::string elsewhere_key(const std::string& text) { return text::replaced(text, "/", "%"); }

std::string pull(Store& store, const std::string& text) {
  const Temporary target = store.make_temporary();
  const std::string what = "fetch " + text::quoted(text) + " by skopeo";
  try {
    const bool speaks = ::isatty(STDERR_FILENO) == 1;
    sys::InstalledProgram skopeo({"skopeo", "copy", text, "oci:" + target.path + name_of(text)},
                                 {.speaks = speaks});
    std::optional<int> status;
    while (!(status = skopeo.wait(-1))) {
    }
    if (*status == 0) return target.path;
    throw SetupError("image", what + (speaks ? "" : ": " + skopeo.last_words()), 0,
                     "is the name right, and can this host reach the place?");
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT || dynamic_cast<const SetupError*>(&error) != nullptr) throw;
    throw SetupError("image", what, ENOENT, "install the package skopeo");
  }
}

}  // namespace mydocker::image
