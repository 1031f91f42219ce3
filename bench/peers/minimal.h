/* SPDX-License-Identifier: MIT */
/* minimal.h - the minimal model's data and hyperparameters, for peers written in C. */
#ifndef BENCH_MINIMAL_H
#define BENCH_MINIMAL_H

enum { SAMPLES = 8, RUN = 1000, CHECKED_STEPS = 20 };

static const double minimal_x[SAMPLES] = {
    0x1.c398ef3e5cfa5p+0, 0x1.99c2cfacc8953p-2,  0x1.f51d25222c9abp-1, 0x1.1ed5969e3314ep+1,
    0x1.de1847cb13ddap+0, -0x1.f45dc42a58c82p-1, 0x1.e671fd33295e9p-1, -0x1.35fac49d38436p-3};
static const double minimal_y[SAMPLES] = {
    -0x1.a6c8cf8c8b459p-4, 0x1.a473ef0672966p-2, 0x1.270050daae1edp-3, 0x1.744b44bfd85f7p+0,
    0x1.85a6bc990ea13p-1,  0x1.f26180893b390p-4, 0x1.c6841552275cbp-2, 0x1.55aeb90e595e4p-2};

/* Where the checked run starts. */
#define CHECKED_START \
    { "0.1", "0.2", "0.3", "0.4" }

#endif
