#include "runtime/shared_page.hpp"

#include <sys/mman.h>

#include "sys/check.hpp"

namespace mydocker {

SharedPage* SharedPage::make() {
  void* const memory = ::mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) sys::fail(errno, "mmap");
  return static_cast<SharedPage*>(memory);
}

}  // namespace mydocker
