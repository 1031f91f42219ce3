/* SPDX-License-Identifier: MIT */
/* f64_exact.c - binary64, every sum exact and rounded once. */
#define ARITHMETIC f64_exact
#define NUM_BITS 64
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
