/* SPDX-License-Identifier: MIT */
/* test_experiment.c - experiment files: defaults, shorthands, overrides, errors, the round trip,
 * hashes, and that no file whatever makes the reader crash. */
#include "experiment/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char full[] =
    "name: sweep\n"
    "description: \"two lines\\nand \\\"quotes\\\"\"\n"
    "seed: 7\n"
    "model:\n"
    "  layers: [{dense: 2, bias: false}, {tanh: {gain: sqrt(2)}}, {dense: 1, scale: 1/2}]\n"
    "  loss: mse\n"
    "data: {set: paper8}\n"
    "init: {uniform: {low: -1, high: 0x1p-1}}\n"
    "train: {steps: 50, rate: 2.5, momentum: 0.9, decay: 1e-4}\n"
    "outcome: {rule: sign, within: 3, bound: inf}\n"
    "arithmetics: [f32, f64/exact, \"mpfr:113\"]\n"
    "sweep:\n"
    "  eps: {from: 1e-16, to: 1e-2, points: 29}\n"
    "  starts: 20\n"
    "  fit: {from: 1e-12, to: 1e-4}\n"
    "ladder: {starts: 5}\n";

static const char small[] = "model: {layers: [{dense: 1}]}\n"
                            "data: {set: paper8}\n"
                            "init: {values: [0.1, 1/2]}\n"
                            "train: {rate: 0.1}\n";

static const char mapped[] =
    "model: {layers: [{dense: 1}]}\n"
    "data: {set: paper8}\n"
    "init: {values: [0.1, 1/2]}\n"
    "train: {rate: 0.1}\n"
    "map:\n"
    "  u: [1, 0x1p-1]\n"
    "  v: [0, 1/3]\n"
    "  views:\n"
    "    - {name: all, x: [-1, 1], y: [-2, 2], points: 100}\n"
    "    - {name: deep, x: [0.1, 0.1000000000000000000000000000000001], y: [0, 1e-40], points: 2,\n"
    "       rate: 2}\n";

static bf_status parse(experiment **x, const char *text, const char *const *set, size_t n,
                       bf_error *err) {
    return experiment_parse(x, text, strlen(text), "dir/Some File.yaml", 1, set, n, NULL, err);
}

static experiment *good(const char *text, const char *const *set, size_t n) {
    experiment *x = NULL;
    bf_error err;
    if (parse(&x, text, set, n, &err) != BF_OK)
        fail_msg("%s", err.text);
    return x;
}

static void check_strings(char *const *list, unsigned n, const char *const *expected, size_t m) {
    assert_int_equal(n, m);
    for (unsigned i = 0; i < n; i++)
        assert_string_equal(list[i], expected[i]);
}

static const char *setting(const experiment *x, size_t layer, const char *name) {
    const bf_layer *l = &x->model.layers[layer];
    for (size_t i = 0; i < l->n_settings; i++)
        if (strcmp(l->settings[i].name, name) == 0)
            return l->settings[i].value;
    return NULL;
}

static void defaults(void **state) {
    (void)state;
    experiment *x = good(small, NULL, 0);
    assert_string_equal(x->name, "some-file");
    assert_string_equal(x->description, "");
    assert_int_equal(x->seed, 1);
    assert_int_equal(x->model.n_layers, 1);
    assert_string_equal(x->model.layers[0].kind, "dense");
    assert_string_equal(setting(x, 0, "width"), "1");
    assert_string_equal(setting(x, 0, "bias"), "true");
    assert_string_equal(setting(x, 0, "scale"), "1");
    assert_string_equal(x->model.loss, "mse");
    assert_string_equal(x->init.distribution, "values");
    check_strings(x->init.values, x->init.n_values, (const char *[]){"0.1", "1/2"}, 2);
    assert_int_equal(x->train.steps, 1000);
    assert_string_equal(x->train.optimiser, "sgd");
    assert_int_equal(x->train.n_settings, 2);
    assert_string_equal(x->train.settings[0].name, "momentum");
    assert_string_equal(x->train.settings[0].value, "0");
    assert_string_equal(x->train.settings[1].name, "weight_decay");
    assert_string_equal(x->train.settings[1].value, "0");
    assert_string_equal(x->outcome.rule, "planes");
    assert_string_equal(x->outcome.within, "3");
    assert_string_equal(x->outcome.bound, "1e6");
    check_strings(x->arithmetics, x->n_arithmetics, (const char *[]){"f64"}, 1);
    assert_int_equal(x->sweep.n_eps, 0);
    assert_int_equal(x->sweep.starts, 1000);
    assert_string_equal(x->sweep.perturb, "cube");
    assert_int_equal(x->sweep.repeats, 32);
    assert_true(x->sweep.stability == 1.2);
    assert_null(x->sweep.fit_from);
    assert_int_equal(x->ladder.starts, 1000);
    assert_int_equal(x->lyapunov.trajectories, 0);
    experiment_free(x);
    experiment_free(NULL);
}

static void everything_given(void **state) {
    (void)state;
    experiment *x = good(full, NULL, 0);
    assert_string_equal(x->name, "sweep");
    assert_string_equal(x->description, "two lines\nand \"quotes\"");
    assert_int_equal(x->model.n_layers, 3);
    assert_string_equal(setting(x, 0, "bias"), "false");
    assert_string_equal(x->model.layers[1].kind, "tanh");
    assert_string_equal(setting(x, 1, "gain"), "sqrt(2)");
    assert_string_equal(setting(x, 2, "bias"), "true");
    assert_string_equal(setting(x, 2, "scale"), "1/2");
    assert_string_equal(x->init.distribution, "uniform");
    assert_string_equal(x->init.high, "0x1p-1");
    assert_string_equal(x->outcome.bound, "inf");
    assert_int_equal(x->sweep.n_eps, 29);
    assert_string_equal(x->sweep.eps[0], "1e-16");
    assert_string_equal(x->sweep.eps[1], "3.16228e-16");
    assert_string_equal(x->sweep.eps[2], "1e-15");
    assert_string_equal(x->sweep.eps[28], "1e-2");
    assert_int_equal(x->sweep.repeats, 20); /* no more than starts */
    assert_string_equal(x->sweep.fit_from, "1e-12");
    assert_string_equal(x->sweep.fit_to, "1e-4");
    experiment_free(x);
}

