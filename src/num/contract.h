/* SPDX-License-Identifier: MIT */
/* contract.h - what every arithmetic offers, and what it may expect.
 *
 * An arithmetic defines `num`, `num_ctx`, LANES, SUM_NEEDS_ROOM and the functions below, and then
 * includes net/train_tmpl.c, which includes this header: a function that is missing, or has other
 * parameters than here, does not compile. lanes.h, mpfr.h, scalar.h and, over lanes.h, dual.h are
 * the arithmetics that there are. With --enable-verify every sentence marked [v] is executed
 * at every call, and a breach ends the program (verify.h); else this header makes no code.
 *
 *   num             a number in each of LANES independent runs
 *   num_ctx         what the arithmetic needs to know: all of it, there is no other state
 *   LANES           1 to MAX_LANES
 *   SUM_NEEDS_ROOM  1: sum_over takes its room; 0: it does without
 *
 * Of every operation:
 *   - Destination first. Context last; never NULL, and initialised.
 *   - The destination may be one of the sources. An operation reads all it needs before it writes.
 *   - It is called between ctx_enter and ctx_leave [v], by the thread that entered. Exempt, because
 *     they neither round nor depend on the environment: num_alloc, num_free, num_put, num_fill and
 *     num_take.
 *   - The result is a number of the format in every lane [v], rounded once, to nearest-even, from
 *     the exact value; of a strict arithmetic, that is. Lanes do not influence each other.
 *   - NaN and infinities are numbers like others: no operation fails.
 */
#ifndef NUM_CONTRACT_H
#define NUM_CONTRACT_H

#include "base/assumptions.h"
#include "bitfate.h"
#include "num/sum/index.h"

/* ---- context ------------------------------------------------------------------------------ */

/* `longest`: the most terms that a sum will have. When it fails there is nothing to clear. */
static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err);

/* Every number has been freed before. */
static inline void ctx_clear(num_ctx *ctx);

/* Around every stretch of computation, in pairs that are not nested [v]. In between the thread is
 * as the arithmetic needs it (rounding, subnormals, exponent range), whatever its caller had set;
 * afterwards it is as it was [v]. No TEMPORARY outlives ctx_leave [v]. */
static inline void ctx_enter(num_ctx *ctx);
static inline void ctx_leave(num_ctx *ctx);

/* Whether the thread still is as ctx_enter made it. */
static inline bool ctx_holds(const num_ctx *ctx);

/* A gradient begins: each lane's run number and step, LANES of each. */
static inline void ctx_step(num_ctx *ctx, const uint64_t *runs, const uint64_t *steps);

/* ---- numbers ------------------------------------------------------------------------------ */

/* An array of n numbers, all +0; NULL: no memory. num_free takes the same n, or NULL. */
static inline num *num_alloc(size_t n, num_ctx *ctx);
static inline void num_free(num *p, size_t n);

/* TEMPORARY(t, ctx) declares `num *const t`, a number for passing use until the end of the
 * enclosing block. It holds no particular value (NaN where it is verified [v]). There may be any
 * number of them, in one function and in those that it calls. */
