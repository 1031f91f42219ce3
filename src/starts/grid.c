/* SPDX-License-Identifier: MIT */
/* grid.c - starts on a grid in a plane of parameter space: one real vector each, rounded once.
 *
 * A parameter is origin + a u/|u| + b v/|v| with rational origin, a, b, u, v. An enclosure by MPFR
 * nearly always decides how it rounds. What is left is decided by mathematics: with N = |u|^2 and
 * M = |v|^2 the value is r + p/sqrt(N) + q/sqrt(M), r, p, q rational. Roots of rationals from
 * different square classes are linearly independent over the rationals, so once the roots that
 * are rational, or rational multiples of each other, are taken together, the value is rational
 * exactly when no root is left. A rational one is rounded as such; an irrational one is neither a
 * number of the format nor between two, so that ever tighter enclosures decide (Ziv). */
#include "num/format.h"

#include <stdlib.h>

enum { GUARD = 64 }; /* bits by which the tables exceed the format */

/* A direction, and along it the distances of the grid's lines. */
typedef struct axis {
    mpq_t from, step; /* distance of line i: from + i step */
    mpq_t *direction; /* not normalised */
    mpq_t square;     /* of its length */
    mpq_t length;     /* when `rational` */
    bool rational;
    uint32_t lines;
    /* The same rounded to precision + GUARD bits. */
    mpfr_t *distances, *units; /* (lines), (n): direction / length */
} axis;

struct bf_grid {
    bf_format format;
    size_t n;
    axis x, y;
    mpq_t *origin;
    mpfr_t *origins; /* rounded */
    bool related;    /* neither length is rational, but their quotient is */
    mpq_t quotient;  /* |x direction| / |y direction|, when `related` */
};

static bool exact_root(mpq_t root, const mpq_t square) {
    if (!mpz_perfect_square_p(mpq_numref(square)) || !mpz_perfect_square_p(mpq_denref(square)))
        return false;
    mpz_sqrt(mpq_numref(root), mpq_numref(square));
    mpz_sqrt(mpq_denref(root), mpq_denref(square));
    return true;
}

static void distance_of(mpq_t out, const axis *a, uint32_t line) {
    mpq_set_ui(out, line, 1);
    mpq_mul(out, out, a->step);
    mpq_add(out, out, a->from);
}

/* direction / length, within 3 * 2^-w of its magnitude at precision w. */
static void unit_of(mpfr_t out, const axis *a, size_t k) {
    mpfr_t length;
    mpfr_init2(length, mpfr_get_prec(out));
    mpfr_set_q(length, a->square, MPFR_RNDN);
    mpfr_sqrt(length, length, MPFR_RNDN);
    mpfr_set_q(out, a->direction[k], MPFR_RNDN);
    mpfr_div(out, out, length, MPFR_RNDN);
    mpfr_clear(length);
}

/* Enclose a u + b v + o, each operand within 3 * 2^-w of its magnitude, w the precision of low and
 * high. The terms below 2^e are then within 5 * 2^(e-w), 5 * 2^(e-w) and 3 * 2^(e-w), and the two
 * sums add 2 * 2^(e-w) and 3 * 2^(e-w): less than 2^(e-w+5) together. */
static void enclose(mpfr_t low, mpfr_t high, const mpfr_t a, const mpfr_t u, const mpfr_t b,
                    const mpfr_t v, const mpfr_t o) {
    const mpfr_prec_t w = mpfr_get_prec(low);
    mpfr_t sum, term;
    mpfr_inits2(w, sum, term, (mpfr_ptr)0);
    mpfr_mul(sum, a, u, MPFR_RNDN);
    mpfr_mul(term, b, v, MPFR_RNDN);
    mpfr_exp_t e = mpfr_get_emin();
    const mpfr_srcptr terms[] = {sum, term, o};
    for (int i = 0; i < 3; i++)
        if (mpfr_regular_p(terms[i]) && mpfr_get_exp(terms[i]) > e)
            e = mpfr_get_exp(terms[i]);
    mpfr_add(sum, sum, term, MPFR_RNDN);
    mpfr_add(sum, sum, o, MPFR_RNDN);
    mpfr_set_ui_2exp(term, 1, e - w + 5, MPFR_RNDU);
    mpfr_sub(low, sum, term, MPFR_RNDD);
    mpfr_add(high, sum, term, MPFR_RNDU);
    mpfr_clears(sum, term, (mpfr_ptr)0);
}

