#include "sys/carried.hpp"

#include "sys/files.hpp"
#include "sys/memory_file.hpp"

// The assembler takes the file as it is: 140 KB as a C++ array would take the compiler seconds.
// The bytes lie in the file of the program and come into memory only when they are read.
#define CARRY(name, file)                                                                         \
  asm(".pushsection .rodata." #name ", \"a\", %progbits\n" #name ": .incbin \"" file "\"\n" #name \
      "_end:\n.popsection");                                                                      \
  extern "C" {                                                                                    \
  __attribute__((visibility("hidden"))) extern const char name[], name##_end[];                   \
  }

#ifdef MYDOCKER_BUS_HELPER
CARRY(mydocker_bus_helper, MYDOCKER_BUS_HELPER)
#endif
#ifdef MYDOCKER_IPTABLES_HELPER
CARRY(mydocker_iptables_helper, MYDOCKER_IPTABLES_HELPER)
#endif
#ifdef MYDOCKER_NFT_HELPER
CARRY(mydocker_nft_helper, MYDOCKER_NFT_HELPER)
#endif
#ifdef MYDOCKER_UNPACKER
CARRY(mydocker_unpacker, MYDOCKER_UNPACKER)
#endif
CARRY(mydocker_probe, MYDOCKER_PROBE)

namespace mydocker::sys {

std::string_view bus_helper() {
#ifdef MYDOCKER_BUS_HELPER
  return {mydocker_bus_helper, mydocker_bus_helper_end};
#else
  return {};
#endif
}

std::string_view iptables_helper() {
#ifdef MYDOCKER_IPTABLES_HELPER
  return {mydocker_iptables_helper, mydocker_iptables_helper_end};
#else
  return {};
#endif
}

std::string_view nft_helper() {
#ifdef MYDOCKER_NFT_HELPER
  return {mydocker_nft_helper, mydocker_nft_helper_end};
#else
  return {};
#endif
}

std::string_view unpacker() {
#ifdef MYDOCKER_UNPACKER
  return {mydocker_unpacker, mydocker_unpacker_end};
#else
  return {};
#endif
}

std::string_view probe() { return {mydocker_probe, mydocker_probe_end}; }

UniqueFd carried_in_memory(std::string_view program, const char* name) {
  UniqueFd memory = executable_memory(name);
  write_all(memory.get(), program);
  seal(memory.get());
  return memory;
}

Finished run_carried(std::string_view program, const std::vector<std::string>& words,
                     const std::vector<std::string>& environment) {
  const UniqueFd memory = carried_in_memory(program, words.front().c_str());
  return run_program(memory.get(), words, environment);
}

}  // namespace mydocker::sys
