/* SPDX-License-Identifier: MIT */
/* registry.c - arithmetics by name. */
#include "arith/arithmetics.h"
#include "arith/kernels.h"
#include "net/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANE_INFO(path, symbol, name, way, text) \
    {.format = name, .summary = text, .lanes = true, .twin = TWIN_##way(name), SUM_##way},
#define SCALAR_INFO(path, symbol, name, way, text) {.format = name, .summary = text, SUM_##way},
static const bf_arithmetic_info infos[] = {LANE_ARITHMETICS(LANE_INFO, )
                                               SCALAR_ARITHMETICS(SCALAR_INFO, )};
#define COUNT(...) +1
enum { N_LANE = LANE_ARITHMETICS(COUNT, ), N_ROWS = sizeof infos / sizeof *infos };

/* ---- what is compiled --------------------------------------------------------------------- */

#define DECLARE(path, symbol, ...) extern const struct arithmetic_ops bf_ops_##symbol##_##path;
#define DECLARE_PATH(path)          \
    LANE_ARITHMETICS(DECLARE, path) \
    extern const struct tangent_ops bf_tangents_f64_##path;
KERNEL_PATHS(DECLARE_PATH)
SCALAR_ARITHMETICS(DECLARE, plain)

/* In the order of infos. */
#define OPS(path, symbol, ...) &bf_ops_##symbol##_##path,
#define OPS_PATH(path) {LANE_ARITHMETICS(OPS, path)},
static const struct arithmetic_ops *const lane_ops[][N_LANE] = {KERNEL_PATHS(OPS_PATH)};
static const struct arithmetic_ops *const scalar_ops[] = {SCALAR_ARITHMETICS(OPS, plain)};

#define TANGENTS_PATH(path) &bf_tangents_f64_##path,
static const struct tangent_ops *const tangents_f64[] = {KERNEL_PATHS(TANGENTS_PATH)};

/* ---- names -------------------------------------------------------------------------------- */

const bf_arithmetic_info *bf_arithmetic_list(size_t i) {
    return i < N_ROWS ? &infos[i] : NULL;
}

/* After `mpfr:`, the name of a format or a precision in decimal. */
static bool read_format(const char *text, size_t n, bf_format *out) {
    char name[sizeof out->name];
    if (n == 0 || n >= sizeof name)
        return false;
    memcpy(name, text, n);
    name[n] = '\0';
    if (!isdigit((unsigned char)*name))
        return bf_format_find(out, name) && out->ieee;
    char *end;
    const long p = strtol(name, &end, 10);
    if (*end || p < 2 || p > BF_MAX_PRECISION)
        return false;
    *out = bf_format_of((int)p);
    return true;
}

/* The canonical name of a format under MPFR: by its precision where that says which it is. */
static void high_name(const bf_format *f, char *out, size_t size) {
    const bf_format by_precision = bf_format_of(f->precision);
    if (bf_format_same(f, &by_precision))
        snprintf(out, size, "mpfr:%d", f->precision);
    else
        snprintf(out, size, "mpfr:%s", f->name);
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
    if (!high) {
        if (!bf_format_find(&out->format, infos[row].format))
            return bf_fail(err, BF_EMACHINE, "%s: no such format", infos[row].format);
    } else if (!colon || !read_format(colon + 1, format_size - kind_size - 1, &out->format)) {
        return bf_fail(err, BF_EINPUT,
                       "'%.60s': expected a precision from 2 to 16384 bits, as in mpfr:256, or the "
                       "name of a format, as in mpfr:tf32",
                       name);
    }
    if (strcmp(infos[row].sum, "wide") == 0 && !out->format.wide)
        return bf_fail(err, BF_EINPUT,
                       "'%.60s': %s has no wider format to accumulate in; expected one that has, "
                       "such as f16/wide",
                       name, out->format.name);
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
    out->strict = infos[row].strict;
    out->table = row < N_LANE ? lane_ops[bf_kernel_chosen()][row] : scalar_ops[row - N_LANE];
    snprintf(out->kernel, sizeof out->kernel, "%s", out->table->kernel);
    snprintf(out->name, sizeof out->name, "%s", infos[row].format);
    if (high)
        high_name(&out->format, out->name, sizeof out->name);
    const size_t n = strlen(out->name);
    if (infos[row].sum[0])
        snprintf(out->name + n, sizeof out->name - n, "/%s%s", infos[row].sum,
                 argument ? argument : "");
    return BF_OK;
}

void bf_arithmetic_tangent(bf_arithmetic *out) {
    const struct tangent_ops *const tangents = tangents_f64[bf_kernel_chosen()];
    *out = (bf_arithmetic){.name = "f64",
                           .format = bf_format_of(53),
                           .strict = true,
                           .table = tangents->ops,
                           .tangents = tangents};
    snprintf(out->kernel, sizeof out->kernel, "%s", out->table->kernel);
}
