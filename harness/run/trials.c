/* SPDX-License-Identifier: MIT */
/* trials.c - many runs of one experiment under one arithmetic, on all threads. */
#include "run/trials.h"

#include "experiment/outcome.h"
#include "run/predict.h"
#include "run/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Steps between two looks at the limits, at most; seconds between two deliveries. */
enum { INTERRUPT_EVERY = 512, DELIVER_EVERY = 1 };

/* What the threads share. */
struct trials_queue {
    const trials *t;
    uint64_t next;    /* the first trial that no thread has taken */
    uint8_t *waiting; /* results to be delivered */
    size_t n_waiting, capacity;
    time_t delivered;
    bf_status status; /* of the whole */
    bf_error *err;
};

bool trials_take(trials_queue *q, uint64_t *i) {
    if (limits_out_of_time(q->t->limits))
        return false;
#pragma omp atomic capture
    *i = q->next++;
    return *i < q->t->n;
}

static bf_status status_of(trials_queue *q) {
    bf_status s;
#pragma omp atomic read
    s = q->status;
    return s;
}

static void set_status(trials_queue *q, bf_status s, const bf_error *err) {
    if (s == BF_OK || q->status != BF_OK)
        return;
    *q->err = *err;
#pragma omp atomic write
    q->status = s;
}

/* ---- results, by one thread at a time ----------------------------------------------------- */

static bf_status flush(trials_queue *q, bf_error *err) {
    const size_t n = q->n_waiting;
    q->n_waiting = 0;
    q->delivered = time(NULL);
    return n ? q->t->deliver(q->t->context, q->waiting, n, err) : BF_OK;
}

static bf_status keep(trials_queue *q, const uint8_t *results, size_t n, bf_error *err) {
    const size_t size = q->t->result_size;
    if (q->n_waiting + n > q->capacity) {
        const size_t capacity = 2 * (q->n_waiting + n);
        uint8_t *waiting = realloc(q->waiting, capacity * size);
        if (!waiting)
            return bf_no_memory(err);
        q->waiting = waiting;
        q->capacity = capacity;
    }
    memcpy(q->waiting + q->n_waiting * size, results, n * size);
    q->n_waiting += n;
    if (q->t->bar)
        progress_add(q->t->bar, n);
    return time(NULL) >= q->delivered + DELIVER_EVERY ? flush(q, err) : BF_OK;
}

/* Take n results from a thread whose work went as `s` and `err` say. */
static void deliver(trials_queue *q, const uint8_t *results, size_t n, bf_status s,
                    const bf_error *err) {
    bf_error own;
    if (n > 0) {
        const bf_status kept = keep(q, results, n, &own);
        set_status(q, kept, &own);
    }
    set_status(q, s, err);
}

/* ---- one thread --------------------------------------------------------------------------- */

typedef struct worker {
    trials_queue *q;
    bf_ensemble *e;
    uint8_t *theta;
    uint8_t *results; /* of the run in each lane */
    unsigned *stops;  /* how many each lane has passed */
    uint64_t *runs;   /* the number of the run in each lane */
    uint8_t *ended;   /* results of the runs that have ended */
    size_t n_ended;
    uint64_t poll_interval; /* steps between two looks at the limits */
    predictor *predictor;   /* NULL: nothing is to be predicted */
} worker;

static void free_worker(worker *w) {
    bf_ensemble_free(w->e);
    predictor_free(w->predictor);
    free(w->theta);
    free(w->results);
    free(w->stops);
    free(w->runs);
    free(w->ended);
}

static bf_status new_worker(worker *w, trials_queue *q, bf_error *err) {
    const trials *t = q->t;
    *w = (worker){.q = q, .poll_interval = INTERRUPT_EVERY};
    bf_status s = run_ensemble(t->x, t->arithmetic, t->limits, &w->e, err);
    BF_TRY(s, outcome_check(t->x, w->e, err));
    if (s == BF_OK && t->predict)
        s = predictor_new(&w->predictor, t->x, t->arithmetic, err);
    if (s != BF_OK)
        return s;
    const size_t lanes = (size_t)bf_lanes(w->e);
    w->theta = malloc(bf_n_parameters(w->e) * t->arithmetic->format.bytes);
    w->results = calloc(lanes, t->result_size);
    w->stops = calloc(lanes, sizeof *w->stops);
    w->runs = calloc(lanes, sizeof *w->runs);
    w->ended = calloc(lanes, t->result_size);
    return w->theta && w->results && w->stops && w->runs && w->ended ? BF_OK : bf_no_memory(err);
}

static bf_status begin(worker *w, int lane, uint64_t i, bf_error *err) {
    const trials *t = w->q->t;
    uint8_t *result = w->results + (size_t)lane * t->result_size;
    memset(result, 0, t->result_size);
    w->stops[lane] = 0;
    bf_status s = t->start(t->context, i, w->e, w->theta, result, err);
    if (s == BF_OK)
        bf_lane_start(w->e, lane, w->theta);
    w->runs[lane] = t->run ? t->run(t->context, i) : 0;
    if (s == BF_OK)
        bf_lane_set_run(w->e, lane, w->runs[lane]);
    return s;
}

/* Predict for the runs that have come to their first stop: those of all lanes at once. */
static void predict(worker *w) {
    bool any = false;
    for (int lane = 0; lane < bf_lanes(w->e); lane++)
        if (bf_lane_running(w->e, lane) && w->stops[lane] == 0 &&
            bf_lane_step(w->e, lane) >= w->q->t->stops[0]) {
            bf_lane_theta(w->e, lane, w->theta);
            predictor_put(w->predictor, lane, w->theta, w->runs[lane]);
            any = true;
        }
    if (any)
        predictor_run(w->predictor);
}

