/* SPDX-License-Identifier: MIT */
/* assumptions.h - what the engine assumes of the compiler and of the machine. What does not hold
 * does not compile; what a compiler cannot know of the machine is asked at run time (keeps_ieee in
 * net/ensemble.c). Byte order is not among it: bytes.h and doc/portability.md. */
#ifndef BASE_ASSUMPTIONS_H
#define BASE_ASSUMPTIONS_H

#include <float.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the language ------------------------------------------------------------------------- */

#if !defined __STDC_VERSION__ || __STDC_VERSION__ < 201710L
#error "bitfate is C17: expected -std=gnu17"
#endif
/* Vectors, cleanup, overflow and byte swaps are extensions that gcc and clang share. */
#if !defined __GNUC__
#error "bitfate needs the extensions of gcc and clang"
#endif

/* ---- floating point ----------------------------------------------------------------------- */

/* No algebra on rounded numbers, and NaN and infinities exist. (That a b + c is not contracted
 * shows nowhere: configure pins -ffp-contract=off.) */
#if defined __FAST_MATH__ || (defined __FINITE_MATH_ONLY__ && __FINITE_MATH_ONLY__)
#error "bitfate needs IEEE arithmetic: no -ffast-math, no -ffinite-math-only"
#endif
/* Every operation is rounded to its own type, not to a wider one. */
#if (defined FLT_EVAL_METHOD && FLT_EVAL_METHOD != 0) || \
    (defined __FLT_EVAL_METHOD__ && __FLT_EVAL_METHOD__ != 0)
#error "bitfate needs FLT_EVAL_METHOD 0 (i386: -msse2 -mfpmath=sse)"
#endif
/* float and double are binary32 and binary64, subnormals included: their bits are what is hashed.
 */
_Static_assert(FLT_RADIX == 2, "numbers are binary");
_Static_assert(FLT_MANT_DIG == 24 && FLT_MIN_EXP == -125 && FLT_MAX_EXP == 128,
               "float is binary32");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MIN_EXP == -1021 && DBL_MAX_EXP == 1024,
               "double is binary64");
_Static_assert(FLT_HAS_SUBNORM != 0 && DBL_HAS_SUBNORM != 0, "there are subnormals");
_Static_assert(sizeof(float) == sizeof(uint32_t) && sizeof(double) == sizeof(uint64_t),
               "a number is copied to the integer of its bits");
/* So the sign is the topmost bit of that integer, on every machine. */
#if defined __FLOAT_WORD_ORDER__ /* not by clang */
_Static_assert(__FLOAT_WORD_ORDER__ == __BYTE_ORDER__, "numbers lie in memory as integers do");
#endif
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
               "bytes are in one of two orders");
/* 0x7ff8000000000000 is how every NaN is written, and must be a quiet one when it is read. */
#if defined __mips__ && !defined __mips_nan2008
#error "bitfate needs quiet NaNs as in IEEE 754-2008 (mips: -mnan=2008)"
#endif

/* ---- integers ----------------------------------------------------------------------------- */

/* Encodings are written byte by byte. */
_Static_assert(CHAR_BIT == 8, "a byte has 8 bits");
/* Counts of numbers, loops over layers, and the text of errors. */
_Static_assert(INT_MAX >= INT32_MAX, "int has at least 32 bits");
/* Sizes and offsets are hashed and written to files as 64-bit numbers, and read back after a check
 * against SIZE_MAX. */
_Static_assert(SIZE_MAX <= UINT64_MAX, "every size is a 64-bit number");
_Static_assert(SIZE_MAX >= UINT32_MAX, "a size has at least 32 bits");
_Static_assert(sizeof(ptrdiff_t) == sizeof(size_t), "strides and sizes have one width");
/* Exponents, accumulators and masks: what C leaves to the implementation is two's complement. */
_Static_assert((-1 & 3) == 3, "negative integers are two's complement");
_Static_assert((int32_t)UINT32_MAX == -1 && (int64_t)UINT64_MAX == -1,
               "an unsigned integer too large wraps around when it is converted");
_Static_assert(INT64_C(-1) >> 1 == -1 && -1 >> 1 == -1, "a shift to the right keeps the sign");

/* ---- objects ------------------------------------------------------------------------------ */

/* The size of an enumeration is part of the library's interface: no -fshort-enums. */
enum assumed { ASSUMED };
_Static_assert(sizeof(enum assumed) == sizeof(int), "an enumeration is as wide as an int");
/* dlsym gives functions as pointers to objects, which are copied. */
_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "pointers have one size");

#endif
