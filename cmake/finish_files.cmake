# Run by cpack between installing and packing: brings each component into the form that Debian's policy asks for.
#   man pages and changelogs compressed, a copyright file and a changelog for each package, no debug symbols, and
# the pages in a browser registered

if(NOT CPACK_GENERATOR STREQUAL "DEB")
    return()
endif()
if(NOT CPACK_TELEAI_LIBDIR MATCHES "^lib/.+")
    message(FATAL_ERROR "Debian packages have their libraries in lib/<architecture>, not in ${CPACK_TELEAI_LIBDIR}: "
                        "configure without -DCMAKE_INSTALL_LIBDIR")
endif()

find_program(GZIP gzip REQUIRED)
find_program(STRIP strip REQUIRED)

function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(edit file what by)
    if(EXISTS ${file})
        file(READ ${file} text)
        string(REGEX REPLACE "${what}" "${by}" text "${text}")
        file(WRITE ${file} "${text}")
    endif()
endfunction()

string(TIMESTAMP moment "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH counts

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} COMPONENT)
    set(package ${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
    if(NOT EXISTS ${root})
        message(FATAL_ERROR "${component} has no files in ${root}")
    endif()

    # Links between man pages are named like what they point to.
    file(GLOB_RECURSE pages ${root}/share/man/*)
    foreach(page IN LISTS pages)
        if(IS_SYMLINK ${page})
            file(READ_SYMLINK ${page} target)
            file(REMOVE ${page})
            file(CREATE_LINK ${target}.gz ${page}.gz SYMBOLIC)
        else()
            run(${GZIP} -9nf ${page})
        endif()
    endforeach()

    file(GLOB libraries ${root}/${CPACK_TELEAI_LIBDIR}/*.so.*)
    foreach(library IN LISTS libraries)
        if(NOT IS_SYMLINK ${library})
            run(${STRIP} --strip-unneeded --remove-section=.comment --remove-section=.note ${library})
        endif()
    endforeach()
    file(GLOB archives ${root}/${CPACK_TELEAI_LIBDIR}/*.a)
    foreach(archive IN LISTS archives)
        run(${STRIP} --strip-debug --remove-section=.comment --enable-deterministic-archives ${archive})
    endforeach()

    # Below /usr the loader needs no help; and /lib may be a link to /usr/lib, through which CMake's files are found.
    if(EXISTS ${root}/bin/teleai)
        file(RPATH_REMOVE FILE ${root}/bin/teleai)
    endif()
    edit(${root}/${CPACK_TELEAI_LIBDIR}/pkgconfig/teleai.pc "-Wl,-rpath,[^ ]+ " "")
    edit(${root}/${CPACK_TELEAI_LIBDIR}/cmake/teleai/teleai-targets.cmake
         "(_IMPORT_PREFIX) \"\\\${CMAKE_CURRENT_LIST_FILE}\" PATH\\)"
         "\\1 \"\${CMAKE_CURRENT_LIST_FILE}\" REALPATH)\nget_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)")

    if(EXISTS ${root}/share/doc/teleai/html)
        file(WRITE ${root}/share/doc-base/${package} "Document: teleai
Title: teleai reference and guides
Abstract: The contract, every function and type of the library, and how to run it.
Section: Programming/C

Format: HTML
Index: /usr/share/doc/teleai/html/index.html
Files: /usr/share/doc/teleai/html/*
")
    endif()

    set(doc ${root}/share/doc/${package})
    file(WRITE ${doc}/changelog.Debian "teleai (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Built from the sources of ${CPACK_PACKAGE_VERSION}; see changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${moment}
")
    file(COPY ${CPACK_TELEAI_SOURCE_DIR}/CHANGELOG.md DESTINATION ${doc} NO_SOURCE_PERMISSIONS)
    file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
    run(${GZIP} -9nf ${doc}/changelog ${doc}/changelog.Debian)

    file(READ ${CPACK_TELEAI_SOURCE_DIR}/LICENSE licence)
    string(REGEX MATCH "Copyright \\(c\\) ([^\n]+)\n+(.*)" licence "${licence}")
    set(holder "${CMAKE_MATCH_1}")
    string(REGEX REPLACE "\n+$" "" licence "${CMAKE_MATCH_2}")
    string(REPLACE "\n\n" "\n.\n" licence "${licence}")
    string(REPLACE "\n" "\n " licence "${licence}")
    file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: teleai

Files: *
Copyright: ${holder}
License: Expat

License: Expat
 ${licence}
")
endforeach()
