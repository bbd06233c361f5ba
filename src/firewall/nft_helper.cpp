// mydocker-nft: scripts for the kernel's newer packet filter, by libnftables. A request is
//   NETWORK SCRIPT
// The network is "0" for this process's, a pid for that process's, "passed" for that of the
// descriptor that came along; this request and all that follow are for it. The script is what
// `nft -f` takes; all of it is done, or nothing. The answer is what it prints.
#include <nftables/libnftables.h>

#include <memory>

#include "firewall/requests.hpp"

namespace mydocker::firewall {
namespace {

struct FreeContext {
  void operator()(nft_ctx* context) const { nft_ctx_free(context); }
};
using Context = std::unique_ptr<nft_ctx, FreeContext>;

// Holds a socket of the network that this process is in.
Context make_context() {
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context) throw std::runtime_error("libnftables: no memory");
  (void)nft_ctx_buffer_error(context.get());
  (void)nft_ctx_buffer_output(context.get());
  return context;
}

void serve() {
  Context context = make_context();  // before anything is asked, which saves who asks the time
  Requests requests;
  std::vector<std::string> words;
  while (requests.next(words)) {
    if (words.size() != 2) throw std::invalid_argument("NETWORK SCRIPT");
    if (requests.enter_network(words[0])) context = make_context();
    if (nft_run_cmd_from_buffer(context.get(), words[1].c_str()) != 0)
      throw std::runtime_error(nft_ctx_get_error_buffer(context.get()));
    requests.done(nft_ctx_get_output_buffer(context.get()));
  }
}

}  // namespace
}  // namespace mydocker::firewall

int main() {
  try {
    mydocker::firewall::serve();
    return 0;
  } catch (const std::exception& error) {
    mydocker::firewall::say(error.what());
    return 1;
  }
}
