/* SPDX-License-Identifier: MIT */
/* wide.h - sums over lanes in index order, accumulated in a wider format and rounded to that of the
 * factors at the end, as machine-learning hardware does: acc = fma(a, b, acc) in the format
 * NUM_WIDE, from +0. Goes with lanes.h, whose vectors hold numbers of either format. */
#ifndef NUM_SUM_WIDE_H
#define NUM_SUM_WIDE_H

#define SEQ_FMA WIDE_FMA
#define SEQ_ROUND ROUND
#include "num/sum/seq.h"

#endif
