/* SPDX-License-Identifier: MIT */
/* trajectory.c - tangents along trajectories.
 *
 * A trajectory occupies one lane for each exponent. Every lane holds the same run, and its tangent
 * is one of a block's frame, which is orthonormalised after each stretch of `every` steps. A worker
 * (a thread) has as many slots for trajectories as its lanes have room for, or, when the exponents
 * outnumber an ensemble's lanes, one slot over several ensembles. */
#include "studies/lyapunov/lyapunov.h"

#include "run/run.h"

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

/* ---- linear algebra ----------------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

void lyapunov_orthonormalise(size_t count, size_t n, double *v, double *logs) {
    for (size_t i = 0; i < count; i++) {
        double *row = v + i * n;
        for (size_t j = 0; j < i; j++) {
            const double *done = v + j * n, along = dot(row, done, n);
            for (size_t c = 0; c < n; c++)
                row[c] -= along * done[c];
        }
        const double length = sqrt(dot(row, row, n));
        for (size_t c = 0; c < n; c++)
            row[c] = length > 0 ? row[c] / length : 0;
        logs[i] += log(length);
    }
}

/* ---- the plan ----------------------------------------------------------------------------- */

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

static bf_status tangent_ensemble(const experiment *x, bf_ensemble **out, bf_error *err) {
    bf_arithmetic a;
    bf_arithmetic_tangent(&a);
    return run_ensemble(x, &a, &limits_none, out, err);
}

