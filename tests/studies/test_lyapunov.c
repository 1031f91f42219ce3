/* SPDX-License-Identifier: MIT */
/* test_lyapunov.c - what must hold of Lyapunov exponents: closed forms where the Hessian is
 * constant, volumes, and the agreement of independent ways to the same number. */
#include "laws.h"

#include "studies/lyapunov/lyapunov.h"
#include "run/run.h"

static experiment *parse(const char *text) {
    experiment *x;
    must(experiment_parse(&x, text, strlen(text), "test", 1, NULL, 0, NULL, &err));
    return x;
}

#define MINIMAL                                                          \
    "model: {layers: [{dense: 2, bias: false}, {tanh: {gain: sqrt(2)}}," \
    " {dense: 1, bias: false, scale: 1/2}]}\ndata: {set: paper8}\n"      \
    "init: {values: [0.388069747, 0.388069747, 0.505715253, 0.505715253]}\n"
#define LINEAR "model: {layers: [{dense: 1}]}\ndata: {set: paper8}\ninit: {values: [0.3, -0.2]}\n"

static const lyapunov_watch unwatched = {.limits = &limits_none};

typedef struct spectrum {
    experiment *x;
    lyapunov_plan *p;
    lyapunov_trajectory **t;
    size_t n;
} spectrum;

static spectrum compute(const char *text) {
    spectrum s = {.x = parse(text)};
    must(lyapunov_plan_new(&s.p, s.x, &err));
    s.n = (size_t)s.x->lyapunov.trajectories;
    s.t = take(s.n, sizeof *s.t);
    must(lyapunov_run(s.p, s.t, &unwatched, &err));
    return s;
}

static void release(spectrum *s) {
    for (size_t i = 0; i < s->n; i++)
        lyapunov_trajectory_free(s->t[i]);
    free(s->t);
    lyapunov_plan_free(s->p);
    experiment_free(s->x);
}

static void near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g; expected %.17g, within %g", a, b, tolerance);
}

static double uniform(void) {
    return (double)(int64_t)random_bits() * 0x1p-63;
}

/* ---- linear algebra ----------------------------------------------------------------------- */

/* log |det| of an n by n matrix, which is destroyed, by elimination with row pivots. */
static double log_det(size_t n, double *m) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k; i < n; i++)
            best = fabs(m[i * n + k]) > fabs(m[best * n + k]) ? i : best;
        for (size_t j = 0; j < n; j++) {
            const double swap = m[k * n + j];
            m[k * n + j] = m[best * n + j];
            m[best * n + j] = swap;
        }
        sum += log(fabs(m[k * n + k]));
        for (size_t i = k + 1; i < n; i++) {
            const double factor = m[i * n + k] / m[k * n + k];
            for (size_t j = k; j < n; j++)
                m[i * n + j] -= factor * m[k * n + j];
        }
    }
    return sum;
}

static void orthonormalisation(void **state) {
    (void)state;
    enum { N = 7 };
    double v[N * N], copy[N * N], scaled_up[N * N], logs[N] = {0}, more[N] = {0};
    for (size_t i = 0; i < N * N; i++) {
        v[i] = copy[i] = uniform();
        scaled_up[i] = 0x1p20 * v[i];
    }
    lyapunov_orthonormalise(N, N, v, logs);
    double volume = 0;
    for (size_t i = 0; i < N; i++) {
        volume += logs[i];
        for (size_t j = 0; j <= i; j++) {
            double product = 0;
            for (size_t k = 0; k < N; k++)
                product += v[i * N + k] * v[j * N + k];
            near(product, i == j, 1e-13);
        }
    }
    near(volume, log_det(N, copy), 1e-12);
    /* Lengths do not change directions. */
    lyapunov_orthonormalise(N, N, scaled_up, more);
    assert_memory_equal(v, scaled_up, sizeof v);
    for (size_t i = 0; i < N; i++)
        near(more[i] - logs[i], 20 * log(2), 1e-13);
    /* What is orthonormal stays: logarithms of 1 are added. */
    lyapunov_orthonormalise(N, N, v, logs);
    for (size_t i = 0; i < N; i++)
        volume -= logs[i];
    near(volume, 0, 1e-13);
    /* A direction that vanishes. */
    double flat[4] = {3, 4, 0, 0}, sums[2] = {0};
    lyapunov_orthonormalise(2, 2, flat, sums);
    near(sums[0], log(5), 1e-15);
    assert_true(sums[1] == -INFINITY && flat[2] == 0 && flat[3] == 0);
}

