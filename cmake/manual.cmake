# Man pages and the completions of shells: written by a program that is linked to the parsers, from their tables.
file(GLOB manual_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/manual/*.cpp)
add_executable(generate_manual ${manual_sources})
target_compile_definitions(generate_manual PRIVATE MYDOCKER_VERSION="${PROJECT_VERSION}")
target_link_libraries(generate_manual PRIVATE mydocker_engine)

set(manual ${CMAKE_CURRENT_BINARY_DIR}/manual)
set(manual_files)
# write_manual(FILE WORDS...): FILE is what generate_manual prints for these words.
function(write_manual file kind)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/src/manual/ OUTPUT_VARIABLE from)
  add_custom_command(
    OUTPUT ${manual}/${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${manual}
    COMMAND generate_manual ${kind} ${from} > ${manual}/${file}
    DEPENDS generate_manual ${from})
  set(manual_files ${manual_files} ${manual}/${file} PARENT_SCOPE)
endfunction()

write_manual(MyDocker.bash bash completion.bash)
write_manual(_MyDocker zsh)
write_manual(MyDocker.fish fish)
foreach(page MyDocker.1 mydocker-seccomp.5)
  write_manual(${page} man ${page}.in)
  # -n: without the date, so that the same sources make the same file.
  add_custom_command(OUTPUT ${manual}/${page}.gz COMMAND gzip -9nkf ${page} WORKING_DIRECTORY ${manual}
    DEPENDS ${manual}/${page})
  list(APPEND manual_files ${manual}/${page}.gz)
endforeach()
add_custom_target(manual ALL DEPENDS ${manual_files})

install(FILES ${manual}/MyDocker.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual}/mydocker-seccomp.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${manual}/MyDocker.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME MyDocker)
install(FILES ${manual}/_MyDocker DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${manual}/MyDocker.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
