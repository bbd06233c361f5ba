# What MyDocker is built with; CONTRIBUTING.md says why each. tools/install_dependencies.sh installs them.
find_package(PkgConfig REQUIRED)
pkg_check_modules(cap REQUIRED IMPORTED_TARGET libcap)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
# Without it MyDocker says so when it is asked for the systemd cgroup driver. 241 has all that src/systemd calls.
pkg_check_modules(systemd IMPORTED_TARGET libsystemd>=241)
# Without them MyDocker says so when it is asked for address translation.
pkg_check_modules(iptc IMPORTED_TARGET libip4tc libip6tc)
pkg_check_modules(nftables IMPORTED_TARGET libnftables)

# The static archive where there is one: MyDocker itself is linked without shared libraries.
find_library(cap_archive NAMES libcap.a cap HINTS ${cap_LIBRARY_DIRS} REQUIRED)
