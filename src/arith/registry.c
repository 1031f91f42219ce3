/* SPDX-License-Identifier: MIT */
/* registry.c - arithmetics by name. */
#include "arith/arithmetics.h"
#include "arith/kernels.h"
#include "net/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INFO(path, symbol, format, sum, strict, summary) {format, sum, summary, strict},
static const bf_arithmetic_info infos[] = {LANE_ARITHMETICS(INFO, ) SCALAR_ARITHMETICS(INFO, )};
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
    out->table = row < N_LANE ? lane_ops[bf_kernel_chosen()][row] : scalar_ops[row - N_LANE];
    snprintf(out->kernel, sizeof out->kernel, "%s", out->table->kernel);
    int n = high ? snprintf(out->name, sizeof out->name, "mpfr:%d", precision)
                 : snprintf(out->name, sizeof out->name, "%s", infos[row].format);
    if (infos[row].sum[0])
        snprintf(out->name + n, sizeof out->name - (size_t)n, "/%s%s", infos[row].sum,
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
