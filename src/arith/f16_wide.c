/* SPDX-License-Identifier: MIT */
/* f16_wide.c - binary16, sums accumulated in binary32. */
#define ARITHMETIC f16_wide
#define NUM_HALF F16
#include "num/lanes.h"
#include "num/sum/wide.h"
#include "net/train_tmpl.c"
