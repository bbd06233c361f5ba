# mydocker-systemd, which speaks to systemd by D-Bus: a program of its own, since libsystemd is a shared library.
# The engine carries its bytes (src/sys/bus_helper.cpp) and runs them from memory when systemd is asked for.
if(NOT systemd_FOUND)
  message(STATUS "libsystemd not found: MyDocker will have no systemd cgroup driver")
  return()
endif()

file(GLOB helper_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/systemd/*.cpp)
add_executable(mydocker-systemd ${helper_sources} src/helpers/numbers.cpp src/helpers/text.cpp)
target_include_directories(mydocker-systemd PRIVATE include src)
target_compile_options(mydocker-systemd PRIVATE -Os)
target_link_libraries(mydocker-systemd PRIVATE PkgConfig::systemd mydocker_warnings mydocker_sanitizers)
# Of the host that it runs on it needs libsystemd and libc, and no C++ library.
target_link_options(mydocker-systemd PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections)

set(carried ${generated}/mydocker-systemd)
add_custom_command(
  OUTPUT ${carried}
  COMMAND ${CMAKE_STRIP} -o ${carried} $<TARGET_FILE:mydocker-systemd>
  DEPENDS mydocker-systemd)
target_sources(mydocker_engine PRIVATE ${carried})
set_source_files_properties(src/sys/bus_helper.cpp PROPERTIES
  OBJECT_DEPENDS ${carried}
  COMPILE_DEFINITIONS "MYDOCKER_BUS_HELPER=\"${carried}\"")
