#!/bin/sh
# SPDX-License-Identifier: MIT
# contributing.sh DIR - do what CONTRIBUTING.md says, in a copy of the tree, and see that it works.
#
# A block of CONTRIBUTING.md that begins with ```LANGUAGE PATH is a new file; with
# ```LANGUAGE PATH after `TEXT` it is lines to be added after the first line of PATH that holds
# TEXT. All recipes are applied to one copy of the sources in DIR, which is built once, plainly.
# Environment: JOBS.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:?usage: contributing.sh DIR}
for tool in autoreconf cc; do
    command -v $tool >/dev/null || {
        echo "no $tool"
        exit 77
    }
done
rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
(cd "$top" && tar -cf - --exclude='./build*' --exclude=./.git --exclude=./autom4te.cache .) |
    tar -xf - -C "$dir"
cd "$dir"
chmod -R u+w .

awk '
function fail(what) {
    print "CONTRIBUTING.md:" FNR ": " what
    exit bad = 1
}
/^```/ && inside { # the end of a block
    inside = 0
    if (path == "")
        next
    blocks++
    if (after == "") {
        if ((getline line <path) >= 0)
            fail(path " is there already")
        folder = path
        sub("/[^/]*$", "", folder)
        system("mkdir -p " folder)
        printf "%s", block >path
        close(path)
        next
    }
    text = ""
    found = 0
    while ((getline line <path) > 0) {
        text = text line "\n"
        if (!found && index(line, after)) {
            text = text block
            found = 1
        }
    }
    close(path)
    if (!found)
        fail("no line of " path " holds " after)
    printf "%s", text >path
    close(path)
    next
}
/^```/ {
    inside = 1
    block = path = after = ""
    if (NF > 1)
        path = $2
    if (NF > 2) {
        if ($3 != "after" || split($0, quoted, "`") < 5)
            fail("expected PATH, or PATH after `TEXT`")
        after = quoted[5]
    }
    next
}
inside { block = block $0 "\n" }
END {
    if (!bad && blocks < 10)
        fail("only " blocks + 0 " blocks were found")
    exit bad
}' "$top/CONTRIBUTING.md"

autoreconf -fi >autoreconf.log 2>&1 || {
    cat autoreconf.log
    exit 1
}
mkdir build
cd build
../configure --quiet --enable-werror bf_cv_kernel_avx2=no bf_cv_kernel_avx512=no CFLAGS=-O0
make --no-print-directory -j "${JOBS:-2}" bitfate tests/json_get tests/arith/test_laws tests/base/test_version
sh "$dir/tests/contributed.sh"
echo 'contributing: every recipe works'