#define TEMPORARY(t, ctx)                                              \
    __attribute__((cleanup(temporary_leave))) temporary t##_temporary; \
    num *const t = temporary_take(&t##_temporary, &(ctx))

/* Where numbers are plain data, a TEMPORARY is a variable. Others define HAS_TEMPORARIES, and
 * these three. */
#ifndef HAS_TEMPORARIES
typedef num temporary;

static inline num *temporary_take(temporary *t, num_ctx *ctx) {
    (void)ctx;
    return t;
}

static inline void temporary_leave(temporary *t) {
    (void)t;
}
#endif
static inline num *temporary_take(temporary *t, num_ctx *ctx);
static inline void temporary_leave(temporary *t);

/* One lane, 0 <= lane < LANES [v], from and to the format's canonical encoding: format.bytes
 * bytes. Exact. The other lanes stay as they are. */
static inline void num_put(num *r, int lane, const uint8_t *bytes, num_ctx *ctx);
static inline void num_take(const num *a, int lane, uint8_t *bytes, num_ctx *ctx);
/* The same number in every lane. */
static inline void num_fill(num *r, const uint8_t *bytes, num_ctx *ctx);

/* beyond[lane] |= not (|a| <= bound), for LANES bytes that are 0 or 1; bound is not NaN. So a NaN
 * is beyond, and infinity of all but infinity. Returns whether it was so in any lane; no other byte
 * is written [v]. */
static inline bool num_beyond(const num *a, const num *bound, uint8_t *beyond);

/* ---- operations --------------------------------------------------------------------------- */

/* Exact. */
static inline void num_copy(num *r, const num *a, num_ctx *ctx);
static inline void num_neg(num *r, const num *a, num_ctx *ctx);
static inline void num_abs(num *r, const num *a, num_ctx *ctx);
/* a > b ? c : d, in each lane. */
static inline void num_choose(num *r, const num *a, const num *b, const num *c, const num *d,
                              num_ctx *ctx);

static inline void num_add(num *r, const num *a, const num *b, num_ctx *ctx);
static inline void num_sub(num *r, const num *a, const num *b, num_ctx *ctx);
static inline void num_mul(num *r, const num *a, const num *b, num_ctx *ctx);
static inline void num_div(num *r, const num *a, const num *b, num_ctx *ctx);
/* a b + c, and (-a) b + c. */
static inline void num_fma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx);
static inline void num_fnma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx);

/* Correctly rounded, like the rest. */
static inline void num_sqrt(num *r, const num *a, num_ctx *ctx);
static inline void num_tanh(num *r, const num *a, num_ctx *ctx);
static inline void num_exp(num *r, const num *a, num_ctx *ctx);
static inline void num_log(num *r, const num *a, num_ctx *ctx);
static inline void num_erf(num *r, const num *a, num_ctx *ctx);

/* ---- sums --------------------------------------------------------------------------------- */

/* r[i n + j] = sum over l < k of a[i a_row + l a_k] b[l b_k + j b_column], for i < m and j < n, in
 * the way that the arithmetic sums; +0 when k is 0. k is at most ctx_init's `longest` [v]. r
 * overlaps neither a nor b [v], and each of the three lies within one array [v]. From an
 * accumulator by sum.h, or by the arithmetic's own means. */
static void sum_products(num *r, size_t m, size_t n, size_t k, const num *a, size_t a_row,
                         size_t a_k, const num *b, size_t b_k, size_t b_column, num_ctx *ctx);

/* The same over the three-fold index of index.h, with rows of r r_row apart. `room`, where
 * SUM_NEEDS_ROOM: (m + n) terms + m n numbers [v] that overlap nothing else [v]; else it may be
 * anything. From sum_products by gather.h, or by the arithmetic's own means. */
static inline void sum_over(num *r, size_t r_row, size_t m, size_t n, const num *a, size_t a_row,
                            const num *b, size_t b_column, const sum_index *index, num *room,
                            num_ctx *ctx);

/* ---- what only some offer ----------------------------------------------------------------- */

/* For net/one_pass_tmpl.c, which needs numbers that are plain data: such an arithmetic defines
 * ONE_PASS. */
#ifdef ONE_PASS
/* r[0], r[1] = tanh(a[0]), tanh(a[1]): the latencies of the two overlap. */
static inline void num_tanh_pair(num *r, const num *a, num_ctx *ctx);

/* `acc`, an accumulator: s = +0, and the sum will end in r, which s may use as its room; s += a b;
 * r = s, rounded to the format. acc_zero, any number of acc_addmul, acc_round. */
static inline void acc_zero(acc *s, num *r, num_ctx *ctx);
static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx);
static inline void acc_round(num *r, const acc *s, num_ctx *ctx);
#endif

#ifdef BF_VERIFY
#include "num/verify.h"
#endif

#endif
