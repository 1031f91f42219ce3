/* SPDX-License-Identifier: MIT */
/* test_laws.c - what must be true of every arithmetic's training. A law says which arithmetics it
 * governs by what is true of them (bf_arithmetic_info, bf_format), never by a list of names. */
#include "laws.h"

#include <fenv.h>
#if defined __SSE2__
#include <xmmintrin.h>
#endif

/* ---- arithmetics -------------------------------------------------------------------------- */

/* Those of bf_arithmetic_list, of several formats where a kind has more than one. */
typedef struct subject {
    const bf_arithmetic_info *kind;
    bf_arithmetic a;
} subject;
static subject subjects[64];
static size_t n_subjects;

/* False: there is no such arithmetic, since a kind need not take every format. */
static bool add_subject(const bf_arithmetic_info *kind, const char *format, const char *argument) {
    char name[64];
    snprintf(name, sizeof name, "%s%s%s%s%s", kind->format, format, *kind->sum ? "/" : "",
             kind->sum, argument);
    assert_true(n_subjects < LENGTH(subjects));
    subjects[n_subjects].kind = kind;
    return bf_arithmetic_parse(&subjects[n_subjects].a, name, &err) == BF_OK && ++n_subjects;
}

static int find_subjects(void **state) {
    (void)state;
    static const char *const high[] = {":8", ":fp8_e4m3", ":64", ":113", ":256"};
    const bf_arithmetic_info *kind;
    for (size_t i = 0; (kind = bf_arithmetic_list(i)); i++) {
        bool any = false;
        const bool is_high = strcmp(kind->format, "mpfr") == 0;
        for (size_t k = 0; k < (is_high ? LENGTH(high) : 1); k++)
            any |= add_subject(kind, is_high ? high[k] : "",
                               strcmp(kind->sum, "shuffle") == 0 ? ":7" : "");
        assert_true(any);
    }
    return 0;
}

typedef struct law {
    const char *name;
    bool (*governs)(const subject *s);
    void (*holds)(const bf_arithmetic *a);
} law;

static bool any_arithmetic(const subject *s) {
    (void)s;
    return true;
}

static bool strict(const subject *s) {
    return s->kind->strict;
}

static bool in_lanes(const subject *s) {
    return s->kind->lanes;
}

static bool with_a_twin(const subject *s) {
    return s->kind->twin;
}

/* Shuffled sums are not: those of two equal neurons have orders of their own. */
static bool symmetric(const subject *s) {
    return s->kind->symmetric;
}

/* The others sum in index order, which a swap changes: fma(b2, fma(b1, 0)) rounds b1 first. */
static bool order_free(const subject *s) {
    return s->kind->order_free;
}

static bool exact_on_doubles(const subject *s) {
    return s->kind->order_free && s->a.format.precision <= 53;
}

static bool strict_with_infinity(const subject *s) {
    return s->kind->strict && s->a.format.has_infinity;
}

static bool strict_without_infinity(const subject *s) {
    return s->kind->strict && !s->a.format.has_infinity;
}

/* ---- problems ----------------------------------------------------------------------------- */

static const double small_x[] = {0.5, -1.25, 1, 0.75, -0.375, 2, 0.1, -0.2, 1.5, 0.3};
static const double small_y[] = {1, -0.5, 0.25, 0.5, -1, 0.125, 0.7, 0.3, -0.2, -0.9};
static const bf_data two_outputs = {.n = 5, .inputs = 2, .outputs = 2, .x = small_x, .y = small_y};

static const bf_layer biased_layers[] = {
    BF_LAYER("dense", {"width", "2"}),
    BF_LAYER("tanh", {"gain", "sqrt(2)"}),
    BF_LAYER("dense", {"width", "1"}, {"scale", "1/2"}),
};
static const bf_layer deep_layers[] = {
    BF_LAYER("dense", {"width", "3"}, {"bias", "false"}),
    {.kind = "tanh"},
    BF_LAYER("dense", {"width", "3"}, {"bias", "false"}, {"scale", "2/3"}),
    {.kind = "tanh"},
    BF_LAYER("dense", {"width", "1"}, {"bias", "false"}),
};
static const bf_layer wide_layers[] = {
    BF_LAYER("dense", {"width", "3"}),
    BF_LAYER("tanh", {"gain", "1/3"}),
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
};

static const double pixels[] = {0.3,  -0.7, 1.1, 0.2,  -1.3, 0.9, 0.4,  -0.6, 0.8,  -0.1, 0.5,
                                -0.9, 1.4,  0.6, -0.4, 0.1,  0.7, 1.2,  -0.3, -0.8, 0.35, 1.6,
                                -0.2, 0.15, 1,   -1.1, 0.45, 0.9, -0.5, 0.25, 1.3,  -0.65};
static const double hot[] = {1, 0, 0, 1};
static const bf_data images[] = {
    {.n = 2,
     .inputs = 16,
     .outputs = 2,
     .channels = 1,
     .height = 4,
     .width = 4,
     .x = pixels,
     .y = hot},
    {.n = 1,
     .inputs = 30,
     .outputs = 2,
     .channels = 2,
     .height = 5,
     .width = 3,
     .x = pixels,
     .y = hot},
};
/* Every kind of layer, as networks have them. */
static const bf_layer convolutions[] = {
    BF_LAYER("conv", {"width", "3"}, {"kernel", "3"}, {"padding", "1"}, {"scale", "1/2"}),
    {.kind = "tanh"},
    BF_LAYER("conv", {"width", "2"}, {"kernel", "2"}, {"stride", "2"}, {"bias", "false"}),
    {.kind = "softsign"},
    {.kind = "flatten"},
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
};
static const bf_layer strides[] = {
    BF_LAYER("conv", {"width", "2"}, {"kernel", "3"}, {"stride", "2"}, {"padding", "2"},
             {"scale", "3"}),
    {.kind = "gelu"},
    BF_LAYER("max_pool", {"kernel", "2"}),
    {.kind = "flatten"},
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
};
static const bf_layer pools[] = {
    BF_LAYER("dense", {"width", "3"}),
    BF_LAYER("avg_pool", {"kernel", "2"}),
    {.kind = "relu"},
    {.kind = "flatten"},
    {.kind = "softsign"},
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
};
static const bf_layer transformer[] = {
    BF_LAYER("patches", {"kernel", "2"}),
    BF_LAYER("dense", {"width", "3"}),
    {.kind = "positional_embedding"},
    {.kind = "layer_norm"},
    {.kind = "attention"},
    BF_LAYER("residual", {"over", "2"}),
    BF_LAYER("layer_norm", {"epsilon", "1e-3"}),
    BF_LAYER("dense", {"width", "5"}, {"bias", "false"}),
    {.kind = "gelu"},
    BF_LAYER("dense", {"width", "3"}, {"bias", "false"}),
    BF_LAYER("residual", {"over", "4"}),
    {.kind = "global_avg_pool"},
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
};

static const bf_layer activations[] = {
    BF_LAYER("dense", {"width", "4"}),
    BF_LAYER("leaky_relu", {"slope", "1/8"}),
    BF_LAYER("dense", {"width", "3"}, {"bias", "false"}),
    {.kind = "silu"},
    BF_LAYER("dense", {"width", "2"}),
    BF_LAYER("leaky_relu", {"slope", "-1/3"}),
};

