// What the fuzz targets share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace mydocker::fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// A parser may refuse its input; what it accepts must hold this. A crash is what a fuzzer notices.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// One line that does not speak to a terminal.
inline void require_harmless(std::string_view line) {
  require(std::none_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  }));
}

}  // namespace mydocker::fuzz
