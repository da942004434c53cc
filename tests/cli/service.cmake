# Tests of local, doctor, backup, restore and ingest (what files are; lengths; those that are being written), of migrating
# beside and by other tools, and of what the documentation says of recovery.
foreach(name IN ITEMS local doctor backup ingest lengths growing recovery golang_migrate adopt adopt_versions java_tools tools)
    teleai_check(cli ${name})
endforeach()
foreach(name IN ITEMS doctor backup ingest lengths growing golang_migrate adopt)
    set_tests_properties(cli_${name} PROPERTIES FIXTURES_REQUIRED server)
endforeach()
set_tests_properties(cli_golang_migrate cli_adopt cli_adopt_versions cli_java_tools PROPERTIES TIMEOUT 1200)
pkg_check_modules(AVFORMAT IMPORTED_TARGET libavformat libavcodec libavutil)
if(AVFORMAT_FOUND)
    add_executable(make_audio cli/make_audio.c)
    target_link_libraries(make_audio PRIVATE PkgConfig::AVFORMAT m)
endif()
