// How rows are tried. Each function is given its row, runs in a process of its own, and does no
// harm where it is let through: files are opened and closed, calls get wrong numbers and no
// pointers, what is made is taken away again.
#pragma once

#include "verify/row.hpp"

namespace mydocker::verify {

// calls.cpp
Answer try_calls(const Row& row);        // blocked: the kernel does not begin with any of row.calls
Answer try_clone(const Row& row);        // a child in a new user namespace
Answer try_handle(const Row& row);       // open_by_handle_at with a handle of nothing
Answer try_filter(const Row& row);       // whether a filter is there at all
Answer try_wide_socket(const Row& row);  // a family with bits that the kernel does not look at
// foreign.cpp
Answer try_i386(const Row& row);  // getpid through int 0x80
Answer try_i386_socketcall(const Row& row);
Answer try_i386_ipc(const Row& row);
Answer try_x32(const Row& row);
// files.cpp: row.text has the paths, with blanks between
Answer try_writing(const Row& row);         // open: one of the files opens for writing
Answer try_folder_writing(const Row& row);  // open: one of the folders may be written to
Answer try_reading(const Row& row);         // open: something is in one of the files or folders
Answer try_symbols(const Row& row);         // kallsyms with addresses
Answer try_nodes(const Row& row);           // open: one of the devices can be opened
Answer try_mknod(const Row& row);           // a block device, made and opened
Answer try_block_nodes(const Row& row);     // any block device below /dev
Answer try_terminals(const Row& row);       // terminals of others below /dev/pts
// terminal.cpp
Answer try_given_terminal(const Row& row);
Answer try_tiocsti(const Row& row);
Answer try_tioclinux(const Row& row);
Answer try_wide_tiocsti(const Row& row);
// process.cpp
Answer try_descriptors(const Row& row);
Answer try_folder(const Row& row);
Answer try_environment(const Row& row);
Answer try_groups(const Row& row);
Answer try_inherited_capabilities(const Row& row);
Answer try_keyring(const Row& row);
Answer try_signals(const Row& row);
Answer try_umask(const Row& row);
Answer try_core(const Row& row);
Answer try_first_program(const Row& row);   // /proc/1/exe
Answer try_other_programs(const Row& row);  // /proc/PID/exe of all others
Answer try_foreign_process(const Row& row);
Answer try_namespace(const Row& row);  // row.text: "pid", "ipc": is it the host's?
Answer try_no_new_privileges(const Row& row);
// mounts.cpp
Answer try_remount(const Row& row);
Answer try_unmount(const Row& row);
Answer try_mount(const Row& row);  // row.text: the type
Answer try_chroot(const Row& row);
Answer try_climbing(const Row& row);
Answer try_propagation(const Row& row);
Answer try_set_id_files(const Row& row);
Answer try_device_files(const Row& row);
Answer try_fchmod(const Row& row);  // set-ID bits on a file in memory
Answer try_fchmodat2(const Row& row);
Answer try_set_id_open(const Row& row);  // a new file with them
// privileges.cpp
Answer try_bounding(const Row& row);
Answer try_newer_capabilities(const Row& row);
Answer try_effective(const Row& row);
Answer try_host_root(const Row& row);  // uid 0 here is uid 0 of the host
Answer try_priority(const Row& row);
Answer try_real_time(const Row& row);
Answer try_oom_score(const Row& row);
Answer try_limit(const Row& row);
// limits.cpp
Answer try_cgroup_root(const Row& row);
Answer try_cgroup_files(const Row& row);  // row.text: a name of files below /sys/fs/cgroup
Answer try_processes(const Row& row);
Answer try_memory(const Row& row);
Answer try_shared_memory(const Row& row);
Answer try_inodes(const Row& row);
// network.cpp
Answer try_abstract_socket(const Row& row);
Answer try_host_loopback(const Row& row);
Answer try_metadata(const Row& row);
Answer try_ipv6(const Row& row);

// ---- what they share: common.cpp ----
// Refused, as a door that is shut refuses.
[[nodiscard]] bool is_refusal(long answer);
// Not known to the kernel, or to the filter before it.
[[nodiscard]] bool is_lacking(long answer);
// The field of /proc/self/status behind `name`, without blanks around; "" if there is none.
[[nodiscard]] std::string_view own_status(std::string_view name);
[[nodiscard]] bool has_filter();
// Calls visit(context, name) for each name in the folder; -errno, or how many there were.
using Visit = void (*)(void* context, std::string_view name);
long visit_folder(const char* path, Visit visit, void* context);
// A file of the probe's own, new, and gone again from its folder; -errno if no folder takes it.
long scratch_file(unsigned mode);
// The path for such a file in the place `number`, or nullptr behind the last.
[[nodiscard]] const char* scratch_path(int number);

}  // namespace mydocker::verify
