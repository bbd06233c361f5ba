// Moments and spans, as text and back.
#include <gtest/gtest.h>

#include "helpers/times.hpp"

namespace mydocker::test {
namespace {

using times::kSecond;

TEST(Times, AMomentIsWrittenAndReadBack) {
  EXPECT_EQ(times::text(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(times::text(951782400 * kSecond + 5), "2000-02-29T00:00:00.000000005Z");
  EXPECT_EQ(times::text(-kSecond), "1969-12-31T23:59:59.000000000Z");
  for (const std::int64_t moment : {0L, 951782399L, 951868800L, 1709251199L, 4102444800L}) {
    const std::int64_t exact = moment * kSecond + 123456789;
    EXPECT_EQ(times::parse(times::text(exact)), exact);
  }
}

TEST(Times, OtherFormsOfTheSameMoment) {
  const std::int64_t moment = 1764143325 * kSecond;
  EXPECT_EQ(times::parse("2025-11-26T07:48:45Z"), moment);
  EXPECT_EQ(times::parse("2025-11-26 08:48:45+01:00"), moment);
  EXPECT_EQ(times::parse("2025-11-26T02:18:45.5-05:30"), moment + kSecond / 2);
  EXPECT_EQ(times::parse("2025-11-26T07:48:45.1234567899Z"), moment + 123456789);
}

TEST(Times, WhatIsNoMoment) {
  for (const char* const text :
       {"", "2025", "2025-11-26", "2025-13-26T07:48:45Z", "2025-11-26T24:00:00Z",
        "2025-11-26T07:48:45", "2025-11-26T07:48:45.Z", "2025-11-26T07:48:45Zx",
        "2999-11-26T07:48:45Z", "0001-01-01T00:00:00Z", "2025-11-26T07:48:45+1:00",
        "+025-11-26T07:48:45Z"})
    EXPECT_EQ(times::parse(text), std::nullopt) << text;
}

TEST(Times, Spans) {
  EXPECT_EQ(times::parse_span("90s"), 90 * kSecond);
  EXPECT_EQ(times::parse_span("1h30m"), 5400 * kSecond);
  EXPECT_EQ(times::parse_span("500ms"), kSecond / 2);
  for (const char* const text : {"", "5", "s", "-5s", "5 s", "5d", "99999999999h"})
    EXPECT_EQ(times::parse_span(text), std::nullopt) << text;
}

TEST(Times, AboutHowLong) {
  EXPECT_EQ(times::about(5), "less than a second");
  EXPECT_EQ(times::about(kSecond), "1 second");
  EXPECT_EQ(times::about(119 * kSecond), "1 minute");
  EXPECT_EQ(times::about(50L * 3600 * kSecond), "2 days");
}

}  // namespace
}  // namespace mydocker::test
