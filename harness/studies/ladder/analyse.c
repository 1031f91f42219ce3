/* SPDX-License-Identifier: MIT */
/* analyse.c - outcome against precision: from the rows of a store to curves and horizons. */
#include "studies/ladder/ladder.h"

#include "stats/json.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 1000, SATURATED = -10 /* log2 of distance over norm */ };

/* The plateau ends at this share of the horizon. */
static const double plateau_end = 0.6;

/* ---- the rows ----------------------------------------------------------------------------- */

/* The runs of one arithmetic at one number of steps, by start. */
typedef struct runs {
    int *outcome; /* its number in labels; -1: no run */
    bool *ended;  /* diverged */
    uint8_t **theta;
    int *n_theta; /* bytes */
} runs;

typedef struct member {
    int64_t id;
    char *name;
    bf_format format;
    bool strict, plain;
    unsigned order; /* in the experiment */
    runs *at;       /* of each level */
} member;

typedef struct data {
    size_t starts, n_levels;
    const uint64_t *levels;
    member *members; /* by bits, then in the experiment's order */
    size_t n_members;
    const member *reference;
    char **labels;
    int n_labels;
} data;

static bf_status damaged(bf_error *err) {
    return bf_fail(err, BF_EINPUT, "damaged store: a rung that no ladder leaves");
}

static void free_data(data *d) {
    for (size_t m = 0; m < d->n_members; m++) {
        for (size_t l = 0; d->members[m].at && l < d->n_levels; l++) {
            runs *r = &d->members[m].at[l];
            for (size_t s = 0; r->theta && s < d->starts; s++)
                free(r->theta[s]);
            free(r->outcome);
            free(r->ended);
            free(r->theta);
            free(r->n_theta);
        }
        free(d->members[m].at);
        free(d->members[m].name);
    }
    for (int i = 0; i < d->n_labels; i++)
        free(d->labels[i]);
    free(d->members);
    free(d->labels);
}

static bool new_runs(runs *r, size_t starts) {
    r->outcome = malloc((starts + 1) * sizeof *r->outcome);
    r->ended = calloc(starts + 1, sizeof *r->ended);
    r->theta = calloc(starts + 1, sizeof *r->theta);
    r->n_theta = calloc(starts + 1, sizeof *r->n_theta);
    for (size_t s = 0; r->outcome && s < starts; s++)
        r->outcome[s] = -1;
    return r->outcome && r->ended && r->theta && r->n_theta;
}

static unsigned place_in(const experiment *x, const char *name) {
    unsigned i = 0;
    while (i < x->n_arithmetics && strcmp(x->arithmetics[i], name) != 0)
        i++;
    return i;
}

static bf_status add_member(data *d, const experiment *x, sqlite3_stmt *row, bf_error *err) {
    member *grown = realloc(d->members, (d->n_members + 1) * sizeof *grown);
    if (!grown)
        return bf_no_memory(err);
    d->members = grown;
    member *m = &d->members[d->n_members++];
    *m = (member){.id = sqlite3_column_int64(row, 0)};
    const char *name = (const char *)sqlite3_column_text(row, 1);
    bf_arithmetic a;
    /* By its name alone: a store does not decide what is opened. */
    bf_status s = bf_arithmetic_parse(&a, name ? name : "", err);
    if (s != BF_OK)
        return s;
    m->name = strdup(a.name);
    m->format = a.format;
    m->strict = a.strict;
    m->plain = !strchr(a.name, '/');
    m->order = place_in(x, a.name);
    m->at = calloc(d->n_levels, sizeof *m->at);
    if (!m->name || !m->at)
        return bf_no_memory(err);
    for (size_t l = 0; l < d->n_levels; l++)
        if (!new_runs(&m->at[l], d->starts))
            return bf_no_memory(err);
    return BF_OK;
}

static int label_number(data *d, const char *label) {
    for (int i = 0; i < d->n_labels; i++)
        if (strcmp(d->labels[i], label) == 0)
            return i;
    char **grown = realloc(d->labels, ((size_t)d->n_labels + 1) * sizeof *grown);
    if (!grown)
        return -1;
    d->labels = grown;
    d->labels[d->n_labels] = strdup(label);
    return d->labels[d->n_labels] ? d->n_labels++ : -1;
}

