// `hooks`: six lists of the same kind.
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

Hook read_hook(const Value& hook) {
  Hook out;
  const Value path = hook["path"].required();
  if (path.into(out.path) && !out.path.starts_with('/')) path.refuse("has to be an absolute path");
  hook["args"].into(out.argv);
  hook["env"].into(out.environment);
  std::int32_t seconds = 0;
  if (hook["timeout"].into(seconds, {1, INT32_MAX})) out.timeout = std::chrono::seconds(seconds);
  return out;
}

}  // namespace

void read_hooks(const Value& hooks, Hooks& out) {
  for (const auto& [name, list] : kHooks) {
    for (const Value& each : hooks[name.data()].elements()) (out.*list).push_back(read_hook(each));
  }
}

}  // namespace mydocker::oci
