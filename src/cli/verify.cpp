#include "cli/verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "cli/classic.hpp"
#include "cli/config_file.hpp"
#include "cli/options.hpp"
#include "cli/surroundings.hpp"
#include "cli/to_spec.hpp"
#include "cli/verbs.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "spec/defaults.hpp"
#include "sys/carried.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/listening.hpp"
#include "sys/probe.hpp"
#include "sys/processes.hpp"

namespace mydocker::cli {
namespace {

constexpr const char* kName = "mydocker-probe";
constexpr oci::Flag kFlags[] = {{"list", 0, false, "what is tried, and by which holes"},
                                {"json", 0, false, "for programs"},
                                {"dump-probe", 0, true, "FILE: write the probe, to run elsewhere"}};

struct Words {
  bool list = false, json = false;
  std::optional<std::string> dump;
  std::vector<const char*> options;  // those of a classic run, --json too; -aU if none are given
};

Words split(const std::vector<std::string>& words) {
  constexpr std::string_view kDump = "--dump-probe";
  Words out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--list") {
      out.list = true;
    } else if (word == kDump) {
      if (++i == words.size()) throw UsageError("--dump-probe: its value, a file, is missing");
      out.dump = words[i];
    } else {
      out.json = out.json || word == "--json";
      out.options.push_back(words[i].c_str());
    }
  }
  if (out.options.size() == (out.json ? 1U : 0U)) out.options.push_back("-aU");
  return out;
}

int dump(const std::string& path) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0755));
  if (!file)
    throw SetupError("cli", "write the probe to " + text::quoted(path), errno,
                     "name a file in a folder that you may write to");
  // A file that was there already may have been no program.
  sys::check(::fchmod(file.get(), 0755), "fchmod");
  sys::write_all(file.get(), sys::probe());
  return 0;
}

Options options_of(const Words& words) {
  Options options = read_options(words.options);
  // One that the file of --config names gives way.
  if (!options.config && !options.entrypoint.empty())
    throw UsageError("verify " + text::quoted(options.entrypoint.front()) +
                     ": no entrypoint is wanted, the probe is one: options alone");
  options.entrypoint = {kName};
  return options;
}

// What a container should not find, although it is there.
struct Bait {
  Bait()
      : name(sys::try_listen_at_name("mydocker-verify")), loopback(sys::try_listen_at_loopback()) {
    ::setenv("MYDOCKER_VERIFY_SECRET", "of the host", 1);
  }
  UniqueFd name;
  sys::LoopbackListener loopback;
};

// The ids of the rows that this kernel lacks, asked on the host without privileges: behind a filter
// nobody can tell.
std::string lacking_rows() {
  const UniqueFd probe = sys::probe_in_memory();
  const sys::Finished survey = sys::run_program(probe.get(), {kName, "--survey"}, {});
  return survey.status == 0 ? text::trimmed(survey.output) : std::string();
}

// More than the limit, so that it has to bind.
void add_limits(const CgroupRequest& cgroup, std::vector<std::string>& argv) {
  constexpr std::int64_t kBeyond = 32 << 20;
  const Resources& limits = cgroup.resources;
  if (limits.memory.limit)
    argv.push_back("--memory=" + std::to_string(*limits.memory.limit + kBeyond));
  if (limits.pids) argv.push_back("--processes=" + std::to_string(*limits.pids));
}

// Of no set more than a container has unasked.
bool has_no_more(const CapabilitySets& sets) {
  const CapabilitySets unasked = default_capabilities(true);
  const auto is_within = [&](const std::vector<int>& some) {
    return std::all_of(some.begin(), some.end(), [&](int each) {
      return std::find(unasked.bounding.begin(), unasked.bounding.end(), each) !=
             unasked.bounding.end();
    });
  };
  return is_within(sets.bounding) && is_within(sets.effective) && is_within(sets.permitted) &&
         sets.inheritable.empty() && sets.ambient.empty();
}

}  // namespace

std::string promises_of(const ContainerSpec& spec) {
  const Process& process = spec.process;
  std::string out = "a";
  if (spec.namespaces.user.is_new()) out += 'U';
  if (spec.cgroup && spec.cgroup->resources.pids) out += 'p';
  if (spec.cgroup && spec.cgroup->resources.memory.limit) out += 'm';
  if (has_no_more(process.capabilities)) out += 'k';
  if (process.kept_descriptors.empty()) out += 'f';
  if (std::all_of(process.user.groups.begin(), process.user.groups.end(),
                  [&](gid_t group) { return group == process.user.gid; }))
    out += 'g';
  if (std::holds_alternative<OriginalDenylist>(spec.seccomp)) out += "odi";
  if (const auto* const filter = std::get_if<DefaultAllowlist>(&spec.seccomp))
    out += filter->abi32 ? "os" : "osi";
  return out;
}

namespace {

int verify(const oci::Arguments& arguments) {
  const Words words = split(arguments.words);
  if (words.dump) return dump(*words.dump);
  if (words.list) {
    std::vector<std::string> argv{kName, "--list"};
    if (words.json) argv.emplace_back("--json");
    sys::become_probe(argv);
  }
  const Options options = options_of(words);
  ContainerSpec spec = to_spec(options, surroundings());
  spec.process.is_probe = true;
  auto& argv = spec.process.argv;
  argv.push_back("--promise=" + promises_of(spec));
  if (options.json) argv.emplace_back("--json");
  if (spec.cgroup) add_limits(*spec.cgroup, argv);
  std::vector<const char*> for_copy{"verify"};
  if (!options.image.image) for_copy.insert(for_copy.end(), {"--rootfs", spec.root.path.c_str()});
  for_copy.insert(for_copy.end(), words.options.begin(), words.options.end());
  if (options.dry_run) return run_container(options, spec, for_copy);
  const Bait bait;
  if (bait.loopback.port != 0) argv.push_back("--port=" + std::to_string(bait.loopback.port));
  argv.push_back("--absent=" + lacking_rows());
  return run_container(options, spec, for_copy);
}

}  // namespace

const Verb verify_verb{
    "verify",
    "",
    "Tries to get out of a container with these options (-aU if none are given).",
    kFlags,
    0,
    0,
    verify,
    Takes::options};

}  // namespace mydocker::cli
