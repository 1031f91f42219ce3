/* SPDX-License-Identifier: MIT */
/* f16.c - binary16, sums in index order. */
#define ARITHMETIC f16
#define ONE_PASS /* see net/one_pass_tmpl.c */
#define NUM_HALF F16
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
