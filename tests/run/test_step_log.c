/* SPDX-License-Identifier: MIT */
/* test_step_log.c - the first differing operation of two runs is the one that differs by
 * construction, and what went into it is the same. */
#include "laws.h"

#include "run/difference.h"

static const bf_layer layers[] = {
    BF_LAYER("dense", {"width", "5"}),
    BF_LAYER("tanh", {"gain", "5/4"}),
    BF_LAYER("dense", {"width", "1"}, {"scale", "3/4"}),
};
enum { SAMPLES = 8, HIDDEN = 5, PARAMETERS = 16 };

/* A run whose every step is taken down. */
typedef struct side {
    bf_ensemble *e;
    bf_format f;
    step_log log;
    uint8_t theta[8 * PARAMETERS]; /* that the step began with */
} side;

static void open_side(side *s, const char *name, const bf_problem *p, uint64_t trial) {
    const bf_arithmetic a = arithmetic(name);
    uint8_t theta[8 * PARAMETERS];
    must(bf_ensemble_new(&s->e, &a, p, &err));
    must(bf_start_uniform(&a.format, bf_n_parameters(s->e), theta, "-1", "1", 11, trial, &err));
    bf_lane_start(s->e, 0, theta);
    s->f = a.format;
    s->log = (step_log){.bytes = a.format.bytes};
    must(bf_observe(s->e, 0, step_log_observe, &s->log, &err));
}

static void close_side(side *s) {
    bf_ensemble_free(s->e);
    step_log_free(&s->log);
}

static void step(side *s) {
    step_log_clear(&s->log);
    bf_lane_theta(s->e, 0, s->theta);
    bf_gradient(s->e);
    bf_update(s->e);
}

static bf_problem problem(void) {
    bf_problem p = minimal_problem();
    p.layers = layers;
    p.n_layers = LENGTH(layers);
    p.rate = "1/4";
    return p;
}

/* Steps of both sides, to the first operation that differs; false: there is none in `steps`. */
static bool part(side *a, side *b, uint64_t steps, difference_operation *o) {
    for (uint64_t k = 0; k < steps; k++) {
        step(a);
        step(b);
        must(difference_find_operation(&a->log, &b->log, &a->f, k, o, &err));
        if (o->known)
            return true;
    }
    return false;
}

static const step_block *block_of(const step_log *l, int layer, const char *name) {
    for (size_t i = 0; i < l->n; i++)
        if (l->blocks[i].what.layer == layer && strcmp(l->blocks[i].what.name, name) == 0 &&
            l->blocks[i].what.first == 0)
            return &l->blocks[i];
    fail_msg("no operation '%s' of layer %d", name, layer);
    return NULL;
}

static const uint8_t *values_of(const step_log *l, int layer, const char *name) {
    return l->values + block_of(l, layer, name)->offset;
}

