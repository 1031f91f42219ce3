#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/portability.sh: the golden traces and the engine's tests on other architectures, cross-built
# with Debian's compilers and emulated by qemu-user. Called by `make check-portability`; `tests/all`
# runs a small part of it.
#
# Nothing of the machine is changed: each architecture's libraries are downloaded by apt, with a
# state of its own, and unpacked into DIR. What has been unpacked or built there is used again.
# The compilers and qemu-user are the machine's; what is missing is named.
#
#   DIR     where to work                            default portability
#   ARCHES  aarch64 s390x ppc64le riscv64 i386 armhf
#   BUILDS  compiler and level                       default gcc-O0 gcc-O3 clang-O3
#   TESTED  builds in which the unit tests run       default gcc-O3 clang-O3
#   TESTS   unit tests                               default all but the slowest
#   JOBS    parallel jobs                            default one per processor
#
# Prints a table; exit status 0 all passed, 1 not, 3 something is missing. An architecture's row
# without unit tests, but with a reason, has not failed.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${DIR:-portability}
arches=${ARCHES:-aarch64 s390x ppc64le riscv64 i386 armhf}
builds=${BUILDS:-gcc-O0 gcc-O3 clang-O3}
tested=${TESTED-gcc-O3 clang-O3}
tests=${TESTS-tests/num/test_numbers tests/num/test_shuffle tests/trace/test_trace tests/num/test_exact_plain
tests/num/test_narrow_plain tests/blas/test_sums tests/net/test_tangent tests/studies/test_lyapunov tests/studies/test_explain
tests/studies/test_ladder tests/studies/test_sweep tests/experiment/test_experiment}
jobs=${JOBS:-$(nproc)}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
: "${BITFATE_TEST_QUICK=1}" # an emulator is slow
export BITFATE_TEST_QUICK

die() {
    echo "portability: $*" >&2
    exit 3
}

# Debian's name, the GNU triple, the folder of its libraries, the emulator, the compiler's package.
describe() {
    multiarch='' emulator=qemu-$1
    case $1 in
    aarch64) debian=arm64 triple=aarch64-linux-gnu ;;
    s390x) debian=s390x triple=s390x-linux-gnu ;;
    ppc64le) debian=ppc64el triple=powerpc64le-linux-gnu ;;
    riscv64) debian=riscv64 triple=riscv64-linux-gnu ;;
    i386) debian=i386 triple=i686-linux-gnu multiarch=i386-linux-gnu ;;
    armhf) debian=armhf triple=arm-linux-gnueabihf emulator=qemu-arm ;;
    *) die "'$1' is not an architecture; expected aarch64, s390x, ppc64le, riscv64, i386 or armhf" ;;
    esac
    multiarch=${multiarch:-$triple}
    root=$dir/$1/root
}

# Also for clang, which takes the linker from there.
need_programs() {
    packages=
    for arch in $arches; do
        describe "$arch"
        command -v "$triple-gcc" >/dev/null || packages="$packages gcc-$(echo "$triple" | tr _ -)"
        command -v "$emulator" >/dev/null || packages="$packages qemu-user"
    done
    for build in $builds; do
        command -v "${build%-*}" >/dev/null || packages="$packages ${build%-*}"
    done
    for program in apt-get dpkg pkg-config gnuplot; do
        command -v $program >/dev/null || packages="$packages $program"
    done
    [ -z "$packages" ] || die "missing programs. On Debian:
    apt-get install --no-install-recommends$packages"
}

# The libraries of an architecture, from the mirror that apt uses. riscv64 came after bookworm.
sysroot() {
    [ -f "$root/complete" ] && return
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    [ "$suite/$debian" = bookworm/riscv64 ] && suite=trixie
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(SUITE) $(REPO_URI)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $NF !~ /security/ { print $NF; exit }')
    apt=$dir/$1/apt
    rm -rf "$root" "$apt"
    mkdir -p "$root" "$apt/lists/partial" "$apt/archives/partial" "$apt/sources"
    : >"$apt/status"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] ${mirror:-http://deb.debian.org/debian} $suite main" \
        >"$apt/sources.list"
    set -- -qq -o APT::Architecture="$debian" -o APT::Architectures="$debian" \
        -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" \
        -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/sources" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User= -o Debug::NoLocking=1
    apt-get "$@" update && apt-get "$@" -y --download-only install \
        libmpfr-dev libgmp-dev libxxhash-dev libopenblas-dev libsqlite3-dev \
        libyaml-dev libjansson-dev libpng-dev libcmocka-dev "libgcc-$(gcc -dumpversion)-dev" ||
        die "apt could not get the libraries of $debian from: $(cat "$apt/sources.list")"
    for package in "$apt"/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
    [ -e "$root/lib" ] || ln -s usr/lib "$root/lib" # from trixie on
    # Links that are absolute would leave the folder.
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -sfn "$root$(readlink "$link")" "$link"
    done
    : >"$root/complete"
}

