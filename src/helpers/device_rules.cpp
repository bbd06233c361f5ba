#include "helpers/device_rules.hpp"

#include <algorithm>
#include <stdexcept>

namespace mydocker {
namespace {

using Number = std::optional<std::int64_t>;

constexpr std::string_view kAccesses = "rwm";

bool has(std::string_view access, char letter) {
  return access.find(letter) != std::string_view::npos;
}

std::string number_text(const Number& number) {
  return number ? std::to_string(*number) : std::string("*");
}

// The letters of `of` that are in `other` too, or that are not.
std::string letters(std::string_view of, std::string_view other, bool in_both) {
  std::string out;
  for (const char letter : kAccesses) {
    if (has(of, letter) && has(other, letter) == in_both) out += letter;
  }
  return out;
}

bool covers(const Number& wide, const Number& narrow) { return !wide || wide == narrow; }
bool meets(const Number& a, const Number& b) { return !a || !b || a == b; }

// Takes from the exceptions what `rule` says the contrary of.
void take_back(std::vector<DeviceRule>& exceptions, const DeviceRule& rule) {
  for (auto& each : exceptions) {
    if (each.type != rule.type || !meets(each.major, rule.major) ||
        !meets(each.minor, rule.minor) || letters(each.access, rule.access, true).empty())
      continue;
    if (!covers(rule.major, each.major) || !covers(rule.minor, each.minor)) {
      // To make a node opens nothing yet.
      if (letters(each.access, rule.access, true) == "m") continue;
      throw std::invalid_argument("cgroup v1 cannot take '" + device_rule_text(rule) +
                                  "' out of '" + device_rule_text(each) + "'");
    }
    each.access = letters(each.access, rule.access, false);
  }
  std::erase_if(exceptions, [](const DeviceRule& each) { return each.access.empty(); });
}

void add(std::vector<DeviceRule>& exceptions, const DeviceRule& rule) {
  const auto same = std::find_if(exceptions.begin(), exceptions.end(), [&](const DeviceRule& each) {
    return each.type == rule.type && each.major == rule.major && each.minor == rule.minor;
  });
  if (same == exceptions.end())
    exceptions.push_back(rule);
  else
    same->access += letters(rule.access, same->access, false);
}

// ---- the program ----

constexpr int mask_of(char letter) {
  return letter == 'r'   ? BPF_DEVCG_ACC_READ
         : letter == 'w' ? BPF_DEVCG_ACC_WRITE
                         : BPF_DEVCG_ACC_MKNOD;
}

enum Register : unsigned {
  kVerdict = 0,
  kContext = 1,
  kType = 2,
  kAccess = 3,
  kMajor = 4,
  kMinor = 5
};

bpf_insn instruction(unsigned code, unsigned target, unsigned source, int offset, int value) {
  bpf_insn out{};
  out.code = static_cast<__u8>(code);
  out.dst_reg = static_cast<__u8>(target & 0xF);
  out.src_reg = static_cast<__u8>(source & 0xF);
  out.off = static_cast<__s16>(offset);
  out.imm = value;
  return out;
}

bpf_insn load(Register target, int offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, target, kContext, offset, 0);
}
bpf_insn compute(unsigned operation, Register target, int value) {
  return instruction(BPF_ALU | BPF_K | operation, target, 0, 0, value);
}
// Jumps over `offset` instructions if `target` compares so with `value`.
bpf_insn jump(unsigned comparison, Register target, int value, int offset) {
  return instruction(BPF_JMP32 | BPF_K | comparison, target, 0, offset, value);
}

void answer(std::vector<bpf_insn>& program, bool allow) {
  program.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, kVerdict, 0, 0, allow ? 1 : 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

// What is asked with a rule's devices. kAccess holds the accesses that no later rule spoke of.
void add_rule(std::vector<bpf_insn>& program, const DeviceRule& rule) {
  int mask = 0;
  for (const char letter : rule.access) mask |= mask_of(letter);
  std::vector<bpf_insn> verdict;
  if (rule.allow) {
    verdict.push_back(compute(BPF_AND, kAccess, ~mask));
    verdict.push_back(jump(BPF_JNE, kAccess, 0, 2));
  } else if (!letters(kAccesses, rule.access, false).empty()) {
    verdict.push_back(instruction(BPF_JMP32 | BPF_K | BPF_JSET, kAccess, 0, 1, mask));
    verdict.push_back(instruction(BPF_JMP | BPF_JA, 0, 0, 2, 0));
  }
  answer(verdict, rule.allow);

  std::vector<std::pair<Register, int>> conditions;
  if (rule.type != 'a')
    conditions.emplace_back(kType, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  if (rule.major) conditions.emplace_back(kMajor, static_cast<int>(*rule.major));
  if (rule.minor) conditions.emplace_back(kMinor, static_cast<int>(*rule.minor));
  auto left = static_cast<int>(conditions.size() + verdict.size());
  for (const auto& [what, value] : conditions)
    program.push_back(jump(BPF_JNE, what, value, --left));
  program.insert(program.end(), verdict.begin(), verdict.end());
}

}  // namespace

std::string device_rule_text(const DeviceRule& rule) {
  return std::string(1, rule.type) + " " + number_text(rule.major) + ":" + number_text(rule.minor) +
         " " + rule.access;
}

bool is_about_everything(const DeviceRule& rule) {
  return rule.type == 'a' && !rule.major && !rule.minor &&
         letters(kAccesses, rule.access, false).empty();
}

std::vector<DeviceRule> with_default_devices(const std::vector<DeviceRule>& rules) {
  // Nodes can be made of any kind, since making one opens nothing. Then null, zero, full, random,
  // urandom, tty, console, ptmx, and the pseudo-terminals of devpts.
  static const DeviceRule kDefaults[] = {
      {true, 'c', {}, {}, "m"}, {true, 'b', {}, {}, "m"},   {true, 'c', 1, 3, "rwm"},
      {true, 'c', 1, 5, "rwm"}, {true, 'c', 1, 7, "rwm"},   {true, 'c', 1, 8, "rwm"},
      {true, 'c', 1, 9, "rwm"}, {true, 'c', 5, 0, "rwm"},   {true, 'c', 5, 1, "rwm"},
      {true, 'c', 5, 2, "rwm"}, {true, 'c', 136, {}, "rwm"}};
  std::vector<DeviceRule> out = rules;
  const auto denial = std::find_if(out.rbegin(), out.rend(), is_about_everything);
  if (denial != out.rend() && !denial->allow)
    out.insert(denial.base(), std::begin(kDefaults), std::end(kDefaults));
  return out;
}

DeviceTable device_table(const std::vector<DeviceRule>& rules) {
  DeviceTable out;
  for (const auto& rule : rules) {
    if (is_about_everything(rule)) {
      out = {rule.allow, true, {}};
      continue;
    }
    for (const char type : {'c', 'b'}) {
      if (rule.type != 'a' && rule.type != type) continue;
      DeviceRule one = rule;
      one.type = type;
      if (rule.allow == out.allows_rest)
        take_back(out.exceptions, one);
      else
        add(out.exceptions, one);
    }
  }
  return out;
}

std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules) {
  // struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor.
  std::vector<bpf_insn> program = {load(kType, 0),
                                   load(kAccess, 0),
                                   compute(BPF_AND, kType, 0xFFFF),
                                   compute(BPF_RSH, kAccess, 16),
                                   load(kMajor, 4),
                                   load(kMinor, 8)};
  // From the last to the first; the kernel takes no instruction that cannot be reached.
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (is_about_everything(*rule)) {
      answer(program, rule->allow);
      return program;
    }
    add_rule(program, *rule);
  }
  answer(program, true);
  return program;
}

}  // namespace mydocker
