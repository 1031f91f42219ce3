/* SPDX-License-Identifier: MIT */
/* tf32.c - TensorFloat-32, sums in index order. */
#define ARITHMETIC tf32
#define NUM_NARROW tf32
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
