// A config.json down to its spec; the same text as the files of exec and update.
#include "fuzz/fuzz.hpp"
#include "oci/config/load.hpp"

using namespace mydocker;

namespace {

// Each line names one problem, and none speaks to a terminal.
void require_readable(const std::vector<std::string>& lines) {
  for (const auto& line : lines) {
    fuzz::require(!line.empty());
    fuzz::require_harmless(line);
  }
}

void require_sane(const ContainerSpec& spec) {
  fuzz::require(spec.namespaces.mount != NamespaceUse{});
  fuzz::require(spec.root.path.starts_with('/'));
  fuzz::require(spec.cgroup && !spec.cgroup->path.empty());
  fuzz::require(spec.process.user.uid != UINT32_MAX && spec.process.user.gid != UINT32_MAX);
  for (const Mount& mount : spec.mounts) {
    fuzz::require(mount.target.starts_with('/'));
    fuzz::require(mount.kind != MountKind::bind || mount.source.starts_with('/'));
  }
  for (const Device& device : spec.devices) fuzz::require(device.path.starts_with('/'));
  for (const Sysctl& sysctl : spec.sysctls)
    fuzz::require(sysctl.name.find("//") == std::string::npos);
}

template <class Load>
void load_or_refuse(Load load) {
  try {
    load();
  } catch (const oci::ConfigError& error) {
    fuzz::require(!error.problems().empty());
    require_readable(error.problems());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  oci::LoadOptions options;
  options.id = "fuzz";
  options.bundle = "/bundle";
  load_or_refuse([&] {
    const auto config = oci::load_config(text, options);
    require_readable(config.warnings);
    require_sane(config.spec);
    if (config.has_process) fuzz::require(!config.spec.process.argv.empty());
  });
  load_or_refuse([&] { require_readable(oci::load_process(text, options).warnings); });
  load_or_refuse([&] { static_cast<void>(oci::load_resources(text)); });
  return 0;
}
