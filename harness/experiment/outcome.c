/* SPDX-License-Identifier: MIT */
/* outcome.c - rules that label runs: one function and one line each. */
#include "experiment/outcome.h"

#include "experiment/neurons.h"

#include <math.h>
#include <string.h>

/* ---- planes: the nearer of the minimal model's invariant planes --------------------------- */

static bf_status planes_check(const experiment *x, const bf_ensemble *e, bf_error *err) {
    const size_t n = bf_n_parameters(e);
    double tolerance;
    if (n != 4)
        return bf_fail(err, BF_EINPUT,
                       "outcome.rule planes is for the minimal model of 4 "
                       "parameters (w1, w2, v1, v2); this model has %zu (rule: sign is for any)",
                       n);
    return bf_number_double(x->outcome.within, &tolerance, err);
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

/* outcome.within; the check has refused what is no number. */
static double tolerance_of(const experiment *x) {
    double tolerance = 0;
    return bf_number_double(x->outcome.within, &tolerance, NULL) == BF_OK ? tolerance : 0;
}

static void planes_label(const experiment *x, const bf_ensemble *e, const uint8_t *theta,
                         char *label) {
    double tolerance = tolerance_of(x), plus, minus;
    planes_distances(bf_ensemble_format(e), theta, &plus, &minus);
    strcpy(label, plus < tolerance && plus < minus    ? "P+"
                  : minus < tolerance && minus < plus ? "P-"
                                                      : "other");
}

/* ---- sign: which of the copies that differ by signs --------------------------------------- */

static bf_status sign_check(const experiment *x, const bf_ensemble *e, bf_error *err) {
    (void)x, (void)e, (void)err;
    return BF_OK;
}

/* The signs of the parameters; of a model with many, their hash. */
static void sign_label(const experiment *x, const bf_ensemble *e, const uint8_t *theta,
                       char *label) {
    (void)x;
    enum { SHOWN = 32 };
    const bf_format *f = bf_ensemble_format(e);
    const size_t n = bf_n_parameters(e);
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

/* ---- vanished: which hidden neurons are zero ----------------------------------------------- */

static bf_status vanished_check(const experiment *x, const bf_ensemble *e, bf_error *err) {
    double tolerance;
    neurons n;
    size_t i = 0;
    for (; neurons_at(e, i, &n); i++)
        if (!neurons_follow(&n))
            return bf_fail(err, BF_EINPUT,
                           "outcome.rule vanished: %s does not take the %d outputs of %s; expected "
                           "dense and conv layers one after the other",
                           n.out->name, n.in->rows, n.in->name);
    if (i == 0)
        return bf_fail(
            err, BF_EINPUT,
            "outcome.rule vanished is for models with a hidden layer; this one has none");
    return bf_number_double(x->outcome.within, &tolerance, err);
}

/* The square of the larger norm of neuron i's weights: those it has in `in`, and those it has among
 * the inputs of `out`. */
static double neuron_norm2(const bf_format *f, const uint8_t *theta, const neurons *n, int i) {
    const bf_tensor *in = n->in, *out = n->out;
    double before = 0, after = 0;
    for (int j = 0; j < in->columns; j++) {
        const size_t at = in->offset + (size_t)i * (size_t)in->columns + (size_t)j;
        const double w = bf_to_double(f, theta + at * f->bytes);
        before += w * w;
    }
    for (int r = 0; r < out->rows; r++)
        for (int j = i; j < out->columns; j += in->rows) {
            const size_t at = out->offset + (size_t)r * (size_t)out->columns + (size_t)j;
            const double w = bf_to_double(f, theta + at * f->bytes);
            after += w * w;
        }
    return before > after ? before : after;
}

/* One hexadecimal number for every hidden layer, whose bit i is neuron i: 3f.00.21. When that is
 * too long, how many vanished, and the hash of it. */
static void vanished_label(const experiment *x, const bf_ensemble *e, const uint8_t *theta,
                           char *label) {
    static const char digits[] = "0123456789abcdef";
    const double tolerance = tolerance_of(x);
    const bf_format *f = bf_ensemble_format(e);
    size_t length = 0, all = 0, vanished = 0;
    bf_hash h = {{0}};
    neurons n;
    for (size_t l = 0; neurons_at(e, l, &n); l++) {
        const int words = (n.in->rows + 3) / 4;
        if (l > 0 && length < OUTCOME_SIZE)
            label[length++] = '.';
        for (int w = words; w-- > 0;) {
            int digit = 0;
            for (int i = 4 * w; i < 4 * w + 4 && i < n.in->rows; i++)
                if (neuron_norm2(f, theta, &n, i) < tolerance * tolerance) {
                    digit |= 1 << i % 4;
                    vanished++;
                }
            h.bytes[15] = (uint8_t)digits[digit];
            h = bf_hash_of(&h, sizeof h);
            if (length < OUTCOME_SIZE)
                label[length++] = digits[digit];
        }
        all += (size_t)n.in->rows;
    }
    if (vanished == all) {
        strcpy(label, "origin");
    } else if (length < OUTCOME_SIZE) {
        label[length] = '\0';
    } else {
        char text[33];
        bf_hash_text(&h, text);
        snprintf(label, OUTCOME_SIZE, "%zu:%.12s", vanished, text);
    }
}

static const struct {
    const char *name, *summary;
    bf_status (*check)(const experiment *x, const bf_ensemble *e, bf_error *err);
    void (*label)(const experiment *x, const bf_ensemble *e, const uint8_t *theta, char *label);
} rules[] = {
    {"planes", "P+ or P-: the nearer invariant plane of the minimal model, if within a distance",
     planes_check, planes_label},
    {"sign", "the signs of all parameters", sign_check, sign_label},
    {"vanished", "which hidden neurons have all of their weights within a distance of zero",
     vanished_check, vanished_label},
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

bf_status outcome_check(const experiment *x, const bf_ensemble *e, bf_error *err) {
    size_t i = rule_of(x);
    if (i == N_RULES)
        return bf_fail(err, BF_EINPUT, "unknown outcome rule '%.40s'", x->outcome.rule);
    return rules[i].check(x, e, err);
}

void outcome_label(const experiment *x, const bf_ensemble *e, const uint8_t *theta, bool diverged,
                   char label[OUTCOME_SIZE]) {
    if (diverged)
        strcpy(label, "inf");
    else
        rules[rule_of(x)].label(x, e, theta, label);
}
