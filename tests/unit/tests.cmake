# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
foreach(name IN ITEMS text uuid error json sqlstate params field row base secret files operation search_query permission
        migration_steps settings arrow snippet pool_slots)
    teleai_test(unit ${name} CRITERION)
endforeach()
teleai_test(unit nfc)
teleai_test(unit hosts CRITERION)
teleai_test(unit local_connection CRITERION)
teleai_test(unit sound CRITERION)
if(TARGET unit_sound)
    target_sources(unit_sound PRIVATE ${PROJECT_SOURCE_DIR}/src/cli/wav.c ${PROJECT_SOURCE_DIR}/src/cli/ogg.c)
endif()
