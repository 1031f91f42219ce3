/* SPDX-License-Identifier: MIT */
/* arithmetics.h - every arithmetic of the engine: one line each. */
#ifndef NUM_TABLE_H
#define NUM_TABLE_H

/* Compiled once per kernel path, over lanes:
 * X(path, symbol, format name, way to sum, strict, summary). */
#define LANE_ARITHMETICS(X, path)                                                              \
    X(path, f32, "f32", "", true, "binary32, sums in index order by fused multiply-add")       \
    X(path, f64, "f64", "", true, "binary64, sums in index order by fused multiply-add")       \
    X(path, f32_exact, "f32", "exact", true, "binary32, every sum exact and rounded once")     \
    X(path, f64_exact, "f64", "exact", true, "binary64, every sum exact and rounded once")     \
    X(path, bf16, "bf16", "", true, "bfloat16, sums in index order by fused multiply-add")     \
    X(path, f16, "f16", "", true, "binary16, sums in index order by fused multiply-add")       \
    X(path, bf16_exact, "bf16", "exact", true, "bfloat16, every sum exact and rounded once")   \
    X(path, f16_exact, "f16", "exact", true, "binary16, every sum exact and rounded once")     \
    X(path, f32_shuffle, "f32", "shuffle", true, "binary32, sums in an order drawn from SEED") \
    X(path, f64_shuffle, "f64", "shuffle", true, "binary64, sums in an order drawn from SEED")

/* Compiled once. */
#define SCALAR_ARITHMETICS(X, path)                                                         \
    X(path, mpfr, "mpfr", "", true, "P bits (mpfr:P, 2 to 16384), sums in index order")     \
    X(path, mpfr_exact, "mpfr", "exact", true, "P bits, every sum exact and rounded once")  \
    X(path, f32_blas, "f32", "blas", false, "binary32, sums by a CBLAS, functions by libm") \
    X(path, f64_blas, "f64", "blas", false, "binary64, sums by a CBLAS, functions by libm")

/* Not in these lists, so that no name leads to it: f64_tangent.c, for bf_arithmetic_tangent. */

#endif
