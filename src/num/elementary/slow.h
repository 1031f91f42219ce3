/* SPDX-License-Identifier: MIT */
/* slow.h - tanh, exp, log, erf, correctly rounded, one number at a time.
 *
 * The out-of-line other half of f64.h, f32.h, half.h and narrow.h: what their vector
 * code cannot decide is computed here by MPFR. Each function is total: every number of the format
 * in, the nearest one, ties to even, subnormals kept, out. Thread-safe with an MPFR built with
 * thread-local storage, as distributions build it.
 */
#ifndef NUM_ELEMENTARY_SLOW_H
#define NUM_ELEMENTARY_SLOW_H

#include "base/assumptions.h"
#include "bitfate.h"

#include <stdint.h>

double bf_tanh_f64_slow(double x);
double bf_exp_f64_slow(double x);
double bf_log_f64_slow(double x);
double bf_erf_f64_slow(double x);

float bf_tanh_f32_slow(float x);
float bf_exp_f32_slow(float x);
float bf_log_f32_slow(float x);
float bf_erf_f32_slow(float x);

/* In a named format; one without infinities has the number of all ones here, and infinities. */
double bf_tanh_slow(const bf_format *f, double x);
double bf_exp_slow(const bf_format *f, double x);
double bf_log_slow(const bf_format *f, double x);
double bf_erf_slow(const bf_format *f, double x);

#ifdef ELEMENTARY_COUNT
/* Calls of any function above, by this thread. */
extern _Thread_local uint64_t bf_elementary_slow_calls;
#endif

#endif
