// Stands for systemd on a bus of the tests' own: prints each call that comes, a line each with the
// types of its arguments, and answers as it is told to:
//
//   --result WORD    how jobs end, if not "done"
//   --silent         they never do
//   --early          the end of a job is told before its name is
//   --unknown NAME   this property is not known
//   --leftover UNIT  it has failed and is still there
//   --running UNIT   it runs
//   --mute           no call is answered
#include <systemd/sd-bus.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>

namespace {

constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";

struct Fake {
  std::string result = "done", unknown;
  bool is_silent = false, is_early = false, is_mute = false, has_subscriber = false;
  std::set<std::string, std::less<>> units, failed;
  unsigned jobs = 0;
};

void check(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::to_string(result));
}

std::string dump_all(sd_bus_message* message);

// One value: "t:5", "s:'a'", "ay:0702", "a(ss):[...]".
std::string dump(sd_bus_message* message, char type, const char* content) {
  if (type == 'a' && std::string_view(content) == "y") {
    const void* bytes = nullptr;
    std::size_t count = 0;
    check(sd_bus_message_read_array(message, 'y', &bytes, &count), "read_array");
    std::string out = "ay:";
    for (std::size_t i = 0; i < count; ++i) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<const unsigned char*>(bytes)[i]);
      out += digits;
    }
    return out;
  }
  if (type == 'a' || type == 'r' || type == 'v') {
    check(sd_bus_message_enter_container(message, type, content), "enter_container");
    const std::string inside = dump_all(message);
    check(sd_bus_message_exit_container(message), "exit_container");
    return type == 'a' ? "a" + std::string(content) + ":[" + inside + "]" : inside;
  }
  const std::string name = std::string(1, type) + ":";
  if (type == 's' || type == 'o') {
    const char* text = nullptr;
    check(sd_bus_message_read_basic(message, type, &text), "read_basic");
    return name + "'" + text + "'";
  }
  std::uint64_t number = 0;  // little-endian: what is shorter lies in its first bytes
  check(sd_bus_message_read_basic(message, type, &number), "read_basic");
  return name + std::to_string(number);
}

std::string dump_all(sd_bus_message* message) {
  std::string out;
  char type = 0;
  const char* content = nullptr;
  while (sd_bus_message_peek_type(message, &type, &content) > 0)
    out += (out.empty() ? "" : " ") + dump(message, type, content);
  return out;
}

// Prints the call, and goes back to its beginning.
std::string print(sd_bus_message* call) {
  const std::string arguments = dump_all(call);
  std::printf("%s %s\n", sd_bus_message_get_member(call), arguments.c_str());
  std::fflush(stdout);
  check(sd_bus_message_rewind(call, 1), "rewind");
  return arguments;
}

void end_job(sd_bus_message* call, const Fake& fake, const std::string& job,
             const std::string& unit) {
  if (fake.is_silent || !fake.has_subscriber) return;
  check(sd_bus_emit_signal(sd_bus_message_get_bus(call), kPath, kInterface, "JobRemoved", "uoss",
                           fake.jobs, job.c_str(), unit.c_str(), fake.result.c_str()),
        "emit_signal");
}

int answer_job(sd_bus_message* call, Fake& fake, const std::string& unit) {
  const std::string job = "/org/freedesktop/systemd1/job/" + std::to_string(++fake.jobs);
  if (fake.is_early) end_job(call, fake, job, unit);
  check(sd_bus_reply_method_return(call, "o", job.c_str()), "reply");
  if (!fake.is_early) end_job(call, fake, job, unit);
  return 1;
}

int refuse(sd_bus_error* error, const char* name, const std::string& text) {
  return sd_bus_error_setf(error, name, "%s", text.c_str());
}

bool is_unknown(const Fake& fake, const std::string& arguments) {
  return !fake.unknown.empty() && arguments.find("'" + fake.unknown + "'") != std::string::npos;
}

