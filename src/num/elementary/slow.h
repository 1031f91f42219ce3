/* SPDX-License-Identifier: MIT */
/* slow.h - tanh, exp, log, erf, correctly rounded, one number at a time.
 *
 * The out-of-line other half of elementary_f64.h, elementary_f32.h and half.h: what their vector
 * code cannot decide is computed here by MPFR. Each function is total: every number of the format
 * in, the nearest one, ties to even, subnormals kept, out. Thread-safe with an MPFR built with
 * thread-local storage, as distributions build it.
 */
#ifndef NUM_ELEMENTARY_SLOW_H
#define NUM_ELEMENTARY_SLOW_H

#include "base/assumptions.h"

#include <stdint.h>

double bf_tanh_f64_slow(double x);
double bf_exp_f64_slow(double x);
double bf_log_f64_slow(double x);
double bf_erf_f64_slow(double x);

float bf_tanh_f32_slow(float x);
float bf_exp_f32_slow(float x);
float bf_log_f32_slow(float x);
float bf_erf_f32_slow(float x);

float bf_tanh_bf16_slow(float x);
float bf_exp_bf16_slow(float x);
float bf_log_bf16_slow(float x);
float bf_erf_bf16_slow(float x);

float bf_tanh_f16_slow(float x);
float bf_exp_f16_slow(float x);
float bf_log_f16_slow(float x);
float bf_erf_f16_slow(float x);

#ifdef ELEMENTARY_COUNT
/* Calls of any function above, by this thread. */
extern _Thread_local uint64_t bf_elementary_slow_calls;
#endif

#endif
