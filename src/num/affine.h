/* SPDX-License-Identifier: MIT */
/* affine.h - the map of a data set from its exact numbers to reals, rounded once. */
#ifndef DATA_AFFINE_H
#define DATA_AFFINE_H

#include "bitfate.h"

typedef struct affine affine;

/* The map x -> (x - shift) / divisor into a format. Texts as in bf_data, NULL: 0 and 1. BF_EINPUT:
 * they are not. */
BF_MUST_CHECK bf_status bf_affine_new(affine **out, const bf_format *f, const char *shift,
                                      const char *divisor, bf_error *err);
void bf_affine_free(affine *a);

/* The image of x, rounded once: format->bytes, valid until the next call. Values that come again
 * are looked up. */
const uint8_t *bf_affine_round(affine *a, double x);

#endif
