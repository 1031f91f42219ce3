/* SPDX-License-Identifier: MIT */
/* peer.h - what every program that bench measures does (peer.py is the same in Python).
 *
 * It announces its cases in one line of JSON, an array of objects with at least "group" and
 * "name", or {"absent": "what is missing"}. Then each line `CASE SECONDS` on standard input makes
 * it work on that case for so long, and answer `UNITS SECONDS`: the work done (steps of one
 * network, or elements) and the processor time it took.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct peer_case {
    char about[640];          /* the JSON object */
    uint64_t (*work)(void *); /* do some, and return how much */
    void *state;
} peer_case;

/* Processor time of this thread: what else runs on the machine does not count. */
static inline double peer_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline uint64_t peer_work(const peer_case *c, double seconds, double *spent) {
    const double began = peer_seconds();
    uint64_t units = 0;
    do
        units += c->work(c->state);
    while ((*spent = peer_seconds() - began) < seconds);
    return units;
}

static inline int peer_serve(const peer_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++)
        printf("%s%s", i == 0 ? "[" : ", ", cases[i].about);
    puts("]");
    fflush(stdout);
    size_t which;
    double seconds, spent;
    while (scanf("%zu %lf", &which, &seconds) == 2 && which < n) {
        const uint64_t units = peer_work(&cases[which], seconds, &spent);
        printf("%" PRIu64 " %.9g\n", units, spent);
        fflush(stdout);
    }
    return 0;
}

/* What a vector library is called that the linker found a use for, or "". (glibc's libm brings its
 * libmvec in only then.) */
static inline const char *peer_vector_library(void) {
    char line[512];
    const char *found = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "libmvec"))
            found = "libmvec";
    if (maps)
        fclose(maps);
    return found;
}

/* Memory for vectors; a program that cannot have it ends. */
static inline void *peer_memory(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!p)
        exit(3);
    memset(p, 0, bytes);
    return p;
}

/* Uniform in (0, 1): splitmix64. */
static inline double peer_uniform(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 12) + 0.5) * 0x1p-52;
}

#endif
