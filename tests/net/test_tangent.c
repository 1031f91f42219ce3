/* SPDX-License-Identifier: MIT */
/* test_tangent.c - what must hold of tangents: values have the bits of f64, and a step applies its
 * own Jacobian, known from finite differences in a far higher precision. */
#include "laws.h"

static const bf_layer deep_layers[] = {
    BF_LAYER("dense", {"width", "3"}),
    {.kind = "silu"},
    BF_LAYER("dense", {"width", "2"}, {"scale", "1/3"}),
    BF_LAYER("tanh", {"gain", "3/2"}),
    BF_LAYER("dense", {"width", "1"}),
};

static const bf_setting settings[] = {{"momentum", "0.9"}, {"weight_decay", "1e-2"}};

/* The minimal model, and one with everything that a training step can have. */
static bf_problem problem_of(bool deep) {
    bf_problem p = minimal_problem();
    if (deep) {
        p.layers = deep_layers;
        p.n_layers = LENGTH(deep_layers);
        p.rate = "0.5";
        p.optimiser_settings = settings;
        p.n_optimiser_settings = LENGTH(settings);
    }
    return p;
}

static double uniform(void) {
    return (double)(int64_t)random_bits() * 0x1p-63;
}

/* Runs of f64 and of f64 with tangents, under any tangent vector: every step's hash. */
static void values_are_those_of_f64(void **state) {
    (void)state;
    for (size_t k = 0; bf_kernel(k); k++)
        for (int deep = 0; deep <= 1; deep++) {
            must(bf_kernel_force(bf_kernel(k), &err));
            const bf_arithmetic f64 = arithmetic("f64");
            bf_arithmetic tangent;
            bf_arithmetic_tangent(&tangent);
            assert_string_equal(tangent.kernel, bf_kernel(k));
            const bf_problem p = problem_of(deep);
            bf_ensemble *a, *b;
            must(bf_ensemble_new(&a, &f64, &p, &err));
            must(bf_ensemble_new(&b, &tangent, &p, &err));
            const size_t n = bf_n_parameters(a);
            const start_kind kinds[] = {{"-1", "1"}, {"-1e-310", "1e-310"}, {"-100", "100"}};
            const size_t runs = 24;
            uint8_t *all = starts(&f64.format, n, kinds, LENGTH(kinds), runs);
            double *v = take(bf_n_states(b), sizeof *v);
            for (size_t i = 0; i < runs; i++) {
                const int lane = (int)(i % (size_t)bf_lanes(b));
                bf_recorder *ra, *rb;
                bf_lane_start(a, 0, all + i * n * 8);
                bf_lane_start(b, lane, all + i * n * 8);
                for (size_t j = 0; j < bf_n_states(b); j++)
                    v[j] = uniform();
                bf_lane_put_tangent(b, lane, v);
                must(bf_recorder_new(&ra, a, 0, NULL, &err));
                must(bf_recorder_new(&rb, b, lane, NULL, &err));
                for (size_t step = 0; step < 300 && !bf_lane_diverged(a, 0); step++) {
                    bf_gradient(a);
                    bf_gradient(b);
                    bf_record(ra);
                    bf_record(rb);
                    bf_update(a);
                    bf_update(b);
                    assert_int_equal(bf_lane_diverged(a, 0), bf_lane_diverged(b, lane));
                }
                const bf_hash ha = bf_recorder_hash(ra), hb = bf_recorder_hash(rb);
                assert_true(bf_hash_equal(&ha, &hb));
                bf_recorder_free(ra);
                bf_recorder_free(rb);
            }
            free(v);
            free(all);
            bf_ensemble_free(a);
            bf_ensemble_free(b);
        }
    must(bf_kernel_force(NULL, &err));
}

/* F^steps(x) of the parameters, in mpfr:512. */
static void far_end(const bf_problem *p, const mpfr_t *x, size_t n, uint64_t steps, mpfr_t *out) {
    const bf_arithmetic high = arithmetic("mpfr:512");
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &high, p, &err));
    uint8_t *theta = take(n, high.format.bytes);
    for (size_t i = 0; i < n; i++)
        encode(&high.format, x[i], theta + i * high.format.bytes);
    bf_lane_start(e, 0, theta);
    bf_train(e, steps);
    bf_lane_theta(e, 0, theta);
    for (size_t i = 0; i < n; i++)
        decode(&high.format, theta + i * high.format.bytes, out[i]);
    free(theta);
    bf_ensemble_free(e);
}

/* The tangent after some steps, v at the start, against (F(x + h v) - F(x))/h with h = 1e-60 at 512
 * bits, which has an error near 1e-60. Velocities begin with the tangent zero, so only parameters
 * are nudged.
 *
 * Bound, u = 2^-53. Parameters, v and data are at most 2.3 in magnitude, tanh and its first two
 * derivatives at most 1, factors at most 3/2, rate 5/2: no value or tangent on the way exceeds 64.
 * A parameter's tangent depends on fewer than 40 roundings for each of 8 samples, each of at most
 * 64 u and passed on to the end with a factor of at most 16: below 2^19 u. From the second step on
 * the f64 run itself has left the exact one by as much, and its Jacobian has moved by a few times
 * that; a step multiplies errors by less than 16, all told. A wrong rule shows as an error near 1.
 */
