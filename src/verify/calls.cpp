// Rows that are system calls: what the kernel is not even asked, or refuses.
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/socket.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {

Answer try_calls(const Row& row) {
  Text<160> let_through, refused;
  bool all_lack = true;
  long first = 0;
  for (std::size_t i = 0; i < row.size; ++i) {
    const Call& each = row.calls[i];
    const long* const a = each.arguments;
    const long answer =
        each.number == kNone ? -ENOSYS : call(each.number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (!is_lacking(answer)) all_lack = false;
    if (i == 0) first = answer;
    if (!is_refusal(answer))
      let_through.item(each.name).add(" ").add(answer < 0 ? error_name(answer) : "done");
    else if (answer != first)
      refused.item(each.name).add(" ").add(error_name(answer));
  }
  if (!let_through.empty()) return open(let_through.view());
  // Without a filter it is the kernel itself that does not know them; with one, the caller has to
  // know.
  if (all_lack && (!has_filter() || lists(known().absent, row.id)))
    return absent(error_name(first));
  Text<160> how;
  how.add(error_name(first));
  if (!refused.empty()) how.add(", ").add(refused.view());
  return blocked(how.view());
}

Answer try_clone(const Row&) {
  const long child = fork_child(CLONE_NEWUSER);
  if (child == 0) leave(0);
  if (child < 0) return is_refusal(child) ? blocked(error_name(child)) : open(error_name(child));
  (void)wait_for(child);
  return open("a child with every capability over its own namespace");
}

Answer try_handle(const Row&) {
  struct {
    unsigned size = 8;
    int type = 1;
    unsigned char bytes[8] = {};
  } handle;
  const long root = open_file("/", O_RDONLY | O_DIRECTORY);
  const long answer = call(__NR_open_by_handle_at, root, address(&handle), O_RDONLY);
  return is_refusal(answer) ? blocked(error_name(answer)) : open(error_name(answer));
}

Answer try_filter(const Row&) {
  return has_filter() ? blocked("mode 2 in its status") : open("no filter");
}

// A filter that compares 64 bits takes it for another family; the kernel looks at the low 32.
Answer try_wide_socket(const Row&) {
  constexpr long kHigh = 1L << 32;
  const long answer =
      call(__NR_socket, AF_NETLINK | kHigh, SOCK_RAW | kHigh, NETLINK_NETFILTER | kHigh);
  if (answer >= 0) return open("the socket was made");
  return is_refusal(answer) ? blocked(error_name(answer)) : open(error_name(answer));
}

}  // namespace mydocker::verify
