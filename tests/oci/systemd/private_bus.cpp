#include "private_bus.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "sys/files.hpp"

namespace mydocker::test {
namespace {

constexpr const char* kDaemon = "/usr/bin/dbus-daemon";

std::string configuration(const std::string& address) {
  return "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
         " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
         "<busconfig>\n"
         "  <listen>" +
         address +
         "</listen>\n"
         "  <auth>EXTERNAL</auth>\n"
         "  <policy context=\"default\">\n"
         "    <allow user=\"*\"/>\n"
         "    <allow own=\"*\"/>\n"
         "    <allow eavesdrop=\"true\"/>\n"
         "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
         "  </policy>\n"
         "</busconfig>\n";
}

}  // namespace

bool has_dbus_daemon() { return ::access(kDaemon, X_OK) == 0; }

PrivateBus::PrivateBus(std::vector<std::string> by)
    : address_("unix:path=" + folder_.path() + "/bus") {
  const std::string file = folder_.path() + "/bus.conf";
  sys::write_all(UniqueFd(::creat(file.c_str(), 0644)).get(), configuration(address_));
  // Open to all: another user's daemon makes its socket there.
  ::chmod(folder_.path().c_str(), 0777);
  for (const auto& word : {std::string(kDaemon), "--config-file=" + file, std::string("--nofork"),
                           std::string("--print-address=1")})
    by.push_back(word);
  daemon_.emplace(by);
  if (!daemon_->wait_for_output("unix:"))
    throw std::runtime_error("no bus: " + daemon_->wait().err);
}

void PrivateBus::start_systemd(std::vector<std::string> words) {
  words.insert(words.begin(), {"env", "DBUS_SYSTEM_BUS_ADDRESS=" + address_, FAKE_SYSTEMD});
  systemd_.emplace(words);
  if (!systemd_->wait_for_output("ready\n"))
    throw std::runtime_error("no systemd: " + systemd_->wait().err);
}

bool PrivateBus::hears(const std::string& text) const { return systemd_->wait_for_output(text); }

std::string PrivateBus::end_systemd() {
  systemd_->signal(SIGTERM);
  return systemd_->wait().out.substr(std::string_view("ready\n").size());
}

Result ask_systemd(const std::string& address, std::vector<std::string> words) {
  words.insert(words.begin(),
               {"env", "-i", "DBUS_SYSTEM_BUS_ADDRESS=" + address, MYDOCKER_SYSTEMD});
  return run(words);
}

}  // namespace mydocker::test
