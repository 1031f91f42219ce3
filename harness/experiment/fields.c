/* SPDX-License-Identifier: MIT */
/* fields.c - the table of an experiment's fields: all that there is to say of each, once. */
#include "experiment/fields.h"

#include "experiment/outcome.h"
#include "experiment/subspace.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

enum {
    MAX_LAYERS = 1000,
    MAX_VALUES = 1000000,
    MAX_ARITHMETICS = 1000,
    MAX_EPS = 10000,
    MAX_VIEWS = 1000,
    MAX_PUBLISHED = 1000,
    MAX_PHASES = 1000,
    DEFAULT_REPEATS = 32
};

/* ---- words ---------------------------------------------------------------------------------- */

/* The engine's own data sets, then what is loaded. */
static const char *known_set(size_t i) {
    static const char *const loaded[] = {"idx", "npy", "synthetic", NULL};
    size_t own = 0;
    while (own < i && bf_data_list(own))
        own++;
    return bf_data_list(i) ? bf_data_list(i) : loaded[i - own];
}

static const char *known_optimiser(size_t i) {
    const bf_optimiser_info *info = bf_optimiser_list(i);
    return info ? info->name : NULL;
}

static const char *known_initialiser(size_t i) {
    const bf_initialiser_info *info = bf_initialiser_list(i);
    return info ? info->name : NULL;
}

static const char *known_rule(size_t i) {
    return outcome_rule(i, NULL);
}

static const char *known_perturb(size_t i) {
    const bf_perturbation *p = bf_perturbation_list(i);
    return p ? p->name : NULL;
}

static const char *known_orders(size_t i) {
    static const char *const names[] = {"same", "own", NULL};
    return names[i];
}

static const char *known_shade(size_t i) {
    static const char *const names[] = {"none", "distance", "step", NULL};
    return names[i];
}

/* ---- defaults that follow from other fields ------------------------------------------------- */

/* The file's name is put in before the table is read. */
static void preset_name(char out[64], const void *root) {
    (void)root;
    snprintf(out, 64, "experiment");
}

static void preset_gain(char out[64], const void *root) {
    const experiment *x = root;
    for (size_t i = 0; bf_initialiser_list(i); i++)
        if (strcmp(bf_initialiser_list(i)->name, x->init.distribution) == 0)
            snprintf(out, 64, "%s", bf_initialiser_list(i)->gain);
}

static void preset_repeats(char out[64], const void *root) {
    const experiment *x = root;
    const uint64_t n = x->sweep.starts < DEFAULT_REPEATS ? x->sweep.starts : DEFAULT_REPEATS;
    snprintf(out, 64, "%" PRIu64, n);
}

static void preset_ladder(char out[64], const void *root) {
    const experiment *x = root;
    snprintf(out, 64, "[%" PRIu64 "]", x->train.steps);
}

/* ---- the table ------------------------------------------------------------------------------ */

#define IN(type, member) .offset = offsetof(type, member), .size = sizeof((type *)0)->member
#define MANY(type, list, n)                                                          \
    .many = true, .offset = offsetof(type, list), .size = sizeof *((type *)0)->list, \
    .count = offsetof(type, n)
#define ITEMS(list, n)                                                             \
    .offset = offsetof(experiment, list), .size = sizeof *((experiment *)0)->list, \
    .count = offsetof(experiment, n)
#define X(member) IN(experiment, member)

#define RANGE(from, to) .low = from, .high = to
#define FINITE RANGE(-DBL_MAX, DBL_MAX)
#define POSITIVE RANGE(DBL_TRUE_MIN, DBL_MAX)
#define NOT_NEGATIVE RANGE(0, DBL_MAX)
#define ANY_WHOLE RANGE(0, 0x1p64)
#define ANY_RATIONAL RANGE(-INFINITY, INFINITY)
#define STEPS RANGE(1, 1e12)
#define STARTS RANGE(1, 1e9)
#define NPY .when = "data.set", .is = "npy"
#define SYNTHETIC .when = "data.set", .is = "synthetic"
#define LOADED .when = "data.set", .is = "idx npy synthetic"

