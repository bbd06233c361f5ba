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

# Without them MyDocker says so when it is asked for an image. libarchive's own .pc file names libxml2 and more, which
# tar archives do not need.
pkg_check_modules(archive IMPORTED_TARGET libarchive)
pkg_check_modules(nettle IMPORTED_TARGET nettle)
set(unpack_archives)
set(unpack_archives_FOUND TRUE)
foreach(library archive nettle zstd lzma bz2 lz4 z)
  find_library(${library}_static NAMES lib${library}.a ${library})
  list(APPEND unpack_archives ${${library}_static})
  if(NOT ${library}_static)
    set(unpack_archives_FOUND FALSE)
  endif()
endforeach()

# The static archive where there is one: MyDocker itself is linked without shared libraries.
find_library(cap_archive NAMES libcap.a cap HINTS ${cap_LIBRARY_DIRS} REQUIRED)
