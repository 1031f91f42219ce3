/* SPDX-License-Identifier: MIT */
/* neurons.c - hidden neurons and their parameters. */
#include "experiment/neurons.h"

#include <string.h>

/* Length of the layer's number, when the tensor has this role in it; else 0. */
static size_t number_of(const bf_tensor *t, const char *role) {
    const size_t number = strcspn(t->name, ".");
    return t->name[number] == '.' && strcmp(t->name + number + 1, role) == 0 ? number : 0;
}

/* The i-th weight tensor; NULL: there are not so many. */
static const bf_tensor *weights(const bf_ensemble *e, size_t i) {
    for (size_t j = 0; j < bf_n_tensors(e); j++)
        if (number_of(bf_tensor_at(e, j), "weight") > 0 && i-- == 0)
            return bf_tensor_at(e, j);
    return NULL;
}

static const bf_tensor *bias_of(const bf_ensemble *e, const bf_tensor *weight) {
    const size_t number = number_of(weight, "weight");
    for (size_t j = 0; j < bf_n_tensors(e); j++) {
        const bf_tensor *t = bf_tensor_at(e, j);
        if (number_of(t, "bias") == number && memcmp(t->name, weight->name, number) == 0)
            return t;
    }
    return NULL;
}

bool neurons_at(const bf_ensemble *e, size_t i, neurons *out) {
    const bf_tensor *in = weights(e, i), *next = weights(e, i + 1);
    if (!in || !next)
        return false;
    *out = (neurons){in, bias_of(e, in), next};
    return true;
}

bool neurons_follow(const neurons *n) {
    return n->out->columns % n->in->rows == 0;
}