/* ---- a constant Hessian ------------------------------------------------------------------- */

/* Eigenvalues, larger first, of the Hessian of mean (w x + b - y)^2 over paper8:
 * [[2 mean x^2, 2 mean x], [2 mean x, 2]]; and its eigenvectors (cos a, sin a), (-sin a, cos a). */
static double hessian(double h[2]) {
    const bf_data *d = bf_data_named("paper8");
    double xx = 0, x = 0;
    for (size_t i = 0; i < d->n; i++) {
        xx += 2 * d->x[i] * d->x[i] / (double)d->n;
        x += 2 * d->x[i] / (double)d->n;
    }
    const double middle = (xx + 2) / 2, half = hypot((xx - 2) / 2, x);
    h[0] = middle + half;
    h[1] = middle - half;
    return atan2(h[0] - xx, x);
}

static void exponents_of_a_linear_model(void **state) {
    (void)state;
    double h[2];
    hessian(h);
    spectrum s = compute(LINEAR "train: {rate: 0.125, decay: 0.25}\n"
                                "lyapunov: {trajectories: 2, steps: 4000, tail: 0}\n");
    lyapunov_spectrum *found;
    must(lyapunov_summarise(&found, s.p, s.t, s.n, &err));
    assert_int_equal(s.p->n_exponents, 2);
    const double a = log(fabs(1 - 0.125 * (h[0] + 0.25))), b = log(fabs(1 - 0.125 * (h[1] + 0.25)));
    near(found->exponents[0].value.value, fmax(a, b), 1e-12);
    near(found->exponents[1].value.value, fmin(a, b), 1e-12);
    near(found->exponents[0].finite[0].variance.value, 0, 1e-15);
    lyapunov_spectrum_free(found);
    release(&s);
}

/* With momentum m the step maps (w, v) to (w - r v', v'), v' = m v + h w, in each eigenvector of
 * the Hessian: z^2 - (1 - r h + m) z + m = 0. The rate is such that all roots are real. */
static void exponents_with_momentum(void **state) {
    (void)state;
    double h[2], expected[4];
    hessian(h);
    const double r = 0.015625, m = 0.25;
    for (int i = 0; i < 2; i++) {
        const double p = (1 - r * h[i] + m) / 2, q = sqrt(p * p - m);
        expected[1 - i] = log(p + q);
        expected[2 + i] = log(p - q);
    }
    spectrum s = compute(LINEAR "train: {rate: 0.015625, momentum: 0.25}\n"
                                "lyapunov: {trajectories: 1, steps: 4000, tail: 0, every: 4}\n");
    lyapunov_spectrum *found;
    must(lyapunov_summarise(&found, s.p, s.t, s.n, &err));
    assert_int_equal(s.p->n_exponents, 4);
    for (size_t i = 0; i < 4; i++)
        near(found->exponents[i].value.value, expected[i], 1e-11);
    lyapunov_spectrum_free(found);
    release(&s);
}

/* An eigenvector stays one: it is multiplied by 1 - rate h in every step. */
static void eigenvectors_of_a_quadratic(void **state) {
    (void)state;
    double h[2];
    const double angle = hessian(h);
    experiment *x = parse(LINEAR "train: {rate: 0.125}\n");
    bf_arithmetic a;
    bf_ensemble *e;
    bf_arithmetic_tangent(&a);
    must(run_ensemble(x, &a, &limits_none, &e, &err));
    uint8_t theta[16];
    must(run_start(x, e, 0, theta, &err));
    for (int i = 0; i < 2; i++) {
        double v[2] = {i ? -sin(angle) : cos(angle), i ? cos(angle) : sin(angle)}, end[2];
        bf_lane_start(e, i, theta);
        bf_lane_put_tangent(e, i, v);
        bf_train(e, 3);
        bf_lane_tangent(e, i, end);
        for (int k = 0; k < 2; k++)
            near(end[k], v[k] * pow(1 - 0.125 * h[i], 3), 1e-14);
        bf_lane_stop(e, i);
    }
    bf_ensemble_free(e);
    experiment_free(x);
}

