/* SPDX-License-Identifier: MIT */
/* subspace.c - subspaces that symmetries of a network fix. */
#include "experiment/subspace.h"

#include "experiment/neurons.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names -------------------------------------------------------------------------------- */

typedef struct neuron {
    uint64_t layer, unit; /* layer UINT64_MAX: the first */
} neuron;

typedef struct parsed {
    int sign; /* of S */
    unsigned n;
    neuron neurons[2];
} parsed;

static const struct {
    const char *text;
    parsed is;
} kinds[] = {
    {"vanished:", {-1, 1, {{0}}}},
    {"equal:", {1, 2, {{0}}}},
    {"opposite:", {-1, 2, {{0}}}},
    {"P+", {1, 2, {{UINT64_MAX, 0}, {UINT64_MAX, 1}}}},
    {"P-", {-1, 2, {{UINT64_MAX, 0}, {UINT64_MAX, 1}}}},
    {"none", {1, 0, {{0}}}},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds, MOST = 65536 };

/* A number below MOST, written as printf would; returns what follows it, or NULL. */
static const char *read_number(const char *text, uint64_t *out) {
    const size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 5 || (n > 1 && *text == '0'))
        return NULL;
    *out = strtoul(text, NULL, 10);
    return *out < MOST ? text + n : NULL;
}

static const char *read_neuron(const char *text, neuron *out) {
    text = read_number(text, &out->layer);
    return text && *text == '.' ? read_number(text + 1, &out->unit) : NULL;
}

static bool parse(const char *name, parsed *out) {
    for (size_t k = 0; k < N_KINDS; k++) {
        const size_t length = strlen(kinds[k].text);
        const bool open = kinds[k].text[length - 1] == ':';
        if (strncmp(name, kinds[k].text, length) != 0 || (!open && name[length] != '\0'))
            continue;
        *out = kinds[k].is;
        if (!open)
            return true;
        const char *at = read_neuron(name + length, &out->neurons[0]);
        if (at && out->n == 2)
            at = *at == '+' ? read_neuron(at + 1, &out->neurons[1]) : NULL;
        const neuron *a = &out->neurons[0], *b = &out->neurons[1];
        return at && *at == '\0' && (out->n == 1 || (a->layer == b->layer && a->unit != b->unit));
    }
    return false;
}

bool subspace_known(const char *name) {
    parsed unused;
    return parse(name, &unused);
}

/* ---- symmetries --------------------------------------------------------------------------- */

static void pair(subspace *s, size_t i, size_t j, int sign) {
    s->image[i] = j;
    s->image[j] = i;
    s->sign[i] = s->sign[j] = (signed char)sign;
}

/* S exchanges what is neuron a's and b's own, times the sign; a may be b. */
static void exchange(subspace *s, const neurons *n, size_t a, size_t b, int sign) {
    const size_t units = (size_t)n->in->rows, inputs = (size_t)n->in->columns,
                 columns = (size_t)n->out->columns;
    for (size_t c = 0; c < inputs; c++)
        pair(s, n->in->offset + a * inputs + c, n->in->offset + b * inputs + c, sign);
    if (n->bias)
        pair(s, n->bias->offset + a, n->bias->offset + b, sign);
    for (size_t r = 0; r < (size_t)n->out->rows; r++)
        for (size_t c = 0; c < columns; c += units)
            pair(s, n->out->offset + r * columns + c + a, n->out->offset + r * columns + c + b,
                 sign);
}

static uint64_t layer_of(const neurons *n) {
    return strtoul(n->in->name, NULL, 10);
}

static bf_status not_hidden(const char *name, const char *field, uint64_t layer,
                            const bf_ensemble *e, bf_error *err) {
    char list[200] = "";
    size_t length = 0;
    neurons n;
    for (size_t i = 0; neurons_at(e, i, &n) && length < sizeof list - 24; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%" PRIu64,
                                   i > 0 ? ", " : "", layer_of(&n));
    return bf_fail(err, BF_EINPUT,
                   "%s is %.60s, but layer %" PRIu64
                   " is no hidden dense or conv layer; expected one of these: %s",
                   field, name, layer, length > 0 ? list : "the model has none");
}

