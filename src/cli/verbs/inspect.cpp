#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verbs.hpp"
#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "life/containers.hpp"
#include "life/log.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "oci/run_verb.hpp"
#include "runtime/cni_plugins.hpp"
#include "runtime/records.hpp"
#include "sys/files.hpp"
#include "sys/netlink.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker::cli {
namespace {

constexpr oci::Flag kFlags[] = {
    {"check", 0, false, "ask the plugins of its CNI network whether it is as it should be"}};

std::string addresses_of(pid_t pid) {
  std::string out;
  const netlink::Message question = netlink::ask_for_addresses(AF_UNSPEC);
  const bool is_root = ::geteuid() == 0;
  if (!is_root) sys::enter_network_of(pid);  // what is left to do needs no network of ours
  const auto socket = is_root ? sys::NetlinkSocket::of(pid) : sys::NetlinkSocket();
  socket.ask(question, [&](std::string_view message) {
    const auto found = netlink::address_in(message);
    if (found)
      out += (out.empty() ? "" : ", ") + text::json_string(addresses::text(found->address));
  });
  return "[" + out + "]";
}

std::optional<cni::Attachment> attachment_of(const SharedUse& use) {
  const auto text = sys::try_read_file(cni_file(use));
  return text ? std::optional(cni::attachment_in(*text)) : std::nullopt;
}

// The line that was written down is an object, without the braces.
std::string inside(const std::string& object) {
  return object.size() < 2 ? "" : object.substr(1, object.size() - 2);
}

// Of one that goes on: where its output is, and how it ended.
std::string kept_text(const life::Container& found) {
  if (!found.kept) return "";
  std::string out = ", \"log\": " + text::json_string(found.kept->path() + "/" + life::kLog);
  if (!found.end) return out;
  out += ", \"exit_status\": " + std::to_string(found.end->status) +
         ", \"reason\": " + text::json_string(found.end->reason);
  if (found.end->time != 0)
    out += ", \"ended\": " + text::json_string(times::text(found.end->time));
  return out;
}

std::string describe(const SharedUse& use, const life::Container& found) {
  std::string out = "{\"id\": " + text::json_string(use.id) +
                    ", \"status\": " + text::json_string(life::name_of(found.status)) +
                    ", \"pid\": " + std::to_string(found.pid) +
                    ", \"created\": " + text::json_string(times::text(found.created));
  if (found.about) out += ", " + inside(found.description);
  out += ", \"addresses\": " + (found.pid != 0 ? addresses_of(found.pid) : "[]") + kept_text(found);
  const auto attachment = attachment_of(use);
  if (attachment && !attachment->result.empty()) {
    out += ", \"cni\": {\"name\": " + text::json_string(attachment->network.name) +
           ", \"result\": " + text::trimmed(attachment->result) + "}";
  }
  return out + "}\n";
}

int check(const SharedUse& use) {
  const auto attachment = attachment_of(use);
  if (!attachment) throw UsageError("--check: " + text::quoted(use.id) + " is in no CNI network");
  if (!attachment->network.may_check)
    throw UsageError("--check: the CNI network " + text::quoted(attachment->network.name) +
                     " is not to be checked: it says disableCheck, or its cniVersion is below "
                     "0.4.0");
  check_cni(*attachment);
  return 0;
}

int inspect(const oci::Arguments& arguments) {
  const bool checks = arguments.is_on("check");
  const SharedUse use{record_folder(), arguments.words.front()};
  if (!valid_id(use.id))
    throw UsageError("inspect " + text::quoted(use.id) +
                     ": an id has letters, digits, '_', '.' and '-'");
  const life::Places places = life::default_places();
  if (life::is_classic(places, use.id)) {
    if (const auto found = life::try_find(places, use.id)) {
      if (checks) return check(use);
      sys::write_all(STDOUT_FILENO, describe(use, *found));
      return 0;
    }
  }
  // A container of the OCI verbs has a folder of that name.
  if (!checks && sys::exists(use.folder + "/" + use.id + "/state.json")) {
    const char* const state[] = {"state", use.id.c_str()};
    return *oci::run(state);
  }
  throw UsageError("inspect " + text::quoted(use.id) + ": no container of this name is running");
}

}  // namespace

const Verb inspect_verb{"inspect", "ID",   "Says what a container is, as JSON.", kFlags, 1,
                        1,         inspect};

}  // namespace mydocker::cli
