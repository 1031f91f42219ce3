/* SPDX-License-Identifier: MIT */
/* f32_shuffle.c - binary32, sums in a pseudo-random order. */
#define ARITHMETIC f32_shuffle
#define NUM_BITS 32
#define NUM_SHUFFLE
#include "num/lanes.h"
#include "num/sum/shuffle.h"
#include "net/train_tmpl.c"
