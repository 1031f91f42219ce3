/* SPDX-License-Identifier: MIT */
/* bf16_wide.c - bfloat16, sums accumulated in binary32. */
#define ARITHMETIC bf16_wide
#define NUM_HALF BF16
#include "num/lanes.h"
#include "num/sum/wide.h"
#include "net/train_tmpl.c"
