/* SPDX-License-Identifier: MIT */
/* train_tmpl.c - the minimal model in REAL: forward, backward, update, for a batch of independent
 * networks. Networks are innermost, so that a compiler can vectorise every loop. Constants are
 * folded as one would by hand; the loss is not computed, as training does not need it. */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define IN(name) JOIN(name, REAL)

typedef struct IN(networks) {
    size_t batch;
    REAL *theta;  /* w1, w2, v1, v2, a row of `batch` each */
    REAL *starts; /* the same */
    REAL *h;      /* a row for each sample and neuron */
    REAL x[SAMPLES], y[SAMPLES];
} IN(networks);

static void IN(step)(const IN(networks) * s) {
    const size_t b = s->batch;
    REAL *restrict w0 = s->theta, *restrict w1 = w0 + b, *restrict v0 = w1 + b,
                   *restrict v1 = v0 + b, *restrict h = s->h;
    const REAL rate = (REAL)(2.5 / SAMPLES / 2);
    for (size_t n = 0; n < SAMPLES; n++) {
        const REAL x = s->x[n];
        REAL *restrict h0 = h + 2 * n * b, *restrict h1 = h0 + b;
        for (size_t i = 0; i < b; i++) {
            h0[i] = x * w0[i];
            h1[i] = x * w1[i];
        }
    }
    IN(tanh_all)(h, 2 * SAMPLES * b);
    for (size_t i = 0; i < b; i++) {
        REAL gw0 = 0, gw1 = 0, gv0 = 0, gv1 = 0;
#pragma GCC unroll 8
        for (size_t n = 0; n < SAMPLES; n++) {
            const REAL h0 = h[2 * n * b + i], h1 = h[(2 * n + 1) * b + i];
            const REAL r = h0 * v0[i] + h1 * v1[i] - s->y[n], rx = r * s->x[n]; /* r: doubled */
            gv0 += r * h0;
            gv1 += r * h1;
            gw0 += rx * (1 - h0 * h0);
            gw1 += rx * (1 - h1 * h1);
        }
        w0[i] -= rate * (gw0 * v0[i]);
        w1[i] -= rate * (gw1 * v1[i]);
        v0[i] -= rate * gv0;
        v1[i] -= rate * gv1;
    }
}

/* A run in every network; those that have diverged start again. */
static uint64_t IN(work)(void *state) {
    const IN(networks) *s = state;
    const size_t b = s->batch;
    memcpy(s->theta, s->starts, 4 * b * sizeof(REAL));
    for (int done = 0; done < RUN; done += 100) {
        for (int i = 0; i < 100; i++)
            IN(step)(s);
        for (size_t i = 0; i < b; i++)
            if (!(s->theta[i] * s->theta[i] + s->theta[b + i] * s->theta[b + i] < (REAL)1e12))
                for (size_t k = 0; k < 4; k++)
                    s->theta[k * b + i] = s->starts[k * b + i];
    }
    return (uint64_t)b * RUN;
}

static IN(networks) * IN(networks_of)(size_t batch) {
    IN(networks) *s = peer_memory(sizeof *s);
    s->batch = batch;
    s->theta = peer_memory(4 * batch * sizeof(REAL));
    s->starts = peer_memory(4 * batch * sizeof(REAL));
    s->h = peer_memory(2 * SAMPLES * batch * sizeof(REAL));
    for (int n = 0; n < SAMPLES; n++) {
        s->x[n] = (REAL)(sqrt(2) * minimal_x[n]);
        s->y[n] = (REAL)(2 * minimal_y[n]);
    }
    uint64_t random = 1;
    for (size_t i = 0; i < batch; i++) {
        /* at distance 1 from both invariant planes */
        const double a = 6.283185307179586 * peer_uniform(&random),
                     c = 6.283185307179586 * peer_uniform(&random);
        s->starts[i] = (REAL)((cos(a) + cos(c)) / 2);
        s->starts[batch + i] = (REAL)((cos(a) - cos(c)) / 2);
        s->starts[2 * batch + i] = (REAL)((sin(a) + sin(c)) / 2);
        s->starts[3 * batch + i] = (REAL)((sin(a) - sin(c)) / 2);
    }
    return s;
}

static void IN(networks_free)(IN(networks) * s) {
    free(s->theta);
    free(s->starts);
    free(s->h);
    free(s);
}

/* Loss of the last network, all having had the same start, after some steps. */
static double IN(checked_loss)(const IN(networks) * s) {
    static const char *const start[] = CHECKED_START;
    const size_t b = s->batch;
    for (size_t i = 0; i < 4 * b; i++)
        s->theta[i] = (REAL)strtod(start[i / b], NULL);
    for (int i = 0; i < CHECKED_STEPS; i++)
        IN(step)(s);
    double loss = 0;
    for (int n = 0; n < SAMPLES; n++) {
        double f = 0;
        for (size_t k = 0; k < 2; k++)
            f += 0.5 * (double)s->theta[(3 + k) * b - 1] *
                 tanh((double)s->x[n] * (double)s->theta[(1 + k) * b - 1]);
        loss += (f - minimal_y[n]) * (f - minimal_y[n]) / SAMPLES;
    }
    return loss;
}

/* The best batch among the powers of two. */
static peer_case IN(best)(const char *name, const char *group) {
    peer_case best = {.work = IN(work)};
    double best_rate = 0;
    for (size_t batch = 1; batch <= 2048; batch *= 2) {
        double spent;
        const peer_case c = {.work = IN(work), .state = IN(networks_of)(batch)};
        const uint64_t steps = peer_work(&c, 0.02, &spent);
        const double rate = (double)steps / spent;
        IN(networks) *worse = rate > best_rate ? best.state : c.state;
        if (rate > best_rate) {
            best_rate = rate;
            best.state = c.state;
        }
        if (worse)
            IN(networks_free)(worse);
    }
    const IN(networks) *s = best.state;
    snprintf(
        best.about, sizeof best.about,
        "{\"group\": \"%s\", \"name\": \"%s\", \"note\": \"%s\", \"batch\": %zu, \"loss\": %.17g}",
        group, name, peer_vector_library(), s->batch, IN(checked_loss)(s));
    return best;
}
