/* SPDX-License-Identifier: MIT */
/* fp8_e5m2_exact.c - FP8 E5M2, every sum exact and rounded once. */
#define ARITHMETIC fp8_e5m2_exact
#define NUM_NARROW fp8_e5m2
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
