/* SPDX-License-Identifier: MIT */
/* f64_exact.c - binary64, every sum exact and rounded once. */
#define ARITHMETIC f64_exact
#define NUM_BITS 64
#include "num/ieee.h"
#include "num/exact.h"
#include "net/train_tmpl.c"
