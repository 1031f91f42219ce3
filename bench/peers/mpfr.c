/* SPDX-License-Identifier: MIT */
/* mpfr.c - the minimal model at 256 bits as one writes it with MPFR by hand: the same operations in
 * the same order as doc/numerics.md has them, and so the same bits. */
#include "peer.h"
#include "minimal.h"

#include <mpfr.h>

enum { BITS = 256 };
#define R MPFR_RNDN

typedef struct network {
    mpfr_t w[2], v[2], gw[2], gv[2];
    mpfr_t x[SAMPLES], y[SAMPLES], h[SAMPLES][2], f[SAMPLES], d[SAMPLES];
    mpfr_t loss, one, minus_rate, gain, scale, two_over_n, t, u;
} network;

static void step(network *s) {
    for (int n = 0; n < SAMPLES; n++) {
        for (int i = 0; i < 2; i++) {
            mpfr_mul(s->t, s->x[n], s->w[i], R);
            mpfr_mul(s->t, s->t, s->gain, R);
            mpfr_tanh(s->h[n][i], s->t, R);
        }
        mpfr_mul(s->f[n], s->h[n][0], s->v[0], R);
        mpfr_fma(s->f[n], s->h[n][1], s->v[1], s->f[n], R);
        mpfr_mul(s->f[n], s->f[n], s->scale, R);
    }
    mpfr_set_zero(s->loss, 1);
    for (int n = 0; n < SAMPLES; n++) {
        mpfr_sub(s->d[n], s->f[n], s->y[n], R);
        mpfr_fma(s->loss, s->d[n], s->d[n], s->loss, R);
        mpfr_mul(s->d[n], s->d[n], s->two_over_n, R);
        mpfr_mul(s->d[n], s->d[n], s->scale, R);
    }
    mpfr_div_ui(s->loss, s->loss, SAMPLES, R);
    for (int i = 0; i < 2; i++) {
        mpfr_set_zero(s->gv[i], 1);
        mpfr_set_zero(s->gw[i], 1);
        for (int n = 0; n < SAMPLES; n++) {
            mpfr_fma(s->gv[i], s->d[n], s->h[n][i], s->gv[i], R);
            mpfr_neg(s->u, s->h[n][i], R);
            mpfr_fma(s->u, s->u, s->h[n][i], s->one, R);
            mpfr_mul(s->t, s->d[n], s->v[i], R);
            mpfr_mul(s->t, s->t, s->u, R);
            mpfr_mul(s->t, s->t, s->gain, R);
            mpfr_fma(s->gw[i], s->t, s->x[n], s->gw[i], R);
        }
    }
    for (int i = 0; i < 2; i++) {
        mpfr_fma(s->w[i], s->minus_rate, s->gw[i], s->w[i], R);
        mpfr_fma(s->v[i], s->minus_rate, s->gv[i], s->v[i], R);
    }
}

static void start(network *s) {
    static const char *const from[] = CHECKED_START;
    for (int i = 0; i < 2; i++) {
        mpfr_set_str(s->w[i], from[i], 10, R);
        mpfr_set_str(s->v[i], from[2 + i], 10, R);
    }
}

/* A run. */
static uint64_t work(void *state) {
    network *s = state;
    start(s);
    for (int i = 0; i < RUN; i++)
        step(s);
    return RUN;
}

int main(void) {
    static network s;
    mpfr_ptr numbers = (mpfr_ptr)&s;
    for (size_t i = 0; i < sizeof s / sizeof(mpfr_t); i++)
        mpfr_init2(numbers + i, BITS);
    for (int n = 0; n < SAMPLES; n++) {
        mpfr_set_d(s.x[n], minimal_x[n], R);
        mpfr_set_d(s.y[n], minimal_y[n], R);
    }
    mpfr_set_ui(s.one, 1, R);
    mpfr_set_d(s.minus_rate, -2.5, R);
    mpfr_sqrt_ui(s.gain, 2, R);
    mpfr_set_d(s.scale, 0.5, R);
    mpfr_set_d(s.two_over_n, 2.0 / SAMPLES, R);
    start(&s);
    for (int i = 0; i <= CHECKED_STEPS; i++)
        step(&s); /* the last one for the loss */
    const double loss = mpfr_get_d(s.loss, R);
    work(&s);
    peer_case c = {.work = work, .state = &s};
    mpfr_snprintf(c.about, sizeof c.about,
                  "{\"group\": \"mpfr:256\", \"name\": \"MPFR by hand\", \"loss\": %.17g, "
                  "\"theta\": [\"%.64Ra\", \"%.64Ra\", \"%.64Ra\", \"%.64Ra\"]}",
                  loss, s.w[0], s.w[1], s.v[0], s.v[1]);
    return peer_serve(&c, 1);
}
