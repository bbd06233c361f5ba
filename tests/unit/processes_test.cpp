// What /proc/PID/status says of a process's signals.
#include "sys/processes.hpp"

#include <gtest/gtest.h>

namespace mydocker::test {
namespace {

TEST(SignalsOfAProcess, AreHandledWhenTheyAreBlockedIgnoredOrCaught) {
  const std::string status =
      "Name:\tcat\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000000002\nSigCgt:"
      "\t8000000000000000\n";
  for (const int signal : {1, 2, 64}) EXPECT_TRUE(sys::handles(status, signal)) << signal;
  for (const int signal : {3, 15, 63}) EXPECT_FALSE(sys::handles(status, signal)) << signal;
}

TEST(SignalsOfAProcess, AreNotReadFromItsName) {
  EXPECT_FALSE(sys::handles("Name:\tSigCgt:\tffffff\nSigCgt:\t0000000000000000\n", 15));
  EXPECT_FALSE(sys::handles("Name:\tx\\nSigIgn:\tff\nSigIgn:\t0000000000000000\n", 1));
}

TEST(SignalsOfAProcess, AreNoneInAFileThatEndsEarly) {
  for (const char* const status : {"", "SigCgt:\t1", "Name:\tx\nSigCgt:", "Name:\tx\nSigCgt:\t"})
    EXPECT_FALSE(sys::handles(status, 1)) << status;
}

}  // namespace
}  // namespace mydocker::test
