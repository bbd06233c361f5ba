// The head of a file that somebody wants executed: ELF or script.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "fuzz/fuzz.hpp"
#include "mydocker/unique_fd.hpp"
#include "sys/executables.hpp"

using namespace mydocker;

namespace {

// A name in a folder, since those below /proc/self/fd are no entrypoints.
struct Program {
  Program() : file(::mkstemp(name.data())) { fuzz::require(::fchmod(file.get(), 0700) == 0); }
  ~Program() { ::unlink(name.c_str()); }

  std::string name = "/tmp/program-XXXXXX";
  UniqueFd file;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Program program;
  fuzz::require(::ftruncate(program.file.get(), 0) == 0);
  fuzz::require(::pwrite(program.file.get(), bytes, size, 0) == static_cast<ssize_t>(size));
  try {
    fuzz::require(sys::find_executable(program.name, "").file == program.name);
  } catch (const std::system_error& error) {
    fuzz::require(error.code().value() == ENOEXEC || error.code().value() == ELIBBAD);
  }
  return 0;
}
