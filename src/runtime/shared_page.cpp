#include "runtime/shared_page.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "sys/check.hpp"

namespace mydocker {
namespace {

SharedPage* map_page(int flags, int memory) {
  void* const page =
      ::mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED | flags, memory, 0);
  if (page == MAP_FAILED) sys::fail(errno, "mmap");
  return static_cast<SharedPage*>(page);
}

}  // namespace

SharedPage* SharedPage::make() { return map_page(MAP_ANONYMOUS, -1); }

UniqueFd SharedPage::make_file() {
  UniqueFd memory = sys::check_fd(::memfd_create("mydocker-page", MFD_CLOEXEC), "memfd_create");
  sys::check(::ftruncate(memory.get(), sizeof(SharedPage)), "ftruncate");
  return memory;
}

SharedPage* SharedPage::map(int memory) { return map_page(0, memory); }

}  // namespace mydocker
