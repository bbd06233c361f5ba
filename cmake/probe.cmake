# mydocker-probe, which `MyDocker verify` runs inside of a container: a program without any library, so that it is small
# and runs in every root. The engine carries its bytes (carried.cmake).
file(GLOB probe_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/verify/*.cpp)
add_executable(mydocker-probe ${probe_sources})
target_include_directories(mydocker-probe PRIVATE src)
target_link_libraries(mydocker-probe PRIVATE mydocker_warnings)
# Not position-independent: what int 0x80 is given has to lie below 4 GB. Nothing may call what a C library brings:
# exceptions, stack protectors, and a memset that the compiler makes out of the loop in memset.
target_compile_options(mydocker-probe PRIVATE -Os -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector
  -fno-asynchronous-unwind-tables -fno-threadsafe-statics -fno-pic -fno-pie -U_FORTIFY_SOURCE
  -ffunction-sections -fdata-sections $<$<CXX_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns>)
target_link_options(mydocker-probe PRIVATE -nostdlib -static -Wl,--gc-sections -Wl,--build-id=none)

carry_bytes(probe MYDOCKER_PROBE)