/* ---- the minimal model -------------------------------------------------------------------- */

#define SHORT "spread: 0, trajectories: 1, transient: 0, tail: 0, steps: 96, windows: [32]"

static double sum_of(const lyapunov_trajectory *t, size_t n, size_t window, size_t first,
                     size_t count) {
    double sum = 0;
    for (size_t i = first; i < first + count; i++)
        sum += t->growth[window * n + i];
    return sum;
}

/* Sums of exponents are logarithms of volumes: of all directions log |det DF|, step by step; of the
 * two subspaces together as much. */
static void sums_are_volumes(void **state) {
    (void)state;
    spectrum s =
        compute(MINIMAL "train: {rate: 2.5}\nlyapunov: {within: P+, every: 4, " SHORT "}\n");
    assert_int_equal(s.t[0]->n_windows, 3);
    assert_int_equal(s.p->n_exponents, 8);
    bf_arithmetic a;
    bf_ensemble *e;
    bf_arithmetic_tangent(&a);
    must(run_ensemble(s.x, &a, &limits_none, &e, &err));
    uint8_t theta[32];
    must(run_start(s.x, e, 0, theta, &err));
    for (size_t w = 0; w < 3; w++) {
        double volume = 0;
        for (size_t step = 0; step < 32; step++) {
            double m[16];
            uint8_t next[32];
            for (size_t d = 0; d < 4; d++) { /* one lane after the other: there may be only two */
                double v[4] = {d == 0, d == 1, d == 2, d == 3};
                bf_lane_start(e, 0, theta);
                bf_lane_put_tangent(e, 0, v);
                bf_train(e, 1);
                bf_lane_tangent(e, 0, m + 4 * d);
                bf_lane_theta(e, 0, next);
            }
            memcpy(theta, next, sizeof theta);
            volume += log_det(4, m);
        }
        near(sum_of(s.t[0], 8, w, 4, 4), volume, 1e-9);
        near(sum_of(s.t[0], 8, w, 0, 4), volume, 1e-9);
    }
    bf_ensemble_free(e);
    release(&s);
}

/* Within P+ the two neurons are one: v tanh(sqrt(2) w x), trained at half the rate, has the same
 * trajectory and, as all its volume, the longitudinal one. (The sums of growth: frames differ.) */
static void longitudinal_is_the_model_of_one_neuron(void **state) {
    (void)state;
    spectrum two = compute(MINIMAL "train: {rate: 2.5}\nlyapunov: {within: P+, " SHORT "}\n");
    spectrum one = compute("model: {layers: [{dense: 1, bias: false}, {tanh: {gain: sqrt(2)}},"
                           " {dense: 1, bias: false}]}\ndata: {set: paper8}\n"
                           "init: {values: [0.388069747, 0.505715253]}\n"
                           "train: {rate: 1.25}\nlyapunov: {" SHORT "}\n");
    assert_string_equal(two.p->blocks[0].name, "longitudinal");
    assert_int_equal(two.p->blocks[0].count, 2);
    assert_string_equal(one.p->blocks[0].name, "sorted");
    for (size_t w = 0; w < 3; w++) {
        near(sum_of(two.t[0], 8, w, 0, 2), sum_of(one.t[0], 2, w, 0, 2), 1e-7);
        for (size_t d = 0; d < 2; d++) /* coordinates along (1,1,0,0)/sqrt(2): sqrt(2) w */
            near(two.t[0]->points[2 * w + d], sqrt(2) * one.t[0]->points[2 * w + d], 1e-8);
    }
    release(&two);
    release(&one);
}

