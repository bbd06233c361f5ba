#include "oci/stats.hpp"

#include <algorithm>
#include <tuple>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

constexpr std::uint64_t kUnlimited = UINT64_MAX, kMicrosecond = 1000;

// The files of one folder. What is missing is empty or 0.
class Folder {
 public:
  Folder(const CgroupLayout& layout, const std::string& path, std::string_view controller) {
    const auto* const found = layout.find(controller);
    if (found == nullptr) return;
    version_ = found->version;
    path_ = cgroup_folder(*found, path) + "/";
  }

  [[nodiscard]] bool is_v1() const { return version_ == 1; }
  [[nodiscard]] bool is_v2() const { return version_ == 2; }
  [[nodiscard]] std::vector<std::string> names() const { return sys::names_in(path_); }

  [[nodiscard]] std::string text(const std::string& file) const {
    return version_ == 0 ? std::string() : sys::try_read_file(path_ + file).value_or("");
  }
  [[nodiscard]] std::uint64_t number(const std::string& file) const {
    const std::string word = text::trimmed(text(file));
    return word == "max" ? kUnlimited : numbers::parse(word).value_or(0);
  }
  [[nodiscard]] std::vector<std::uint64_t> numbers_of(const std::string& file) const {
    std::vector<std::uint64_t> out;
    const std::string content = text(file);
    for (const auto word : text::words(content)) out.push_back(numbers::parse(word).value_or(0));
    return out;
  }
  // A file of "key number" lines.
  [[nodiscard]] std::map<std::string, std::uint64_t> table(const std::string& file) const {
    std::map<std::string, std::uint64_t> out;
    const std::string content = text(file);
    for (const auto line : text::split(content, '\n')) {
      const auto words = text::words(line);
      if (words.size() == 2) out[std::string(words[0])] = numbers::parse(words[1]).value_or(0);
    }
    return out;
  }

 private:
  int version_ = 0;
  std::string path_;
};

std::uint64_t of(const std::map<std::string, std::uint64_t>& table, const std::string& key) {
  const auto found = table.find(key);
  return found == table.end() ? 0 : found->second;
}

CpuStats cpu_stats(const Folder& cpu, const Folder& cpuacct) {
  CpuStats out;
  const auto stat = cpu.table("cpu.stat");
  out.periods = of(stat, "nr_periods");
  out.throttled_periods = of(stat, "nr_throttled");
  if (cpu.is_v2()) {
    out.throttled_time = of(stat, "throttled_usec") * kMicrosecond;
    out.total = of(stat, "usage_usec") * kMicrosecond;
    out.kernel = of(stat, "system_usec") * kMicrosecond;
    out.user = of(stat, "user_usec") * kMicrosecond;
    return out;
  }
  out.throttled_time = of(stat, "throttled_time");
  out.total = cpuacct.number("cpuacct.usage");
  out.kernel = cpuacct.number("cpuacct.usage_sys");
  out.user = cpuacct.number("cpuacct.usage_user");
  out.percpu = cpuacct.numbers_of("cpuacct.usage_percpu");
  out.percpu_kernel = cpuacct.numbers_of("cpuacct.usage_percpu_sys");
  out.percpu_user = cpuacct.numbers_of("cpuacct.usage_percpu_user");
  return out;
}

MemoryEntry memory_entry_v1(const Folder& memory, const std::string& prefix) {
  return {memory.number(prefix + ".limit_in_bytes"), memory.number(prefix + ".usage_in_bytes"),
          memory.number(prefix + ".max_usage_in_bytes"), memory.number(prefix + ".failcnt")};
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a == kUnlimited || b == kUnlimited ? kUnlimited : a + b;
}

MemoryStats memory_stats(const Folder& memory) {
  MemoryStats out;
  out.raw = memory.table("memory.stat");
  if (memory.is_v1()) {
    out.cache = of(out.raw, "cache");
    out.usage = memory_entry_v1(memory, "memory");
    out.swap = memory_entry_v1(memory, "memory.memsw");
    out.kernel = memory_entry_v1(memory, "memory.kmem");
    out.kernel_tcp = memory_entry_v1(memory, "memory.kmem.tcp");
    return out;
  }
  out.cache = of(out.raw, "file");
  out.events = memory.table("memory.events");
  out.usage = {memory.number("memory.max"), memory.number("memory.current"),
               memory.number("memory.peak"), of(out.events, "max")};
  out.swap = {sum(out.usage.limit, memory.number("memory.swap.max")),
              out.usage.usage + memory.number("memory.swap.current"), 0, 0};
  out.kernel.usage = of(out.raw, "kernel");
  out.kernel_tcp.usage = of(out.raw, "sock");
  return out;
}

// "8:0 Read 4096" as v1 has it, line by line; the sums at the end are left out.
std::vector<IoEntry> io_entries_v1(const std::string& content) {
  std::vector<IoEntry> out;
  for (const auto line : text::split(content, '\n')) {
    const auto words = text::words(line);
    if (words.size() < 2) continue;
    const auto device = text::split(words[0], ':');
    if (device.size() != 2) continue;
    out.push_back({numbers::parse(device[0]).value_or(0), numbers::parse(device[1]).value_or(0),
                   words.size() == 3 ? std::string(words[1]) : "",
                   numbers::parse(words.back()).value_or(0)});
  }
  return out;
}

