# Run by cpack when the .debs are there: the fields of their control files that it does not know, and without its scripts
# that call ldconfig, for which the runtime package has a trigger.

if(NOT CPACK_GENERATOR STREQUAL "DEB")
    return()
endif()

find_program(DPKG_DEB dpkg-deb REQUIRED)

foreach(deb IN LISTS CPACK_PACKAGE_FILES)
    set(folder ${deb}.unpacked)
    file(REMOVE_RECURSE ${folder})
    execute_process(COMMAND ${DPKG_DEB} -R ${deb} ${folder} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${folder}/DEBIAN/postinst ${folder}/DEBIAN/postrm)
    file(READ ${folder}/DEBIAN/control control)
    set(fields "Source: teleai\n")
    if(control MATCHES "Package: libteleai")
        string(APPEND fields "Multi-Arch: same\n")
    elseif(control MATCHES "Architecture: all|Package: teleai\n")
        string(APPEND fields "Multi-Arch: foreign\n")
    endif()
    file(WRITE ${folder}/DEBIAN/control "${fields}${control}")
    execute_process(COMMAND chmod -R u=rwX,go=rX ${folder} COMMAND_ERROR_IS_FATAL ANY) # whatever the umask was
    execute_process(COMMAND ${DPKG_DEB} --root-owner-group -Zxz -b ${folder} ${deb} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
    file(REMOVE_RECURSE ${folder})
endforeach()
