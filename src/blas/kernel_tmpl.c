/* SPDX-License-Identifier: MIT */
/* kernel_tmpl.c - exact sums of one format (SUFFIX, REAL_BITS): included by kernel.c. */
#define REAL NAME(real)

/* n <= BLOCK numbers with zeros behind them, padded(n) in all: x itself where it is that, else
 * buffer. */
static inline const REAL *NAME(block)(const REAL *x, ptrdiff_t inc, size_t n, REAL *buffer) {
    if (inc == 1 && n == padded(n))
        return x;
    for (size_t i = 0; i < n; i++)
        buffer[i] = x[(ptrdiff_t)i * inc];
    for (size_t i = n; i < padded(n); i++)
        buffer[i] = 0;
    return buffer;
}

/* The same in doubles. */
static inline const double *NAME(widen)(const REAL *x, ptrdiff_t inc, size_t n, double *buffer) {
#if REAL_BITS == 64
    return block_f64(x, inc, n, buffer);
#else
    _Alignas(64) float floats[BLOCK];
    const float *from = block_f32(x, inc, n, floats);
    for (size_t i = 0; i < padded(n); i++)
        buffer[i] = (double)from[i];
    return buffer;
#endif
}

static void NAME(acc)(struct superacc *acc, size_t n, const REAL *x, ptrdiff_t incx, const REAL *y,
                      ptrdiff_t incy) {
    _Alignas(64) double xs[BLOCK], ys[BLOCK];
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t count = n - i < BLOCK ? n - i : BLOCK;
        add_block(acc, NAME(widen)(x + (ptrdiff_t)i * incx, incx, count, xs),
                  NAME(widen)(y + (ptrdiff_t)i * incy, incy, count, ys), padded(count));
    }
}

/* ---- the quick method --------------------------------------------------------------------- */

#if REAL_BITS == 64
/* Add to each element the products that fall to it; n <= BLOCK, a multiple of PAIR. *most: the
 * largest product so far. exact_dot_f64 has the error analysis. */
static void enclose_block_f64(struct enclosure *sum, vf64 *most, const double *x, const double *y,
                              size_t n) {
    vf64 m0 = vf64_of(EXACT_MIN_PRODUCT), m1 = m0;
    for (size_t k = 0; k < n; k += PAIR) {
        m0 = exact_max_abs(m0, load_f64(x + k) * load_f64(y + k));
        m1 = exact_max_abs(m1, load_f64(x + k + VF64) * load_f64(y + k + VF64));
    }
    const vf64 m = exact_max_abs(m0, m1);
    const vf64 sigma = exact_sigma(m, exact_log2(n / VF64)), start = exact_level_start(sigma);
    vf64 s0 = start, s1 = start, rest0 = vf64_of(0), rest1 = rest0;
    for (size_t k = 0; k < n; k += PAIR) {
        exact_addmul(&s0, &rest0, load_f64(x + k), load_f64(y + k));
        exact_addmul(&s1, &rest1, load_f64(x + k + VF64), load_f64(y + k + VF64));
    }
    enclosure_add(sum, (s0 - start) + (s1 - start), rest0 + rest1, level_bound(n / VF64, sigma));
    *most = exact_max_abs(*most, m);
}
#else
/* Of binary32 the products are exact and are added in plain arithmetic: exact_dot_f32 has the
 * bound. */
static void enclose_block_f32(struct enclosure *sum, vf64 *most, const float *x, const float *y,
                              size_t n) {
    vf64 m0 = vf64_of(0), m1 = m0, s0 = m0, s1 = m0;
    for (size_t k = 0; k < n; k += PAIR) {
        vf32 p, q;
        memcpy(&p, x + k, sizeof p);
        memcpy(&q, y + k, sizeof q);
        const vf64 h0 = vf32_widen(p, 0) * vf32_widen(q, 0),
                   h1 = vf32_widen(p, 1) * vf32_widen(q, 1);
        s0 += h0;
        s1 += h1;
        m0 = exact_max_abs(m0, h0);
        m1 = exact_max_abs(m1, h1);
    }
    const vf64 m = exact_max_abs(m0, m1);
    enclosure_add(sum, s0, s1, plain_bound(n / VF64, m));
    *most = exact_max_abs(*most, m);
}
#endif

