#include "seccomp/bpf_writer.hpp"

#include <algorithm>

#include "mydocker/error.hpp"

namespace mydocker::seccomp {
namespace {

// A conditional jump counts in one byte. Two instructions may come between: those that bring its
// two targets nearer.
constexpr std::size_t kNear = 255 - 2;

}  // namespace

BpfWriter::Label BpfWriter::write(std::uint16_t code, std::uint8_t yes, std::uint8_t no,
                                  std::uint32_t value) {
  if (backwards_.size() == BPF_MAXINSNS) {
    throw UsageError("the seccomp profile is too long: its filter has more than " +
                     std::to_string(BPF_MAXINSNS) + " instructions");
  }
  backwards_.push_back({code, yes, no, value});
  return Label{backwards_.size() - 1};
}

// How many instructions the next one has to skip to arrive at `target`.
std::size_t BpfWriter::distance(Label target) const {
  return backwards_.size() - static_cast<std::size_t>(target) - 1;
}

// `target`, or an instruction that is as good and within reach.
BpfWriter::Label BpfWriter::nearer(Label target) {
  if (distance(target) <= kNear) return target;
  const sock_filter there = backwards_[static_cast<std::size_t>(target)];
  if (there.code == (BPF_RET | BPF_K)) return give(there.k);
  return write(BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(distance(target)));
}

BpfWriter::Label BpfWriter::give(std::uint32_t verdict) {
  auto known = std::find_if(returns_.begin(), returns_.end(),
                            [verdict](const Return& one) { return one.verdict == verdict; });
  if (known != returns_.end() && distance(known->at) <= kNear) return known->at;
  const Label at = write(BPF_RET | BPF_K, 0, 0, verdict);
  if (known == returns_.end()) known = returns_.insert(known, {verdict, at});
  return known->at = at;
}

BpfWriter::Label BpfWriter::jump(std::uint16_t test, std::uint32_t value, Label yes, Label no) {
  if (yes == no) return yes;
  yes = nearer(yes);
  no = nearer(no);
  return write(BPF_JMP | BPF_K | test, static_cast<std::uint8_t>(distance(yes)),
               static_cast<std::uint8_t>(distance(no)), value);
}

// For an instruction that cannot jump: what it goes on with has to stand behind it.
void BpfWriter::make_next(Label target) {
  const std::size_t away = distance(target);
  if (away != 0) write(BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(away));
}

BpfWriter::Label BpfWriter::load(Word word, Label then) {
  make_next(then);
  return write(BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(word));
}

BpfWriter::Label BpfWriter::keep_bits(std::uint32_t mask, Label then) {
  make_next(then);
  return write(BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
}

std::vector<sock_filter> BpfWriter::take() {
  std::reverse(backwards_.begin(), backwards_.end());
  returns_.clear();
  return std::move(backwards_);
}

}  // namespace mydocker::seccomp
