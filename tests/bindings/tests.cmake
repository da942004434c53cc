# The description of the headers and the bindings made from it, on a real server. A sanitized library cannot be loaded there.
if(NOT TELEAI_SANITIZE)
    foreach(binding IN ITEMS description go node)
        teleai_check(bindings ${binding})
        set_tests_properties(bindings_${binding} PROPERTIES FIXTURES_REQUIRED server)
    endforeach()
endif()