/* The sum of n products x y, over all elements together. *most: see enclose_block. */
static void NAME(enclose)(struct enclosure *sum, vf64 *most, size_t n, const REAL *x,
                          ptrdiff_t incx, const REAL *y, ptrdiff_t incy) {
    _Alignas(64) REAL xs[BLOCK], ys[BLOCK];
    *sum = (struct enclosure){vf64_of(0), vf64_of(0), vf64_of(0)};
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t count = n - i < BLOCK ? n - i : BLOCK;
        NAME(enclose_block)
        (sum, most, NAME(block)(x + (ptrdiff_t)i * incx, incx, count, xs),
         NAME(block)(y + (ptrdiff_t)i * incy, incy, count, ys), padded(count));
    }
}

/* Round, if both ends round to the same number: rounding is monotone. One bit for each element
 * in which they do not, or are NaN. */
#if REAL_BITS == 64
/* high and low are made h + l, |l| <= u |h|. l + bound and l - bound are rounded by at most
 * u (|l| + bound); twice the bound also covers what it lost in being computed. */
static inline unsigned decide_f64(const struct enclosure *s, double result[VF64]) {
    vf64 l;
    const vf64 h = exact_two_sum(s->high, s->low, &l), bound = 2 * s->bound + 0x1p-52 * vf64_abs(l);
    const vf64 upper = h + (l + bound), lower = h + (l - bound);
    memcpy(result, &upper, sizeof upper);
    return exact_differ(upper, lower);
}
#else
/* h is wrong by at most u |h|, as are h + bound and h - bound by u (|h| + bound): doubles that
 * enclose the sum, and then are rounded to float. Only where there is nothing but an exact h, it is
 * rounded itself. The bits are compared, since -0 and +0 would be different results. */
static inline unsigned decide_f32(const struct enclosure *s, float result[VF64]) {
    const vf64 h = s->high + s->low;
    const vi64 exact = (vi64)(s->low == 0) & (vi64)(s->bound == 0);
    const vf64 bound = vf64_select(exact, vf64_of(0), 2 * s->bound + 0x1p-50 * vf64_abs(h));
    const vf32 ends = vf64_narrow(h + bound, h - bound);
    uint32_t bits[VF32];
    memcpy(bits, &ends, sizeof bits);
    memcpy(result, &ends, VF64 * sizeof *result);
    unsigned open = 0;
    for (int i = 0; i < VF64; i++)
        open |= (unsigned)(bits[i] != bits[VF64 + i] || result[i] != result[i]) << i;
    return open;
}
#endif

static REAL NAME(dot)(size_t n, const REAL *x, ptrdiff_t incx, const REAL *y, ptrdiff_t incy) {
    struct enclosure sum;
    vf64 most = vf64_of(0);
    NAME(enclose)(&sum, &most, n, x, incx, y, incy);
    sum = enclosure_totals(&sum, 1);
    REAL result[VF64];
    if ((NAME(decide)(&sum, result) & 1) == 0 && exact_above(most, EXACT_MAX_PRODUCT) == 0)
        return result[0];
    struct superacc acc;
    bf_superacc_zero(&acc);
    NAME(acc)(&acc, n, x, incx, y, incy);
    return JOIN(bf_superacc_round, SUFFIX)(&acc);
}

/* ---- matrices ----------------------------------------------------------------------------- */

static inline const REAL *NAME(at_a)(const struct task *t, size_t i) {
    return (const REAL *)t->g->a + (ptrdiff_t)i * t->g->a_row;
}

static inline const REAL *NAME(at_b)(const struct task *t, size_t j) {
    return (const REAL *)t->g->b + (ptrdiff_t)j * t->g->b_column;
}

static inline REAL *NAME(at_c)(const struct task *t, size_t i, size_t j) {
    return (REAL *)t->g->c + (ptrdiff_t)i * t->g->c_row + (ptrdiff_t)j * t->g->c_column;
}

