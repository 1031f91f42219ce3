/* SPDX-License-Identifier: MIT */
/* test_observe.c - laws of the observer of a training step's operations. */
#include "laws.h"

#include <stdbool.h>

static const bf_layer layers[] = {
    BF_LAYER("dense", {"width", "3"}, {"scale", "3/4"}),
    BF_LAYER("tanh", {"gain", "5/4"}),
    BF_LAYER("dense", {"width", "1"}, {"bias", "false"}),
};
static const bf_setting settings[] = {{"momentum", "0.9"}, {"weight_decay", "1e-3"}};
enum { PARAMETERS = 9, STEPS = 5 };

static bf_problem problem(void) {
    bf_problem p = minimal_problem();
    p.layers = layers;
    p.n_layers = LENGTH(layers);
    p.rate = "1/2";
    p.optimiser_settings = settings;
    p.n_optimiser_settings = LENGTH(settings);
    return p;
}

/* Everything that is observed, as text: `2 dense sum 8x1 of 3:` and the bytes. */
static void write_down(void *context, const bf_operation *o) {
    FILE *f = context;
    fprintf(f, "%d %s %s%s%s %zux%zu of %zu", o->layer, o->kind, o->tensor ? o->tensor->name : "",
            o->tensor ? " " : "", o->name, o->rows, o->columns, o->terms);
    if (o->first)
        fprintf(f, " from %zu", o->first);
    fputc('\n', f);
    fwrite(o->values, 8, o->count, f);
}

/* Names and shapes alone. */
static void write_name(void *context, const bf_operation *o) {
    bf_operation none = *o;
    none.count = 0;
    write_down(context, &none);
}

/* An ensemble with the same start in every lane. */
static bf_ensemble *started(const char *name, const bf_problem *p) {
    bf_ensemble *e;
    const bf_arithmetic a = arithmetic(name);
    must(bf_ensemble_new(&e, &a, p, &err));
    uint8_t *theta = take(bf_n_parameters(e), a.format.bytes);
    must(bf_start_uniform(&a.format, bf_n_parameters(e), theta, "-1", "1", 3, 0, &err));
    for (int i = 0; i < bf_lanes(e); i++)
        bf_lane_start(e, i, theta);
    free(theta);
    return e;
}

/* A step in the order of doc/numerics.md. */
static const char *const one_step = "-1 data inputs 8x1 of 0\n"
                                    "-1 data targets 8x1 of 0\n"
                                    "0 dense sum 8x3 of 1\n"
                                    "0 dense scale 8x3 of 0\n"
                                    "0 dense bias 8x3 of 0\n"
                                    "0 dense forward 8x3 of 0\n"
                                    "1 tanh forward 8x3 of 0\n"
                                    "2 dense sum 8x1 of 3\n"
                                    "2 dense forward 8x1 of 0\n"
                                    "-1 mse difference 8x1 of 0\n"
                                    "-1 mse sum of squares 1x1 of 8\n"
                                    "-1 mse mean 1x1 of 0\n"
                                    "-1 mse scaled difference 8x1 of 0\n"
                                    "-1 mse loss 1x1 of 0\n"
                                    "-1 mse delta 8x1 of 0\n"
                                    "2 dense 2.weight weight gradient 1x3 of 8\n"
                                    "2 dense input gradient 8x3 of 1\n"
                                    "2 dense backward 8x3 of 0\n"
                                    "1 tanh backward 8x3 of 0\n"
                                    "0 dense 0.bias bias gradient 1x3 of 8\n"
                                    "0 dense scaled delta 8x3 of 0\n"
                                    "0 dense 0.weight weight gradient 3x1 of 8\n";
static const char *const one_update = "0 update 0.weight gradient 3x1 of 0\n"
                                      "0 update 0.bias gradient 1x3 of 0\n"
                                      "2 update 2.weight gradient 1x3 of 0\n"
                                      "0 update 0.weight decay 3x1 of 0\n"
                                      "0 update 0.weight momentum 3x1 of 0\n"
                                      "0 update 0.weight step 3x1 of 0\n"
                                      "0 update 0.bias decay 1x3 of 0\n"
                                      "0 update 0.bias momentum 1x3 of 0\n"
                                      "0 update 0.bias step 1x3 of 0\n"
                                      "2 update 2.weight decay 1x3 of 0\n"
                                      "2 update 2.weight momentum 1x3 of 0\n"
                                      "2 update 2.weight step 1x3 of 0\n";

static void operations_come_in_order(void **state) {
    (void)state;
    static const char *const names[] = {"f64", "f64/exact", "f64/shuffle:1", "f64/blas", "mpfr:53"};
    const bf_problem p = problem();
    for (size_t i = 0; i < LENGTH(names); i++) {
        bf_ensemble *e = started(names[i], &p);
        char *text;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        must(bf_observe(e, 0, write_name, f, &err));
        bf_gradient(e);
        fflush(f);
        assert_string_equal(text, one_step);
        bf_update(e);
        fclose(f);
        assert_string_equal(text + strlen(one_step), one_update);
        free(text);
        bf_ensemble_free(e);
    }
}

/* What `STEPS` steps of one lane give. */
static char *observed(const char *name, const bf_problem *p, int lane, size_t *size) {
    bf_ensemble *e = started(name, p);
    char *text;
    FILE *f = open_memstream(&text, size);
    must(bf_observe(e, lane < 0 ? bf_lanes(e) + lane : lane, write_down, f, &err));
    bf_train(e, STEPS);
    fclose(f);
    bf_ensemble_free(e);
    return text;
}

