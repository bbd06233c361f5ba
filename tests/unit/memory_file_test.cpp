#include "sys/memory_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "support/host.hpp"

namespace mydocker::sys {
namespace {

constexpr std::size_t kPage = 4096;

TEST(MemoryFile, CannotBeChangedOnceItIsSealed) {
  const UniqueFd file = executable_memory("test");
  ASSERT_EQ(::write(file.get(), "text", 4), 4);
  seal(file.get());
  EXPECT_EQ(::pwrite(file.get(), "else", 4, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(file.get(), 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(file.get(), kPage), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0), MAP_FAILED);
  EXPECT_EQ(errno, EPERM);
}

// What the kernel still does with the pages of a write looks to the seal like a mapping does.
TEST(MemoryFile, IsSealedThoughSomethingStillHoldsAPageOfIt) {
  const UniqueFd file = executable_memory("test");
  ASSERT_EQ(::ftruncate(file.get(), kPage), 0);
  void* const held = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  ASSERT_NE(held, MAP_FAILED);
  EXPECT_NO_THROW(seal(file.get()));
  ::munmap(held, kPage);
}

}  // namespace
}  // namespace mydocker::sys
