#include "spec/users.hpp"

#include <algorithm>
#include <optional>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker {
namespace {

constexpr std::uint64_t kLargestId =
    UINT32_MAX - 1;  // the largest uint32 means "no change" to the kernel

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw UsageError("--user " + text::quoted(text) + ": " + why);
}

struct Account {
  std::string_view name;
  std::uint32_t uid = 0, gid = 0;
  std::string_view home;
};

std::optional<std::uint32_t> id(std::string_view text) {
  const auto number = numbers::parse(text, kLargestId);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

// The first line that `matches`; lines that are no accounts are passed over.
template <class Predicate>
std::optional<Account> find_account(const std::string& passwd, Predicate matches) {
  for (const auto line : text::split(passwd, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() < 6) continue;
    const auto uid = id(fields[2]), gid = id(fields[3]);
    if (!uid || !gid) continue;
    const Account account{fields[0], *uid, *gid, fields[5]};
    if (matches(account)) return account;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> find_group(const std::string& group, std::string_view name) {
  for (const auto line : text::split(group, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() >= 3 && fields[0] == name) return id(fields[2]);
  }
  return std::nullopt;
}

void add_groups(const std::string& group, std::string_view member, User& user) {
  for (const auto line : text::split(group, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() < 4) continue;
    const auto members = text::split(fields[3], ',');
    const auto gid = id(fields[2]);
    const bool listed = std::find(members.begin(), members.end(), member) != members.end();
    const bool known =
        gid && std::find(user.groups.begin(), user.groups.end(), *gid) != user.groups.end();
    if (listed && gid && !known) user.groups.push_back(*gid);
  }
}

}  // namespace

ResolvedUser resolve_user(std::string_view text, const UserFiles& files) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name.empty()) refuse(text, "allowed are UID[:GID] and NAME[:GROUP]");
  ResolvedUser out;
  std::optional<Account> account;
  if (all_digits(name)) {
    const auto uid = id(name);
    if (!uid) refuse(text, "the largest uid is " + std::to_string(kLargestId));
    out.user.uid = *uid;
    account = find_account(files.passwd, [&](const Account& a) { return a.uid == *uid; });
  } else {
    account = find_account(files.passwd, [&](const Account& a) { return a.name == name; });
    if (!account) refuse(text, "the root's /etc/passwd has no such user");
    out.user.uid = account->uid;
  }
  if (account) {
    out.user.gid = account->gid;
    if (account->home.starts_with('/')) out.home = account->home;
  }
  if (colon == std::string_view::npos) {
    out.user.groups = {out.user.gid};
    if (account) add_groups(files.group, account->name, out.user);
    return out;
  }
  const std::string_view group = text.substr(colon + 1);
  const auto gid = all_digits(group) ? id(group) : find_group(files.group, group);
  if (group.empty() || !gid)
    refuse(text, "no such group; allowed are a number up to " + std::to_string(kLargestId) +
                     " and a name of the root's /etc/group");
  out.user.gid = *gid;
  out.user.groups = {*gid};
  return out;
}

}  // namespace mydocker
