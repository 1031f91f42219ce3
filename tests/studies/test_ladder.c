/* SPDX-License-Identifier: MIT */
/* test_ladder.c - what a ladder says of runs whose answers are known. */
#include "studies/ladder/ladder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N = 200 };

static const char yaml[] =
    "model: {layers: [{dense: 1, bias: false}]}\n"
    "data: {set: paper8}\n"
    "init: {values: [1]}\n"
    "train: {rate: 0.1, steps: 100}\n"
    "outcome: {rule: sign}\n"
    "arithmetics: [f32, f64, f64/exact, \"mpfr:80\", \"mpfr:120\", \"mpfr:200\"]\n"
    "ladder: {starts: 200, steps: [50, 100]}\n";

typedef struct fixture {
    char path[32];
    experiment *x;
    store *s;
} fixture;

static int set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    bf_error err;
    strcpy(f->path, "./test_ladder_XXXXXX");
    close(mkstemp(f->path));
    *state = f;
    return experiment_parse(&f->x, yaml, sizeof yaml - 1, "yaml", 1, NULL, 0, NULL, &err) !=
               BF_OK ||
           store_open(&f->s, f->path, &ladder_store, f->x, &err) != BF_OK;
}

static int tear_down(void **state) {
    fixture *f = *state;
    store_close(f->s);
    experiment_free(f->x);
    unlink(f->path);
    free(f);
    return 0;
}

/* Runs of one arithmetic: from the starts below `differ` the outcome is another. The parameter is
 * 1 + 2^(lost - bits), so that `lost` bits are lost against 1; lost < 0: it is 1. */
static void add(const fixture *f, const char *name, uint64_t steps, uint64_t differ, int lost) {
    bf_error err;
    bf_arithmetic a;
    int id;
    uint8_t theta[64];
    char text[128];
    assert_int_equal(bf_arithmetic_parse(&a, name, &err), BF_OK);
    assert_int_equal(store_arithmetic(f->s, &a, &id, &err), BF_OK);
    const int below = lost < 0 ? 0 : a.format.precision - lost; /* 1 + 2^-below as a hex float */
    if (below == 0)
        strcpy(text, "1");
    else if (below <= 4)
        snprintf(text, sizeof text, "0x1.%xp+0", 16U >> below);
    else
        snprintf(text, sizeof text, "0x1.%0*d%dp+0", (below - 1) / 4, 0, 8 >> (below - 1) % 4);
    assert_int_equal(bf_number(&a.format, text, theta, &err), BF_OK);
    ladder_row rows[N];
    for (uint64_t i = 0; i < N; i++) {
        rows[i] = (ladder_row){
            .start = i, .steps = steps, .step = steps, .n_theta = a.format.bytes, .theta = theta};
        strcpy(rows[i].outcome, i < differ ? "other" : "+");
    }
    assert_int_equal(ladder_add(f->s, id, rows, N, &err), BF_OK);
}

static ladder *read_ladder(const fixture *f) {
    void *l;
    bf_error err;
    const store_contents c = {.x = f->x};
    assert_int_equal(ladder_analyse(&l, f->s, &c, &err), BF_OK);
    return l;
}

static void add_all(const fixture *f) {
    for (uint64_t steps = 50; steps <= 100; steps += 50) {
        const int lost = steps == 50 ? 40 : 90;
        add(f, "f32", steps, 40, 24);
        add(f, "f64/exact", steps, 0, lost < 53 ? lost : 53);
        add(f, "f64", steps, 20, lost < 53 ? lost : 53);
        add(f, "mpfr:80", steps, steps == 50 ? 0 : 5, lost < 80 ? lost : 80);
        add(f, "mpfr:120", steps, 0, lost);
        add(f, "mpfr:200", steps, 0, -1);
    }
}

static void the_horizon_is_what_is_lost(void **state) {
    const fixture *f = *state;
    add_all(f);
    ladder *l = read_ladder(f);
    assert_string_equal(l->reference, "mpfr:200");
    assert_int_equal(l->reference_bits, 200);
    assert_int_equal(l->starts, N);
    assert_int_equal(l->n_comparisons, 2);
    assert_int_equal(l->main, 1);
    for (size_t i = 0; i < 2; i++) {
        const double lost = i == 0 ? 40 : 90;
        assert_int_equal(l->comparisons[i].n_horizon, N);
        /* All starts lose the same: no interval. log2 is good to 2^-40. */
        assert_true(fabs(l->comparisons[i].horizon.value - lost) < 0x1p-30);
        assert_true(l->comparisons[i].horizon.low == l->comparisons[i].horizon.value);
        assert_true(l->comparisons[i].horizon.high == l->comparisons[i].horizon.value);
    }
    assert_true(fabs(l->horizon_per_step.value - 1) < 0x1p-30);
    ladder_free(l);
}

