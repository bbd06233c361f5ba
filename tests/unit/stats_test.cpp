// What `events --stats` prints, from folders as both versions of cgroups show them.
#include "oci/stats.hpp"

#include "unit/cgroup_samples.hpp"
#include "unit/fake_tree.hpp"

namespace mydocker::test {
namespace {

// The files of container "one", and a layout that has them.
class FolderOfOne {
 public:
  void write(const std::string& file, const std::string& text) const {
    tree_.write("/one/" + file, text);
  }
  [[nodiscard]] oci::CgroupStats read(int version, std::vector<std::string> controllers) const {
    CgroupLayout layout{{{version, tree_.path(), std::move(controllers), false, {}}}};
    return oci::read_stats(layout, "/one");
  }

 private:
  FakeTree tree_;
};

void expect_part(const oci::CgroupStats& stats, const std::string& part) {
  const std::string json = oci::stats_json("one", stats);
  EXPECT_NE(json.find(part), std::string::npos) << part << "\nin " << json;
}

TEST(Stats, OfV1) {
  const FolderOfOne files;
  files.write("cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 300\n");
  files.write("cpuacct.usage", "700\n");
  files.write("cpuacct.usage_sys", "200\n");
  files.write("cpuacct.usage_user", "500\n");
  files.write("cpuacct.usage_percpu", "300 400 \n");
  files.write("memory.stat", "cache 10\nrss 20\ntotal_cache 30\n");
  files.write("memory.limit_in_bytes", "1000\n");
  files.write("memory.usage_in_bytes", "100\n");
  files.write("memory.max_usage_in_bytes", "200\n");
  files.write("memory.failcnt", "3\n");
  files.write("memory.memsw.limit_in_bytes", "9223372036854771712\n");
  files.write("memory.kmem.tcp.usage_in_bytes", "7\n");
  files.write("pids.current", "4\n");
  files.write("pids.max", "max\n");
  files.write("blkio.throttle.io_service_bytes_recursive",
              "8:0 Read 4096\n8:0 Write 1\n8:0 Total 4097\nTotal 4097\n");
  files.write("blkio.sectors_recursive", "8:16 99\n");
  files.write("hugetlb.2MB.usage_in_bytes", "1\n");
  files.write("hugetlb.2MB.rsvd.usage_in_bytes", "2097152\n");
  files.write("hugetlb.2MB.rsvd.failcnt", "6\n");
  const auto stats = files.read(1, {"cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb"});
  expect_part(stats, R"("cpu":{"usage":{"total":700,"percpu":[300,400],"kernel":200,"user":500},)"
                     R"("throttling":{"periods":5,"throttledPeriods":2,"throttledTime":300}})");
  expect_part(stats, R"("memory":{"cache":10,"usage":{"limit":1000,"usage":100,"max":200,)"
                     R"("failcnt":3},"swap":{"limit":9223372036854771712,"usage":0,"max":0,)");
  expect_part(stats, R"("kernelTCP":{"limit":0,"usage":7,"max":0,"failcnt":0},)"
                     R"("raw":{"cache":10,"rss":20,"total_cache":30}})");
  expect_part(stats, R"("pids":{"current":4,"limit":0})");
  expect_part(stats, R"("ioServiceBytesRecursive":[{"major":8,"minor":0,"op":"Read","value":4096},)"
                     R"({"major":8,"minor":0,"op":"Write","value":1},)");
  expect_part(stats, R"("sectorsRecursive":[{"major":8,"minor":16,"op":"","value":99}])");
  expect_part(stats, R"("hugetlb":{"2MB":{"usage":2097152,"max":0,"failcnt":6}})");
}

TEST(Stats, OfV2) {
  const FolderOfOne files;
  files.write("cpu.stat",
              "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnr_periods 9\nnr_throttled 1\n"
              "throttled_usec 4\n");
  files.write("cpu.pressure",
              "some avg10=1.50 avg60=0.00 avg300=0.00 total=12\n"
              "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n");
  files.write("memory.stat", "anon 1\nfile 2\nkernel 3\nsock 4\n");
  files.write("memory.current", "100\n");
  files.write("memory.max", "1000\n");
  files.write("memory.peak", "300\n");
  files.write("memory.swap.current", "50\n");
  files.write("memory.swap.max", "max\n");
  files.write("memory.events", "low 0\nhigh 0\nmax 8\noom 2\noom_kill 1\n");
  files.write("pids.current", "1\n");
  files.write("pids.max", "20\n");
  files.write("io.stat",
              "254:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:0 \nnonsense\n");
  files.write("hugetlb.1GB.current", "5\n");
  files.write("hugetlb.1GB.events", "max 3\n");
  const auto stats = files.read(2, {"cpu", "memory", "pids", "io", "hugetlb"});
  expect_part(
      stats, R"("cpu":{"usage":{"total":7000,"kernel":2000,"user":5000},"throttling":{"periods":9,)"
             R"("throttledPeriods":1,"throttledTime":4000},"psi":{"some":{"avg10":1.50,)"
             R"("avg60":0.00,"avg300":0.00,"total":12},"full":{"avg10":0.00,"avg60":0.00,)"
             R"("avg300":0.00,"total":3}}})");
  expect_part(stats, R"("usage":{"limit":1000,"usage":100,"max":300,"failcnt":8})");
  expect_part(stats, R"("swap":{"limit":18446744073709551615,"usage":150,"max":0,"failcnt":0})");
  expect_part(stats, R"("event_count":{"high":0,"low":0,"max":8,"oom":2,"oom_kill":1})");
  expect_part(stats, R"("pids":{"current":1,"limit":20})");
  expect_part(stats, R"({"major":254,"minor":0,"op":"Write","value":20})");
  expect_part(stats, R"("hugetlb":{"1GB":{"usage":5,"max":0,"failcnt":3}})");
}

TEST(Stats, OfAHostWithoutControllersAreZeros) {
  const auto stats = oci::read_stats({}, "one");
  EXPECT_EQ(oci::stats_json("a\"b", stats),
            R"({"type":"stats","id":"a\"b","data":{"cpu":{"usage":{"total":0,"kernel":0,"user":0},)"
            R"("throttling":{"periods":0,"throttledPeriods":0,"throttledTime":0}},)"
            R"("memory":{"cache":0,"usage":{"limit":0,"usage":0,"max":0,"failcnt":0},)"
            R"("swap":{"limit":0,"usage":0,"max":0,"failcnt":0},)"
            R"("kernel":{"limit":0,"usage":0,"max":0,"failcnt":0},)"
            R"("kernelTCP":{"limit":0,"usage":0,"max":0,"failcnt":0},"raw":{}},)"
            R"("pids":{"current":0,"limit":0},"blkio":{},"hugetlb":{},"intel_rdt":{},)"
            R"("network_interfaces":[]}})"
            "\n");
  EXPECT_EQ(oci::oom_json("one"), "{\"type\":\"oom\",\"id\":\"one\"}\n");
}

TEST(Stats, TakeNothingFromAFileForJson) {
  const FolderOfOne files;
  files.write("cpu.pressure", "some avg10=\"} avg60=1.2.3. avg300=.5 total=1\nfull\n");
  files.write("memory.stat", "a\"b 1\nbroken\nc d e\nf g\n");
  const auto stats = files.read(2, {"cpu", "memory"});
  expect_part(stats, R"("psi":{"some":{"avg10":0,"avg60":0,"avg300":0,"total":1})");
  expect_part(stats, R"("raw":{"a\"b":1,"f":0})");
}

}  // namespace
}  // namespace mydocker::test
