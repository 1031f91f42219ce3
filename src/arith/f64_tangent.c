/* SPDX-License-Identifier: MIT */
/* f64_tangent.c - binary64, sums in index order, each number with a tangent: the training step and
 * its derivative. */
#define ARITHMETIC f64_tangent
#define ONE_PASS /* see net/one_pass_tmpl.c */
#define NUM_BITS 64
#include "num/dual.h"
#include "net/train_tmpl.c"

/* The i-th number of the optimiser's state: parameters, then what else it keeps. */
static dual *state(const bf_ensemble *base, size_t i) {
    const ensemble *e = (const ensemble *)base;
    const size_t n = base->plan->n_parameters;
    return i < n ? &e->theta[i] : &e->state[i / n - 1][i % n];
}

static void put(bf_ensemble *base, int lane, const double *tangent) {
    for (size_t i = 0; i < bf_n_states(base); i++)
        state(base, i)->d.v[lane / V][lane % V] = tangent[i];
}

static void get(const bf_ensemble *base, int lane, double *tangent) {
    for (size_t i = 0; i < bf_n_states(base); i++)
        tangent[i] = state(base, i)->d.v[lane / V][lane % V];
}

#define TANGENTS JOIN(bf_tangents_, f64, KERNEL)
extern const struct tangent_ops TANGENTS;
const struct tangent_ops TANGENTS = {.ops = &OPS, .put = put, .get = get};
