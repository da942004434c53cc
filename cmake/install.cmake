# What is installed. Each component is a package of its own; see packages.cmake.

install(TARGETS teleai_shared EXPORT teleai
        LIBRARY COMPONENT teleai_runtime NAMELINK_COMPONENT teleai_development
        RUNTIME COMPONENT teleai_runtime ARCHIVE COMPONENT teleai_development)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME teleai_development)
install(TARGETS teleai_static EXPORT teleai)
install(FILES include/teleai.h TYPE INCLUDE)
install(DIRECTORY include/teleai TYPE INCLUDE)
install(FILES bindings/teleai-api.json DESTINATION ${CMAKE_INSTALL_DATADIR}/teleai)
install(DIRECTORY database/migrations database/row_security DESTINATION ${CMAKE_INSTALL_DATADIR}/teleai)
# From where teleai.pc lies up to the prefix, so that the installed tree can be moved.
file(RELATIVE_PATH teleai_pc_to_prefix /x/${CMAKE_INSTALL_LIBDIR}/pkgconfig /x)
# Programs find the library where they were linked with it, wherever that is; below /usr the loader does without.
set(teleai_pc_rpath "-Wl,-rpath,\${libdir} ")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(teleai_pc_rpath "")
endif()
configure_file(cmake/teleai.pc.in teleai.pc @ONLY)
configure_file(cmake/teleai-static.pc.in teleai-static.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/teleai.pc ${CMAKE_CURRENT_BINARY_DIR}/teleai-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(EXPORT teleai NAMESPACE teleai:: FILE teleai-targets.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/teleai)
configure_package_config_file(cmake/teleai-config.cmake.in teleai-config.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/teleai)
write_basic_package_version_file(teleai-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/teleai-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/teleai-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/teleai)

# The command finds the library beside it, wherever both are.
file(RELATIVE_PATH teleai_bin_to_lib /x/${CMAKE_INSTALL_BINDIR} /x/${CMAKE_INSTALL_LIBDIR})
if(APPLE)
    set(teleai_rpath @loader_path/${teleai_bin_to_lib})
else()
    set(teleai_rpath $ORIGIN/${teleai_bin_to_lib})
endif()
# All others, Python's too, ask the loader, whose cache has to be made anew.
install(CODE "set(teleai_libdir \"${CMAKE_INSTALL_LIBDIR}\")" COMPONENT teleai_runtime)
install(SCRIPT cmake/refresh_loader.cmake COMPONENT teleai_runtime)