static const bf_phase slower[] = {{.at = 20, .rate = "1/64", .reset = true},
                                  {.at = 50, .rate = "1/16"}};

/* A variant of the minimal problem: what is not NULL replaces what the minimal problem has. */
static const struct variant {
    const char *name;
    const bf_layer *layers;
    size_t n_layers, parameters;
    const bf_data *data;
    const char *rate, *loss, *optimiser;
    const bf_setting *settings; /* of the optimiser */
    size_t n_settings;
    size_t batch;
    const bf_phase *phases;
    size_t n_phases;
    size_t starts;
    uint64_t steps;
} variants[] = {
    {.name = "minimal", .parameters = 4, .starts = 104, .steps = 1000},
    {.name = "momentum",
     .parameters = 4,
     .rate = "0.3",
     .settings = BF_SETTINGS({"momentum", "0.9"}),
     .starts = 24,
     .steps = 200},
    {.name = "decay",
     .parameters = 4,
     .settings = BF_SETTINGS({"weight_decay", "1e-3"}),
     .starts = 24,
     .steps = 200},
    {.name = "momentum and decay",
     .parameters = 4,
     .rate = "1/7",
     .settings = BF_SETTINGS({"momentum", "0.9"}, {"weight_decay", "1e-3"}),
     .starts = 16,
     .steps = 100},
    {.name = "biases",
     .layers = biased_layers,
     .n_layers = LENGTH(biased_layers),
     .parameters = 7,
     .starts = 24,
     .steps = 200},
    {.name = "two hidden layers",
     .layers = deep_layers,
     .n_layers = LENGTH(deep_layers),
     .parameters = 15,
     .rate = "1/2",
     .starts = 16,
     .steps = 100},
    {.name = "two outputs",
     .layers = wide_layers,
     .n_layers = LENGTH(wide_layers),
     .parameters = 15,
     .data = &two_outputs,
     .rate = "1/5",
     .starts = 16,
     .steps = 100},
    {.name = "batches and phases",
     .layers = wide_layers,
     .n_layers = LENGTH(wide_layers),
     .parameters = 15,
     .data = &two_outputs,
     .rate = "1/8",
     .batch = 2,
     .phases = slower,
     .n_phases = LENGTH(slower),
     .settings = BF_SETTINGS({"momentum", "0.9"}),
     .starts = 16,
     .steps = 100},
    {.name = "adam",
     .layers = wide_layers,
     .n_layers = LENGTH(wide_layers),
     .parameters = 15,
     .data = &two_outputs,
     .rate = "1/50",
     .optimiser = "adam",
     .batch = 3,
     .phases = slower,
     .n_phases = 1,
     .settings = BF_SETTINGS({"beta1", "3/4"}, {"beta2", "0.99"}, {"epsilon", "1e-6"},
                             {"weight_decay", "1e-3"}),
     .starts = 16,
     .steps = 100},
    {.name = "adamw",
     .layers = activations,
     .n_layers = LENGTH(activations),
     .parameters = 32,
     .data = &two_outputs,
     .rate = "1/50",
     .optimiser = "adamw",
     .settings = BF_SETTINGS({"beta1", "3/4"}, {"beta2", "0.99"}, {"epsilon", "1e-6"},
                             {"weight_decay", "0.3"}),
     .phases = slower,
     .n_phases = 2,
     .starts = 12,
     .steps = 60},
    {.name = "nesterov",
     .layers = activations,
     .n_layers = LENGTH(activations),
     .parameters = 32,
     .data = &two_outputs,
     .rate = "1/8",
     .optimiser = "nesterov",
     .settings = BF_SETTINGS({"momentum", "3/4"}, {"weight_decay", "1e-3"}),
     .batch = 2,
     .starts = 12,
     .steps = 40},
    {.name = "convolutions",
     .layers = convolutions,
     .n_layers = LENGTH(convolutions),
     .parameters = 70,
     .data = &images[0],
     .rate = "1/4",
     .loss = "cross_entropy",
     .batch = 1,
     .starts = 8,
     .steps = 30},
    {.name = "strides",
     .layers = strides,
     .n_layers = LENGTH(strides),
     .parameters = 46,
     .data = &images[1],
     .rate = "1/4",
     .loss = "sum_squares",
     .starts = 8,
     .steps = 20},
    {.name = "pools",
     .layers = pools,
     .n_layers = LENGTH(pools),
     .parameters = 30,
     .data = &images[0],
     .rate = "1/4",
     .loss = "mse",
     .settings = BF_SETTINGS({"momentum", "1/2"}),
     .starts = 8,
     .steps = 30},
    {.name = "transformer",
     .layers = transformer,
     .n_layers = LENGTH(transformer),
     .parameters = 102,
     .data = &images[0],
     .rate = "1/8",
     .loss = "cross_entropy",
     .starts = 8,
     .steps = 20},
};

static bf_problem problem_of(const struct variant *v) {
    bf_problem p = minimal_problem();
    if (v->layers) {
        p.layers = v->layers;
        p.n_layers = v->n_layers;
    }
    p.data = v->data ? v->data : p.data;
    p.rate = v->rate ? v->rate : p.rate;
    p.loss = v->loss ? v->loss : p.loss;
    p.optimiser = v->optimiser;
    p.optimiser_settings = v->settings;
    p.n_optimiser_settings = v->n_settings;
    p.batch = v->batch;
    p.seed = 5;
    p.phases = v->phases;
    p.n_phases = v->n_phases;
    return p;
}

/* From subnormal numbers (of each format) to starts that overflow. */
static const start_kind everywhere[] = {
    {"-1", "1"},           {"-4", "4"},       {"-1e-3", "1e-3"},   {"-1e-40", "1e-40"},
    {"-1e-310", "1e-310"}, {"-1e30", "1e30"}, {"-1e150", "1e150"}, {"-1e300", "1e300"},
    {"-2", "2"},           {"-1/8", "1/8"},   {"-12", "12"},       {"-1e6", "1e6"},
    {"1", NULL}, /* last: the minimal model's only */
};

/* ---- twins: an arithmetic and MPFR in its format ------------------------------------------ */

static const bf_arithmetic_info *kind_of(const bf_arithmetic *a) {
    for (size_t i = 0; i < n_subjects; i++)
        if (strcmp(subjects[i].a.name, a->name) == 0)
            return subjects[i].kind;
    return NULL;
}

