# Tests of this group; see teleai_check() in tests/CMakeLists.txt.
if(NOT TELEAI_SANITIZE) # clang's own sanitizers are on
    teleai_check(fuzz fuzz)
endif()