/* alpha s + beta C for the sums s of `rows` <= VF64 rows from i on, in column j: rounded, and the
 * bits of those that are not decided. */
static unsigned NAME(finish)(const struct task *t, size_t i, size_t j, size_t rows,
                             struct enclosure s, REAL result[VF64]) {
    if (t->alpha != 1 || t->beta != 0) {
        vf64 old = vf64_of(0);
        for (size_t r = 0; t->beta != 0 && r < rows; r++)
            old[r] = (double)*NAME(at_c)(t, i + r, j);
        s = enclosure_combine(s, vf64_of(t->alpha), vf64_of(t->beta), old);
    }
    return NAME(decide)(&s, result);
}

/* The element (i, j) alone: with a level of its own, which may be far below that of a row and a
 * column, then by the exact method. */
EXACT_SLOW static REAL NAME(element)(const struct task *t, size_t i, size_t j) {
    struct enclosure sum;
    vf64 most = vf64_of(0);
    REAL result[VF64];
    NAME(enclose)(&sum, &most, t->k, NAME(at_a)(t, i), t->g->a_k, NAME(at_b)(t, j), t->g->b_k);
    if ((NAME(finish)(t, i, j, 1, enclosure_totals(&sum, 1), result) & 1) == 0 &&
        exact_above(most, EXACT_MAX_PRODUCT) == 0)
        return result[0];
    struct superacc acc;
    bf_superacc_zero(&acc);
    NAME(acc)(&acc, t->k, NAME(at_a)(t, i), t->g->a_k, NAME(at_b)(t, j), t->g->b_k);
    if (t->alpha != 1)
        bf_superacc_scale(&acc, t->alpha);
    if (t->beta != 0)
        bf_superacc_addmul_f64(&acc, t->beta, (double)*NAME(at_c)(t, i, j));
    return JOIN(bf_superacc_round, SUFFIX)(&acc);
}

/* Rows i.. of column j of C from their sums. `open`: bits of those that are to be found one by one
 * anyway. */
static void NAME(put)(const struct task *t, size_t i, size_t j, struct enclosure s, unsigned open) {
    const size_t rows = t->g->m - i < VF64 ? t->g->m - i : VF64;
    REAL result[VF64];
    open |= NAME(finish)(t, i, j, rows, s, result);
    for (size_t r = 0; r < rows; r++)
        *NAME(at_c)(t, i + r, j) = open >> r & 1 ? NAME(element)(t, i + r, j) : result[r];
}

/* The i-th numbers of the vectors j.. of n, zeros beside them. */
static inline void NAME(pack_at)(struct panel *p, const REAL *x, ptrdiff_t across, ptrdiff_t along,
                                 size_t n, size_t i, size_t j) {
    const REAL *q = x + (ptrdiff_t)i * along + (ptrdiff_t)j * across;
    double *out = p[j / VF64].x + i * VF64;
    if (across == 1 && n - j >= VF64)
        store(out, NAME(load)(q));
    else
        for (size_t r = 0; r < VF64; r++)
            out[r] = j + r < n ? (double)q[(ptrdiff_t)r * across] : 0.0;
}

/* Panels of n vectors of k numbers, `across` from one vector to the next: read as they lie. */
static void NAME(pack)(struct panel *p, const REAL *x, ptrdiff_t across, ptrdiff_t along, size_t n,
                       size_t k) {
    if (along != 1)
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < n; j += VF64)
                NAME(pack_at)(p, x, across, along, n, i, j);
    else
        for (size_t j = 0; j < n; j += VF64)
            for (size_t i = 0; i < k; i++)
                NAME(pack_at)(p, x, across, along, n, i, j);
    for (size_t j = 0; j < n; j += VF64)
        panel_measure(&p[j / VF64], k);
}

