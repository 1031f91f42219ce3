/* SPDX-License-Identifier: MIT */
/* bf16_exact.c - bfloat16, every sum exact and rounded once. */
#define ARITHMETIC bf16_exact
#define NUM_HALF BF16
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
