/* SPDX-License-Identifier: MIT */
/* registry.c - arithmetics by name, and the choice of a kernel path. */
#include "config.h"

#include "arith/arithmetics.h"
#include "net/plan.h"
#include "blas/kernel.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- kernel paths, best first ------------------------------------------------------------- */

static bool always(void) {
    return true;
}
#if defined HAVE_KERNEL_AVX2
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif
#if defined HAVE_KERNEL_AVX512
static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

#define DECLARE(symbol, format, sum, strict, summary, kernel) \
    extern const struct arithmetic_ops ops_##symbol##_##kernel;
#define ENTRY(symbol, format, sum, strict, summary, kernel) &ops_##symbol##_##kernel,

#define DECLARE_PLAIN(symbol, ...) DECLARE(symbol, __VA_ARGS__, plain)
#define ENTRY_PLAIN(symbol, ...) ENTRY(symbol, __VA_ARGS__, plain)
LANE_ARITHMETICS(DECLARE_PLAIN)
SCALAR_ARITHMETICS(DECLARE_PLAIN)
extern const struct tangent_ops tangents_f64_plain;
extern const struct sums_kernel sums_kernel_plain;
static const struct arithmetic_ops *const plain[] = {LANE_ARITHMETICS(ENTRY_PLAIN)
                                                         SCALAR_ARITHMETICS(ENTRY_PLAIN)};
#if defined HAVE_KERNEL_AVX2
#define DECLARE_AVX2(symbol, ...) DECLARE(symbol, __VA_ARGS__, avx2)
#define ENTRY_AVX2(symbol, ...) ENTRY(symbol, __VA_ARGS__, avx2)
LANE_ARITHMETICS(DECLARE_AVX2)
extern const struct tangent_ops tangents_f64_avx2;
extern const struct sums_kernel sums_kernel_avx2;
static const struct arithmetic_ops *const avx2[] = {LANE_ARITHMETICS(ENTRY_AVX2)};
#endif
#if defined HAVE_KERNEL_AVX512
#define DECLARE_AVX512(symbol, ...) DECLARE(symbol, __VA_ARGS__, avx512)
#define ENTRY_AVX512(symbol, ...) ENTRY(symbol, __VA_ARGS__, avx512)
LANE_ARITHMETICS(DECLARE_AVX512)
extern const struct tangent_ops tangents_f64_avx512;
extern const struct sums_kernel sums_kernel_avx512;
static const struct arithmetic_ops *const avx512[] = {LANE_ARITHMETICS(ENTRY_AVX512)};
#endif

static const struct {
    const char *name;
    bool (*runs_here)(void);
    const struct arithmetic_ops *const *lanes; /* in the order of LANE_ARITHMETICS */
    const struct tangent_ops *tangents_f64;
    const struct sums_kernel *sums;
} kernels[] = {
#if defined HAVE_KERNEL_AVX512
    {"avx512", has_avx512, avx512, &tangents_f64_avx512, &sums_kernel_avx512},
#endif
#if defined HAVE_KERNEL_AVX2
    {"avx2", has_avx2, avx2, &tangents_f64_avx2, &sums_kernel_avx2},
#endif
    {"plain", always, plain, &tangents_f64_plain, &sums_kernel_plain},
};
enum { N_KERNELS = sizeof kernels / sizeof *kernels };

static const char *forced;

const char *bf_kernel(size_t i) {
    for (size_t k = 0; k < N_KERNELS; k++)
        if (kernels[k].runs_here() && i-- == 0)
            return kernels[k].name;
    return NULL;
}

bf_status bf_kernel_force(const char *name, bf_error *err) {
    forced = NULL;
    if (!name || strcmp(name, "auto") == 0)
        return BF_OK;
    const char *k;
    for (size_t i = 0; (k = bf_kernel(i)); i++)
        if (strcmp(name, k) == 0) {
            forced = k;
            return BF_OK;
        }
    char known[128] = "auto";
    for (size_t i = 0; (k = bf_kernel(i)); i++) {
        size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, ", %s", k);
    }
    return bf_fail(err, BF_EINPUT,
                   "kernel path '%.40s' is not one this machine can run; expected one of %s", name,
                   known);
}

static size_t chosen_kernel(void) {
    const char *wanted = forced ? forced : bf_kernel(0);
    size_t k = 0;
    while (strcmp(kernels[k].name, wanted) != 0)
        k++;
    return k;
}

const struct sums_kernel *sums_kernel(void) {
    return kernels[chosen_kernel()].sums;
}

/* ---- names -------------------------------------------------------------------------------- */

#define INFO(symbol, format, sum, strict, summary) {format, sum, summary, strict},
static const bf_arithmetic_info infos[] = {LANE_ARITHMETICS(INFO) SCALAR_ARITHMETICS(INFO)};
#define COUNT(...) +1
enum { N_LANE = LANE_ARITHMETICS(COUNT), N_ROWS = sizeof infos / sizeof *infos };

const bf_arithmetic_info *bf_arithmetic_list(size_t i) {
    return i < N_ROWS ? &infos[i] : NULL;
}

bf_scope bf_arithmetic_scope(const bf_arithmetic *a) {
    return a->strict ? BF_SCOPE_ANY : BF_SCOPE_BINARY;
}

