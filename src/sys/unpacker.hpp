// The program that reads archives (src/unpack), run from memory beside MyDocker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {

// One run of it, until it is waited for. It is ended if nobody does, or if MyDocker is.
class Unpacker {
 public:
  // `words` as in src/unpack/main.cpp, without its name; it reads `input` and, if there is one, fills
  // (or packs) the folder `folder`. What it prints goes to `output`, if there is one, and what it says on standard
  // error is its result. Throws std::system_error: ENOSYS, if MyDocker was built without it.
  Unpacker(std::vector<std::string> words, int input, int folder, int output = -1);
  Unpacker(Unpacker&&) = default;
  Unpacker& operator=(Unpacker&&) = delete;
  ~Unpacker();

  struct Result {
    int status = 0;      // its exit status, or 128 and the signal that ended it
    std::string output;  // what it has to say, or what is wrong
  };
  [[nodiscard]] Result wait();
  // Whether it has something to say within that time, which it has at its end.
  [[nodiscard]] bool is_ready_within(int milliseconds) const;
  // How many bytes of its input it has read.
  [[nodiscard]] std::uint64_t has_read() const;

 private:
  Cloned child_;
  UniqueFd input_, output_;
};

}  // namespace mydocker::sys
