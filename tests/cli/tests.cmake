# The command, as people and programs call it. Python's unittest, since a terminal (pty) has to be played.
if(TELEAI_BUILD_CLI AND NOT TELEAI_SANITIZE STREQUAL "thread") # its one thread of its own only waits
    # teleai_cli_test(NAME): the Python program cli/test_NAME.py, on the server
    function(teleai_cli_test name)
        add_test(NAME cli_${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${name}.py)
        set_tests_properties(cli_${name} PROPERTIES ENVIRONMENT "${test_environment}" LABELS cli TIMEOUT 300
            SKIP_RETURN_CODE 77 FIXTURES_REQUIRED server)
    endfunction()

    teleai_cli_test(commands)
    teleai_cli_test(show)
    teleai_cli_test(words)
    teleai_cli_test(terminal)
    teleai_cli_test(interrupt)
    teleai_cli_test(output)
    teleai_cli_test(page)
    teleai_cli_test(documentation)
    set_tests_properties(cli_words PROPERTIES TIMEOUT 900) # it runs every command, again and again
    include(cli/service.cmake)
endif()
