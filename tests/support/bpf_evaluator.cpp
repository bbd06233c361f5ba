#include "support/bpf_evaluator.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

namespace mydocker::test {
namespace {

class Machine {
 public:
  Machine(std::span<const sock_filter> program, const seccomp_data& data)
      : program_(program), data_(data) {}

  Verdict run() {
    if (program_.empty() || program_.size() > BPF_MAXINSNS) refuse("its length is not allowed");
    while (at_ < program_.size()) {
      const sock_filter& now = program_[at_++];
      switch (BPF_CLASS(now.code)) {
        case BPF_LD:
          a_ = loaded(now);
          break;
        case BPF_LDX:
          x_ = loaded(now);
          break;
        case BPF_ST:
          memory(now.k) = a_;
          break;
        case BPF_STX:
          memory(now.k) = x_;
          break;
        case BPF_ALU:
          if (!calculate(now)) return verdict(0);
          break;
        case BPF_JMP:
          jump(now);
          break;
        case BPF_RET:
          return verdict(returned(now));
        case BPF_MISC:
          BPF_MISCOP(now.code) == BPF_TAX ? x_ = a_ : a_ = x_;
          break;
      }
    }
    refuse("it ends without a verdict");
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw std::invalid_argument("filter, instruction " + std::to_string(at_ - 1) + ": " + why);
  }

  static Verdict verdict(std::uint32_t value) {
    return {value & SECCOMP_RET_ACTION_FULL, static_cast<std::uint16_t>(value & SECCOMP_RET_DATA)};
  }

  std::uint32_t& memory(std::uint32_t slot) {
    if (slot >= memory_.size()) refuse("no such memory");
    return memory_[slot];
  }

  // A filter sees the call's number, architecture, address and arguments, in words of 32 bits.
  std::uint32_t loaded(const sock_filter& now) {
    switch (now.code) {
      case BPF_LD | BPF_W | BPF_ABS: {
        if (now.k % 4 != 0 || now.k >= sizeof data_) refuse("reads beside seccomp_data");
        std::uint32_t word = 0;
        std::memcpy(&word, reinterpret_cast<const char*>(&data_) + now.k, sizeof word);
        return word;
      }
      case BPF_LD | BPF_IMM:
      case BPF_LDX | BPF_IMM:
        return now.k;
      case BPF_LD | BPF_MEM:
      case BPF_LDX | BPF_MEM:
        return memory(now.k);
      case BPF_LD | BPF_W | BPF_LEN:
      case BPF_LDX | BPF_W | BPF_LEN:
        return sizeof data_;
      default:
        refuse("a load that seccomp does not know");
    }
  }

  // False for a division by zero, which ends the program with 0 as its value.
  bool calculate(const sock_filter& now) {
    const std::uint32_t other = BPF_SRC(now.code) == BPF_X ? x_ : now.k;
    switch (BPF_OP(now.code)) {
      case BPF_ADD:
        a_ += other;
        return true;
      case BPF_SUB:
        a_ -= other;
        return true;
      case BPF_MUL:
        a_ *= other;
        return true;
      case BPF_DIV:
        if (other != 0) a_ /= other;
        return other != 0;
      case BPF_AND:
        a_ &= other;
        return true;
      case BPF_OR:
        a_ |= other;
        return true;
      case BPF_XOR:
        a_ ^= other;
        return true;
      case BPF_LSH:
        a_ <<= other & 31;
        return true;
      case BPF_RSH:
        a_ >>= other & 31;
        return true;
      case BPF_NEG:
        a_ = 0 - a_;
        return true;
      default:
        refuse("a calculation that seccomp does not know");
    }
  }

  void jump(const sock_filter& now) {
    const std::uint32_t other = BPF_SRC(now.code) == BPF_X ? x_ : now.k;
    const auto by = [&](bool taken) { return std::size_t{taken ? now.jt : now.jf}; };
    std::size_t distance = 0;
    switch (BPF_OP(now.code)) {
      case BPF_JA:
        distance = now.k;
        break;
      case BPF_JEQ:
        distance = by(a_ == other);
        break;
      case BPF_JGT:
        distance = by(a_ > other);
        break;
      case BPF_JGE:
        distance = by(a_ >= other);
        break;
      case BPF_JSET:
        distance = by((a_ & other) != 0);
        break;
      default:
        refuse("a jump that seccomp does not know");
    }
    if (distance >= program_.size() - at_) refuse("jumps behind the end");
    at_ += distance;
  }

  std::uint32_t returned(const sock_filter& now) const {
    if (now.code == (BPF_RET | BPF_K)) return now.k;
    if (now.code == (BPF_RET | BPF_A)) return a_;
    refuse("a return that seccomp does not know");
  }

  std::span<const sock_filter> program_;
  const seccomp_data& data_;
  std::size_t at_ = 0;
  std::uint32_t a_ = 0, x_ = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory_{};
};

}  // namespace

Verdict evaluate(std::span<const sock_filter> program, const seccomp_data& data) {
  return Machine(program, data).run();
}

}  // namespace mydocker::test