# Configure and build what a cell needs.
build() { # COMPILER LEVEL TESTS
    case $1 in
    gcc) cc="$triple-gcc --sysroot=$root" ;;
    *) cc="$1 --target=$triple --sysroot=$root" ;;
    esac
    libraries=$root/usr/lib/$multiarch
    PKG_CONFIG=pkg-config PKG_CONFIG_SYSROOT_DIR=$root
    PKG_CONFIG_LIBDIR=$libraries/pkgconfig:$libraries/openblas-pthread/pkgconfig
    export PKG_CONFIG PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
    [ -f Makefile ] || "$top/configure" --quiet --host="$triple" --disable-openmp \
        --without-arb CC="$cc" CFLAGS="$2" LDFLAGS="-Wl,-rpath-link,$libraries" || return 1
    # shellcheck disable=SC2086
    make --no-print-directory -s -j "$jobs" bitfate $3
}

# clang multiplies two floats into a double with MDEBR, whose first operand qemu before 8.1 reads as
# a double (its commit "target/s390x: Fix MDEB and MDEBR", 2023). gcc widens both first.
multiplies_floats() { # ARCH COMPILER
    [ "$1-$2" = s390x-clang ] || return 0
    cat >mdebr.c <<'END'
static double product(float a, float b) {
    double r;
    __asm__("ler %%f4,%1\n\tmdebr %%f4,%2\n\tldr %0,%%f4" : "=f"(r) : "f"(a), "f"(b) : "f4");
    return r;
}
int main(void) { return product(1.5f, 3.25f) != 4.875; }
END
    "$triple-gcc" --sysroot="$root" -o mdebr mdebr.c && "$emulator" ./mdebr
}

# One cell: a row of the table. The emulated program finds its libraries by QEMU_*. (OpenBLAS for
# i386 takes qemu's processor, which has 3DNow!, for an Athlon, and crashes.)
cell() { # ARCH BUILD
    describe "$1"
    compiler=${2%-*} level=-${2##*-}
    work=$dir/$1/$2 cell_tests=
    case " $tested " in *" $2 "*) cell_tests=$tests ;; esac
    mkdir -p "$work"
    cd "$work"
    if build "$compiler" "$level" "$cell_tests" >build.log 2>&1; then
        QEMU_LD_PREFIX=$root QEMU_SET_ENV=LD_LIBRARY_PATH=$root/usr/lib/$multiarch/openblas-pthread
        [ "$1" != i386 ] || QEMU_SET_ENV=$QEMU_SET_ENV,OPENBLAS_CORETYPE=Nehalem
        export QEMU_LD_PREFIX QEMU_SET_ENV
        "$emulator" ./bitfate verify "$top/golden" >goldens.log 2>&1 || failed=1
        same=$(tail -n 1 goldens.log) ran=
        if [ -n "$cell_tests" ] && ! multiplies_floats "$1" "$compiler"; then
            ran="not run: qemu's MDEBR"
        elif [ -n "$cell_tests" ]; then
            rm -f tests/*.log tests/*.trs
            make -k -j "$jobs" check-TESTS check_PROGRAMS= dist_check_SCRIPTS= TESTS="$cell_tests" \
                LOG_COMPILER="$emulator" >tests.log 2>&1 || failed=1
            ran=$(cat tests/*.log |
                awk '/\[  PASSED  \].*test\(s\)/ { p += $4 } /\[  FAILED  \].*test\(s\)/ { f += $4 }
                    END { print p + 0 " passed, " f + 0 " failed" }')
        fi
        unset QEMU_LD_PREFIX QEMU_SET_ENV
    else
        failed=1 same='does not build' ran="see $work/build.log"
    fi
    printf '| %-7s | %-5s | %-3s | %-24s | %-24s |\n' "$1" "$compiler" "$level" "$same" "$ran"
}

# x87 arithmetic rounds twice: configure refuses its flag, the sources a target that implies it.
x87() {
    describe i386
    mkdir -p "$dir/i386/x87"
    cd "$dir/i386/x87"
    if "$top/configure" --quiet --host="$triple" CC="$triple-gcc --sysroot=$root" \
        CFLAGS=-mfpmath=387 >configure.log 2>&1 ||
        ! grep -q 'relaxes IEEE arithmetic' configure.log ||
        "$triple-gcc" --sysroot="$root" -mno-sse -fsyntax-only -x c "$top/src/num/vec.h" \
            >compile.log 2>&1 || ! grep -q 'FLT_EVAL_METHOD 0' compile.log; then
        failed=1 same='NOT REFUSED'
    else
        same='refused by the build'
    fi
    printf '| %-7s | %-5s | %-3s | %-24s | %-24s |\n' i386 gcc x87 "$same" ''
}

need_programs
[ -f "$top/configure" ] || (cd "$top" && autoreconf -fi >/dev/null)
failed=0
for compiler in $(printf '%s\n' $builds | sed 's/-[^-]*$//' | sort -ru); do
    "$compiler" --version | head -n 1
done
qemu-x86_64 --version | head -n 1
printf '\n| machine | cc    |     | goldens                  | unit tests               |\n'
printf '|---------|-------|-----|--------------------------|--------------------------|\n'
for arch in $arches; do
    describe "$arch"
    sysroot "$arch"
    for build in $builds; do
        cell "$arch" "$build"
    done
    [ "$arch" != i386 ] || x87
done
exit $failed
