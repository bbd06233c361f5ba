# -DMYDOCKER_SANITIZE=address,undefined (or thread): a build that looks for memory errors while the tests run.
set(MYDOCKER_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize=")
add_library(mydocker_sanitizers INTERFACE)
if(MYDOCKER_SANITIZE)
  # Without a check at each pointer: over a variant of many types it is most of what the compiler does, and a wrong
  # pointer ends in AddressSanitizer all the same.
  target_compile_options(mydocker_sanitizers INTERFACE -fsanitize=${MYDOCKER_SANITIZE}
    -fno-sanitize=null,alignment,object-size -fno-omit-frame-pointer)
  target_link_options(mydocker_sanitizers INTERFACE -fsanitize=${MYDOCKER_SANITIZE})
else()
  target_compile_options(mydocker_sanitizers INTERFACE -ffunction-sections -fdata-sections)
endif()
