/* SPDX-License-Identifier: MIT */
/* test_shuffle.c - sums in a pseudo-random order: what must be true of them beyond the laws of
 * test_laws.c, and the orders as doc/numerics.md words them, drawn here a second time. */
#include "laws.h"

static const char *const formats[] = {"f32", "f64"};

static bf_arithmetic shuffled(const char *format, const char *seed) {
    char name[64];
    snprintf(name, sizeof name, "%s/shuffle:%s", format, seed);
    return arithmetic(name);
}

/* ---- where the order does not matter -----------------------------------------------------------
 */

/* Small multiples of powers of two: no sum of the first steps is rounded, in whatever order, so
 * that exact sums are equal too. */
static void exact_partial_sums_have_no_order(void **state) {
    (void)state;
    static const double x[] = {1,  -2, 3, 4, 0, -1, 2, 2,  -3, 1, 1,  1,
                               -4, 3,  2, 0, 1, -1, 3, -2, 2,  1, -1, 4};
    static const double y[] = {1, 0, -2, 3, 1, -1, 2, 0};
    static const bf_data data = {.n = 8, .inputs = 3, .outputs = 1, .x = x, .y = y};
    const bf_layer layers[] = {BF_LAYER("dense", {"width", "1"}, {"scale", "1/2"})};
    static const char *const start[] = {"0.5", "-1", "0.75", "0.25"};
    static const char *const seeds[] = {"0", "1", "2", "18446744073709551615"};
    bf_problem problem = minimal_problem();
    problem.layers = layers;
    problem.n_layers = 1;
    problem.data = &data;
    problem.rate = "1/8";
    for (size_t i = 0; i < LENGTH(formats); i++) {
        const bf_arithmetic in_order = arithmetic(formats[i]);
        char exact_name[16];
        snprintf(exact_name, sizeof exact_name, "%s/exact", formats[i]);
        const bf_arithmetic exact = arithmetic(exact_name);
        uint8_t theta[4 * 8];
        for (size_t k = 0; k < 4; k++)
            must(bf_number(&in_order.format, start[k], theta + k * in_order.format.bytes, &err));
        outcome want, got;
        campaign c = {&in_order, &problem, 1, theta, .steps = i == 0 ? 1 : 3};
        train_all(&c, &want);
        c.arithmetic = &exact;
        train_all(&c, &got);
        assert_true(same_outcome(&want, &got)); /* the premise */
        for (size_t s = 0; s < LENGTH(seeds); s++) {
            const bf_arithmetic a = shuffled(formats[i], seeds[s]);
            c.arithmetic = &a;
            train_all(&c, &got);
            if (!same_outcome(&want, &got))
                fail_msg("%s has other bits", a.name);
        }
    }
}

/* ---- seeds and runs
 * ------------------------------------------------------------------------------ */

enum { N = 8, STEPS = 50 };

static const start_kind ordinary[] = {{"-1", "1"}};

static void the_seed_decides(void **state) {
    (void)state;
    const bf_problem problem = minimal_problem();
    for (size_t i = 0; i < LENGTH(formats); i++) {
        const bf_arithmetic a = shuffled(formats[i], "1"), other = shuffled(formats[i], "2"),
                            far = shuffled(formats[i], "4294967297"),
                            in_order = arithmetic(formats[i]);
        uint8_t *theta = starts(&a.format, 4, ordinary, 1, N);
        outcome first[N], again[N];
        campaign c = {&a, &problem, N, theta, .steps = STEPS};
        train_all(&c, first);
        train_all(&c, again);
        for (size_t j = 0; j < N; j++)
            assert_true(same_outcome(&first[j], &again[j]));
        const bf_arithmetic *const others[] = {&other, &far, &in_order};
        for (size_t k = 0; k < LENGTH(others); k++) {
            c.arithmetic = others[k];
            train_all(&c, again);
            for (size_t j = 0; j < N; j++)
                if (same_outcome(&first[j], &again[j]))
                    fail_msg("%s and %s: start %zu has the same bits", a.name, others[k]->name, j);
        }
        free(theta);
    }
}

