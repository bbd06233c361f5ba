# `cpack -G DEB` in the build folder makes a package of what `cmake --install` installs.
if(MYDOCKER_BUILD_TESTS)
  # Of what is built: it does not wait for the tests, and a test of it builds nothing.
  set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mydocker)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The MyDocker project <mydocker@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Starts a command in a container: its own processes, files, network, users and
limits, and tells each request to the kernel with the reason. Runs images
without a daemon, and serves engines as an OCI runtime.")
# Of what is installed itself: nothing, as long as it is static.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/cmake/package/prerm
  ${CMAKE_CURRENT_SOURCE_DIR}/cmake/package/postrm)

# Programs that MyDocker starts when it is asked for what they do; without them it says which package is missing.
set(MYDOCKER_RECOMMENDED_PROGRAMS "passt, uidmap, skopeo")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "containernetworking-plugins, squashfs-tools, erofs-utils")

# The libraries of the carried programs are known when these are built.
get_directory_property(linked_programs MYDOCKER_LINKED)
configure_file(cmake/package/recommends.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/package_recommends.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_BINARY_DIR}/package_recommends.cmake)
include(CPack)