static void maps(void **state) {
    (void)state;
    experiment *x = good(small, NULL, 0);
    assert_int_equal(x->map.n_views, 0);
    assert_null(x->map.shade);
    experiment_free(x);
    x = good(mapped, NULL, 0);
    check_strings(x->map.u, x->map.n_u, (const char *[]){"1", "0x1p-1"}, 2);
    check_strings(x->map.v, x->map.n_v, (const char *[]){"0", "1/3"}, 2);
    assert_string_equal(x->map.shade, "none");
    assert_int_equal(x->map.n_views, 2);
    assert_string_equal(x->map.views[0].name, "all");
    assert_int_equal(x->map.views[0].points, 100);
    assert_null(x->map.views[0].rate);
    assert_string_equal(x->map.views[1].x[1], "0.1000000000000000000000000000000001");
    assert_string_equal(x->map.views[1].rate, "2");
    experiment_free(x);
}

/* Overrides of `full`, and a line of the resolved text that shows their effect. */
static void overrides(void **state) {
    (void)state;
    static const struct {
        const char *set[2], *line;
    } cases[] = {
        {{"train.steps=5"},
         "train:\n  steps: 5\n  rate: 2.5\n  optimiser: sgd\n  momentum: 0.9\n  weight_decay: 1e-4\n  batch: 0\n  phases: []\n"},
        {{"train={rate: 1}"},
         "train:\n  steps: 1000\n  rate: 1\n  optimiser: sgd\n  momentum: 0\n  weight_decay: 0\n"},
        {{"name=other"}, "name: other\n"},
        {{"description="}, "description: \"\"\n"},
        {{"seed=18446744073709551615"}, "seed: 18446744073709551615\n"},
        {{"model.layers.0.gain=2", "model.layers.0={tanh: }"}, "    - {tanh: {gain: 1}}\n"},
        {{"model.layers.1.gain=2"}, "    - {tanh: {gain: 2}}\n"},
        {{"model.layers.1.tanh.gain=2"}, "    - {tanh: {gain: 2}}\n"},
        {{"model.layers.0.dense=3"}, "    - {dense: 3, bias: false, scale: 1}\n"},
        {{"model.layers.0.width=3"}, "    - {dense: 3, bias: false, scale: 1}\n"},
        {{"model.layers=[{dense: {width: 4, bias: no}}]"}, "    - {dense: 4, bias: false, "},
        {{"model.layers=[tanh]", "model.layers.0.gain=1/2"}, "    - {tanh: {gain: 1/2}}\n"},
        {{"model.layers=[{conv: 4, kernel: 3}]"},
         "    - {conv: 4, kernel: 3, stride: 1, padding: 0, bias: true, scale: 1}\n"},
        {{"model.layers=[{max_pool: 2}]"}, "    - {max_pool: 2}\n"},
        {{"model.layers=[relu, {residual: 1}]"}, "    - {relu: {}}\n    - {residual: 1}\n"},
        {{"model.layers=[norm]"}, "    - {layer_norm: {epsilon: 1e-5}}\n"},
        {{"train.batch=3"}, "  weight_decay: 1e-4\n  batch: 3\n"},
        {{"train.decay=1e-5"}, "  weight_decay: 1e-5\n"},
        {{"train.weight_decay=1e-5", "train.decay=1e-6"}, "  weight_decay: 1e-6\n"},
        {{"train={rate: 1, optimiser: adam}", "train.beta1=1/2"},
         "  optimiser: adam\n  beta1: 1/2\n  beta2: 0.999\n  epsilon: 1e-8\n  weight_decay: 0\n"},
        {{"train={rate: 1, optimiser: adam, momentum: 0, decay: 1}"},
         "  epsilon: 1e-8\n  weight_decay: 1\n  batch: 0\n"},
        {{"model.layers=[layer_norm]"}, "    - {layer_norm: {epsilon: 1e-5}}\n"},
        {{"model.layers=[{leaky_relu: {slope: 1/8}}]"}, "    - {leaky_relu: {slope: 1/8}}\n"},
        {{"model.loss=sum_squares"}, "  loss: sum_squares\n"},
        {{"model.loss=squares"}, "  loss: sum_squares\n"},
        {{"train={rate: 1, optimiser: adamw}"}, "  optimiser: adamw\n  beta1: 0.9\n"},
        {{"train={rate: 1, optimiser: adamw}"}, "  weight_decay: 0.01\n  batch: 0\n"},
        {{"train={rate: 1, optimiser: nesterov}"},
         "  optimiser: nesterov\n  momentum: 0.9\n  weight_decay: 0\n"},
        {{"train.phases=[{at: 5, rate: 1}, {at: 9, rate: 2, reset: true}]"},
         "  phases:\n    - at: 5\n      rate: 1\n      reset: false\n    - at: 9\n      rate: 2\n      reset: true\n"},
        {{"sweep.orders=own"}, "  perturb: cube\n  orders: own\n"},
        {{"outcome={rule: vanished}"}, "outcome:\n  rule: vanished\n  within: 0.01\n"},
        {{"init.values=[1, 2]"}, "init:\n  values: [1, 2]\n"},
        {{"init.planes.distance=2"}, "init:\n  planes:\n    distance: 2\n"},
        {{"init.values=[1, 2]", "init.uniform.low=0"},
         "init:\n  uniform:\n    low: 0\n    high: 0x1p-1\n"},
        {{"init={values: [5], planes: }"}, "init:\n  values: [5]\n"},
        {{"init=planes"}, "init:\n  planes:\n    distance: 1\n"},
        {{"outcome.bound=1e9"}, "outcome:\n  rule: sign\n  within: 3\n  bound: 1e9\n"},
        {{"arithmetics=[f64]"}, "arithmetics: [f64]\n"},
        {{"arithmetics.0=f64"}, "arithmetics: [f64, f64/exact, \"mpfr:113\"]\n"},
        {{"sweep.eps=1e-5"}, "  eps: [1e-5]\n"},
        {{"sweep.eps=[1e-5, 1e-4]"}, "  eps: [1e-5, 1e-4]\n"},
        {{"sweep.eps={values: [1e-5]}"}, "  eps: [1e-5]\n"},
        {{"sweep.eps.points=3"}, "  eps: [1e-16, 1e-9, 1e-2]\n"},
        {{"sweep.eps={from: 1/2, to: 8, points: 5}"}, "  eps: [5e-1, 1e0, 2e0, 4e0, 8e0]\n"},
        {{"sweep.eps={from: 0.5, to: 0.5, points: 1}"}, "  eps: [5e-1]\n"},
        {{"sweep.eps={from: 1e-60, to: 1e-58, points: 2}"}, "  eps: [1e-60, 1e-58]\n"},
        {{"sweep.starts=1000000000"},
         "  starts: 1000000000\n  perturb: cube\n  orders: same\n  repeats: 32\n"},
        {{"sweep.repeats=0"}, "  repeats: 0\n"},
        {{"sweep.stability=1.1"}, "  stability: 1.1\n"},
        {{"sweep.fit={from: 1e-3}"}, "  fit:\n    from: 1e-3\nladder:\n"},
        {{"sweep={fit: {to: 1e-3}}"}, "  eps: []\n  starts: 1000\n"},
        {{"matrix.threads=[1, 2]"},
         "matrix:\n  threads: [1, 2]\n  repeat: 2\n  limit: 60\n  reference: {threads: 1}\n"},
        {{"matrix={environment: {X: [unset]}, libraries: {a: b}, repeat: 1}"},
         "matrix:\n  libraries: {a: b}\n  environment:\n    X: [unset]\n  repeat: 1\n"},
        {{"matrix.flush=[\"off\", \"on\"]", "matrix.reference.flush=\"on\""},
         "  limit: 60\n  reference: {flush: \"on\"}\n"},
        {{"ladder.starts=3"}, "ladder:\n  starts: 3\n  steps: [50]\n"},
        {{"ladder.steps=[10, 20]"}, "ladder:\n  starts: 5\n  steps: [10, 20]\n"},
        {{"lyapunov={}"},
         "lyapunov:\n  trajectories: 32\n  steps: 100000\n  transient: 1000\n  tail: 1000\n"
         "  within: none\n  spread: 1e-3\n  every: 1\n  exponents: 0\n  windows: [32, 64, 128, 256, 512]\n"},
        {{"init=kaiming_uniform"}, "init:\n  kaiming_uniform:\n    gain: sqrt(2)\n"},
        {{"init={xavier_normal: {gain: 5/3}}"}, "init:\n  xavier_normal:\n    gain: 5/3\n"},
        {{"init=torch_default"}, "init:\n  torch_default:\n    gain: 1\n"},
        {{"sweep.perturb=ulps", "sweep.eps={from: 1, to: 100, points: 3}"},
         "  eps: [1e0, 1e1, 1e2]\n"},
        {{"lyapunov.every=3", "lyapunov.windows=[6, 30]"},
         "  every: 3\n  exponents: 0\n  windows: [6, 30]\n"},
        {{"lyapunov={exponents: 4}"}, "  every: 1\n  exponents: 4\n  windows: [32, 64"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        experiment *x = good(full, cases[i].set, cases[i].set[1] ? 2 : 1);
        char *text = experiment_resolved(x);
        if (!strstr(text, cases[i].line))
            fail_msg("--set %s:\n%s", cases[i].set[0], text);
        free(text);
        experiment_free(x);
    }
}

/* A path may lead through mappings that the file lacks. */
static void override_makes_mappings(void **state) {
    (void)state;
    experiment *x =
        good(small,
             (const char *[]){"sweep.eps.from=1e-3", "sweep.eps.to=1e-1", "sweep.eps.points=3"}, 3);
    check_strings(x->sweep.eps, x->sweep.n_eps, (const char *[]){"1e-3", "1e-2", "1e-1"}, 3);
    experiment_free(x);
}

static void expect_error(const char *text, size_t size, const char *set, const char *message) {
    experiment *x = NULL;
    bf_error err = {.status = BF_OK};
    bf_status s = experiment_parse(&x, text, size, "f.yaml", 1, &set, set ? 1 : 0, NULL, &err);
    assert_int_equal(s, BF_EINPUT);
    assert_int_equal(err.status, BF_EINPUT);
    assert_null(x);
    if (strncmp(err.text, message, strlen(message)) != 0)
        fail_msg("expected: %s\n     got: %s", message, err.text);
    assert_null(strchr(err.text, '\n'));
    assert_int_equal(experiment_parse(&x, text, size, "f.yaml", 1, &set, set ? 1 : 0, NULL, NULL),
                     BF_EINPUT);
}

/* Texts after `small`, which has four lines. */
static void errors_in_files(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"trian: {}\n",
         "f.yaml:5: unknown field 'trian' in the experiment; expected one of name, "},
        {"sweep:\n  epsilon: 1\n",
         "f.yaml:6: unknown field 'epsilon' in sweep; expected one of eps, starts, perturb, orders, "
         "repeats, stability, fit"},
        {"seed: -1\n", "f.yaml:5: seed is '-1'; expected a whole number below 2^64"},
        {"seed: 18446744073709551616\n", "f.yaml:5: seed is '18446744073709551616'; expected"},
        {"seed: 5x\n", "f.yaml:5: seed is '5x'; expected"},
        {"seed: 010\n", "f.yaml:5: seed is '010'; expected"},
        {"seed: 1.5\n", "f.yaml:5: seed is '1.5'; expected"},
        {"seed:\n", "f.yaml:5: seed is empty; expected"},
        {"seed: [1]\n", "f.yaml:5: seed is a list; expected a whole number"},
        {"seed: 1\n\nseed: 2\n", "f.yaml:7: field 'seed' is given twice (first on line 5)"},
        {"sweep: 3\n", "f.yaml:5: sweep is a single value; expected a mapping with eps, starts"},
        {"sweep: {eps: 0}\n", "f.yaml:5: sweep.eps.0 is '0'; expected a finite number above 0"},
        {"sweep: {eps: [1e-3, inf]}\n", "f.yaml:5: sweep.eps.1 is 'inf'; expected a finite"},
        {"sweep: {eps: [1e-3, [1]]}\n", "f.yaml:5: sweep.eps.1 is a list; expected a finite"},
        {"sweep: {eps: [1e-3,\n  1e-4]}\n",
         "f.yaml:6: sweep.eps has '1e-4' after '1e-3'; expected increasing values"},
        {"sweep: {eps: {from: 1, to: 2}}\n",
         "f.yaml:5: field 'points' is missing in sweep.eps; expected a whole number from 1"},
        {"sweep: {eps: {from: 1, to: 2, points: 0}}\n", "f.yaml:5: sweep.eps.points is '0'; "},
        {"sweep: {eps: {from: 1, to: 2, points: 1}}\n", "f.yaml:5: sweep.eps.points is 1 from"},
        {"sweep: {eps: {from: 1, to: 1, points: 2}}\n", "f.yaml:5: sweep.eps.from is '1'"},
        {"sweep: {eps: {from: 2, to: 1, points: 2}}\n", "f.yaml:5: sweep.eps.from is '2'"},
        {"sweep: {eps: {from: 0, to: 1, points: 2}}\n", "f.yaml:5: sweep.eps.from is '0'"},
        {"sweep: {eps: {from: 1, to: 2, points: 99999999999}}\n", "f.yaml:5: sweep.eps.points"},
        {"sweep: {eps: {from: 1, to: 1.00001, points: 9}}\n", "f.yaml:5: sweep.eps has '1e0'"},
        {"sweep: {eps: {form: 1}}\n", "f.yaml:5: unknown field 'form' in sweep.eps; expected one"},
        {"sweep: {starts: 0}\n", "f.yaml:5: sweep.starts is '0'; expected a whole number from 1"},
        {"sweep: {starts: 1000000001}\n", "f.yaml:5: sweep.starts is '1000000001'; expected"},
        {"sweep: {starts: 9, repeats: 10}\n", "f.yaml:5: sweep.repeats is 10; expected at most"},
        {"sweep: {stability: 0.9}\n", "f.yaml:5: sweep.stability is '0.9'; expected a decimal"},
        {"sweep: {stability: 1.2x}\n", "f.yaml:5: sweep.stability is '1.2x'; expected"},
        {"sweep: {stability: nan}\n", "f.yaml:5: sweep.stability is 'nan'; expected"},
        {"lyapunov: {exponents: 257}\n",
         "f.yaml:5: lyapunov.exponents is '257'; expected a whole number from 1 to 256"},
        {"lyapunov: {windows: [8, 12]}\n",
         "f.yaml:5: lyapunov.windows has '12'; expected increasing multiples of the first, 8"},
        {"lyapunov: {windows: [8, 8]}\n", "f.yaml:5: lyapunov.windows has '8'; expected incr"},
        {"lyapunov: {every: 8, windows: [12]}\n",
         "f.yaml:5: lyapunov.windows begins with 12; expected a multiple of lyapunov.every, 8"},
        {"lyapunov: {windows: []}\n", "f.yaml:5: lyapunov.windows has 0 items; expected from 1"},
        {"lyapunov: {windows: [x]}\n", "f.yaml:5: lyapunov.windows.0 is 'x'; expected a whole"},
        {"lyapunov:\n  steps: 2512\n",
         "f.yaml:6: lyapunov.steps is 2512; expected at least 2513, which is transient + every + "},
        {"lyapunov: {within: P}\n",
         "f.yaml:5: lyapunov.within is 'P'; expected none or one of van"},
        {"sweep: {perturb: ball}\n",
         "f.yaml:5: sweep.perturb is 'ball'; expected one of cube, gaussian"},
        {"sweep: {perturb: bit, eps: [1, 1.5]}\n",
         "f.yaml:5: sweep.eps has '1.5'; expected whole numbers from 1 with sweep.perturb: bit"},
        {"sweep: {perturb: ulps, eps: 0.5}\n",
         "f.yaml:5: sweep.eps has '0.5'; expected whole numbers from 1 with sweep.perturb: ulps"},
        {"sweep: {fit: {from: 2, to: 1}}\n", "f.yaml:5: sweep.fit.from is '2' and sweep.fit.to"},
        {"outcome: {rule: side}\n", "f.yaml:5: outcome.rule is 'side'; expected one of planes, "},
        {"outcome: {bound: -1}\n", "f.yaml:5: outcome.bound is '-1'; expected a number above 0"},
        {"outcome: {bound: nan}\n", "f.yaml:5: outcome.bound is 'nan'; expected"},
        {"name: A b\n", "f.yaml:5: name is 'A b'; expected 1 to 100 of a-z"},
        {"name: ''\n", "f.yaml:5: name is empty; expected"},
        {"arithmetics: []\n", "f.yaml:5: arithmetics has 0 items; expected from 1 to 1000"},
        {"arithmetics: f64\n", "f.yaml:5: arithmetics is a single value; expected a list"},
        {"arithmetics:\n- f64\n- f65\n", "f.yaml:7: arithmetics.1: "},
        {"arithmetics: [f64, f64]\n", "f.yaml:5: arithmetics has 'f64' twice; expected it once"},
        {"ladder: {steps: [3, 2]}\n", "f.yaml:5: ladder.steps has '2' after '3'"},
        {"ladder: {steps: []}\n", "f.yaml:5: ladder.steps"},
        {"map: {u: [1], v: [1]}\n", "f.yaml:5: field 'views' is missing in map; expected a list"},
        {"map: {u: [1], v: [1], views: []}\n", "f.yaml:5: map.views has 0 items; expected from 1"},
        {"map: {u: [1], v: [1, 2], views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map.u has 1 numbers and map.v 2; expected one for each parameter"},
        {"map: {u: [1], views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map has u but no v; expected u and v, or within"},
        {"map: {views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map has no u and v; expected u and v, or within"},
        {"map: {u: [1], within: P+, views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map has within and u; expected u and v, or within"},
        {"map: {within: none, views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map.within is 'none'; expected one of vanished:LAYER.NEURON, equal"},
        {"map: {u: [sqrt(2)], v: [1], views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map.u.0 is 'sqrt(2)'; expected a decimal, a hex float or a quotient"},
        {"map:\n  u: [1]\n  v: [1]\n  views:\n  - {name: a, x: [1, 1.0], y: [0, 1], points: 2}\n",
         "f.yaml:9: x of the view 'a' is from 1 to 1.0; expected from < to"},
        {"map: {u: [1], v: [1], views: [{name: a, x: [0, 1], y: [0, 1], points: 16385}]}\n",
         "f.yaml:5: map.views.0.points is '16385'; expected a whole number from 2 to 16384"},
        {"map: {u: [1], v: [1], shade: dark, views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
         "f.yaml:5: map.shade is 'dark'; expected one of none, distance, step"},
        {"ladder: {starts: many}\n", "f.yaml:5: ladder.starts is 'many'; expected a whole number"},
        {"matrix: {threads: [1, 0]}\n",
         "f.yaml:5: matrix.threads has '0'; expected a whole number"},
        {"matrix: {sun: [1]}\n", "f.yaml:5: unknown field 'sun' in matrix; expected one of arith"},
        {"matrix:\n  reference: {threads: 1}\n", "f.yaml:6: matrix.reference has 'threads: 1'; "},
        {"description: &a b\n", "f.yaml:5: anchor 'a'; expected no anchors, aliases or tags"},
        {"description: *a\n", "f.yaml:5: alias '*a'; expected no anchors or aliases"},
        {"description: !!str a\n", "f.yaml:5: tag 'tag:yaml.org,2002:str'; expected no anchors"},
        {"description: \"a\\0b\"\n", "f.yaml:5: a control character in a value; expected"},
        {"description: \"a\\Lb\"\n", "f.yaml:5: a control character in a value; expected"},
        {"description: \"\\u009b31m\"\n", "f.yaml:5: a control character in a value; expected"},
        {"description: \xff\n", "f.yaml:5: invalid leading UTF-8 octet; expected printable UTF-8"},
        {"description: [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]\n",
         "f.yaml:5: nested too"},
        {"[a, b]: c\n", "f.yaml:5: a key that is not a plain name; expected"},
        {"<<: {seed: 2}\n", "f.yaml:5: unknown field '<<' in the experiment"},
        {"---\nseed: 1\n", "f.yaml:5: a second document begins here; expected one"},
        {"seed: {\n", "f.yaml:6: malformed YAML: while parsing a flow node"},
        {"seed: 1\n  x: 2\n", "f.yaml:6: malformed YAML: mapping values are not allowed"},
    };
    char text[1000];
    for (size_t i = 0; i < COUNT(cases); i++) {
        int size = snprintf(text, sizeof text, "%s%s", small, cases[i][0]);
        expect_error(text, (size_t)size, NULL, cases[i][1]);
    }
}

