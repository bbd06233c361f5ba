# Programs of their own that the engine carries: they need libraries that are only shared ones, and MyDocker is static.
# Their bytes are in the engine (src/sys/carried.cpp) and run from memory, when what they do is asked for.

# carry_bytes(NAME MACRO): puts the program mydocker-NAME, stripped, into the engine as MACRO.
function(carry_bytes name macro)
  set(carried ${generated}/mydocker-${name})
  add_custom_command(
    OUTPUT ${carried}
    COMMAND ${CMAKE_STRIP} -o ${carried} $<TARGET_FILE:mydocker-${name}>
    DEPENDS mydocker-${name})
  target_sources(mydocker_engine PRIVATE ${carried})
  set_property(SOURCE src/sys/carried.cpp APPEND PROPERTY OBJECT_DEPENDS ${carried})
  set_property(SOURCE src/sys/carried.cpp APPEND PROPERTY COMPILE_DEFINITIONS "${macro}=\"${carried}\"")
endfunction()

# carry(NAME MACRO SOURCES... LIBRARIES... [OPTIONS...]): builds mydocker-NAME and puts it into the engine as MACRO.
function(carry name macro)
  cmake_parse_arguments(PARSE_ARGV 2 program "" "" "SOURCES;LIBRARIES;OPTIONS")
  add_executable(mydocker-${name} ${program_SOURCES})
  target_include_directories(mydocker-${name} PRIVATE include src)
  target_compile_options(mydocker-${name} PRIVATE -Os)
  target_link_libraries(mydocker-${name} PRIVATE ${program_LIBRARIES} mydocker_warnings mydocker_sanitizers)
  # Of the host that it runs on it needs its library and libc, and no C++ library.
  target_link_options(mydocker-${name} PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections ${program_OPTIONS})

  carry_bytes(${name} ${macro})
  if(NOT "-static" IN_LIST program_OPTIONS)
    set_property(DIRECTORY APPEND PROPERTY MYDOCKER_LINKED ${generated}/mydocker-${name})
  endif()
endfunction()

set(shared_by_programs src/helpers/numbers.cpp src/helpers/text.cpp)

if(systemd_FOUND)
  file(GLOB bus_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/systemd/*.cpp)
  carry(systemd MYDOCKER_BUS_HELPER SOURCES ${bus_sources} ${shared_by_programs} LIBRARIES PkgConfig::systemd)
else()
  message(STATUS "libsystemd not found: MyDocker will have no systemd cgroup driver")
endif()

if(iptc_FOUND)
  carry(iptables MYDOCKER_IPTABLES_HELPER SOURCES src/firewall/iptables_helper.cpp ${shared_by_programs}
        LIBRARIES PkgConfig::iptc)
else()
  message(STATUS "libip4tc or libip6tc not found: MyDocker will have no rules for the legacy packet filter")
endif()

if(nftables_FOUND)
  carry(nft MYDOCKER_NFT_HELPER SOURCES src/firewall/nft_helper.cpp LIBRARIES PkgConfig::nftables)
else()
  message(STATUS "libnftables not found: MyDocker will have no rules for nft")
endif()

if(archive_FOUND AND nettle_FOUND AND unpack_archives_FOUND)
  file(GLOB unpack_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/unpack/*.cpp)
  # Static: it confines itself before it reads anything, so no library may have to be found later. Measured: 2 ms
  # less a start than with the shared libarchive, which brings libxml2 and ICU along.
  if(NOT MYDOCKER_SANITIZE)
    set(unpack_options -static)
  endif()
  carry(unpack MYDOCKER_UNPACKER
        SOURCES ${unpack_sources} ${shared_by_programs} src/helpers/error.cpp src/helpers/file_rights.cpp src/sys/files.cpp src/sys/landlock.cpp
        LIBRARIES ${unpack_archives} OPTIONS ${unpack_options})
else()
  message(STATUS "libarchive, nettle or a library of theirs not found: MyDocker will unpack no images")
endif()
