/* SPDX-License-Identifier: MIT */
/* f16_exact.c - binary16, every sum exact and rounded once. */
#define ARITHMETIC f16_exact
#define NUM_HALF F16
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
