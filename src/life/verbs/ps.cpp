// ps: the containers. With an id it is the OCI verb: the processes of one.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "life/processes.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"

namespace mydocker::life {
namespace {

using Json = nlohmann::ordered_json;

constexpr oci::Flag kFlags[] = {{"all", 'a', false, "those that have ended, too"},
                                {"quiet", 'q', false, "the ids alone"},
                                {"no-trunc", 0, false, "whole commands"},
                                {"format", 'f', true, "table|json"}};

std::string ago(std::int64_t moment) {
  return moment == 0 ? "" : times::about(std::max<std::int64_t>(now() - moment, 0)) + " ago";
}

std::string status_text(const Container& container) {
  if (container.status != Status::ended || !container.end)
    return std::string(name_of(container.status));
  const End& end = *container.end;
  if (end.reason == kLost) return "lost (its MyDocker was killed)";
  return "exited (" + std::to_string(end.status) + ") " + ago(end.time);
}

std::string command_text(const Container& container, bool whole) {
  std::string out = container.about ? text::join(container.about->command, " ") : "";
  constexpr std::size_t kMost = 30;
  if (!whole && out.size() > kMost) out = out.substr(0, kMost - 3) + "...";
  return text::printable(out);
}

std::vector<std::string> row(const Container& container, bool whole) {
  const About about = container.about.value_or(About{});
  return {container.id,
          text::printable(about.image.empty() ? about.root : about.image),
          command_text(container, whole),
          ago(container.created),
          status_text(container),
          text::join(about.ports, ", ")};
}

std::string as_table(const std::vector<Container>& found, bool whole) {
  std::vector<std::vector<std::string>> lines{
      {"ID", "IMAGE OR ROOT", "COMMAND", "CREATED", "STATUS", "PORTS"}};
  for (const auto& each : found) lines.push_back(row(each, whole));
  return table(lines);
}

Json object(const Container& container) {
  const About about = container.about.value_or(About{});
  Json out = {{"id", container.id},
              {"kind", container.kind == Kind::oci ? "oci" : "classic"},
              {"status", name_of(container.status)},
              {"pid", container.pid},
              {"created", times::text(container.created)},
              {"image", about.image},
              {"root", about.root},
              {"command", about.command},
              {"ports", about.ports},
              {"detached", container.kept.has_value()}};
  if (container.end) {
    out["exit_status"] = container.end->status;
    out["reason"] = container.end->reason;
    if (container.end->time != 0) out["ended"] = times::text(container.end->time);
  }
  return out;
}

std::string as_json(const std::vector<Container>& found) {
  Json out = Json::array();
  for (const auto& each : found) out.push_back(object(each));
  return out.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

int ps(const Call& call) {
  const auto& arguments = call.arguments;
  const std::string format = arguments.value_or("format", "table");
  if (format != "table" && format != "json")
    throw UsageError("--format " + text::quoted(format) + ": allowed are table and json");
  if (!call.ids().empty()) {
    const auto pids = processes_of(call.places, find(call.places, call.ids().front()));
    print(format == "json" ? Json(pids).dump() + "\n" : short_table(pids));
    return 0;
  }
  const auto found = all(call.places, arguments.is_on("all"));
  std::string out;
  if (arguments.is_on("quiet")) {
    for (const auto& each : found) out += each.id + "\n";
  } else {
    out = format == "json" ? as_json(found) : as_table(found, arguments.is_on("no-trunc"));
  }
  print(out);
  return 0;
}

}  // namespace

const Verb ps_verb{"ps",   "Lists the containers; with an ID the processes of that one.",
                   kFlags, oci::Rest::flags_too,
                   0,      1,
                   "[ID]", ps};

}  // namespace mydocker::life
