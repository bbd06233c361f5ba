// spec: a config.json to begin with.
#include <fcntl.h>
#include <unistd.h>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/config/spec_template.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"bundle", 'b', true, "DIR: where to write it (default: this folder)"},
                           {"rootless", 0, false, "for a container without root"}};

int spec(const Surroundings&, const Arguments& arguments) {
  const std::string path = arguments.value_or("bundle", ".") + "/config.json";
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) {
    throw SetupError("oci", "write " + text::quoted(path), errno,
                     errno == EEXIST ? "move the one that is there out of the way" : "");
  }
  sys::write_all(file.get(), arguments.is_on("rootless")
                                 ? spec_template(Rootless{::geteuid(), ::getegid()})
                                 : spec_template());
  return 0;
}

}  // namespace

const Verb spec_verb{
    "spec", "Writes a config.json to begin with.", kFlags, Rest::flags_too, 0, 0, "", spec};

}  // namespace mydocker::oci
