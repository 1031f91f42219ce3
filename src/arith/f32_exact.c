/* SPDX-License-Identifier: MIT */
/* f32_exact.c - binary32, every sum exact and rounded once. */
#define ARITHMETIC f32_exact
#define NUM_BITS 32
#include "num/lanes.h"
#include "num/sum/exact.h"
#include "net/train_tmpl.c"