static bf_status add_rung(data *d, sqlite3_stmt *row, bf_error *err) {
    member *m = d->members;
    while (m < d->members + d->n_members && m->id != sqlite3_column_int64(row, 0))
        m++;
    size_t level = 0;
    while (level < d->n_levels && (int64_t)d->levels[level] != sqlite3_column_int64(row, 1))
        level++;
    const int64_t start = sqlite3_column_int64(row, 2);
    const char *label = (const char *)sqlite3_column_text(row, 3);
    const int n = sqlite3_column_bytes(row, 5);
    if (m == d->members + d->n_members || start < 0 || !label || n < 0 ||
        (size_t)n % m->format.bytes != 0 || (size_t)n > STORE_SKETCH * m->format.bytes)
        return damaged(err);
    if (level == d->n_levels || (uint64_t)start >= d->starts)
        return BF_OK; /* of a longer ladder */
    runs *r = &m->at[level];
    r->outcome[start] = label_number(d, label);
    r->ended[start] = sqlite3_column_int64(row, 4) < sqlite3_column_int64(row, 1);
    free(r->theta[start]);
    r->theta[start] = malloc((size_t)n + 1);
    if (!r->theta[start] || r->outcome[start] < 0)
        return bf_no_memory(err);
    if (n > 0)
        memcpy(r->theta[start], sqlite3_column_blob(row, 5), (size_t)n);
    r->n_theta[start] = n;
    return BF_OK;
}

static bf_status read_rows(store *s, data *d, const experiment *x, const char *sql, bool rungs,
                           bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, sql, &q, err);
    int code = SQLITE_DONE;
    while (status == BF_OK && (code = sqlite3_step(q)) == SQLITE_ROW)
        status = rungs ? add_rung(d, q, err) : add_member(d, x, q, err);
    if (status == BF_OK && code != SQLITE_DONE)
        status = store_failed(s, err);
    sqlite3_finalize(q);
    return status;
}

static int by_bits(const void *a, const void *b) {
    const member *m = a, *n = b;
    if (m->format.precision != n->format.precision)
        return m->format.precision < n->format.precision ? -1 : 1;
    return m->order < n->order ? -1 : m->order > n->order;
}

static bool has_runs(const member *m, const data *d) {
    for (size_t l = 0; l < d->n_levels; l++)
        for (size_t s = 0; s < d->starts; s++)
            if (m->at[l].outcome[s] >= 0)
                return true;
    return false;
}

static bf_status read_data(data *d, store *s, const experiment *x, bf_error *err) {
    *d = (data){.starts = (size_t)x->ladder.starts,
                .levels = x->ladder.steps,
                .n_levels = x->ladder.n_steps};
    bf_status status =
        read_rows(s, d, x, "SELECT id, name FROM arithmetic ORDER BY id", false, err);
    BF_TRY(status,
           read_rows(s, d, x, "SELECT arithmetic, steps, start, outcome, step, theta FROM rung",
                     true, err));
    if (status != BF_OK)
        return status;
    if (d->n_members > 0)
        qsort(d->members, d->n_members, sizeof *d->members, by_bits);
    /* The highest precision; of several with the same, a plain one, else the first. */
    for (size_t i = 0; i < d->n_members; i++) {
        const member *m = &d->members[i], *r = d->reference;
        if (has_runs(m, d) &&
            (!r || m->format.precision > r->format.precision || (m->plain && !r->plain)))
            d->reference = m;
    }
    return BF_OK;
}

/* ---- one level ---------------------------------------------------------------------------- */

/* What a bootstrap over starts draws from. */
typedef struct curve {
    size_t starts, n; /* plain points */
    double plateau_to;
    const double *bits;
    const uint8_t *fates; /* [point * starts + start]: see stats.h */
    double *room;         /* 3 n */
} curve;

/* The shares, with start s counted times[s] times (NULL: once). */
static void shares(const curve *c, const uint32_t *times, double *share, double *weight) {
    for (size_t i = 0; i < c->n; i++) {
        double n = 0, k = 0;
        for (size_t s = 0; s < c->starts; s++) {
            const double t = times ? times[s] : 1;
            const uint8_t fate = c->fates[i * c->starts + s];
            n += fate == STATS_ABSENT ? 0 : t;
            k += fate == STATS_CHANGED ? t : 0;
        }
        share[i] = n > 0 ? k / n : 0;
        weight[i] = n;
    }
}

