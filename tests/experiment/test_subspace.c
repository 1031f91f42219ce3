/* SPDX-License-Identifier: MIT */
/* test_subspace.c - what must hold of invariant subspaces: training commutes with their symmetry,
 * bit for bit where sums do not depend on the order of neurons, and keeps the subspace. */
#include "laws.h"

#include "experiment/subspace.h"

/* 6 samples of 4 x 4 pixels. */
enum { N = 6, PIXELS = 16, CLASSES = 3 };
static double pixels[N * PIXELS], hot[N * CLASSES];
static const bf_data data = {.n = N,
                             .inputs = PIXELS,
                             .outputs = CLASSES,
                             .channels = 1,
                             .height = 4,
                             .width = 4,
                             .x = pixels,
                             .y = hot};
static const bf_layer odd[] = {
    BF_LAYER("conv", {"width", "3"}, {"kernel", "3"}, {"padding", "1"}),
    {.kind = "tanh"},
    BF_LAYER("conv", {"width", "2"}, {"kernel", "2"}, {"stride", "2"}, {"bias", "false"}),
    {.kind = "softsign"},
    {.kind = "flatten"},
    BF_LAYER("dense", {"width", "4"}, {"bias", "false"}),
    {.kind = "tanh"},
    BF_LAYER("dense", {"width", "3"}, {"bias", "false"}), /* CLASSES */
};

static const bf_setting settings[] = {{"momentum", "1/2"}, {"weight_decay", "1e-2"}};

static bf_ensemble *ensemble(const char *name) {
    const bf_arithmetic a = arithmetic(name);
    const bf_problem problem = {.layers = odd,
                                .n_layers = LENGTH(odd),
                                .loss = "cross_entropy",
                                .data = &data,
                                .batch = 4,
                                .seed = 3,
                                .rate = "1/4",
                                .optimiser_settings = settings,
                                .n_optimiser_settings = LENGTH(settings),
                                .bound = "inf"};
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &a, &problem, &err));
    return e;
}

static const char *const names[] = {
    "vanished:0.1",
    "vanished:2.0",
    "vanished:5.3",
    "equal:0.0+0.2",
    "equal:2.1+2.0",
    "opposite:0.2+0.1",
    "opposite:5.0+5.3",
    "P+",
    "P-",
};

/* theta (n doubles) trained for some steps; in binary64. */
static void train(bf_ensemble *e, double *theta, uint64_t steps) {
    const bf_format *f = bf_ensemble_format(e);
    const size_t n = bf_n_parameters(e);
    uint8_t *bytes = take(n, f->bytes);
    for (size_t i = 0; i < n; i++) {
        char text[32];
        snprintf(text, sizeof text, "%a", theta[i]);
        must(bf_number(f, text, bytes + i * f->bytes, &err));
    }
    bf_lane_start(e, 0, bytes);
    for (uint64_t done = 0; done < steps;)
        done += bf_train(e, steps - done);
    bf_lane_theta(e, 0, bytes);
    for (size_t i = 0; i < n; i++)
        theta[i] = bf_to_double(f, bytes + i * f->bytes);
    bf_lane_stop(e, 0);
    free(bytes);
}

static double *start(const bf_ensemble *e, uint64_t trial) {
    const bf_format *f = bf_ensemble_format(e);
    const size_t n = bf_n_parameters(e);
    uint8_t *bytes = take(n, f->bytes);
    double *theta = take(n, sizeof *theta);
    must(bf_start_layers(e, bytes, "torch_default", NULL, 1, trial, &err));
    for (size_t i = 0; i < n; i++)
        theta[i] = bf_to_double(f, bytes + i * f->bytes);
    free(bytes);
    return theta;
}

static void apply(const subspace *s, const double *theta, double *out) {
    for (size_t i = 0; i < s->n; i++)
        out[s->image[i]] = s->sign[i] * theta[i];
}

static void same(const char *what, const double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(a[i] == b[i]))
            fail_msg("%s: parameter %zu is %a; expected %a", what, i, a[i], b[i]);
}

/* S F(x) = F(S x). Exact sums do not know the order of the neurons, so bit for bit. */
static void training_commutes_with_the_symmetry(void **state) {
    (void)state;
    for (size_t k = 0; k < LENGTH(names); k++)
        for (uint64_t trial = 0; trial < scaled(8); trial++) {
            bf_ensemble *e = ensemble("f64/exact");
            subspace *s;
            must(subspace_new(&s, names[k], "it", e, &err));
            double *a = start(e, trial), *b = take(s->n, sizeof *b), *c = take(s->n, sizeof *c);
            apply(s, a, b);
            train(e, b, 25);
            train(e, a, 25);
            apply(s, a, c);
            same(names[k], b, c, s->n);
            free(a);
            free(b);
            free(c);
            subspace_free(s);
            bf_ensemble_free(e);
        }
}