/* P- is P+ with the signs of one neuron changed; every sign is exact. Tangents alike. */
static void the_planes_are_mirror_images(void **state) {
    (void)state;
    spectrum plus = compute(MINIMAL "train: {rate: 2.5}\nlyapunov: {within: P+, " SHORT "}\n");
    spectrum minus = compute(MINIMAL "train: {rate: 2.5}\nlyapunov: {within: P-, " SHORT "}\n");
    for (size_t i = 0; i < 3 * 8; i++) /* sorted has another frame to begin with */
        if (i % 8 < 4)
            near(plus.t[0]->growth[i], minus.t[0]->growth[i], 1e-9);
    assert_memory_equal(plus.t[0]->points, minus.t[0]->points, 6 * sizeof(double));
    release(&plus);
    release(&minus);
}

/* How often frames are orthonormalised changes nothing but rounding; and longer windows are sums of
 * shorter ones. */
static void the_interval_does_not_matter(void **state) {
    (void)state;
    spectrum rare = compute(MINIMAL "train: {rate: 2.5}\n"
                                    "lyapunov: {within: P+, trajectories: 3, steps: 400, every: 8,"
                                    " transient: 40, tail: 0, windows: [32, 96]}\n"),
             often = compute(MINIMAL "train: {rate: 2.5}\n"
                                     "lyapunov: {within: P+, trajectories: 3, steps: 400, every: 1,"
                                     " transient: 40, tail: 0, windows: [32, 96]}\n");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rare.t[i]->n_windows, 11);
        assert_int_equal(often.t[i]->n_windows, 11);
        for (size_t k = 0; k < 11 * 8; k++)
            near(rare.t[i]->growth[k], often.t[i]->growth[k], 1e-9);
        assert_memory_equal(rare.t[i]->points, often.t[i]->points, 22 * sizeof(double));
    }
    release(&rare);
    release(&often);
}

/* With momentum m, det DF = m^parameters in every step, whatever the Hessian. And a step is
 * conformally symplectic: the exponents of each subspace pair up to log m (U. Dressler, Phys. Rev.
 * A 38 (1988) 2103), in the limit; here to the length of a trajectory. */
static void exponents_pair_under_momentum(void **state) {
    (void)state;
    spectrum s = compute(MINIMAL "train: {rate: 2, momentum: 0.25}\n"
                                 "lyapunov: {within: P+, trajectories: 2, steps: 6000}\n");
    for (size_t w = 0; w < s.t[0]->n_windows; w++)
        for (size_t first = 0; first < 16; first += 8)
            near(sum_of(s.t[0], 16, w, first, 8), 4 * 32 * log(0.25), 1e-8);
    lyapunov_spectrum *found;
    must(lyapunov_summarise(&found, s.p, s.t, s.n, &err));
    assert_int_equal(s.p->n_exponents, 16);
    for (size_t b = 0; b < s.p->n_blocks; b++) {
        const lyapunov_block *block = &s.p->blocks[b];
        const lyapunov_exponent *e = found->exponents + block->at;
        for (size_t i = 0; i < block->count / 2; i++)
            near(e[i].value.value + e[block->count - 1 - i].value.value, log(0.25), 1e-3);
    }
    lyapunov_spectrum_free(found);
    release(&s);
}

/* The evidence: blocks do not mix except for rounding; and an actual nudge off the plane, in 256
 * bits, grows as the tangent says. A trajectory of binary64 is wrong by less than 1e-12 after 32
 * steps, when errors have grown by e^5; so is its tangent, relatively. */
static void nudges_grow_as_tangents_do(void **state) {
    (void)state;
    spectrum s = compute(MINIMAL "train: {rate: 2.5}\n"
                                 "lyapunov: {within: P+, trajectories: 4, steps: 2000, tail: 0,"
                                 " windows: [32, 64]}\n");
    for (size_t i = 0; i < 4; i++) {
        assert_true(s.t[i]->mixing < 1e-13);
        assert_true(isfinite(s.t[i]->nudge));
        near(s.t[i]->nudge_short, s.t[i]->nudge_tangent, 1e-10);
        /* The nudge is along the leading transverse vector, which grows as the frame says. */
        near(s.t[i]->nudge_tangent, s.t[i]->growth[2] / 32, 1e-10);
    }
    release(&s);
}

