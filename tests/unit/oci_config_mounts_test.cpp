// `mounts`: kinds, sources, options.
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

// The mount that `members` describe at /m, in a container with a user namespace.
oci::LoadedConfig loaded_mount(const std::string& members) {
  return loaded(R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "user"}],
      "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}],
      "gidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]},
      "mounts": [{"destination": "/m", )" +
                members + "}]}");
}

Mount mount_of(const std::string& members) { return loaded_mount(members).spec.mounts.at(0); }

Mount bind_with(const std::string& options) {
  return mount_of(R"("source": "/s", "options": ["bind", )" + options + "]");
}

Lines problems_of_mount(const std::string& members) {
  return problems_in([&] { return loaded_mount(members); });
}

TEST(OciMounts, AreFileSystems) {
  Mount want;
  want.type = want.source = "tmpfs";
  want.target = "/m";
  want.set = {.read_only = true, .nosuid = true, .nodev = true, .strictatime = true};
  want.propagation = MountPropagation{Propagation::slave, true};
  want.options = {{"mode", "755"}, {"size", "65536k"}, {"sync", ""}, {"context", "a=b"}};
  want.copy_up = true;
  EXPECT_EQ(mount_of(R"("type": "tmpfs", "options": ["ro", "nosuid", "nodev", "strictatime",
      "mode=755", "size=65536k", "rslave", "tmpcopyup", "sync", "defaults", "async", "context=a=b",
      "silent"])"),
            want);
}

TEST(OciMounts, AreBindsWhateverTheTypeSays) {
  Mount want;
  want.kind = MountKind::bind;
  want.source = "/srv/bundle/data";
  want.target = "/m";
  EXPECT_EQ(mount_of(R"("type": "none", "source": "data", "options": ["bind"])"), want);
  EXPECT_EQ(mount_of(R"("type": "bind", "source": "data")"), want);
  want.recursive = true;
  EXPECT_EQ(mount_of(R"("source": "data", "options": ["bind", "rbind"])"), want);
}

TEST(OciMounts, AreCgroupsOfWhicheverVersion) {
  for (const char* const type : {"cgroup", "cgroup2"}) {
    const Mount mount = mount_of(R"("type": ")" + std::string(type) + R"(", "options": ["ro"])");
    EXPECT_EQ(mount.kind, MountKind::cgroups);
    EXPECT_EQ(mount.source, "cgroup");
    EXPECT_TRUE(mount.set.read_only);
  }
}

TEST(OciMounts, StayInOrderAndBeginAtTheTop) {
  const auto mounts = spec_with(R"({"mounts": [{"destination": "b", "type": "proc"},
                                               {"destination": "/a", "type": "sysfs"}]})")
                          .mounts;
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].target, "/b");
  EXPECT_EQ(mounts[1].target, "/a");
}

TEST(OciMounts, HaveAttributesOfWhichTheLastWins) {
  Mount mount = bind_with(R"("ro", "rw", "nosuid", "noexec")");
  EXPECT_EQ(mount.set, (MountFlags{.nosuid = true, .noexec = true}));
  EXPECT_EQ(mount.clear, MountFlags{.read_only = true});
  mount = bind_with(R"("suid", "dev", "exec", "atime", "diratime", "norelatime", "nostrictatime",
                       "symfollow")");
  EXPECT_EQ(mount.set, MountFlags{});
  EXPECT_EQ(mount.clear, (MountFlags{false, true, true, true, true, true, true, true, true}));
  mount = bind_with(R"("noatime", "relatime", "nodiratime", "nosymfollow")");
  EXPECT_EQ(mount.set, (MountFlags{.relatime = true, .nodiratime = true, .nosymfollow = true}));
}

TEST(OciMounts, HaveAttributesForAllBelow) {
  Mount mount = bind_with(R"("rro", "rnosuid", "rnodev", "rnoexec", "rnoatime", "rnodiratime",
                             "rnosymfollow")");
  EXPECT_EQ(mount.set, MountFlags{});
  EXPECT_EQ(mount.set_below, (MountFlags{.read_only = true,
                                         .nosuid = true,
                                         .nodev = true,
                                         .noexec = true,
                                         .noatime = true,
                                         .nodiratime = true,
                                         .nosymfollow = true}));
  mount = bind_with(R"("rrw", "rsuid", "rdev", "rexec", "ratime", "rdiratime", "rrelatime",
                       "rsymfollow")");
  EXPECT_EQ(mount.set_below, MountFlags{.relatime = true});
  EXPECT_EQ(mount.clear_below,
            (MountFlags{true, true, true, true, true, false, false, true, true}));
  EXPECT_TRUE(bind_with(R"("rstrictatime")").set_below.strictatime);
  EXPECT_TRUE(bind_with(R"("rnorelatime")").clear_below.relatime);
  EXPECT_TRUE(bind_with(R"("rnostrictatime")").clear_below.strictatime);
}

