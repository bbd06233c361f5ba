#include "spec/users.hpp"

#include "mydocker/error.hpp"

namespace mydocker {
namespace {

const UserFiles kFiles{
    "root:x:0:0:root:/root:/bin/bash\n"
    "app:x:1000:1001:App:/home/app:/bin/sh\n"
    "homeless:x:1002:1002::relative:/bin/sh\n"
    "12:x:5000:5000:a name of digits:/twelve:/bin/sh\n"
    "broken:x:notanumber:0::/:/bin/sh\n"
    "huge:x:4294967295:0::/:/bin/sh\n"
    "short:x:7\n",
    "root:x:0:root\n"
    "app:x:1001:app\n"
    "staff:x:50:other,app\n"
    "audio:x:29:app,other\n"
    "audio2:x:29:app\n"
    "apple:x:51:apple\n"
    "34:x:6000:\n"
    "bad:x:4294967295:app\n"
    "short:x\n"};

std::string refusal(std::string_view text) {
  try {
    static_cast<void>(resolve_user(text, kFiles));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "it was accepted";
}

TEST(Users, WithNumbersAreTheseNumbers) {
  EXPECT_EQ(resolve_user("1", kFiles).user, (User{1, 0, {0}})) << "CVE-2026-30892: not 0";
  EXPECT_EQ(resolve_user("01", kFiles).user.uid, 1U);
  EXPECT_EQ(resolve_user("0:0", kFiles).user, (User{0, 0, {0}}));
  EXPECT_EQ(resolve_user("7:8", kFiles).user, (User{7, 8, {8}}));
  EXPECT_EQ(resolve_user("4294967294", kFiles).user.uid, 4294967294U);
  EXPECT_EQ(resolve_user("1:4294967294", kFiles).user.gid, 4294967294U);
}

TEST(Users, WithDigitsAreNeverNames) {
  EXPECT_EQ(resolve_user("12", kFiles).user, (User{12, 0, {0}}))
      << "passwd has a user named 12, uid 5000";
  EXPECT_EQ(resolve_user("1:34", kFiles).user.gid, 34U) << "group has one named 34, gid 6000";
}

TEST(Users, OutOfRangeAreRefusedInsteadOfLookedUp) {
  for (const char* const text : {"4294967295", "4294967296", "99999999999999999999999999"}) {
    EXPECT_EQ(refusal(text), "--user '" + std::string(text) + "': the largest uid is 4294967294");
    EXPECT_NE(refusal("0:" + std::string(text)).find("no such group"), std::string::npos) << text;
  }
}

TEST(Users, ThatAreNeitherANumberNorANameAreRefused) {
  for (const char* const text : {"0x1", "-1", "+1", "1.0", " 1", "1 ", "nobody", "a:b", "APP", "ap",
                                 "broken", "huge", "short"}) {
    EXPECT_NE(refusal(text).find("has no such user"), std::string::npos) << "'" << text << "'";
  }
  for (const char* const text : {"", ":", ":0", ":app"}) {
    EXPECT_NE(refusal(text).find("allowed are"), std::string::npos) << "'" << text << "'";
  }
  for (const char* const text :
       {"1:", "app:", "app:-1", "app:0x1", "app:nogroup", "app:staff:50", "1:short"}) {
    EXPECT_NE(refusal(text).find("no such group"), std::string::npos) << "'" << text << "'";
  }
}

TEST(Users, ByNameTakeTheirGroupGroupsAndHome) {
  const ResolvedUser app = resolve_user("app", kFiles);
  EXPECT_EQ(app.user, (User{1000, 1001, {1001, 50, 29}}));
  EXPECT_EQ(app.home, "/home/app");
  EXPECT_EQ(resolve_user("root", kFiles).home, "/root");
}

TEST(Users, ByNumberAreTheirAccountIfTheyHaveOne) {
  EXPECT_EQ(resolve_user("1000", kFiles).user, (User{1000, 1001, {1001, 50, 29}}));
  EXPECT_EQ(resolve_user("1000", kFiles).home, "/home/app");
  EXPECT_EQ(resolve_user("4242", kFiles).home, "/");
}

TEST(Users, WithAGroupKeepNoOther) {
  EXPECT_EQ(resolve_user("app:staff", kFiles).user, (User{1000, 50, {50}}));
  EXPECT_EQ(resolve_user("app:0", kFiles).user, (User{1000, 0, {0}}));
  EXPECT_EQ(resolve_user("7:audio", kFiles).user, (User{7, 29, {29}}));
}

TEST(Users, HaveTheRootAsHomeIfTheirsIsNoAbsolutePath) {
  EXPECT_EQ(resolve_user("homeless", kFiles).home, "/");
}

TEST(Users, OfARootWithoutFilesAreNumbersOnly) {
  EXPECT_EQ(resolve_user("0", {}).user, (User{0, 0, {0}}));
  EXPECT_THROW(static_cast<void>(resolve_user("root", {})), UsageError);
}

TEST(Users, OfHostileFilesCannotSpeakToTheTerminal) {
  EXPECT_NE(refusal("\x1b[2J").find("'\\x1b[2J'"), std::string::npos);
}

}  // namespace
}  // namespace mydocker
