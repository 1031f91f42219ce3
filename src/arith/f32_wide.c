/* SPDX-License-Identifier: MIT */
/* f32_wide.c - binary32, sums accumulated in binary64. */
#define ARITHMETIC f32_wide
#define NUM_NARROW f32
#define NUM_WIDE f64
#include "num/lanes.h"
#include "num/sum/wide.h"
#include "net/train_tmpl.c"
