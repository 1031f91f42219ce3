/* SPDX-License-Identifier: MIT */
/* kernel.c - exact sums in vectors, for the kernel path being compiled.
 *
 * Inside one sum, a vector's elements hold partial sums of their own; since the result is defined
 * by the exact value, how a sum is split does not show. Two methods, on the levels of exact_f64.h:
 *   - the quick one adds the leading parts of products in one exact level, and the rest in plain
 *     arithmetic with a bound on its error (Rump, Ogita and Oishi 2008; Demmel and Nguyen 2013); a
 *     rounding test (Ziv 1991) decides whether the result is known;
 *   - the exact one, for what that leaves open and for accumulators, adds them in three levels of
 *     short blocks, which are then added to a superaccumulator as integers; what three levels
 *     cannot hold is added to it term by term (cf. Collange, Defour, Graillat and Iakymchuk 2015).
 * Floats are widened to doubles first. Notation as in exact_f64.h.
 */
#include "num/sum/exact_f64.h"
#include "blas/kernel.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A block is some terms in a row, as doubles; BLOCK/VF64 of them fall to each element of a vector.
 */
enum { BLOCK = 1024, PAIR = 2 * VF64 };
/* Panels of A at a time: so long runs of memory are read when its columns lie in one piece. */
enum { STRIP = 8 };

static inline vf64 load_f64(const double *p) {
    vf64 v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline vf64 load_f32(const float *p) {
    typedef float floats __attribute__((vector_size(VEC_BYTES / 2)));
    floats v;
    memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, vf64);
}

static inline void store(double *p, vf64 v) {
    memcpy(p, &v, sizeof v);
}

static inline uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* As many terms as a block of n has with the zeros behind it. */
static inline size_t padded(size_t n) {
    return (n + PAIR - 1) / PAIR * PAIR;
}

/* ---- the exact method --------------------------------------------------------------------- */

/* Products from here to EXACT_MAX_PRODUCT may be a block's largest. Below EXACT_TINY their errors
 * may underflow; such a product, less than half an ulp of the last level, passes the levels by
 * unchanged. */
#define BLOCK_MIN_PRODUCT 0x1p-700
#define EXACT_TINY 0x1p-900

/* acc += the sum in a level, which began at `start` in every element. s and start lie in one
 * binade, that of sigma, so that their encodings differ by the sum in ulps. */
static void add_level(struct superacc *acc, vf64 s, vf64 start, vf64 sigma) {
    const vi64 ulps = vi64_minus((vi64)s, (vi64)start);
    int64_t total = 0;
    for (int i = 0; i < VF64; i++)
        total += ulps[i];
    bf_superacc_add_int(acc, total, (int)(bits_of(sigma[0]) >> 52) - 1023 - 52);
}

/* acc += what the levels left of the products x y = h + e: r of h, and e. */
EXACT_SLOW static void add_left(struct superacc *acc, vf64 x, vf64 y, vf64 h, vf64 r, vf64 e) {
    for (int i = 0; i < VF64; i++)
        if (fabs(h[i]) < EXACT_TINY) {
            bf_superacc_addmul_f64(acc, x[i], y[i]);
        } else {
            bf_superacc_add_f64(acc, r[i]);
            bf_superacc_add_f64(acc, e[i]);
        }
}

EXACT_SLOW static void add_one_by_one(struct superacc *acc, const double *x, const double *y,
                                      size_t n) {
    for (size_t k = 0; k < n; k++)
        bf_superacc_addmul_f64(acc, x[k], y[k]);
}

/* The largest |x_k y_k|; infinite if any is, or if they cannot be multiplied without error for
 * their size. A NaN may be lost. */
static double largest_product(const double *x, const double *y, size_t n) {
    vf64 m = vf64_of(0), large = m;
    for (size_t k = 0; k < n; k += VF64) {
        m = exact_max_abs(m, load_f64(x + k) * load_f64(y + k));
        if (!EXACT_FMA)
            large = exact_max_abs(exact_max_abs(large, load_f64(x + k)), load_f64(y + k));
    }
    double most = 0;
    for (int i = 0; i < VF64; i++) {
        most = m[i] > most ? m[i] : most;
        if (large[i] > 0x1p990)
            most = INFINITY;
    }
    return most;
}

/* acc += sum_k x_k y_k, n <= BLOCK, a multiple of PAIR. The levels are those of exact_levels_f64,
 * with the same bounds, one sigma for all elements. */
