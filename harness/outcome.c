/* SPDX-License-Identifier: MIT */
/* outcome.c - rules that label runs: one function and one line each. */
#include "outcome.h"

#include <math.h>
#include <string.h>

/* ---- planes: the nearer of the minimal model's invariant planes --------------------------- */

static bf_status planes_check(const experiment *x, size_t n, bf_error *err) {
    double within;
    if (n != 4)
        return bf_fail(err, BF_EINPUT,
                       "outcome.rule planes is for the minimal model of 4 "
                       "parameters (w1, w2, v1, v2); this model has %zu (rule: sign is for any)",
                       n);
    return bf_number_double(x->outcome.within, &within, err);
}

/* Distances from P+ = {w1 = w2, v1 = v2} and P- = {w1 = -w2, v1 = -v2}, times sqrt(2). */
static void planes_distances(const bf_format *f, const uint8_t *theta, double *plus,
                             double *minus) {
    double t[4];
    for (size_t i = 0; i < 4; i++)
        t[i] = bf_to_double(f, theta + i * f->bytes);
    const double p1 = t[0] - t[1], p2 = t[2] - t[3], m1 = t[0] + t[1], m2 = t[2] + t[3];
    *plus = sqrt(p1 * p1 + p2 * p2);
    *minus = sqrt(m1 * m1 + m2 * m2);
}

double outcome_distance(const bf_format *f, const uint8_t *theta) {
    double plus, minus;
    planes_distances(f, theta, &plus, &minus);
    return plus < minus ? plus : minus;
}

static void planes_label(const experiment *x, const bf_format *f, size_t n, const uint8_t *theta,
                         char *label) {
    (void)n;
    double within = 0, plus, minus;
    if (bf_number_double(x->outcome.within, &within, NULL) != BF_OK)
        within = 0; /* planes_check has refused it */
    planes_distances(f, theta, &plus, &minus);
    strcpy(label, plus < within && plus < minus    ? "P+"
                  : minus < within && minus < plus ? "P-"
                                                   : "other");
}

/* ---- sign: which of the copies that differ by signs --------------------------------------- */

static bf_status sign_check(const experiment *x, size_t n, bf_error *err) {
    (void)x, (void)n, (void)err;
    return BF_OK;
}

/* The signs of the parameters; of a model with many, their hash. */
static void sign_label(const experiment *x, const bf_format *f, size_t n, const uint8_t *theta,
                       char *label) {
    (void)x;
    enum { SHOWN = 32 };
    bf_hash h = {{0}};
    for (size_t i = 0; i < n; i++) {
        const double t = bf_to_double(f, theta + i * f->bytes);
        const char sign = t > 0 ? '+' : t < 0 ? '-' : '0';
        if (i < SHOWN)
            label[i] = sign;
        h.bytes[15] = (uint8_t)sign;
        h = bf_hash_of(&h, sizeof h);
    }
    if (n <= SHOWN) {
        label[n] = '\0';
        return;
    }
    char text[33];
    bf_hash_text(&h, text);
    snprintf(label, OUTCOME_SIZE, "sign:%.12s", text);
}

static const struct {
    const char *name, *summary;
    bf_status (*check)(const experiment *x, size_t n, bf_error *err);
    void (*label)(const experiment *x, const bf_format *f, size_t n, const uint8_t *theta,
                  char *label);
} rules[] = {
    {"planes", "P+ or P-: the nearer invariant plane of the minimal model, if within a distance",
     planes_check, planes_label},
    {"sign", "the signs of all parameters", sign_check, sign_label},
};
enum { N_RULES = sizeof rules / sizeof *rules };

const char *outcome_rule(size_t i, const char **summary) {
    if (i >= N_RULES)
        return NULL;
    if (summary)
        *summary = rules[i].summary;
    return rules[i].name;
}

static size_t rule_of(const experiment *x) {
    size_t i = 0;
    while (i < N_RULES && strcmp(rules[i].name, x->outcome.rule) != 0)
        i++;
    return i;
}

bf_status outcome_check(const experiment *x, size_t n, bf_error *err) {
    size_t i = rule_of(x);
    if (i == N_RULES)
        return bf_fail(err, BF_EINPUT, "unknown outcome rule '%.40s'", x->outcome.rule);
    return rules[i].check(x, n, err);
}

void outcome_label(const experiment *x, const bf_format *f, size_t n, const uint8_t *theta,
                   bool diverged, char label[OUTCOME_SIZE]) {
    if (diverged) {
        strcpy(label, "inf");
        return;
    }
    rules[rule_of(x)].label(x, f, n, theta, label);
}