/* The decreasing sequence nearest to n weighted values: at i, the lowest over beginnings at or
 * before i of the highest over ends at or after i of the mean between them. */
static void decreasing(size_t n, const double *value, const double *weight, double *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = INFINITY;
        for (size_t begin = 0; begin <= i; begin++) {
            double sum = 0, all = 0, highest = -INFINITY;
            for (size_t end = begin; end < n; end++) {
                sum += value[end] * weight[end];
                all += weight[end];
                if (end >= i && all > 0)
                    highest = fmax(highest, sum / all);
            }
            out[i] = fmin(out[i], highest);
        }
    }
}

static bool on_plateau(const curve *c, size_t i) {
    return c->bits[i] >= LADDER_FEWEST_BITS && c->bits[i] <= c->plateau_to;
}

/* The mean share of the plateau, and where the decreasing shares have fallen to half of it;
 * infinite when they do not. */
static void plateau_and_half(const void *self, const uint32_t *times, double *values) {
    const curve *c = self;
    double *share = c->room, *weight = share + c->n, *smooth = weight + c->n, sum = 0, all = 0;
    shares(c, times, share, weight);
    decreasing(c->n, share, weight, smooth);
    for (size_t i = 0; i < c->n; i++)
        if (on_plateau(c, i)) {
            sum += share[i] * weight[i];
            all += weight[i];
        }
    const double half = sum / all / 2;
    size_t i = 0;
    while (i < c->n && (c->bits[i] < LADDER_FEWEST_BITS || smooth[i] > half))
        i++;
    values[0] = sum / all;
    values[1] = half > 0 && i < c->n && i > 0
                    ? c->bits[i] - (c->bits[i] - c->bits[i - 1]) * (half - smooth[i]) /
                                       (smooth[i - 1] - smooth[i])
                : half > 0 ? INFINITY
                           : NAN;
}

static uint8_t fate_of(const runs *r, const runs *reference, size_t start) {
    if (r->outcome[start] < 0 || reference->outcome[start] < 0)
        return STATS_ABSENT;
    return r->outcome[start] == reference->outcome[start] ? STATS_SAME : STATS_CHANGED;
}

static double log2_distance(const member *a, const runs *r, const member *b, const runs *s,
                            size_t start) {
    const size_t n = (size_t)r->n_theta[start] / a->format.bytes;
    if (b && n != (size_t)s->n_theta[start] / b->format.bytes)
        return NAN;
    return bf_log2_distance(n, &a->format, r->theta[start], b ? &b->format : NULL,
                            b ? s->theta[start] : NULL);
}

/* Bits that the run from this start has lost; NAN: no arithmetic tells. */
static double bits_lost(const data *d, size_t level, size_t start) {
    const member *ref = d->reference;
    const runs *r = &ref->at[level];
    if (r->outcome[start] < 0 || r->ended[start])
        return NAN;
    for (size_t i = d->n_members; i-- > 0;) {
        const member *m = &d->members[i];
        const runs *q = &m->at[level];
        if (!m->plain || m->format.precision >= ref->format.precision || q->outcome[start] < 0)
            continue;
        if (q->ended[start])
            return NAN;
        const double lost =
            log2_distance(m, q, ref, r, start) - log2_distance(ref, r, NULL, NULL, start);
        return isfinite(lost) && lost < SATURATED ? m->format.precision + lost : NAN;
    }
    return NAN;
}

/* Bits lost, of all starts: [start]. */
typedef struct losses {
    size_t starts;
    const double *bits;
    double *room; /* starts */
} losses;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const losses *l, const uint32_t *times) {
    size_t n = 0;
    for (size_t s = 0; s < l->starts; s++)
        if (!isnan(l->bits[s]))
            for (uint32_t t = times ? times[s] : 1; t > 0 && n < l->starts; t--)
                l->room[n++] = l->bits[s];
    if (n == 0)
        return NAN;
    qsort(l->room, n, sizeof *l->room, by_value);
    return (l->room[(n - 1) / 2] + l->room[n / 2]) / 2;
}