/* Overrides of `small`; the message after "--set OVERRIDE: ". */
static void errors_in_overrides(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"train.stepz=5",
         "unknown field 'stepz' in train; expected one of steps, rate, optimiser, momentum, weight_decay"},
        {"train.steps=0", "train.steps is '0'; expected a whole number from 1 to 10^12"},
        {"train.steps=1000000000001", "train.steps is '1000000000001'; expected"},
        {"train.rate=0", "train.rate is '0'; expected a finite number above 0"},
        {"train.rate=fast", "train.rate is 'fast'; expected a finite number above 0"},
        {"train.rate=", "train.rate is empty; expected a finite number above 0"},
        {"train={steps: 5}", "field 'rate' is missing in train; expected a finite number above 0"},
        {"train.momentum=-1", "train.momentum is '-1'; expected a finite number, 0 or above"},
        {"train.decay=inf", "train.weight_decay is 'inf'; expected a finite number, 0 or above"},
        {"train.rate.x=1", "train.rate is a single value and has no field 'x'; expected"},
        {"data={}", "field 'set' is missing in data; expected one of paper8, idx, npy"},
        {"init=kaiming", "unknown distribution 'kaiming' in init; expected one of values, uniform"},
        {"init={lecun_normal: {gain: 0}}", "init.lecun_normal.gain is '0'; expected a finite num"},
        {"init={lecun_normal: {scale: 1}}", "unknown field 'scale' in init.lecun_normal; expected"},
        {"init={lecun_normal: 3}", "init.lecun_normal is a single value; expected a mapping"},
        {"data.set=mnist", "data.set is 'mnist'; expected one of paper8, idx, npy, synthetic"},
        {"data={set: paper8, pool: 2}",
         "unknown field 'pool' in data with data.set: paper8; expected one of set"},
        {"data={set: idx, side: 2}",
         "unknown field 'side' in data with data.set: idx; expected one of set, folder, first, classes, "},
        {"data={set: synthetic, first: 2}",
         "unknown field 'first' in data with data.set: synthetic; expected one of set, samples, "},
        {"data={set: npy, x: a}", "field 'y' is missing in data; expected the path of a"},
        {"data={set: npy, x: a, y: b, x_test: c}",
         "data has x_test but no y_test; expected x_test and y_test, or neither"},
        {"data={set: npy, x: a, y: b, test: 5}", "data.test is 5; expected x_test and y_test"},
        {"data={set: npy, x: a, y: b, x_test: c, y_test: d}",
         "data.test is 0; expected how many samples of x_test to use"},
        {"data={set: synthetic, samples: 0}", "data.samples is '0'; expected a whole number from"},
        {"data={set: synthetic, pool: 0}", "data.pool is '0'; expected a whole number from 1 to"},
        {"data={set: synthetic, noise: 1.5}", "data.noise is '1.5'; expected a probability: "},
        {"data={set: synthetic, noise: sqrt(1/4)}", "data.noise is 'sqrt(1/4)'; expected"},
        {"data={set: synthetic, targets: {scale: 0}}", "data.targets.scale is '0'; expected a "},
        {"data={set: synthetic, targets: {shift: x}}", "data.targets.shift is 'x'; expected a "},
        {"data={set: synthetic, targets: 3}", "data.targets is a single value; expected a map"},
        {"data={set: synthetic, standardise: 2}", "data.standardise is '2'; expected true or"},
        {"data={set: synthetic, hash: 12}", "data.hash is '12'; expected 32 hexadecimal digits"},
        {"model.loss=hinge", "model.loss is 'hinge'; expected "},
        {"model=", "field 'layers' is missing in model; expected a list"},
        {"model={}", "field 'layers' is missing in model; expected a list"},
        {"model.layers=[]", "model.layers has 0 items; expected from 1 to 1000"},
        {"model.layers=[relu6]", "model.layers.0 is 'relu6'; expected a layer: one of dense, "},
        {"model.layers=[[1]]", "model.layers.0 is a list that names no known kind; expected"},
        {"model.layers=[{width: 2}]", "model.layers.0 is a mapping that names no known kind"},
        {"model.layers=[{kind: relu6}]", "model.layers.0.kind is 'relu6'; expected one of dense"},
        {"model.layers=[dense]", "model.layers.0, a dense layer, has no width; expected dense: 2"},
        {"model.layers=[{tanh: 2}]",
         "model.layers.0.tanh is '2'; expected nothing, or a mapping of options"},
        {"model.layers=[{tanh: {gian: 2}}]",
         "unknown field 'gian' in model.layers.0, a tanh layer; expected the options gain"},
        {"model.layers=[{tanh: {gain: 2}, gain: 1}]", "field 'gain' is given twice in model.layer"},
        {"model.layers=[{dense: 2, width: 3}]", "field 'width' is given twice in model.layers.0"},
        {"model.layers=[{dense: 2, tanh: }]", "unknown field 'tanh' in model.layers.0, a dense"},
        {"model.layers=[{dense: 0}]", "model.layers.0.width is '0'; expected a whole number"},
        {"model.layers=[{dense: 65537}]", "model.layers.0.width is '65537'; expected"},
        {"model.layers=[{dense: 1, bias: maybe}]",
         "model.layers.0.bias is 'maybe'; expected true or false"},
        {"model.layers=[{dense: 1, scale: inf}]", "model.layers.0.scale is 'inf'; expected"},
        {"model.layers.1.gain=2", "no item '1' in model.layers; expected a number below 1"},
        {"model.layers.-1.gain=2", "no item '-1' in model.layers; expected"},
        {"init={normal: }", "unknown distribution 'normal' in init; expected one of values, "},
        {"init={uniform: , planes: }", "init has both planes and uniform; expected one of them"},
        {"init=", "init is empty or a list; expected a mapping with one of values, uniform, plan"},
        {"init.values=[1, x]", "init.values.1 is 'x'; expected a finite number"},
        {"init.values=[]", "init.values has 0 items; expected from 1 to"},
        {"init.uniform={low: 2, high: 1}",
         "init.uniform.low is '2' and init.uniform.high '1'; expected low <"},
        {"init.planes.distance=-1", "init.planes.distance is '-1'; expected a finite number, 0"},
        {"seed", "no '='; expected path=value"},
        {"=5", "bad path ''; expected field names with dots between them"},
        {"train..rate=5", "bad path 'train..rate'; expected"},
        {"train.rate=[1", "malformed YAML: "},
        {"train.rate=*a", "alias '*a'; expected no anchors or aliases"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char message[400];
        snprintf(message, sizeof message, "--set %s: %s", cases[i][0], cases[i][1]);
        expect_error(small, strlen(small), cases[i][0], message);
    }
}

