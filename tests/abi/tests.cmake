# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
teleai_check(abi symbols)
if(NOT TELEAI_SANITIZE) # which adds functions of its own
    teleai_check(abi abi)
endif()
teleai_check(abi headers)
teleai_check(abi documentation)
teleai_check(abi layers)
teleai_check(abi answers)
teleai_check(abi format)
teleai_check(abi history)
teleai_check(abi length)
teleai_check(abi analysis)
