/* SPDX-License-Identifier: MIT */
/* scope.c - where a golden's bits are promised. */
#include "run/scope.h"

#include "store/provenance.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The hash of a file, as text. */
static bf_status file_hash(const char *path, char out[33], bf_error *err) {
    struct stat st;
    void *bytes = MAP_FAILED;
    const int fd = open(path, O_RDONLY);
    if (fd >= 0 && fstat(fd, &st) == 0)
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    const int error = errno;
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return bf_fail(err, BF_EMACHINE, "%s: %s; expected to read what the bits depend on", path,
                       strerror(error));
    const bf_hash h = bf_hash_of(bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    bf_hash_text(&h, out);
    return BF_OK;
}

static bf_status blas_text(const bf_arithmetic *a, char *out, size_t size, bf_error *err) {
    bf_blas_info info;
    char cblas[33], libm[33];
    bf_status s = bf_blas_inspect(a, &info, err);
    BF_TRY(s, file_hash(info.cblas, cblas, err));
    BF_TRY(s, file_hash(info.libm, libm, err));
    if (s == BF_OK)
        snprintf(out, size, ", CBLAS %s %s x %d, libm %s", cblas, info.core, info.threads, libm);
    return s;
}

static bf_status binary_text(const bf_arithmetic *a, char *out, size_t size, bf_error *err) {
    char program[33], libraries[192] = "", cpu[128];
    struct utsname u;
    bf_status s = file_hash("/proc/self/exe", program, err);
    if (s == BF_OK && bf_arithmetic_scope(a) == BF_SCOPE_BINARY)
        s = blas_text(a, libraries, sizeof libraries, err);
    provenance_cpu(cpu, sizeof cpu);
    snprintf(out, size, "binary program %s%s, CPU %s %s", program, libraries,
             uname(&u) == 0 ? u.machine : "unknown", cpu);
    return s;
}

bf_status scope_here(bf_scope scope, const bf_arithmetic *a, char out[SCOPE_SIZE], bf_error *err) {
    switch (scope) {
    case BF_SCOPE_KERNEL:
        snprintf(out, SCOPE_SIZE, "kernel %s, bitfate %s", a->kernel, bf_version());
        return BF_OK;
    case BF_SCOPE_BINARY:
        return binary_text(a, out, SCOPE_SIZE, err);
    default:
        snprintf(out, SCOPE_SIZE, "%s", bf_scope_name(scope));
        return BF_OK;
    }
}
