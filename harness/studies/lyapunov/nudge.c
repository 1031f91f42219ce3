/* SPDX-License-Identifier: MIT */
/* nudge.c - an actual nudge, followed by runs in high precision, beside its tangent. */
#include "studies/lyapunov/worker.h"

#include "run/run.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

bf_status lyapunov_nudges_new(lyapunov_worker *w, bf_error *err) {
    const lyapunov_plan *p = w->p;
    bf_arithmetic high;
    bf_status s = bf_arithmetic_parse(&high, LYAPUNOV_NUDGE_ARITHMETIC, err);
    BF_TRY(s, lyapunov_tangent_ensemble(p->x, &w->probe, err));
    BF_TRY(s, run_ensemble(p->x, &high, &limits_none, &w->high, err));
    if (s == BF_OK && p->nudged->sign == 0)
        s = run_ensemble(p->x, &high, &limits_none, &w->beside, err);
    if (s != BF_OK)
        return s;
    w->high_theta = malloc(p->parameters * high.format.bytes);
    w->beside_theta = malloc(p->parameters * high.format.bytes);
    return w->high_theta && w->beside_theta ? BF_OK : bf_no_memory(err);
}

/* q (state): the leading direction of the block that is nudged, of parameters only, of length 1. */
static void leading_direction(const lyapunov_worker *w, const lyapunov_slot *at, double *q) {
    const lyapunov_plan *p = w->p;
    int lane;
    const bf_ensemble *e = lyapunov_lane(w, at, p->nudged->at, &lane);
    bf_lane_tangent(e, lane, q);
    const double length = sqrt(lyapunov_dot(q, q, p->parameters));
    for (size_t i = 0; i < p->state; i++)
        q[i] = i < p->parameters ? q[i] / length : 0;
}

/* Parameter i of a high-precision run. */
static void read_high(const lyapunov_worker *w, const uint8_t *theta, size_t i, mpfr_t out) {
    const bf_format *f = bf_ensemble_format(w->high);
    char text[256]; /* precision/4 + 32 */
    bf_to_hex(f, theta + i * f->bytes, text, sizeof text);
    mpfr_set_str(out, text, 0, MPFR_RNDN);
}

/* Distance of the nudged run from the subspace or, without one, from the run beside it. */
static double distance(lyapunov_worker *w) {
    const subspace *within = w->p->within;
    mpfr_t a, b;
    double sum = 0;
    mpfr_inits2(bf_ensemble_format(w->high)->precision, a, b, (mpfr_ptr)0);
    bf_lane_theta(w->high, 0, w->high_theta);
    if (w->beside)
        bf_lane_theta(w->beside, 0, w->beside_theta);
    for (size_t i = 0; i < w->p->parameters; i++) {
        if (!w->beside && !subspace_binds(within, i))
            continue;
        read_high(w, w->high_theta, i, a);
        read_high(w, w->beside ? w->beside_theta : w->high_theta, within->image[i], b);
        mpfr_mul_si(b, b, within->sign[i], MPFR_RNDN);
        mpfr_sub(a, a, b, MPFR_RNDN);
        const double d = mpfr_get_d(a, MPFR_RNDN);
        sum += d * d / (w->beside ? 1 : within->image[i] == i ? 4 : 2);
    }
    mpfr_clears(a, b, (mpfr_ptr)0);
    return sqrt(sum);
}

/* Start a high-precision run at w->theta + size q. */
static bf_status start_high(lyapunov_worker *w, bf_ensemble *e, const char *size, const double *q,
                            bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    bf_status s = BF_OK;
    mpfr_t x, shift;
    mpfr_inits2(f->precision, x, shift, (mpfr_ptr)0);
    mpfr_set_str(shift, size, 10, MPFR_RNDN);
    for (size_t i = 0; i < w->p->parameters && s == BF_OK; i++) {
        char text[256];
        mpfr_mul_d(x, shift, q[i], MPFR_RNDN);
        mpfr_add_d(x, x, lyapunov_parameter(w, i), MPFR_RNDN);
        mpfr_snprintf(text, sizeof text, "%Ra", x);
        s = bf_number(f, text, w->high_theta + i * f->bytes, err);
    }
    mpfr_clears(x, shift, (mpfr_ptr)0);
    if (s == BF_OK)
        bf_lane_start(e, 0, w->high_theta);
    return s;
}

/* Returns whether the high-precision runs have come so far. */
static bool train_high(lyapunov_worker *w, uint64_t steps) {
    bf_train(w->high, steps);
    if (w->beside)
        bf_train(w->beside, steps);
    return bf_lane_running(w->high, 0) && (!w->beside || bf_lane_running(w->beside, 0));
}

bf_status lyapunov_nudge(lyapunov_worker *w, const lyapunov_slot *at, bf_error *err) {
    const lyapunov_plan *p = w->p;
    const uint64_t shortest = p->x->lyapunov.windows[0],
                   longest = p->x->lyapunov.windows[p->x->lyapunov.n_windows - 1];
    lyapunov_trajectory *t = at->t;
    leading_direction(w, at, w->tangent);
    bf_status s = w->beside ? start_high(w, w->beside, "0", w->tangent, err) : BF_OK;
    BF_TRY(s, start_high(w, w->high, LYAPUNOV_NUDGE, w->tangent, err));
    if (s != BF_OK)
        return s;
    bf_lane_start(w->probe, 0, w->theta);
    bf_lane_put_tangent(w->probe, 0, w->tangent);
    bf_train(w->probe, shortest);
    bf_lane_tangent(w->probe, 0, w->tangent);
    const double before = distance(w),
                 length = sqrt(lyapunov_dot(w->tangent, w->tangent, p->parameters));
    const bool begun = train_high(w, shortest);
    const double middle = distance(w);
    if (begun && train_high(w, longest - shortest)) {
        t->nudge_tangent = log(length) / (double)shortest;
        t->nudge_short = log(middle / before) / (double)shortest;
        t->nudge = log(distance(w) / before) / (double)longest;
    }
    bf_lane_stop(w->high, 0);
    if (w->beside)
        bf_lane_stop(w->beside, 0);
    bf_lane_stop(w->probe, 0);
    return BF_OK;
}
