# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
teleai_check(install install)