static void its_twin_gives_the_same_bits(const bf_arithmetic *a) {
    const bf_arithmetic b = arithmetic(kind_of(a)->twin);
    assert_true(bf_format_same(&a->format, &b.format));
    assert_true(b.table != a->table);
    for (size_t v = 0; v < LENGTH(variants); v++) {
        const bf_problem problem = problem_of(&variants[v]);
        const size_t n = scaled(variants[v].starts), size = a->format.bytes;
        const size_t kinds = LENGTH(everywhere) - (variants[v].parameters != 4);
        uint8_t *theta = starts(&a->format, variants[v].parameters, everywhere, kinds, n);
        uint8_t *end_a = take(n, variants[v].parameters * size);
        uint8_t *end_b = take(n, variants[v].parameters * size);
        outcome *of_a = take(n, sizeof *of_a), *of_b = take(n, sizeof *of_b);
        campaign c = {a, &problem, n, theta, variants[v].steps, .ends = end_a};
        train_all(&c, of_a);
        c.arithmetic = &b;
        c.ends = end_b;
        train_all(&c, of_b);
        for (size_t i = 0; i < n; i++)
            if (!same_outcome(&of_a[i], &of_b[i]))
                fail_msg("%s, start %zu in [%s, %s]: %s (%d steps) and %s (%d steps) differ",
                         variants[v].name, i, everywhere[i % kinds].low, everywhere[i % kinds].high,
                         a->name, (int)of_a[i].steps, b.name, (int)of_b[i].steps);
        assert_memory_equal(end_a, end_b, n * variants[v].parameters * size);
        free(theta);
        free(end_a);
        free(end_b);
        free(of_a);
        free(of_b);
    }
}

/* ---- lanes and kernel paths --------------------------------------------------------------- */

/* Starts to put beside others: numbers by which a lane could disturb its neighbours. */
static const char *const hostile[][4] = {
    {"nan", "nan", "nan", "nan"},
    {"inf", "-inf", "inf", "1"},
    {"0", "0", "0", "0"},
    {"3e38", "3e38", "-3e38", "3e38"},
    {"1e308", "-1e308", "1e308", "1e308"},
    {"-0", "0x1p-149", "-0x1p-149", "0x1p-126"},
    {"0x1p-1074", "0x1p-1022", "-0", "-0"},
    {"1e5", "-1e5", "1e19", "-1e19"},
    {"400", "-0.001", "30", "0.7"},
    {"0x1p-500", "0x1p500", "1", "inf"},
    {"448", "-57344", "0x1p-9", "-0x1p-16"},
};

/* Every start alone in the first lane of the plain kernel path is what its run must be; then all of
 * them together, more than there are lanes so that a lane that becomes free is filled again, once
 * for each turn of the queue: each start begins once in each lane. */
static void lanes_do_not_influence_each_other(const bf_arithmetic *of) {
    enum { N = 80, STEPS = 60, REGULAR = LENGTH(everywhere) };
    const bf_problem problem = minimal_problem();
    must(bf_kernel_force("plain", &err));
    const bf_arithmetic plain = arithmetic(of->name);
    assert_string_equal(plain.kernel, "plain");
    const bf_format *f = &plain.format;
    uint8_t *theta = starts(f, 4, everywhere, REGULAR, N);
    for (size_t i = 0; i < N; i += 2) /* every other one is hostile */
        for (size_t j = 0; j < 4; j++)
            must(bf_number(f, hostile[i / 2 % LENGTH(hostile)][j], theta + (4 * i + j) * f->bytes,
                           &err));
    outcome alone[N], together[N];
    train_all(&(campaign){&plain, &problem, N, theta, STEPS, .lanes = 1}, alone);
    for (size_t k = 0; bf_kernel(k); k++) {
        must(bf_kernel_force(bf_kernel(k), &err));
        const bf_arithmetic a = arithmetic(of->name);
        assert_string_equal(a.kernel, bf_kernel(k));
        for (size_t shift = 0; shift < scaled(N); shift++) {
            train_all(&(campaign){&a, &problem, N, theta, STEPS, .shift = shift}, together);
            for (size_t i = 0; i < N; i++)
                if (!same_outcome(&alone[i], &together[i]))
                    fail_msg("%s on %s: start %zu has other bits %zu places on", a.name, a.kernel,
                             i, shift);
        }
    }
    must(bf_kernel_force(NULL, &err));
    free(theta);
}

/* The same of every kind of problem: each kernel path, all lanes and one. */
static void kernel_paths_give_the_same_bits(const bf_arithmetic *of) {
    for (size_t v = 0; v < LENGTH(variants); v++) {
        enum { N = 6, STEPS = 12, REGULAR = LENGTH(everywhere) - 1 };
        const bf_problem problem = problem_of(&variants[v]);
        outcome alone[N], together[N];
        must(bf_kernel_force("plain", &err));
        const bf_arithmetic plain = arithmetic(of->name);
        uint8_t *theta = starts(&plain.format, variants[v].parameters, everywhere, REGULAR, N);
        train_all(&(campaign){&plain, &problem, N, theta, STEPS, .lanes = 1}, alone);
        for (size_t k = 0; bf_kernel(k); k++) {
            must(bf_kernel_force(bf_kernel(k), &err));
            const bf_arithmetic a = arithmetic(of->name);
            train_all(&(campaign){&a, &problem, N, theta, STEPS, .shift = k}, together);
            for (size_t i = 0; i < N; i++)
                if (!same_outcome(&alone[i], &together[i]))
                    fail_msg("%s, %s on %s: start %zu has other bits", variants[v].name, a.name,
                             a.kernel, i);
        }
        must(bf_kernel_force(NULL, &err));
        free(theta);
    }
}

/* Ensembles of all arithmetics, a step of each in turn, do not influence each other either; and
 * MPFR's exponent range, which belongs to the thread, is left as found. */
static void ensembles_do_not_influence_each_other(void **state) {
    (void)state;
    enum { MOST = LENGTH(subjects), STEPS = 50 };
    const size_t n = n_subjects;
    const bf_problem problem = minimal_problem();
    const mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    bf_ensemble *e[MOST];
    bf_recorder *r[MOST];
    outcome alone[MOST];
    for (size_t i = 0; i < n; i++) {
        const bf_arithmetic *a = &subjects[i].a;
        uint8_t *theta = starts(&a->format, 4, everywhere, 1, 1);
        train_all(&(campaign){a, &problem, 1, theta, .steps = STEPS}, &alone[i]);
        must(bf_ensemble_new(&e[i], a, &problem, &err));
        bf_lane_start(e[i], 0, theta);
        must(bf_recorder_new(&r[i], e[i], 0, NULL, &err));
        free(theta);
    }
    for (int step = 0; step <= STEPS; step++) {
        for (size_t i = 0; i < n; i++)
            bf_gradient(e[i]);
        for (size_t i = 0; i < n; i++)
            bf_record(r[i]);
        for (size_t i = 0; i < n; i++)
            assert_false(bf_update(e[i]));
    }
    for (size_t i = 0; i < n; i++) {
        const bf_hash h = bf_recorder_hash(r[i]);
        assert_true(bf_hash_equal(&h, &alone[i].hash));
        bf_recorder_free(r[i]);
        bf_ensemble_free(e[i]);
    }
    assert_true(mpfr_get_emin() == emin && mpfr_get_emax() == emax);
}

static void threads_give_the_same_bits(const bf_arithmetic *a) {
    enum { N = 24, STEPS = 60, PARTS = 4 };
    const bf_problem problem = minimal_problem();
    const size_t size = 4 * a->format.bytes;
    uint8_t *theta = starts(&a->format, 4, everywhere, LENGTH(everywhere), N);
    outcome one[N], two[N];
    train_all(&(campaign){a, &problem, N, theta, .steps = STEPS}, one);
#pragma omp parallel num_threads(2)
    {
#pragma omp for schedule(dynamic)
        for (size_t p = 0; p < PARTS; p++)
            train_all(
                &(campaign){a, &problem, N / PARTS, theta + p * (N / PARTS) * size, .steps = STEPS},
                two + p * (N / PARTS));
        bf_thread_end();
    }
    for (size_t j = 0; j < N; j++)
        if (!same_outcome(&one[j], &two[j]))
            fail_msg("%s: start %zu has other bits in a thread", a->name, j);
    free(theta);
}