bf_status lyapunov_plan_new(lyapunov_plan **out, const experiment *x, bf_error *err) {
    *out = NULL;
    bf_ensemble *e;
    bf_status s = tangent_ensemble(x, &e, err);
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
                         "activation or a pool that is not odd?), so that what lies across it "
                         "cannot be told apart; expected another, or none",
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

/* ---- one trajectory ----------------------------------------------------------------------- */

/* A trajectory on its way, in the lanes from slot * n_exponents on. */
typedef struct slot {
    lyapunov_trajectory *t; /* NULL: free */
    uint64_t step;
    bool counting;  /* past the transient */
    double *sums;   /* (n_exponents), of the present window */
    uint64_t begun; /* steps in it */
    size_t room;    /* windows */
} slot;

typedef struct worker {
    const lyapunov_plan *p;
    bf_ensemble **ensembles;
    size_t n_ensembles, n_slots, lanes; /* lanes: of one ensemble */
    slot *slots;
    /* For nudges: f64 with tangents; of high precision, the nudged run and without a subspace the
     * one that is not, else NULL. */
    bf_ensemble *probe, *high, *beside;
    uint8_t *theta, *high_theta, *beside_theta;
    double *tangent, *frame; /* (state), (count of sorted, state) */
} worker;

/* The ensemble and the lane that exponent k is in. */
static bf_ensemble *lane_of(const worker *w, const slot *s, size_t k, int *lane) {
    const size_t at = (size_t)(s - w->slots) * w->p->n_exponents + k;
    *lane = (int)(at % w->lanes);
    return w->ensembles[at / w->lanes];
}

static void free_worker(worker *w) {
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

static bf_status new_nudges(worker *w, bf_error *err) {
    const lyapunov_plan *p = w->p;
    bf_arithmetic high;
    bf_status s = bf_arithmetic_parse(&high, LYAPUNOV_NUDGE_ARITHMETIC, err);
    BF_TRY(s, tangent_ensemble(p->x, &w->probe, err));
    BF_TRY(s, run_ensemble(p->x, &high, &limits_none, &w->high, err));
    if (s == BF_OK && p->nudged->sign == 0)
        s = run_ensemble(p->x, &high, &limits_none, &w->beside, err);
    if (s != BF_OK)
        return s;
    w->high_theta = malloc(p->parameters * high.format.bytes);
    w->beside_theta = malloc(p->parameters * high.format.bytes);
    return w->high_theta && w->beside_theta ? BF_OK : bf_no_memory(err);
}

static bf_status new_worker(worker *w, const lyapunov_plan *p, bf_error *err) {
    *w = (worker){.p = p};
    bf_status s = new_nudges(w, err);
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
        s = tangent_ensemble(p->x, &w->ensembles[i], err);
    for (size_t i = 0; i < w->n_slots && s == BF_OK; i++)
        if (!(w->slots[i].sums = calloc(n, sizeof *w->slots[i].sums)))
            s = bf_no_memory(err);
    return s;
}

/* ---- starts ------------------------------------------------------------------------------- */

static double parameter(const worker *w, size_t i) {
    return bf_to_double(bf_ensemble_format(w->probe), w->theta + 8 * i);
}

/* The start of trajectory i into w->theta: the experiment's; for all but the first, moved; and put
 * into the subspace: what S makes of the first of two parameters becomes the second. */
static bf_status start_of(worker *w, uint64_t i, bf_error *err) {
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

/* ---- frames ------------------------------------------------------------------------------- */

/* A tangent, which began with length 1, onto the block. Returns what this takes off, relative to
 * the longer of its lengths then and now: of a tangent that shrinks, rounding leaves what was
 * rounded when it was long. */
static double project(worker *w, const lyapunov_block *b, double *v) {
    const size_t n = w->p->state;
    if (b->sign == 0)
        return 0;
    const double length = fmax(1, sqrt(dot(v, v, n)));
    memcpy(w->tangent, v, n * sizeof *v);
    subspace_project(w->p->within, b->sign < 0, v);
    for (size_t i = 0; i < n; i++)
        w->tangent[i] -= v[i];
    return sqrt(dot(w->tangent, w->tangent, n)) / length;
}

/* w->frame, orthonormalised, into the slot's lanes; adds to its sums. */
static void put_frame(worker *w, slot *s, const lyapunov_block *b) {
    const size_t n = w->p->state;
    lyapunov_orthonormalise(b->count, n, w->frame, s->sums + b->at);
    for (size_t r = 0; r < b->count; r++) {
        int lane;
        bf_ensemble *e = lane_of(w, s, b->at + r, &lane);
        bf_lane_put_tangent(e, lane, w->frame + r * n);
    }
}

/* A random frame, so that none begins in a subspace of its own. */
static void put_random_frame(worker *w, slot *s, const lyapunov_block *b) {
    const lyapunov_plan *p = w->p;
    const unsigned number = (unsigned)(b - p->blocks);
    for (size_t r = 0; r < b->count; r++) {
        double *v = w->frame + r * p->state;
        for (size_t i = 0; i < p->state; i++) {
            const uint64_t random = bf_random(p->x->seed, BF_STREAM_TANGENT, s->t->index,
                                              (uint32_t)(r * p->state + i), number);
            /* one draw for two numbers that S exchanges: alike whatever its sign */
            v[i] = b->sign != 0 && p->within->image[i] < i ? 0 : (double)(int64_t)random * 0x1p-63;
        }
        project(w, b, v);
    }
    put_frame(w, s, b);
}

/* The block's tangents at the end of a stretch. */
static void advance_frame(worker *w, slot *s, const lyapunov_block *b) {
    for (size_t r = 0; r < b->count; r++) {
        int lane;
        const bf_ensemble *e = lane_of(w, s, b->at + r, &lane);
        double *v = w->frame + r * w->p->state;
        bf_lane_tangent(e, lane, v);
        s->t->mixing = fmax(s->t->mixing, project(w, b, v));
    }
    put_frame(w, s, b);
}

/* ---- a stretch of steps ------------------------------------------------------------------- */

static bf_status begin(worker *w, slot *s, uint64_t trajectory, bf_error *err) {
    const lyapunov_plan *p = w->p;
    s->t = calloc(1, sizeof *s->t);
    if (!s->t)
        return bf_no_memory(err);
    *s->t = (lyapunov_trajectory){
        .index = trajectory, .nudge = NAN, .nudge_short = NAN, .nudge_tangent = NAN};
    s->step = s->begun = s->room = 0;
    s->counting = false;
    bf_status status = start_of(w, trajectory, err);
    if (status != BF_OK)
        return status;
    for (size_t k = 0; k < p->n_exponents; k++) {
        int lane;
        bf_ensemble *e = lane_of(w, s, k, &lane);
        bf_lane_start(e, lane, w->theta);
    }
    for (size_t b = 0; b < p->n_blocks; b++)
        put_random_frame(w, s, &p->blocks[b]);
    return BF_OK;
}

/* Room for one more window of the trajectory. */
static bf_status make_room(const lyapunov_plan *p, slot *s, bf_error *err) {
    const size_t n = s->t->n_windows + 1;
    size_t room = s->room; /* of both */
    bf_status status =
        bf_array_grow(&s->t->growth, &room, n, p->n_exponents * sizeof *s->t->growth, err);
    BF_TRY(status, bf_array_grow(&s->t->points, &s->room, n, 2 * sizeof *s->t->points, err));
    return status;
}

/* w->theta in the first two directions. */
static void add_point(worker *w, lyapunov_trajectory *t) {
    const subspace *s = w->p->within;
    const double half = sqrt(0.5);
    double *point = t->points + 2 * t->n_windows;
    size_t d = 0;
    for (size_t i = 0; i < w->p->parameters && d < 2; i++) {
        const size_t j = s->image[i];
        if (j > i)
            point[d++] = half * parameter(w, i) + s->sign[i] * half * parameter(w, j);
        else if (j == i && s->sign[i] > 0)
            point[d++] = parameter(w, i);
    }
    while (d < 2)
        point[d++] = 0;
}

static bf_status check_subspace(const worker *w, const slot *s, bf_error *err) {
    const lyapunov_plan *p = w->p;
    if (subspace_maps(p->within, p->parameters, bf_ensemble_format(w->probe), w->theta, w->theta))
        return BF_OK;
    return bf_fail(err, BF_EINPUT,
                   "trajectory %" PRIu64 " has left %s by step %" PRIu64
                   ": the model does not keep it; expected "
                   "another lyapunov.within, or none",
                   s->t->index, p->x->lyapunov.within, s->step);
}

/* The trajectory, in w->theta, is at the end of a stretch. */
static bf_status observe(worker *w, slot *s, bf_error *err) {
    const lyapunov_plan *p = w->p;
    const uint64_t every = p->x->lyapunov.every;
    lyapunov_trajectory *t = s->t;
    for (size_t b = 0; b < p->n_blocks; b++)
        advance_frame(w, s, &p->blocks[b]);
    for (size_t k = 0; k < p->n_exponents; k++)
        if (isnan(s->sums[k]))
            return bf_fail(err, BF_EINPUT,
                           "trajectory %" PRIu64 " has no derivative by step %" PRIu64
                           ": adam, where a gradient "
                           "is zero, or a tangent that overflows; expected another optimiser or "
                           "subspace, or a smaller lyapunov.every",
                           t->index, s->step);
    if (s->counting && (s->begun += every) == p->x->lyapunov.windows[0]) {
        memcpy(t->growth + t->n_windows++ * p->n_exponents, s->sums,
               p->n_exponents * sizeof *s->sums);
        s->begun = 0;
    }
    return check_subspace(w, s, err);
}

/* ---- nudges ------------------------------------------------------------------------------- */

/* q (state): the leading direction of the block that is nudged, of parameters only, of length 1. */
static void leading_direction(const worker *w, const slot *s, double *q) {
    const lyapunov_plan *p = w->p;
    int lane;
    const bf_ensemble *e = lane_of(w, s, p->nudged->at, &lane);
    bf_lane_tangent(e, lane, q);
    const double length = sqrt(dot(q, q, p->parameters));
    for (size_t i = 0; i < p->state; i++)
        q[i] = i < p->parameters ? q[i] / length : 0;
}

/* Parameter i of a high-precision run. */
static void read_high(const worker *w, const uint8_t *theta, size_t i, mpfr_t out) {
    const bf_format *f = bf_ensemble_format(w->high);
    char text[256]; /* precision/4 + 32 */
    bf_to_hex(f, theta + i * f->bytes, text, sizeof text);
    mpfr_set_str(out, text, 0, MPFR_RNDN);
}

/* Distance of the nudged run from the subspace or, without one, from the run beside it. */
static double distance(worker *w) {
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
static bf_status start_high(worker *w, bf_ensemble *e, const char *size, const double *q,
                            bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    bf_status s = BF_OK;
    mpfr_t x, nudge;
    mpfr_inits2(f->precision, x, nudge, (mpfr_ptr)0);
    mpfr_set_str(nudge, size, 10, MPFR_RNDN);
    for (size_t i = 0; i < w->p->parameters && s == BF_OK; i++) {
        char text[256];
        mpfr_mul_d(x, nudge, q[i], MPFR_RNDN);
        mpfr_add_d(x, x, parameter(w, i), MPFR_RNDN);
        mpfr_snprintf(text, sizeof text, "%Ra", x);
        s = bf_number(f, text, w->high_theta + i * f->bytes, err);
    }
    mpfr_clears(x, nudge, (mpfr_ptr)0);
    if (s == BF_OK)
        bf_lane_start(e, 0, w->high_theta);
    return s;
}

/* Returns whether the high-precision runs have come so far. */
static bool train_high(worker *w, uint64_t steps) {
    bf_train(w->high, steps);
    if (w->beside)
        bf_train(w->beside, steps);
    return bf_lane_running(w->high, 0) && (!w->beside || bf_lane_running(w->beside, 0));
}

/* From w->theta, at rest: how a nudge grows, by tangents and by actual runs. */
static bf_status nudge(worker *w, const slot *s, bf_error *err) {
    const lyapunov_plan *p = w->p;
    const uint64_t shortest = p->x->lyapunov.windows[0],
                   longest = p->x->lyapunov.windows[p->x->lyapunov.n_windows - 1];
    lyapunov_trajectory *t = s->t;
    leading_direction(w, s, w->tangent);
    bf_status status = w->beside ? start_high(w, w->beside, "0", w->tangent, err) : BF_OK;
    BF_TRY(status, start_high(w, w->high, LYAPUNOV_NUDGE, w->tangent, err));
    if (status != BF_OK)
        return status;
    bf_lane_start(w->probe, 0, w->theta);
    bf_lane_put_tangent(w->probe, 0, w->tangent);
    bf_train(w->probe, shortest);
    bf_lane_tangent(w->probe, 0, w->tangent);
    const double before = distance(w), length = sqrt(dot(w->tangent, w->tangent, p->parameters));
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

/* ---- many trajectories -------------------------------------------------------------------- */

typedef struct job {
    const lyapunov_plan *p;
    lyapunov_trajectory **t;
    const lyapunov_watch *watch;
    uint64_t next; /* to begin */
    bf_status status;
    bf_error *err;
} job;

/* Before a stretch: what has its time now. */
static bf_status prepare(worker *w, slot *s, bf_error *err) {
    const lyapunov_plan *p = w->p;
    lyapunov_trajectory *t = s->t;
    bf_status status = BF_OK;
    if (!s->counting && s->step >= p->x->lyapunov.transient) {
        s->counting = true;
        t->first = s->step;
        status = nudge(w, s, err);
    }
    if (!s->counting || s->begun > 0 || status != BF_OK)
        return status;
    status = make_room(p, s, err);
    memset(s->sums, 0, p->n_exponents * sizeof *s->sums);
    if (status == BF_OK)
        add_point(w, t);
    return status;
}

/* The trajectory is over: keep the windows that count. */
static lyapunov_trajectory *finish(worker *w, slot *s) {
    const experiment *x = w->p->x;
    lyapunov_trajectory *t = s->t;
    int lane;
    const bf_ensemble *e = lane_of(w, s, 0, &lane);
    t->escaped = bf_lane_diverged(e, lane);
    t->steps = bf_lane_step(e, lane);
    const uint64_t end = t->steps > x->lyapunov.tail ? t->steps - x->lyapunov.tail : 0;
    while (t->n_windows > 0 && t->first + t->n_windows * x->lyapunov.windows[0] > end)
        t->n_windows--;
    for (size_t k = 0; k < w->p->n_exponents; k++) {
        bf_ensemble *other = lane_of(w, s, k, &lane);
        bf_lane_stop(other, lane);
    }
    s->t = NULL;
    return t;
}

static bf_status deliver(job *j, lyapunov_trajectory *t, bf_error *err) {
    j->t[t->index] = t;
    return j->watch->done ? j->watch->done(j->watch->self, t, err) : BF_OK;
}

/* The next trajectory that is missing, or UINT64_MAX. */
static uint64_t take_next(job *j) {
    uint64_t found = UINT64_MAX;
#pragma omp critical(lyapunov_job)
    {
        while (j->next < j->p->x->lyapunov.trajectories && j->t[j->next])
            j->next++;
        if (j->next < j->p->x->lyapunov.trajectories)
            found = j->next++;
    }
    return found;
}

static void advance(worker *w, uint64_t steps) {
    for (size_t i = 0; i < w->n_ensembles; i++)
        for (uint64_t done = 0; done < steps;)
            done += bf_train(w->ensembles[i], steps - done);
}

/* Whether trajectories may begin: at any time, or when none is on its way. */
static bool open(const worker *w) {
    bool idle = true;
    for (size_t i = 0; i < w->n_slots; i++)
        idle &= w->slots[i].t == NULL;
    return idle || !bf_in_step(w->probe);
}

/* One stretch of all slots' trajectories. Returns in `busy` whether there is any. */
static bf_status stretch(worker *w, job *j, bool *busy, bf_error *err) {
    const experiment *x = w->p->x;
    const bool may_begin = open(w);
    bf_status s = BF_OK;
    *busy = false;
    for (slot *at = w->slots; at < w->slots + w->n_slots && s == BF_OK; at++) {
        int lane;
        const bf_ensemble *e = lane_of(w, at, 0, &lane);
        if (!at->t) {
            const uint64_t next = may_begin ? take_next(j) : UINT64_MAX;
            if (next == UINT64_MAX)
                continue;
            s = begin(w, at, next, err);
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
    for (slot *at = w->slots; at < w->slots + w->n_slots && s == BF_OK; at++) {
        int lane;
        const bf_ensemble *e = lane_of(w, at, 0, &lane);
        if (!at->t)
            continue;
        at->step += x->lyapunov.every;
        if (bf_lane_running(e, lane)) {
            bf_lane_theta(e, lane, w->theta);
            s = observe(w, at, err);
        }
        if (s == BF_OK &&
            (!bf_lane_running(e, lane) || at->step + x->lyapunov.every > x->lyapunov.steps)) {
            lyapunov_trajectory *t = finish(w, at);
#pragma omp critical(lyapunov_job)
            s = deliver(j, t, err);
        }
    }
    return s;
}

bf_status lyapunov_run(const lyapunov_plan *p, lyapunov_trajectory **t, const lyapunov_watch *watch,
                       bf_error *err) {
    job j = {.p = p, .t = t, .watch = watch, .err = err};
#pragma omp parallel num_threads(limits_threads(watch->limits))
    {
        worker w;
        bf_error own;
        bool busy = true;
        bf_status s = new_worker(&w, p, &own), go = BF_OK;
        while (s == BF_OK && go == BF_OK && busy) {
            s = limits_interrupted(watch->limits) ? bf_fail(&own, BF_EINTERRUPTED, "interrupted")
                                                  : stretch(&w, &j, &busy, &own);
#pragma omp atomic read
            go = j.status;
        }
        if (s != BF_OK) {
#pragma omp critical(lyapunov_job)
            if (j.status == BF_OK) {
                *err = own;
#pragma omp atomic write
                j.status = s;
            }
        }
        free_worker(&w);
        bf_thread_end();
    }
    return j.status;
}

/* ---- the largest exponent alone ----------------------------------------------------------- */

/* Runs a thread takes at once; steps between two normalisations. */
enum { CHUNK = 64, EVERY = 16 };

/* Runs first, first + 1, ...: count of them, at most as many as the ensemble has lanes. v: (state).
 */
static void growth_rates(bf_ensemble *e, const experiment *x, const uint8_t *starts, size_t first,
                         size_t count, uint64_t steps, double *v, double *rates) {
    const size_t n = bf_n_states(e), size = bf_n_parameters(e) * 8;
    for (size_t i = 0; i < count; i++) {
        double unused = 0;
        for (size_t k = 0; k < n; k++)
            v[k] =
                (double)(int64_t)bf_random(x->seed, BF_STREAM_TANGENT, first + i, (uint32_t)k, 0) *
                0x1p-63;
        lyapunov_orthonormalise(1, n, v, &unused);
        rates[first + i] = 0;
        bf_lane_start(e, (int)i, starts + (first + i) * size);
        bf_lane_put_tangent(e, (int)i, v);
    }
    for (uint64_t done = 0; done < steps;) {
        const uint64_t stretch = steps - done < EVERY ? steps - done : EVERY;
        for (uint64_t within = 0; within < stretch;)
            within += bf_train(e, stretch - within);
        done += stretch;
        for (size_t i = 0; i < count; i++) {
            bf_lane_tangent(e, (int)i, v);
            lyapunov_orthonormalise(1, n, v, &rates[first + i]);
            bf_lane_put_tangent(e, (int)i, v);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const bool diverged = bf_lane_diverged(e, (int)i);
        rates[first + i] = diverged ? NAN : rates[first + i] / (double)steps;
        bf_lane_stop(e, (int)i);
    }
}

bf_status lyapunov_largest(const experiment *x, const uint8_t *starts, size_t n, uint64_t steps,
                           const limits *l, double *rates, estimate *out, bf_error *err) {
    bf_status status = BF_OK;
    double *all = rates ? rates : malloc((n + 1) * sizeof *all);
    if (!all)
        return bf_no_memory(err);
#pragma omp parallel num_threads(limits_threads(l))
    {
        bf_error own;
        bf_ensemble *e = NULL;
        double *v = NULL;
        bf_status s = tangent_ensemble(x, &e, &own);
        if (s == BF_OK && !(v = malloc(bf_n_states(e) * sizeof *v)))
            s = bf_no_memory(&own);
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < n; first += CHUNK)
            for (size_t i = first; s == BF_OK && i < first + CHUNK && i < n;) {
                if (limits_interrupted(l)) {
                    s = bf_fail(&own, BF_EINTERRUPTED, "interrupted");
                    break;
                }
                const size_t left = (first + CHUNK < n ? first + CHUNK : n) - i,
                             lanes = (size_t)bf_lanes(e), count = left < lanes ? left : lanes;
                growth_rates(e, x, starts, i, count, steps, v, all);
                i += count;
            }
        if (s != BF_OK) {
#pragma omp critical(lyapunov_job)
            {
                status = s;
                *err = own;
            }
        }
        free(v);
        bf_ensemble_free(e);
        bf_thread_end();
    }
    if (status == BF_OK && !stats_mean(n, all, LYAPUNOV_RESAMPLES, x->seed, out))
        status = bf_no_memory(err);
    if (!rates)
        free(all);
    return status;
}
