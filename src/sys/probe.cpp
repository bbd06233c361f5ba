#include "sys/probe.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/carried.hpp"
#include "sys/check.hpp"

namespace mydocker::sys {

UniqueFd probe_in_memory() { return carried_in_memory(probe(), "mydocker-probe"); }

void become_probe(const std::vector<std::string>& words) {
  const UniqueFd memory = probe_in_memory();
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, memory.get(), "", argv.data(), environ, AT_EMPTY_PATH);
  fail(errno, "execveat");
}

}  // namespace mydocker::sys
