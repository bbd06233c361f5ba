// Work on files of all the ids that a user may give away: what an image brings, and what a container
// writes, belongs to them.
#pragma once

#include <functional>
#include <string>

namespace mydocker {

// Of a user with one id: whether he becomes root of a user namespace, too. Then no mode keeps him out,
// but no owner can be set either.
enum class OneId { stays, becomes_root };

// Does `work` and gives what it gives: for root here; for a user with several ids in a child that is
// root of a user namespace with them. Throws what `work` throws (SetupError, UsageError), and
// SetupError.
int as_own_root(const std::function<int()>& work, OneId one = OneId::stays);

// sys::remove_tree, also of what belongs to such ids.
[[nodiscard]] bool remove_own_tree(const std::string& path);

}  // namespace mydocker
