/* SPDX-License-Identifier: MIT */
/* relations.c - what concerns several fields at once; each by itself is as its row says. */
#include "experiment/fields.h"

#include "experiment/subspace.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static double number_at(const char *text) {
    double value = NAN;
    return bf_number_double(text, &value, NULL) == BF_OK ? value : NAN;
}

bool ordered_fields(loader *l, const node *low, const node *high, const char *group) {
    return number_at(low->text) < number_at(high->text) ||
           tree_fail(l, low, "%s.%s is '%.40s' and %s.%s '%.40s'; expected %s < %s", group,
                     low->key->text, low->text, group, high->key->text, high->text, low->key->text,
                     high->key->text);
}

/* A pair of fields that may both be there. */
static bool ordered_pair(loader *l, const char *group, const char *low, const char *high) {
    const node *n = tree_follow(l, group), *from = tree_find(n, low), *to = tree_find(n, high);
    return !from || !to || ordered_fields(l, from, to, group);
}

static bool increasing(loader *l, const char *path) {
    const node *list = tree_follow(l, path);
    for (const node *c = list ? list->first : NULL; c && c->next; c = c->next)
        if (!(number_at(c->text) < number_at(c->next->text)))
            return tree_fail(l, c->next, "%s has '%.40s' after '%.40s'; expected increasing values",
                             path, c->next->text, c->text);
    return true;
}

/* Perturbations that count want whole numbers. */
static bool counted_eps(loader *l, const experiment *x) {
    size_t i = 0;
    while (strcmp(bf_perturbation_list(i)->name, x->sweep.perturb) != 0)
        i++;
    const node *eps = tree_follow(l, "sweep.eps");
    for (const node *c = bf_perturbation_list(i)->counts ? eps->first : NULL; c; c = c->next) {
        const double value = number_at(c->text);
        if (!(value >= 1 && value <= 0x1p53 && value == floor(value)))
            return tree_fail(l, c,
                             "sweep.eps has '%.40s'; expected whole numbers from 1 with "
                             "sweep.perturb: %s",
                             c->text, x->sweep.perturb);
    }
    return true;
}

static bool enough_starts(loader *l, const experiment *x) {
    return x->sweep.repeats <= x->sweep.starts ||
           tree_fail(l, tree_follow(l, "sweep.repeats"),
                     "sweep.repeats is %" PRIu64 "; expected at most sweep.starts, %" PRIu64,
                     x->sweep.repeats, x->sweep.starts);
}

static bool good_windows(loader *l, const experiment *x) {
    const node *c = tree_follow(l, "lyapunov.windows")->first;
    const uint64_t first = x->lyapunov.windows[0];
    if (first % x->lyapunov.every != 0)
        return tree_fail(l, c,
                         "lyapunov.windows begins with %" PRIu64 "; expected a multiple of "
                         "lyapunov.every, %" PRIu64,
                         first, x->lyapunov.every);
    for (unsigned i = 0; i < x->lyapunov.n_windows; i++, c = c->next) {
        const uint64_t *w = &x->lyapunov.windows[i];
        if (*w % first != 0 || (i > 0 && *w <= w[-1]))
            return tree_fail(l, c,
                             "lyapunov.windows has '%" PRIu64
                             "'; expected increasing multiples of the first, "
                             "%" PRIu64,
                             *w, first);
    }
    return true;
}

/* Windows, and steps enough for one of the longest. */
static bool good_lyapunov(loader *l, const experiment *x) {
    if (x->lyapunov.trajectories == 0)
        return true;
    if (!subspace_known(x->lyapunov.within))
        return tree_fail(l, tree_follow(l, "lyapunov.within"),
                         "lyapunov.within is '%.60s'; expected none or one of " SUBSPACE_NAMES,
                         x->lyapunov.within);
    if (!good_windows(l, x))
        return false;
    const uint64_t longest = x->lyapunov.windows[x->lyapunov.n_windows - 1],
                   least = x->lyapunov.transient + x->lyapunov.every + longest + x->lyapunov.tail;
    return x->lyapunov.steps >= least ||
           tree_fail(l, tree_follow(l, "lyapunov.steps"),
                     "lyapunov.steps is %" PRIu64 "; expected at least %" PRIu64
                     ", which is transient + every + the longest window + tail",
                     x->lyapunov.steps, least);
}

