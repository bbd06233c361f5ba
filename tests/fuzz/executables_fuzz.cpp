// The head of a file that somebody wants executed: ELF or script.
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "fuzz/fuzz.hpp"
#include "mydocker/unique_fd.hpp"
#include "sys/executables.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const UniqueFd file(::memfd_create("program", MFD_CLOEXEC));
  fuzz::require(::write(file.get(), bytes, size) == static_cast<ssize_t>(size));
  const std::string name = "/proc/self/fd/" + std::to_string(file.get());
  try {
    fuzz::require(sys::find_executable(name, "") == name);
  } catch (const std::system_error& error) {
    fuzz::require(error.code().value() == ENOEXEC || error.code().value() == ELIBBAD);
  }
  return 0;
}