int refuse_property(sd_bus_error* error, const Fake& fake) {
  return refuse(error, SD_BUS_ERROR_PROPERTY_READ_ONLY,
                "Cannot set property " + fake.unknown + ", or unknown property.");
}

int on_start(sd_bus_message* call, void* data, sd_bus_error* error) {
  auto& fake = *static_cast<Fake*>(data);
  const std::string arguments = print(call);
  if (fake.is_mute) return 1;
  const char* unit = nullptr;
  check(sd_bus_message_read(call, "s", &unit), "read");
  if (fake.units.contains(unit) || fake.failed.contains(unit)) {
    return refuse(error, "org.freedesktop.systemd1.UnitExists",
                  "Unit " + std::string(unit) + " was already loaded or has a fragment file.");
  }
  if (is_unknown(fake, arguments)) return refuse_property(error, fake);
  fake.units.insert(unit);
  return answer_job(call, fake, unit);
}

int on_set(sd_bus_message* call, void* data, sd_bus_error* error) {
  const auto& fake = *static_cast<Fake*>(data);
  const std::string arguments = print(call);
  if (is_unknown(fake, arguments)) return refuse_property(error, fake);
  return sd_bus_reply_method_return(call, "");
}

int on_stop(sd_bus_message* call, void* data, sd_bus_error* error) {
  auto& fake = *static_cast<Fake*>(data);
  print(call);
  const char* unit = nullptr;
  check(sd_bus_message_read(call, "s", &unit), "read");
  if (fake.units.erase(unit) == 0) {
    return refuse(error, "org.freedesktop.systemd1.NoSuchUnit",
                  "Unit " + std::string(unit) + " not loaded.");
  }
  return answer_job(call, fake, unit);
}

int on_reset(sd_bus_message* call, void* data, sd_bus_error*) {
  print(call);
  const char* unit = nullptr;
  check(sd_bus_message_read(call, "s", &unit), "read");
  static_cast<Fake*>(data)->failed.erase(unit);
  return sd_bus_reply_method_return(call, "");
}

int on_subscribe(sd_bus_message* call, void* data, sd_bus_error*) {
  static_cast<Fake*>(data)->has_subscriber = true;
  return sd_bus_reply_method_return(call, "");
}

int read_root(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
              sd_bus_error*) {
  return sd_bus_message_append(reply, "s", "/user.slice/fake.service");
}

Fake parse(int argc, char** argv) {
  Fake fake;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
    if (word == "--result") fake.result = value();
    if (word == "--unknown") fake.unknown = value();
    if (word == "--leftover") fake.failed.insert(value());
    if (word == "--running") fake.units.insert(value());
    if (word == "--silent") fake.is_silent = true;
    if (word == "--early") fake.is_early = true;
    if (word == "--mute") fake.is_mute = true;
  }
  return fake;
}

void serve(Fake fake) {
  static const sd_bus_vtable kManager[] = {
      SD_BUS_VTABLE_START(0),
      SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", on_start, 0),
      SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", on_set, 0),
      SD_BUS_METHOD("StopUnit", "ss", "o", on_stop, 0),
      SD_BUS_METHOD("ResetFailedUnit", "s", "", on_reset, 0),
      SD_BUS_METHOD("Subscribe", "", "", on_subscribe, 0),
      SD_BUS_PROPERTY("ControlGroup", "s", read_root, 0, 0),
      SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
      SD_BUS_VTABLE_END};
  sd_bus* bus = nullptr;
  check(sd_bus_open_system(&bus), "open");
  check(sd_bus_add_object_vtable(bus, nullptr, kPath, kInterface, kManager, &fake), "vtable");
  check(sd_bus_request_name(bus, "org.freedesktop.systemd1", 0), "request_name");
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    const int processed = sd_bus_process(bus, nullptr);
    check(processed, "process");
    if (processed == 0) check(sd_bus_wait(bus, UINT64_MAX), "wait");
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    serve(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fake_systemd: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
