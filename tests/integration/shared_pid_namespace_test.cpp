// Two containers in one pid namespace, as in a pod: what one sees of the other that is being made.
#include <gtest/gtest.h>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

// $1: MyDocker, $2: a folder, $3: the root, $4: the prefix of ids.
constexpr const char* kTwoContainers = R"(
  runtime="$1 --root $2/states"
  for name in one two; do
    mkdir $2/$name && $runtime spec --bundle $2/$name
    sed -i -e 's/"terminal": true/"terminal": false/' -e 's/"sh"/"sleep", "100"/' \
        -e "s|\"rootfs\"|\"$3\"|" $2/$name/config.json
  done
  trap '$runtime delete --force $4-two; $runtime delete --force $4-one' EXIT
  $runtime run --detach --bundle $2/one $4-one < /dev/null > $2/out 2>&1
  pid=$(cut -d' ' -f1 $2/states/$4-one/init)
  sed -i "s|{\"type\": \"pid\"}|{\"type\": \"pid\", \"path\": \"/proc/$pid/ns/pid\"}|" $2/two/config.json
  $runtime create --bundle $2/two $4-two < /dev/null >> $2/out 2>&1
  $runtime exec $4-one sh -c 'readlink /proc/1/exe; readlink /proc/2/exe || echo refused'
  $runtime start $4-two
  sleep 0.2
  $runtime exec $4-one readlink /proc/2/exe
)";

TEST(SharedPidNamespace, DoesNotLeadToMyDockerOfTheHost) {
  const TemporaryFolder folder;
  const Result result = run({"/bin/bash", "-ec", kTwoContainers, "bash", binary(), folder.path(),
                             project() + "/root_fs/root", unique_id("pod")});
  EXPECT_EQ(result.out, "/usr/bin/sleep\nrefused\n/usr/bin/sleep\n") << result.err;
}

}  // namespace
}  // namespace mydocker::test
