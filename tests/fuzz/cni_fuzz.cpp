// What CNI plugins are configured with, what they answer, and what is written down of it.
#include "cni/attachment.hpp"
#include "cni/network_list.hpp"
#include "cni/result.hpp"
#include "fuzz/fuzz.hpp"

using namespace mydocker;

namespace {

template <class Function>
void attempt(Function function) {
  try {
    function();
  } catch (const cni::ConfigError&) {
    // What is refused is refused with words.
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  static_cast<void>(cni::error_in(text));
  attempt([&] { static_cast<void>(cni::read_result(text)); });
  attempt([&] {
    CniNetwork network = cni::parse_network(text);
    attempt([&] { cni::publish({{{AF_INET, {127, 0, 0, 1}}, 8080, 80}}, network); });
    for (const auto& plugin : network.plugins)
      static_cast<void>(cni::with_result(plugin.config, plugin.config));
  });
  attempt([&] {
    const cni::Attachment attachment = cni::attachment_in(text);
    fuzz::require(cni::attachment_in(cni::to_text(attachment)) == attachment);
  });
  return 0;
}
