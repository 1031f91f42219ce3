/* SPDX-License-Identifier: MIT */
/* bench.c - training steps per second of the minimal model, for every arithmetic and kernel path.
 *
 * Prints a table; writes JSON to the file named by the first argument. Every figure is the median
 * of ROUNDS rounds; all cases take turns within a round, so that a ratio of two of them compares
 * what ran side by side on a machine whose speed drifts.
 */
#include "bitfate.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 7, MOST_CASES = 64 };
static const double ROUND_SECONDS = 0.12;

static const bf_layer layers[] = {
    {.kind = "dense", .width = 2},
    {.kind = "tanh", .gain = "sqrt(2)"},
    {.kind = "dense", .width = 1, .scale = "1/2"},
};

typedef struct bench_case {
    char name[320], kernel[16];
    bf_ensemble *e;
    uint8_t *starts; /* one for each lane */
    double rates[ROUNDS];
} bench_case;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "bench: %s\n", what);
    exit(3);
}

/* One measurement: runs of 1000 steps in every lane, for about ROUND_SECONDS. */
static double measure(bench_case *c) {
    const size_t bytes = bf_parameters(c->e) * bf_ensemble_format(c->e)->bytes;
    double began = now(), spent;
    uint64_t steps = 0;
    do {
        for (int i = 0; i < bf_lanes(c->e); i++)
            bf_lane_start(c->e, i, c->starts + (size_t)i * bytes);
        for (uint64_t left = 1000; left > 0 && now() < began + ROUND_SECONDS;) {
            uint64_t done = bf_train(c->e, left < 50 ? left : 50);
            steps += done * (uint64_t)bf_lanes(c->e);
            left -= done;
        }
        spent = now() - began;
    } while (spent < ROUND_SECONDS);
    return (double)steps / spent;
}

static bool add_case(bench_case *c, const char *name, const char *kernel) {
    bf_error err;
    bf_arithmetic a;
    bf_problem p = {.layers = layers,
                    .n_layers = 3,
                    .loss = "mse",
                    .data = bf_data_named("paper8"),
                    .rate = "2.5",
                    .bound = 1e6};
    if (bf_kernel_force(kernel, &err) != BF_OK || bf_arithmetic_parse(&a, name, &err) != BF_OK)
        die(err.text);
    if (kernel && strcmp(a.kernel, kernel) != 0)
        return false; /* has only one path */
    if (bf_ensemble_new(&c->e, &a, &p, &err) != BF_OK)
        die(err.text);
    snprintf(c->name, sizeof c->name, "%s", a.name);
    snprintf(c->kernel, sizeof c->kernel, "%s", a.kernel);
    const size_t bytes = bf_parameters(c->e) * a.format.bytes;
    c->starts = malloc((size_t)bf_lanes(c->e) * bytes);
    if (!c->starts)
        die("out of memory");
    for (int i = 0; i < bf_lanes(c->e); i++)
        if (bf_start_planes(&a.format, c->starts + (size_t)i * bytes, "1", 1, (uint64_t)i, &err) !=
            BF_OK)
            die(err.text);
    return true;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    static const char *const names[] = {"f32",       "f32/exact", "f32/blas", "f64",
                                        "f64/exact", "f64/blas",  "mpfr:24",  "mpfr:53",
                                        "mpfr:113",  "mpfr:256",  "mpfr:1024"};
    static bench_case cases[MOST_CASES];
    size_t n = 0;
    const char *kernel;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; (kernel = bf_kernel(k)) && n < MOST_CASES; k++)
            n += add_case(&cases[n], names[i], kernel);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < n; i++)
            cases[i].rates[round] = measure(&cases[i]);
    double reference = 0;
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        qsort(cases[i].rates, ROUNDS, sizeof *cases[i].rates, ascending);
        if (strcmp(cases[i].name, "f64") == 0 && reference == 0)
            reference = cases[i].rates[ROUNDS / 2];
    }
    puts("minimal model, one core, million steps per second (median of 7; ratio to f64)\n");
    printf("%-10s %-7s %5s %9s %19s %8s\n", "arithmetic", "kernel", "lanes", "median", "min - max",
           "ratio");
    for (size_t i = 0; i < n; i++) {
        const bench_case *c = &cases[i];
        const double median = c->rates[ROUNDS / 2] * 1e-6, low = c->rates[0] * 1e-6,
                     high = c->rates[ROUNDS - 1] * 1e-6;
        printf("%-10s %-7s %5d %9.4g %9.4g - %-7.4g %8.3g\n", c->name, c->kernel, bf_lanes(c->e),
               median, low, high, median / (reference * 1e-6));
        json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:f, s:f, s:f}", "arithmetic",
                                              c->name, "kernel", c->kernel, "lanes", bf_lanes(c->e),
                                              "steps_per_second", median * 1e6, "low", low * 1e6,
                                              "high", high * 1e6));
    }
    json_t *document = json_pack("{s:s, s:s, s:s, s:o}", "version", bf_version(), "compiler",
                                 bf_compiler(), "flags", bf_compiler_flags(), "rows", rows);
    int failed = argc > 1 && json_dump_file(document, argv[1], JSON_INDENT(2)) != 0;
    json_decref(document);
    for (size_t i = 0; i < n; i++) {
        bf_ensemble_free(cases[i].e);
        free(cases[i].starts);
    }
    if (failed)
        die("cannot write the JSON file");
    return 0;
}