/* Observe the run in this lane at the stops where it is. Returns whether it has ended. */
static bool observe(worker *w, int lane) {
    const trials *t = w->q->t;
    unsigned *stop = &w->stops[lane];
    const bool diverged = bf_lane_diverged(w->e, lane);
    const uint64_t step = bf_lane_step(w->e, lane);
    if (!diverged && step < t->stops[*stop])
        return false;
    char label[OUTCOME_SIZE];
    bf_lane_theta(w->e, lane, w->theta);
    outcome_label(t->x, w->e, w->theta, diverged, label);
    trials_view v = {
        .e = w->e, .step = step, .diverged = diverged, .theta = w->theta, .label = label};
    for (; *stop < t->n_stops && (diverged || step >= t->stops[*stop]); ++*stop) {
        v.stop = *stop;
        v.predictions =
            w->predictor && *stop == 0 && !diverged ? predictor_found(w->predictor, lane) : NULL;
        t->observe(t->context, &v, w->results + (size_t)lane * t->result_size);
    }
    return *stop == t->n_stops;
}

/* The runs that have ended leave their lanes. Returns how many are left. */
static int clear_lanes(worker *w) {
    const size_t size = w->q->t->result_size;
    int left = 0;
    w->n_ended = 0;
    if (w->predictor)
        predict(w);
    for (int lane = 0; lane < bf_lanes(w->e); lane++) {
        if ((bf_lane_running(w->e, lane) || bf_lane_diverged(w->e, lane)) && observe(w, lane)) {
            memcpy(w->ended + w->n_ended++ * size, w->results + (size_t)lane * size, size);
            bf_lane_stop(w->e, lane);
        }
        left += bf_lane_running(w->e, lane);
    }
    return left;
}

/* Observe, end and begin runs in every lane. `steps`: how far all may go on; 0: no run is left.
 * Where all must be at the same step, none begins before all have ended. */
static bf_status worker_step(worker *w, uint64_t *steps, bf_error *err) {
    const trials *t = w->q->t;
    const int lanes = bf_lanes(w->e);
    const bool open = clear_lanes(w) == 0 || !bf_in_step(w->e);
    bool busy = false;
    *steps = w->poll_interval;
    for (int lane = 0; lane < lanes; lane++) {
        uint64_t i;
        if (open && !bf_lane_running(w->e, lane) && trials_take(w->q, &i)) {
            bf_status s = begin(w, lane, i, err);
            if (s != BF_OK)
                return s;
        }
        if (bf_lane_running(w->e, lane)) {
            const uint64_t left = t->stops[w->stops[lane]] - bf_lane_step(w->e, lane);
            *steps = left < *steps ? left : *steps;
            busy = true;
        }
    }
    if (!busy)
        *steps = 0;
    return busy && limits_interrupted(t->limits) ? bf_fail(err, BF_EINTERRUPTED, "interrupted")
                                                 : BF_OK;
}

/* Trials side by side, one in each lane. */
static void work(worker *w) {
    for (uint64_t steps = 1; steps > 0 && status_of(w->q) == BF_OK;) {
        bf_error err;
        bf_status s = worker_step(w, &steps, &err);
#pragma omp critical(trials)
        deliver(w->q, w->ended, w->n_ended, s, &err);
        const time_t began = time(NULL);
        if (s == BF_OK && steps > 0)
            bf_train(w->e, steps);
        if (time(NULL) > began + 1 && w->poll_interval > 1)
            w->poll_interval /= 2;
    }
}

/* Trials one after the other. */
static void work_alone(worker *w) {
    const trials *t = w->q->t;
    for (uint64_t i; status_of(w->q) == BF_OK && trials_take(w->q, &i);) {
        bf_error err;
        memset(w->ended, 0, t->result_size);
        bf_status s = t->alone(t->context, i, w->e, w->ended, &err);
#pragma omp critical(trials)
        deliver(w->q, w->ended, s == BF_OK, s, &err);
    }
}

bf_status trials_give(trials_queue *q, const void *results, size_t n, bf_error *err) {
    bf_status s = BF_OK;
#pragma omp critical(trials)
    if (n > 0)
        s = keep(q, results, n, err);
    return s;
}

bool trials_go_on(trials_queue *q, bf_status *s, bf_error *err) {
    if (status_of(q) != BF_OK)
        return false;
    if (limits_interrupted(q->t->limits))
        *s = bf_fail(err, BF_EINTERRUPTED, "interrupted");
    return *s == BF_OK;
}

/* One thread: side by side, one after the other, or as the caller does. */
static bf_status work_thread(trials_queue *q, bf_error *err) {
    if (q->t->thread)
        return q->t->thread(q->t->context, q, err);
    worker w;
    bf_status s = new_worker(&w, q, err);
    if (s == BF_OK && q->t->alone)
        work_alone(&w);
    else if (s == BF_OK)
        work(&w);
    free_worker(&w);
    return s;
}

bf_status trials_run(const trials *t, bf_error *err) {
    trials_queue q = {.t = t, .delivered = time(NULL), .err = err};
    bf_error own;
    if (t->n == 0)
        return BF_OK;
#pragma omp parallel num_threads(limits_threads(t->limits)) private(own)
    {
        const bf_status s = work_thread(&q, &own);
#pragma omp critical(trials)
        set_status(&q, s, &own);
        bf_thread_end();
    }
    const bf_status s = flush(&q, &own);
    set_status(&q, s, &own);
    if (q.status == BF_OK && q.next < t->n)
        q.status = bf_fail(err, BF_INCONCLUSIVE, "out of time");
    free(q.waiting);
    return q.status;
}