// Who knows of a container's requests: bfq, CFQ in old kernels, else the throttler.
void read_blkio_v1(const Folder& blkio, CgroupStats& out) {
  const std::pair<const char*, const char*> files[] = {
      {"ioServiceBytesRecursive", "io_service_bytes_recursive"},
      {"ioServicedRecursive", "io_serviced_recursive"},
      {"ioQueueRecursive", "io_queued_recursive"},
      {"ioServiceTimeRecursive", "io_service_time_recursive"},
      {"ioWaitTimeRecursive", "io_wait_time_recursive"},
      {"ioMergedRecursive", "io_merged_recursive"},
      {"ioTimeRecursive", "time_recursive"},
      {"sectorsRecursive", "sectors_recursive"}};
  for (const auto& [name, file] : files) {
    for (const char* const who : {"blkio.bfq.", "blkio.", "blkio.throttle."}) {
      auto entries = io_entries_v1(blkio.text(std::string(who) + file));
      if (entries.empty()) continue;
      out.blkio[name] = std::move(entries);
      break;
    }
  }
}

// "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0"
void read_io_v2(const Folder& io, CgroupStats& out) {
  const std::tuple<std::string_view, const char*, const char*> keys[] = {
      {"rbytes", "ioServiceBytesRecursive", "Read"},
      {"wbytes", "ioServiceBytesRecursive", "Write"},
      {"dbytes", "ioServiceBytesRecursive", "Discard"},
      {"rios", "ioServicedRecursive", "Read"},
      {"wios", "ioServicedRecursive", "Write"},
      {"dios", "ioServicedRecursive", "Discard"}};
  const std::string content = io.text("io.stat");
  for (const auto line : text::split(content, '\n')) {
    const auto words = text::words(line);
    if (words.empty()) continue;
    const auto device = text::split(words[0], ':');
    if (device.size() != 2) continue;
    for (const auto word : words) {
      const auto equals = word.find('=');
      if (equals == std::string_view::npos) continue;
      for (const auto& [key, name, op] : keys) {
        if (word.substr(0, equals) != key) continue;
        out.blkio[name].push_back({numbers::parse(device[0]).value_or(0),
                                   numbers::parse(device[1]).value_or(0), op,
                                   numbers::parse(word.substr(equals + 1)).value_or(0)});
      }
    }
  }
}

// hugetlb.2MB.usage_in_bytes, hugetlb.2MB.current: what is reserved, where the kernel counts that.
void read_hugetlb(const Folder& hugetlb, CgroupStats& out) {
  constexpr std::string_view kPrefix = "hugetlb.";
  const std::string usage = hugetlb.is_v2() ? ".current" : ".usage_in_bytes";
  const auto names = hugetlb.names();
  for (const auto& name : names) {
    if (!name.starts_with(kPrefix) || !name.ends_with(usage)) continue;
    const std::string size =
        name.substr(kPrefix.size(), name.size() - kPrefix.size() - usage.size());
    if (size.find('.') != std::string::npos) continue;
    const std::string reserved = std::string(kPrefix) + size + ".rsvd";
    const bool counts_reserved =
        std::find(names.begin(), names.end(), reserved + usage) != names.end();
    const std::string file = counts_reserved ? reserved : std::string(kPrefix) + size;
    MemoryEntry& entry = out.hugetlb[size];
    entry.usage = hugetlb.number(file + usage);
    if (hugetlb.is_v2()) {
      entry.failcnt = of(hugetlb.table(std::string(kPrefix) + size + ".events"), "max");
    } else {
      entry.max = hugetlb.number(file + ".max_usage_in_bytes");
      entry.failcnt = hugetlb.number(file + ".failcnt");
    }
  }
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and the same of "full".
std::optional<Pressure> pressure(const Folder& folder, const std::string& file) {
  const std::string content = folder.is_v2() ? folder.text(file) : std::string();
  Pressure out;
  for (const auto line : text::split(content, '\n')) {
    const auto words = text::words(line);
    if (words.size() != 5) continue;
    const auto value = [](std::string_view word) {
      const std::string number(word.substr(std::min(word.find('=') + 1, word.size())));
      const bool is_number = !number.empty() &&
                             number.find_first_not_of("0123456789.") == std::string::npos &&
                             number.front() != '.' && number.back() != '.';
      return is_number ? number : std::string("0");
    };
    Pressure::Line& into = words[0] == "some" ? out.some : out.full;
    into = {value(words[1]), value(words[2]), value(words[3]), value(words[4])};
  }
  return out.some.total.empty() ? std::nullopt : std::optional(out);
}

}  // namespace

CgroupStats read_stats(const CgroupLayout& layout, const std::string& path) {
  const auto folder = [&](std::string_view controller) { return Folder(layout, path, controller); };
  CgroupStats out;
  const Folder cpu = folder("cpu"), memory = folder("memory"), pids = folder("pids");
  out.cpu = cpu_stats(cpu, folder("cpuacct"));
  out.memory = memory_stats(memory);
  out.pids = pids.number("pids.current");
  const std::uint64_t limit = pids.number("pids.max");
  out.pids_limit = limit == kUnlimited ? 0 : limit;
  const Folder io = folder("io");
  if (io.is_v2())
    read_io_v2(io, out);
  else
    read_blkio_v1(folder("blkio"), out);
  read_hugetlb(folder("hugetlb"), out);
  out.cpu_pressure = pressure(cpu, "cpu.pressure");
  out.memory_pressure = pressure(memory, "memory.pressure");
  out.io_pressure = pressure(io, "io.pressure");
  return out;
}

}  // namespace mydocker::oci
