// Names of units and the folders of their cgroups, see systemd.unit(5).
#include "helpers/systemd_units.hpp"

#include <algorithm>
#include <array>

#include "helpers/text.hpp"

namespace mydocker::systemd_units {
namespace {

constexpr std::string_view kSlice = ".slice";
constexpr std::size_t kLongest = 255;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
         c == '_' || c == '.' || c == '-' || c == '\\';
}

std::string escaped(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c))
      out += c;
    else
      out.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
  }
  return out;
}

// The folder of a unit has its name, but for those that the kernel's own files could have.
std::string folder_of(const std::string& unit) {
  static constexpr std::array kControllers{"cpu.",      "cpuacct.",    "cpuset.", "io.",
                                           "blkio.",    "memory.",     "pids.",   "devices.",
                                           "freezer.",  "hugetlb.",    "misc.",   "net_cls.",
                                           "net_prio.", "perf_event.", "rdma.",   "cgroup."};
  const bool is_taken =
      unit.starts_with('_') || unit.starts_with('.') ||
      std::any_of(kControllers.begin(), kControllers.end(),
                  [&](const char* controller) { return unit.starts_with(controller); });
  return is_taken ? "_" + unit : unit;
}

// "a-b" is below "a": so no dash stands at an end or beside another.
bool is_slice(std::string_view name) {
  if (name.size() > kLongest || !name.ends_with(kSlice)) return false;
  name.remove_suffix(kSlice.size());
  if (name == "-") return true;
  const auto parts = text::split(name, '-');
  return std::none_of(parts.begin(), parts.end(), [](auto part) { return part.empty(); }) &&
         std::all_of(name.begin(), name.end(), is_plain);
}

}  // namespace

std::optional<Place> parse(std::string_view path, std::string_view default_slice) {
  const auto parts = text::split(path, ':');
  if (parts.size() != 3 || parts[2].empty() || path.find('/') != std::string_view::npos)
    return std::nullopt;
  Place out{std::string(parts[0].empty() ? default_slice : parts[0]), std::string(parts[2])};
  if (!is_slice(out.slice)) return std::nullopt;
  if (!parts[2].ends_with(kSlice)) {
    const std::string prefix = parts[1].empty() ? "" : std::string(parts[1]) + "-";
    out.unit = escaped(prefix + out.unit) + ".scope";
  } else if (!is_slice(out.unit) || out.unit == "-.slice") {
    return std::nullopt;
  }
  if (out.unit.size() > kLongest) return std::nullopt;
  return out;
}

std::optional<std::string> slice_path(std::string_view slice) {
  if (!is_slice(slice)) return std::nullopt;
  std::string path;
  if (slice == "-.slice") return path;
  for (std::size_t at = slice.find('-'); at != std::string_view::npos;
       at = slice.find('-', at + 1)) {
    path += "/" + folder_of(std::string(slice.substr(0, at)).append(kSlice));
  }
  return path + "/" + folder_of(std::string(slice));
}

std::optional<std::string> unit_path(const Place& place) {
  // A slice is where its own name says, whatever slice wants it.
  if (place.unit.ends_with(kSlice)) return slice_path(place.unit);
  auto path = slice_path(place.slice);
  if (path) *path += "/" + folder_of(place.unit);
  return path;
}

}  // namespace mydocker::systemd_units