/* A panel of A times one of B, as enclose_block does it. */
static inline void NAME(tile_of)(struct enclosure *c, const struct panel *a, const struct panel *b,
                                 const struct level *level, size_t k) {
#if REAL_BITS == 64
    vf64 s[VF64], rest[VF64];
    for (int j = 0; j < VF64; j++) {
        s[j] = exact_level_start(level[j].sigma);
        rest[j] = vf64_of(0);
    }
    for (size_t i = 0; i < k; i++) {
        const vf64 x = load_f64(a->x + i * VF64);
        for (int j = 0; j < VF64; j++)
            exact_addmul(&s[j], &rest[j], x, vf64_of(b->x[i * VF64 + (size_t)j]));
    }
    for (int j = 0; j < VF64; j++) {
        c[j].high = exact_two_sum(s[j] - exact_level_start(level[j].sigma), rest[j], &c[j].low);
        c[j].bound = level_bound(k, level[j].sigma);
    }
#else
    vf64 s[VF64];
    for (int j = 0; j < VF64; j++)
        s[j] = vf64_of(0);
    for (size_t i = 0; i < k; i++) {
        const vf64 x = load_f64(a->x + i * VF64);
        for (int j = 0; j < VF64; j++) {
            const vf64 y = vf64_of(b->x[i * VF64 + (size_t)j]);
            s[j] = EXACT_FMA ? vf64_fma(x, y, s[j]) : s[j] + x * y;
        }
    }
    for (int j = 0; j < VF64; j++) {
        c[j].high = s[j];
        c[j].low = vf64_of(0);
        c[j].bound = plain_bound(k, level[j].most);
    }
#endif
    for (int j = 0; j < VF64; j++)
        c[j].bound = vf64_select(level[j].exact, vf64_of(0), c[j].bound);
}

/* Rows i.. of the columns j.. of C. */
static void NAME(tile)(const struct task *t, size_t i, size_t j, const struct panel *a,
                       const struct panel *b) {
    const int columns = t->g->n - j < VF64 ? (int)(t->g->n - j) : VF64;
    struct level level[VF64];
    struct enclosure c[VF64];
    for (int q = 0; q < VF64; q++)
        level[q] = level_of(a, b, q, exact_log2(t->k));
    NAME(tile_of)(c, a, b, level, t->k);
    for (int q = 0; q < columns; q++)
        NAME(put)
    (t, i, j + (size_t)q, c[q],
     t->k > EXACT_MAX_TERMS ? UINT_MAX : exact_above(level[q].most, EXACT_MAX_PRODUCT));
}

/* Panels of B, all at once, times strips of panels of A. */
static bool NAME(by_panels)(const struct task *t) {
    const struct gemm *g = t->g;
    struct panel *a = new_panels(STRIP, t->k), *b = new_panels((g->n + VF64 - 1) / VF64, t->k);
    const bool ready = a && b;
    if (ready)
        NAME(pack)(b, g->b, g->b_column, g->b_k, g->n, t->k);
    for (size_t i = 0; ready && i < g->m; i += STRIP * VF64) {
        const size_t rows = g->m - i < STRIP * VF64 ? g->m - i : STRIP * VF64;
        NAME(pack)(a, NAME(at_a)(t, i), g->a_row, g->a_k, rows, t->k);
        for (size_t j = 0; j < g->n; j += VF64)
            for (size_t r = 0; r < rows; r += VF64)
                NAME(tile)(t, i + r, j, &a[r / VF64], &b[j / VF64]);
    }
    free(a);
    free(b);
    return ready;
}

/* C has one column, and the rows of A lie in one piece: a sum for each. */
static void NAME(by_rows)(const struct task *t) {
    const struct gemm *g = t->g;
    for (size_t i = 0; i < g->m; i += VF64) {
        struct enclosure sums[VF64];
        unsigned open = 0;
        const size_t rows = g->m - i < VF64 ? g->m - i : VF64;
        for (size_t r = 0; r < rows; r++) {
            vf64 most = vf64_of(0);
            NAME(enclose)(&sums[r], &most, t->k, NAME(at_a)(t, i + r), g->a_k, g->b, g->b_k);
            open |= (unsigned)(exact_above(most, EXACT_MAX_PRODUCT) != 0) << r;
        }
        NAME(put)(t, i, 0, enclosure_totals(sums, rows), open);
    }
}