static double number(const uint8_t *value) {
    const uint64_t bits = load_bytes(value, 8);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Both sides gave the same before the operation, and something else in it: byte by byte, without a
 * hash. */
static void inputs_agree(const side *a, const side *b, const difference_operation *o) {
    const step_block *block = block_of(&a->log, o->what.layer, o->what.name);
    const size_t at = block->offset + o->at.index * a->f.bytes;
    assert_memory_equal(a->log.values, b->log.values, at);
    assert_memory_not_equal(a->log.values + at, b->log.values + at, a->f.bytes);
}

/* The first sum of a step that f64 and f64/exact round to something else: found from its terms, as
 * one side has them, by fma and by the exact sum. Sums of one term are exact in both. */
static bool first_sum(const side *s, const char **name, int *layer, size_t *element) {
    const step_log *l = &s->log;
    const uint8_t *weights = s->theta + 8 * (bf_tensor_at(s->e, 2)->offset);
    const struct {
        const char *name;
        int layer;
        size_t terms, count;
        const uint8_t *a, *b;
        size_t a_step, a_jump, b_step, b_jump; /* to the next term, to the next element */
    } sums[] = {
        {"sum", 2, HIDDEN, SAMPLES, values_of(l, 1, "forward"), weights, 1, HIDDEN, 1, 0},
        {"sum of squares", -1, SAMPLES, 1, values_of(l, -1, "difference"),
         values_of(l, -1, "difference"), 1, 0, 1, 0},
        {"bias gradient", 2, SAMPLES, 1, NULL, values_of(l, -1, "delta"), 0, 0, 1, 0},
        {"weight gradient", 2, SAMPLES, HIDDEN, values_of(l, 2, "scaled delta"),
         values_of(l, 1, "forward"), 1, 0, HIDDEN, 1},
        {"bias gradient", 0, SAMPLES, HIDDEN, NULL, values_of(l, 1, "backward"), 0, 0, HIDDEN, 1},
        {"weight gradient", 0, SAMPLES, HIDDEN, values_of(l, 1, "backward"),
         values_of(l, -1, "inputs"), HIDDEN, 1, 1, 0},
    };
    for (size_t k = 0; k < LENGTH(sums); k++)
        for (size_t i = 0; i < sums[k].count; i++) {
            double x[SAMPLES], y[SAMPLES], sequential = 0;
            for (size_t t = 0; t < sums[k].terms; t++) {
                const size_t at = i * sums[k].a_jump + t * sums[k].a_step;
                const size_t bt = i * sums[k].b_jump + t * sums[k].b_step;
                x[t] = sums[k].a ? number(sums[k].a + 8 * at) : 1;
                y[t] = number(sums[k].b + 8 * bt);
                sequential = fma(x[t], y[t], sequential);
            }
            if (sequential != bf_exact_dot_f64(sums[k].terms, x, 1, y, 1)) {
                *name = sums[k].name;
                *layer = sums[k].layer;
                *element = i;
                return true;
            }
        }
    return false;
}

static void other_sums_part_at_the_first_that_is_rounded_otherwise(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"f64", "f64/exact"}, {"mpfr:53", "mpfr:53/exact"}};
    const bf_problem p = problem();
    for (uint64_t trial = 0; trial < scaled(64); trial++) {
        side a, b;
        difference_operation o;
        const char *name = NULL;
        int layer = 0;
        size_t element = 0;
        open_side(&a, pairs[trial % 2][0], &p, trial);
        open_side(&b, pairs[trial % 2][1], &p, trial);
        assert_true(part(&a, &b, 100, &o));
        assert_true(first_sum(&a, &name, &layer, &element));
        assert_int_equal(o.what.layer, layer);
        assert_string_equal(o.what.name, name);
        assert_int_equal(o.at.index, element);
        inputs_agree(&a, &b, &o);
        difference_operation_free(&o);
        close_side(&a);
        close_side(&b);
    }
}

static void one_arithmetic_in_two_implementations_does_not_part(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"f64", "mpfr:53"}, {"f32/exact", "mpfr:24/exact"}};
    const bf_problem p = problem();
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        side a, b;
        difference_operation o;
        open_side(&a, pairs[i][0], &p, 1);
        open_side(&b, pairs[i][1], &p, 1);
        assert_false(part(&a, &b, 200, &o));
        close_side(&a);
        close_side(&b);
    }
}

/* A CBLAS and libm can part from f64 in a sum or a function only: all else is IEEE 754. */
static void a_blas_parts_in_a_sum_or_a_function(void **state) {
    (void)state;
    const bf_problem p = problem();
    for (uint64_t trial = 0; trial < scaled(32); trial++) {
        side a, b;
        difference_operation o;
        open_side(&a, "f64", &p, trial);
        open_side(&b, "f64/blas", &p, trial);
        if (part(&a, &b, 100, &o)) {
            assert_true(o.what.terms > 0 || strcmp(o.what.kind, "tanh") == 0);
            assert_string_not_equal(o.what.name, "backward");
            inputs_agree(&a, &b, &o);
        }
        difference_operation_free(&o);
        close_side(&a);
        close_side(&b);
    }
}

