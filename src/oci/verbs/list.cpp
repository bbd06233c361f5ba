// list: all containers below the root folder.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/state_json.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"format", 'f', true, "table|json"},
                           {"quiet", 'q', false, "the ids alone"}};

struct Row {
  State state;
  Status status;
  pid_t pid;
};

std::vector<Row> rows(const Store& store, Log& log) {
  std::vector<Row> out;
  for (const auto& id : store.ids()) {
    const auto container = store.try_open(id);
    if (!container) continue;  // deleted meanwhile
    try {
      const Status status = container->status();
      const auto init = container->init();
      out.push_back(
          {container->read_state(), status, status == Status::stopped || !init ? 0 : init->pid});
    } catch (const Failure& error) {
      log.warning(error.what());
    } catch (const std::exception&) {
      // Deleted while it was read.
    }
  }
  return out;
}

std::string as_json(const std::vector<Row>& rows) {
  std::string out = "[";
  for (const auto& row : rows) {
    out += out.size() > 1 ? "," : "";
    out += runtime_state_json(row.state, name_of(row.status), row.pid, false);
  }
  return out + "]\n";
}

std::string as_table(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines{
      {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const auto& [state, status, pid] : rows) {
    lines.push_back({state.id, std::to_string(pid), std::string(name_of(status)),
                     text::printable(state.bundle), text::printable(state.created),
                     std::to_string(state.owner)});
  }
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += line[i];
      if (i + 1 < line.size()) out.append(widths[i] - line[i].size() + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

int list(const Surroundings& around, const Arguments& arguments) {
  const auto found = rows(Store(around.global.root), around.log);
  const std::string format = arguments.value_or("format", "table");
  std::string out;
  if (arguments.is_on("quiet")) {
    for (const auto& row : found) out += row.state.id + "\n";
  } else if (format == "json") {
    out = as_json(found);
  } else if (format == "table") {
    out = as_table(found);
  } else {
    throw UsageError("--format " + text::quoted(format) + ": allowed are table and json");
  }
  sys::write_all(STDOUT_FILENO, out);
  return 0;
}

}  // namespace

const Verb list_verb{"list", "Lists the containers.", kFlags, Rest::flags_too, 0, 0, "", list};

}  // namespace mydocker::oci
