# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
teleai_test(fault local SERIAL TIMEOUT 120)
teleai_test(fault threads SERVER)
teleai_test(fault server SERIAL TIMEOUT 120)
teleai_test(fault connect SERIAL TIMEOUT 120)
teleai_test(fault cut SERVER TIMEOUT 240)
teleai_test(fault pool SERVER)
teleai_test(fault fork SERVER)
teleai_test(fault memory SERVER)
