/* SPDX-License-Identifier: MIT */
/* fp8_e5m2.c - FP8 E5M2, sums in index order. */
#define ARITHMETIC fp8_e5m2
#define NUM_NARROW fp8_e5m2
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
