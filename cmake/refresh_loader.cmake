# Run when the library has been installed: has the loader look again, where it was installed for the whole system. A
# package's own installation does that by itself, and what is installed below DESTDIR is not for this system.

if(NOT "$ENV{DESTDIR}" STREQUAL "" OR NOT CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?/?$" OR NOT CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux")
    return()
endif()
find_program(teleai_ldconfig ldconfig PATHS /sbin /usr/sbin)
if(NOT teleai_ldconfig)
    return() # musl's loader has no cache
endif()
execute_process(COMMAND ${teleai_ldconfig} RESULT_VARIABLE teleai_refused OUTPUT_QUIET ERROR_QUIET)
execute_process(COMMAND ${teleai_ldconfig} -p OUTPUT_VARIABLE teleai_known ERROR_QUIET)
if(teleai_refused OR NOT teleai_known MATCHES "libteleai")
    message(STATUS "The loader does not know ${CMAKE_INSTALL_PREFIX}/${teleai_libdir} yet: run ldconfig as root, "
                   "and add that folder to /etc/ld.so.conf.d where it is not there")
endif()
