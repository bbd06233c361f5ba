#include "image/description.hpp"

#include <algorithm>

#include "helpers/text.hpp"
#include "image/json.hpp"

namespace mydocker::image {
namespace {

using json::Json;

constexpr int kDeepest = 4;  // an index may name another one
// A text of a few bytes may name the same large one a million times.
constexpr std::size_t kMostTexts = 2000, kMostOfTexts = 64U << 20;

// Reads what an image names, as often and as much as an honest one would.
class Reader {
 public:
  explicit Reader(const ReadText& read) : read_(read) {}

  std::optional<Text> operator()(const std::string& path) {
    auto out = read_(path);
    if (++texts_ > kMostTexts) throw BadImage("it names too many texts");
    if (out) bytes_ += out->content.size();
    if (bytes_ > kMostOfTexts) throw BadImage("what it names has too many bytes");
    return out;
  }

 private:
  const ReadText& read_;
  std::size_t texts_ = 0, bytes_ = 0;
};

Text wanted(Reader& read, const std::string& path) {
  auto found = read(path);
  if (!found) throw BadImage("it has no " + text::quoted(path));
  return std::move(*found);
}

// A blob is what its name says, or it is refused.
Text verified(Reader& read, const std::string& digits) {
  Text out = wanted(read, "blobs/sha256/" + digits);
  if (out.digest != digits)
    throw BadImage("the digest of blobs/sha256/" + digits + " is " + out.digest);
  return out;
}

void add_config(Text text, Description& out) {
  out.id = text.digest;
  out.config = parse_config(text.content);
  out.config_text = std::move(text.content);
}

void require_layers(const Description& description, std::size_t count) {
  if (count != description.config.diff_ids.size())
    throw BadImage("its manifest names " + std::to_string(count) + " layers, its configuration " +
                   std::to_string(description.config.diff_ids.size()));
}

// docker save, podman save: see the "Combined Image JSON" of moby's image specification.
Description of_docker(Reader& read, const Json& manifest) {
  Description out;
  add_config(wanted(read, json::text_of(manifest, "Config")), out);
  for (const auto& name : json::texts_of(manifest, "RepoTags"))
    out.names.push_back(full_name(name));
  const auto layers = json::texts_of(manifest, "Layers");
  require_layers(out, layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i)
    out.layers.push_back({layers[i], "", out.config.diff_ids[i]});
  return out;
}

Description of_manifest(Reader& read, const Json& manifest) {
  const Json* const config = json::member(manifest, "config");
  const Json* const layers = json::member(manifest, "layers");
  if (config == nullptr || layers == nullptr || !layers->is_array())
    throw BadImage("its manifest names no configuration or no layers");
  Description out;
  add_config(verified(read, digits_of(json::text_of(*config, "digest"))), out);
  require_layers(out, layers->size());
  for (std::size_t i = 0; i < layers->size(); ++i) {
    const std::string digits = digits_of(json::text_of((*layers)[i], "digest"));
    out.layers.push_back({"blobs/sha256/" + digits, digits, out.config.diff_ids[i]});
  }
  return out;
}

bool is_for(const Json& entry, std::string_view architecture) {
  const Json* const platform = json::member(entry, "platform");
  if (platform == nullptr) return true;
  const std::string os = json::text_of(*platform, "os"),
                    its = json::text_of(*platform, "architecture");
  return (os.empty() || os == "linux") && (its.empty() || its == architecture);
}

std::string name_of(const Json& entry, std::string_view fallback) {
  const Json* const annotations = json::member(entry, "annotations");
  if (annotations == nullptr) return full_name(fallback);
  // containerd's whole name, else OCI's, which often is a tag alone.
  const std::string whole = json::text_of(*annotations, "io.containerd.image.name");
  if (!whole.empty()) return full_name(whole);
  const std::string name = json::text_of(*annotations, "org.opencontainers.image.ref.name");
  if (name.empty()) return full_name(fallback);
  const bool is_tag = name.find_first_of("/:") == std::string::npos;
  return full_name(is_tag ? std::string(fallback) + ":" + name : name);
}

class Index {
 public:
  Index(Reader& read, std::string_view fallback, std::string_view architecture)
      : read_(read), fallback_(fallback), architecture_(architecture) {}

  void add_all(const Json& index, const std::string& name, int depth) {
    const Json* const manifests = json::member(index, "manifests");
    if (manifests == nullptr || !manifests->is_array())
      throw BadImage("its index lists no manifests");
    if (depth > kDeepest) throw BadImage("its indexes lie too deep in each other");
    for (const auto& entry : *manifests) {
      if (!is_for(entry, architecture_)) continue;
      const Text text = verified(read_, digits_of(json::text_of(entry, "digest")));
      const Json manifest = json::parse(text.content, "a manifest");
      const std::string its_name = name.empty() ? name_of(entry, fallback_) : name;
      if (json::member(manifest, "manifests") != nullptr) {
        add_all(manifest, its_name, depth + 1);
      } else {
        found.push_back(of_manifest(read_, manifest));
        found.back().names = {its_name};
      }
    }
  }

  std::vector<Description> found;

 private:
  Reader& read_;
  std::string_view fallback_, architecture_;
};

bool may_stand_in_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-/:@+").find(c) != std::string_view::npos;
}

}  // namespace

std::vector<Description> describe_images(const ReadText& read_text, std::string_view fallback,
                                         std::string_view architecture) {
  Reader read(read_text);
  std::vector<Description> out;
  if (const auto manifest = read("manifest.json")) {
    const Json all = json::parse(manifest->content, "manifest.json");
    if (!all.is_array()) throw BadImage("manifest.json is no list");
    for (const auto& each : all) out.push_back(of_docker(read, each));
  } else {
    Index index(read, fallback, architecture);
    index.add_all(json::parse(wanted(read, "index.json").content, "index.json"), "", 0);
    out = std::move(index.found);
  }
  if (out.empty()) throw BadImage("it holds no image for linux on " + std::string(architecture));
  return out;
}

std::string full_name(std::string_view name) {
  constexpr std::size_t kLongest = 200;
  for (const std::string_view prefix : {"docker.io/library/", "docker.io/", "localhost/"}) {
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    break;
  }
  const bool good = !name.empty() && name.size() <= kLongest && name.front() != '.' &&
                    name.front() != '/' &&
                    std::all_of(name.begin(), name.end(), may_stand_in_a_name);
  if (!good) throw BadImage(text::quoted(name) + " is no name of an image");
  const auto slash = name.rfind('/');
  const auto last = name.substr(slash == std::string_view::npos ? 0 : slash + 1);
  const bool has_tag = last.find(':') != std::string_view::npos;
  return std::string(name) + (has_tag ? "" : ":latest");
}

}  // namespace mydocker::image
