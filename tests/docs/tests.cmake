# Tests of this group; see teleai_test() in tests/CMakeLists.txt.
teleai_check(docs manual)
teleai_check(docs pages)
teleai_check(docs blocks)
teleai_check(docs local)
teleai_check(docs database)
teleai_check(docs grow)
teleai_check(docs changelog)
teleai_check(docs upgrade)
