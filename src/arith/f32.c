/* SPDX-License-Identifier: MIT */
/* f32.c - binary32, sums in index order. */
#define ARITHMETIC f32
#define ONE_PASS /* see net/one_pass_tmpl.c */
#define NUM_BITS 32
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
