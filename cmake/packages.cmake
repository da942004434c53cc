# Packages: cmake --build BUILD --target package, or cpack. Where dpkg is they are .debs, one a component:
#   teleai_runtime        libteleai0       the shared library
#   teleai_development    libteleai-dev    headers, static library, pkg-config and CMake files, migrations, teleai-api.json, manual
#   teleai_command        teleai           the command, where it is built
#   teleai_documentation  teleai-doc       the browsable pages
# Elsewhere a .tar.gz. What is installed can be moved: packages have it below /usr, whatever the prefix of this build.

if(CMAKE_VERSION VERSION_LESS 3.19)
    return() # packages are finished by CPACK_PRE_BUILD_SCRIPTS, which came with 3.19
endif()

find_program(DPKG_DEB dpkg-deb)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(DPKG_DEB DPKG_SHLIBDEPS)
if(DPKG_DEB AND DPKG_SHLIBDEPS)
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
else()
    set(CPACK_GENERATOR TGZ)
endif()

set(CPACK_PACKAGE_NAME teleai)
set(CPACK_PACKAGE_VENDOR "The teleai authors")
set(CPACK_PACKAGE_CONTACT "The teleai authors <teleai@packages.example>" CACHE STRING "Who makes the packages")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

# What has been installed by name is packed: a component that is not built is no package.
get_cmake_property(installed COMPONENTS)
set(CPACK_COMPONENTS_ALL "")
foreach(component IN ITEMS teleai_runtime teleai_development teleai_command teleai_documentation)
    if(component IN_LIST installed)
        list(APPEND CPACK_COMPONENTS_ALL ${component})
    endif()
endforeach()

# ---- Debian ----

set(soname ${PROJECT_VERSION_MAJOR})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0teleai1) # below Debian's own, should there be any
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(about "teleai keeps the data of platforms that turn recorded speech into text: users
and their login sessions, audio files, transcriptions and analyses, stored in
PostgreSQL, found again by their words, and counted.
")

set(CPACK_DEBIAN_TELEAI_RUNTIME_PACKAGE_NAME libteleai${soname})
set(CPACK_DEBIAN_TELEAI_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_TELEAI_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TELEAI_RUNTIME_PACKAGE_SUGGESTS postgresql)
set(CPACK_DEBIAN_TELEAI_RUNTIME_DESCRIPTION "data layer for audio transcription platforms, over PostgreSQL
${about}
This package holds the shared library. With PostgreSQL's server programs
installed it can make a private database in a folder.")

set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_PACKAGE_NAME libteleai-dev)
set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_PACKAGE_DEPENDS "libjson-c-dev, libpq-dev (>= 14), libsodium-dev, uuid-dev")
set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_PACKAGE_SUGGESTS "teleai-doc")
set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_PACKAGE_RECOMMENDS "pkgconf | pkg-config")
set(CPACK_DEBIAN_TELEAI_DEVELOPMENT_DESCRIPTION "data layer for audio transcription platforms, development files
${about}
This package holds the headers, the static library, the files for pkg-config
and CMake, the migrations as SQL, a description of the headers from which
bindings are made, and a manual page for every function.")
set(CPACK_COMPONENT_TELEAI_DEVELOPMENT_DEPENDS teleai_runtime)

set(CPACK_DEBIAN_TELEAI_COMMAND_PACKAGE_NAME teleai)
set(CPACK_DEBIAN_TELEAI_COMMAND_PACKAGE_SECTION database)
set(CPACK_DEBIAN_TELEAI_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TELEAI_COMMAND_PACKAGE_SUGGESTS postgresql)
set(CPACK_DEBIAN_TELEAI_COMMAND_DESCRIPTION "data layer for audio transcription platforms, command
${about}
This package holds the command teleai, for whoever runs such a database.")
set(CPACK_COMPONENT_TELEAI_COMMAND_DEPENDS teleai_runtime)

set(CPACK_DEBIAN_TELEAI_DOCUMENTATION_PACKAGE_NAME teleai-doc)
set(CPACK_DEBIAN_TELEAI_DOCUMENTATION_PACKAGE_SECTION doc)
set(CPACK_DEBIAN_TELEAI_DOCUMENTATION_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_TELEAI_DOCUMENTATION_DESCRIPTION "data layer for audio transcription platforms, documentation
${about}
This package holds the reference and the guides, for a browser, and the
examples.")

# What programs that link with the library will depend on, for dpkg-shlibdeps; and that ld.so's cache is made anew.
set(control ${CMAKE_CURRENT_BINARY_DIR}/debian)
set(since ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}.0)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS tests/abi/symbols.txt)
file(STRINGS tests/abi/symbols.txt symbols)
list(TRANSFORM symbols REPLACE "(.+)" " \\1@Base ${since}\n")
string(JOIN "" symbols ${symbols})
file(WRITE ${control}/symbols
     "libteleai.so.${soname} libteleai${soname} #MINVER#\n* Build-Depends-Package: libteleai-dev\n${symbols}")
file(WRITE ${control}/shlibs "libteleai ${soname} libteleai${soname} (>= ${since})\n")
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_TELEAI_RUNTIME_PACKAGE_CONTROL_EXTRA ${control}/symbols ${control}/shlibs ${control}/triggers)

set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/finish_files.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/finish_debs.cmake)
set(CPACK_TELEAI_SOURCE_DIR ${PROJECT_SOURCE_DIR}) # for these scripts
set(CPACK_TELEAI_LIBDIR ${CMAKE_INSTALL_LIBDIR})

include(CPack)
