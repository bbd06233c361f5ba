#include "seccomp/compile_profile.hpp"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "seccomp/call_ranges.hpp"

namespace mydocker::seccomp {
namespace {

using Label = BpfWriter::Label;

constexpr Word kNumber{offsetof(seccomp_data, nr)};
constexpr Word kArchitecture{offsetof(seccomp_data, arch)};
// "No call": what a tracer puts into a register, never one of x32.
constexpr std::uint32_t kNoCall = std::numeric_limits<std::uint32_t>::max();

// A lone call is looked for only among so few ranges: more questions in a row would take longer
// than halving.
constexpr std::size_t kFew = 7;

// A range of one call between two that decide the same.
std::optional<std::size_t> try_find_lone_call(std::span<const CallRange> ranges) {
  for (std::size_t at = 1; at + 1 < ranges.size(); ++at) {
    const auto &below = ranges[at - 1], &lone = ranges[at], &above = ranges[at + 1];
    if (above.first == lone.first + 1 && below.decision == above.decision) return at;
  }
  return std::nullopt;
}

class Compiler {
 public:
  Compiler(const SeccompProfile& profile, SeccompAction others)
      : decisions_(profile),
        named_(profile, decisions_),
        other_(decisions_.always(verdict_of(others, {}))) {
    listed_[*native_column()] = true;
    for (const auto& name : profile.architectures) {
      if (const auto column = try_find_column(name)) listed_[*column] = true;
    }
  }

  std::vector<sock_filter> compile() {
    Label next = decisions_.code(other_, writer_);
    for (const Column column : {kArm, kAarch64, kX86}) {
      if (listed_[column]) next = section(column, next);
    }
    if (listed_[kX86_64] || listed_[kX32]) next = section(kX86_64, next);
    writer_.load(kArchitecture, next);
    return writer_.take();
  }

 private:
  // The calls of one architecture; a call of another goes on at `other`.
  Label section(Column column, Label other) {
    std::vector<CallRange> ranges;
    if (column == kX86_64) {
      add_x86_64(ranges);
    } else {
      named_.add_ranges(column, ranges);
    }
    const Label found = writer_.load(kNumber, tree(ranges));
    return writer_.jump(BPF_JEQ, kArchitectures[column].audit, found, other);
  }

  // x32's calls come with the same architecture, and numbers of their own.
  void add_x86_64(std::vector<CallRange>& out) const {
    if (listed_[kX86_64]) {
      named_.add_ranges(kX86_64, out);
    } else {
      add_range(out, {0, other_});
    }
    if (listed_[kX32]) {
      named_.add_ranges(kX32, out);
    } else {
      add_range(out, {kX32Bit, other_});
      add_range(out, {kNoCall, named_.newer()});
    }
  }

  // A search by halves for the accumulator's range.
  Label tree(std::span<const CallRange> ranges) {
    if (ranges.size() == 1) return decisions_.code(ranges[0].decision, writer_);
    if (ranges.size() <= kFew) {
      if (const auto at = try_find_lone_call(ranges)) return lone_call(ranges, *at);
    }
    const std::size_t half = ranges.size() / 2;
    const Label above = tree(ranges.subspan(half));
    const Label below = tree(ranges.first(half));
    return writer_.jump(BPF_JGE, ranges[half].first, above, below);
  }

  // One question for the call alone, and then its two neighbours are one range.
  Label lone_call(std::span<const CallRange> ranges, std::size_t at) {
    const auto below = ranges.first(at), above = ranges.subspan(at + 2);
    std::vector<CallRange> others(below.begin(), below.end());
    others.insert(others.end(), above.begin(), above.end());
    const Label rest = tree(others);
    return writer_.jump(BPF_JEQ, ranges[at].first, decisions_.code(ranges[at].decision, writer_),
                        rest);
  }

  BpfWriter writer_;
  Decisions decisions_;
  NamedCalls named_;
  Decisions::Id other_;
  std::array<bool, kArchitectures.size()> listed_{};
};

}  // namespace

std::vector<sock_filter> compile_profile(const SeccompProfile& profile, SeccompAction others) {
  const auto problems = profile_problems(profile);
  if (!problems.empty()) throw UsageError(text::join(problems, "; "));
  return Compiler(profile, others).compile();
}

}  // namespace mydocker::seccomp
