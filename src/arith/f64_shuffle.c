/* SPDX-License-Identifier: MIT */
/* f64_shuffle.c - binary64, sums in a pseudo-random order. */
#define ARITHMETIC f64_shuffle
#define NUM_BITS 64
#define NUM_SHUFFLE
#include "num/lanes.h"
#include "num/sum/shuffle.h"
#include "net/train_tmpl.c"