/* A projection is in its part exactly; the parts of a start are the start; and no step of training
 * leaves the subspace, in whatever order it sums. */
static void training_keeps_the_subspace(void **state) {
    (void)state;
    static const char *const arithmetics[] = {"f64", "f64/exact", "f32"};
    for (size_t k = 0; k < LENGTH(names) * LENGTH(arithmetics); k++) {
        const char *name = names[k / LENGTH(arithmetics)];
        bf_ensemble *e = ensemble(arithmetics[k % LENGTH(arithmetics)]);
        subspace *s;
        must(subspace_new(&s, name, "it", e, &err));
        double *whole = start(e, k), *within = start(e, k), *across = start(e, k),
               *image = take(s->n, sizeof *image);
        subspace_project(s, false, within);
        subspace_project(s, true, across);
        size_t bound = 0, moved = 0;
        for (size_t i = 0; i < s->n; i++) {
            assert_true(s->image[s->image[i]] == i && s->sign[s->image[i]] == s->sign[i]);
            assert_true(fabs(within[i] + across[i] - whole[i]) <=
                        0x1p-52 * (fabs(within[i]) + fabs(across[i])));
            bound += subspace_binds(s, i);
            moved += across[i] != 0;
        }
        assert_true(bound > 0 && moved >= bound && moved < s->n);
        apply(s, across, image);
        for (size_t i = 0; i < s->n; i++)
            image[i] = -image[i];
        same(name, image, across, s->n);
        apply(s, within, image);
        same(name, image, within, s->n);
        train(e, within, 25);
        apply(s, within, image);
        same(name, image, within, s->n);
        free(whole);
        free(within);
        free(across);
        free(image);
        subspace_free(s);
        bf_ensemble_free(e);
    }
}

static void without_a_symmetry_nothing_is_across(void **state) {
    (void)state;
    bf_ensemble *e = ensemble("f64");
    subspace *s;
    must(subspace_new(&s, "none", "it", e, &err));
    double *a = start(e, 0), *b = start(e, 0);
    subspace_project(s, false, a);
    same("none", a, b, s->n);
    subspace_project(s, true, a);
    for (size_t i = 0; i < s->n; i++)
        assert_true(a[i] == 0);
    free(a);
    free(b);
    subspace_free(s);
    bf_ensemble_free(e);
}

static void what_is_no_subspace(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "P",
        "P+ ",
        "Q",
        "vanished:",
        "vanished:0",
        "vanished:0.",
        "vanished:0.1+0.2",
        "vanished:-1.0",
        "vanished:00.1",
        "vanished:0.1 ",
        "equal:0.1",
        "equal:0.1+",
        "equal:0.1+0.1",
        "equal:0.1+2.0",
        "equal:0.1,0.2",
        "vanished:0.65536",
        "vanished:0.99999999999999999999",
        "opposite:0.0+0.1+0.2",
    };
    for (size_t i = 0; i < LENGTH(bad); i++)
        if (subspace_known(bad[i]))
            fail_msg("'%s' is known; expected it not to be", bad[i]);
    static const struct {
        const char *name, *expected;
    } wrong[] = {
        {"vanished:0.3", "the neurons of layer 0 are 3;"},
        {"equal:0.0+0.3", "the neurons of layer 0 are 3;"},
        {"vanished:1.0",
         "layer 1 is no hidden dense or conv layer; expected one of these: 0, 2, 5"},
        {"vanished:7.0", "layer 7 is no hidden dense"}, /* the last one's are the outputs */
        {"nothing", "it is 'nothing'; expected vanished"},
    };
    bf_ensemble *e = ensemble("f64");
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        subspace *s;
        assert_int_equal(subspace_new(&s, wrong[i].name, "it", e, &err), BF_EINPUT);
        if (!strstr(err.text, wrong[i].expected))
            fail_msg("%s: '%s'; expected '%s'", wrong[i].name, err.text, wrong[i].expected);
    }
    bf_ensemble_free(e);
}

int main(void) {
    for (size_t i = 0; i < LENGTH(pixels); i++)
        pixels[i] = (double)(int64_t)random_bits() * 0x1p-62;
    for (size_t i = 0; i < N; i++)
        hot[i * CLASSES + i % CLASSES] = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_commutes_with_the_symmetry),
        cmocka_unit_test(training_keeps_the_subspace),
        cmocka_unit_test(without_a_symmetry_nothing_is_across),
        cmocka_unit_test(what_is_no_subspace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