static bool add_points(ladder_level *l, const data *d, size_t level) {
    l->points = calloc(d->n_members + 1, sizeof *l->points);
    for (size_t i = 0; l->points && i < d->n_members; i++) {
        const member *m = &d->members[i];
        ladder_point p = {.bits = m->format.precision, .strict = m->strict, .plain = m->plain};
        for (size_t s = 0; s < d->starts; s++) {
            const uint8_t fate = fate_of(&m->at[level], &d->reference->at[level], s);
            p.n += fate != STATS_ABSENT;
            p.differ += fate == STATS_CHANGED;
        }
        if (m == d->reference || p.n == 0)
            continue;
        p.fraction = stats_share(p.differ, p.n);
        if (!(p.arithmetic = strdup(m->name)))
            return false;
        l->points[l->n_points++] = p;
    }
    return l->points != NULL;
}

/* One level, for bootstraps over starts. */
typedef struct sample {
    curve curve;
    losses losses;
    double *bits, *lost, *room;
    uint8_t *fates;
} sample;

static void free_sample(sample *v) {
    free(v->bits);
    free(v->lost);
    free(v->room);
    free(v->fates);
}

/* The fates of the plain arithmetics below the reference; the bits lost from each start. */
static bool new_sample(sample *v, const data *d, size_t level) {
    const size_t starts = d->starts, most = d->n_members + 1;
    *v = (sample){.bits = malloc(most * sizeof *v->bits),
                  .lost = malloc((starts + 1) * sizeof *v->lost),
                  .room = malloc((starts + 3 * most) * sizeof *v->room),
                  .fates = malloc(most * (starts + 1))};
    if (!v->bits || !v->lost || !v->room || !v->fates)
        return false;
    v->curve =
        (curve){.starts = starts, .bits = v->bits, .fates = v->fates, .room = v->room + starts};
    v->losses = (losses){.starts = starts, .bits = v->lost, .room = v->room};
    for (size_t i = 0; i < d->n_members; i++) {
        const member *m = &d->members[i];
        bool any = false;
        for (size_t s = 0; s < starts; s++) {
            uint8_t *fate = v->fates + v->curve.n * starts + s;
            *fate = fate_of(&m->at[level], &d->reference->at[level], s);
            any |= *fate != STATS_ABSENT;
        }
        if (any && m->plain && m != d->reference)
            v->bits[v->curve.n++] = m->format.precision;
    }
    for (size_t s = 0; s < starts; s++)
        v->lost[s] = bits_lost(d, level, s);
    return true;
}

static void horizon_statistic(const void *self, const uint32_t *times, double *values) {
    *values = median(&((const sample *)self)->losses, times);
}

/* The horizon; for want of one, nothing else is to be told. */
static bool measure_horizon(ladder_level *l, const sample *v, uint64_t seed) {
    interval i;
    for (size_t s = 0; s < v->losses.starts; s++)
        l->n_horizon += isnan(v->lost[s]) ? 0 : 1;
    horizon_statistic(v, NULL, &l->horizon.value);
    if (isnan(l->horizon.value))
        return true;
    bool room = stats_bootstrap(v->losses.starts, 1, horizon_statistic, v, RESAMPLES, seed, &i);
    l->horizon.low = i.low;
    l->horizon.high = i.high;
    return room;
}

static double inverse(double phi) {
    return isnan(phi) ? NAN : phi > 0 ? 1 / phi : INFINITY;
}

static bool fit_plateau(ladder_level *l, const curve *c, uint64_t seed) {
    double *eps = malloc((c->n + 1) * sizeof *eps);
    uint8_t *fates = malloc(c->n * c->starts + 1);
    size_t n = 0;
    for (size_t i = 0; eps && fates && i < c->n; i++) {
        if (!on_plateau(c, i))
            continue;
        memcpy(fates + n * c->starts, c->fates + i * c->starts, c->starts);
        eps[n++] = exp2(-c->bits[i]);
        for (size_t k = 0; k < l->n_points; k++)
            l->points[k].plateau |= l->points[k].plain && l->points[k].bits == (int)c->bits[i];
    }
    if (eps && fates)
        l->slope = stats_exponent(n, eps, c->starts, fates, RESAMPLES, seed);
    l->bits_to_halve =
        (estimate){inverse(l->slope.phi), inverse(l->slope.high), inverse(l->slope.low)};
    const bool room = eps && fates;
    free(eps);
    free(fates);
    return room;
}