static void odd_files(void **state) {
    (void)state;
    expect_error("", 0, NULL, "f.yaml:1: the file is empty; expected a mapping with name");
    expect_error("# nothing\n", 10, NULL, "f.yaml:1: the file is empty; expected");
    expect_error("text\n", 5, NULL, "f.yaml:1: the experiment is a single value; expected");
    expect_error("- 1\n", 4, NULL, "f.yaml:1: the experiment is a list; expected a mapping");
    expect_error("a: 1\nb: \0\n", 10, NULL, "f.yaml:2: control characters are not allowed;");
    expect_error("\xff\xfe"
                 "a\0:\0",
                 6, NULL, "f.yaml:1: ");
    expect_error(
        "model: {layers: [{dense: 1}]}\ninit: {values: [1]}\ntrain: {rate: 1}\n", 67, NULL,
        "f.yaml:1: field 'data' is missing in the experiment; expected a mapping with set");

    size_t size = (1 << 20) + 1;
    char *big = malloc(size);
    memset(big, '#', size);
    expect_error(big, size, NULL, "f.yaml:1: larger than 1 MiB; expected");
    memset(big, '[', size - 1);
    expect_error(big, size - 1, NULL, "f.yaml:1: nested too deeply; expected");
    size_t at = 0; /* many anchors, many fields, many layers */
    while (at < 500000)
        at += (size_t)sprintf(big + at, "a%zu: &a%zu 1\n", at, at);
    expect_error(big, at, NULL, "f.yaml:1: anchor 'a0'");
    for (at = 0; at < 500000;)
        at += (size_t)sprintf(big + at, "a%zu: 1\n", at);
    expect_error(big, at, NULL, "f.yaml:101: too many fields; expected");
    at = (size_t)sprintf(big, "%sarithmetics: [", small);
    while (at < 500000)
        at += (size_t)sprintf(big + at, "f64,");
    at += (size_t)sprintf(big + at, "]\n");
    expect_error(big, at, NULL, "f.yaml:5: arithmetics has ");
    at = (size_t)sprintf(big, "%sseed: ", small);
    memset(big + at, '9', 500000);
    expect_error(big, at + 500000, NULL, "f.yaml:5: seed is '9999999999");
    at = (size_t)sprintf(big, "%sladder: {starts: 1}\noutcome: {bound: ", small);
    memset(big + at, '9', 500000);
    big[at + 500000] = '}';
    expect_error(big, at + 500001, NULL, "f.yaml:6: outcome.bound is '9999999999");
    free(big);
}

