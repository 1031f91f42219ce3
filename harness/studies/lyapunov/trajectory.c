/* SPDX-License-Identifier: MIT */
/* trajectory.c - tangents along trajectories. */
#include "studies/lyapunov/worker.h"

#include "run/run.h"
#include "run/trials.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a worker ----------------------------------------------------------------------------- */

bf_ensemble *lyapunov_lane(const lyapunov_worker *w, const lyapunov_slot *at, size_t k, int *lane) {
    const size_t place = (size_t)(at - w->slots) * w->p->n_exponents + k;
    *lane = (int)(place % w->lanes);
    return w->ensembles[place / w->lanes];
}

static void free_worker(lyapunov_worker *w) {
    for (size_t i = 0; w->ensembles && i < w->n_ensembles; i++)
        bf_ensemble_free(w->ensembles[i]);
    for (size_t i = 0; w->slots && i < w->n_slots; i++) {
        lyapunov_trajectory_free(w->slots[i].t);
        free(w->slots[i].sums);
    }
    bf_ensemble_free(w->probe);
    bf_ensemble_free(w->high);
    bf_ensemble_free(w->beside);
    free(w->ensembles);
    free(w->slots);
    free(w->theta);
    free(w->high_theta);
    free(w->beside_theta);
    free(w->tangent);
    free(w->frame);
}

static bf_status new_worker(lyapunov_worker *w, const lyapunov_plan *p, bf_error *err) {
    *w = (lyapunov_worker){.p = p};
    bf_status s = lyapunov_nudges_new(w, err);
    if (s != BF_OK)
        return s;
    const size_t n = p->n_exponents;
    w->lanes = (size_t)bf_lanes(w->probe);
    w->n_slots = w->lanes > n ? w->lanes / n : 1;
    w->n_ensembles = (w->n_slots * n + w->lanes - 1) / w->lanes;
    w->ensembles = calloc(w->n_ensembles, sizeof *w->ensembles);
    w->slots = calloc(w->n_slots, sizeof *w->slots);
    w->theta = malloc(p->parameters * 8);
    w->tangent = malloc(p->state * sizeof *w->tangent);
    w->frame = malloc(p->blocks[p->n_blocks - 1].count * p->state * sizeof *w->frame);
    if (!w->ensembles || !w->slots || !w->theta || !w->tangent || !w->frame)
        return bf_no_memory(err);
    for (size_t i = 0; i < w->n_ensembles && s == BF_OK; i++)
        s = lyapunov_tangent_ensemble(p->x, &w->ensembles[i], err);
    for (size_t i = 0; i < w->n_slots && s == BF_OK; i++)
        if (!(w->slots[i].sums = calloc(n, sizeof *w->slots[i].sums)))
            s = bf_no_memory(err);
    return s;
}

/* ---- starts ------------------------------------------------------------------------------- */

double lyapunov_parameter(const lyapunov_worker *w, size_t i) {
    return bf_to_double(bf_ensemble_format(w->probe), w->theta + 8 * i);
}

/* The start of trajectory i into w->theta: the experiment's; except for the first, moved; and put
 * into the subspace: what S makes of the first of two parameters becomes the second. */
static bf_status start_of(lyapunov_worker *w, uint64_t i, bf_error *err) {
    const lyapunov_plan *p = w->p;
    const experiment *x = p->x;
    bf_status s = run_start(x, w->probe, i, w->theta, err);
    if (s == BF_OK && i > 0)
        s = bf_perturb_cube(bf_ensemble_format(w->probe), p->parameters, w->theta,
                            x->lyapunov.spread, x->seed, i, NULL, err);
    for (size_t k = 0; k < p->parameters; k++) {
        const size_t j = p->within->image[k];
        uint8_t *image = w->theta + 8 * j;
        if (j > k)
            memcpy(image, w->theta + 8 * k, 8);
        if (j > k && p->within->sign[k] < 0)
            image[7] ^= 0x80; /* the sign, in binary64's encoding */
        if (j == k && p->within->sign[k] < 0)
            memset(image, 0, 8);
    }
    return s;
}

/* ---- a stretch of steps ------------------------------------------------------------------- */

