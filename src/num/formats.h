/* SPDX-License-Identifier: MIT */
/* formats.h - every format that has a name: one line each. */
#ifndef NUM_FORMATS_H
#define NUM_FORMATS_H

#include "bitfate.h"

/* X(name, precision, emin, emax, bytes, spare, has_infinity, wide): see bf_format. */
#define NAMED_FORMATS(X)                       \
    X(f64, 53, -1073, 1024, 8, 0, true, NULL)  \
    X(f32, 24, -148, 128, 4, 0, true, "f64")   \
    X(tf32, 11, -135, 128, 4, 13, true, "f32") \
    X(bf16, 8, -132, 128, 2, 0, true, "f32")   \
    X(f16, 11, -23, 16, 2, 0, true, "f32")     \
    X(fp8_e5m2, 3, -15, 16, 1, 0, true, "f32") \
    X(fp8_e4m3, 4, -8, 9, 1, 0, false, "f32") /**/

/* format_f32 and so on, as constants that a compiler folds. */
#define DEFINE_FORMAT(n, p, low, high, size, unused_bits, infinity, wide_name)             \
    __attribute__((unused)) static const bf_format format_##n = {.name = #n,               \
                                                                 .precision = p,           \
                                                                 .emin = low,              \
                                                                 .emax = high,             \
                                                                 .ieee = true,             \
                                                                 .has_infinity = infinity, \
                                                                 .spare = unused_bits,     \
                                                                 .bytes = size,            \
                                                                 .wide = wide_name};
NAMED_FORMATS(DEFINE_FORMAT)
#undef DEFINE_FORMAT

/* Without its sign and its spare bits, the encoding of a named format counts the numbers from 0.
 * What comes after the largest: infinity, or NaN where there is none. */
static inline uint64_t format_beyond(const bf_format *f) {
    const int fraction_bits = f->precision - 1;
    const uint64_t field = (uint64_t)(f->emax + 1 - f->emin - fraction_bits + 1);
    return (field << fraction_bits) - !f->has_infinity;
}

/* The canonical NaN, likewise. */
static inline uint64_t format_nan(const bf_format *f) {
    return format_beyond(f) | (uint64_t)f->has_infinity << (f->precision - 2);
}

#endif
