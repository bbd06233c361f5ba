# Where `cmake --install` puts things. What MyDocker needs to run is carried in the binary; the rest is for people.
install(TARGETS MyDocker netsetgo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS tools/make_root_fs.sh tools/network_configuration_internet.sh
  DESTINATION ${CMAKE_INSTALL_DATADIR}/mydocker/tools)
install(DIRECTORY tools/lib DESTINATION ${CMAKE_INSTALL_DATADIR}/mydocker/tools USE_SOURCE_PERMISSIONS)

# The lessons keep their folders, so that their links to each other lead somewhere.
set(documents ${CMAKE_INSTALL_DATADIR}/doc/mydocker)
install(FILES README.md SECURITY.md CHANGELOG.md CONTRIBUTING.md DESTINATION ${documents})
file(GLOB_RECURSE lessons RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS src/README.md tools/README.md)
foreach(lesson ${lessons})
  get_filename_component(folder ${lesson} DIRECTORY)
  install(FILES ${lesson} DESTINATION ${documents}/${folder})
endforeach()
# The name under which Debian's users look for it.
install(FILES LICENSE DESTINATION ${documents} RENAME copyright)
