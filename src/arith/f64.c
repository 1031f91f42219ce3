/* SPDX-License-Identifier: MIT */
/* f64.c - binary64, sums in index order. */
#define ARITHMETIC f64
#define ONE_PASS /* see net/one_pass_tmpl.c */
#define NUM_BITS 64
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