/* The hidden layer that the name means. */
static bf_status find_layer(const char *name, const char *field, const parsed *p,
                            const bf_ensemble *e, neurons *out, bf_error *err) {
    const uint64_t wanted = p->neurons[0].layer,
                   most = p->n == 2 && p->neurons[1].unit > p->neurons[0].unit ? p->neurons[1].unit
                                                                               : p->neurons[0].unit;
    bool found = false;
    for (size_t i = 0; !found && neurons_at(e, i, out); i++)
        found = wanted == UINT64_MAX || layer_of(out) == wanted;
    if (!found && wanted == UINT64_MAX)
        return bf_fail(err, BF_EINPUT,
                       "%s is %.60s, but the model has no hidden layer; expected another, or none",
                       field, name);
    if (!found)
        return not_hidden(name, field, wanted, e, err);
    if (most >= (uint64_t)out->in->rows)
        return bf_fail(err, BF_EINPUT,
                       "%s is %.60s, but the neurons of layer %" PRIu64
                       " are %d; expected numbers below that, from 0",
                       field, name, layer_of(out), out->in->rows);
    if (!neurons_follow(out))
        return bf_fail(
            err, BF_EINPUT,
            "%s is %.60s, but %s does not take the %d outputs of %s; expected a dense or conv layer after it",
            field, name, out->out->name, out->in->rows, out->in->name);
    return BF_OK;
}

bf_status subspace_new(subspace **out, const char *name, const char *field, const bf_ensemble *e,
                       bf_error *err) {
    parsed p;
    neurons at = {0};
    *out = NULL;
    if (!parse(name, &p))
        return bf_fail(err, BF_EINPUT, "%s is '%.60s'; expected " SUBSPACE_NAMES, field, name);
    bf_status status = p.n > 0 ? find_layer(name, field, &p, e, &at, err) : BF_OK;
    if (status != BF_OK)
        return status;
    subspace *s = calloc(1, sizeof *s);
    if (s) {
        s->n = bf_n_parameters(e);
        s->image = malloc(s->n * sizeof *s->image);
        s->sign = malloc(s->n);
    }
    if (!s || !s->image || !s->sign) {
        subspace_free(s);
        return bf_no_memory(err);
    }
    for (size_t i = 0; i < s->n; i++)
        pair(s, i, i, 1);
    if (p.n > 0)
        exchange(s, &at, p.neurons[0].unit, p.neurons[p.n - 1].unit, p.sign);
    *out = s;
    return BF_OK;
}

bf_status subspace_extend(subspace *s, size_t state, bf_error *err) {
    const size_t parameters = s->n;
    size_t *image = realloc(s->image, state * sizeof *image);
    s->image = image ? image : s->image;
    signed char *sign = realloc(s->sign, state);
    s->sign = sign ? sign : s->sign;
    if (!image || !sign)
        return bf_no_memory(err);
    for (size_t i = parameters; i < state; i++) {
        image[i] = image[i - parameters] + parameters;
        sign[i] = i < 2 * parameters ? sign[i - parameters] : 1;
    }
    s->n = state;
    return BF_OK;
}

void subspace_free(subspace *s) {
    if (!s)
        return;
    free(s->image);
    free(s->sign);
    free(s);
}

bool subspace_binds(const subspace *s, size_t i) {
    return s->image[i] > i || (s->image[i] == i && s->sign[i] < 0);
}

size_t subspace_across(const subspace *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += subspace_binds(s, i);
    return n;
}

void subspace_project(const subspace *s, bool across, double *theta) {
    for (size_t i = 0; i < s->n; i++) {
        const size_t j = s->image[i];
        if (j < i)
            continue;
        const double image = s->sign[i] * theta[j], a = theta[i],
                     half = (across ? a - image : a + image) / 2;
        theta[i] = half;
        if (j > i)
            theta[j] = across ? -s->sign[i] * half : s->sign[i] * half;
    }
}

bool subspace_maps(const subspace *s, size_t n, const bf_format *f, const uint8_t *a,
                   const uint8_t *b) {
    bool so = true;
    for (size_t i = 0; i < n && so; i++) {
        const double image = s->sign[i] * bf_to_double(f, a + i * f->bytes),
                     found = bf_to_double(f, b + s->image[i] * f->bytes);
        so = image == found || (isnan(image) && isnan(found));
    }
    return so;
}

void subspace_image(const subspace *s, size_t n, const uint8_t *theta, uint8_t *out) {
    for (size_t i = 0; i < n; i++) {
        uint8_t *to = out + 8 * s->image[i];
        memcpy(to, theta + 8 * i, 8);
        if (s->sign[i] < 0)
            to[7] ^= 0x80; /* the sign */
    }
}