static void points_are_shares(void **state) {
    const fixture *f = *state;
    add_all(f);
    ladder *l = read_ladder(f);
    static const struct {
        const char *name;
        int bits;
        uint64_t differ;
        bool plateau;
    } expected[] = {{"f32", 24, 40, true},
                    {"f64", 53, 20, true}, /* 53 < 0.6 * 90 */
                    {"f64/exact", 53, 0, false},
                    {"mpfr:80", 80, 5, false},
                    {"mpfr:120", 120, 0, false}};
    const ladder_comparison *v = &l->comparisons[1];
    assert_int_equal(v->n_points, 5);
    for (size_t i = 0; i < 5; i++) {
        const ladder_point *p = &v->points[i];
        const interval w = stats_wilson(expected[i].differ, N, STATS_Z95);
        assert_string_equal(p->arithmetic, expected[i].name);
        assert_int_equal(p->bits, expected[i].bits);
        assert_int_equal(p->n, N);
        assert_int_equal(p->differ, expected[i].differ);
        assert_true(p->fraction.value == (double)expected[i].differ / N);
        assert_true(p->fraction.low == w.low && p->fraction.high == w.high);
        assert_int_equal(p->plateau, expected[i].plateau);
    }
    assert_int_equal(v->resolved_from, 120);
    ladder_free(l);
}

/* Two points determine the line: 40 of 200 at 24 bits and 20 at 53 are halved by 29 bits. */
static void the_plateau_halves(void **state) {
    const fixture *f = *state;
    add_all(f);
    ladder *l = read_ladder(f);
    const ladder_comparison *v = &l->comparisons[1];
    assert_true(fabs(v->bits_to_halve.value - 29) < 1e-6);
    assert_true(v->bits_to_halve.low < 29 && v->bits_to_halve.high > 29);
    assert_true(v->plateau.value == 60.0 / 400);
    /* Half of 0.15 is passed between 53 bits (0.1) and 80 (0.025). */
    assert_true(fabs(v->half.value - (53 + 27.0 / 3)) < 1e-9);
    ladder_free(l);
}

/* Shares that increase with the bits are pooled. */
static void the_curve_decreases(void **state) {
    const fixture *f = *state;
    add(f, "f32", 100, 20, 24);
    add(f, "f64", 100, 40, 53);
    add(f, "mpfr:80", 100, 60, 80);
    add(f, "mpfr:120", 100, 0, 105);
    add(f, "mpfr:200", 100, 0, -1);
    ladder *l = read_ladder(f);
    const ladder_comparison *v = &l->comparisons[1];
    /* 24, 53 and 80 bits pool to 0.2; the plateau, up to 63 bits, is 0.15. */
    assert_true(v->plateau.value == 60.0 / 400);
    assert_true(fabs(v->half.value - (120 - 40 * 0.075 / 0.2)) < 1e-9);
    assert_int_equal(l->comparisons[0].n_points, 0);
    assert_true(isnan(l->comparisons[0].horizon.value));
    assert_true(isnan(l->horizon_per_step.value));
    ladder_free(l);
}

static void nothing_is_told_of_nothing(void **state) {
    ladder *l = read_ladder(*state);
    assert_null(l->reference);
    assert_int_equal(l->n_comparisons, 2);
    ladder_free(l);
}

static void the_prediction_is_the_growth(void **state) {
    const fixture *f = *state;
    bf_error err;
    double rates[N];
    add_all(f);
    for (size_t i = 0; i < N; i++) /* the first half diverged */
        rates[i] = i < 100 ? NAN : i % 2 ? 0.25 : 0.5;
    assert_int_equal(ladder_add_growth(f->s, rates, N, &err), BF_OK);
    ladder *l = read_ladder(f);
    assert_true(l->lambda.value == 0.375);
    assert_true(l->lambda.low < 0.375 && l->lambda.high > 0.375);
    assert_true(fabs(l->comparisons[1].predicted.value - 37.5 / log(2)) < 1e-12);
    ladder_free(l);
}

static void damage_is_bad_input(void **state) {
    const fixture *f = *state;
    static const char *const damage[] = {
        "UPDATE rung SET theta = x'00'",
        "UPDATE rung SET start = -1 WHERE start = 0",
        "UPDATE rung SET arithmetic = 77 WHERE arithmetic = 1",
        "UPDATE arithmetic SET name = 'f99' WHERE id = 1",
        "DROP TABLE rung",
        "DROP TABLE growth",
    };
    bf_error err;
    void *l;
    const store_contents c = {.x = f->x};
    add_all(f);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        store *s;
        char command[160];
        snprintf(command, sizeof command, "cp %s %s.bad && sqlite3 %s.bad \"%s\"", f->path, f->path,
                 f->path, damage[i]);
        assert_int_equal(system(command), 0);
        snprintf(command, sizeof command, "%s.bad", f->path);
        assert_int_equal(store_read(&s, command, &err), BF_OK);
        assert_int_equal(ladder_analyse(&l, s, &c, &err), BF_EINPUT);
        assert_null(l);
        store_close(s);
        unlink(command);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_horizon_is_what_is_lost), TEST(points_are_shares),
        TEST(the_plateau_halves),          TEST(the_curve_decreases),
        TEST(nothing_is_told_of_nothing),  TEST(the_prediction_is_the_growth),
        TEST(damage_is_bad_input),
    };
    return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
