// What a unit is told: the files of a cgroup in the words of systemd.resource-control(5).
#include <algorithm>
#include <limits>

#include "helpers/device_rules.hpp"
#include "helpers/numbers.hpp"
#include "helpers/systemd_units.hpp"
#include "helpers/text.hpp"

namespace mydocker::systemd_units {
namespace {

constexpr const char* kInfinity = "infinity";
constexpr std::uint64_t kSecond = 1000000, kUsualPeriod = 100000;  // microseconds

struct Row {
  std::string_view file, property;
};
constexpr Row kRows[] = {{"memory.max", "MemoryMax"},
                         {"memory.high", "MemoryHigh"},
                         {"memory.low", "MemoryLow"},
                         {"memory.min", "MemoryMin"},
                         {"memory.swap.max", "MemorySwapMax"},
                         {"memory.limit_in_bytes", "MemoryLimit"},
                         {"cpu.weight", "CPUWeight"},
                         {"cpu.shares", "CPUShares"},
                         {"pids.max", "TasksMax"},
                         {"io.weight", "IOWeight"},
                         {"blkio.weight", "BlockIOWeight"},
                         {"cpuset.cpus", "AllowedCPUs"},
                         {"cpuset.mems", "AllowedMemoryNodes"}};

bool is_unlimited(std::string_view text) { return text == "max" || text == "-1"; }

// What is told last about one thing holds; the rest keeps its order.
void tell(UnitProperties& out, std::string_view name, std::string value) {
  std::erase_if(out, [&](const auto& known) { return known.first == name; });
  out.emplace_back(name, std::move(value));
}

// Of a second, as systemd counts. In its own files it keeps whole percents only: what lies between
// would be rounded to less than was asked for when it reads them again.
std::string share_of_second(std::uint64_t quota, std::uint64_t period) {
  constexpr std::uint64_t kPercent = kSecond / 100;
  if (period == 0 || quota > std::numeric_limits<std::uint64_t>::max() / kSecond) return kInfinity;
  const std::uint64_t exact = quota * kSecond / period;
  return std::to_string((exact + kPercent - 1) / kPercent * kPercent);
}

// v2's cpu.max, "50000 100000"; v1's two files.
class Quota {
 public:
  void read(std::string_view file, std::string_view text) {
    const auto words = text::words(text);
    if (words.empty()) return;
    if (file == "cpu.max" || file == "cpu.cfs_quota_us") quota_ = words[0];
    if (file == "cpu.max" && words.size() > 1) period_ = numbers::parse(words[1]);
    if (file == "cpu.cfs_period_us") period_ = numbers::parse(words[0]);
  }

  void tell_to(UnitProperties& out) const {
    const auto quota = numbers::parse(quota_);
    if (quota)
      tell(out, "CPUQuotaPerSecUSec", share_of_second(*quota, period_.value_or(kUsualPeriod)));
    else if (is_unlimited(quota_))
      tell(out, "CPUQuotaPerSecUSec", kInfinity);
    if (period_) tell(out, "CPUQuotaPeriodUSec", std::to_string(*period_));
  }

 private:
  std::string quota_;
  std::optional<std::uint64_t> period_;
};

std::string node_name(const DeviceRule& rule) {
  const std::string_view kind = rule.type == 'b' ? "block" : "char";
  const auto numbered = [&](const std::string& number) {
    return std::string(kind).append("-").append(number);
  };
  if (!rule.major) return numbered("*");
  // By its major number alone: from systemd 240 on, where a name of /proc/devices was needed.
  if (!rule.minor) return numbered(std::to_string(*rule.major));
  return "/dev/" + std::string(kind) + "/" + std::to_string(*rule.major) + ":" +
         std::to_string(*rule.minor);
}

}  // namespace

UnitProperties properties_of(const FilesAndTexts& files) {
  UnitProperties out;
  Quota quota;
  for (const auto& [file, text] : files) {
    quota.read(file, text);
    // An idle group has no weight; 0 is systemd's word for it, from 252 on.
    if (file == "cpu.idle" && text == "1") tell(out, "CPUWeight", "0");
    const auto* const row =
        std::find_if(std::begin(kRows), std::end(kRows),
                     [name = std::string_view(file)](const Row& r) { return r.file == name; });
    if (row == std::end(kRows)) continue;
    std::string_view value = text;
    constexpr std::string_view kDefault = "default ";  // io.weight has one and those of devices
    if (value.starts_with(kDefault)) value.remove_prefix(kDefault.size());
    // A weight of one device, or nothing at all.
    if (value.empty() || value.find(' ') != std::string_view::npos) continue;
    tell(out, row->property, is_unlimited(value) ? kInfinity : std::string(value));
  }
  quota.tell_to(out);
  return out;
}

UnitProperties device_properties(const std::vector<DeviceRule>& rules) {
  const DeviceTable table = device_table(with_default_devices(rules));
  // systemd has no words for "all but these".
  if (table.allows_rest) return {};
  std::vector<std::string> allowed;
  for (const auto& rule : table.exceptions) {
    if (!rule.major && rule.minor) continue;  // nor for a minor number alone
    allowed.push_back(node_name(rule) + " " + rule.access);
  }
  return {{"DevicePolicy", "strict"}, {"DeviceAllow", text::join(allowed, ",")}};
}

}  // namespace mydocker::systemd_units
