// A row: one door that a container should have shut, and how it is tried.
#pragma once

#include <cstddef>
#include <string_view>

#include "verify/text.hpp"

namespace mydocker::verify {

struct Answer {
  enum class State {
    blocked,  // tried, and refused
    open,     // tried, and let through
    absent,   // this kernel has nothing of the kind
    untried,  // the attempt itself went wrong: proves nothing
  } state = State::untried;
  Text<160> how;  // the errno, or what was found
};

[[nodiscard]] inline Answer blocked(std::string_view how) {
  return {Answer::State::blocked, Text<160>().add(how)};
}
[[nodiscard]] inline Answer open(std::string_view how) {
  return {Answer::State::open, Text<160>().add(how)};
}
[[nodiscard]] inline Answer absent(std::string_view how) {
  return {Answer::State::absent, Text<160>().add(how)};
}
[[nodiscard]] inline Answer untried(std::string_view how) {
  return {Answer::State::untried, Text<160>().add(how)};
}

// A system call with arguments that do no harm if it is let through: no descriptor, no pointer.
struct Call {
  const char* name;
  long number;  // kNone: this machine has no such call
  long arguments[6];
};
inline constexpr long kNone = -1;

struct Row {
  const char* id;    // as in SECURITY.md; the letter says the area, the number the kind
  const char* what;  // what is tried
  const char* cves;  // holes of this kind, or ""
  // Who promises that it is blocked: all of these letters have to be true of the container
  // (README.md). "": nobody.
  const char* promise;
  // Runs in a child of its own, so it may leave behind what it likes in that process.
  Answer (*attempt)(const Row&);
  const char* text = "";  // for the attempt: paths, or a word
  const Call* calls = nullptr;
  std::size_t size = 0;             // how many calls
  const char* by_design = nullptr;  // why it may be open: then no promise is broken by it
};

struct Table {
  const Row* rows;
  std::size_t size;
  [[nodiscard]] const Row* begin() const { return rows; }
  [[nodiscard]] const Row* end() const { return rows + size; }
};

// THE TABLE, in the order in which it is printed.
[[nodiscard]] Table rows();

// What the caller knows of the container, and the probe cannot see.
struct Known {
  std::string_view promise;  // the letters that are true
  std::string_view absent;   // ids of rows that this kernel lacks, with commas
  long memory = 64L << 20;   // bytes above which memory should end
  long processes = 256;      // the number that should not be reached
  long port = 0;             // of a listener on the host's 127.0.0.1, 0: none
};
[[nodiscard]] Known& known();

}  // namespace mydocker::verify
