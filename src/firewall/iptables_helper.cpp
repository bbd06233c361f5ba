// mydocker-iptables: MyDocker's rules in the kernel's older packet filter, by libiptc. A request is
//   NETWORK 4|6 add OWNER {TABLE HOOK RULE}...
//   NETWORK 4|6 remove OWNER|'' {TABLE CHAIN HOOK}...
//   NETWORK 4|6 refused '' TABLE CHAIN HOOK
// The network is "0" for this process's, a pid for that process's, "passed" for that of the
// descriptor that came along; this request and all that follow are for it. A rule is written as
// iptables-save prints it, in one word. Without an owner the chains themselves are removed. To
// "refused" the answer is how many packets the chain has refused.
#include <sys/file.h>

#include <map>
#include <memory>
#include <utility>

#include "firewall/requests.hpp"
#include "firewall/table.hpp"

namespace mydocker::firewall {
namespace {

constexpr const char* kLock = "/run/xtables.lock";

struct Rule {
  std::string table, hook;
  Words words;
};

// libiptc takes no lock, iptables(8) this one: without it two commits at once lose one of them.
// Closed, it is free. Who is not root has no part in it: the network is his container's alone.
int locked() {
  const int fd = ::open(kLock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EACCES) return fd;
  if (fd < 0 || ::flock(fd, LOCK_EX) < 0) fail(kLock);
  return fd;
}

bool is_comment(const std::string& word) { return word == "--comment"; }

template <class Family>
class Work {
 public:
  void add(const std::string& owner, const std::vector<Rule>& rules) {
    std::map<std::string, std::vector<Words>> shared;  // by table and chain
    for (const auto& rule : rules) {
      auto& of_chain = shared[rule.table + " " + rule.words[1]];
      if (std::none_of(rule.words.begin(), rule.words.end(), is_comment))
        of_chain.push_back(rule.words);
    }
    std::map<std::string, bool> is_made;
    for (const auto& rule : rules) {
      const std::string& chain = rule.words[1];
      if (std::exchange(is_made[rule.table + " " + chain], true)) continue;
      Table<Family>& table = open(rule.table);
      table.make_chain(chain, rule.hook);
      table.set_shared(chain, shared[rule.table + " " + chain]);
      table.remove_of(chain, owner);
    }
    unsigned first = 0;
    for (const auto& rule : rules) {
      if (std::none_of(rule.words.begin(), rule.words.end(), is_comment)) continue;
      if (rule.words[0] == "-I")
        open(rule.table).insert(rule.words, first++);
      else
        open(rule.table).append(rule.words);
    }
    commit();
  }

  void remove(const std::string& owner, const std::vector<std::string>& places) {
    for (std::size_t i = 0; i + 2 < places.size(); i += 3) {
      Table<Family>& table = open(places[i]);
      if (owner.empty())
        table.remove_chain(places[i + 1], places[i + 2]);
      else
        table.remove_of(places[i + 1], owner);
    }
    commit();
  }

 private:
  Table<Family>& open(const std::string& name) {
    auto& table = tables_[name];
    if (!table) table = std::make_unique<Table<Family>>(name);
    return *table;
  }
  void commit() {
    for (auto& [name, table] : tables_) table->commit();
  }

  std::map<std::string, std::unique_ptr<Table<Family>>> tables_;
};

template <class Family>
std::string run(const std::string& verb, const std::string& owner,
                const std::vector<std::string>& rest) {
  Work<Family> work;
  if (verb == "remove") {
    work.remove(owner, rest);
    return {};
  }
  if (verb == "refused") return std::to_string(Table<Family>(rest.at(0)).refused(rest.at(1)));
  std::vector<Rule> rules;
  for (std::size_t i = 0; i + 2 < rest.size(); i += 3) {
    Rule rule{rest[i], rest[i + 1], {}};
    for (const auto word : text::words(rest[i + 2])) rule.words.emplace_back(word);
    rules.push_back(std::move(rule));
  }
  work.add(owner, rules);
  return {};
}

std::string answer_to(const std::vector<std::string>& words) {
  constexpr std::size_t kFixed = 4;
  if (words.size() < kFixed) throw std::invalid_argument("NETWORK 4|6 VERB OWNER ...");
  const int lock = locked();
  const std::vector<std::string> rest(words.begin() + kFixed, words.end());
  const std::string answer =
      words[1] == "6" ? run<Ipv6>(words[2], words[3], rest) : run<Ipv4>(words[2], words[3], rest);
  if (lock >= 0) ::close(lock);
  return answer;
}

}  // namespace
}  // namespace mydocker::firewall

int main() {
  try {
    mydocker::firewall::Requests requests;
    std::vector<std::string> words;
    while (requests.next(words)) {
      (void)requests.enter_network(words.at(0));
      requests.done(mydocker::firewall::answer_to(words));
    }
    return 0;
  } catch (const std::exception& error) {
    mydocker::firewall::say(error.what());
    return 1;
  }
}