/* ---- symmetries of the minimal model ------------------------------------------------------ */

/* Theta is (w1, w2, v1, v2): within the plane w2 = +-w1, v2 = +-v1? */
struct plane {
    bool minus;
    const char *arithmetic;
};

static void check_plane(void *self, size_t run, const bf_ensemble *e, int lane) {
    const struct plane *plane = self;
    const bf_format *f = bf_ensemble_format(e);
    uint8_t theta[4 * BF_MAX_BYTES];
    if (bf_lane_diverged(e, lane)) /* a NaN has no sign to flip */
        return;
    bf_lane_theta(e, lane, theta);
    for (int i = 0; i < 4; i += 2) {
        uint8_t *first = theta + (size_t)i * f->bytes;
        if (plane->minus)
            flip_sign(f, first);
        if (bf_ulps(f, first, first + f->bytes) != 0) /* a zero may have either sign */
            fail_msg("%s, run %zu: left P%c at step %d", plane->arithmetic, run,
                     plane->minus ? '-' : '+', (int)bf_lane_step(e, lane));
    }
}

static void planes_are_invariant(const bf_arithmetic *a) {
    static const start_kind kinds[] = {{"-1", "1"}, {"-3", "3"}, {"0.1", "0.8"}};
    enum { N = 2 * LENGTH(kinds), STEPS = 1000 };
    const bf_problem problem = minimal_problem();
    for (int minus = 0; minus < 2; minus++) {
        const size_t b = a->format.bytes;
        assert_true(a->strict);
        uint8_t *theta = starts(&a->format, 4, kinds, LENGTH(kinds), N);
        for (size_t j = 0; j < 2 * N; j++) { /* the second of each pair after the first */
            memcpy(theta + (2 * j + 1) * b, theta + 2 * j * b, b);
            if (minus)
                flip_sign(&a->format, theta + (2 * j + 1) * b);
        }
        struct plane plane = {minus, a->name};
        outcome out[N];
        train_all(&(campaign){a, &problem, scaled(N), theta, STEPS, .observe = check_plane,
                              .self = &plane},
                  out);
        free(theta);
    }
}

static void swapping_neurons_swaps_their_trajectories(const bf_arithmetic *a) {
    enum { N = 8, STEPS = 1000 };
    const bf_problem problem = minimal_problem();
    const size_t b = a->format.bytes, n = scaled(N);
    uint8_t *theta = starts(&a->format, 4, everywhere + LENGTH(everywhere) - 1, 1, n);
    uint8_t *swapped = take(n, 4 * b), *ends = take(n, 4 * b), *swapped_ends = take(n, 4 * b);
    outcome out[N];
    for (size_t j = 0; j < 4 * n; j++)
        memcpy(swapped + j * b, theta + (j ^ 1) * b, b);
    train_all(&(campaign){a, &problem, n, theta, STEPS, .ends = ends}, out);
    train_all(&(campaign){a, &problem, n, swapped, STEPS, .ends = swapped_ends}, out);
    for (size_t j = 0; j < 4 * n; j++)
        if (memcmp(swapped_ends + j * b, ends + (j ^ 1) * b, b) != 0)
            fail_msg("%s, start %zu: swapped neurons end elsewhere", a->name, j / 4);
    free(theta);
    free(swapped);
    free(ends);
    free(swapped_ends);
}

static void the_order_of_samples_does_not_matter(const bf_arithmetic *a) {
    enum { N = 6, STEPS = 300 };
    bf_problem problem = minimal_problem();
    const bf_data *data = problem.data;
    double x[8], y[8];
    assert_int_equal(data->n, 8);
    for (size_t j = 0; j < 8; j++) {
        x[j] = data->x[(3 * j + 5) % 8];
        y[j] = data->y[(3 * j + 5) % 8];
    }
    const bf_data permuted = {.n = 8, .inputs = 1, .outputs = 1, .x = x, .y = y};
    uint8_t *theta = starts(&a->format, 4, everywhere + LENGTH(everywhere) - 1, 1, N);
    outcome one[N], other[N];
    train_all(&(campaign){a, &problem, scaled(N), theta, .steps = STEPS}, one);
    problem.data = &permuted;
    train_all(&(campaign){a, &problem, scaled(N), theta, .steps = STEPS}, other);
    for (size_t j = 0; j < scaled(N); j++)
        assert_true(same_outcome(&one[j], &other[j]));
    free(theta);
}

/* With m = 2^P: (m - 1)(m - 1) - m m + 2 m = 1, where the first product has 2P bits and all may lie
 * outside the format's range. Data are doubles: P is at most 53. */
