# The description of the headers and the bindings made from it, on a real server. A sanitized library cannot be loaded there.
if(NOT TELEAI_SANITIZE)
    teleai_check(bindings description)
    set_tests_properties(bindings_description PROPERTIES FIXTURES_REQUIRED server)
endif()
