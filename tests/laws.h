/* SPDX-License-Identifier: MIT */
/* laws.h - what the law tests share: encodings read and written by the letter of bitfate.h, and
 * many runs trained through the lanes of an ensemble. It uses the engine's public header only. */
#ifndef TESTS_LAWS_H
#define TESTS_LAWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <mpfr.h>

#include "bitfate.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* BITFATE_TEST_QUICK=1: about an eighth of the work, for sanitizers. */
static inline size_t scaled(size_t n) {
    return getenv("BITFATE_TEST_QUICK") ? (n + 7) / 8 : n;
}

/* What must succeed: must(bf_something(..., &err)). */
static _Thread_local bf_error err;

static inline void must(bf_status s) {
    if (s != BF_OK)
        fail_msg("%s", err.text);
}

static inline void *take(size_t n, size_t size) {
    void *p = calloc(n, size);
    assert_non_null(p);
    return p;
}

static inline bf_arithmetic arithmetic(const char *name) {
    bf_arithmetic a;
    must(bf_arithmetic_parse(&a, name, &err));
    return a;
}

static inline bf_format format_named(const char *name) {
    bf_format f;
    assert_true(bf_format_find(&f, name));
    return f;
}

/* ---- randomness --------------------------------------------------------------------------- */

static uint64_t random_state = 1;