static void a_step_applies_its_jacobian(void **state) {
    (void)state;
    double worst = 0;
    for (size_t trial = 0; trial < scaled(64); trial++) {
        const bf_problem p = problem_of(trial % 2);
        const uint64_t steps = 1 + trial / 2 % 4;
        bf_arithmetic tangent;
        bf_arithmetic_tangent(&tangent);
        bf_ensemble *e;
        must(bf_ensemble_new(&e, &tangent, &p, &err));
        const size_t n = bf_n_parameters(e);
        const int lane = (int)random_below((size_t)bf_lanes(e));
        double *v = take(bf_n_states(e), sizeof *v), *end = take(bf_n_states(e), sizeof *end);
        uint8_t *theta = take(n, 8);
        mpfr_t *x = take(n, sizeof *x), *moved = take(n, sizeof *moved);
        mpfr_t h, difference;
        mpfr_inits2(512, h, difference, (mpfr_ptr)0);
        mpfr_set_str(h, "1e-60", 10, MPFR_RNDN);
        for (size_t i = 0; i < n; i++) {
            mpfr_inits2(512, x[i], moved[i], (mpfr_ptr)0);
            v[i] = uniform();
            mpfr_set_d(x[i], uniform(), MPFR_RNDN);
            encode(&tangent.format, x[i], theta + 8 * i);
            mpfr_mul_d(moved[i], h, v[i], MPFR_RNDN);
            mpfr_add(moved[i], moved[i], x[i], MPFR_RNDN);
        }
        bf_lane_start(e, lane, theta);
        bf_lane_put_tangent(e, lane, v);
        bf_train(e, steps);
        bf_lane_tangent(e, lane, end);
        far_end(&p, x, n, steps, x);
        far_end(&p, moved, n, steps, moved);
        for (size_t i = 0; i < n; i++) {
            mpfr_sub(difference, moved[i], x[i], MPFR_RNDN);
            mpfr_div(difference, difference, h, MPFR_RNDN);
            mpfr_sub_d(difference, difference, end[i], MPFR_RNDN);
            const double error = fabs(mpfr_get_d(difference, MPFR_RNDN));
            const double bound = ldexp(0x1p-34, 4 * ((int)steps - 1));
            worst = fmax(worst, error / bound);
            if (!(error <= bound))
                fail_msg("trial %zu, parameter %zu: %g; expected at most %g", trial, i, error,
                         bound);
            mpfr_clears(x[i], moved[i], (mpfr_ptr)0);
        }
        mpfr_clears(h, difference, (mpfr_ptr)0);
        free(x);
        free(moved);
        free(theta);
        free(v);
        free(end);
        bf_ensemble_free(e);
    }
    print_message("largest error: %.3g of the bound\n", worst);
    mpfr_free_cache();
}

/* DF is linear: scaling by a power of two, no overflow, no underflow, is exact. */
static void tangents_scale(void **state) {
    (void)state;
    const bf_problem p = problem_of(true);
    bf_arithmetic tangent;
    bf_arithmetic_tangent(&tangent);
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &tangent, &p, &err));
    const size_t n = bf_n_states(e);
    const start_kind kind = {"-1", "1"};
    uint8_t *theta = starts(&tangent.format, bf_n_parameters(e), &kind, 1, 1);
    double *v = take(n, sizeof *v), *w = take(n, sizeof *w);
    for (size_t i = 0; i < n; i++)
        v[i] = uniform();
    for (int lane = 0; lane < 2; lane++) {
        bf_lane_start(e, lane, theta);
        bf_lane_put_tangent(e, lane, v);
        for (size_t i = 0; i < n; i++)
            v[i] *= -0x1p+100;
    }
    bf_train(e, 50);
    bf_lane_tangent(e, 0, v);
    bf_lane_tangent(e, 1, w);
    for (size_t i = 0; i < n; i++) {
        assert_true(v[i] != 0);
        assert_true(w[i] == v[i] * -0x1p+100);
    }
    free(theta);
    free(v);
    free(w);
    bf_ensemble_free(e);
}

/* Where there is momentum the state has velocities; a run begins with zeros in all of it. */
static void a_start_has_no_tangent(void **state) {
    (void)state;
    for (int deep = 0; deep <= 1; deep++) {
        const bf_problem p = problem_of(deep);
        bf_arithmetic tangent;
        bf_arithmetic_tangent(&tangent);
        bf_ensemble *e;
        must(bf_ensemble_new(&e, &tangent, &p, &err));
        const size_t n = bf_n_states(e), parameters = bf_n_parameters(e);
        assert_int_equal(n, deep ? 2 * parameters : parameters);
        const start_kind kind = {"-1", "1"};
        uint8_t *theta = starts(&tangent.format, parameters, &kind, 1, 1);
        double *v = take(n, sizeof *v);
        for (int again = 0; again < 2; again++) {
            bf_lane_start(e, 1, theta);
            bf_lane_tangent(e, 1, v);
            for (size_t i = 0; i < n; i++)
                assert_true(v[i] == 0);
            for (size_t i = 0; i < n; i++)
                v[i] = 1;
            bf_lane_put_tangent(e, 1, v);
            bf_train(e, 3);
            bf_lane_tangent(e, 0, v); /* the neighbour's is its own */
            for (size_t i = 0; i < n; i++)
                assert_true(v[i] == 0);
        }
        free(theta);
        free(v);
        bf_ensemble_free(e);
    }
}

/* No name leads to it. */
static void it_is_not_listed(void **state) {
    (void)state;
    bf_arithmetic a;
    bf_arithmetic_tangent(&a);
    for (size_t i = 0; bf_arithmetic_list(i); i++)
        assert_null(strstr(bf_arithmetic_list(i)->sum, "tangent"));
    assert_int_equal(bf_arithmetic_parse(&a, "f64/tangent", &err), BF_EINPUT);
    assert_int_equal(bf_arithmetic_parse(&a, "f64_tangent", &err), BF_EINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_f64), cmocka_unit_test(a_step_applies_its_jacobian),
        cmocka_unit_test(tangents_scale),          cmocka_unit_test(a_start_has_no_tangent),
        cmocka_unit_test(it_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