/* One start in every lane. Runs of the same number have the same bits, however often the gradient
 * is computed; a lane started anew is run 0 again. */
static void the_run_decides(void **state) {
    (void)state;
    const bf_problem problem = minimal_problem();
    for (size_t i = 0; i < LENGTH(formats); i++) {
        const bf_arithmetic a = shuffled(formats[i], "1");
        const size_t size = 4 * a.format.bytes;
        uint8_t *theta = starts(&a.format, 4, ordinary, 1, 1), *ends = take(3, size);
        static const uint64_t runs[] = {0, 1, UINT64_C(1) << 32};
        bf_ensemble *e;
        must(bf_ensemble_new(&e, &a, &problem, &err));
        for (int turn = 0; turn < 2; turn++) {
            for (int lane = 0; lane < bf_lanes(e); lane++) {
                bf_lane_start(e, lane, theta);
                if ((lane + turn) % 3 > 0) /* run 0 needs no number */
                    bf_lane_set_run(e, lane, runs[(lane + turn) % 3]);
            }
            for (int step = 0; step < STEPS; step++) {
                for (int times = 0; times < (turn ? 3 : 1); times++)
                    bf_gradient(e);
                bf_update(e);
            }
            for (int lane = 0; lane < bf_lanes(e); lane++) {
                uint8_t end[4 * 8];
                bf_lane_theta(e, lane, end);
                uint8_t *want = ends + (size_t)((lane + turn) % 3) * size;
                if (turn == 0 && lane < 3)
                    memcpy(want, end, size);
                assert_memory_equal(end, want, size);
            }
        }
        assert_memory_not_equal(ends, ends + size, size);
        assert_memory_not_equal(ends, ends + 2 * size, size);
        assert_memory_not_equal(ends + size, ends + 2 * size, size);
        bf_ensemble_free(e);
        free(theta);
        free(ends);
    }
}

/* ---- the orders, by the words of doc/numerics.md
 * --------------------------------------------------- */

typedef struct drawing {
    uint64_t seed, run, step, sum;
} drawing;

static uint32_t word_of(const drawing *d, uint64_t key, uint32_t number) {
    const uint32_t counter[4] = {number / 4, (uint32_t)d->sum, (uint32_t)d->step,
                                 (uint32_t)(d->step >> 32)};
    const uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    uint32_t out[4];
    bf_philox(counter, halves, out);
    return out[number % 4];
}

