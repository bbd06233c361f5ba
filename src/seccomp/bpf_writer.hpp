// Writes a BPF program from its end to its beginning. A BPF jump goes forwards only, so what an
// instruction jumps to is then already there, and no place has to be filled in later.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mydocker::seccomp {

// A half of one of a call's arguments, or another word of struct seccomp_data: its offset.
enum class Word : std::uint32_t {};

// All that write throw UsageError when the program becomes longer than the kernel takes.
class BpfWriter {
 public:
  // An instruction that was written, as a place to jump to.
  enum class Label : std::size_t {};

  // Ends the program with `verdict`, a SECCOMP_RET_*. Equal verdicts that are near share it.
  Label give(std::uint32_t verdict);

  // Compares the accumulator with `value` by `test` (BPF_JEQ, BPF_JGT, BPF_JGE).
  Label jump(std::uint16_t test, std::uint32_t value, Label yes, Label no);

  // Puts a word into the accumulator; takes bits from it; goes on with `then`.
  Label load(Word word, Label then);
  Label keep_bits(std::uint32_t mask, Label then);

  // The program, in the order of its run. The writer is empty after it.
  [[nodiscard]] std::vector<sock_filter> take();

 private:
  struct Return {
    std::uint32_t verdict;
    Label at;
  };

  Label write(std::uint16_t code, std::uint8_t yes, std::uint8_t no, std::uint32_t value);
  [[nodiscard]] std::size_t distance(Label target) const;
  Label nearer(Label target);
  void make_next(Label target);

  std::vector<sock_filter> backwards_;
  std::vector<Return> returns_;  // the last one of each verdict
};

}  // namespace mydocker::seccomp
