/* SPDX-License-Identifier: MIT */
/* test_explain.c - the axes that explain the groups: known answers, and a search through all
 * subsets without any bookkeeping; cells of a product. */
#include "experiment/axes.h"
#include "studies/matrix/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { AXES = 4, CELLS = 2 * 3 * 2 * 4 };
static const unsigned sizes[AXES] = {2, 3, 2, 4};

static unsigned values[CELLS * AXES];

static int make_values(void **state) {
    (void)state;
    for (unsigned c = 0; c < CELLS; c++)
        for (unsigned i = AXES, left = c; i-- > 0; left /= sizes[i])
            values[c * AXES + i] = left % sizes[i];
    return 0;
}

/* The axes chosen, as bits; -1: none. */
static int chosen_of(size_t cells, const unsigned *cell_values, const size_t *groups) {
    bool chosen[AXES], found;
    bf_error err;
    assert_int_equal(explain(cells, AXES, sizes, cell_values, groups, chosen, &found, &err), BF_OK);
    int bits = 0;
    for (int i = 0; i < AXES; i++)
        bits |= chosen[i] ? 1 << i : 0;
    return found ? bits : -1;
}

/* Whether cells that agree on these axes are in the same group: every pair is looked at. */
static bool explains(size_t cells, const unsigned *v, const size_t *groups, int set) {
    for (size_t a = 0; a < cells; a++)
        for (size_t b = 0; b < a; b++) {
            bool agree = true;
            for (unsigned i = 0; i < AXES; i++)
                agree = agree && (!(set >> i & 1) || v[a * AXES + i] == v[b * AXES + i]);
            if (agree && groups[a] != groups[b])
                return false;
        }
    return true;
}

static int members(int set) {
    return (set & 1) + (set >> 1 & 1) + (set >> 2 & 1) + (set >> 3 & 1);
}

/* Of two sets of the same size, the one with the first axis that only one of them has. */
static bool earlier(int a, int b) {
    const int only = a ^ b;
    return a & only & -only;
}

static int brute_force(size_t cells, const unsigned *v, const size_t *groups) {
    int best = -1;
    for (int set = 0; set < 1 << AXES; set++)
        if (explains(cells, v, groups, set) &&
            (best < 0 || members(set) < members(best) ||
             (members(set) == members(best) && earlier(set, best))))
            best = set;
    return best;
}

static void known_answers(void **state) {
    (void)state;
    size_t one[CELLS] = {0}, by_1[CELLS], by_0_and_3[CELLS], by_all[CELLS];
    for (size_t c = 0; c < CELLS; c++) {
        const unsigned *v = values + c * AXES;
        by_1[c] = v[1];
        by_0_and_3[c] = v[0] && v[3] > 1;
        by_all[c] = c;
    }
    assert_int_equal(chosen_of(CELLS, values, one), 0);
    assert_int_equal(chosen_of(CELLS, values, by_1), 1 << 1);
    assert_int_equal(chosen_of(CELLS, values, by_0_and_3), 1 << 0 | 1 << 3);
    assert_int_equal(chosen_of(CELLS, values, by_all), (1 << AXES) - 1);
    assert_int_equal(chosen_of(0, values, one), 0);
}

/* The same cell in two groups. */
static void no_answer(void **state) {
    (void)state;
    unsigned twice[2 * AXES] = {1, 2, 1, 3, 1, 2, 1, 3};
    assert_int_equal(chosen_of(2, twice, (const size_t[]){0, 1}), -1);
    assert_int_equal(chosen_of(2, twice, (const size_t[]){1, 1}), 0);
}

/* Two axes that go together: the first is named. */
static void ties(void **state) {
    (void)state;
    unsigned both[2 * AXES] = {0, 0, 0, 0, 0, 1, 1, 0};
    assert_int_equal(chosen_of(2, both, (const size_t[]){0, 1}), 1 << 1);
}

/* Some of the cells, in groups that depend on some of the axes, or on luck. */
static void against_brute_force(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < 2000; trial++) {
        unsigned some[CELLS * AXES];
        size_t groups[CELLS], n = 0;
        const int set = (int)(bf_random(1, BF_STREAM_START, trial, 0, 0) % (1 << AXES));
        const uint64_t share = 1 + bf_random(1, BF_STREAM_START, trial, 0, 1) % 8;
        for (uint32_t c = 0; c < CELLS; c++) {
            if (bf_random(1, BF_STREAM_START, trial, c, 2) % 8 >= share)
                continue;
            uint32_t key = 0;
            for (int i = 0; i < AXES; i++)
                key = 4 * key + (set >> i & 1 ? values[c * AXES + (unsigned)i] : 0);
            memcpy(some + n * AXES, values + c * AXES, sizeof *some * AXES);
            groups[n++] = (size_t)(bf_random(1, BF_STREAM_START, trial, key, 3) % 3);
        }
        assert_int_equal(chosen_of(n, some, groups), brute_force(n, some, groups));
    }
}

/* A cell's values lead back to the cell; the last axis varies fastest. */
static void cells_of_a_product(void **state) {
    (void)state;
    matrix_axis list[AXES] = {{.n = 2}, {.n = 3}, {.n = 2}, {.n = 4}};
    const axes a = {.list = list, .n = AXES, .cells = CELLS};
    for (size_t c = 0; c < CELLS; c++) {
        unsigned v[AXES];
        for (unsigned i = 0; i < AXES; i++) {
            v[i] = axes_value(&a, c, i);
            assert_int_equal(v[i], values[c * AXES + i]);
        }
        assert_int_equal(axes_cell(&a, v), c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(no_answer),
        cmocka_unit_test(ties),
        cmocka_unit_test(against_brute_force),
        cmocka_unit_test(cells_of_a_product),
    };
    return cmocka_run_group_tests(tests, make_values, NULL);
}
