// What several containers use together and the last one takes back: a list of lines "what id words"
// in a file beside the records, one file for each network namespace that MyDocker runs in.
#pragma once

#include <string>
#include <vector>

#include "mydocker/action.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker {

// Nobody else reads or changes the list while this lives.
class SharedUses {
 public:
  struct Use {
    std::string what, id, words;
    bool operator==(const Use&) const = default;
  };

  // Waits for its turn. Throws std::system_error.
  explicit SharedUses(const std::string& folder);

  [[nodiscard]] const std::vector<Use>& all() const { return uses_; }
  // What the first of its users wrote beside it; empty if it is not used.
  [[nodiscard]] std::string words_of(const std::string& what) const;
  [[nodiscard]] bool has(const std::string& what, const std::string& id) const;
  // Whether `id` uses it and nobody else does.
  [[nodiscard]] bool is_last(const std::string& what, const std::string& id) const;
  // Written at once: what is about to be made has to be known to who sweeps.
  void add(const Use& use);
  void remove(const std::string& what, const std::string& id);
  // The descriptor that is locked: whoever gets a copy keeps the others out, too.
  [[nodiscard]] int lock() const { return lock_.get(); }

 private:
  void write() const;

  UniqueFd lock_;
  std::string path_, fresh_;
  std::vector<Use> uses_;
};

}  // namespace mydocker