/* Without a subspace: two runs part, or meet, as the tangent says; the leading direction of a
 * quadratic is its eigenvector. With minibatches, momentum and phases all begin at step 0. */
static void nudges_without_a_subspace(void **state) {
    (void)state;
    double h[2];
    hessian(h);
    spectrum s =
        compute(LINEAR "train: {rate: 0.125, decay: 0.25}\n"
                       "lyapunov: {trajectories: 1, steps: 2000, tail: 0, windows: [32, 64]}\n");
    const double expected =
        log(fmax(fabs(1 - 0.125 * (h[0] + 0.25)), fabs(1 - 0.125 * (h[1] + 0.25))));
    assert_string_equal(s.p->nudged->name, "sorted");
    assert_false(s.p->restarts);
    near(s.t[0]->nudge, expected, 1e-12);
    near(s.t[0]->nudge_short, expected, 1e-12);
    near(s.t[0]->nudge_tangent, expected, 1e-12);
    release(&s);
    static const struct {
        const char *train;
        bool restarts;
    } trains[] = {
        {"rate: 2.5", false},
        {"rate: 1, momentum: 0.25", true},
        {"rate: 1, batch: 3, momentum: 0.25, phases: [{at: 20, rate: 2.5}]", true},
    };
    for (size_t i = 0; i < LENGTH(trains); i++) {
        char text[600];
        snprintf(text, sizeof text,
                 MINIMAL "train: {%s}\nlyapunov: {trajectories: 3, steps: 400, transient: 100,"
                         " tail: 0, windows: [32, 64]}\n",
                 trains[i].train);
        s = compute(text);
        assert_int_equal(s.p->restarts, trains[i].restarts);
        for (size_t k = 0; k < 3; k++) {
            assert_true(isfinite(s.t[k]->nudge));
            near(s.t[k]->nudge_short, s.t[k]->nudge_tangent, 1e-10);
            if (!trains[i].restarts)
                near(s.t[k]->nudge_tangent, s.t[k]->growth[0] / 32, 1e-10);
        }
        release(&s);
    }
}

/* A wider model: its first two neurons, with biases, and the rest of the network. */
static void subspaces_of_a_wider_model(void **state) {
    (void)state;
    for (int minus = 0; minus <= 1; minus++) {
        char text[600];
        snprintf(text, sizeof text,
                 "model: {layers: [{dense: 3}, {tanh: {}}, {dense: 2}, {tanh: {}}, {dense: 1}]}\n"
                 "data: {set: paper8}\ninit: {uniform: {low: -1, high: 1}}\ntrain: {rate: 0.5}\n"
                 "lyapunov: {within: P%c, " SHORT "}\n",
                 minus ? '-' : '+');
        spectrum s = compute(text);
        /* 3 + 3 and 6 + 2 and 2 + 1 parameters; transverse: a weight, a bias, two weights. */
        assert_int_equal(s.p->state, 17);
        assert_int_equal(s.p->blocks[0].count, 13);
        assert_int_equal(s.p->blocks[1].count, 4);
        assert_true(s.t[0]->mixing < 1e-13);
        for (size_t w = 0; w < 3; w++)
            near(sum_of(s.t[0], 34, w, 0, 17), sum_of(s.t[0], 34, w, 17, 17), 1e-8);
        near(s.t[0]->nudge_short, s.t[0]->nudge_tangent, 1e-10);
        release(&s);
    }
}

#define SMALL                                                                                  \
    "model: {layers: [{dense: 3}, tanh, {dense: 2}, tanh, {dense: 1}]}\ndata: {set: paper8}\n" \
    "init: {uniform: {low: -1, high: 1}}\n"

/* A tangent is orthonormalised against those before it only: the leading exponents are those of the
 * whole spectrum, bit for bit. */
