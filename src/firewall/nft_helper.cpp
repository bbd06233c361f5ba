// mydocker-nft: a script for the kernel's newer packet filter, by libnftables.
//   mydocker-nft PID SCRIPT
// PID 0 is this process's network, another that process's. The script is what `nft -f` takes; all of
// it is done, or nothing.
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace {

int fail(const std::string& text) {
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return fail("PID SCRIPT");
  const std::string process = argv[1];
  if (process != "0") {
    const int fd = ::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::setns(fd, CLONE_NEWNET) < 0)
      return fail(std::string("setns: ") + std::strerror(errno));
  }
  nft_ctx* const context = nft_ctx_new(NFT_CTX_DEFAULT);
  if (context == nullptr) return fail("libnftables: no memory");
  (void)nft_ctx_buffer_error(context);
  (void)nft_ctx_buffer_output(context);
  const bool is_done = nft_run_cmd_from_buffer(context, argv[2]) == 0;
  const std::string said = is_done ? "" : nft_ctx_get_error_buffer(context);
  nft_ctx_free(context);
  return is_done ? 0 : fail(said);
}
