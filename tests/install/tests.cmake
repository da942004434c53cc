# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
teleai_check(install install)
teleai_check(install wheel)
teleai_check(install readme)
set_tests_properties(install_readme PROPERTIES TIMEOUT 1200)
teleai_check(install subproject)
teleai_check(install packages)
teleai_check(install demo)