const field experiment_table[] = {
    {"name", FIELD_NAME, X(name), .value = "that of the file", .preset = preset_name,
     .summary = "what goldens, stores and reports call it"},
    {"description", FIELD_TEXT, X(description), .value = "", .summary = "one line on what it is"},
    {"seed", FIELD_WHOLE, X(seed), .value = "1", ANY_WHOLE, .part = PART_RUN,
     .summary = "every random number of the experiment follows from it"},

    {"model", FIELD_SECTION, .needed = true, .summary = "the network and its loss"},
    {"model.layers", FIELD_ITEMS, ITEMS(model.layers, model.n_layers), .own = &layer_field,
     .least = 1, .most = MAX_LAYERS, .needed = true, .part = PART_RUN,
     .summary = "from the input to the output: KIND, {KIND: NUMBER, OPTION: ...} or {KIND: "
                "{OPTION: ...}}"},
    {"model.loss", FIELD_OWN, .own = &loss_field, .value = "mse", .part = PART_RUN,
     .expected = "a loss", .summary = "what training makes small: KIND or {KIND: {OPTION: ...}}"},

    {"data", FIELD_SECTION, .needed = true, .summary = "what the network is trained on"},
    {"data.set", FIELD_WORD, X(data.set), .words = known_set, .needed = true, .part = PART_DATA,
     .summary =
         "a set of the engine's own, IDX files (as MNIST's), NumPy arrays or generated images"},
    {"data.folder", FIELD_PATH, X(data.folder), .when = "data.set", .is = "idx", .part = PART_DATA,
     .summary = "of train-images-idx3-ubyte and the others; left out: that of $BITFATE_DATA"},
    {"data.x", FIELD_PATH, X(data.x), NPY, .needed = true, .part = PART_DATA,
     .expected = "the path of a .npy file", .summary = "inputs"},
    {"data.y", FIELD_PATH, X(data.y), NPY, .needed = true, .part = PART_DATA,
     .expected = "the path of a .npy file", .summary = "labels or targets"},
    {"data.x_test", FIELD_PATH, X(data.x_test), NPY, .part = PART_DATA,
     .summary = "inputs of test samples"},
    {"data.y_test", FIELD_PATH, X(data.y_test), NPY, .part = PART_DATA,
     .summary = "their labels or targets"},
    {"data.samples", FIELD_WHOLE, X(data.samples), .value = "1000", SYNTHETIC, RANGE(1, 1e7),
     .part = PART_DATA, .summary = "images to train on"},
    {"data.side", FIELD_WHOLE, X(data.side), .value = "16", SYNTHETIC, RANGE(1, 4096),
     .part = PART_DATA, .summary = "their height and width in pixels"},
    {"data.first", FIELD_WHOLE, X(data.first), .value = "0", .when = "data.set", .is = "idx npy",
     RANGE(0, 1e9), .expected = "a whole number, 0 for all", .part = PART_DATA,
     .summary = "training samples that are used, from the first on; 0: all"},
    {"data.classes", FIELD_WHOLE, X(data.classes), .value = "10", LOADED, RANGE(1, 65536),
     .part = PART_DATA, .summary = "labels are below it"},
    {"data.test", FIELD_WHOLE, X(data.test), .value = "0", LOADED, RANGE(0, 1e9),
     .expected = "a whole number, 0 for none", .part = PART_DATA,
     .summary = "test samples that are used, from the first on"},
    {"data.pool", FIELD_WHOLE, X(data.pool), .value = "1", LOADED, RANGE(1, 4096),
     .part = PART_DATA, .summary = "average over blocks of so many pixels by as many"},
    {"data.standardise", FIELD_FLAG, X(data.standardise), .value = "false", LOADED,
     .part = PART_DATA, .summary = "by the mean and the deviation of all training inputs"},
    {"data.noise", FIELD_RATIONAL, X(data.noise), .value = "0", LOADED, RANGE(0, 1),
     .expected = "a probability: a decimal, a hex float or a quotient, from 0 to 1",
     .part = PART_DATA, .summary = "probability that a training label is replaced by a random one"},
    {"data.targets", FIELD_SECTION, LOADED, .summary = "targets are scale (onehot - shift)"},
    {"data.targets.shift", FIELD_RATIONAL, X(data.shift), .value = "0", ANY_RATIONAL,
     .part = PART_DATA, .summary = "what is taken off"},
    {"data.targets.scale", FIELD_RATIONAL, X(data.scale), .value = "1",
     RANGE(DBL_TRUE_MIN, DBL_MAX), .expected = "a decimal, a hex float or a quotient, above 0",
     .part = PART_DATA, .summary = "what the rest is multiplied by"},
    {"data.seed", FIELD_WHOLE, X(data.seed), .value = "1", LOADED, ANY_WHOLE, .part = PART_DATA,
     .summary = "of noise and of generated images"},
    {"data.hash", FIELD_HASH, X(data.hash), LOADED, .part = PART_RUN,
     .summary = "what the data have to be: the resolved experiment says it once they are loaded"},

    {"init", FIELD_SECTION, .needed = true, .summary = "the start: one of these"},
    {"init.values", FIELD_NUMBER, MANY(experiment, init.values, init.n_values), .least = 1,
     .most = MAX_VALUES, FINITE, .part = PART_RUN, .summary = "one for each parameter"},
    {"init.uniform", FIELD_SECTION, X(init.low), .summary = "uniform between two numbers"},
    {"init.uniform.low", FIELD_NUMBER, X(init.low), .value = "-1", FINITE, .part = PART_RUN,
     .summary = "the least"},
    {"init.uniform.high", FIELD_NUMBER, X(init.high), .value = "1", FINITE, .part = PART_RUN,
     .summary = "the largest"},
    {"init.planes", FIELD_SECTION, X(init.distance), .summary = "for the model of four parameters"},
    {"init.planes.distance", FIELD_NUMBER, X(init.distance), .value = "1", NOT_NEGATIVE,
     .part = PART_RUN, .summary = "from both invariant planes, P+ and P-"},
    {"init.*", FIELD_SECTION, X(init.gain), .count = offsetof(experiment, init.distribution),
     .words = known_initialiser, .summary = "layer by layer; see bitfate list initialisers"},
    {"init.*.gain", FIELD_NUMBER, X(init.gain), .value = "that of the initialiser",
     .preset = preset_gain, POSITIVE, .part = PART_RUN, .summary = "factor of the deviation"},

    {"train", FIELD_SECTION, .summary = "gradient descent"},
    {"train.steps", FIELD_WHOLE, X(train.steps), .value = "1000", STEPS, .part = PART_RUN,
     .summary = "updates of the parameters"},
    {"train.rate", FIELD_NUMBER, X(train.rate), .needed = true, POSITIVE, .part = PART_RUN,
     .summary = "learning rate"},
    {"train.optimiser", FIELD_WORD, X(train.optimiser), .words = known_optimiser, .value = "sgd",
     .part = PART_RUN, .summary = "how a gradient becomes an update"},
    {"train.*", FIELD_OWN, .own = &optimiser_field, .words = known_optimiser_option,
     .part = PART_RUN, .summary = "options of the optimiser"},
    {"train.batch", FIELD_WHOLE, X(train.batch), .value = "0", RANGE(0, 1e9),
     .expected = "a whole number up to 10^9, 0 for all", .part = PART_RUN,
     .summary = "samples in a step; 0: all"},
    {"train.phases", FIELD_ITEMS, ITEMS(train.phases, train.n_phases), .most = MAX_PHASES,
     .value = "[]", .part = PART_RUN, .summary = "later learning rates"},
    {"train.phases.*.at", FIELD_WHOLE, IN(bf_phase, at), .needed = true, STEPS, .part = PART_RUN,
     .summary = "the step from which on it holds; the first is 0"},
    {"train.phases.*.rate", FIELD_NUMBER, IN(bf_phase, rate), .needed = true, NOT_NEGATIVE,
     .part = PART_RUN, .summary = "learning rate"},
    {"train.phases.*.reset", FIELD_FLAG, IN(bf_phase, reset), .value = "false", .part = PART_RUN,
     .summary = "the optimiser's state becomes zero"},

    {"outcome", FIELD_SECTION, .summary = "how the end of a run is labelled"},
    {"outcome.rule", FIELD_WORD, X(outcome.rule), .words = known_rule, .value = "planes",
     .part = PART_OUTCOME, .summary = "see bitfate list outcomes"},
    {"outcome.within", FIELD_NUMBER, X(outcome.within), .value = "3", .when = "outcome.rule",
     .is = "planes sign", POSITIVE, .part = PART_OUTCOME, .summary = "distance from a plane"},
    {"outcome.within", FIELD_NUMBER, X(outcome.within), .value = "0.01", .when = "outcome.rule",
     .is = "vanished", POSITIVE, .part = PART_OUTCOME,
     .summary = "norm of all that is a neuron's own, below which it has vanished"},
    {"outcome.bound", FIELD_NUMBER, X(outcome.bound), .value = "1e6", RANGE(DBL_TRUE_MIN, INFINITY),
     .expected = "a number above 0, or inf", .part = PART_RUN,
     .summary = "a run has diverged once a parameter exceeds it in magnitude"},

    {"arithmetics", FIELD_TEXT, MANY(experiment, arithmetics, n_arithmetics), .least = 1,
     .most = MAX_ARITHMETICS, .value = "[f64]", .part = PART_MAP,
     .summary = "see bitfate list arithmetics"},

    {"sweep", FIELD_SECTION, .summary = "bitfate sweep: which perturbations change the outcome"},
    {"sweep.eps", FIELD_NUMBER, MANY(experiment, sweep.eps, sweep.n_eps), .most = MAX_EPS,
     .value = "[]", POSITIVE, .part = PART_SWEEP,
     .summary = "sizes of perturbations, increasing: a list, one number, or {from, to, points}: so "
                "many, evenly spaced on a logarithmic scale"},
    {"sweep.starts", FIELD_WHOLE, X(sweep.starts), .value = "1000", STARTS,
     .summary = "random starts"},
    {"sweep.perturb", FIELD_WORD, X(sweep.perturb), .words = known_perturb, .value = "cube",
     .part = PART_SWEEP, .summary = "see bitfate list perturbations"},
    {"sweep.orders", FIELD_WORD, X(sweep.orders), .words = known_orders, .value = "same",
     .part = PART_SWEEP,
     .summary = "own: every run sums in orders of its own, where the arithmetic draws them"},
    {"sweep.repeats", FIELD_WHOLE, X(sweep.repeats), .value = "32, at most sweep.starts",
     .preset = preset_repeats, RANGE(0, 1e9), .expected = "a whole number, at most sweep.starts",
     .summary = "starts of which a second, identical run is hashed"},
    {"sweep.stability", FIELD_DECIMAL, X(sweep.stability), .value = "1.2", RANGE(1, 100),
     .expected = "a decimal number from 1 to 100", .part = PART_SWEEP,
     .summary = "the reference runs go on to so many times train.steps"},
    {"sweep.fit", FIELD_SECTION,
     .summary = "range of eps of the exponent's fit; left out: by rule"},
    {"sweep.fit.from", FIELD_NUMBER, X(sweep.fit_from), POSITIVE, .summary = "the least"},
    {"sweep.fit.to", FIELD_NUMBER, X(sweep.fit_to), POSITIVE, .summary = "the largest"},

    {"ladder", FIELD_SECTION, .summary = "bitfate ladder: outcome against precision"},
    {"ladder.starts", FIELD_WHOLE, X(ladder.starts), .value = "1000", STARTS,
     .summary = "random starts"},
    {"ladder.steps", FIELD_WHOLE, MANY(experiment, ladder.steps, ladder.n_steps), .least = 1,
     .most = EXPERIMENT_STOPS, .value = "[train.steps]", .preset = preset_ladder, STEPS,
     .summary = "at which outcomes are compared, increasing"},

    {"lyapunov", FIELD_SECTION, X(lyapunov.trajectories),
     .summary = "bitfate lyapunov: how fast neighbours draw apart; may be left out"},
    {"lyapunov.trajectories", FIELD_WHOLE, X(lyapunov.trajectories), .value = "32", RANGE(1, 1e6),
     .summary = "how many"},
    {"lyapunov.steps", FIELD_WHOLE, X(lyapunov.steps), .value = "100000", STARTS,
     .part = PART_LYAPUNOV, .summary = "of each, unless it diverges before"},
    {"lyapunov.transient", FIELD_WHOLE, X(lyapunov.transient), .value = "1000", RANGE(0, 1e9),
     .part = PART_LYAPUNOV, .summary = "steps at the beginning that do not count"},
    {"lyapunov.tail", FIELD_WHOLE, X(lyapunov.tail), .value = "1000", RANGE(0, 1e9),
     .part = PART_LYAPUNOV,
     .summary = "steps at the end that do not count: the way out, if it escapes"},
    {"lyapunov.within", FIELD_TEXT, X(lyapunov.within), .value = "none",
     .expected = "none or one of " SUBSPACE_NAMES, .part = PART_LYAPUNOV,
     .summary = "the invariant subspace in which trajectories lie"},
    {"lyapunov.spread", FIELD_NUMBER, X(lyapunov.spread), .value = "1e-3", NOT_NEGATIVE,
     .part = PART_LYAPUNOV, .summary = "they begin within it, per parameter, of the start"},
    {"lyapunov.every", FIELD_WHOLE, X(lyapunov.every), .value = "1", RANGE(1, 1e6),
     .part = PART_LYAPUNOV, .summary = "steps between orthonormalisations"},
    {"lyapunov.exponents", FIELD_WHOLE, X(lyapunov.exponents), .value = "0", RANGE(0, 256),
     .expected = "a whole number from 1 to 256, or 0 for all", .part = PART_LYAPUNOV,
     .summary = "of each block so many, the largest; 0: all"},
    {"lyapunov.windows", FIELD_WHOLE, MANY(experiment, lyapunov.windows, lyapunov.n_windows),
     .least = 1, .most = EXPERIMENT_WINDOWS, .value = "[32, 64, 128, 256, 512]", STARTS,
     .part = PART_LYAPUNOV, .summary = "steps of finite-time exponents: multiples of the first"},

    {"map", FIELD_SECTION, X(map.n_views), .summary = "bitfate map: which start leads where"},
    {"map.u", FIELD_RATIONAL, MANY(experiment, map.u, map.n_u), .least = 1, .most = MAX_VALUES,
     ANY_RATIONAL, .part = PART_MAP, .summary = "direction of the plane through init.values"},
    {"map.v", FIELD_RATIONAL, MANY(experiment, map.v, map.n_v), .least = 1, .most = MAX_VALUES,
     ANY_RATIONAL, .part = PART_MAP, .summary = "the other one"},
    {"map.within", FIELD_TEXT, X(map.within), .part = PART_MAP,
     .expected = "one of " SUBSPACE_NAMES,
     .summary = "instead of u and v: the start's part within a subspace, and that across it"},
    {"map.shade", FIELD_WORD, X(map.shade), .words = known_shade, .value = "none", .part = PART_MAP,
     .summary = "a second quantity of every start"},
    {"map.views", FIELD_ITEMS, ITEMS(map.views, map.n_views), .needed = true, .least = 1,
     .most = MAX_VIEWS, .summary = "rectangles of the plane"},
    {"map.views.*.name", FIELD_NAME, IN(experiment_view, name), .needed = true,
     .summary = "once each"},
    {"map.views.*.x", FIELD_RATIONAL, MANY(experiment_view, x, n_x), .least = 2, .most = 2,
     .needed = true, ANY_RATIONAL, .part = PART_MAP, .summary = "from and to, along u"},
    {"map.views.*.y", FIELD_RATIONAL, MANY(experiment_view, y, n_y), .least = 2, .most = 2,
     .needed = true, ANY_RATIONAL, .part = PART_MAP, .summary = "from and to, along v"},
    {"map.views.*.points", FIELD_WHOLE, IN(experiment_view, points), .needed = true,
     RANGE(2, 16384), .part = PART_MAP, .summary = "starts along a side, both ends included"},
    {"map.views.*.rate", FIELD_NUMBER, IN(experiment_view, rate), POSITIVE,
     .summary = "learning rate; left out: train.rate"},

    {"matrix", FIELD_SECTION, X(matrix.repeat),
     .summary = "bitfate matrix: what must not change the bits, each axis a list of values"},
    {"matrix.*", FIELD_OWN, .own = &axes_field, .words = known_axis, .summary = "an axis"},
    {"matrix.repeat", FIELD_WHOLE, X(matrix.repeat), .value = "2", RANGE(1, 1000),
     .summary = "times that each cell is run"},
    {"matrix.limit", FIELD_WHOLE, X(matrix.limit), .value = "60", RANGE(1, 1e6),
     .expected = "a whole number of seconds, from 1 to 10^6", .summary = "seconds for one run"},
    {"matrix.reference", FIELD_OWN, .own = &reference_field,
     .summary = "the cell with which others are compared, {AXIS: VALUE}; left out: the first"},

    {"published", FIELD_ITEMS, ITEMS(published, n_published), .most = MAX_PUBLISHED,
     .summary = "values that were published: reports set them beside what was measured"},
    {"published.*.where", FIELD_TEXT, IN(experiment_published, where), .needed = true,
     .summary = "figure or table"},
    {"published.*.what", FIELD_TEXT, IN(experiment_published, what), .needed = true,
     .summary = "of what"},
    {"published.*.value", FIELD_TEXT, IN(experiment_published, value), .needed = true,
     .summary = "as it was published"},
    {"published.*.measure", FIELD_TEXT, IN(experiment_published, measure),
     .summary = "the same here, by the name that the report knows it by"},
    {.path = NULL},
};
