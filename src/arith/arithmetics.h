/* SPDX-License-Identifier: MIT */
/* arithmetics.h - every arithmetic of the engine: one line each. */
#ifndef NUM_TABLE_H
#define NUM_TABLE_H

/* What every arithmetic that sums in this way promises (see bf_arithmetic_info), and its
 * independent implementation for a format. */
#define SUM_SEQ .sum = "", .strict = true, .symmetric = true
#define SUM_WIDE .sum = "wide", .strict = true, .symmetric = true
#define SUM_EXACT .sum = "exact", .strict = true, .symmetric = true, .order_free = true
#define SUM_SHUFFLE .sum = "shuffle", .strict = true
#define SUM_BLAS .sum = "blas"
#define TWIN_SEQ(format) "mpfr:" format
#define TWIN_WIDE(format) "mpfr:" format "/wide"
#define TWIN_EXACT(format) "mpfr:" format "/exact"
#define TWIN_SHUFFLE(format) NULL

/* Compiled once per kernel path, over lanes: X(path, symbol, format, way to sum, summary). */
#define LANE_ARITHMETICS(X, path)                                                             \
    X(path, f32, "f32", SEQ, "binary32, sums in index order by fused multiply-add")           \
    X(path, f64, "f64", SEQ, "binary64, sums in index order by fused multiply-add")           \
    X(path, f32_exact, "f32", EXACT, "binary32, every sum exact and rounded once")            \
    X(path, f64_exact, "f64", EXACT, "binary64, every sum exact and rounded once")            \
    X(path, f32_wide, "f32", WIDE, "binary32, sums accumulated in binary64")                  \
    X(path, tf32, "tf32", SEQ, "TensorFloat-32, sums in index order by fused multiply-add")   \
    X(path, tf32_exact, "tf32", EXACT, "TensorFloat-32, every sum exact and rounded once")    \
    X(path, tf32_wide, "tf32", WIDE, "TensorFloat-32, sums accumulated in binary32")          \
    X(path, bf16, "bf16", SEQ, "bfloat16, sums in index order by fused multiply-add")         \
    X(path, f16, "f16", SEQ, "binary16, sums in index order by fused multiply-add")           \
    X(path, bf16_exact, "bf16", EXACT, "bfloat16, every sum exact and rounded once")          \
    X(path, f16_exact, "f16", EXACT, "binary16, every sum exact and rounded once")            \
    X(path, bf16_wide, "bf16", WIDE, "bfloat16, sums accumulated in binary32")                \
    X(path, f16_wide, "f16", WIDE, "binary16, sums accumulated in binary32")                  \
    X(path, fp8_e4m3, "fp8_e4m3", SEQ, "FP8 E4M3, sums in index order by fused multiply-add") \
    X(path, fp8_e4m3_exact, "fp8_e4m3", EXACT, "FP8 E4M3, every sum exact and rounded once")  \
    X(path, fp8_e4m3_wide, "fp8_e4m3", WIDE, "FP8 E4M3, sums accumulated in binary32")        \
    X(path, fp8_e5m2, "fp8_e5m2", SEQ, "FP8 E5M2, sums in index order by fused multiply-add") \
    X(path, fp8_e5m2_exact, "fp8_e5m2", EXACT, "FP8 E5M2, every sum exact and rounded once")  \
    X(path, fp8_e5m2_wide, "fp8_e5m2", WIDE, "FP8 E5M2, sums accumulated in binary32")        \
    X(path, f32_shuffle, "f32", SHUFFLE, "binary32, sums in an order drawn from SEED")        \
    X(path, f64_shuffle, "f64", SHUFFLE, "binary64, sums in an order drawn from SEED")

/* Compiled once: without twins, being them. */
#define SCALAR_ARITHMETICS(X, path)                                                       \
    X(path, mpfr, "mpfr", SEQ,                                                            \
      "P bits or a format by name (mpfr:P, 2 to 16384; mpfr:tf32), "                      \
      "sums in index order")                                                              \
    X(path, mpfr_exact, "mpfr", EXACT, "the same, every sum exact and rounded once")      \
    X(path, mpfr_wide, "mpfr", WIDE, "a format by name, sums accumulated in a wider one") \
    X(path, f32_blas, "f32", BLAS, "binary32, sums by a CBLAS, functions by libm")        \
    X(path, f64_blas, "f64", BLAS, "binary64, sums by a CBLAS, functions by libm")

/* Not in these lists, so that no name leads to it: f64_tangent.c, for bf_arithmetic_tangent. */

#endif
