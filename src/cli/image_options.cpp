#include "cli/image_options.hpp"

#include <csignal>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cli {
namespace {

// "80/tcp", "53/udp", "80" as --publish has them.
std::string published(const std::string& port) {
  const auto slash = port.find('/');
  const std::string number = port.substr(0, slash);
  const std::string protocol = slash == std::string::npos ? "tcp" : port.substr(slash + 1);
  constexpr std::uint64_t kLast = 65535;
  const auto parsed = numbers::parse(number, kLast);
  if (!parsed || *parsed == 0 || (protocol != "tcp" && protocol != "udp"))
    throw UsageError("--publish 'image': the image's port " + text::quoted(port) +
                     " is none: allowed are NUMBER/tcp and NUMBER/udp");
  return number + ":" + number + (protocol == "udp" ? "/udp" : "");
}

}  // namespace

std::optional<ImageRoot> image_root(const Options& options, const Surroundings& around) {
  const ImageOptions& image = options.image;
  if (image.image && options.rootfs)
    throw UsageError("--image and --rootfs: one of them at a time");
  if (image.overlay && image.overlay_is_thrown_away)
    throw UsageError("--overlay and --overlay-dir: one of them at a time");
  if (!image.image) {
    if (image.keep_entrypoint) throw UsageError("--keep-entrypoint: it needs --image");
    return std::nullopt;
  }
  if (image.image->empty()) throw UsageError("--image '': allowed are a file, a folder, a name");
  return around.image_of(options);
}

Root root_of(const Options& options, const std::optional<ImageRoot>& image,
             const Surroundings& around, const ContainerSpec& spec) {
  Root out;
  out.path = options.rootfs.value_or(around.default_root);
  out.read_only = options.read_only;
  out.id_mapped = options.user_namespace && !spec.without_root;
  const auto& kept = options.image.overlay;
  if (!image && !kept && !options.image.overlay_is_thrown_away) return out;
  Layers layers{image ? image->lower : std::vector{out.path}, image ? image->folder : "", "",
                kept.has_value(), image ? image->disk : std::nullopt};
  if (kept) {
    if (kept->empty()) throw UsageError("--overlay '': a folder is wanted");
    layers.writable = *kept;
  } else {
    layers.writable = around.writable_of(options, spec.id);
  }
  if (image) out.path = layers.writable;
  out.layers = std::move(layers);
  return out;
}

std::vector<std::string> entrypoint_of(const Options& options,
                                       const std::optional<ImageRoot>& image) {
  if (!image) return options.entrypoint;
  const auto& words = options.entrypoint;
  if (!words.empty() && !options.image.keep_entrypoint) return words;
  std::vector<std::string> out = image->config.entrypoint;
  if (options.image.keep_entrypoint && out.empty())
    throw UsageError("--keep-entrypoint: the image has no entrypoint of its own");
  const auto& rest = words.empty() ? image->config.command : words;
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

std::vector<std::string> ports_of(const Options& options, const std::optional<ImageRoot>& image) {
  std::vector<std::string> out;
  for (const auto& port : options.network.ports) {
    if (port != "image") {
      out.push_back(port);
      continue;
    }
    if (!image) throw UsageError("--publish 'image': it needs --image");
    for (const auto& each : image->config.ports) out.push_back(published(each));
  }
  return out;
}

int stop_signal_of(const Options& options, const std::optional<ImageRoot>& image) {
  const auto& asked = options.image.stop_signal;
  const std::string word = asked ? *asked : image ? image->config.stop_signal : "";
  if (word.empty() && !asked) return SIGTERM;
  const auto signal = names::parse_signal(word);
  if (!signal)
    throw UsageError("--stop-signal " + text::quoted(word) +
                     ": allowed are names as TERM and SIGINT, and 1 to 64");
  return *signal;
}

}  // namespace mydocker::cli
