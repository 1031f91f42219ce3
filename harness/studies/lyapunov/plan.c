/* SPDX-License-Identifier: MIT */
/* plan.c - what follows from an experiment alone: blocks of directions, and whether the training is
 * symmetric about the subspace. */
#include "studies/lyapunov/worker.h"

#include "run/run.h"

#include <stdlib.h>
#include <string.h>

/* Directions v with S v = sign v; 0: all. */
static void add_block(lyapunov_plan *p, const char *name, int sign) {
    const uint64_t most = p->x->lyapunov.exponents;
    const size_t across = subspace_across(p->within), all = sign == 0  ? p->state
                                                            : sign < 0 ? across
                                                                       : p->state - across;
    lyapunov_block *b = &p->blocks[p->n_blocks++];
    *b = (lyapunov_block){name, sign, most > 0 && most < all ? (size_t)most : all, p->n_exponents};
    p->n_exponents += b->count;
}

static bf_status find_blocks(lyapunov_plan *p, const bf_ensemble *e, bf_error *err) {
    bf_status s = subspace_new(&p->within, p->x->lyapunov.within, "lyapunov.within", e, err);
    BF_TRY(s, subspace_extend(p->within, p->state, err));
    if (s != BF_OK)
        return s;
    if (strcmp(p->x->lyapunov.within, "none") != 0) {
        add_block(p, "longitudinal", 1);
        add_block(p, "transverse", -1);
    }
    add_block(p, "sorted", 0);
    p->nudged = &p->blocks[p->n_blocks > 1 ? 1 : 0];
    return BF_OK;
}

bf_status lyapunov_tangent_ensemble(const experiment *x, bf_ensemble **out, bf_error *err) {
    bf_arithmetic a;
    bf_arithmetic_tangent(&a);
    return run_ensemble(x, &a, &limits_none, out, err);
}

bf_status lyapunov_plan_new(lyapunov_plan **out, const experiment *x, bf_error *err) {
    *out = NULL;
    bf_ensemble *e;
    bf_status s = lyapunov_tangent_ensemble(x, &e, err);
    if (s != BF_OK)
        return s;
    lyapunov_plan *p = calloc(1, sizeof *p);
    if (!p) {
        bf_ensemble_free(e);
        return bf_no_memory(err);
    }
    *p = (lyapunov_plan){.x = x, .state = bf_n_states(e), .parameters = bf_n_parameters(e)};
    p->restarts = p->state > p->parameters || bf_in_step(e);
    s = p->state > LYAPUNOV_MOST && x->lyapunov.exponents == 0
            ? bf_fail(err, BF_EINPUT,
                      "the state of the training has %zu numbers and so many exponents; expected "
                      "lyapunov.exponents: how many to compute, the largest, at most %d",
                      p->state, LYAPUNOV_MOST)
            : find_blocks(p, e, err);
    bf_ensemble_free(e);
    if (s == BF_OK)
        *out = p;
    else
        lyapunov_plan_free(p);
    return s;
}

void lyapunov_plan_free(lyapunov_plan *p) {
    if (!p)
        return;
    subspace_free(p->within);
    free(p);
}

/* Two runs whose starts are S's images of each other, under sums that know no order. */
static bf_status compare_images(const lyapunov_plan *p, bf_ensemble *e, uint8_t *a, uint8_t *b,
                                bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    bf_status s = bf_start_uniform(f, p->parameters, a, "-1", "1", p->x->seed, 0, err);
    if (s != BF_OK)
        return s;
    subspace_image(p->within, p->parameters, a, b);
    bf_lane_start(e, 0, a);
    bf_lane_start(e, 1, b);
    bf_train(e, 2);
    bf_lane_theta(e, 0, a);
    bf_lane_theta(e, 1, b);
    return subspace_maps(p->within, p->parameters, f, a, b)
               ? BF_OK
               : bf_fail(err, BF_EINPUT,
                         "lyapunov.within is %s, but the training is not symmetric about it (an "
                         "activation or a pool that is not odd?), so that directions "
                         "within and across it mix; expected another, or none",
                         p->x->lyapunov.within);
}

bf_status lyapunov_check_symmetry(const lyapunov_plan *p, bf_error *err) {
    bf_arithmetic exact;
    bf_ensemble *e = NULL;
    if (p->n_blocks == 1)
        return BF_OK;
    uint8_t *a = malloc(8 * p->parameters), *b = malloc(8 * p->parameters);
    bf_status s = a && b ? bf_arithmetic_parse(&exact, "f64/exact", err) : bf_no_memory(err);
    BF_TRY(s, run_ensemble(p->x, &exact, &limits_none, &e, err));
    BF_TRY(s, compare_images(p, e, a, b, err));
    bf_ensemble_free(e);
    free(a);
    free(b);
    return s;
}
