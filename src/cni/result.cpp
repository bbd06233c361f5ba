#include "cni/result.hpp"

#include "cni/json.hpp"
#include "helpers/addresses.hpp"
#include "helpers/text.hpp"

namespace mydocker::cni {
namespace {

// A line of resolv.conf, of one word or more; no line where there are none, or where one of them
// would end it.
std::string line(std::string_view begin, const std::vector<std::string>& words) {
  std::string out(begin);
  for (const auto& word : words) {
    if (word.find_first_of("\r\n") != std::string::npos) return {};
    out += " " + word;
  }
  return words.empty() ? std::string() : out + "\n";
}

std::vector<std::string> words_at(const Json& json, const char* key) {
  std::vector<std::string> out;
  for (const auto& word : list_at(json, key)) {
    if (word.is_string()) out.push_back(word.get<std::string>());
  }
  return out;
}

std::string resolv_conf(const Json& dns) {
  std::string out;
  for (const auto& server : words_at(dns, "nameservers")) out += line("nameserver", {server});
  const std::string domain = text_at(dns, "domain");
  if (!domain.empty()) out += line("domain", {domain});
  return out + line("search", words_at(dns, "search")) + line("options", words_at(dns, "options"));
}

}  // namespace

Result read_result(std::string_view text) {
  const Json json = parsed(text);
  if (!json.is_object()) throw ConfigError("it has to be a JSON object");
  Result out;
  for (const auto& ip : list_at(json, "ips")) {
    const std::string address = text_at(ip, "address");
    const auto parsed_address = addresses::parse(address.substr(0, address.find('/')));
    if (!parsed_address) throw ConfigError("ips: address " + text::quoted(address));
    out.addresses.push_back(*parsed_address);
  }
  const auto dns = json.find("dns");
  if (dns != json.end()) out.resolv_conf = resolv_conf(*dns);
  return out;
}

std::string with_result(const std::string& config, const std::string& result) {
  if (result.empty()) return config;
  Json out = parsed(config);
  out["prevResult"] = parsed(result);
  return dumped(out);
}

std::string error_in(std::string_view text) {
  Json json;
  try {
    json = parsed(text);
  } catch (const ConfigError&) {
    return {};
  }
  const std::string message = text_at(json, "msg"), details = text_at(json, "details");
  if (message.empty()) return {};
  const auto code = json.find("code");
  std::string out = message;
  if (code != json.end() && code->is_number()) out += " (code " + dumped(*code) + ")";
  return details.empty() ? out : out + ": " + details;
}

}  // namespace mydocker::cni
