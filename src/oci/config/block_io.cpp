// `linux.resources.blockIO`.
#include "oci/config/sections.hpp"

namespace mydocker::oci {
namespace {

constexpr Range kNumbers{0, INT64_MAX};

// 0 stands for "not given", see resources.cpp.
void read_weight(const Value& weight, std::optional<std::uint16_t>& out) {
  if (!weight.into(out)) return;
  if (*out == 0)
    out.reset();
  else if (*out < 10 || *out > 1000)
    weight.refuse("allowed are 10 to 1000");
}

void read_rates(const Value& rates, std::vector<DeviceRate>& out) {
  for (const Value& each : rates.elements()) {
    DeviceRate rate;
    each["major"].required().into(rate.major, kNumbers);
    each["minor"].required().into(rate.minor, kNumbers);
    each["rate"].required().into(rate.rate);
    out.push_back(rate);
  }
}

}  // namespace

void read_block_io(const Value& block_io, BlockIoResources& out) {
  read_weight(block_io["weight"], out.weight);
  read_weight(block_io["leafWeight"], out.leaf_weight);
  for (const Value& each : block_io["weightDevice"].elements()) {
    DeviceWeight weight;
    each["major"].required().into(weight.major, kNumbers);
    each["minor"].required().into(weight.minor, kNumbers);
    read_weight(each["weight"], weight.weight);
    read_weight(each["leafWeight"], weight.leaf_weight);
    if (!each["weight"].is_given() && !each["leafWeight"].is_given())
      each.refuse_place("needs weight or leafWeight");
    out.devices.push_back(weight);
  }
  read_rates(block_io["throttleReadBpsDevice"], out.read_bps);
  read_rates(block_io["throttleWriteBpsDevice"], out.write_bps);
  read_rates(block_io["throttleReadIOPSDevice"], out.read_iops);
  read_rates(block_io["throttleWriteIOPSDevice"], out.write_iops);
}

}  // namespace mydocker::oci
