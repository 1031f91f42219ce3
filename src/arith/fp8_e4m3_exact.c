/* SPDX-License-Identifier: MIT */
/* fp8_e4m3_exact.c - FP8 E4M3, every sum exact and rounded once. */
#define ARITHMETIC fp8_e4m3_exact
#define NUM_NARROW fp8_e4m3
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