static bf_status begin(lyapunov_worker *w, lyapunov_slot *at, uint64_t trajectory, bf_error *err) {
    const lyapunov_plan *p = w->p;
    at->t = calloc(1, sizeof *at->t);
    if (!at->t)
        return bf_no_memory(err);
    *at->t = (lyapunov_trajectory){
        .index = trajectory, .nudge = NAN, .nudge_short = NAN, .nudge_tangent = NAN};
    at->step = at->begun = at->room = 0;
    at->counting = false;
    bf_status s = start_of(w, trajectory, err);
    if (s != BF_OK)
        return s;
    for (size_t k = 0; k < p->n_exponents; k++) {
        int lane;
        bf_ensemble *e = lyapunov_lane(w, at, k, &lane);
        bf_lane_start(e, lane, w->theta);
    }
    for (size_t b = 0; b < p->n_blocks; b++)
        lyapunov_frame_begin(w, at, &p->blocks[b]);
    return BF_OK;
}

/* Room for one more window of the trajectory. */
static bf_status make_room(const lyapunov_plan *p, lyapunov_slot *at, bf_error *err) {
    const size_t n = at->t->n_windows + 1;
    size_t room = at->room; /* of both */
    bf_status s =
        bf_array_grow(&at->t->growth, &room, n, p->n_exponents * sizeof *at->t->growth, err);
    BF_TRY(s, bf_array_grow(&at->t->points, &at->room, n, 2 * sizeof *at->t->points, err));
    return s;
}

/* w->theta in the first two directions. */
static void add_point(lyapunov_worker *w, lyapunov_trajectory *t) {
    const subspace *s = w->p->within;
    const double half = sqrt(0.5);
    double *point = t->points + 2 * t->n_windows;
    size_t d = 0;
    for (size_t i = 0; i < w->p->parameters && d < 2; i++) {
        const size_t j = s->image[i];
        if (j > i)
            point[d++] =
                half * lyapunov_parameter(w, i) + s->sign[i] * half * lyapunov_parameter(w, j);
        else if (j == i && s->sign[i] > 0)
            point[d++] = lyapunov_parameter(w, i);
    }
    while (d < 2)
        point[d++] = 0;
}

static bf_status check_subspace(const lyapunov_worker *w, const lyapunov_slot *at, bf_error *err) {
    const lyapunov_plan *p = w->p;
    if (subspace_maps(p->within, p->parameters, bf_ensemble_format(w->probe), w->theta, w->theta))
        return BF_OK;
    return bf_fail(err, BF_EINPUT,
                   "trajectory %" PRIu64 " has left %s by step %" PRIu64
                   ": the model does not keep it; expected "
                   "another lyapunov.within, or none",
                   at->t->index, p->x->lyapunov.within, at->step);
}

/* The trajectory, in w->theta, is at the end of a stretch. */
static bf_status observe(lyapunov_worker *w, lyapunov_slot *at, bf_error *err) {
    const lyapunov_plan *p = w->p;
    const uint64_t every = p->x->lyapunov.every;
    lyapunov_trajectory *t = at->t;
    for (size_t b = 0; b < p->n_blocks; b++)
        lyapunov_frame_advance(w, at, &p->blocks[b]);
    for (size_t k = 0; k < p->n_exponents; k++)
        if (isnan(at->sums[k]))
            return bf_fail(err, BF_EINPUT,
                           "trajectory %" PRIu64 " has no derivative by step %" PRIu64
                           ": adam, where a gradient "
                           "is zero, or a tangent that overflows; expected another optimiser or "
                           "subspace, or a smaller lyapunov.every",
                           t->index, at->step);
    if (at->counting && (at->begun += every) == p->x->lyapunov.windows[0]) {
        memcpy(t->growth + t->n_windows++ * p->n_exponents, at->sums,
               p->n_exponents * sizeof *at->sums);
        at->begun = 0;
    }
    return check_subspace(w, at, err);
}

/* ---- many trajectories -------------------------------------------------------------------- */

/* Before a stretch: what has its time now. */
static bf_status prepare(lyapunov_worker *w, lyapunov_slot *at, bf_error *err) {
    const lyapunov_plan *p = w->p;
    lyapunov_trajectory *t = at->t;
    bf_status s = BF_OK;
    if (!at->counting && at->step >= p->x->lyapunov.transient) {
        at->counting = true;
        t->first = at->step;
        s = lyapunov_nudge(w, at, err);
    }
    if (!at->counting || at->begun > 0 || s != BF_OK)
        return s;
    s = make_room(p, at, err);
    memset(at->sums, 0, p->n_exponents * sizeof *at->sums);
    if (s == BF_OK)
        add_point(w, t);
    return s;
}

