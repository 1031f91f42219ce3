/* SPDX-License-Identifier: MIT */
/* tf32_exact.c - TensorFloat-32, every sum exact and rounded once. */
#define ARITHMETIC tf32_exact
#define NUM_NARROW tf32
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
