/* SPDX-License-Identifier: MIT */
/* fp8_e5m2_wide.c - FP8 E5M2, sums accumulated in binary32. */
#define ARITHMETIC fp8_e5m2_wide
#define NUM_NARROW fp8_e5m2
#define NUM_WIDE f32
#include "num/lanes.h"
#include "num/sum/wide.h"
#include "net/train_tmpl.c"
