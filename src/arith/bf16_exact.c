/* SPDX-License-Identifier: MIT */
/* bf16_exact.c - bfloat16, every sum exact and rounded once. */
#define ARITHMETIC bf16_exact
#define NUM_BITS 16
#define NUM_PRECISION 8
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
