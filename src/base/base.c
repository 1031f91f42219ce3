/* SPDX-License-Identifier: MIT */
/* base.c - version and errors. */
#include "config.h"

#include "base/assumptions.h"
#include "bitfate.h"

#include <mpfr.h>
#include <stdarg.h>
#include <stdio.h>

const char *bf_version(void) {
    return PACKAGE_VERSION;
}

const char *bf_compiler(void) {
#if defined __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

const char *bf_compiler_flags(void) {
    return BF_COMPILER_FLAGS;
}

void bf_thread_end(void) {
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
}

bf_status bf_fail(bf_error *err, bf_status status, const char *format, ...) {
    if (err) {
        va_list ap;
        va_start(ap, format);
        vsnprintf(err->text, sizeof err->text, format, ap);
        va_end(ap);
        err->status = status;
        err->said = false;
        for (char *p = err->text; *p; p++) /* one line, whatever a stranger's file held */
            if ((unsigned char)*p < 0x20 || *p == 0x7f)
                *p = '?';
    }
    return status;
}

bf_status bf_no_memory(bf_error *err) {
    return bf_fail(err, BF_EMACHINE, "out of memory");
}
