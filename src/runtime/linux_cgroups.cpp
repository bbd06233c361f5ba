// LinuxExecutor: the record, cgroup folders, and files of /proc and /sys.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "helpers/device_rules.hpp"
#include "helpers/text.hpp"
#include "runtime/linux_executor.hpp"
#include "runtime/records.hpp"
#include "sys/cgroups.hpp"
#include "sys/check.hpp"
#include "sys/device_programs.hpp"
#include "sys/files.hpp"
#include "sys/systemd.hpp"

namespace mydocker {

void LinuxExecutor::act(const CreateRecord& action) {
  context_.record = create_record(action.path);
}

void LinuxExecutor::act(const RecordChild& action) {
  if (context_.on_child)
    context_.on_child(context_.child);
  else
    record_child(context_.record.get(), context_.child, context_.writable, action.description);
}

void LinuxExecutor::act(const RemoveRecord& action) {
  if (context_.record) ::unlink(action.path.c_str());
}

void LinuxExecutor::act(const MakeCgroup& action) {
  if (action.leave_for_leaf) sys::move_to_leaf(action.top);
  sys::make_cgroup(action.version, action.top, action.path,
                   {action.controllers, action.wished, action.may_exist, action.holds_child});
  context_.cgroups.push_back(action.top);
}

void LinuxExecutor::act(const RemoveCgroup& action) {
  const auto& made = context_.cgroups;
  if (std::find(made.begin(), made.end(), action.top) == made.end()) return;
  if (!sys::remove_cgroup(action.top, action.path)) sys::fail(EBUSY, "rmdir");
}

void LinuxExecutor::act(const MakeFolder& action) {
  if (::mkdir(action.path.c_str(), 0755) == 0)
    context_.folders.push_back(action.path);
  else if (errno != EEXIST)
    sys::fail(errno, "mkdir");
}

void LinuxExecutor::act(const RemoveFolder& action) {
  const auto& made = context_.folders;
  if (std::find(made.begin(), made.end(), action.path) == made.end()) return;
  if (::rmdir(action.path.c_str()) < 0 && errno != ENOENT) sys::fail(errno, "rmdir");
}

void LinuxExecutor::act(const StartUnit& action) {
  sys::start_unit(action.systemd,
                  {action.unit, action.slice, action.description, action.properties},
                  context_.child);
  context_.units.push_back(action.unit);
}

void LinuxExecutor::act(const StopUnit& action) {
  const auto& made = context_.units;
  if (std::find(made.begin(), made.end(), action.unit) == made.end()) return;
  sys::stop_unit(action.systemd, action.unit);
}

void LinuxExecutor::act(const WriteFile& action) {
  const std::string child = std::to_string(context_.child);
  try {
    sys::write_file(text::replaced(action.path, kChild, child),
                    text::replaced(action.text, kChild, child));
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    const bool absent = number == ENOENT || number == EROFS || number == EACCES;
    if (action.missing != Missing::is_fine || !absent) throw;
  }
}

void LinuxExecutor::act(const WriteWeight& action) {
  for (const auto& [file, text] : action.files_and_texts) {
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd && ::write(fd.get(), text.data(), text.size()) >= 0) return;
  }
  if (!action.warning.empty()) context_.warnings.push_back(action.warning);
}

void LinuxExecutor::act(const AllowDevices& action) {
  sys::attach_device_program(action.folder, device_program(action.rules));
}

void LinuxExecutor::act(const GiveCgroup& action) { sys::give_cgroup(action.folder, action.owner); }

}  // namespace mydocker