/* Problems that differ in one thing part at the operation that uses it, and not before. */
static void other_problems_part_where_they_differ(void **state) {
    (void)state;
    bf_layer other_gain[LENGTH(layers)], other_scale[LENGTH(layers)], none[LENGTH(layers)];
    memcpy(other_gain, layers, sizeof layers);
    memcpy(other_scale, layers, sizeof layers);
    memcpy(none, layers, sizeof layers);
    other_gain[1] = (bf_layer)BF_LAYER("tanh", {"gain", "4/3"});
    other_scale[2] = (bf_layer)BF_LAYER("dense", {"width", "1"}, {"scale", "2/3"});
    none[2] = (bf_layer)BF_LAYER("dense", {"width", "1"});
    double y[SAMPLES];
    bf_data data = *bf_data_named("paper8");
    memcpy(y, data.y, sizeof y);
    y[6] = nextafter(y[6], 2);
    data.y = y;
    static const bf_setting settings[][2] = {{{"momentum", "0.5"}, {"weight_decay", "0.25"}},
                                             {{"momentum", "0.25"}, {"weight_decay", "0.25"}},
                                             {{"momentum", "0.5"}, {"weight_decay", "0.125"}}};
    bf_problem problems[8];
    for (size_t i = 0; i < LENGTH(problems); i++) {
        problems[i] = problem();
        problems[i].optimiser_settings = settings[i < 5 ? 0 : i - 5];
        problems[i].n_optimiser_settings = 2;
    }
    problems[1].layers = other_gain;
    problems[2].layers = other_scale;
    problems[3].layers = none;
    problems[4].data = &data;
    problems[5].rate = "1/5";
    static const struct {
        uint64_t step;
        int layer;
        const char *kind, *name, *tensor;
        size_t element;
        bool same_shape;
    } expected[] = {
        {0},
        {0, 1, "tanh", "forward", "", 0, true},
        {0, 2, "dense", "scale", "", 0, true},
        {0, 2, "dense", "scale", "", 0, false},
        {0, -1, "data", "targets", "", 6, true},
        {0, 0, "update", "step", "0.weight", 0, true},
        {1, 0, "update", "momentum", "0.weight", 0, true},
        {0, 0, "update", "decay", "0.weight", 0, true},
    };
    for (size_t i = 1; i < LENGTH(problems); i++) {
        side a, b;
        difference_operation o;
        open_side(&a, "f64", &problems[0], 2);
        open_side(&b, "f64", &problems[i], 2);
        assert_true(part(&a, &b, 3, &o));
        assert_int_equal(o.step, expected[i].step);
        assert_int_equal(o.what.layer, expected[i].layer);
        assert_string_equal(o.what.kind, expected[i].kind);
        assert_string_equal(o.what.name, expected[i].name);
        assert_string_equal(o.tensor, expected[i].tensor);
        assert_int_equal(o.at.known, expected[i].same_shape);
        assert_int_equal(o.at.index, expected[i].element);
        if (o.at.known)
            inputs_agree(&a, &b, &o);
        difference_operation_free(&o);
        close_side(&a);
        close_side(&b);
    }
}

/* Blocks of a large operation: the element counts from the operation's start. */
static void elements_beyond_a_block(void **state) {
    (void)state;
    enum { MANY = 300 };
    double x[MANY], y[MANY], other[MANY];
    for (size_t i = 0; i < MANY; i++) {
        x[i] = (double)random_below(1000) / 1000;
        other[i] = y[i] = (double)random_below(1000) / 1000;
    }
    const bf_data one = {.n = MANY, .inputs = 1, .outputs = 1, .x = x, .y = y},
                  two = {.n = MANY, .inputs = 1, .outputs = 1, .x = x, .y = other};
    for (size_t at = 0; at < MANY; at += 1 + random_below(20)) {
        side a, b;
        bf_problem p = problem(), q = p;
        difference_operation o;
        size_t block, compared;
        p.data = &one;
        q.data = &two;
        other[at] += 1;
        open_side(&a, "f64", &p, 3);
        open_side(&b, "f64", &q, 3);
        assert_true(part(&a, &b, 1, &o));
        assert_string_equal(o.what.name, "targets");
        assert_int_equal(o.at.index, at);
        assert_true(number(values_of(&a.log, -1, "targets") + 8 * at) == y[at]);
        must(step_log_compare(&a.log, &b.log, &block, &compared, &err));
        assert_true((size_t)1 << (compared - 2) < a.log.n); /* logarithmic */
        difference_operation_free(&o);
        close_side(&a);
        close_side(&b);
        other[at] = y[at];
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_sums_part_at_the_first_that_is_rounded_otherwise),
        cmocka_unit_test(one_arithmetic_in_two_implementations_does_not_part),
        cmocka_unit_test(a_blas_parts_in_a_sum_or_a_function),
        cmocka_unit_test(other_problems_part_where_they_differ),
        cmocka_unit_test(elements_beyond_a_block),
    };
    return cmocka_run_group_tests_name("step logs", tests, NULL, NULL);
}