/* The first n <= VF64 of the numbers at p as doubles, zeros beside them. */
static inline vf64 NAME(load_some)(const REAL *p, size_t n) {
    if (n >= VF64)
        return NAME(load)(p);
    vf64 v = vf64_of(0);
    for (size_t i = 0; i < n; i++)
        v[i] = (double)p[i];
    return v;
}

/* Do `work` on every product of the sums from i on, a few columns of A at a time. */
static inline __attribute__((always_inline)) void
NAME(each_product)(const struct task *t, size_t i, size_t rows, struct column_sums *sums,
                   void (*work)(struct column_sums *sums, vf64 a, vf64 x)) {
    enum { AT_A_TIME = 8 };
    const ptrdiff_t a_k = t->g->a_k, b_k = t->g->b_k;
    for (size_t k = 0; k < t->k; k += AT_A_TIME) {
        const REAL *a = NAME(at_a)(t, i) + (ptrdiff_t)k * a_k;
        const REAL *b = NAME(at_b)(t, 0) + (ptrdiff_t)k * b_k;
        const ptrdiff_t columns = t->k - k < AT_A_TIME ? (ptrdiff_t)(t->k - k) : AT_A_TIME;
        vf64 x[AT_A_TIME];
        for (ptrdiff_t q = 0; q < columns; q++)
            x[q] = vf64_of((double)b[q * b_k]);
        for (size_t r = 0; r < rows; r += VF64) {
            struct column_sums c = sums[r / VF64];
            if (columns == AT_A_TIME && rows - r >= VF64)
                for (ptrdiff_t q = 0; q < AT_A_TIME; q++)
                    work(&c, NAME(load)(a + q * a_k + r), x[q]);
            else
                for (ptrdiff_t q = 0; q < columns; q++)
                    work(&c, NAME(load_some)(a + q * a_k + r, rows - r), x[q]);
            sums[r / VF64] = c;
        }
    }
}

/* C has one column, and the columns of A lie in one piece: a multiple of each is added to all sums
 * at once, so that A is read as it lies. */
static void NAME(by_columns)(const struct task *t) {
    enum { WIDTH = 1024 };
    struct column_sums sums[WIDTH / VF64];
    for (size_t i = 0; i < t->g->m; i += WIDTH) {
        const size_t rows = t->g->m - i < WIDTH ? t->g->m - i : WIDTH;
        const vf64 least = vf64_of(REAL_BITS == 64 ? EXACT_MIN_PRODUCT : 0);
        for (size_t v = 0; v < WIDTH / VF64; v++)
            sums[v] = (struct column_sums){least, vf64_of(0), vf64_of(0)};
#if REAL_BITS == 64
        NAME(each_product)(t, i, rows, sums, see_product);
        for (size_t v = 0; v < WIDTH / VF64; v++)
            sums[v].s = exact_level_start(exact_sigma(sums[v].most, exact_log2(t->k)));
#endif
        NAME(each_product)(t, i, rows, sums, NAME(add_product));
        for (size_t r = 0; r < rows; r += VF64) {
            const vf64 most = sums[r / VF64].most;
            const unsigned open =
                t->k > EXACT_MAX_TERMS ? UINT_MAX : exact_above(most, EXACT_MAX_PRODUCT);
            NAME(put)(t, i + r, 0, NAME(column_total)(&sums[r / VF64], t->k), open);
        }
    }
}

static bool NAME(gemm)(const struct gemm *g, REAL alpha, REAL beta) {
    const bool product = alpha != 0 && g->k > 0;
    const struct task t = {g, product ? g->k : 0, product ? (double)alpha : 1, (double)beta};
    if (g->m == 0 || g->n == 0)
        return true;
    if (g->n > 1)
        return NAME(by_panels)(&t);
    if (g->a_k == 1)
        NAME(by_rows)(&t);
    else
        NAME(by_columns)(&t);
    return true;
}

#undef REAL