static void exact_sums_lose_nothing(const bf_arithmetic *a) {
    static const size_t orders[][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const bf_layer one[] = {BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};
    static const double zero = 0;
    for (size_t o = 0; o < LENGTH(orders); o++) {
        const double m = ldexp(1, a->format.precision);
        const double factors[3][2] = {{m - 1, m - 1}, {m, -m}, {m, 2}};
        double x[3];
        uint8_t theta[3 * 16], loss[16], expected[16];
        for (size_t k = 0; k < 3; k++) {
            char text[64];
            x[k] = factors[orders[o][k]][0];
            snprintf(text, sizeof text, "%a", factors[orders[o][k]][1]);
            must(bf_number(&a->format, text, theta + k * a->format.bytes, &err));
        }
        bf_problem problem = minimal_problem();
        const bf_data data = {.n = 1, .inputs = 3, .outputs = 1, .x = x, .y = &zero};
        problem.layers = one;
        problem.n_layers = 1;
        problem.data = &data;
        bf_ensemble *e;
        must(bf_ensemble_new(&e, a, &problem, &err));
        bf_lane_start(e, 0, theta);
        bf_gradient(e);
        bf_lane_loss(e, 0, loss); /* the square of the sum */
        must(bf_number(&a->format, "1", expected, &err));
        if (memcmp(loss, expected, a->format.bytes) != 0)
            fail_msg("%s, order %zu: the sum is off", a->name, o);
        bf_ensemble_free(e);
    }
}

/* Flushing to zero and another rounding, set in this thread by somebody else. */
static void set_environment(bool flush) {
#if defined __SSE2__
    _mm_setcsr(flush ? 0x1f80 | 0x8040 | 0x4000 : 0x1f80);
#else
    fesetround(flush ? FE_UPWARD : FE_TONEAREST);
#endif
}

static void a_hostile_environment_changes_nothing(const bf_arithmetic *a) {
    static const start_kind kinds[] = {{"-1", "1"}, {"-1e-310", "1e-310"}, {"-1e-40", "1e-40"}};
    enum { N = 9, STEPS = 100 };
    const bf_problem problem = minimal_problem();
    uint8_t *theta = starts(&a->format, 4, kinds, LENGTH(kinds), N);
    campaign c = {a, &problem, N, theta, STEPS, .ends = NULL};
    outcome calm[N], flushed[N];
    train_all(&c, calm);
    set_environment(true);
    train_all(&c, flushed);
    set_environment(false);
    for (size_t j = 0; j < N; j++)
        if (!same_outcome(&calm[j], &flushed[j]))
            fail_msg("%s, start %zu", a->name, j);
    free(theta);
}

/* ---- an independent reference ------------------------------------------------------------- */

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

typedef struct reference {
    double theta[4], velocity[4]; /* w1, w2, v1, v2 */
    double loss;                  /* of the last step */
} reference;

/* One step of the minimal model in binary64, as the numerical contract words it. */
static void reference_step(reference *r, const bf_data *data, double rate, double momentum,
                           double decay) {
    const double gain = sqrt(2), scale = 0.5, n = 8;
    const double *w = r->theta, *v = r->theta + 2;
    double h[8][2], delta[8], g[4] = {0}, loss = 0;
    for (int i = 0; i < 8; i++) {
        double f = 0;
        for (int j = 0; j < 2; j++) {
            const double z = fma(data->x[i], w[j], 0.0);
            h[i][j] = tanh_rounded(gain * z);
            f = fma(h[i][j], v[j], f);
        }
        delta[i] = scale * f - data->y[i];
        loss = fma(delta[i], delta[i], loss);
    }
    r->loss = loss / n;
    for (int i = 0; i < 8; i++) {
        const double d = delta[i] * (2 / n) * scale;
        for (int j = 0; j < 2; j++) {
            const double back = fma(d, v[j], 0.0);
            const double slope = fma(-h[i][j], h[i][j], 1.0);
            g[j] = fma(back * slope * gain, data->x[i], g[j]);
            g[2 + j] = fma(d, h[i][j], g[2 + j]);
        }
    }
    for (int k = 0; k < 4; k++) {
        g[k] = fma(decay, r->theta[k], g[k]);
        r->velocity[k] = fma(momentum, r->velocity[k], g[k]);
        r->theta[k] = fma(-rate, r->velocity[k], r->theta[k]);
    }
}

static const struct {
    const char *rate, *momentum, *decay;
} optimisers[] = {
    {"2.5", NULL, NULL},   {"2.5", "0", "0"},       {"0.3", "0.9", NULL},
    {"2.5", NULL, "1e-3"}, {"0.1", "0.99", "1e-4"}, {"1e-3", "0.5", "0.125"},
};

static void a_reference_gives_the_same_bits(void **state) {
    (void)state;
    bf_problem problem = minimal_problem();
    const bf_arithmetic f64 = arithmetic("f64");
    enum { N = 6, STEPS = 1000 };
    uint8_t *theta = starts(&f64.format, 4, (start_kind[]){{"1", NULL}, {"-2", "2"}}, 2, N);
    for (size_t o = 0; o < LENGTH(optimisers); o++)
        for (size_t i = 0; i < N; i++) {
            const char *texts[] = {optimisers[o].rate, optimisers[o].momentum, optimisers[o].decay};
            double numbers[3];
            for (int k = 0; k < 3; k++)
                numbers[k] = texts[k] ? strtod(texts[k], NULL) : 0;
            problem.rate = texts[0];
            const bf_setting settings[] = {{"momentum", texts[1]}, {"weight_decay", texts[2]}};
            problem.optimiser_settings = settings;
            problem.n_optimiser_settings = LENGTH(settings);
            bf_ensemble *e;
            must(bf_ensemble_new(&e, &f64, &problem, &err));
            const int lane = (int)i % bf_lanes(e);
            bf_lane_start(e, lane, theta + i * 32);
            reference r = {0};
            for (size_t k = 0; k < 4; k++)
                r.theta[k] = bf_to_double(&f64.format, theta + i * 32 + k * 8);
            for (int step = 1; step <= STEPS; step++) {
                uint8_t engine[32], loss[8];
                reference_step(&r, problem.data, numbers[0], numbers[1], numbers[2]);
                bf_gradient(e);
                bf_lane_loss(e, lane, loss);
                bf_update(e);
                bf_lane_theta(e, lane, engine);
                bool same = bf_to_double(&f64.format, loss) == r.loss;
                for (size_t k = 0; k < 4; k++)
                    same &= bf_to_double(&f64.format, engine + k * 8) == r.theta[k];
                if (!same)
                    fail_msg("optimiser %zu, start %zu: step %d differs", o, i, step);
                if (bf_lane_diverged(e, lane))
                    break;
            }
            bf_ensemble_free(e);
        }
    free(theta);
}

static void an_optimiser_of_zero_is_none(const bf_arithmetic *a) {
    static const char *const zeros[] = {NULL, "0", "-0", "0.0", "0/3"};
    uint8_t *theta = starts(&a->format, 4, everywhere, 2, 2);
    outcome first[2], out[2];
    for (size_t z = 0; z < LENGTH(zeros); z++) {
        bf_problem problem = minimal_problem();
        const bf_setting settings[] = {{"momentum", zeros[z]},
                                       {"decay", zeros[(z * 2) % LENGTH(zeros)]}};
        problem.optimiser_settings = settings;
        problem.n_optimiser_settings = LENGTH(settings);
        train_all(&(campaign){a, &problem, 2, theta, .steps = 100}, z ? out : first);
        for (int j = 0; j < 2 && z; j++)
            assert_true(same_outcome(&first[j], &out[j]));
    }
    free(theta);
}

/* ---- the gradient ------------------------------------------------------------------------- */

static const double eight[] = {0.3, -0.7, 1.1, 0.2, -1.3, 0.9, 0.4, -0.6};
static const bf_data shapes[] = {
    /* x and y cut from the same numbers */
    {.n = 4, .inputs = 1, .outputs = 1, .x = eight, .y = eight + 4},
    {.n = 3, .inputs = 2, .outputs = 1, .x = eight, .y = eight + 5},
    {.n = 2, .inputs = 2, .outputs = 3, .x = eight, .y = eight + 1},
    {.n = 2, .inputs = 3, .outputs = 2, .x = eight, .y = eight + 4},
};
static const bf_layer one_dense[] = {BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};
static const bf_layer scaled_dense[] = {BF_LAYER("dense", {"width", "1"}, {"scale", "3/7"})};
static const bf_layer squashed[] = {BF_LAYER("dense", {"width", "3"}), {.kind = "tanh"}};
static const bf_layer squashed_first[] = {
    BF_LAYER("tanh", {"gain", "1.7"}),
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}, {"scale", "-1.25"}),
    BF_LAYER("tanh", {"gain", "sqrt(3)"})};
static const bf_layer three_dense[] = {BF_LAYER("dense", {"width", "4"}, {"scale", "sqrt(1/2)"}),
                                       BF_LAYER("tanh", {"gain", "1/3"}),
                                       BF_LAYER("dense", {"width", "3"}, {"bias", "false"}),
                                       {.kind = "tanh"},
                                       BF_LAYER("dense", {"width", "2"}, {"scale", "2"})};
static const bf_layer squashed_twice[] = {BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
                                          BF_LAYER("dense", {"width", "3"}),
                                          BF_LAYER("tanh", {"gain", "sqrt(2)"}),
                                          {.kind = "tanh"},
                                          BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};

