// One table of the packet filter, and our chains in it, by libiptc.
#pragma once

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

#include "firewall/entry.hpp"

namespace mydocker::firewall {

// libiptc says more than an errno.
template <class Family>
void require(int done, const std::string& what) {
  if (done == 0) throw std::runtime_error(what + ": " + Family::message(errno));
}

template <class Family>
class Table {
 public:
  explicit Table(const std::string& name) : name_(name), handle_(Family::init(name.c_str())) {
    if (handle_ == nullptr)
      throw std::runtime_error("table " + name + ": " + Family::message(errno));
  }
  ~Table() { Family::release(handle_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // The chain, and the first rule of `hook` leading to it.
  void make_chain(const std::string& chain, const std::string& hook) {
    if (Family::is_chain(chain.c_str(), handle_) == 0) {
      change(Family::create_chain(chain.c_str(), handle_), chain);
    }
    if (numbers_of(hook, leads_to(chain)).empty()) {
      const EntryBuilder<Family> jump({"-A", hook, "-j", chain});
      change(Family::insert(hook.c_str(), jump.get(), 0, handle_), hook);
    }
  }

  // Those without an owner stand first. What is there already is left alone, and so it is by who has
  // none: others need theirs.
  void set_shared(const std::string& chain, const std::vector<Words>& rules) {
    if (rules.empty() || numbers_of(chain, is_owned_by("")).size() == rules.size()) return;
    remove_of(chain, "");
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const EntryBuilder<Family> entry(rules[i]);
      change(Family::insert(chain.c_str(), entry.get(), static_cast<unsigned>(i), handle_), chain);
    }
  }

  void append(const Words& rule) {
    const EntryBuilder<Family> entry(rule);
    change(Family::append(rule[1].c_str(), entry.get(), handle_), rule[1]);
  }

  // Before all others, shared ones too, as the `number`th.
  void insert(const Words& rule, unsigned number) {
    const EntryBuilder<Family> entry(rule);
    change(Family::insert(rule[1].c_str(), entry.get(), number, handle_), rule[1]);
  }

  void remove_of(const std::string& chain, const std::string& owner) {
    if (Family::is_chain(chain.c_str(), handle_) == 0) return;
    remove(chain, numbers_of(chain, is_owned_by(owner)));
  }

  // With the rule that leads to it.
  void remove_chain(const std::string& chain, const std::string& hook) {
    if (Family::is_chain(chain.c_str(), handle_) == 0) return;
    remove(hook, numbers_of(hook, leads_to(chain)));
    change(Family::flush(chain.c_str(), handle_), chain);
    change(Family::delete_chain(chain.c_str(), handle_), chain);
  }

  // How many packets met the chain's REJECT.
  [[nodiscard]] std::uint64_t refused(const std::string& chain) const {
    for (const auto* entry = Family::first_rule(chain.c_str(), handle_); entry != nullptr;
         entry = Family::next_rule(entry, handle_)) {
      if (std::string(Family::target_of(entry, handle_)) == "REJECT") return entry->counters.pcnt;
    }
    return 0;
  }

  // All changes at once, if there are any.
  void commit() {
    if (is_changed_) require<Family>(Family::commit(handle_), "table " + name_);
  }

 private:
  auto leads_to(const std::string& chain) const {
    return [this, chain](const typename Family::Entry* entry) {
      return Family::target_of(entry, handle_) == chain;
    };
  }
  static auto is_owned_by(const std::string& owner) {
    return
        [owner](const typename Family::Entry* entry) { return owner_of<Family>(*entry) == owner; };
  }

  template <class Predicate>
  std::vector<unsigned> numbers_of(const std::string& chain, const Predicate& is_meant) const {
    std::vector<unsigned> out;
    unsigned number = 0;
    for (const auto* entry = Family::first_rule(chain.c_str(), handle_); entry != nullptr;
         entry = Family::next_rule(entry, handle_), ++number) {
      if (is_meant(entry)) out.push_back(number);
    }
    return out;
  }

  // From the last to the first: each removal renumbers those behind it.
  void remove(const std::string& chain, const std::vector<unsigned>& numbers) {
    for (auto each = numbers.rbegin(); each != numbers.rend(); ++each)
      change(Family::remove(chain.c_str(), *each, handle_), chain);
  }

  void change(int done, const std::string& where) {
    require<Family>(done, "table " + name_ + ": " + where);
    is_changed_ = true;
  }

  std::string name_;
  typename Family::Handle* handle_;
  bool is_changed_ = false;
};

}  // namespace mydocker::firewall