/* Round low into r. Returns whether high rounds to the same, so everything between them does. */
static bool decided(const bf_format *f, mpfr_t r, const mpfr_t low, const mpfr_t high) {
    mpfr_t other;
    mpfr_init2(other, f->precision);
    bf_format_round(f, r, low);
    bf_format_round(f, other, high);
    const bool same = mpfr_equal_p(r, other) && mpfr_signbit(r) == mpfr_signbit(other);
    mpfr_clear(other);
    return same;
}

/* Whether parameter k at column i, row j is rational; `out` is then its value. */
static bool rational_value(const bf_grid *g, uint32_t i, uint32_t j, size_t k, mpq_t out) {
    mpq_t p, q;
    mpq_inits(p, q, NULL);
    distance_of(p, &g->x, i);
    mpq_mul(p, p, g->x.direction[k]);
    distance_of(q, &g->y, j);
    mpq_mul(q, q, g->y.direction[k]);
    mpq_set(out, g->origin[k]);
    if (g->x.rational) {
        mpq_div(p, p, g->x.length);
        mpq_add(out, out, p);
        mpq_set_ui(p, 0, 1);
    }
    if (g->y.rational) {
        mpq_div(q, q, g->y.length);
        mpq_add(out, out, q);
        mpq_set_ui(q, 0, 1);
    }
    if (g->related) { /* q / sqrt(M) = q sqrt(N/M) / sqrt(N) */
        mpq_mul(q, q, g->quotient);
        mpq_add(p, p, q);
        mpq_set_ui(q, 0, 1);
    }
    const bool rational = mpq_sgn(p) == 0 && mpq_sgn(q) == 0;
    mpq_clears(p, q, NULL);
    return rational;
}

/* Parameter k at column i, row j, when the tables do not decide. */
static void round_slowly(const bf_grid *g, uint32_t i, uint32_t j, size_t k, mpfr_t r) {
    mpq_t exact;
    mpq_init(exact);
    bool done = rational_value(g, i, j, k, exact);
    if (done)
        bf_number_round_exact(&g->format, exact, false, r);
    for (mpfr_prec_t w = 2 * (g->format.precision + GUARD); !done; w *= 2) {
        mpfr_t a, u, b, v, o, low, high;
        mpfr_inits2(w, a, u, b, v, o, low, high, (mpfr_ptr)0);
        distance_of(exact, &g->x, i);
        mpfr_set_q(a, exact, MPFR_RNDN);
        distance_of(exact, &g->y, j);
        mpfr_set_q(b, exact, MPFR_RNDN);
        mpfr_set_q(o, g->origin[k], MPFR_RNDN);
        unit_of(u, &g->x, k);
        unit_of(v, &g->y, k);
        enclose(low, high, a, u, b, v, o);
        done = decided(&g->format, r, low, high);
        mpfr_clears(a, u, b, v, o, low, high, (mpfr_ptr)0);
    }
    mpq_clear(exact);
}

void bf_grid_start(const bf_grid *g, uint32_t i, uint32_t j, uint8_t *theta) {
    mpfr_t low, high, r;
    mpfr_inits2(g->format.precision + GUARD, low, high, (mpfr_ptr)0);
    mpfr_init2(r, g->format.precision);
    for (size_t k = 0; k < g->n; k++) {
        enclose(low, high, g->x.distances[i], g->x.units[k], g->y.distances[j], g->y.units[k],
                g->origins[k]);
        if (!decided(&g->format, r, low, high))
            round_slowly(g, i, j, k, r);
        bf_format_encode(&g->format, r, theta + k * g->format.bytes);
    }
    mpfr_clears(low, high, r, (mpfr_ptr)0);
}

/* ---- making ------------------------------------------------------------------------------- */

static mpq_t *new_rationals(size_t n) {
    mpq_t *q = calloc(n, sizeof *q);
    for (size_t i = 0; q && i < n; i++)
        mpq_init(q[i]);
    return q;
}

static void free_rationals(mpq_t *q, size_t n) {
    for (size_t i = 0; q && i < n; i++)
        mpq_clear(q[i]);
    free(q);
}

