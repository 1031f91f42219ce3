/* SPDX-License-Identifier: MIT */
/* fp8_e4m3.c - FP8 E4M3, sums in index order. */
#define ARITHMETIC fp8_e4m3
#define NUM_NARROW fp8_e4m3
#include "num/lanes.h"
#include "num/sum/seq.h"
#include "net/train_tmpl.c"