/* A plane by its directions, or by a subspace. */
static bool good_plane(loader *l, const experiment *x) {
    const node *map = tree_follow(l, "map"), *u = tree_find(map, "u"), *v = tree_find(map, "v"),
               *within = tree_find(map, "within"), *only = u ? u : v;
    if (within && only)
        return tree_fail(l, only, "map has within and %s; expected u and v, or within",
                         only->key->text);
    if (!within && (!u || !v))
        return tree_fail(l, only ? only : map,
                         "map has %s; expected u and v, or within (a subspace)",
                         u   ? "u but no v"
                         : v ? "v but no u"
                             : "no u and v");
    if (within && (!subspace_known(within->text) || strcmp(within->text, "none") == 0))
        return tree_fail(l, within, "map.within is '%.60s'; expected one of " SUBSPACE_NAMES,
                         within->text);
    return x->map.n_u == x->map.n_v ||
           tree_fail(l, v, "map.u has %u numbers and map.v %u; expected one for each parameter",
                     x->map.n_u, x->map.n_v);
}

/* A box: both coordinates increase, by an amount that a double can hold. */
static bool good_side(loader *l, const node *pair, const char *view) {
    double d = 0;
    const node *from = pair->first, *to = from->next;
    if (bf_number_difference(from->text, to->text, &d, NULL) == BF_OK && d > 0 && d <= DBL_MAX)
        return true;
    return tree_fail(l, pair, "%s of the view '%.40s' is from %.40s to %.40s; expected from < to",
                     pair->key->text, view, from->text, to->text);
}

static bool good_map(loader *l, const experiment *x) {
    const node *n = x->map.n_views ? tree_follow(l, "map.views")->first : NULL;
    for (unsigned i = 0; i < x->map.n_views; i++, n = n->next) {
        const char *name = x->map.views[i].name;
        for (unsigned j = 0; j < i; j++)
            if (strcmp(x->map.views[j].name, name) == 0)
                return tree_fail(l, tree_find(n, "name"),
                                 "map.views has '%.40s' twice; expected a name once", name);
        if (!good_side(l, tree_find(n, "x"), name) || !good_side(l, tree_find(n, "y"), name))
            return false;
    }
    return x->map.n_views == 0 || good_plane(l, x);
}

/* Files of test data come in pairs, and are there to be used. */
static bool good_data(loader *l, const experiment *x) {
    const char *no_y = x->data.x_test, *no_x = x->data.y_test;
    if (!no_x != !no_y)
        return tree_fail(l, tree_follow(l, no_y ? "data.x_test" : "data.y_test"),
                         "data has %s; expected x_test and y_test, or neither",
                         no_y ? "x_test but no y_test" : "y_test but no x_test");
    if (strcmp(x->data.set, "npy") == 0 && (no_y != NULL) != (x->data.test > 0))
        return tree_fail(l, tree_follow(l, "data.test"), "data.test is %" PRIu64 "; expected %s",
                         x->data.test,
                         no_y ? "how many samples of x_test to use" : "x_test and y_test for it");
    return true;
}

bool relations_hold(loader *l, const experiment *x) {
    return ordered_pair(l, "init.uniform", "low", "high") &&
           ordered_pair(l, "sweep.fit", "from", "to") && good_lyapunov(l, x) && good_map(l, x) &&
           good_data(l, x) && increasing(l, "sweep.eps") && counted_eps(l, x) &&
           enough_starts(l, x) && increasing(l, "ladder.steps");
}
