#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verbs.hpp"
#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "oci/run_verb.hpp"
#include "runtime/cni_plugins.hpp"
#include "runtime/records.hpp"
#include "sys/files.hpp"
#include "sys/netlink.hpp"
#include "sys/processes.hpp"

namespace mydocker::cli {
namespace {

constexpr oci::Flag kFlags[] = {
    {"check", 0, false, "ask the plugins of its CNI network whether it is as it should be"}};

// A moment of CLOCK_BOOTTIME as in RFC 3339.
std::string time_text(std::uint64_t moment) {
  constexpr std::uint64_t kBillion = 1000000000;
  const std::time_t time =
      std::time(nullptr) - static_cast<std::time_t>((sys::boot_time() - moment) / kBillion);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char out[32];
  const std::size_t size = std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {out, size};
}

std::string addresses_of(pid_t pid) {
  std::string out;
  const netlink::Message question = netlink::ask_for_addresses(AF_UNSPEC);
  sys::NetlinkSocket::of(pid).ask(question, [&](std::string_view message) {
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

std::string describe(const SharedUse& use, const RecordedContainer& found) {
  std::string out = "{\"id\": " + text::json_string(use.id) +
                    ", \"pid\": " + std::to_string(found.pid) +
                    ", \"created\": " + text::json_string(time_text(found.written)) + ", " +
                    inside(found.description) + ", \"addresses\": " + addresses_of(found.pid);
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
  if (::geteuid() != 0 && use.folder == "/run/mydocker")
    throw SetupError("inspect", "look at " + text::quoted(use.id), EPERM,
                     "run MyDocker as root: sudo MyDocker ...");
  if (const auto found = recorded_container(use.folder, use.id)) {
    if (checks) return check(use);
    sys::write_all(STDOUT_FILENO, describe(use, *found));
    return 0;
  }
  // A container of the OCI verbs has a folder of that name.
  if (!checks && sys::exists(use.folder + "/" + use.id + "/state.json")) {
    const char* const state[] = {"state", use.id.c_str()};
    return *oci::run(state);
  }
  throw UsageError("inspect " + text::quoted(use.id) + ": no container of this name is running");
}

}  // namespace

const Verb inspect_verb{
    "inspect", "ID", "Says what a container is that runs, as JSON.", kFlags, 1, 1, inspect};

}  // namespace mydocker::cli
