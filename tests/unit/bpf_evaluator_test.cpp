// The judge of seccomp_test.cpp is judged first.
#include "support/bpf_evaluator.hpp"

#include <linux/audit.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace mydocker::test {
namespace {

using Program = std::vector<sock_filter>;

constexpr seccomp_data kCall{7, AUDIT_ARCH_X86_64, 0, {0x1122334455667788, 0, 0, 0, 0, 0}};
constexpr unsigned kReturnA = BPF_RET | BPF_A, kLoad = BPF_LD | BPF_W | BPF_ABS,
                   kSet = BPF_LD | BPF_IMM;

sock_filter does(unsigned code, std::uint32_t k, std::uint8_t jt = 0, std::uint8_t jf = 0) {
  return {static_cast<std::uint16_t>(code), jt, jf, k};
}

std::uint32_t value_of(Program program) {
  program.push_back(does(kReturnA, 0));
  const Verdict verdict = evaluate(program, kCall);
  return verdict.action | verdict.data;
}

TEST(BpfEvaluator, ReadsTheCall) {
  EXPECT_EQ(value_of({does(kLoad, offsetof(seccomp_data, nr))}), 7U);
  EXPECT_EQ(value_of({does(kLoad, offsetof(seccomp_data, arch))}), AUDIT_ARCH_X86_64);
  EXPECT_EQ(value_of({does(kLoad, offsetof(seccomp_data, args))}), 0x55667788U);
  EXPECT_EQ(value_of({does(kLoad, offsetof(seccomp_data, args) + 4)}), 0x11223344U);
}

TEST(BpfEvaluator, Calculates) {
  EXPECT_EQ(value_of({does(kSet, 12), does(BPF_ALU | BPF_AND | BPF_K, 10)}), 8U);
  EXPECT_EQ(value_of({does(kSet, 12), does(BPF_ALU | BPF_OR | BPF_K, 3)}), 15U);
  EXPECT_EQ(value_of({does(kSet, 12), does(BPF_ALU | BPF_RSH | BPF_K, 2)}), 3U);
  EXPECT_EQ(value_of({does(kSet, 12), does(BPF_ST, 3), does(kSet, 0), does(BPF_LD | BPF_MEM, 3)}),
            12U);
  EXPECT_EQ(
      value_of({does(kSet, 5), does(BPF_MISC | BPF_TAX, 0), does(BPF_ALU | BPF_ADD | BPF_X, 0)}),
      10U);
  EXPECT_EQ(value_of({does(kSet, 5), does(BPF_ALU | BPF_DIV | BPF_K, 0)}), 0U);
}

TEST(BpfEvaluator, Jumps) {
  const auto branch = [](unsigned kind, std::uint32_t k) {
    return value_of({does(kSet, 12), does(BPF_JMP | BPF_K | kind, k, 0, 1), does(kSet, 1)});
  };
  EXPECT_EQ(branch(BPF_JEQ, 12), 1U);
  EXPECT_EQ(branch(BPF_JEQ, 13), 12U);
  EXPECT_EQ(branch(BPF_JGT, 11), 1U);
  EXPECT_EQ(branch(BPF_JGT, 12), 12U);
  EXPECT_EQ(branch(BPF_JGE, 12), 1U);
  EXPECT_EQ(branch(BPF_JSET, 4), 1U);
  EXPECT_EQ(branch(BPF_JSET, 3), 12U);
  EXPECT_EQ(value_of({does(kSet, 12), does(BPF_JMP | BPF_JA, 1), does(kSet, 1)}), 12U);
}

TEST(BpfEvaluator, RefusesWhatTheKernelWould) {
  const Program wrong[] = {
      {},
      {does(kSet, 1)},                      // no verdict
      {does(kLoad, 2), does(kReturnA, 0)},  // not a whole word
      {does(kLoad, sizeof(seccomp_data)), does(kReturnA, 0)},
      {does(BPF_LD | BPF_B | BPF_ABS, 0), does(kReturnA, 0)},
      {does(BPF_LD | BPF_W | BPF_IND, 0), does(kReturnA, 0)},
      {does(BPF_JMP | BPF_JA, 1), does(kReturnA, 0)},
      {does(BPF_ST, BPF_MEMWORDS), does(kReturnA, 0)},
  };
  for (const auto& program : wrong)
    EXPECT_THROW(static_cast<void>(evaluate(program, kCall)), std::invalid_argument);
}

}  // namespace
}  // namespace mydocker::test
