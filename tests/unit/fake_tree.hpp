// A folder of one test that stands for "/", with files as the kernel would show them.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/host.hpp"

namespace mydocker::test {

class FakeTree {
 public:
  [[nodiscard]] const std::string& path() const { return folder_.path(); }

  void write(const std::string& file, const std::string& text) const {
    const std::string whole = path() + file;
    std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
    std::ofstream(whole, std::ios::binary) << text;
  }

  [[nodiscard]] std::string read(const std::string& file) const {
    std::ostringstream out;
    out << std::ifstream(path() + file, std::ios::binary).rdbuf();
    return out.str();
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace mydocker::test
