#include "mydocker/spec.hpp"

#include <algorithm>

namespace mydocker {
namespace {

ContainerSpec sound() {
  ContainerSpec spec;
  spec.id = "web";
  spec.process.argv = {"/bin/true"};
  spec.process.environment = {"A=1"};
  spec.root.path = "/srv/root";
  return spec;
}

Mount asked_for(MountKind kind, const std::string& source, const std::string& target) {
  Mount out;
  out.kind = kind;
  out.source = source;
  out.target = target;
  out.guarded = true;
  return out;
}

Mount tmpfs(const std::string& target) {
  return asked_for(MountKind::file_system, "tmpfs", target);
}

std::vector<std::string> problems_with_volume(const std::string& target) {
  ContainerSpec spec = sound();
  spec.mounts = {asked_for(MountKind::bind, "/data", target)};
  return problems_of(spec);
}

TEST(Problems, AreNoneInASoundSpec) { EXPECT_EQ(problems_of(sound()), std::vector<std::string>{}); }

TEST(Problems, AreAllToldAtOnce) {
  ContainerSpec spec;
  spec.hostname = "";
  spec.process.workdir = "relative";
  spec.process.environment = {"NOVALUE", "=x"};
  spec.process.user = {UINT32_MAX, UINT32_MAX, {UINT32_MAX}};
  spec.mounts = {asked_for(MountKind::bind, "", "relative"), tmpfs("/proc")};
  const auto found = problems_of(spec);
  EXPECT_EQ(found.size(), 13U);
  for (const char* const start :
       {"name ''", "hostname ''", "no entrypoint", "workdir 'relative'", "environment 'NOVALUE'",
        "environment '=x'", "user: uid", "user: gid", "user: group",
        "rootfs:", "volume: the source", "volume target 'relative'", "tmpfs target '/proc'"}) {
    EXPECT_EQ(std::count_if(found.begin(), found.end(),
                            [&](const auto& line) { return line.starts_with(start); }),
              1)
        << start;
  }
}

TEST(Ids, AreSafeAsNamesOfFolders) {
  for (const char* const id : {"a", "0", "web-1", "a.b_c", "A", "a+b"})
    EXPECT_TRUE(valid_id(id)) << id;
  EXPECT_TRUE(valid_id(std::string(128, 'a')));
  for (const char* const id :
       {"", ".", "..", ".a", "-a", "_a", "+a", "a/b", "../x", "a b", "a\n", "ü", "a\x1b"}) {
    EXPECT_FALSE(valid_id(id)) << id;
  }
  EXPECT_FALSE(valid_id(std::string(129, 'a')));
  EXPECT_FALSE(valid_id(std::string_view("a\0b", 3)));
}

TEST(Hostnames, AreWhatTheKernelAndPeopleTake) {
  ContainerSpec spec = sound();
  for (const std::string& name : {std::string("a"), std::string("web-1.example.org"),
                                  std::string("a_b"), std::string(64, 'h')}) {
    spec.hostname = name;
    EXPECT_TRUE(problems_of(spec).empty()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("-a"), std::string("a b"), std::string("a\n"),
        std::string("a/b"), std::string("ü"), std::string(65, 'h')}) {
    spec.hostname = name;
    EXPECT_EQ(problems_of(spec).size(), 1U) << name;
  }
}

TEST(Targets, MayBeAnyPathInside) {
  for (const char* const target : {"/data", "/a/b/c", "/dev/shm", "/dev/x", "/procs", "/system",
                                   "/...", "//data//", "/a/./b"}) {
    EXPECT_TRUE(problems_with_volume(target).empty()) << target;
  }
}

TEST(Targets, MayNotCoverWhatProtectsTheHost) {
  for (const char* const target :
       {"/proc", "/proc/", "//proc", "/./proc", "/proc/sys", "/proc/1/fd", "/sys", "/sys/fs/cgroup",
        "/sys//fs", "/dev", "/dev/", "/./dev/."}) {
    const auto found = problems_with_volume(target);
    ASSERT_EQ(found.size(), 1U) << target;
    EXPECT_NE(found[0].find("may not cover"), std::string::npos) << found[0];
  }
}

TEST(Targets, MayNotLeadUpOrBeTheRootOrRelative) {
  for (const char* const target : {"/..", "/a/..", "/a/../proc", "/../etc"}) {
    ASSERT_EQ(problems_with_volume(target).size(), 1U) << target;
    EXPECT_NE(problems_with_volume(target)[0].find("'..'"), std::string::npos);
  }
  for (const char* const target : {"/", "//", "/.", "/./"}) {
    ASSERT_EQ(problems_with_volume(target).size(), 1U) << target;
    EXPECT_NE(problems_with_volume(target)[0].find("the root itself"), std::string::npos);
  }
  for (const char* const target : {"", "data", "./data", "../data"}) {
    ASSERT_EQ(problems_with_volume(target).size(), 1U) << target;
    EXPECT_NE(problems_with_volume(target)[0].find("absolute"), std::string::npos);
  }
}

TEST(Targets, MayNotHoldControlCharacters) {
  const auto found = problems_with_volume("/a\n/b");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], "volume target '/a\\x0a/b': holds control characters");
}