/* The trajectory is over: keep the windows that count. */
static lyapunov_trajectory *finish(lyapunov_worker *w, lyapunov_slot *at) {
    const experiment *x = w->p->x;
    lyapunov_trajectory *t = at->t;
    int lane;
    const bf_ensemble *e = lyapunov_lane(w, at, 0, &lane);
    t->diverged = bf_lane_diverged(e, lane);
    t->steps = bf_lane_step(e, lane);
    const uint64_t end = t->steps > x->lyapunov.tail ? t->steps - x->lyapunov.tail : 0;
    while (t->n_windows > 0 && t->first + t->n_windows * x->lyapunov.windows[0] > end)
        t->n_windows--;
    for (size_t k = 0; k < w->p->n_exponents; k++) {
        bf_ensemble *other = lyapunov_lane(w, at, k, &lane);
        bf_lane_stop(other, lane);
    }
    at->t = NULL;
    return t;
}

static void advance(lyapunov_worker *w, uint64_t steps) {
    for (size_t i = 0; i < w->n_ensembles; i++)
        for (uint64_t done = 0; done < steps;)
            done += bf_train(w->ensembles[i], steps - done);
}

/* Whether trajectories may begin: at any time, or when none is on its way. */
static bool open(const lyapunov_worker *w) {
    bool idle = true;
    for (size_t i = 0; i < w->n_slots; i++)
        idle &= w->slots[i].t == NULL;
    return idle || !bf_in_step(w->probe);
}

/* One stretch of all slots' trajectories. Returns in `busy` whether there is any. */
static bf_status stretch(lyapunov_worker *w, trials_queue *q, const uint64_t *todo, bool *busy,
                         bf_error *err) {
    const experiment *x = w->p->x;
    const bool may_begin = open(w);
    bf_status s = BF_OK;
    *busy = false;
    for (lyapunov_slot *at = w->slots; at < w->slots + w->n_slots && s == BF_OK; at++) {
        int lane;
        const bf_ensemble *e = lyapunov_lane(w, at, 0, &lane);
        if (!at->t) {
            uint64_t i;
            if (!may_begin || !trials_take(q, &i))
                continue;
            s = begin(w, at, todo[i], err);
        }
        if (s == BF_OK) {
            bf_lane_theta(e, lane, w->theta);
            s = prepare(w, at, err);
        }
        *busy = true;
    }
    if (s != BF_OK || !*busy)
        return s;
    advance(w, x->lyapunov.every);
    for (lyapunov_slot *at = w->slots; at < w->slots + w->n_slots && s == BF_OK; at++) {
        int lane;
        const bf_ensemble *e = lyapunov_lane(w, at, 0, &lane);
        if (!at->t)
            continue;
        at->step += x->lyapunov.every;
        if (bf_lane_running(e, lane)) {
            bf_lane_theta(e, lane, w->theta);
            s = observe(w, at, err);
        }
        if (s == BF_OK &&
            (!bf_lane_running(e, lane) || at->step + x->lyapunov.every > x->lyapunov.steps)) {
            const lyapunov_trajectory *t = finish(w, at);
            s = trials_give(q, &t, 1, err);
        }
    }
    return s;
}

/* What is to be done. */
typedef struct job {
    const lyapunov_plan *p;
    lyapunov_trajectory **t;
    const lyapunov_watch *watch;
    uint64_t *todo; /* the indices of those that are missing */
} job;

/* One thread's. */
static bf_status work(void *context, trials_queue *q, bf_error *err) {
    const job *j = context;
    lyapunov_worker w;
    bool busy = true;
    bf_status s = new_worker(&w, j->p, err);
    while (s == BF_OK && busy && trials_go_on(q, &s, err))
        s = stretch(&w, q, j->todo, &busy, err);
    free_worker(&w);
    return s;
}

static bf_status deliver(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    lyapunov_trajectory *const *t = results;
    bf_status s = BF_OK;
    for (size_t i = 0; i < n; i++)
        j->t[t[i]->index] = t[i];
    for (size_t i = 0; i < n && s == BF_OK && j->watch->done; i++)
        s = j->watch->done(j->watch->self, t[i], err);
    return s;
}

bf_status lyapunov_run(const lyapunov_plan *p, lyapunov_trajectory **t, const lyapunov_watch *watch,
                       bf_error *err) {
    const uint64_t all = p->x->lyapunov.trajectories;
    job j = {.p = p, .t = t, .watch = watch, .todo = malloc((size_t)all * sizeof *j.todo)};
    if (!j.todo)
        return bf_no_memory(err);
    trials work_on = {.result_size = sizeof(lyapunov_trajectory *),
                      .limits = watch->limits,
                      .bar = watch->bar,
                      .context = &j,
                      .thread = work,
                      .deliver = deliver};
    for (uint64_t i = 0; i < all; i++)
        if (!t[i])
            j.todo[work_on.n++] = i;
    const bf_status s = trials_run(&work_on, err);
    free(j.todo);
    return s;
}
