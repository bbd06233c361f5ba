#include "seccomp/rule_code.hpp"

#include <linux/seccomp.h>

#include <bit>
#include <cstddef>

namespace mydocker::seccomp {
namespace {

using Label = BpfWriter::Label;

static_assert(std::endian::native == std::endian::little, "the halves of an argument lie so");

std::uint32_t lower(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t upper(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

class Condition {
 public:
  Condition(BpfWriter& writer, unsigned argument, Width width)
      : writer_(writer),
        lower_{
            static_cast<std::uint32_t>(offsetof(seccomp_data, args) + std::size_t{8} * argument)},
        upper_{static_cast<std::uint32_t>(lower_) + 4},
        width_(width) {}

  Label write(const SeccompArgument& condition, Label yes, Label no) {
    const std::uint64_t value = condition.value;
    switch (condition.op) {
      case SeccompOperator::eq:
        return equal(value, ~std::uint64_t{0}, yes, no);
      case SeccompOperator::ne:
        return equal(value, ~std::uint64_t{0}, no, yes);
      case SeccompOperator::masked_eq:
        return equal(condition.value_two, value, yes, no);
      case SeccompOperator::gt:
        return above(BPF_JGT, value, yes, no);
      case SeccompOperator::le:
        return above(BPF_JGT, value, no, yes);
      case SeccompOperator::ge:
        return above(BPF_JGE, value, yes, no);
      case SeccompOperator::lt:
        return above(BPF_JGE, value, no, yes);
    }
    return no;
  }

 private:
  Label equal(std::uint64_t value, std::uint64_t mask, Label yes, Label no) {
    const Label low = equal_half(lower_, lower(value), lower(mask), yes, no);
    if (width_ == Width::narrow) return low;
    return equal_half(upper_, upper(value), upper(mask), low, no);
  }

  // The value's bits outside of the mask do not count: so seccomp_rule_add(3) says.
  Label equal_half(Word word, std::uint32_t value, std::uint32_t mask, Label yes, Label no) {
    if (mask == 0) return yes;
    Label code = writer_.jump(BPF_JEQ, value & mask, yes, no);
    if (mask != ~std::uint32_t{0}) code = writer_.keep_bits(mask, code);
    return writer_.load(word, code);
  }

  // `test` is BPF_JGT or BPF_JGE. It decides by the lower half only when the upper ones are equal.
  Label above(std::uint16_t test, std::uint64_t value, Label yes, Label no) {
    const Label low = writer_.load(lower_, writer_.jump(test, lower(value), yes, no));
    if (width_ == Width::narrow) return low;
    const Label not_greater = writer_.jump(BPF_JEQ, upper(value), low, no);
    return writer_.load(upper_, writer_.jump(BPF_JGT, upper(value), yes, not_greater));
  }

  BpfWriter& writer_;
  Word lower_, upper_;
  Width width_;
};

}  // namespace

bool one_is_enough(const SeccompRule& rule) {
  unsigned seen = 0;
  for (const auto& condition : rule.arguments) {
    const unsigned bit = 1U << condition.index;
    if ((seen & bit) != 0) return true;
    seen |= bit;
  }
  return false;
}

BpfWriter::Label write_conditions(BpfWriter& writer, const SeccompRule& rule, Width width,
                                  Label yes, Label no) {
  const bool any = one_is_enough(rule);
  for (auto at = rule.arguments.rbegin(); at != rule.arguments.rend(); ++at) {
    Condition condition(writer, at->index, width);
    (any ? no : yes) = condition.write(*at, yes, no);
  }
  return any ? no : yes;
}

}  // namespace mydocker::seccomp
