/* SPDX-License-Identifier: MIT */
/* ensemble.c - runs in lanes: the part of an ensemble that no arithmetic changes. */
#include "net/plan.h"
#include "num/environment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether this build and this thread keep IEEE 754, as far as a few operations tell: subnormals,
 * ties to even, fma, and no algebra behind the program's back. */
static bool keeps_ieee(void) {
    const environment found = environment_enter();
    volatile double tiny = 0x1p-1074, least = 0x1p-1022, one = 1, half_ulp = 0x1p-53,
                    huge = 0x1p1023;
    volatile float tiny_f = 0x1p-149F, one_f = 1, half_ulp_f = 0x1p-24F;
    volatile double a = 1 + 0x1p-30, product = a * a;
    volatile double nan = huge * 2 - huge * 2;
    bool good = tiny + tiny == 0x1p-1073 && least / 2 == 0x1p-1023 && one + half_ulp == 1 &&
                (one + half_ulp) - one == 0 && tiny_f + tiny_f == 0x1p-148F &&
                one_f + half_ulp_f == 1 && fma(a, a, -product) == 0x1p-60 && nan != nan;
    environment_leave(found);
    return good;
}

bf_status bf_ensemble_new(bf_ensemble **out, const bf_arithmetic *a, const bf_problem *problem,
                          bf_error *err) {
    *out = NULL;
    if (a->strict && !keeps_ieee())
        return bf_fail(err, BF_EMACHINE,
                       "this build does not keep IEEE 754 arithmetic (compiled with -ffast-math?)");
    plan *p;
    bf_status s = bf_plan_new(&p, problem, err);
    if (s != BF_OK)
        return s;
    bf_ensemble *e = NULL;
    s = a->table->create(&e, a, p, err);
    if (s != BF_OK) {
        bf_plan_free(p);
        return s;
    }
    e->ops = a->table;
    e->tangents = a->tangents;
    e->plan = p;
    e->format = a->format;
    const size_t lanes = (size_t)e->ops->lanes, bytes = p->n_parameters * e->format.bytes;
    e->lanes = calloc(lanes, sizeof *e->lanes);
    uint8_t *theta = malloc(lanes * bytes);
    if (!e->lanes || !theta) {
        free(theta);
        bf_ensemble_free(e);
        return bf_no_memory(err);
    }
    for (size_t i = 0; i < lanes; i++)
        e->lanes[i].theta = theta + i * bytes;
    for (int i = 0; i < e->ops->lanes; i++)
        e->ops->set(e, i, NULL);
    *out = e;
    return BF_OK;
}

void bf_ensemble_free(bf_ensemble *e) {
    if (!e)
        return;
    if (e->lanes)
        free(e->lanes[0].theta);
    free(e->lanes);
    free(e->block);
    bf_plan_free(e->plan);
    e->ops->destroy(e);
}

int bf_lanes(const bf_ensemble *e) {
    return e->ops->lanes;
}

size_t bf_n_parameters(const bf_ensemble *e) {
    return e->plan->n_parameters;
}

size_t bf_n_tensors(const bf_ensemble *e) {
    return e->plan->n_tensors;
}

const bf_tensor *bf_tensor_at(const bf_ensemble *e, size_t i) {
    return &e->plan->tensors[i];
}

const bf_format *bf_ensemble_format(const bf_ensemble *e) {
    return &e->format;
}

void bf_lane_start(bf_ensemble *e, int i, const uint8_t *theta) {
    lane_state *l = &e->lanes[i];
    bool alone = true;
    for (int j = 0; j < e->ops->lanes; j++)
        alone &= !e->lanes[j].running;
    if (alone)
        e->began = e->clock;
    assert(!e->plan->in_step || e->began == e->clock);
    l->started = e->clock;
    l->run = 0;
    l->running = true;
    l->diverged = false;
    e->ops->set(e, i, theta);
}

void bf_lane_set_run(bf_ensemble *e, int i, uint64_t run) {
    e->lanes[i].run = run;
}

void bf_lane_stop(bf_ensemble *e, int i) {
    e->lanes[i].running = e->lanes[i].diverged = false;
    e->ops->set(e, i, NULL);
}

void bf_lane_theta(const bf_ensemble *e, int i, uint8_t *theta) {
    const lane_state *l = &e->lanes[i];
    if (l->diverged)
        memcpy(theta, l->theta, e->plan->n_parameters * e->format.bytes);
    else
        e->ops->get(e, i, theta);
}

uint64_t bf_lane_step(const bf_ensemble *e, int i) {
    const lane_state *l = &e->lanes[i];
    return (l->diverged ? l->ended : e->clock) - l->started;
}

bool bf_lane_diverged(const bf_ensemble *e, int i) {
    return e->lanes[i].diverged;
}

bool bf_lane_running(const bf_ensemble *e, int i) {
    return e->lanes[i].running;
}

void bf_gradient(bf_ensemble *e) {
    e->ops->gradient(e);
}

void bf_forward(bf_ensemble *e, size_t first) {
    e->ops->forward(e, first);
}

void bf_lane_output(const bf_ensemble *e, int i, uint8_t *output) {
    e->ops->output(e, i, output);
}

size_t bf_batch(const bf_ensemble *e) {
    return e->plan->batch;
}

bool bf_in_step(const bf_ensemble *e) {
    return e->plan->in_step;
}

void bf_lane_loss(const bf_ensemble *e, int i, uint8_t *loss) {
    e->ops->loss(e, i, loss);
}

bool bf_update(bf_ensemble *e) {
    uint8_t beyond[MAX_LANES] = {0};
    bool any = false;
    bool suspect = e->ops->update(e, beyond);
    e->clock++;
    if (!suspect)
        return false;
    for (int i = 0; i < e->ops->lanes; i++) {
        if (!beyond[i])
            continue;
        lane_state *l = &e->lanes[i];
        if (l->running) {
            e->ops->get(e, i, l->theta);
            l->running = false;
            l->diverged = true;
            l->ended = e->clock;
            any = true;
        }
        e->ops->set(e, i, NULL); /* an idle lane computes with zeros */
    }
    return any;
}

uint64_t bf_train(bf_ensemble *e, uint64_t n) {
    for (uint64_t done = 0; done < n;) {
        bf_gradient(e);
        done++;
        if (bf_update(e))
            return done;
    }
    return n;
}

bf_status bf_observe(bf_ensemble *e, int lane, bf_observer observer, void *context, bf_error *err) {
    if (!e->block && !(e->block = malloc(BF_BLOCK * e->format.bytes)))
        return bf_no_memory(err);
    e->observer = observer;
    e->observer_context = context;
    e->observed = lane;
    return BF_OK;
}

size_t bf_n_states(const bf_ensemble *e) {
    return e->plan->n_parameters * (1 + e->plan->n_states);
}

void bf_lane_put_tangent(bf_ensemble *e, int i, const double *tangent) {
    e->tangents->put(e, i, tangent);
}

void bf_lane_tangent(const bf_ensemble *e, int i, double *tangent) {
    e->tangents->get(e, i, tangent);
}
