#include "image/contents.hpp"

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"

namespace mydocker::image {
namespace {

// "a/../b" as "b"; links of an archive lead nowhere but into it.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const auto part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string out;
  for (const auto part : parts) out += (out.empty() ? "" : "/") + std::string(part);
  return out;
}

}  // namespace

Contents::Contents(std::string_view said) {
  const auto take = [&](std::size_t count) {
    if (count > said.size()) throw BadImage("its list of contents ends too early");
    const std::string_view out = said.substr(0, count);
    said.remove_prefix(count);
    return out;
  };
  while (!said.empty()) {
    const auto end = said.find('\n');
    if (end == std::string_view::npos) throw BadImage("its list of contents ends too early");
    const auto words = text::words(take(end));
    (void)take(1);
    const auto name_length =
        words.size() == 4 ? numbers::parse(words[1], UINT32_MAX) : std::nullopt;
    const auto length = words.size() == 4 ? numbers::parse(words[2], UINT32_MAX) : std::nullopt;
    if (!name_length || !length) throw BadImage("its list of contents cannot be read");
    const std::string name(take(*name_length)), content(take(*length));
    if (words[0] == "root") is_root_ = true;
    if (words[0] == "text") texts_[name] = {content, std::string(words[3])};
    if (words[0] == "text" || words[0] == "data") files_[name] = true;
    if (words[0] == "link") links_[name] = content;
  }
}

std::optional<Text> Contents::text(const std::string& path) const {
  const auto found = texts_.find(path);
  return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

std::string Contents::file(const std::string& path) const {
  std::string at = without_dots(path);
  for (int tries = 0; tries < 8; ++tries) {
    if (files_.contains(at)) return at;
    const auto link = links_.find(at);
    if (link == links_.end()) break;
    const auto slash = at.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : at.substr(0, slash + 1);
    at = without_dots(folder + link->second);
  }
  throw BadImage("it has no layer " + text::quoted(path));
}

}  // namespace mydocker::image