/* splitmix64. */
static inline uint64_t random_bits(void) {
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline size_t random_below(size_t n) {
    return (size_t)(random_bits() % n);
}

/* ---- encodings, by the letter of bf_format ------------------------------------------------ */

static inline uint64_t load_bytes(const uint8_t *p, size_t n) {
    uint64_t v = 0;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

static inline void save_bytes(uint8_t *p, size_t n, uint64_t v) {
    for (size_t i = 0; i < n; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

static inline void flip_sign(const bf_format *f, uint8_t *value) {
    value[f->ieee ? f->bytes - 1 : 0] ^= 0x80;
}

/* r, of any precision not below the format's, becomes the encoded value. */
static inline void decode(const bf_format *f, const uint8_t *value, mpfr_t r) {
    bool negative;
    if (f->ieee) {
        const int fraction_bits = f->precision - 1, width = 8 * (int)f->bytes - f->spare;
        const uint64_t v = load_bytes(value, f->bytes) >> f->spare;
        const uint64_t ones = (UINT64_C(1) << fraction_bits) - 1, fraction = v & ones;
        const uint64_t top = (UINT64_C(1) << (width - 1 - fraction_bits)) - 1;
        const uint64_t biased = v >> fraction_bits & top;
        negative = v >> (width - 1);
        if (biased == top && (f->has_infinity ? fraction != 0 : fraction == ones))
            mpfr_set_nan(r);
        else if (biased == top && f->has_infinity)
            mpfr_set_inf(r, 1);
        else /* (fraction + implicit bit) 2^(biased - bias - fraction_bits) */
            mpfr_set_uj_2exp(r, fraction | (uint64_t)(biased != 0) << fraction_bits,
                             (mpfr_exp_t)(biased ? biased : 1) - (mpfr_exp_t)(top / 2) -
                                 fraction_bits,
                             MPFR_RNDN);
    } else {
        negative = value[0] & 128;
        switch (value[0] & 127) {
        case 0:
            mpfr_set_zero(r, 1);
            break;
        case 2:
            mpfr_set_inf(r, 1);
            break;
        case 3:
            mpfr_set_nan(r);
            break;
        default:
            mpfr_set_zero(r, 1);
            for (size_t i = f->bytes; i-- > 9;) { /* exact: r is wide enough */
                mpfr_mul_2ui(r, r, 8, MPFR_RNDN);
                mpfr_add_ui(r, r, value[i], MPFR_RNDN);
            }
            mpfr_mul_2si(r, r, (long)(int64_t)load_bytes(value + 1, 8) - f->precision, MPFR_RNDN);
        }
    }
    if (negative)
        mpfr_neg(r, r, MPFR_RNDN);
}

/* x rounded once, by MPFR, into a format without subnormals (or, for f32 and f64, by mpfr_get_flt
 * and mpfr_get_d). */
static inline void encode(const bf_format *f, const mpfr_t x, uint8_t *out) {
    if (strcmp(f->name, "f64") == 0) {
        const double d = mpfr_get_d(x, MPFR_RNDN);
        uint64_t v;
        memcpy(&v, &d, sizeof v);
        save_bytes(out, 8, v);
        return;
    }
    if (strcmp(f->name, "f32") == 0) {
        const float s = mpfr_get_flt(x, MPFR_RNDN);
        uint32_t v;
        memcpy(&v, &s, sizeof v);
        save_bytes(out, 4, v);
        return;
    }
    assert_false(f->ieee);
    mpfr_t r;
    mpfr_init2(r, f->precision);
    mpfr_set(r, x, MPFR_RNDN);
    memset(out, 0, f->bytes);
    out[0] = (uint8_t)((mpfr_zero_p(r)  ? 0
                        : mpfr_nan_p(r) ? 3
                        : mpfr_inf_p(r) ? 2
                                        : 1) +
                       (mpfr_signbit(r) && !mpfr_nan_p(r) ? 128 : 0));
    if (mpfr_regular_p(r)) {
        mpz_t m;
        mpz_init(m);
        const mpfr_exp_t e = mpfr_get_z_2exp(m, r);
        save_bytes(out + 1, 8, (uint64_t)(e + f->precision));
        mpz_abs(m, m);
        mpz_export(out + 9, NULL, -1, 1, 0, 0, m);
        mpz_clear(m);
    }
    mpfr_clear(r);
}

/* ---- starts ------------------------------------------------------------------------------- */

/* Uniform in [low, high]; with no high, of the minimal model at distance low from both planes. */
typedef struct start_kind {
    const char *low, *high;
} start_kind;

/* n starts, kind after kind in turn, each its own trial. */
static inline uint8_t *starts(const bf_format *f, size_t parameters, const start_kind *kinds,
                              size_t n_kinds, size_t n) {
    const size_t size = parameters * f->bytes;
    uint8_t *all = take(n, size);
    for (size_t i = 0; i < n; i++) {
        const start_kind *k = &kinds[i % n_kinds];
        if (k->high)
            must(bf_start_uniform(f, parameters, all + i * size, k->low, k->high, 7, i, &err));
        else
            must(bf_start_planes(f, all + i * size, k->low, 7, i, &err));
    }
    return all;
}

/* ---- runs --------------------------------------------------------------------------------- */

typedef struct outcome {
    bf_hash hash; /* chained, of every step */
    uint64_t steps;
    bool diverged;
} outcome;

/* Train `n` runs through the lanes of one ensemble, hashing every step. */
typedef struct campaign {
    const bf_arithmetic *arithmetic;
    const bf_problem *problem;
    size_t n;
    const uint8_t *starts;
    uint64_t steps;
    int lanes;    /* how many to use; 0: all */
    size_t shift; /* run i is the (i + shift mod n)-th to enter, into the first lane that is free */
    /* Called for every run at every step, the first and the last included (or NULL). */
    void (*observe)(void *self, size_t run, const bf_ensemble *e, int lane);
    void *self;
    uint8_t *ends; /* the last parameters of every run (or NULL) */
} campaign;

static inline void train_all(const campaign *c, outcome *out) {
    bf_ensemble *e;
    must(bf_ensemble_new(&e, c->arithmetic, c->problem, &err));
    const size_t size = bf_n_parameters(e) * bf_ensemble_format(e)->bytes;
    const int lanes = c->lanes ? c->lanes : bf_lanes(e);
    struct {
        bf_recorder *recorder; /* NULL: the lane is free */
        size_t run;
    } *lane = take((size_t)lanes, sizeof *lane);
    for (size_t entered = 0, active = 0; entered < c->n || active > 0;) {
        const bool open = active == 0 || !bf_in_step(e);
        for (int i = 0; i < lanes && entered < c->n; i++)
            if (!lane[i].recorder && open) {
                lane[i].run = (entered++ + c->n - c->shift % c->n) % c->n;
                bf_lane_start(e, i, c->starts + lane[i].run * size);
                must(bf_recorder_new(&lane[i].recorder, e, i, NULL, &err));
                active++;
            }
        bf_gradient(e);
        for (int pass = 0; pass < 2; pass++) { /* before the update, and those it ended */
            for (int i = 0; i < lanes; i++) {
                if (!lane[i].recorder || (pass == 1 && !bf_lane_diverged(e, i)))
                    continue;
                bf_record(lane[i].recorder);
                if (c->observe)
                    c->observe(c->self, lane[i].run, e, i);
                if (pass == 0 && bf_lane_step(e, i) < c->steps)
                    continue;
                out[lane[i].run] = (outcome){.hash = bf_recorder_hash(lane[i].recorder),
                                             .steps = bf_lane_step(e, i),
                                             .diverged = bf_lane_diverged(e, i)};
                if (c->ends)
                    bf_lane_theta(e, i, c->ends + lane[i].run * size);
                bf_recorder_free(lane[i].recorder);
                lane[i].recorder = NULL;
                bf_lane_stop(e, i);
                active--;
            }
            if (pass == 0)
                bf_update(e);
        }
    }
    free(lane);
    bf_ensemble_free(e);
}

static inline bool same_outcome(const outcome *a, const outcome *b) {
    return bf_hash_equal(&a->hash, &b->hash) && a->steps == b->steps && a->diverged == b->diverged;
}

/* ---- problems ----------------------------------------------------------------------------- */

/* The paper's minimal model. */
static const bf_layer minimal_layers[] = {
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
    BF_LAYER("tanh", {"gain", "sqrt(2)"}),
    BF_LAYER("dense", {"width", "1"}, {"bias", "false"}, {"scale", "1/2"}),
};

static inline bf_problem minimal_problem(void) {
    return (bf_problem){.layers = minimal_layers,
                        .n_layers = LENGTH(minimal_layers),
                        .loss = "mse",
                        .data = bf_data_named("paper8"),
                        .rate = "2.5",
                        .bound = "inf"};
}

#endif
