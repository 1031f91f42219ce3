/* SPDX-License-Identifier: MIT */
/* neurons.h - hidden neurons of a model whose dense and conv layers follow one another, and which
 * parameters are theirs.
 *
 * A neuron of such a layer is a unit or a channel. Its own are a row of the layer's weight, its
 * bias, and what the next layer takes from it: a column, or one in every place of a window or of
 * what was flattened.
 */
#ifndef NEURONS_H
#define NEURONS_H

#include "bitfate.h"

typedef struct neurons {
    const bf_tensor *in, *bias, *out; /* of `out` the columns; bias: NULL without */
} neurons;

/* The i-th hidden layer, from 0. Returns false when there are not so many. */
bool neurons_at(const bf_ensemble *e, size_t i, neurons *out);

/* Whether every neuron has as many places among the next layer's inputs. */
bool neurons_follow(const neurons *n);

#endif
