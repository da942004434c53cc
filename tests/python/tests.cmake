# The Python package: typed, lint clean, and its own tests on a real server. A sanitized library cannot be loaded there.
if(NOT TELEAI_SANITIZE)
    teleai_check(python package)
    set_tests_properties(python_package PROPERTIES FIXTURES_REQUIRED server TIMEOUT 1500)
endif()
