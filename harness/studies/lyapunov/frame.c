/* SPDX-License-Identifier: MIT */
/* frame.c - frames of tangents: projected onto their subspace and orthonormalised. */
#include "studies/lyapunov/worker.h"

#include <math.h>
#include <string.h>

double lyapunov_dot(const double *a, const double *b, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

void lyapunov_orthonormalise(size_t count, size_t n, double *v, double *logs) {
    for (size_t i = 0; i < count; i++) {
        double *row = v + i * n;
        for (size_t j = 0; j < i; j++) {
            const double *done = v + j * n, along = lyapunov_dot(row, done, n);
            for (size_t c = 0; c < n; c++)
                row[c] -= along * done[c];
        }
        const double length = sqrt(lyapunov_dot(row, row, n));
        for (size_t c = 0; c < n; c++)
            row[c] = length > 0 ? row[c] / length : 0;
        logs[i] += log(length);
    }
}

/* A tangent, which began with length 1, onto the block. Returns what this takes off, relative to
 * the longer of its lengths then and now: of a tangent that shrinks, rounding leaves what was
 * rounded when it was long. */
static double project(lyapunov_worker *w, const lyapunov_block *b, double *v) {
    const size_t n = w->p->state;
    if (b->sign == 0)
        return 0;
    const double length = fmax(1, sqrt(lyapunov_dot(v, v, n)));
    memcpy(w->tangent, v, n * sizeof *v);
    subspace_project(w->p->within, b->sign < 0, v);
    for (size_t i = 0; i < n; i++)
        w->tangent[i] -= v[i];
    return sqrt(lyapunov_dot(w->tangent, w->tangent, n)) / length;
}

/* w->frame, orthonormalised, into the slot's lanes; adds to its sums. */
static void put_frame(lyapunov_worker *w, lyapunov_slot *at, const lyapunov_block *b) {
    const size_t n = w->p->state;
    lyapunov_orthonormalise(b->count, n, w->frame, at->sums + b->at);
    for (size_t r = 0; r < b->count; r++) {
        int lane;
        bf_ensemble *e = lyapunov_lane(w, at, b->at + r, &lane);
        bf_lane_put_tangent(e, lane, w->frame + r * n);
    }
}

void lyapunov_frame_begin(lyapunov_worker *w, lyapunov_slot *at, const lyapunov_block *b) {
    const lyapunov_plan *p = w->p;
    const unsigned number = (unsigned)(b - p->blocks);
    for (size_t r = 0; r < b->count; r++) {
        double *v = w->frame + r * p->state;
        for (size_t i = 0; i < p->state; i++) {
            const uint64_t random = bf_random(p->x->seed, BF_STREAM_TANGENT, at->t->index,
                                              (uint32_t)(r * p->state + i), number);
            /* one draw for two numbers that S exchanges: alike whatever its sign */
            v[i] = b->sign != 0 && p->within->image[i] < i ? 0 : (double)(int64_t)random * 0x1p-63;
        }
        project(w, b, v);
    }
    put_frame(w, at, b);
}

void lyapunov_frame_advance(lyapunov_worker *w, lyapunov_slot *at, const lyapunov_block *b) {
    for (size_t r = 0; r < b->count; r++) {
        int lane;
        const bf_ensemble *e = lyapunov_lane(w, at, b->at + r, &lane);
        double *v = w->frame + r * w->p->state;
        bf_lane_tangent(e, lane, v);
        at->t->mixing = fmax(at->t->mixing, project(w, b, v));
    }
    put_frame(w, at, b);
}
