#include "systemd/properties.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "helpers/bus_status.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "systemd/bus.hpp"

namespace mydocker::bus {
namespace {

// A property, and the signature of its value: systemd takes no other.
struct Row {
  std::string_view name;
  const char* signature;
};
constexpr Row kRows[] = {
    // What a unit is.
    {"Description", "s"},
    {"Slice", "s"},
    {"Wants", "as"},
    {"PIDs", "au"},
    {"CollectMode", "s"},
    {"Delegate", "b"},
    {"DefaultDependencies", "b"},
    {"CPUAccounting", "b"},
    {"IOAccounting", "b"},
    {"MemoryAccounting", "b"},
    {"TasksAccounting", "b"},
    // What it may use.
    {"MemoryMin", "t"},
    {"MemoryLow", "t"},
    {"MemoryHigh", "t"},
    {"MemoryMax", "t"},
    {"MemorySwapMax", "t"},
    {"MemoryLimit", "t"},
    {"CPUWeight", "t"},
    {"CPUShares", "t"},
    {"CPUQuotaPerSecUSec", "t"},
    {"CPUQuotaPeriodUSec", "t"},
    {"TasksMax", "t"},
    {"IOWeight", "t"},
    {"BlockIOWeight", "t"},
    {"AllowedCPUs", "ay"},
    {"AllowedMemoryNodes", "ay"},
    {"DevicePolicy", "s"},
    {"DeviceAllow", "a(ss)"},
};

[[noreturn]] void refuse(const Property& property) {
  throw Failure{bus_status::kUsage, property.name + ": " + text::quoted(property.value) +
                                        " is no value of a property that is known here"};
}

const char* signature_of(const Property& property) {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows),
                                       [&](const Row& r) { return r.name == property.name; });
  if (row == std::end(kRows)) refuse(property);
  return row->signature;
}

template <class... Values>
void put(sd_bus_message* message, const char* signature, Values... values) {
  check(sd_bus_message_append(message, signature, values...), "cannot write a message");
}
void open(sd_bus_message* message, char kind, const char* content) {
  check(sd_bus_message_open_container(message, kind, content), "cannot write a message");
}
void close(sd_bus_message* message) {
  check(sd_bus_message_close_container(message), "cannot write a message");
}

void put_boolean(sd_bus_message* message, const Property& property) {
  if (property.value != "true" && property.value != "false") refuse(property);
  put(message, "b", property.value == "true" ? 1 : 0);
}

// The bus says "no limit" by the largest number.
void put_number(sd_bus_message* message, const Property& property) {
  const auto number = property.value == "infinity" ? std::optional(std::uint64_t{UINT64_MAX})
                                                   : numbers::parse(property.value);
  if (!number) refuse(property);
  put(message, "t", *number);
}

void put_pid(sd_bus_message* message, const Property& property) {
  const auto pid = numbers::parse(property.value, INT32_MAX);
  if (!pid || *pid == 0) refuse(property);
  put(message, "au", 1, static_cast<std::uint32_t>(*pid));
}

// "0-2,9" sets the bits 0 to 2 of the first byte and bit 1 of the second.
void put_bits(sd_bus_message* message, const Property& property) {
  constexpr unsigned kLargest = 8191;
  const auto numbers = numbers::parse_list(property.value, kLargest);
  if (!numbers) refuse(property);
  std::vector<std::uint8_t> bytes;
  for (const unsigned each : *numbers) {
    if (bytes.size() <= each / 8) bytes.resize(each / 8 + 1);
    bytes[each / 8] = static_cast<std::uint8_t>(bytes[each / 8] | 1U << each % 8);
  }
  check(sd_bus_message_append_array(message, 'y', bytes.data(), bytes.size()),
        "cannot write a message");
}

// "/dev/char/1:3 rwm,char-136 rw"
void put_pairs(sd_bus_message* message, const Property& property) {
  open(message, 'a', "(ss)");
  for (const auto pair : text::split(property.value, ',')) {
    const auto words = text::words(pair);
    if (words.size() != 2) refuse(property);
    put(message, "(ss)", std::string(words[0]).c_str(), std::string(words[1]).c_str());
  }
  close(message);
}

void put_value(sd_bus_message* message, std::string_view signature, const Property& property) {
  if (signature == "s") return put(message, "s", property.value.c_str());
  if (signature == "as") return put(message, "as", 1, property.value.c_str());
  if (signature == "b") return put_boolean(message, property);
  if (signature == "t") return put_number(message, property);
  if (signature == "au") return put_pid(message, property);
  if (signature == "ay") return put_bits(message, property);
  put_pairs(message, property);
}

}  // namespace

Property parse_property(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos)
    throw Failure{bus_status::kUsage, text::quoted(word) + " has to be NAME=VALUE"};
  return {std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
}

void append(sd_bus_message* message, const std::vector<Property>& properties) {
  open(message, 'a', "(sv)");
  for (const auto& property : properties) {
    const char* const signature = signature_of(property);
    open(message, 'r', "sv");
    put(message, "s", property.name.c_str());
    open(message, 'v', signature);
    put_value(message, signature, property);
    close(message);
    close(message);
  }
  close(message);
}

}  // namespace mydocker::bus
