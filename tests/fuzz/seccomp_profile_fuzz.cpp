// An engine's seccomp profile, down to the filter: what is compiled has a verdict on every call.
#include <sys/syscall.h>

#include <linux/audit.h>

#include <string>

#include "fuzz/fuzz.hpp"
#include "mydocker/error.hpp"
#include "oci/config/load.hpp"
#include "seccomp/compile_profile.hpp"
#include "support/bpf_evaluator.hpp"

using namespace mydocker;

namespace {

std::string config_with(std::string_view profile) {
  return R"({"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"cwd":"/","args":["true"]},)"
         R"("linux":{"namespaces":[{"type":"mount"},{"type":"pid"}],"seccomp":)" +
         std::string(profile) + "}}";
}

// The evaluator throws what the kernel would refuse, and that must not happen.
void require_verdicts(const std::vector<sock_filter>& filter) {
  constexpr std::uint64_t kValues[] = {0, 1, 0x10000, 0xFFFFFFFF, 0x100005412, UINT64_MAX};
  constexpr std::uint32_t kArchitectures[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
                                              AUDIT_ARCH_AARCH64};
  for (const std::uint32_t architecture : kArchitectures) {
    for (const int number : {0, SYS_clone, SYS_ioctl, SYS_personality, SYS_socket, 900, 1 << 30}) {
      for (const std::uint64_t value : kValues) {
        const seccomp_data call{
            number, architecture, 0, {value, value, value, value, value, value}};
        static_cast<void>(test::evaluate(filter, call));
      }
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  oci::LoadOptions options;
  options.id = "fuzz";
  options.bundle = "/bundle";
  try {
    const auto config = oci::load_config(config_with(fuzz::text_of(bytes, size)), options);
    const auto* const profile = std::get_if<SeccompProfile>(&config.spec.seccomp);
    if (profile == nullptr) return 0;
    static_cast<void>(seccomp::unknown_calls(*profile));
    static_cast<void>(seccomp::filter_flags(*profile));
    require_verdicts(seccomp::compile_profile(*profile));
  } catch (const oci::ConfigError& error) {
    fuzz::require(!error.problems().empty());
  } catch (const UsageError& error) {
    fuzz::require(error.what()[0] != '\0');
  }
  return 0;
}
