#pragma once

#include <stdexcept>

namespace mydocker::cni {

// What is wrong with a text that somebody else wrote.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mydocker::cni