static bool measure_plateau(ladder_level *l, const curve *c, uint64_t seed) {
    double values[2];
    interval i[2];
    plateau_and_half(c, NULL, values);
    if (!stats_bootstrap(c->starts, 2, plateau_and_half, c, RESAMPLES, seed, i))
        return false;
    l->plateau = (estimate){values[0], i[0].low, i[0].high};
    l->half = (estimate){values[1], i[1].low, i[1].high};
    return fit_plateau(l, c, seed);
}

static bool measure_level(ladder_level *l, const data *d, size_t level, sample *v, uint64_t seed) {
    const estimate none = {NAN, NAN, NAN};
    *l = (ladder_level){.steps = d->levels[level],
                        .plateau = none,
                        .slope = {NAN, NAN, NAN, NAN, 0},
                        .bits_to_halve = none,
                        .half = none,
                        .horizon = none,
                        .predicted = none};
    if (!add_points(l, d, level) || !new_sample(v, d, level) || !measure_horizon(l, v, seed))
        return false;
    for (size_t k = l->n_points; k-- > 0 && (!l->points[k].plain || l->points[k].differ == 0);)
        if (l->points[k].plain)
            l->resolved_from = l->points[k].bits;
    v->curve.plateau_to = plateau_end * l->horizon.value;
    bool any = false;
    for (size_t i = 0; i < v->curve.n; i++)
        any |= on_plateau(&v->curve, i);
    return !any || measure_plateau(l, &v->curve, seed);
}

/* ---- over the levels ---------------------------------------------------------------------- */

typedef struct samples {
    size_t n;
    const sample *of;
    const uint64_t *steps;
} samples;

/* Least squares. */
static void slope_statistic(const void *self, const uint32_t *times, double *values) {
    const samples *v = self;
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t l = 0; l < v->n; l++) {
        const double at = (double)v->steps[l], bits = median(&v->of[l].losses, times);
        if (isnan(bits))
            continue;
        n++;
        x += at;
        y += bits;
        xx += at * at;
        xy += at * bits;
    }
    *values = n < 2 ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

static bool measure_levels(ladder *out, const data *d, uint64_t seed) {
    sample *of = calloc(d->n_levels, sizeof *of);
    bool room = of != NULL;
    for (size_t l = 0; l < d->n_levels && room; l++)
        room = measure_level(&out->levels[l], d, l, &of[l], seed);
    const samples all = {d->n_levels, of, d->levels};
    interval i = {NAN, NAN};
    double slope = NAN;
    if (room && d->n_levels > 1) {
        slope_statistic(&all, NULL, &slope);
        room = stats_bootstrap(d->starts, 1, slope_statistic, &all, RESAMPLES, seed, &i);
    }
    out->horizon_per_step = (estimate){slope, i.low, i.high};
    for (size_t l = 0; of && l < d->n_levels; l++)
        free_sample(&of[l]);
    free(of);
    return room;
}