static void leading_exponents_are_those_of_the_whole_spectrum(void **state) {
    (void)state;
    static const char *const texts[] = {
        SMALL "train: {rate: 0.125, momentum: 0.5}\n"
              "lyapunov: {within: P-, trajectories: 3, steps: 300, transient: 40, tail: 0,"
              " every: 4, windows: [32, 64]",
        SMALL "train: {rate: 0.25, batch: 3, phases: [{at: 100, rate: 0.125}]}\n"
              "lyapunov: {within: \"vanished:0.2\", trajectories: 3, steps: 300, transient: 40,"
              " tail: 0, windows: [32, 64]",
        SMALL "train: {rate: 0.25, batch: 4}\n"
              "lyapunov: {trajectories: 3, steps: 300, transient: 40, tail: 0, windows: [32, 64]",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        char text[700];
        snprintf(text, sizeof text, "%s}\n", texts[i]);
        spectrum all = compute(text);
        snprintf(text, sizeof text, "%s, exponents: 5}\n", texts[i]);
        spectrum some = compute(text);
        assert_int_equal(all.p->n_blocks, some.p->n_blocks);
        for (size_t b = 0; b < all.p->n_blocks; b++) {
            const lyapunov_block *whole = &all.p->blocks[b], *leading = &some.p->blocks[b];
            assert_int_equal(leading->count, whole->count < 5 ? whole->count : 5);
            for (size_t k = 0; k < 3; k++) {
                assert_int_equal(some.t[k]->n_windows, 8);
                for (size_t w = 0; w < 8; w++)
                    assert_memory_equal(some.t[k]->growth + w * some.p->n_exponents + leading->at,
                                        all.t[k]->growth + w * all.p->n_exponents + whole->at,
                                        leading->count * sizeof(double));
                assert_memory_equal(some.t[k]->points, all.t[k]->points, 16 * sizeof(double));
            }
        }
        release(&all);
        release(&some);
    }
}

/* More directions than a spectrum may have exponents: the largest ones can be computed, the first
 * as a tangent alone grows. */
static void largest_exponent_of_a_large_model(void **state) {
    (void)state;
    static const char text[] =
        "model: {layers: [{dense: 90}, tanh, {dense: 1}]}\ndata: {set: paper8}\n"
        "init: torch_default\ntrain: {rate: 0.015625, momentum: 0.5}\n"
        "lyapunov: {trajectories: 1, transient: 0, tail: 0, steps: 1025, windows: [1024],"
        " exponents: 1}\n";
    spectrum s = compute(text);
    assert_int_equal(s.p->state, 542);
    assert_int_equal(s.p->n_exponents, 1);
    assert_int_equal(s.t[0]->n_windows, 1);
    bf_arithmetic a;
    bf_ensemble *e;
    bf_arithmetic_tangent(&a);
    must(run_ensemble(s.x, &a, &limits_none, &e, &err));
    uint8_t *theta = take(271, 8);
    must(run_start(s.x, e, 0, theta, &err));
    estimate found;
    must(lyapunov_largest(s.x, theta, 1, 1024, &limits_none, NULL, &found, &err));
    near(s.t[0]->growth[0] / 1024, found.value, 1e-10);
    free(theta);
    bf_ensemble_free(e);
    release(&s);
}

/* Adam's second moments are of squares: a symmetry that changes signs does not change theirs. */
static void subspaces_are_kept_under_adam(void **state) {
    (void)state;
    spectrum s = compute(SMALL "train: {rate: 0.01, optimiser: adam}\n"
                               "lyapunov: {within: P-, " SHORT "}\n");
    assert_int_equal(s.p->state, 51);
    assert_int_equal(s.p->blocks[0].count, 39);
    assert_int_equal(s.p->blocks[1].count, 12);
    assert_true(s.t[0]->mixing < 1e-12);
    for (size_t w = 0; w < 3; w++)
        near(sum_of(s.t[0], 102, w, 0, 51), sum_of(s.t[0], 102, w, 51, 51), 1e-6);
    release(&s);
}

/* Where all runs must be at the same step, those beside one that has diverged go on, and each is
 * what it is alone. */
