#!/bin/sh
# The layers of src/README.md, checked by the #include lines:
#   helpers <- sys <- runtime;  helpers <- spec <- plan <- the stages;  sys <- image;
#   cli, life, oci and doctor on top.
# Prints each line that breaks one; status 1 if there is any.
set -eu
cd "$(dirname "$0")/.."

broken=0

include_line='^[[:space:]]*#[[:space:]]*include[[:space:]]+[<"]'

# deny FOLDERS PATTERN REASON [EXCEPT]: no include below FOLDERS may match PATTERN, but for the
# lines "file:number:text" that match EXCEPT.
deny() {
  # FOLDERS is split into words on purpose.
  found=$(grep -rnE --include='*.[ch]pp' "$include_line($2)" $1 | grep -vE "${4:-^$}" || true)
  [ -n "$found" ] || return 0
  printf '%s\n%s\n\n' "$3" "$found" | sed '2,$s/^\(.\)/  \1/'
  broken=1
}

# A folder that holds a stage is known by its header: a new stage needs no line here.
stage_folders=$(find src -name '*_stage.hpp' -o -name '*_stages.hpp' | xargs -n1 dirname | sort -u)
stage_headers=$(echo "$stage_folders" | sed 's|^src/||; s|$|/|' | paste -s -d'|')
third_party='CLI/|seccomp\.h|systemd/|sys/capability\.h|nlohmann/|gtest/|gmock/|libiptc/|libmnl/'

# A folder that is in no layer would be unchecked.
for folder in src/*/; do
  case $folder in
    src/helpers/|src/sys/|src/cni/|src/runtime/|src/spec/|src/plan/|src/cli/|src/oci/|src/doctor/|src/image/|src/systemd/|src/firewall/|src/unpack/|src/verify/|src/life/|src/manual/) ;;
    *) [ -n "$(find "$folder" -name '*_stage.hpp' -o -name '*_stages.hpp')" ] ||
         { echo "$folder belongs to no layer: name it in tests/layers.sh"; broken=1; } ;;
  esac
done

deny src/helpers "sys/[a-z_]*\.hpp|runtime/|spec/|plan/|cli/|oci/|doctor/|image/|$stage_headers" \
  'helpers are pure and know nobody:'
deny src/sys "runtime/|spec/|plan/|cli/|oci/|doctor/|image/|$stage_headers" \
  'sys makes effects and knows no containers:'
deny src/spec "sys/[a-z_]*\.hpp|runtime/|plan/|cli/|oci/|doctor/|image/|$stage_headers" \
  'spec is pure and lies below the plan:'
# stages.cpp is THE LIST: the one place that names the stages.
deny src/plan "sys/[a-z_]*\.hpp|runtime/|cli/|oci/|doctor/|image/|$stage_headers" \
  'plan is pure and lies below the stages:' "^src/plan/stages\.cpp:[0-9]*:.*($stage_headers)"
# init is no stage: PID 1 runs it under --init, and tells its status through the shared page.
deny "$stage_folders" 'runtime/|sys/[a-z_]*\.hpp|cli/|oci/|doctor/|image/' \
  'a stage plans, it does not act:' '^src/process/init\.hpp:.*runtime/shared_page\.hpp'
deny src/runtime 'cli/|oci/|doctor/|image/' 'the runtime serves every front end and knows none:'

deny include "$third_party" 'the public face includes nothing of third parties:'
deny include "helpers/|sys/[a-z_]*\.hpp|runtime/|spec/|plan/|cli/|oci/|doctor/|$stage_headers" \
  'the public face does not look into src:'
deny src 'CLI/' 'only src/cli/options.cpp includes CLI11:' '^src/cli/options\.cpp:'
deny src/image "runtime/|spec/|plan/|cli/|oci/|doctor/|$stage_headers" \
  'images know files, and no containers:'
deny src 'nlohmann/' 'only src/oci, src/cni, src/image and src/life include the JSON library:' '^src/(oci|cni|image|life)/'
deny src/oci/config 'sys/[a-z_]*\.hpp|runtime/|plan/|cli/' 'the loader reads a text and asks nobody:'
deny src 'seccomp\.h' \
  'only one generator includes libseccomp:' '^src/seccomp/generate_calls\.cpp:'

# It lies above the helpers alone; whoever runs plugins, or reads their configuration, lies above it.
deny src/cni "sys/[a-z_]*\.hpp|runtime/|spec/|plan/|cli/|oci/|doctor/|$stage_headers" \
  'what CNI says is values:'
deny "src/helpers src/sys src/spec src/plan src/oci src/doctor $stage_folders" 'cni/' \
  'only cli and runtime speak CNI:'

# mydocker-systemd is a program of its own: it shares helpers, and nobody shares anything of it.
deny src/systemd \
  "sys/[a-z_]*\.hpp|runtime/|spec/|plan/|cli/|oci/|doctor/|mydocker/|$stage_headers" \
  'mydocker-systemd is made of helpers alone:'
deny src 'systemd/' 'only mydocker-systemd includes libsystemd and itself:' '^src/systemd/'

# mydocker-unpack shares helpers, and of sys what confines it.
deny src/unpack "runtime/|spec/|plan/|cli/|oci/|doctor/|image/|$stage_headers" \
  'mydocker-unpack is made of helpers and sys:'
deny src 'unpack/|archive\.h|archive_entry\.h|nettle/' \
  'only mydocker-unpack includes libarchive, nettle and itself:' '^src/unpack/'

# So is generate_manual, which runs while MyDocker is built and is told everything.
deny src 'manual/' 'nobody shares anything of generate_manual:' '^src/manual/'

# So is the probe, which has not even a C++ library: it includes itself alone.
deny src/verify \
  "helpers/|sys/[a-z_]*\.hpp|runtime/|spec/|plan/|cli/|oci/|doctor/|mydocker/|$stage_headers" \
  'the probe is a program of its own:'
deny src 'verify/' 'nobody shares anything of the probe:' '^src/verify/'

# The public face must stand alone: every quoted include in it is its own.
strangers=$(grep -rnE '^#include "' include | grep -v '#include "mydocker/' || true)
if [ -n "$strangers" ]; then
  printf 'include/mydocker includes something else:\n%s\n' "$strangers"
  broken=1
fi

[ "$broken" -ne 0 ] || echo 'the layers hold'
exit "$broken"