static void draw_order(const drawing *d, size_t n, size_t *order) {
    const uint64_t key = bf_random(d->seed, 4, d->run, 0, 0);
    uint32_t number = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n - 1; n > 0 && i > 0; i--) {
        const uint64_t choices = i + 1, two32 = UINT64_C(1) << 32;
        uint64_t product;
        do
            product = word_of(d, key, number++) * choices;
        while (product % two32 < two32 % choices);
        const size_t j = (size_t)(product / two32), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

static void known_orders(void **state) {
    (void)state;
    static const struct {
        drawing d;
        size_t order[8];
    } known[] = {
        {{1, 0, 0, 0}, {1, 5, 7, 4, 2, 6, 0, 3}},
        {{1, 0, 0, 1}, {0, 1, 4, 5, 2, 6, 3, 7}},
        {{7, 5, UINT64_C(0x100000002), 24}, {4, 7, 6, 5, 2, 3, 1, 0}},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        size_t order[8];
        draw_order(&known[i].d, 8, order);
        assert_memory_equal(order, known[i].order, sizeof order);
    }
}

/* Sum of a[l stride_a] b[l stride_b] in the order of the next sum. */
static double next_sum(drawing *d, size_t n, const double *a, size_t stride_a, const double *b,
                       size_t stride_b) {
    size_t order[8];
    double s = 0;
    draw_order(d, n, order);
    d->sum++;
    for (size_t l = 0; l < n; l++)
        s = fma(a[order[l] * stride_a], b[order[l] * stride_b], s);
    return s;
}

/* tanh, rounded once (results are far from subnormal here). */
static double tanh_rounded(double x) {
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_d(t, x, MPFR_RNDN);
    mpfr_tanh(t, t, MPFR_RNDN);
    x = mpfr_get_d(t, MPFR_RNDN);
    mpfr_clear(t);
    return x;
}

/* One step of the minimal model in binary64. theta: (w1, w2, v1, v2). Returns the loss. */
static double step_of(drawing *d, double theta[4], const bf_data *data, double rate) {
    double z[8][2], delta[8], back[8][2], g[4], *w = theta, *v = theta + 2;
    d->sum = 0;
    for (int n = 0; n < 8; n++)
        for (int i = 0; i < 2; i++)
            z[n][i] = tanh_rounded(sqrt(2) * next_sum(d, 1, &data->x[n], 1, &w[i], 1));
    for (int n = 0; n < 8; n++)
        delta[n] = 0.5 * next_sum(d, 2, z[n], 1, v, 1) - data->y[n];
    const double loss = next_sum(d, 8, delta, 1, delta, 1) / 8;
    for (int n = 0; n < 8; n++)
        delta[n] = delta[n] * 0.25 * 0.5;
    for (int i = 0; i < 2; i++)
        g[2 + i] = next_sum(d, 8, delta, 1, &z[0][i], 2);
    for (int n = 0; n < 8; n++)
        for (int i = 0; i < 2; i++) {
            const double slope = fma(-z[n][i], z[n][i], 1);
            back[n][i] = next_sum(d, 1, &delta[n], 1, &v[i], 1) * slope * sqrt(2);
        }
    for (int i = 0; i < 2; i++)
        g[i] = next_sum(d, 8, &back[0][i], 2, data->x, 1);
    for (int i = 0; i < 4; i++)
        theta[i] = fma(-rate, g[i], theta[i]);
    d->step++;
    return loss;
}

/* Lanes that start one after the other, so that each is at a step of its own, as runs of different
 * numbers. */
static void a_reference_gives_the_same_bits(void **state) {
    (void)state;
    const bf_problem problem = minimal_problem();
    const bf_arithmetic a = arithmetic("f64/shuffle:12345678901234567890");
    uint8_t *bytes = starts(&a.format, 4, ordinary, 1, N);
    double theta[N][4];
    drawing d[N];
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &a, &problem, &err));
    const int lanes = bf_lanes(e) < N ? bf_lanes(e) : N;
    for (int step = 0; step < STEPS; step++) {
        if (step < lanes) {
            bf_lane_start(e, step, bytes + (size_t)step * 32);
            bf_lane_set_run(e, step, (uint64_t)step * UINT64_C(0x123456789));
            d[step] = (drawing){.seed = UINT64_C(12345678901234567890),
                                .run = (uint64_t)step * UINT64_C(0x123456789)};
            for (size_t k = 0; k < 4; k++)
                theta[step][k] =
                    bf_to_double(&a.format, bytes + (size_t)step * 32 + k * a.format.bytes);
        }
        bf_gradient(e);
        double loss[N];
        uint8_t value[8], engine[32];
        for (int lane = 0; lane < lanes && lane <= step; lane++) {
            loss[lane] = step_of(&d[lane], theta[lane], problem.data, 2.5);
            bf_lane_loss(e, lane, value);
            if (bf_to_double(&a.format, value) != loss[lane])
                fail_msg("lane %d, step %d: another loss", lane, (int)bf_lane_step(e, lane));
        }
        bf_update(e);
        for (int lane = 0; lane < lanes && lane <= step; lane++) {
            bf_lane_theta(e, lane, engine);
            for (size_t k = 0; k < 4; k++)
                if (bf_to_double(&a.format, engine + k * 8) != theta[lane][k])
                    fail_msg("lane %d, step %d: another parameter %zu", lane,
                             (int)bf_lane_step(e, lane), k);
        }
    }
    bf_ensemble_free(e);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_partial_sums_have_no_order),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(the_run_decides),
        cmocka_unit_test(known_orders),
        cmocka_unit_test(a_reference_gives_the_same_bits),
    };
    return cmocka_run_group_tests_name("shuffle", tests, NULL, NULL);
}
