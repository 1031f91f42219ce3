/* SPDX-License-Identifier: MIT */
/* subspace.h - subspaces of the parameters that training keeps, because a symmetry of the network
 * fixes them.
 *
 * A symmetry S of the training (S F(x) = F(S x), S S = 1) keeps the states with S x = x among
 * themselves. S exchanges parameters or changes their signs. Directions with S v = v are within the
 * subspace (longitudinal), those with S v = -v across it (transverse). By name, a neuron being
 * LAYER.NEURON with the layer's number in its tensors' names, both from 0:
 *
 *   vanished:1.0     what is the neuron's own (neurons.h) is zero. Kept when the
 *                    activations up to the next layer are 0 at 0, a symmetry when they are odd
 *   equal:1.0+1.3    two neurons of a layer are equal in all that is their own
 *   opposite:1.0+1.3 they are each other's negatives in all of it; kept when the activation is odd
 *   P+, P-           equal, opposite: the first two neurons of the first layer
 *   none             all of the space
 */
#ifndef SUBSPACE_H
#define SUBSPACE_H

#include "bitfate.h"

typedef struct subspace {
    size_t n;          /* parameters; extended, numbers of the optimiser's state */
    size_t *image;     /* S takes number i to the place image[i], */
    signed char *sign; /* times sign[i], 1 or -1 */
} subspace;

#define SUBSPACE_NAMES "vanished:LAYER.NEURON, equal: or opposite:LAYER.NEURON+LAYER.NEURON, P+, P-"

/* Whether it is a name, of any model. */
bool subspace_known(const char *name);
/* BF_EINPUT when the model has no such neurons; `field` is where the name comes from. */
BF_MUST_CHECK bf_status subspace_new(subspace **out, const char *name, const char *field,
                                     const bf_ensemble *e, bf_error *err);
/* From the parameters to a state of so many numbers (bf_n_states): velocities and first moments are
 * changed like the parameters, second moments, being of squares, exchanged only. BF_EMACHINE. */
BF_MUST_CHECK bf_status subspace_extend(subspace *s, size_t state, bf_error *err);
void subspace_free(subspace *s);

/* Whether being in the subspace asks something of parameter i that it has not of an earlier one:
 * theta[image[i]] = sign[i] theta[i], where that is not always so. */
bool subspace_binds(const subspace *s, size_t i);
/* Dimensions across the subspace: how many parameters are bound. */
size_t subspace_across(const subspace *s);

/* theta (n, binary64) onto the subspace, or across it: (1 +- S)/2 theta, every operation rounded
 * once, so that the result is exactly in it. */
void subspace_project(const subspace *s, bool across, double *theta);

/* Whether S makes b of a, exactly, NaN of NaN: n parameters each, canonically encoded. With b = a,
 * whether they are in the subspace. */
bool subspace_maps(const subspace *s, size_t n, const bf_format *f, const uint8_t *a,
                   const uint8_t *b);

/* What S makes of theta, both (n, binary64, encoded), n parameters. */
void subspace_image(const subspace *s, size_t n, const uint8_t *theta, uint8_t *out);

#endif