static const char *const scopes[] = {"any", "kernel", "binary"}; /* bf_scope */

const char *bf_scope_name(bf_scope scope) {
    return scopes[scope];
}

bool bf_scope_parse(const char *text, bf_scope *out) {
    const size_t n = strcspn(text, " ");
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strlen(scopes[i]) == n && memcmp(scopes[i], text, n) == 0) {
            *out = (bf_scope)i;
            return true;
        }
    return false;
}

/* Of a format that has but one. */
static int precision_of(const char *format) {
    static const struct {
        const char *name;
        int precision;
    } known[] = {{"bf16", 8}, {"f16", 11}, {"f32", 24}, {"f64", 53}};
    size_t i = 0;
    while (strcmp(known[i].name, format) != 0)
        i++;
    return known[i].precision;
}

/* `:SEED`: whether it is one, in decimal and as it would be printed. */
static bool read_seed(const char *argument, uint64_t *seed) {
    *seed = 0;
    if (!argument || !argument[1] || (argument[1] == '0' && argument[2]))
        return false;
    for (const char *p = argument + 1; *p; p++) {
        const unsigned digit = (unsigned)*p - '0';
        if (digit > 9 || *seed > (UINT64_MAX - digit) / 10)
            return false;
        *seed = 10 * *seed + digit;
    }
    return true;
}

bf_status bf_arithmetic_parse(bf_arithmetic *out, const char *name, bf_error *err) {
    memset(out, 0, sizeof *out);
    const char *slash = strchr(name, '/');
    size_t format_size = slash ? (size_t)(slash - name) : strlen(name);
    const char *sum = slash ? slash + 1 : "";
    const char *argument = strchr(sum, ':'); /* of the way to sum, with its colon */
    size_t sum_size = argument ? (size_t)(argument - sum) : strlen(sum);
    const char *colon = memchr(name, ':', format_size);
    size_t kind_size = colon ? (size_t)(colon - name) : format_size;

    size_t row = 0;
    for (; row < N_ROWS; row++)
        if (strlen(infos[row].format) == kind_size &&
            memcmp(infos[row].format, name, kind_size) == 0 && strlen(infos[row].sum) == sum_size &&
            memcmp(infos[row].sum, sum, sum_size) == 0 && !(slash && sum_size == 0))
            break;
    const bool high = row < N_ROWS && strcmp(infos[row].format, "mpfr") == 0;
    const bool blas = row < N_ROWS && strcmp(infos[row].sum, "blas") == 0;
    const bool shuffle = row < N_ROWS && strcmp(infos[row].sum, "shuffle") == 0;
    if (row == N_ROWS || (colon && !high) || (argument && !blas && !shuffle))
        return bf_fail(err, BF_EINPUT,
                       "'%.60s' is not an arithmetic; expected one such as f32, f64, f64/exact, "
                       "mpfr:256, f32/blas (see: bitfate list arithmetics)",
                       name);
    int precision = high ? 0 : precision_of(infos[row].format);
    if (high) {
        char *end = NULL;
        long p = colon && isdigit((unsigned char)colon[1]) ? strtol(colon + 1, &end, 10) : 0;
        if (end != name + format_size || p < 2 || p > 16384)
            return bf_fail(err, BF_EINPUT,
                           "'%.60s': expected a precision from 2 to 16384 bits, as in mpfr:256",
                           name);
        precision = (int)p;
    }
    if (shuffle && !read_seed(argument, &out->seed))
        return bf_fail(err, BF_EINPUT,
                       "'%.60s': expected a seed from 0 to 2^64 - 1 without leading zeros, as in "
                       "%s/shuffle:1",
                       name, infos[row].format);
    if (blas && argument) {
        if (!argument[1] || strlen(argument + 1) >= sizeof out->library)
            return bf_fail(err, BF_EINPUT,
                           "'%.60s': expected the path of a CBLAS shared library after 'blas:'",
                           name);
        strcpy(out->library, argument + 1);
    }
    out->format = bf_format_of(precision);
    out->strict = infos[row].strict;
    size_t kernel = N_KERNELS - 1; /* plain */
    if (row < N_LANE)
        kernel = chosen_kernel();
    out->table = kernels[kernel].lanes[row];
    snprintf(out->kernel, sizeof out->kernel, "%s", out->table->kernel);
    int n = high ? snprintf(out->name, sizeof out->name, "mpfr:%d", precision)
                 : snprintf(out->name, sizeof out->name, "%s", infos[row].format);
    if (infos[row].sum[0])
        snprintf(out->name + n, sizeof out->name - (size_t)n, "/%s%s", infos[row].sum,
                 argument ? argument : "");
    return BF_OK;
}

void bf_arithmetic_tangent(bf_arithmetic *out) {
    const size_t kernel = chosen_kernel();
    *out = (bf_arithmetic){.name = "f64",
                           .format = bf_format_of(53),
                           .strict = true,
                           .table = kernels[kernel].tangents_f64->ops,
                           .tangents = kernels[kernel].tangents_f64};
    snprintf(out->kernel, sizeof out->kernel, "%s", out->table->kernel);
}
