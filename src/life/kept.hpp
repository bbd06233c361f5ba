// What a container of -d has besides its record, and leaves: a folder RECORDS/.detached/ID that its
// owner alone can enter.
//
//   about        what it is: a JSON object, see About
//   made         when: a moment of RFC 3339
//   log, log.1   what it wrote, see LogWriter
//   end          empty until it has ended; then how, a JSON object
//   unwanted     while this is there nobody wants the folder once its supervisor is gone
//
// The supervisor holds the folder locked while it lives: who can lock it knows that it has lost its
// owner, and who waits for the lock waits for the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/outcome.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::life {

inline constexpr const char* kLost = "lost";  // the reason of one whose supervisor was killed

struct End {
  int status = 0;
  std::string reason;     // "exit", "signal", "oom", "timeout", "error", kLost
  std::string signal;     // "SIGKILL"; empty: none
  std::int64_t time = 0;  // nanoseconds since 1970; 0: nobody knows
};

[[nodiscard]] std::int64_t now();

class Kept {
 public:
  // Makes the folder, locked and unwanted. One of that name whose owner is dead and that nobody wants
  // is removed first. Throws SetupError if there is another.
  static Kept make(const std::string& records, const std::string& id, std::string_view about);
  [[nodiscard]] static std::optional<Kept> try_open(const std::string& records,
                                                    const std::string& id);
  // The ids, in their order.
  [[nodiscard]] static std::vector<std::string> ids(const std::string& records);
  // The names of folders that somebody was killed over before they had their place.
  [[nodiscard]] static std::vector<std::string> begun_and_left(const std::string& records);

  [[nodiscard]] int fd() const { return folder_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string about() const { return read("about"); }
  [[nodiscard]] std::int64_t made() const;
  [[nodiscard]] bool is_wanted() const;
  // From now on it stays until somebody removes it.
  void want() const;
  // Its supervisor has ended; what it had to write is written.
  [[nodiscard]] bool is_orphan() const;
  // Waits for that.
  void await_orphan() const;

  void write_end(const End& end) const;
  // Nothing while it runs. "lost" if its supervisor was killed.
  [[nodiscard]] std::optional<End> end() const;

  // Takes the folder away.
  void remove() const;

 private:
  Kept(std::string path, UniqueFd folder) : path_(std::move(path)), folder_(std::move(folder)) {}
  void write(const char* name, std::string_view text) const;
  [[nodiscard]] std::string read(const char* name) const;

  std::string path_;
  UniqueFd folder_;
  UniqueFd end_;  // open from the beginning: it can be read when the folder is gone
};

}  // namespace mydocker::life
