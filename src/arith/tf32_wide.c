/* SPDX-License-Identifier: MIT */
/* tf32_wide.c - TensorFloat-32, sums accumulated in binary32. */
#define ARITHMETIC tf32_wide
#define NUM_NARROW tf32
#define NUM_WIDE f32
#include "num/lanes.h"
#include "num/sum/wide.h"
#include "net/train_tmpl.c"