static void add_block(struct superacc *acc, const double *x, const double *y, size_t n) {
    const double m = largest_product(x, y, n);
    if (!(m >= BLOCK_MIN_PRODUCT && m <= EXACT_MAX_PRODUCT)) {
        add_one_by_one(acc, x, y, n);
        return;
    }
    const int64_t c = exact_log2(n / VF64), down = (c - 50) * (INT64_C(1) << 52);
    const vf64 sigma0 = exact_sigma(vf64_of(m), c),
               sigma1 = (vf64)vi64_plus((vi64)sigma0, vi64_of(down)),
               sigma2 = (vf64)vi64_plus((vi64)sigma1, vi64_of(down));
    const vf64 start0 = exact_level_start(sigma0), start1 = exact_level_start(sigma1),
               start2 = exact_level_start(sigma2);
    vf64 s0 = start0, s1 = start1, s2 = start2;
    for (size_t k = 0; k < n; k += VF64) {
        vf64 e;
        const vf64 p = load_f64(x + k), q = load_f64(y + k), h = exact_two_product(p, q, &e);
        vf64 r = exact_deposit(&s0, h);
        r = exact_deposit(&s1, r);
        e = exact_deposit(&s1, e);
        r = exact_deposit(&s2, r);
        e = exact_deposit(&s2, e);
        const vi64 lost = (vi64)(h == 0) & (vi64)(p != 0) & (vi64)(q != 0);
        if (__builtin_expect(vi64_any((((vi64)r | (vi64)e) & INT64_MAX) | lost), 0))
            add_left(acc, p, q, h, r, e);
    }
    if (exact_differ(s0, s0)) /* NaN was left, and added */
        return;
    add_level(acc, s0, start0, sigma0);
    add_level(acc, s1, start1, sigma1);
    add_level(acc, s2, start2, sigma2);
}

/* ---- the quick method --------------------------------------------------------------------- */

/* In each element, numbers known up to an error: the value is high + low + d, |d| <= bound. */
struct enclosure {
    vf64 high, low, bound;
};

/* *sum += x + y, exactly x and y: what is left goes to sum->low, with its error in sum->bound.
 *
 * high' + e = high + x exactly; fl(e + y) and fl(low + .) are wrong by at most u times their
 * results. */
static inline void enclosure_add(struct enclosure *sum, vf64 x, vf64 y, vf64 bound) {
    vf64 e;
    sum->high = exact_two_sum(sum->high, x, &e);
    const vf64 d = e + y;
    sum->low += d;
    sum->bound += bound + 0x1p-53 * (vf64_abs(d) + vf64_abs(sum->low));
}

/* The bound of exact_dot_f64 on the error of t + rest, for n products in one level. */
static inline vf64 level_bound(size_t n, vf64 sigma) {
    return ((double)n * (double)n + 1) * 0x1p-105 * sigma;
}

/* The bound of exact_dot_f32 on the error of a plain sum of n exact products of at most m. */
static inline vf64 plain_bound(size_t n, vf64 m) {
    return ((double)n * (double)n + (double)n) * 0x1p-53 * m;
}

/* Element r: the sum over all elements of sums[r], r < rows <= VF64. */
static struct enclosure enclosure_totals(const struct enclosure *sums, size_t rows) {
    struct enclosure total = {vf64_of(0), vf64_of(0), vf64_of(0)};
    for (int i = 0; i < VF64; i++) {
        struct enclosure column = {vf64_of(0), vf64_of(0), vf64_of(0)};
        for (size_t r = 0; r < rows; r++) {
            column.high[r] = sums[r].high[i];
            column.low[r] = sums[r].low[i];
            column.bound[r] = sums[r].bound[i];
        }
        enclosure_add(&total, column.high, column.low, column.bound);
    }
    return total;
}

/* alpha s + beta c.
 *
 * p + e = alpha high and q + f = beta c exactly, h + g = p + q exactly; alpha low, g + e, f + alpha
 * low and their sum are rounded, each wrong by at most u times the sum of all magnitudes (1 + 3u).
 * A product below 2^-900 may lose 4 2^-1074, alpha low and alpha bound 2^-1075, unless they are
 * zero exactly: 2^-1060 covers it. Overflow ends as NaN. */
static struct enclosure enclosure_combine(struct enclosure s, vf64 alpha, vf64 beta, vf64 c) {
    vf64 e, f, g;
    const vf64 p = exact_two_product(alpha, s.high, &e), q = exact_two_product(beta, c, &f),
               l = alpha * s.low, h = exact_two_sum(p, q, &g);
    const vf64 magnitude = (vf64_abs(g) + vf64_abs(e)) + (vf64_abs(f) + vf64_abs(l));
    const vi64 small = ((vi64)(vf64_abs(p) < 0x1p-900) & (vi64)(s.high != 0)) |
                       ((vi64)(vf64_abs(q) < 0x1p-900) & (vi64)(c != 0)) | (vi64)(s.low != 0) |
                       (vi64)(s.bound != 0);
    return (struct enclosure){
        .high = h,
        .low = (g + e) + (f + l),
        .bound = 0x1.001p0 * vf64_abs(alpha) * s.bound + 0x1p-50 * magnitude +
                 vf64_select(small, vf64_of(0x1p-1060), vf64_of(0)),
    };
}