static void runs_in_step_that_diverge(void **state) {
    (void)state;
    enum { N = 80 };
    spectrum s = compute(
        MINIMAL "train: {rate: 2.5, batch: 4}\n"
                "lyapunov: {within: P+, trajectories: 80, spread: 0.5, transient: 0, tail: 0,"
                " steps: 80, windows: [16]}\n");
    size_t escaped = 0;
    lyapunov_trajectory *again[N];
    for (size_t i = 0; i < N; i++) {
        escaped += s.t[i]->diverged;
        again[i] = i % 5 == 1 ? NULL : s.t[i];
    }
    assert_true(escaped > 0 && escaped < N);
    must(lyapunov_run(s.p, again, &unwatched, &err));
    for (size_t i = 1; i < N; i += 5) {
        assert_int_equal(again[i]->steps, s.t[i]->steps);
        assert_int_equal(again[i]->n_windows, s.t[i]->n_windows);
        assert_memory_equal(again[i]->growth, s.t[i]->growth,
                            s.t[i]->n_windows * s.p->n_exponents * sizeof(double));
        lyapunov_trajectory_free(again[i]);
    }
    release(&s);
}

static void models_without_the_subspace(void **state) {
    (void)state;
    static const char *const texts[] = {
        LINEAR "train: {rate: 1}\nlyapunov: {within: P+}\n",
        "model: {layers: [{dense: 1}, tanh, {dense: 1}]}\ndata: {set: paper8}\n"
        "init: uniform\ntrain: {rate: 1}\nlyapunov: {within: P-}\n",
        "model: {layers: [{dense: 200}, tanh, {dense: 1}]}\ndata: {set: paper8}\n"
        "init: uniform\ntrain: {rate: 1}\nlyapunov: {}\n",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        experiment *x = parse(texts[i]);
        lyapunov_plan *p;
        assert_int_equal(lyapunov_plan_new(&p, x, &err), BF_EINPUT);
        assert_non_null(strstr(err.text, "expected"));
        experiment_free(x);
    }
}

/* ---- summaries ---------------------------------------------------------------------------- */

/* Invented trajectories: growth -2 g[i mod 4] in the i-th window for one exponent, the larger,
 * which is the second column, and g[i mod 4] - 1 for the other. */
static void known_finite_time_distributions(void **state) {
    (void)state;
    static const double g[] = {3, -1, -1, -1};
    experiment *x = parse(LINEAR "train: {rate: 1}\nlyapunov: {windows: [8, 16, 32]}\n");
    lyapunov_plan *p;
    must(lyapunov_plan_new(&p, x, &err));
    enum { N = 12 };
    lyapunov_trajectory *t[N];
    for (uint64_t i = 0; i < N; i++) {
        t[i] = take(1, sizeof *t[i]);
        *t[i] = (lyapunov_trajectory){.index = i,
                                      .steps = 100 * (i + 1),
                                      .diverged = i < 3,
                                      .n_windows = 64,
                                      .growth = take(64 * 2, sizeof(double)),
                                      .nudge = NAN};
        for (size_t w = 0; w < 64; w++)
            for (size_t e = 0; e < 2; e++)
                t[i]->growth[2 * w + e] = g[w % 4] * (e ? -2 : 1) - (e ? 0 : 1);
    }
    lyapunov_spectrum *s;
    must(lyapunov_summarise(&s, p, t, N, &err));
    assert_int_equal(s->used, N * 64 * 8);
    assert_int_equal(s->batches, N * 2);
    assert_int_equal(s->diverged, 3);
    assert_int_equal(s->median_divergence, 200);
    assert_int_equal(s->last_divergence, 300);
    const lyapunov_exponent *e = s->exponents;
    near(e[0].value.value, 0, 0);
    near(e[1].value.value, -1.0 / 8, 1e-16);
    assert_true(e[1].value.low == e[1].value.high); /* all batches are the same */
    assert_int_equal(e[0].finite[0].n, N * 64);
    assert_int_equal(e[0].finite[2].n, N * 16);
    near(e[0].finite[0].positive_fraction.value, 0.75, 0);
    near(e[1].finite[0].positive_fraction.value, 0.25, 0);
    near(e[1].finite[1].positive_fraction.value, 0, 0);
    near(e[1].finite[1].positive_fraction.high, stats_wilson(0, 2 * N, STATS_Z95).high, 1e-15);
    near(e[0].finite[0].variance.value, 12.0 / 64, 1e-15);  /* of 6, -2, -2, -2, over 8 */
    near(e[0].finite[1].variance.value, 16.0 / 256, 1e-15); /* of -4, 4, over 16 */
    near(e[0].finite[2].variance.value, 0, 1e-15);
    for (size_t i = 0; i < 2 * 3; i++) { /* 2 exponents, 3 lengths */
        const lyapunov_finite *f = &e[i % 2].finite[i / 2];
        double *values = lyapunov_finite_values(s, &e[i % 2], i / 2, t), mean = 0;
        uint64_t positive = 0;
        for (uint64_t k = 0; k < f->n; k++) {
            positive += values[k] > 0;
            mean += values[k] / (double)f->n;
        }
        assert_int_equal(positive, f->positive);
        near(mean, e[i % 2].value.value, 1e-15);
        free(values);
    }
    lyapunov_spectrum_free(s);
    for (size_t i = 0; i < N; i++)
        lyapunov_trajectory_free(t[i]);
    lyapunov_plan_free(p);
    experiment_free(x);
}