TEST(Targets, OfTmpfsAreJudgedLikeThoseOfVolumes) {
  ContainerSpec spec = sound();
  spec.mounts = {tmpfs("/tmp"), tmpfs("/sys"), tmpfs("/a/..")};
  EXPECT_EQ(problems_of(spec).size(), 2U);
}

TEST(Ids, OfTheUserMustBeMappedInAUserNamespace) {
  ContainerSpec spec = sound();
  spec.process.user = {70000, 70000, {}};
  EXPECT_TRUE(problems_of(spec).empty()) << "without a user namespace every id exists";
  spec.namespaces.user = kNewNamespace;
  spec.uid_map = spec.gid_map = {{0, 100000, 65536}, {70000, 300000, 1}};
  EXPECT_TRUE(problems_of(spec).empty());
  spec.process.user = {70001, 65535, {65536}};
  const auto found = problems_of(spec);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].find("uid 70001"), std::string::npos);
  EXPECT_NE(found[1].find("group 65536"), std::string::npos);
}

TEST(Ids, OfUsersAndGroupsHaveMapsOfTheirOwn) {
  ContainerSpec spec = sound();
  spec.namespaces.user = kNewNamespace;
  spec.uid_map = {{0, 100000, 10}};
  spec.gid_map = {{0, 100000, 20}};
  spec.process.user = {9, 19, {19}};
  EXPECT_EQ(problems_of(spec), std::vector<std::string>{});
  spec.process.user = {19, 19, {20}};
  const auto found = problems_of(spec);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].find("uid 19"), std::string::npos);
  EXPECT_NE(found[1].find("group 20"), std::string::npos);
}

TEST(Ids, OfAJoinedUserNamespaceAreNotKnownHere) {
  ContainerSpec spec = sound();
  spec.namespaces.user = {NamespaceUse::Kind::joined, "/proc/7/ns/user"};
  spec.process.user = {70000, 70000, {70000}};
  EXPECT_EQ(problems_of(spec), std::vector<std::string>{});
}

TEST(Targets, ThatAnEngineAsksForMayCoverAnything) {
  ContainerSpec spec = sound();
  spec.mounts = {asked_for(MountKind::bind, "/data", "/sys/fs/cgroup")};
  EXPECT_EQ(problems_of(spec).size(), 1U);
  spec.mounts.front().guarded = false;
  EXPECT_EQ(problems_of(spec), std::vector<std::string>{});
}

TEST(Hostnames, MayBeLeftToTheNamespaceByAnEngine) {
  ContainerSpec spec = sound();
  spec.hostname.clear();
  EXPECT_EQ(problems_of(spec).size(), 1U);
  spec.lifetime = Lifetime::its_own;
  EXPECT_EQ(problems_of(spec), std::vector<std::string>{});
}

}  // namespace
}  // namespace mydocker