#define MODEL(layers) layers, LENGTH(layers)
static const struct {
    const bf_data *data;
    const char *loss;
    const bf_layer *layers;
    size_t n_layers;
} models[] = {
    {&shapes[0], "mse", MODEL(one_dense)},
    {&shapes[1], "mse", MODEL(scaled_dense)},
    {&shapes[2], "mse", MODEL(squashed)},
    {&shapes[3], "mse", MODEL(squashed_first)},
    {&shapes[3], "sum_squares", MODEL(three_dense)},
    {&shapes[1], "mse", MODEL(squashed_twice)},
    {&two_outputs, "mse", MODEL(activations)},
    {&images[0], "cross_entropy", MODEL(convolutions)},
    {&images[1], "sum_squares", MODEL(strides)},
    {&images[0], "cross_entropy", MODEL(pools)},
    {&images[0], "cross_entropy", MODEL(transformer)},
};

enum { WIDE = 512, STEP_BITS = 130, RATE_BITS = 20 };

/* theta[k] += delta, exactly enough. */
static void nudge(const bf_format *f, uint8_t *theta, size_t k, double delta) {
    mpfr_t x;
    mpfr_init2(x, WIDE);
    decode(f, theta + k * f->bytes, x);
    mpfr_add_d(x, x, delta, MPFR_RNDN);
    encode(f, x, theta + k * f->bytes);
    mpfr_clear(x);
}

static void loss_at(bf_ensemble *e, const uint8_t *theta, mpfr_t out) {
    uint8_t loss[BF_MAX_BYTES];
    bf_lane_start(e, 0, theta);
    bf_gradient(e);
    bf_lane_loss(e, 0, loss);
    decode(bf_ensemble_format(e), loss, out);
}

static void check_gradient(const char *name, size_t model) {
    const bf_arithmetic a = arithmetic(name);
    const bf_format *f = &a.format;
    const bf_problem problem = {.layers = models[model].layers,
                                .n_layers = models[model].n_layers,
                                .loss = models[model].loss,
                                .data = models[model].data,
                                .rate = "0x1p-20",
                                .bound = "inf"};
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &a, &problem, &err));
    const size_t n = bf_n_parameters(e);
    uint8_t *theta = take(n, f->bytes), *after = take(n, f->bytes);
    must(bf_start_uniform(f, n, theta, "-1", "1", 3, model, &err));
    bf_lane_start(e, 0, theta);
    bf_gradient(e);
    assert_false(bf_update(e));
    bf_lane_theta(e, 0, after);

    mpfr_t g, x, up, down, error, largest;
    mpfr_inits2(WIDE, g, x, up, down, error, largest, (mpfr_ptr)0);
    mpfr_set_zero(error, 1);
    mpfr_set_zero(largest, 1);
    for (size_t k = 0; k < n; k++) {
        decode(f, theta + k * f->bytes, g);
        decode(f, after + k * f->bytes, x);
        mpfr_sub(g, g, x, MPFR_RNDN); /* rate g, exactly */
        mpfr_mul_2ui(g, g, RATE_BITS, MPFR_RNDN);
        nudge(f, theta, k, ldexp(1, -STEP_BITS));
        loss_at(e, theta, up);
        nudge(f, theta, k, ldexp(-2, -STEP_BITS));
        loss_at(e, theta, down);
        nudge(f, theta, k, ldexp(1, -STEP_BITS));
        mpfr_sub(up, up, down, MPFR_RNDN);
        mpfr_mul_2ui(up, up, STEP_BITS - 1, MPFR_RNDN);
        mpfr_sub(x, up, g, MPFR_RNDN);
        mpfr_abs(x, x, MPFR_RNDN);
        mpfr_max(error, error, x, MPFR_RNDN);
        mpfr_abs(g, g, MPFR_RNDN);
        mpfr_max(largest, largest, g, MPFR_RNDN);
    }
    assert_true(mpfr_regular_p(largest));
    mpfr_div(error, error, largest, MPFR_RNDN);
    if (!(mpfr_cmp_d(error, 1e-60) < 0))
        fail_msg("%s, model %zu: the gradient is off by %g", name, model,
                 mpfr_get_d(error, MPFR_RNDN));
    mpfr_clears(g, x, up, down, error, largest, (mpfr_ptr)0);
    free(theta);
    free(after);
    bf_ensemble_free(e);
}

static void the_gradient_is_the_derivative_of_the_loss(void **state) {
    (void)state;
    for (size_t m = 0; m < LENGTH(models); m++) {
        check_gradient("mpfr:512", m);
        check_gradient("mpfr:512/exact", m);
    }
}

/* ---- coverage ----------------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *name, const char *alias) {
    return strcmp(text, name) == 0 || (alias && strcmp(text, alias) == 0);
}

/* The settings give the option another value than its default. */
static bool sets(const bf_setting *settings, size_t n, const bf_option *o) {
    for (size_t i = 0; i < n; i++)
        if (is_one_of(settings[i].name, o->name, o->alias) && settings[i].value)
            return !o->value || strcmp(settings[i].value, o->value) != 0;
    return false;
}

/* Every kind of layer and each of its options is in one of the problems. */
static void covers_layers(const char *of, const bf_problem *problems, size_t n) {
    const bf_layer_info *kind;
    for (size_t i = 0; (kind = bf_layer_list(i)); i++) {
        bool seen = false, set[16] = {false};
        for (const bf_problem *p = problems; p < problems + n; p++)
            for (const bf_layer *l = p->layers; l < p->layers + p->n_layers; l++) {
                if (!is_one_of(l->kind, kind->kind, kind->alias))
                    continue;
                seen = true;
                for (size_t o = 0; kind->options[o].name; o++)
                    set[o] |= sets(l->settings, l->n_settings, &kind->options[o]);
            }
        if (!seen)
            fail_msg("%s: no problem with a layer '%s'", of, kind->kind);
        for (size_t o = 0; kind->options[o].name; o++)
            if (!set[o])
                fail_msg("%s: no problem with a layer '%s' whose '%s' is not the default", of,
                         kind->kind, kind->options[o].name);
    }
}

static void covers_losses(const char *of, const bf_problem *problems, size_t n) {
    const bf_loss_info *loss;
    for (size_t i = 0; (loss = bf_loss_list(i)); i++) {
        bool seen = false;
        for (size_t p = 0; p < n; p++)
            seen |= is_one_of(problems[p].loss, loss->name, loss->alias);
        if (!seen)
            fail_msg("%s: no problem with the loss '%s'", of, loss->name);
    }
}

static void covers_optimisers(const char *of, const bf_problem *problems, size_t n) {
    const bf_optimiser_info *kind;
    for (size_t i = 0; (kind = bf_optimiser_list(i)); i++) {
        bool set[16] = {false}, seen = false;
        for (const bf_problem *p = problems; p < problems + n; p++) {
            if (!is_one_of(p->optimiser ? p->optimiser : "sgd", kind->name, kind->alias))
                continue;
            seen = true;
            for (size_t o = 0; kind->options[o].name; o++)
                set[o] |= sets(p->optimiser_settings, p->n_optimiser_settings, &kind->options[o]);
        }
        if (!seen)
            fail_msg("%s: no problem with the optimiser '%s'", of, kind->name);
        for (size_t o = 0; kind->options[o].name; o++)
            if (!set[o])
                fail_msg("%s: no problem with the optimiser '%s' whose '%s' is not the default", of,
                         kind->name, kind->options[o].name);
    }
}

