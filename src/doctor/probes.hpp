// Asks the running kernel, by the calls that a container makes, and changes nothing.
#pragma once

#include <string>

namespace mydocker::doctor {

// The errno of a trial; 0: it worked.
using Error = int;

// clone3 with a new user namespace, as the present user; the child ends at once.
[[nodiscard]] Error try_user_namespace();

// Without root the other namespaces belong to a user namespace that is made with them.
enum class OwnUser { no, too };

// The same with the other namespaces of -a, for which CAP_SYS_ADMIN is needed.
[[nodiscard]] Error try_namespaces(OwnUser user);

// An ID-mapped copy of the mount at `folder`, thrown away. See mount_setattr(2), MOUNT_ATTR_IDMAP.
[[nodiscard]] Error try_id_mapped_mount(const std::string& folder);

// Whether filters can be loaded and can answer with an errno. See seccomp(2),
// SECCOMP_GET_ACTION_AVAIL.
[[nodiscard]] bool has_seccomp();

// Whether the legacy filter table can be read (ip_tables), and whether nf_tables answers.
[[nodiscard]] Error try_legacy_netfilter();
[[nodiscard]] Error try_nf_tables();

// Something that is mounted over a part of /proc, so that the kernel refuses a new proc in a user
// namespace; or empty.
[[nodiscard]] std::string masked_proc(std::string_view mountinfo);

}  // namespace mydocker::doctor