TEST(OciMounts, HavePropagation) {
  const std::pair<const char*, MountPropagation> all[] = {
      {"private", {Propagation::is_private, false}},
      {"rprivate", {Propagation::is_private, true}},
      {"shared", {Propagation::shared, false}},
      {"rshared", {Propagation::shared, true}},
      {"slave", {Propagation::slave, false}},
      {"rslave", {Propagation::slave, true}},
      {"unbindable", {Propagation::unbindable, false}},
      {"runbindable", {Propagation::unbindable, true}},
  };
  for (const auto& [word, want] : all)
    EXPECT_EQ(bind_with('"' + std::string(word) + '"').propagation, want) << word;
}

TEST(OciMounts, MapIds) {
  EXPECT_EQ(bind_with(R"("idmap")").id_map, MountIdMap{});
  EXPECT_EQ(bind_with(R"("ridmap")").id_map, (MountIdMap{{}, {}, true}));
  const char* const maps = R"("source": "/s",
      "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 2}],
      "gidMappings": [{"containerID": 3, "hostID": 4, "size": 5}], "options": ["bind")";
  const MountIdMap want{{{0, 1000, 2}}, {{3, 4, 5}}, false};
  EXPECT_EQ(mount_of(std::string(maps) + "]").id_map, want);
  EXPECT_EQ(mount_of(std::string(maps) + R"(, "idmap"])").id_map, want);
}

TEST(OciMounts, WarnOfOptionsWithoutEffect) {
  EXPECT_EQ(
      loaded_mount(R"("source": "/s", "options": ["sync", "size=5", "bind"])").warnings,
      (Lines{"mounts[0].options[0]: 'sync': without effect: the file system of a bind mount "
             "has been mounted before",
             "mounts[0].options[1]: 'size=5': without effect: the file system of a bind mount "
             "has been mounted before"}));
  EXPECT_EQ(loaded_mount(R"("type": "tmpfs", "options": ["iversion"])").warnings,
            Lines{"mounts[0].options[0]: 'iversion': without effect: file systems that count "
                  "versions do so by themselves"});
}

TEST(OciMounts, AreRefused) {
  const std::pair<const char*, const char*> all[] = {
      {R"("source": "a")", "mounts[0].type: missing: which file system is to be mounted"},
      {R"("options": ["rbind"])", "mounts[0].source: missing: what is to be mounted there"},
      {R"("type": "tmpfs", "options": ["=5"])", "mounts[0].options[0]: '=5': an option has a name"},
      {R"("type": "tmpfs", "options": ["idmap"])",
       "mounts[0]: only the ids of a bind mount can be mapped"},
      {R"("type": "proc", "options": ["tmpcopyup"])",
       "mounts[0].options: 'tmpcopyup' fills a tmpfs, and no other file system"},
      {R"("type": "bind", "source": "/s",
          "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}])",
       "mounts[0].gidMappings: missing: the ids of users and of groups are mapped together"},
  };
  for (const auto& [mount, want] : all) EXPECT_EQ(problems_of_mount(mount), Lines{want});
}

TEST(OciMounts, MapNoIdsWithoutAMap) {
  EXPECT_EQ(problems_with(R"({"mounts": [{"destination": "/m", "source": "/s",
                                         "options": ["bind", "idmap"]}]})"),
            Lines{"mounts[0].options: 'idmap' needs uidMappings and gidMappings here, or a user "
                  "namespace to take them from"});
}

TEST(OciMounts, LeaveTheHostsDevicesAlone) {
  const char* const config = R"({"mounts": [{"destination": "/dev", "source": "/dev",
                                            "options": ["rbind"]}]})";
  EXPECT_EQ(spec_with(config).devices, std::vector<Device>{});
}

}  // namespace
}  // namespace mydocker::test
