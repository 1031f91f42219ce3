/* SPDX-License-Identifier: MIT */
/* bf16.c - bfloat16, sums in index order. */
#define ARITHMETIC bf16
#define ONE_PASS /* see net/one_pass_tmpl.c */
#define NUM_HALF BF16
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