/* What no problem of a law contains is not under it. */
static void every_layer_loss_and_optimiser_is_covered(void **state) {
    (void)state;
    bf_problem twins_of[LENGTH(variants)], gradients[LENGTH(models)];
    for (size_t v = 0; v < LENGTH(variants); v++)
        twins_of[v] = problem_of(&variants[v]);
    for (size_t m = 0; m < LENGTH(models); m++)
        gradients[m] = (bf_problem){
            .layers = models[m].layers, .n_layers = models[m].n_layers, .loss = models[m].loss};
    covers_layers("twins", twins_of, LENGTH(variants));
    covers_losses("twins", twins_of, LENGTH(variants));
    covers_optimisers("twins", twins_of, LENGTH(variants));
    covers_layers("gradient", gradients, LENGTH(models));
    covers_losses("gradient", gradients, LENGTH(models));
}

/* ---- divergence --------------------------------------------------------------------------- */

struct watch {
    double bound;
    const char *arithmetic;
};

/* Within the bound at every step but the one at which a run is said to have diverged. */
static void check_bound(void *self, size_t run, const bf_ensemble *e, int lane) {
    const struct watch *watch = self;
    const bf_format *f = bf_ensemble_format(e);
    uint8_t theta[4 * BF_MAX_BYTES];
    bool beyond = false;
    bf_lane_theta(e, lane, theta);
    for (size_t k = 0; k < 4; k++) {
        const uint8_t *x = theta + k * f->bytes;
        beyond |= !bf_is_finite(f, x) || fabs(bf_to_double(f, x)) > watch->bound;
    }
    const bool judged = bf_lane_step(e, lane) > 0; /* a start is not */
    if (judged && (beyond != bf_lane_diverged(e, lane) || beyond == bf_lane_running(e, lane)))
        fail_msg("%s, run %zu, step %d: %s the bound", watch->arithmetic, run,
                 (int)bf_lane_step(e, lane), beyond ? "beyond" : "within");
}

static void a_run_ends_where_it_leaves_the_bound(const bf_arithmetic *a) {
    static const char *const bounds[] = {"2", "100", "1e4", "inf"};
    enum { N = 26, STEPS = 100 };
    for (size_t b = 0; b < LENGTH(bounds); b++) {
        bf_problem problem = minimal_problem();
        uint8_t bound[BF_MAX_BYTES];
        problem.bound = bounds[b];
        problem.rate = "8";
        must(bf_number(&a->format, bounds[b], bound, &err));
        uint8_t *theta = starts(&a->format, 4, everywhere, LENGTH(everywhere), N);
        struct watch watch = {bf_is_finite(&a->format, bound) ? bf_to_double(&a->format, bound)
                                                              : (double)INFINITY,
                              a->name};
        outcome out[N];
        train_all(&(campaign){a, &problem, N, theta, STEPS, .observe = check_bound, .self = &watch},
                  out);
        size_t diverged = 0;
        for (size_t j = 0; j < N; j++)
            diverged += out[j].diverged;
        /* Was the law put to the test? MPFR's own range is too large to be left. */
        if ((diverged == 0 && (a->format.ieee || isfinite(watch.bound))) || diverged == N)
            fail_msg("%s, bound %s: %zu runs diverge", a->name, bounds[b], diverged);
        free(theta);
    }
}

/* 1 plus its unit in the last place. */
static void above_one(const bf_format *f, char *out) {
    const int nibble = (f->precision - 2) / 4;
    out += sprintf(out, "0x1.");
    for (int i = 0; i < nibble; i++)
        *out++ = '0';
    sprintf(out, "%xp0", 8U >> (f->precision - 2) % 4);
}

/* Where every sample is 0 nothing moves: only the start decides, and the bound itself is within. */
static void the_bound_is_within(const bf_arithmetic *a) {
    char next[BF_MAX_PRECISION], minus_next[BF_MAX_PRECISION + 1], largest[BF_MAX_PRECISION],
        smallest[32];
    uint8_t value[BF_MAX_BYTES];
    above_one(&a->format, next);
    snprintf(minus_next, sizeof minus_next, "-%s", next);
    snprintf(smallest, sizeof smallest, "0x1p%ld", a->format.emin - 1);
    bf_largest(&a->format, value);
    bf_to_hex(&a->format, value, largest, sizeof largest);
    const struct {
        const char *start;
        const char *bound;
        bool diverges;
    } cases[] = {
        {"1", "1", false},       {"1", "0x1.0000000000000000000001p0", false},
        {"-1", "1", false},      {next, "1", true},
        {minus_next, "1", true}, {"0", "0", false},
        {smallest, "0", true},   {"nan", "1", true},
        {"inf", "1", true},      {"inf", "inf", true},
        {"nan", "inf", true},    {"-inf", "inf", true},
        {largest, "inf", false},
    };
    const bf_layer one[] = {BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};
    static const double zero = 0;
    static const bf_data nothing = {.n = 1, .inputs = 1, .outputs = 1, .x = &zero, .y = &zero};
    bf_problem problem = minimal_problem();
    problem.layers = one;
    problem.n_layers = 1;
    problem.data = &nothing;
    for (size_t c = 0; c < LENGTH(cases); c++) {
        problem.bound = cases[c].bound;
        bf_ensemble *e;
        uint8_t theta[BF_MAX_BYTES], kept[BF_MAX_BYTES];
        must(bf_ensemble_new(&e, a, &problem, &err));
        must(bf_number(&a->format, cases[c].start, theta, &err));
        for (int lane = 0; lane < bf_lanes(e); lane++) {
            bf_lane_start(e, lane, theta);
            bf_lane_theta(e, lane, kept);
            assert_memory_equal(theta, kept, a->format.bytes);
            const uint64_t done = bf_train(e, 5);
            if (bf_lane_diverged(e, lane) != cases[c].diverges)
                fail_msg("%s: %s with bound %s", a->name, cases[c].start, cases[c].bound);
            assert_int_equal(done, cases[c].diverges ? 1 : 5);
            assert_int_equal(bf_lane_step(e, lane), done);
            assert_int_equal(bf_lane_running(e, lane), !cases[c].diverges);
            bf_lane_stop(e, lane);
            assert_false(bf_lane_running(e, lane) || bf_lane_diverged(e, lane));
        }
        bf_ensemble_free(e);
    }
}

/* The minimal model from (inf, 1, 1, 1). */
static void train_from_infinity(const bf_arithmetic *a, uint8_t *theta, uint8_t *end) {
    const bf_problem problem = minimal_problem();
    outcome out;
    for (size_t k = 0; k < 4; k++)
        must(bf_number(&a->format, k ? "1" : "inf", theta + k * a->format.bytes, &err));
    train_all(&(campaign){a, &problem, 1, theta, .steps = 5, .ends = end}, &out);
    assert_true(out.diverged && out.steps == 1);
}

/* A saturated neuron has a gradient of 0 at an infinite weight, and nothing else becomes infinite.
 */
