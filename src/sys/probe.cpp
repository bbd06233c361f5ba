#include "sys/probe.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/memory_file.hpp"

// Taken as it is by the assembler, see bus_helper.cpp.
asm(".pushsection .rodata.probe, \"a\", %progbits\n"
    "mydocker_probe: .incbin \"" MYDOCKER_PROBE
    "\"\n"
    "mydocker_probe_end:\n"
    ".popsection");

extern "C" {
__attribute__((visibility("hidden"))) extern const char mydocker_probe[], mydocker_probe_end[];
}

namespace mydocker::sys {

std::string_view probe() { return {mydocker_probe, mydocker_probe_end}; }

UniqueFd probe_in_memory() {
  UniqueFd memory = executable_memory("mydocker-probe");
  write_all(memory.get(), probe());
  seal(memory.get());
  return memory;
}

void become_probe(const std::vector<std::string>& words) {
  const UniqueFd memory = probe_in_memory();
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, memory.get(), "", argv.data(), environ, AT_EMPTY_PATH);
  fail(errno, "execveat");
}

}  // namespace mydocker::sys