/* ---- matrices ----------------------------------------------------------------------------- */

/* A panel is VF64 rows of A, or columns of B, of k numbers each, side by side: (k, VF64). Of each,
 * `most` is the largest magnitude, and all are multiples of `grain`, which is at least half the
 * greatest power of two of which that is true (infinity if all are zero). A NaN may be lost. */
struct panel {
    double *x;
    vf64 most, grain;
};

/* Clearing a number's lowest bit leaves it less by the weight of that bit; where the fraction is
 * zero, a bit of the exponent is cleared instead, and the number, a power of two, less by at least
 * half of it. */
static void panel_measure(struct panel *p, size_t k) {
    vf64 most = vf64_of(0), least = vf64_of(INFINITY);
    for (size_t i = 0; i < k; i++) {
        const vf64 x = load_f64(p->x + i * VF64);
        const vf64 cleared = (vf64)((vi64)x & vi64_minus((vi64)x, vi64_of(1)));
        const vf64 weight = vf64_select((vi64)(x == 0), vf64_of(INFINITY), vf64_abs(x - cleared));
        most = exact_max_abs(most, x);
        least = vf64_select((vi64)(weight < least), weight, least);
    }
    p->most = most;
    p->grain = (vf64)((vi64)least & INT64_C(0x7ff0000000000000));
}

/* What a panel of A and a column of B have in common: a level for their products, and whether it
 * holds them, and so their sum, without anything left. */
struct level {
    vf64 most, sigma;
    vi64 exact;
};

static inline struct level level_of(const struct panel *a, const struct panel *b, int column,
                                    int64_t c) {
    struct level l;
    l.most = exact_max_abs(vf64_of(EXACT_MIN_PRODUCT), a->most * b->most[column]);
    l.sigma = exact_sigma(l.most, c);
    l.exact = (vi64)(a->grain * b->grain[column] >= 0x1p-52 * l.sigma);
    return l;
}

/* So many panels side by side, to be freed; NULL: out of memory. */
static struct panel *new_panels(size_t panels, size_t k) {
    enum { LINE = 64 };
    const size_t size = sizeof(struct panel) + LINE, room = SIZE_MAX / 4;
    if (k > room / sizeof(vf64) || panels > room / (size + k * sizeof(vf64)))
        return NULL;
    char *memory = aligned_alloc(LINE, (panels * (size + k * sizeof(vf64)) / LINE + 1) * LINE);
    struct panel *p = (struct panel *)memory;
    for (size_t i = 0; memory && i < panels; i++)
        p[i].x = (double *)(p + panels) + i * k * VF64;
    return p;
}

/* A gemm, with alpha and beta in doubles. k = 0 when there is no product. */
struct task {
    const struct gemm *g;
    size_t k;
    double alpha, beta;
};

/* VF64 sums that are added to at once: the largest product so far, and what it decides. */
struct column_sums {
    vf64 most, s, rest;
};

static inline void see_product(struct column_sums *sums, vf64 a, vf64 x) {
    sums->most = exact_max_abs(sums->most, a * x);
}

/* In a level, begun once the largest of all k products is known. */
static inline void add_product_f64(struct column_sums *sums, vf64 a, vf64 x) {
    exact_addmul(&sums->s, &sums->rest, a, x);
}

static inline struct enclosure column_total_f64(const struct column_sums *sums, size_t k) {
    const vf64 sigma = exact_sigma(sums->most, exact_log2(k));
    struct enclosure e = {.bound = level_bound(k, sigma)};
    e.high = exact_two_sum(sums->s - exact_level_start(sigma), sums->rest, &e.low);
    return e;
}

/* Exact products: their largest is needed for the bound only. */
static inline void add_product_f32(struct column_sums *sums, vf64 a, vf64 x) {
    const vf64 h = a * x;
    sums->most = exact_max_abs(sums->most, h);
    sums->s += h;
}

static inline struct enclosure column_total_f32(const struct column_sums *sums, size_t k) {
    return (struct enclosure){sums->s, vf64_of(0), plain_bound(k, sums->most)};
}

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, SUFFIX)

#define SUFFIX f64
#define REAL_BITS 64
typedef double real_f64;
#include "blas/kernel_tmpl.c"
#undef SUFFIX
#undef REAL_BITS
#define SUFFIX f32
#define REAL_BITS 32
typedef float real_f32;
#include "blas/kernel_tmpl.c"

const struct sums_kernel JOIN(bf_sums_kernel, KERNEL) = {
    .acc_f64 = acc_f64,
    .acc_f32 = acc_f32,
    .dot_f64 = dot_f64,
    .dot_f32 = dot_f32,
    .gemm_f64 = gemm_f64,
    .gemm_f32 = gemm_f32,
};