static void assert_same_observed(const char *a, int lane_a, const char *b, int lane_b) {
    const bf_problem p = problem();
    size_t size_a, size_b;
    char *of_a = observed(a, &p, lane_a, &size_a), *of_b = observed(b, &p, lane_b, &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(of_a, of_b, size_a);
    free(of_a);
    free(of_b);
}

/* Two implementations of a format agree on every operation, not only on where they lead. */
static void twins_agree_on_every_operation(void **state) {
    (void)state;
    assert_same_observed("f64", 0, "mpfr:53", 0);
    assert_same_observed("f64/exact", 0, "mpfr:53/exact", 0);
}

static void lanes_agree_on_every_operation(void **state) {
    (void)state;
    assert_same_observed("f64", 0, "f64", -1);
}

static void ignore(void *context, const bf_operation *o) {
    (void)context, (void)o;
}

/* Through the layers when observed, in one pass when not. */
static void observing_changes_nothing(void **state) {
    (void)state;
    static const char *const names[] = {"f32",     "f64",           "f64/exact", "f32/exact",
                                        "bf16",    "f16",           "f16/exact", "bf16/exact",
                                        "mpfr:40", "f64/shuffle:1", "mpfr:53"};
    const bf_problem problems[] = {minimal_problem(), problem()};
    for (size_t i = 0; i < LENGTH(names); i++)
        for (size_t k = 0; k < LENGTH(problems); k++) {
            bf_ensemble *e = started(names[i], &problems[k]), *o = started(names[i], &problems[k]);
            bf_recorder *re, *ro;
            must(bf_recorder_new(&re, e, 0, NULL, &err));
            must(bf_recorder_new(&ro, o, 0, NULL, &err));
            for (int step = 0; step < 3 * STEPS; step++) {
                if (step == STEPS)
                    must(bf_observe(o, 0, ignore, NULL, &err));
                if (step == 2 * STEPS)
                    must(bf_observe(o, 0, NULL, NULL, &err));
                bf_gradient(e);
                bf_gradient(o);
                bf_record(re);
                bf_record(ro);
                bf_update(e);
                bf_update(o);
            }
            const bf_hash he = bf_recorder_hash(re), ho = bf_recorder_hash(ro);
            assert_true(bf_hash_equal(&he, &ho));
            bf_recorder_free(re);
            bf_recorder_free(ro);
            bf_ensemble_free(e);
            bf_ensemble_free(o);
        }
}

/* The loss and the parameters that are seen are those that the ensemble gives out. */
typedef struct seen {
    uint8_t loss[8], theta[8 * PARAMETERS];
} seen;

static void keep(void *context, const bf_operation *o) {
    seen *s = context;
    if (strcmp(o->name, "loss") == 0)
        memcpy(s->loss, o->values, 8);
    if (strcmp(o->name, "step") == 0)
        memcpy(s->theta + 8 * (o->tensor->offset + o->first), o->values, 8 * o->count);
}

static void what_is_seen_is_what_is(void **state) {
    (void)state;
    const bf_problem p = problem();
    bf_ensemble *e = started("f64", &p);
    const int lane = bf_lanes(e) / 2;
    seen s;
    uint8_t loss[8], theta[8 * PARAMETERS];
    must(bf_observe(e, lane, keep, &s, &err));
    for (int step = 0; step < STEPS; step++) {
        bf_gradient(e);
        bf_update(e);
        bf_lane_loss(e, lane, loss);
        bf_lane_theta(e, lane, theta);
        assert_memory_equal(s.loss, loss, sizeof loss);
        assert_memory_equal(s.theta, theta, sizeof theta);
    }
    bf_ensemble_free(e);
}

/* Blocks are whole except for the last of an operation, and leave nothing out. */
typedef struct walk {
    size_t next, blocks;
} walk;

static void follow(void *context, const bf_operation *o) {
    walk *w = context;
    const size_t left = o->rows * o->columns - o->first;
    assert_int_equal(o->first, w->next);
    assert_int_equal(o->count, left < BF_BLOCK ? left : BF_BLOCK);
    w->next = o->count == left ? 0 : o->first + o->count;
    w->blocks++;
}

static void blocks_cover_an_operation(void **state) {
    (void)state;
    const bf_layer wide[] = {BF_LAYER("dense", {"width", "21"}, {"bias", "false"}),
                             BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};
    bf_problem p = minimal_problem();
    p.layers = wide;
    p.n_layers = LENGTH(wide);
    bf_ensemble *e = started("f32", &p);
    walk w = {0, 0};
    must(bf_observe(e, 0, follow, &w, &err));
    bf_gradient(e);
    assert_int_equal(w.next, 0);
    assert_int_equal(w.blocks, 4 * 3 + 12); /* (8, 21) four times; the others fit in one */
    bf_ensemble_free(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_come_in_order),
        cmocka_unit_test(twins_agree_on_every_operation),
        cmocka_unit_test(lanes_agree_on_every_operation),
        cmocka_unit_test(observing_changes_nothing),
        cmocka_unit_test(what_is_seen_is_what_is),
        cmocka_unit_test(blocks_cover_an_operation),
    };
    return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
