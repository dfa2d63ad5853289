# Installed: the program, the static library, the public headers, and how pkg-config and CMake find them.
include(CMakePackageConfigHelpers)

set(PRECONF_PC_REQUIRES
  "libevent_core libevent_extra libcrypto libsecp256k1 libsodium zlib jansson libmicrohttpd spdlog fmt prometheus-cpp-core")
configure_file(${CMAKE_SOURCE_DIR}/cmake/libpreconf.pc.in ${CMAKE_BINARY_DIR}/libpreconf.pc @ONLY)
configure_file(${CMAKE_SOURCE_DIR}/cmake/libpreconf-config.cmake.in
               ${CMAKE_BINARY_DIR}/libpreconf-config.cmake @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/libpreconf-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)

if(TARGET preconfd)
  install(TARGETS preconfd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS preconf ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/libpreconf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
install(FILES ${CMAKE_BINARY_DIR}/libpreconf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_BINARY_DIR}/libpreconf-config.cmake ${CMAKE_BINARY_DIR}/libpreconf-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libpreconf)
if(EXISTS ${CMAKE_SOURCE_DIR}/man/preconfd.1)
  install(FILES ${CMAKE_SOURCE_DIR}/man/preconfd.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
