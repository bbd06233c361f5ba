// What the fuzz targets share.
#pragma once

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

}  // namespace mydocker::fuzz