static void files(void **state) {
    (void)state;
    char folder[] = "/tmp/test_experiment.XXXXXX", path[64];
    experiment *x = NULL;
    bf_error err;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(experiment_load(&x, folder, NULL, 0, NULL, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, "Is a directory; expected an experiment file"));
    snprintf(path, sizeof path, "%s/Tiny_1.yaml", folder);
    assert_int_equal(experiment_load(&x, path, NULL, 0, NULL, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, "No such file or directory; expected an experiment file"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(small, f);
    fclose(f);
    assert_int_equal(experiment_load(&x, path, NULL, 0, NULL, &err), BF_OK);
    assert_string_equal(x->name, "tiny_1");
    experiment_free(x);
    assert_int_equal(truncate(path, 100 << 20), 0); /* 100 MiB, sparse */
    assert_int_equal(experiment_load(&x, path, NULL, 0, NULL, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, ":1: larger than 1 MiB; expected"));
    if (geteuid() != 0) {
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(experiment_load(&x, path, NULL, 0, NULL, &err), BF_EINPUT);
        assert_non_null(strstr(err.text, "Permission denied; expected an experiment file"));
    }
    unlink(path);
    rmdir(folder);
}

static void embedded_lines(void **state) {
    (void)state;
    experiment *x = NULL;
    bf_error err;
    static const char text[] = "seed: 1\nseed: 2\n";
    assert_int_equal(
        experiment_parse(&x, text, sizeof text - 1, "t.trace", 40, NULL, 0, NULL, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, "t.trace:41: field 'seed' is given twice (first on line 40)"));
}

/* parse(resolved) -> resolved is the identity, and both hash alike. */
static void check_round_trip(const experiment *x) {
    char *text = experiment_resolved(x);
    assert_non_null(text);
    experiment *y = good(text, NULL, 0);
    char *again = experiment_resolved(y);
    assert_string_equal(text, again);
    bf_hash a = experiment_sweep_hash(x), b = experiment_sweep_hash(y);
    assert_true(bf_hash_equal(&a, &b));
    free(text);
    free(again);
    experiment_free(y);
}

static void round_trip(void **state) {
    (void)state;
    static const char *const sets[] = {
        "name=true",
        "name=1e5",
        "name='-'",
        "name='...'",
        "description='#: {a, [b], *c, &d, !e, %f, @g, `h, \"i\", back\\slash}'",
        "description='  spaces  '",
        "description=\"\\ttab\\n\\nlines\\n\"",
        "description=\"\\u00e9\\u03c6\\U0001F600\"",
        "description='null'",
        "init.values=[1, -1, +1, .5, -.5, 0x1.8p-3, 1/3, -sqrt(2), 1e-60]",
        "sweep.eps={from: 1e-10, to: 3, points: 1000}",
        "sweep.stability=1.2000000000000002",
        "sweep.stability=1.3333333333333333",
        "sweep.fit={to: 1e-3}",
        "sweep.fit={}",
        "model.layers=[tanh, {dense: 5}, {kind: tanh, gain: 0x1p2}]",
    };
    experiment *x = good(small, NULL, 0);
    check_round_trip(x);
    experiment_free(x);
    experiment *m = good(mapped, NULL, 0);
    check_round_trip(m);
    experiment_free(m);
    for (size_t i = 0; i < COUNT(sets); i++) {
        x = good(full, &sets[i], 1);
        check_round_trip(x);
        experiment_free(x);
    }
}

/* Which changes make trials incomparable. */
static void hashes(void **state) {
    (void)state;
    static const struct {
        const char *set;
        bool changes; /* the hash */
    } cases[] = {
        {"name=x", false},
        {"description=x", false},
        {"arithmetics=[f32]", false},
        {"sweep.starts=21", false},
        {"sweep.repeats=2", false},
        {"sweep.fit={from: 1e-9}", false},
        {"ladder.starts=9", false},
        {"sweep.eps=[1e-3]", true},
        {"sweep.stability=1.5", true},
        {"outcome.rule=planes", true},
        {"outcome.within=2", true},
        {"outcome.bound=1e6", true},
        {"seed=8", true},
        {"train.steps=51", true},
        {"train.rate=2", true},
        {"train.momentum=0", true},
        {"train.decay=0", true},
        {"init.uniform.low=-2", true},
        {"init=planes", true},
        {"model.layers.0.width=3", true},
        {"model.layers.0.bias=true", true},
        {"model.layers.1.gain=2", true},
        {"model.layers.2.scale=1", true},
    };
    experiment *x = good(full, NULL, 0);
    bf_hash sweep = experiment_sweep_hash(x);
    for (size_t i = 0; i < COUNT(cases); i++) {
        experiment *y = good(full, &cases[i].set, 1);
        bf_hash h = experiment_sweep_hash(y);
        if (bf_hash_equal(&h, &sweep) == cases[i].changes)
            fail_msg("%s", cases[i].set);
        experiment_free(y);
    }
    experiment_free(x);
}

/* Data are identified by what they are: their hash, which is known once they are loaded. */
static void data_are_identified_by_their_hash(void **state) {
    (void)state;
    static const char *const synthetic[] = {"data={set: synthetic, samples: 20, side: 8}"};
    experiment *x = good(full, synthetic, 1);
    const bf_hash unknown = experiment_runs_hash(x);
    const bf_data *train, *test, *again;
    bf_error err;
    assert_int_equal(experiment_data(x, &train, &test, &err), BF_OK);
    assert_int_equal(train->n, 20);
    assert_int_equal(test->n, 0);
    assert_int_equal(experiment_data(x, &again, &test, &err), BF_OK);
    assert_ptr_equal(again, train);
    const bf_hash known = experiment_runs_hash(x);
    assert_false(bf_hash_equal(&unknown, &known));

    /* What is resolved has the hash, and the same identity without loading. */
    char *text = experiment_resolved(x);
    assert_non_null(strstr(text, "  samples: 20\n  side: 8\n  classes: 10\n  test: 0\n"));
    assert_non_null(strstr(text, "  seed: 1\n  hash: de3f65a0e0e05cea4a7e6581b7c78247\n"));
    experiment *y = good(text, NULL, 0);
    bf_hash h = experiment_runs_hash(y);
    assert_true(bf_hash_equal(&h, &known));
    char *same = experiment_resolved(y);
    assert_string_equal(same, text);
    free(same);
    assert_int_equal(experiment_data(y, &train, &test, &err), BF_OK);
    experiment_free(y);

    /* Other data than those that are meant. */
    y = good(text, (const char *[]){"data.seed=2"}, 1);
    assert_int_equal(experiment_data(y, &train, &test, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, "expected data.hash, de3f65a0e0e05cea4a7e6581b7c78247"));
    experiment_free(y);
    free(text);
    experiment_free(x);
}

/* What changes the pixels of the first view, and what does not. */
static void map_hashes(void **state) {
    (void)state;
    static const struct {
        const char *set;
        bool changes;
    } cases[] = {
        {"name=other", false},
        {"description=other", false},
        {"seed=2", false},
        {"arithmetics=[f32]", false},
        {"sweep.eps=1e-3", false},
        {"map.views.0.name=other", false},
        {"map.views.1.points=3", false},
        {"map.views.0.rate=0.1", false},
        {"map.views.0.rate=0.2", true},
        {"train.rate=0.2", true},
        {"train.steps=5", true},
        {"init.values=[0, 0]", true},
        {"outcome.within=2", true},
        {"map.u.0=2", true},
        {"map.v.0=2", true},
        {"map.shade=step", true},
        {"map.views.0.x=[-1, 2]", true},
        {"map.views.0.y=[-1, 2]", true},
        {"map.views.0.points=101", true},
    };
    experiment *x = good(mapped, NULL, 0);
    const bf_hash map = experiment_map_hash(x, &x->map.views[0], "f64");
    for (size_t i = 0; i < COUNT(cases); i++) {
        experiment *y = good(mapped, &cases[i].set, 1);
        const bf_hash h = experiment_map_hash(y, &y->map.views[0], "f64");
        if (bf_hash_equal(&h, &map) == cases[i].changes)
            fail_msg("%s", cases[i].set);
        experiment_free(y);
    }
    const bf_hash f32 = experiment_map_hash(x, &x->map.views[0], "f32");
    assert_false(bf_hash_equal(&f32, &map));
    experiment_free(x);
}

/* The seed draws a plane that is given by a subspace, and the order of batches. */
static void maps_that_depend_on_the_seed(void **state) {
    (void)state;
    static const char within[] = "map:\n  within: vanished:0.1\n"
                                 "  views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]\n";
    static const char *const sets[][2] = {
        {"seed=1", "map.within=vanished:0.1"},
        {"seed=2", "map.within=vanished:0.1"},
        {"seed=1", "map.within=equal:0.0+0.1"},
        {"seed=1", "init.uniform.low=-2"},
    };
    char text[1024];
    bf_hash h[COUNT(sets)];
    snprintf(text, sizeof text, "%s%s", full, within);
    for (size_t i = 0; i < COUNT(sets); i++) {
        experiment *x = good(text, sets[i], 2);
        check_round_trip(x);
        h[i] = experiment_map_hash(x, &x->map.views[0], "f64");
        for (size_t j = 0; j < i; j++)
            assert_false(bf_hash_equal(&h[i], &h[j]));
        experiment_free(x);
    }
    experiment *a = good(mapped, (const char *[]){"train.batch=2"}, 1),
               *b = good(mapped, (const char *[]){"train.batch=2", "seed=9"}, 2);
    h[0] = experiment_map_hash(a, &a->map.views[0], "f64");
    h[1] = experiment_map_hash(b, &b->map.views[0], "f64");
    assert_false(bf_hash_equal(&h[0], &h[1]));
    experiment_free(a);
    experiment_free(b);
}

static uint64_t random_state = 1;

static size_t random_below(size_t n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((random_state >> 33) % n);
}

/* Broken files either load, and then go round, or are refused in one line. */
static void mutations(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "[",     "]",   "{",    "}",      ": ",    ", ",     "\n",  "\n  ",
        "- ",    "&a ", "*a",   "!!int ", "\"",    "'",      "#",   "|\n",
        "---\n", "~",   "null", "-1",     "0",     "1e-9",   "nan", "\xc3\xa9",
        "\xff",  "\\L", "\\0",  "tanh",   "dense", "values", "eps", "kind"};
    size_t loaded = 0;
    for (int round = 0; round < 6000; round++) {
        const char *base = round % 3 == 0 ? full : round % 3 == 1 ? small : mapped;
        char text[2000];
        size_t size = strlen(base);
        memcpy(text, base, size);
        for (size_t k = 1 + random_below(3); k > 0; k--) {
            size_t at = random_below(size + 1), n = random_below(12);
            const char *piece = pieces[random_below(COUNT(pieces))];
            switch (random_below(5)) {
            case 0: /* a byte */
                text[at] = (char)random_below(256);
                size += at == size;
                break;
            case 1: /* an end */
                if (random_below(4) == 0)
                    size = at;
                break;
            case 2: /* a hole */
                n = at + n > size ? size - at : n;
                memmove(text + at, text + at + n, size - at - n);
                size -= n;
                break;
            case 3: /* a piece inserted */
                memmove(text + at + strlen(piece), text + at, size - at);
                memcpy(text + at, piece, strlen(piece));
                size += strlen(piece);
                break;
            default: /* a line doubled */
                n = at + 30 > size ? size - at : 30;
                memmove(text + at + n, text + at, size - at);
                size += n;
            }
        }
        experiment *x = NULL;
        bf_error err = {.status = BF_OK};
        const char *set[] = {"sweep.eps.points=3", "model.layers.0.width=4", "init.values.0=7"};
        size_t n_set = random_below(4);
        bf_status s = experiment_parse(&x, text, size, "m.yaml", 1, set, n_set, NULL, &err);
        if (s == BF_OK) {
            check_round_trip(x);
            experiment_free(x);
            loaded++;
        } else {
            assert_int_equal(s, BF_EINPUT);
            assert_true(strlen(err.text) > 10);
            for (const char *c = err.text; *c; c++)
                assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
        }
    }
    assert_true(loaded > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything_given),
        cmocka_unit_test(overrides),
        cmocka_unit_test(override_makes_mappings),
        cmocka_unit_test(errors_in_files),
        cmocka_unit_test(errors_in_overrides),
        cmocka_unit_test(odd_files),
        cmocka_unit_test(files),
        cmocka_unit_test(embedded_lines),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(hashes),
        cmocka_unit_test(maps),
        cmocka_unit_test(data_are_identified_by_their_hash),
        cmocka_unit_test(map_hashes),
        cmocka_unit_test(maps_that_depend_on_the_seed),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
