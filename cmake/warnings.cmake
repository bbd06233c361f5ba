# The warnings that every target of ours is compiled with. -Werror is in the presets only: a newer compiler's
# new warning must not keep anybody from building.
add_library(mydocker_warnings INTERFACE)
target_compile_options(mydocker_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  # Unnamed fields of an aggregate are meant to keep their defaults.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns of overlaps in its own std::string (GCC bug 105651).
  target_compile_options(mydocker_warnings INTERFACE -Wno-restrict)
endif()
