# Writes a C file with the SQL of database/migrations, database/row_security and database/adopt in it.
#   cmake -DDATABASE=<folder> -DOUTPUT=<file.c> -P embed_migrations.cmake

# A file as a C array of its bytes: no quoting to get wrong, no limit on the length of a literal.
function(bytes_of file type name out)
    file(READ "${file}" hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n" hex "${hex}")
    set(${out} "${type} ${name}[] = {\n${hex}0};\n\n" PARENT_SCOPE)
endfunction()

file(GLOB ups "${DATABASE}/migrations/*.up.sql")
list(SORT ups)
set(arrays "")
set(rows "")
set(expected 0)
foreach(up IN LISTS ups)
    get_filename_component(file "${up}" NAME)
    if(NOT file MATCHES "^0*([0-9]+)_(.*)\\.up\\.sql$")
        message(FATAL_ERROR "${file}: a name like 001_what_it_does.up.sql was expected")
    endif()
    set(version "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    math(EXPR expected "${expected} + 1")
    if(NOT version EQUAL expected)
        message(FATAL_ERROR "${file}: version ${expected} was expected; versions count from 1 without a gap")
    endif()
    string(REPLACE ".up.sql" ".down.sql" down "${up}")
    bytes_of("${up}" "static const char" "up_${version}" up_bytes)
    bytes_of("${down}" "static const char" "down_${version}" down_bytes)
    string(APPEND arrays "${up_bytes}${down_bytes}")
    string(APPEND rows "    {${version}, \"${name}\", up_${version}, down_${version}},\n")
endforeach()

foreach(way IN ITEMS enable disable)
    bytes_of("${DATABASE}/row_security/${way}.sql" "const char" "teleai__row_security_${way}_sql" bytes)
    string(APPEND arrays "${bytes}")
endforeach()

bytes_of("${DATABASE}/adopt/look.sql" "const char" "teleai__adopt_look_sql" bytes)
string(APPEND arrays "${bytes}")

file(WRITE "${OUTPUT}" "/* Made from database/ by cmake/embed_migrations.cmake. */
#include \"schema/migrate.h\"

${arrays}const teleai__migration_file teleai__migration_files[] = {
${rows}};
const size_t teleai__migration_file_count = sizeof teleai__migration_files / sizeof *teleai__migration_files;
")
