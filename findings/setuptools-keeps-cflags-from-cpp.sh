#!/usr/bin/env bash
# Belief:   What is exported as CFLAGS reaches every source that `build_ext` compiles, as it has for two decades: a macro that turns
#           checks on, a hardening option, a sanitizer.
# Happens:  Newer setuptools give it to C alone, in place of what Python was built with. A module's C++ sources are compiled with
#           Python's own flags and CXXFLAGS, and nothing is said. Of a module of both, half is built as it was asked for.
# Versions: setuptools 70.3.0 (both) and 82.0.1 (C alone; so is 72.2.0), Python 3.11, GCC 12.
# Matters:  A build that was to abort where two implementations differ checked nothing, and each of its runs passed; wheels were
#           without the options that their builder names. CXXFLAGS has to be set beside it, and what came of it be looked at.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
cat >setup.py <<'END'
from setuptools import Extension, setup
setup(name="probe", version="1", ext_modules=[Extension("in_c", ["in_c.c"]), Extension("in_cpp", ["in_cpp.cpp"])])
END
cat >in_c.c <<'END'
#include <Python.h>
#ifdef CHECKED
#define SEEN 1
#else
#define SEEN 0
#endif
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "in_c", 0, -1, 0};
PyMODINIT_FUNC PyInit_in_c(void) {
    PyObject *made = PyModule_Create(&module);
    PyModule_AddIntConstant(made, "seen", SEEN);
    return made;
}
END
sed 's/in_c/in_cpp/g' in_c.c >in_cpp.cpp
seen() {
    python3 -m venv "tools-$1"
    "tools-$1/bin/pip" install --quiet --disable-pip-version-check "setuptools==$1"
    CFLAGS=-DCHECKED "tools-$1/bin/python" setup.py --quiet build_ext --build-lib "lib-$1" --build-temp "temp-$1" >/dev/null 2>&1
    PYTHONPATH=lib-$1 "tools-$1/bin/python" -c 'import in_c, in_cpp; print(in_c.seen, in_cpp.seen)'
}
before=$(seen 70.3.0)
after=$(seen 82.0.1)
echo "CFLAGS=-DCHECKED seen by C and by C++: setuptools 70.3.0: $before, 82.0.1: $after"
[ "$before" = '1 1' ] && [ "$after" = '1 0' ] || { echo changed; exit 1; }
