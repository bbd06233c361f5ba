// Device rules: the lines of v1, and the program of v2 run by a small interpreter.
#include "helpers/device_rules.hpp"

#include <stdexcept>

#include "unit/cgroup_samples.hpp"

namespace mydocker::test {
namespace {

using Rules = std::vector<DeviceRule>;

const DeviceRule kDenyAll{false, 'a', {}, {}, "rwm"};
const DeviceRule kAllowAll{true, 'a', {}, {}, "rwm"};

struct Request {
  char type;
  unsigned major, minor;
  std::string access;
};

// The instructions that device_program makes, as the kernel's interpreter runs them. Every jump
// leads forwards, so that this ends.
bool run(const std::vector<bpf_insn>& program, const Request& request) {
  std::uint32_t asked = 0;
  for (const char letter : request.access) asked |= letter == 'm' ? 1 : letter == 'r' ? 2 : 4;
  const std::uint32_t context[] = {asked << 16 | (request.type == 'b' ? 1U : 2U), request.major,
                                   request.minor};
  std::uint64_t registers[11] = {};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& now = program[at];
    const auto value = static_cast<std::uint32_t>(now.imm);
    auto& target = registers[now.dst_reg];
    bool jumps = false;
    switch (now.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        target = context[now.off / 4];
        break;
      case BPF_ALU | BPF_K | BPF_AND:
        target = static_cast<std::uint32_t>(target) & value;
        break;
      case BPF_ALU | BPF_K | BPF_RSH:
        target = static_cast<std::uint32_t>(target) >> value;
        break;
      case BPF_ALU64 | BPF_K | BPF_MOV:
        target = value;
        break;
      case BPF_JMP32 | BPF_K | BPF_JNE:
        jumps = static_cast<std::uint32_t>(target) != value;
        break;
      case BPF_JMP32 | BPF_K | BPF_JSET:
        jumps = (target & value) != 0;
        break;
      case BPF_JMP | BPF_JA:
        jumps = true;
        break;
      case BPF_JMP | BPF_EXIT:
        return registers[0] == 1;
      default:
        ADD_FAILURE() << "instruction " << int{now.code};
        return false;
    }
    if (jumps) at += static_cast<std::size_t>(now.off);
  }
  ADD_FAILURE() << "ran past the end";
  return false;
}

bool allows(const Rules& rules, const Request& request) {
  return run(device_program(rules), request);
}

TEST(DevicePrograms, AllowWhatNoRuleSpeaksOf) {
  EXPECT_TRUE(allows({}, {'c', 1, 3, "rw"}));
  EXPECT_TRUE(allows({{false, 'c', 1, 5, "rwm"}}, {'c', 1, 3, "rw"}));
  EXPECT_FALSE(allows({kDenyAll}, {'c', 1, 3, "r"}));
  EXPECT_TRUE(allows({kDenyAll, kAllowAll}, {'c', 1, 3, "r"}));
  EXPECT_FALSE(allows({kAllowAll, kDenyAll}, {'b', 1, 3, "m"}));
}

TEST(DevicePrograms, LookAtTypeMajorMinorAndAccess) {
  const Rules rules = {kDenyAll, {true, 'c', 10, 229, "rw"}, {true, 'b', 8, {}, "r"}};
  const std::pair<Request, bool> table[] = {
      {{'c', 10, 229, "r"}, true},   {{'c', 10, 229, "rw"}, true}, {{'c', 10, 229, "m"}, false},
      {{'c', 10, 229, "rm"}, false}, {{'b', 10, 229, "r"}, false}, {{'c', 10, 228, "r"}, false},
      {{'c', 11, 229, "r"}, false},  {{'b', 8, 0, "r"}, true},     {{'b', 8, 17, "r"}, true},
      {{'b', 8, 17, "rw"}, false},   {{'c', 8, 17, "r"}, false},   {{'b', 9, 0, "r"}, false}};
  for (const auto& [request, verdict] : table) {
    EXPECT_EQ(allows(rules, request), verdict)
        << request.type << request.major << ":" << request.minor << request.access;
  }
}

TEST(DevicePrograms, LetTheLastRuleDecideForEachAccess) {
  const Rules rules = {kDenyAll,
                       {true, 'c', {}, {}, "rwm"},
                       {false, 'c', 1, {}, "w"},
                       {true, 'c', 1, 3, "w"},
                       {false, 'c', 1, 3, "m"}};
  EXPECT_TRUE(allows(rules, {'c', 1, 3, "rw"})) << "r by the second, w by the fourth";
  EXPECT_FALSE(allows(rules, {'c', 1, 3, "rm"}));
  EXPECT_TRUE(allows(rules, {'c', 1, 5, "rm"}));
  EXPECT_FALSE(allows(rules, {'c', 1, 5, "rw"}));
  EXPECT_TRUE(allows(rules, {'c', 5, 0, "rwm"}));
  EXPECT_FALSE(allows(rules, {'b', 1, 3, "r"}));
}

TEST(DevicePrograms, HaveNoInstructionThatCannotBeReached) {
  const auto size = device_program({kDenyAll}).size();
  EXPECT_EQ(device_program({{true, 'c', 1, 3, "rwm"}, kDenyAll}).size(), size);
  EXPECT_GT(device_program({kDenyAll, {true, 'c', 1, 3, "rwm"}}).size(), size);
}

TEST(DeviceDefaults, StandBehindTheLastDenialOfEverything) {
  EXPECT_EQ(with_default_devices({}), Rules{});
  EXPECT_EQ(with_default_devices({kAllowAll}), (Rules{kAllowAll}));
  const DeviceRule no_tty{false, 'c', 5, 0, "rwm"};
  const Rules rules = with_default_devices({kDenyAll, no_tty});
  EXPECT_EQ(rules.front(), kDenyAll);
  EXPECT_EQ(rules.back(), no_tty) << "who says no after that is heard";
  for (const auto& [major, minor] : {std::pair{1U, 3U},
                                     {1U, 5U},
                                     {1U, 7U},
                                     {1U, 8U},
                                     {1U, 9U},
                                     {5U, 1U},
                                     {5U, 2U},
                                     {136U, 7U}}) {
    EXPECT_TRUE(allows(rules, {'c', major, minor, "rwm"})) << major << ":" << minor;
  }
  EXPECT_FALSE(allows(rules, {'c', 5, 0, "r"}));
  EXPECT_FALSE(allows(rules, {'c', 10, 200, "rw"})) << "tun is for who asks for it";
  EXPECT_TRUE(allows(rules, {'b', 8, 0, "m"})) << "a node alone opens nothing";
  EXPECT_FALSE(allows(rules, {'b', 8, 0, "r"}));
}

Files lines(const Rules& rules) {
  Resources resources;
  resources.devices = rules;
  Files out = written(resources, host_of({cgroup1({"devices"})}));
  for (auto& line : out) line.erase(0, std::string("devices/pods/one/devices.").size());
  return out;
}

TEST(DeviceLines, AreOnesThatV1Holds) {
  EXPECT_EQ(lines({kAllowAll}), (Files{"allow=a"}));
  EXPECT_EQ(lines({{false, 'b', 8, {}, "w"}}), (Files{"deny=b 8:* w"}));
  const Files denied = lines({kAllowAll, kDenyAll, {true, 'c', 10, 229, "rw"}});
  EXPECT_EQ(denied.front(), "deny=a");
  EXPECT_EQ(denied.at(1), "allow=c *:* m");
  EXPECT_EQ(denied.back(), "allow=c 10:229 rw");
  EXPECT_EQ(denied.size(), 13U);
}

TEST(DeviceLines, TakeBackWhatALaterRuleDenies) {
  const DeviceTable table = device_table({kDenyAll,
                                          {true, 'c', 1, 3, "r"},
                                          {true, 'c', 1, 3, "wm"},
                                          {true, 'a', 7, 0, "r"},
                                          {false, 'c', {}, {}, "m"},
                                          {false, 'b', 7, 0, "r"}});
  EXPECT_FALSE(table.allows_rest);
  EXPECT_EQ(table.exceptions, (Rules{{true, 'c', 1, 3, "rw"}, {true, 'c', 7, 0, "r"}}));
}

TEST(DeviceLines, AreRefusedWhereV1WouldSilentlyAllowMore) {
  const Rules rules = {kDenyAll, {true, 'c', 1, {}, "rwm"}, {false, 'c', 1, 1, "rwm"}};
  EXPECT_THROW(static_cast<void>(device_table(rules)), std::invalid_argument);
  Resources resources;
  resources.devices = rules;
  EXPECT_EQ(refused(resources, host_of_v1()),
            "set devices: cgroup v1 cannot take 'c 1:1 rwm' out of 'c 1:* rwm'");
  EXPECT_EQ(refused(resources, host_of_v2()), "it was accepted");
}

TEST(DeviceRules, GoWhereThisHostKeepsThem) {
  Resources resources;
  resources.devices = {kDenyAll};
  const auto plan = cgroup::plan_update(request_of(resources), host_of_v2());
  ASSERT_EQ(plan.prepare.size(), 1U);
  EXPECT_EQ(plan.prepare[0].action,
            Action(AllowDevices{"/cg/pods/one", with_default_devices({kDenyAll})}));
  EXPECT_EQ(written(resources, host_of_both()).size(), 12U)
      << "v1's controller, where there is one";
  HostFacts rootless = host_of_v2();
  rootless.can_limit_devices = false;
  EXPECT_EQ(cgroup::plan_update(request_of(resources), rootless).prepare.size(), 0U);
  EXPECT_EQ(noticed(resources, rootless).size(), 1U);
}

}  // namespace
}  // namespace mydocker::test