static void an_infinite_weight_ends_a_run(const bf_arithmetic *a) {
    const size_t b = a->format.bytes;
    uint8_t theta[4 * BF_MAX_BYTES], end[4 * BF_MAX_BYTES];
    train_from_infinity(a, theta, end);
    assert_memory_equal(end, theta, b);
    for (size_t k = 1; k < 4; k++)
        assert_true(bf_is_finite(&a->format, end + k * b));
}

/* It is NaN, and so is all that it enters. */
static void what_would_be_infinite_is_nan(const bf_arithmetic *a) {
    const size_t b = a->format.bytes;
    uint8_t theta[4 * BF_MAX_BYTES], end[4 * BF_MAX_BYTES], nan[BF_MAX_BYTES];
    must(bf_number(&a->format, "nan", nan, &err));
    train_from_infinity(a, theta, end);
    assert_memory_equal(theta, nan, b);
    for (size_t k = 0; k < 4; k++)
        assert_memory_equal(end + k * b, nan, b);
}

/* What a diverged run had is kept while its neighbours train on, to the bits they have alone. */
static void a_diverged_run_is_kept(const bf_arithmetic *a) {
    enum { N = 40, STEPS = 200 };
    bf_problem problem = minimal_problem();
    problem.bound = "20"; /* which a narrow format has too */
    const size_t size = 4 * a->format.bytes;
    uint8_t *theta = starts(&a->format, 4, (start_kind[]){{"1", NULL}, {"4", "16"}}, 2, N);
    outcome alone[N];
    uint8_t *ends = take(N, size), *kept = take(1, size);
    train_all(&(campaign){a, &problem, N, theta, STEPS, .lanes = 1, .ends = ends}, alone);
    size_t of[2] = {N, N}; /* a run that stays, and one that diverges, but not at once */
    for (size_t i = N; i-- > 0;)
        if (!alone[i].diverged)
            of[0] = i;
        else if (alone[i].steps > 2)
            of[1] = i;
    if (of[0] == N || of[1] == N)
        fail_msg("%s: no run %s", a->name, of[0] == N ? "stays" : "diverges after 2 steps");
    bf_ensemble *e;
    must(bf_ensemble_new(&e, a, &problem, &err));
    for (int lane = 0; lane < 2; lane++)
        bf_lane_start(e, lane, theta + of[lane] * size);
    uint64_t done = bf_train(e, STEPS);
    assert_int_equal(done, alone[of[1]].steps);
    done += bf_train(e, STEPS - done);
    assert_int_equal(done, STEPS);
    for (int lane = 0; lane < 2; lane++) {
        bf_lane_theta(e, lane, kept);
        assert_memory_equal(kept, ends + of[lane] * size, size);
        assert_int_equal(bf_lane_step(e, lane), alone[of[lane]].steps);
        assert_int_equal(bf_lane_diverged(e, lane), lane == 1);
    }
    bf_lane_start(e, 1, theta + of[0] * size); /* and the lane is as good as new */
    assert_int_equal(bf_train(e, STEPS), STEPS);
    bf_lane_theta(e, 1, kept);
    assert_memory_equal(kept, ends + of[0] * size, size);
    assert_int_equal(bf_lane_step(e, 1), STEPS);
    assert_int_equal(bf_lane_step(e, 0), 2 * STEPS);
    bf_ensemble_free(e);
    free(theta);
    free(ends);
    free(kept);
}

/* ---- the laws ----------------------------------------------------------------------------- */

#define LAW(governs, name) \
    { #name, governs, name }
static const law laws[] = {
    LAW(with_a_twin, its_twin_gives_the_same_bits),
    LAW(in_lanes, lanes_do_not_influence_each_other),
    LAW(in_lanes, kernel_paths_give_the_same_bits),
    LAW(strict, threads_give_the_same_bits),
    LAW(symmetric, planes_are_invariant),
    LAW(order_free, swapping_neurons_swaps_their_trajectories),
    LAW(order_free, the_order_of_samples_does_not_matter),
    LAW(exact_on_doubles, exact_sums_lose_nothing),
    LAW(strict, a_hostile_environment_changes_nothing),
    LAW(strict, an_optimiser_of_zero_is_none),
    LAW(any_arithmetic, a_run_ends_where_it_leaves_the_bound),
    LAW(strict, the_bound_is_within),
    LAW(strict_with_infinity, an_infinite_weight_ends_a_run),
    LAW(strict_without_infinity, what_would_be_infinite_is_nan),
    LAW(in_lanes, a_diverged_run_is_kept),
};

static void keep(void **state) {
    const law *l = *state;
    for (size_t i = 0; i < n_subjects; i++)
        if (l->governs(&subjects[i]))
            l->holds(&subjects[i].a);
}

static bool listed(const char *format, const char *sum) {
    const bf_arithmetic_info *kind;
    for (size_t i = 0; (kind = bf_arithmetic_list(i)); i++)
        if (strcmp(kind->format, format) == 0 && strcmp(kind->sum, sum) == 0)
            return true;
    return false;
}

/* A law that governs nothing, an arithmetic that is tried by none or by no law of its own bits, or
 * that MPFR could check and does not, is a gap. */
static void every_arithmetic_is_under_its_laws(void **state) {
    (void)state;
    for (size_t l = 0; l < LENGTH(laws); l++) {
        size_t governed = 0;
        for (size_t i = 0; i < n_subjects; i++)
            governed += laws[l].governs(&subjects[i]);
        if (governed == 0)
            fail_msg("no arithmetic is under '%s'", laws[l].name);
    }
    const bf_arithmetic_info *kind;
    for (size_t k = 0; (kind = bf_arithmetic_list(k)); k++) {
        size_t visits = 0;
        for (size_t i = 0; i < n_subjects; i++)
            for (size_t l = 0; l < LENGTH(laws); l++)
                visits += subjects[i].kind == kind && laws[l].governs(&subjects[i]);
        if (visits < (kind->strict ? 2 : 1))
            fail_msg("%s/%s is under no law", kind->format, kind->sum);
        if ((kind->twin != NULL) != (kind->lanes && listed("mpfr", kind->sum)))
            fail_msg("%s/%s: its twin is '%s'", kind->format, kind->sum,
                     kind->twin ? kind->twin : "none");
        assert_true(!(kind->twin || kind->symmetric || kind->order_free) || kind->strict);
    }
    for (size_t i = 0; bf_format_list(i); i++)
        assert_true(listed(bf_format_list(i)->name, ""));
}

int main(void) {
    const struct CMUnitTest others[] = {
        cmocka_unit_test(every_arithmetic_is_under_its_laws),
        cmocka_unit_test(ensembles_do_not_influence_each_other),
        cmocka_unit_test(a_reference_gives_the_same_bits),
        cmocka_unit_test(the_gradient_is_the_derivative_of_the_loss),
        cmocka_unit_test(every_layer_loss_and_optimiser_is_covered),
    };
    struct CMUnitTest tests[LENGTH(laws) + LENGTH(others)];
    for (size_t i = 0; i < LENGTH(laws); i++)
        tests[i] = (struct CMUnitTest){
            .name = laws[i].name, .test_func = keep, .initial_state = (void *)&laws[i]};
    memcpy(tests + LENGTH(laws), others, sizeof others);
    return _cmocka_run_group_tests("laws", tests, LENGTH(tests), find_subjects, NULL);
}