/* lambda_1 from the rates of growth in the store, and what it predicts. */
static bf_status predict(ladder *out, store *s, const data *d, uint64_t seed, bf_error *err) {
    sqlite3_stmt *q;
    double *rates = malloc((d->starts + 1) * sizeof *rates);
    size_t n = 0;
    bf_status status =
        store_prepare(s, "SELECT rate FROM growth WHERE rate IS NOT NULL ORDER BY start", &q, err);
    int code = SQLITE_DONE;
    while (status == BF_OK && rates && n < d->starts && (code = sqlite3_step(q)) == SQLITE_ROW)
        rates[n++] = sqlite3_column_double(q, 0);
    if (status == BF_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        status = store_failed(s, err);
    sqlite3_finalize(q);
    if (status == BF_OK && (!rates || !stats_mean(n, rates, RESAMPLES, seed, &out->lambda)))
        status = bf_no_memory(err);
    free(rates);
    for (size_t l = 0; l < out->n_levels && status == BF_OK; l++) {
        const double bits = (double)out->levels[l].steps / log(2);
        out->levels[l].predicted =
            (estimate){out->lambda.value * bits, out->lambda.low * bits, out->lambda.high * bits};
    }
    return status;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bf_status measure(ladder *out, store *s, const data *d, const experiment *x, bf_error *err) {
    out->n_levels = d->n_levels;
    out->levels = calloc(d->n_levels, sizeof *out->levels);
    if (!out->levels)
        return bf_no_memory(err);
    const estimate none = {NAN, NAN, NAN};
    out->lambda = out->horizon_per_step = none;
    out->main = d->n_levels - 1;
    for (size_t l = 0; l < d->n_levels; l++)
        if (d->levels[l] == x->train.steps)
            out->main = l;
    if (!d->reference)
        return BF_OK;
    out->reference_bits = d->reference->format.precision;
    for (size_t i = 0; i < d->starts; i++)
        out->starts += d->reference->at[out->main].outcome[i] >= 0;
    if (!(out->reference = strdup(d->reference->name)))
        return bf_no_memory(err);
    if (!measure_levels(out, d, x->seed))
        return bf_no_memory(err);
    return predict(out, s, d, x->seed, err);
}

bf_status ladder_of(ladder **out, store *s, const experiment *x, bf_error *err) {
    data d;
    *out = NULL;
    bf_status status = read_data(&d, s, x, err);
    ladder *l = calloc(1, sizeof *l);
    if (status == BF_OK && !l)
        status = bf_no_memory(err);
    BF_TRY(status, measure(l, s, &d, x, err));
    free_data(&d);
    if (status == BF_OK)
        *out = l;
    else
        ladder_free(l);
    return status;
}

void ladder_free(ladder *l) {
    if (!l)
        return;
    for (size_t i = 0; l->levels && i < l->n_levels; i++) {
        for (size_t k = 0; k < l->levels[i].n_points; k++)
            free(l->levels[i].points[k].arithmetic);
        free(l->levels[i].points);
    }
    free(l->levels);
    free(l->reference);
    free(l);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *points_json(const ladder_level *l) {
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_points; i++) {
        const ladder_point *p = &l->points[i];
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:o, s:b}", "arithmetic", p->arithmetic,
                            "bits", p->bits, "n", (json_int_t)p->n, "differ", (json_int_t)p->differ,
                            "fraction", json_number(p->fraction.value), "low",
                            json_number(p->fraction.low), "high", json_number(p->fraction.high),
                            "plateau", p->plateau));
    }
    return list;
}

/* Numbers by themselves, and with their intervals. */
static json_t *level_json(const ladder_level *l) {
    json_t *intervals =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "plateau", json_estimate(l->plateau), "phi",
                  json_estimate((estimate){l->slope.phi, l->slope.low, l->slope.high}),
                  "bits_to_halve", json_estimate(l->bits_to_halve), "horizon_bits_predicted",
                  json_estimate(l->predicted), "horizon_bits_measured", json_estimate(l->horizon),
                  "half_plateau_bits", json_estimate(l->half));
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "steps",
                     (json_int_t)l->steps, "points", points_json(l), "plateau",
                     json_number(l->plateau.value), "horizon_bits_predicted",
                     json_number(l->predicted.value), "horizon_bits_measured",
                     json_number(l->horizon.value), "horizon_n", (json_int_t)l->n_horizon,
                     "half_plateau_bits", json_number(l->half.value), "no_difference_from_bits",
                     l->resolved_from ? json_integer(l->resolved_from) : json_null(),
                     "bits_to_halve", json_number(l->bits_to_halve.value), "intervals", intervals);
}

json_t *ladder_json(const ladder *l, const char *name) {
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_levels; i++)
        json_array_append_new(list, level_json(&l->levels[i]));
    json_t *out = json_pack("{s:s, s:s?, s:i, s:I, s:o, s:o}", "experiment", name, "reference",
                            l->reference, "reference_bits", l->reference_bits, "starts",
                            (json_int_t)l->starts, "lambda_1", json_estimate(l->lambda),
                            "horizon_bits_per_step", json_estimate(l->horizon_per_step));
    json_t *main = l->n_levels ? level_json(&l->levels[l->main]) : json_object();
    if (!out || !main || json_object_update_missing(out, main) != 0 ||
        json_object_set_new(out, "levels", list) != 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(main);
    return out;
}
