// What --dry-run --explain prints, compared with tests/golden. Where a change is meant,
// MYDOCKER_UPDATE_GOLDEN=1 rewrites the files; the diff then belongs into the same commit.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "helpers/text.hpp"
#include "plan/printing.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::string first_difference(const std::string& want, const std::string& got) {
  const auto wanted = text::split(want, '\n'), found = text::split(got, '\n');
  std::size_t at = 0;
  while (at < wanted.size() && at < found.size() && wanted[at] == found[at]) ++at;
  const auto line = [at](const auto& lines) {
    return at < lines.size() ? std::string(lines[at]) : "(the end)";
  };
  return "line " + std::to_string(at + 1) + "\n  golden: " + line(wanted) +
         "\n  now:    " + line(found);
}

// How long the filter is depends on the calls that libseccomp knows.
std::string without_length(std::string text, const Plan& plan) {
  const std::string length = std::to_string(all<LoadSeccomp>(plan.enter).at(0).program.size());
  return text::replaced(std::move(text), "(" + length + " instructions)", "(N instructions)");
}

void expect_golden(const std::string& name, const Plan& plan) {
  const std::string path = project() + "/tests/golden/" + name + ".txt";
  const std::string now = without_length(plan_text(plan, true), plan);
  if (std::getenv("MYDOCKER_UPDATE_GOLDEN") != nullptr)
    std::ofstream(path, std::ios::binary) << now;
  const std::string golden = content_of(path);
  EXPECT_TRUE(golden == now) << path << ", " << first_difference(golden, now);
}

// Python reads the JSON, and gives the requests back as lines.
Result requests_in(const std::string& json) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/plan.json";
  std::ofstream(file, std::ios::binary) << json;
  return run({"python3", "-c",
              "import json, sys\n"
              "for step in json.load(open(sys.argv[1], encoding='utf-8')):\n"
              "  assert set(step) == {'where', 'stage', 'request', 'why', 'calls'}\n"
              "  print(step['where'].ljust(5), step['stage'].ljust(12), step['request'])\n",
              file});
}

TEST(Golden, PlanOfAPlainContainer) { expect_golden("plain", plan_for({"-a", "/bin/bash"})); }

TEST(Golden, PlanOfTheOriginalsExampleOnV2) {
  expect_golden("limited_v2",
                plan_for({"-aUc", "-C", "50", "-I", "20", "-P", "333", "/bin/bash"}, v2_host()));
}

TEST(Golden, PlanOfTheOriginalsExampleOnV1) {
  expect_golden("limited_v1",
                plan_for({"-aUc", "-C", "50", "-I", "20", "-P", "333", "/bin/bash"}, v1_host()));
}

TEST(Golden, PlanWithEveryOption) {
  expect_golden("everything",
                plan_for({"-aUc",         "-M",         "64m",         "--hostname",     "web",
                          "--rootfs",     "/srv/other", "--read-only", "--user",         "app",
                          "--workdir",    "/home/app",  "--volume",    "/data:/data:ro", "--volume",
                          "log:/var/log", "--tmpfs",    "/tmp:16m",    "--env",          "A=1",
                          "--tty",        "--init",     "--name",      "web-1",          "nginx",
                          "-g",           "daemon off;"}));
}

TEST(Printing, LeavesTheReasonsOutWhenNobodyAsks) {
  const Plan plan = plan_for({"-a", "ls"});
  const std::string text = plan_text(plan, false);
  EXPECT_EQ(text.find("why:"), std::string::npos);
  EXPECT_EQ(text::split(text, '\n').size(),
            plan.prepare.size() + plan.attach.size() + plan.enter.size() + 2);
}

TEST(Printing, ShowsTheHostsHooksBeforeTheChildsSteps) {
  ContainerSpec spec = bare_spec();
  spec.hooks.create_runtime = {{"/bin/\x1bhook", {}, {}, {}}};
  const Plan plan = plan_of(spec);
  const std::string text = plan_text(plan, false);
  const auto at = text.find("host  mount        run the createRuntime hook '/bin/\\x1bhook'\n");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_LT(at, text.find("\nchild "));
  const Result result = requests_in(plan_json(plan));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, text);
}

TEST(Printing, KeepsControlCharactersFromTheTerminal) {
  const std::string text = plan_text(
      plan_for({"-a", "--env", "PATH=\x1b[2J", "--volume", "/\x1b:/b", "l\x1bs", "\n"}), true);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("l\\x1bs"), std::string::npos);
}

TEST(Printing, GivesTheSameRequestsAsJson) {
  const Plan plan = plan_for(
      {"-aUc", "-M", "64m", "--env", "A=\"quoted\\\"", "--volume", "/a \"b\":/c", "ls", "a\"b\\c"});
  const Result result = requests_in(plan_json(plan));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, plan_text(plan, false));
}

TEST(Printing, GivesValidJsonForWordsThatAreNoUtf8) {
  const Result result =
      requests_in(plan_json(plan_for({"-a", "--volume", "/\xff:/b", "ls", "\x1b\xc3(\n"})));
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace mydocker::test