static mpfr_t *new_reals(size_t n, mpfr_prec_t precision) {
    mpfr_t *x = calloc(n, sizeof *x);
    for (size_t i = 0; x && i < n; i++)
        mpfr_init2(x[i], precision);
    return x;
}

static void free_reals(mpfr_t *x, size_t n) {
    for (size_t i = 0; x && i < n; i++)
        mpfr_clear(x[i]);
    free(x);
}

static bf_status read_direction(axis *a, const bf_axis *from, size_t n, const char *name,
                                bf_error *err) {
    bf_status s = BF_OK;
    mpq_t square;
    mpq_init(square);
    for (size_t k = 0; k < n && s == BF_OK; k++) {
        s = bf_number_rational(from->direction[k], a->direction[k], err);
        mpq_mul(square, a->direction[k], a->direction[k]);
        mpq_add(a->square, a->square, square);
    }
    mpq_clear(square);
    if (s == BF_OK && mpq_sgn(a->square) == 0)
        s = bf_fail(err, BF_EINPUT, "the direction of %s is zero; expected a number that is not",
                    name);
    a->rational = exact_root(a->length, a->square);
    return s;
}

static bf_status read_axis(axis *a, const bf_axis *from, size_t n, const char *name,
                           mpfr_prec_t precision, bf_error *err) {
    a->lines = from->points;
    a->direction = new_rationals(n);
    a->units = new_reals(n, precision);
    a->distances = new_reals(a->lines, precision);
    if (!a->direction || !a->units || !a->distances)
        return bf_no_memory(err);
    bf_status s = bf_number_rational(from->from, a->from, err);
    BF_TRY(s, bf_number_rational(from->to, a->step, err));
    BF_TRY(s, read_direction(a, from, n, name, err));
    if (s != BF_OK)
        return s;
    mpq_t distance;
    mpq_init(distance);
    mpq_sub(a->step, a->step, a->from);
    mpq_set_ui(distance, a->lines > 1 ? a->lines - 1 : 1, 1);
    mpq_div(a->step, a->step, distance);
    for (uint32_t i = 0; i < a->lines; i++) {
        distance_of(distance, a, i);
        mpfr_set_q(a->distances[i], distance, MPFR_RNDN);
    }
    for (size_t k = 0; k < n; k++)
        unit_of(a->units[k], a, k);
    mpq_clear(distance);
    return s;
}

static void free_axis(axis *a, size_t n) {
    mpq_clears(a->from, a->step, a->square, a->length, NULL);
    free_rationals(a->direction, n);
    free_reals(a->units, n);
    free_reals(a->distances, a->lines);
}

bf_status bf_grid_new(bf_grid **out, const bf_format *f, size_t n, const char *const *origin,
                      const bf_axis *x, const bf_axis *y, bf_error *err) {
    *out = NULL;
    bf_grid *g = calloc(1, sizeof *g);
    if (!g)
        return bf_no_memory(err);
    const mpfr_prec_t precision = f->precision + GUARD;
    g->format = *f;
    g->n = n;
    mpq_init(g->quotient);
    mpq_inits(g->x.from, g->x.step, g->x.square, g->x.length, NULL);
    mpq_inits(g->y.from, g->y.step, g->y.square, g->y.length, NULL);
    g->origin = new_rationals(n);
    g->origins = new_reals(n, precision);
    bf_status s = g->origin && g->origins ? BF_OK : bf_no_memory(err);
    for (size_t k = 0; k < n && s == BF_OK; k++) {
        s = bf_number_rational(origin[k], g->origin[k], err);
        mpfr_set_q(g->origins[k], g->origin[k], MPFR_RNDN);
    }
    BF_TRY(s, read_axis(&g->x, x, n, "x", precision, err));
    BF_TRY(s, read_axis(&g->y, y, n, "y", precision, err));
    if (s != BF_OK) {
        bf_grid_free(g);
        return s;
    }
    if (!g->x.rational && !g->y.rational) {
        mpq_div(g->quotient, g->x.square, g->y.square);
        g->related = exact_root(g->quotient, g->quotient);
    }
    *out = g;
    return BF_OK;
}

void bf_grid_free(bf_grid *g) {
    if (!g)
        return;
    free_axis(&g->x, g->n);
    free_axis(&g->y, g->n);
    free_rationals(g->origin, g->n);
    free_reals(g->origins, g->n);
    mpq_clear(g->quotient);
    free(g);
}
