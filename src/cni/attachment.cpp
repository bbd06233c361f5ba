#include "cni/attachment.hpp"

#include "cni/json.hpp"

namespace mydocker::cni {

std::string to_text(const Attachment& attachment) {
  const CniNetwork& network = attachment.network;
  Json plugins = Json::array();
  for (const auto& plugin : network.plugins)
    plugins.push_back({{"type", plugin.type}, {"file", plugin.file}, {"config", plugin.config}});
  const Json out = {
      {"host", attachment.host}, {"id", attachment.id},        {"netns", attachment.netns},
      {"name", network.name},    {"version", network.version}, {"may_check", network.may_check},
      {"path", network.path},    {"plugins", plugins},         {"result", attachment.result}};
  return dumped(out);
}

Attachment attachment_in(std::string_view text) {
  const Json json = parsed(text);
  Attachment out;
  out.host = text_at(json, "host");
  out.id = text_at(json, "id");
  out.netns = text_at(json, "netns");
  out.result = text_at(json, "result");
  out.network.name = text_at(json, "name");
  out.network.version = text_at(json, "version");
  out.network.path = text_at(json, "path");
  const auto may_check = json.is_object() ? json.find("may_check") : json.end();
  out.network.may_check = may_check != json.end() && *may_check == true;
  for (const auto& plugin : list_at(json, "plugins")) {
    out.network.plugins.push_back({.type = text_at(plugin, "type"),
                                   .file = text_at(plugin, "file"),
                                   .config = text_at(plugin, "config")});
  }
  return out;
}

}  // namespace mydocker::cni