/* ---- the largest exponent alone ----------------------------------------------------------- */

static void largest_exponent(void **state) {
    (void)state;
    enum { N = 70 }; /* more than one thread takes at once */
    double h[2], rates[N];
    hessian(h);
    experiment *x = parse(LINEAR "train: {rate: 0.125}\n");
    const bf_format f64 = bf_format_of(53);
    const start_kind kind = {"-1", "1"};
    uint8_t *all = starts(&f64, 2, &kind, 1, N);
    estimate e;
    must(lyapunov_largest(x, all, N, 5000, &limits_none, rates, &e, &err));
    const double expected = log(fmax(fabs(1 - 0.125 * h[0]), fabs(1 - 0.125 * h[1])));
    for (size_t i = 0; i < N; i++)
        near(rates[i], expected, 8.0 / 5000); /* the logarithm of its first component, over T */
    near(e.value, expected, 2.0 / 5000);
    assert_true(e.low <= e.value && e.value <= e.high);
    free(all);
    experiment_free(x);
    /* Runs that diverge do not count. */
    x = parse(MINIMAL "train: {rate: 1000}\n");
    const start_kind planes = {"1", NULL};
    all = starts(&f64, 4, &planes, 1, N);
    must(lyapunov_largest(x, all, N, 100, &limits_none, NULL, &e, &err));
    assert_true(e.value != e.value);
    free(all);
    experiment_free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orthonormalisation),
        cmocka_unit_test(exponents_of_a_linear_model),
        cmocka_unit_test(exponents_with_momentum),
        cmocka_unit_test(eigenvectors_of_a_quadratic),
        cmocka_unit_test(sums_are_volumes),
        cmocka_unit_test(longitudinal_is_the_model_of_one_neuron),
        cmocka_unit_test(the_planes_are_mirror_images),
        cmocka_unit_test(the_interval_does_not_matter),
        cmocka_unit_test(exponents_pair_under_momentum),
        cmocka_unit_test(nudges_grow_as_tangents_do),
        cmocka_unit_test(nudges_without_a_subspace),
        cmocka_unit_test(subspaces_of_a_wider_model),
        cmocka_unit_test(leading_exponents_are_those_of_the_whole_spectrum),
        cmocka_unit_test(largest_exponent_of_a_large_model),
        cmocka_unit_test(subspaces_are_kept_under_adam),
        cmocka_unit_test(runs_in_step_that_diverge),
        cmocka_unit_test(models_without_the_subspace),
        cmocka_unit_test(known_finite_time_distributions),
        cmocka_unit_test(largest_exponent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
