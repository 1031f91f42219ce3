/* SPDX-License-Identifier: MIT */
/* analyse.c - what a store says: one query per question, then the exponents. */
#include "studies/summary.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/json.h"
#include "run/predict.h"
#include "stats/stats.h"
#include "studies/lyapunov/store.h"
#include "studies/map/analyse.h"
#include "studies/map/analyse.h"

enum { RESAMPLES = 1000 };

/* What the trials of one arithmetic say of each start. */
typedef struct runs {
    int64_t arithmetic; /* its id in the store */
    int64_t *starts;    /* that have a reference, in order */
    size_t n, room;
    uint8_t *fates; /* [point * n + start]: see stats.h */
    double *churn;  /* likewise the share of predictions that differ; NAN: not compared */
    /* the last trial read: the id of its eps, and its start's place */
    int64_t eps;
    size_t at;
} runs;

/* A summary being put together. */
typedef struct build {
    summary *s;
    runs *runs; /* of s->arithmetics */
} build;

/* ---- small things ------------------------------------------------------------------------- */

/* One more element, zeroed, at the end of an array; NULL: no memory. */
static void *append(void *array, size_t *n, size_t size) {
    char **at = array, *grown = realloc(*at, (*n + 1) * size);
    if (!grown)
        return NULL;
    *at = grown;
    return memset(grown + size * (*n)++, 0, size);
}

/* A copy that is UTF-8 without control characters, whatever a stranger's store held. */
static char *copy(const char *text) {
    char *out = strdup(text ? text : "");
    if (out)
        bf_text_printable(out, true);
    return out;
}

static char *copy_column(sqlite3_stmt *row, int column) {
    return copy((const char *)sqlite3_column_text(row, column));
}

static uint64_t count_column(sqlite3_stmt *row, int column) {
    int64_t n = sqlite3_column_int64(row, column);
    return n > 0 ? (uint64_t)n : 0;
}

/* ---- one function per query: what a row adds ----------------------------------------------- */

static summary_arithmetic *arithmetic_by_id(build *b, int64_t id, runs **r) {
    for (size_t i = 0; i < b->s->n_arithmetics; i++)
        if (b->runs[i].arithmetic == id) {
            *r = &b->runs[i];
            return &b->s->arithmetics[i];
        }
    return NULL;
}

static bf_status want_zero(build *b, sqlite3_stmt *row, bf_error *err) {
    (void)b;
    if (sqlite3_column_int64(row, 0) != 0)
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: %s",
                       (const char *)sqlite3_column_text(row, 1));
    return BF_OK;
}

static bf_status add_arithmetic(build *b, sqlite3_stmt *row, bf_error *err) {
    size_t n = b->s->n_arithmetics;
    runs *r = append(&b->runs, &n, sizeof *r);
    if (!r)
        return bf_no_memory(err);
    r->arithmetic = sqlite3_column_int64(row, 0);
    summary_arithmetic *a = append(&b->s->arithmetics, &b->s->n_arithmetics, sizeof *a);
    if (!a || !(a->name = copy_column(row, 1)))
        return bf_no_memory(err);
    a->precision = sqlite3_column_int(row, 2);
    a->strict = sqlite3_column_int(row, 3) != 0;
    return BF_OK;
}

static bf_status add_total(build *b, sqlite3_stmt *row, bf_error *err) {
    (void)err;
    b->s->n = count_column(row, 0);
    return BF_OK;
}

static bf_status add_start(build *b, sqlite3_stmt *row, bf_error *err) {
    runs *r;
    if (!arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r))
        return bf_fail(err, BF_EINPUT, "damaged store: runs of an arithmetic it does not name");
    bf_status s = bf_array_grow(&r->starts, &r->room, r->n + 1, sizeof *r->starts, err);
    if (s == BF_OK)
        r->starts[r->n++] = sqlite3_column_int64(row, 1);
    return s;
}

/* The trial's point, at the end of the list: a new one when its eps is new. */
static summary_point *point_of(summary_arithmetic *a, runs *r, sqlite3_stmt *row) {
    int64_t eps = sqlite3_column_int64(row, 1);
    if (a->n_points > 0 && r->eps == eps)
        return &a->points[a->n_points - 1];
    uint8_t *fates = realloc(r->fates, (a->n_points + 1) * r->n);
    if (!fates)
        return NULL;
    memset(fates + a->n_points * r->n, STATS_ABSENT, r->n);
    r->fates = fates;
    double *churn = realloc(r->churn, (a->n_points + 1) * r->n * sizeof *churn);
    if (!churn)
        return NULL;
    for (size_t i = 0; i < r->n; i++)
        churn[a->n_points * r->n + i] = NAN;
    r->churn = churn;
    r->eps = eps;
    r->at = 0;
    summary_point *p = append(&a->points, &a->n_points, sizeof *p);
    if (!p || !(p->eps = copy_column(row, 2)))
        return NULL;
    p->value = sqlite3_column_double(row, 3);
    return p;
}

/* The share of predictions in which two columns differ; NAN: one has none. False: they are not
 * predictions of the same samples. */
static bool compare_predictions(sqlite3_stmt *row, int column_a, int column_b, double *share) {
    enum { WIDTH = PREDICTION_BYTES };
    const uint8_t *a = sqlite3_column_blob(row, column_a);
    const uint8_t *b = sqlite3_column_blob(row, column_b);
    const int size = sqlite3_column_bytes(row, column_a);
    *share = NAN;
    if (!a || !b)
        return true;
    if (size % WIDTH != 0 || size != sqlite3_column_bytes(row, column_b))
        return false;
    int differ = 0;
    for (int i = 0; i < size; i += WIDTH)
        differ += memcmp(a + i, b + i, WIDTH) != 0;
    *share = (double)differ / (size / WIDTH);
    return true;
}

static bf_status add_trial(build *b, sqlite3_stmt *row, bf_error *err) {
    runs *r;
    summary_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a || r->n == 0)
        return bf_fail(err, BF_EINPUT, "damaged store: trials of an arithmetic it does not name");
    summary_point *p = point_of(a, r, row);
    if (!p)
        return bf_no_memory(err);
    int64_t start = sqlite3_column_int64(row, 4);
    while (r->at < r->n && r->starts[r->at] < start)
        r->at++;
    if (r->at == r->n || r->starts[r->at] != start)
        return bf_fail(err, BF_EINPUT, "damaged store: its trials are not in order");
    bool changed = sqlite3_column_int(row, 5) != 0;
    const size_t at = (a->n_points - 1) * r->n + r->at++;
    r->fates[at] = changed ? STATS_CHANGED : STATS_SAME;
    if (!compare_predictions(row, 7, 8, &r->churn[at]))
        return bf_fail(err, BF_EINPUT, "damaged store: predictions of other samples");
    p->compared += isnan(r->churn[at]) ? 0 : 1;
    p->n++;
    p->changed += changed;
    p->moved += sqlite3_column_int(row, 6) != 0;
    a->n++;
    return BF_OK;
}

static bf_status add_outcome(build *b, sqlite3_stmt *row, bf_error *err) {
    runs *r;
    summary_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a)
        return bf_fail(err, BF_EINPUT, "damaged store: runs of an arithmetic it does not name");
    summary_outcome *o = append(&a->outcomes, &a->n_outcomes, sizeof *o);
    if (!o || !(o->label = copy_column(row, 1)))
        return bf_no_memory(err);
    o->n = count_column(row, 2);
    a->references += o->n;
    a->later += count_column(row, 3);
    a->stable += count_column(row, 4);
    return BF_OK;
}

static bf_status add_repeats(build *b, sqlite3_stmt *row, bf_error *err) {
    runs *r;
    summary_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a)
        return bf_fail(err, BF_EINPUT, "damaged store: repeats of an arithmetic it does not name");
    a->repeats = count_column(row, 1);
    a->identical = count_column(row, 2);
    return BF_OK;
}

static bf_status add_fact(build *b, sqlite3_stmt *row, bf_error *err) {
    int64_t number = sqlite3_column_int64(row, 0);
    summary *s = b->s;
    summary_session *session = s->n_sessions ? &s->sessions[s->n_sessions - 1] : NULL;
    if (!session || session->number != number) {
        session = append(&s->sessions, &s->n_sessions, sizeof *session);
        if (!session)
            return bf_no_memory(err);
        session->number = number;
    }
    summary_fact *fact = append(&session->facts, &session->n_facts, sizeof *fact);
    if (!fact || !(fact->key = copy_column(row, 1)) || !(fact->value = copy_column(row, 2)))
        return bf_no_memory(err);
    return BF_OK;
}

/* ---- the queries -------------------------------------------------------------------------- */

/* The type each column of a row must have: i integer, r finite number, t text, b bytes
 * or NULL. */
static const struct query {
    const char *columns, *sql;
    bf_status (*row)(build *b, sqlite3_stmt *row, bf_error *err);
} queries[] = {
    {"it",
     "SELECT count(*) <> 6, 'one of its tables is missing' FROM sqlite_schema WHERE type = 'table'"
     " AND name IN ('experiment', 'arithmetic', 'eps', 'trial', 'repeat', 'provenance')",
     want_zero},
    {"it",
     "SELECT count(*), 'a trial has a value of the wrong type' FROM trial"
     " WHERE typeof(outcome) <> 'text' OR typeof(later) NOT IN ('text', 'null')"
     " OR typeof(moved) <> 'integer'",
     want_zero},
    {"itii", "SELECT id, name, precision, strict FROM arithmetic ORDER BY id", add_arithmetic},
    {"i", "SELECT count(*) FROM trial", add_total},
    {"ii", "SELECT arithmetic, start FROM trial WHERE eps = 0 ORDER BY arithmetic, start",
     add_start},
    {"iitriiibb",
     "SELECT t.arithmetic, t.eps, e.text, e.value, t.start, t.outcome <> r.outcome, t.moved <> 0,"
     " t.predictions, r.predictions"
     " FROM trial t CROSS JOIN eps e ON e.id = t.eps CROSS JOIN trial r"
     " ON r.arithmetic = t.arithmetic AND r.eps = 0 AND r.start = t.start"
     " WHERE t.eps <> 0 ORDER BY t.arithmetic, t.eps, t.start",
     add_trial},
    {"itiii",
     "SELECT arithmetic, outcome, count(*) AS n, count(later), coalesce(sum(later = outcome), 0)"
     " FROM trial WHERE eps = 0 GROUP BY arithmetic, outcome ORDER BY arithmetic, n DESC, outcome",
     add_outcome},
    {"iii",
     "SELECT arithmetic, count(*), sum(first = second) FROM repeat GROUP BY arithmetic"
     " ORDER BY arithmetic",
     add_repeats},
    {"itt", "SELECT session, key, value FROM provenance ORDER BY session, key", add_fact},
};

/* The one-line error behind a result code. */
static bf_status database_error(sqlite3 *db, bf_error *err) {
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_ERROR:
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: %s", sqlite3_errmsg(db));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return bf_fail(err, BF_EINPUT, "damaged store: %s", sqlite3_errmsg(db));
    case SQLITE_NOMEM:
        return bf_no_memory(err);
    default:
        return bf_fail(err, BF_EMACHINE, "cannot read the store: %s", sqlite3_errmsg(db));
    }
}

static bool has_type(sqlite3_stmt *row, int column, char wanted) {
    int type = sqlite3_column_type(row, column);
    switch (wanted) {
    case 't':
        return type == SQLITE_TEXT;
    case 'i':
        return type == SQLITE_INTEGER;
    case 'b':
        return type == SQLITE_BLOB || type == SQLITE_NULL;
    default:
        return (type == SQLITE_FLOAT || type == SQLITE_INTEGER) &&
               isfinite(sqlite3_column_double(row, column));
    }
}

static bool has_types(sqlite3_stmt *row, const char *columns) {
    for (int i = 0; columns[i]; i++)
        if (!has_type(row, i, columns[i]))
            return false;
    return true;
}

static bf_status run_query(build *b, sqlite3 *db, const struct query *q, bf_error *err) {
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(db, q->sql, -1, &row, NULL) != SQLITE_OK)
        return database_error(db, err);
    bf_status s = BF_OK;
    int result;
    while (s == BF_OK && (result = sqlite3_step(row)) != SQLITE_DONE) {
        if (result != SQLITE_ROW)
            s = database_error(db, err);
        else if (!has_types(row, q->columns))
            s = bf_fail(err, BF_EINPUT, "not a store of bitfate: a value of the wrong type");
        else
            s = q->row(b, row, err);
    }
    sqlite3_finalize(row);
    return s;
}

/* Of a sweep all, of other kinds only the last: their tables are not those. */
static bf_status query_all(build *b, sqlite3 *db, bool sweep, bf_error *err) {
    bf_status s = BF_OK;
    const size_t n = sizeof queries / sizeof *queries;
    for (size_t i = sweep ? 0 : n - 1; s == BF_OK && i < n; i++)
        s = run_query(b, db, &queries[i], err);
    return s;
}

/* All queries see the same state of a store that may be growing. */
static bf_status query_at_once(build *b, sqlite3 *db, bool sweep, bf_error *err) {
    bool ours = sqlite3_get_autocommit(db);
    if (ours && sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return database_error(db, err);
    bf_status s = query_all(b, db, sweep, err);
    if (ours && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return s;
}

/* ---- the experiment ----------------------------------------------------------------------- */

/* Arithmetics in the experiment's order; any others follow in the store's. */
static void order_arithmetics(build *b, const experiment *x) {
    summary *s = b->s;
    size_t placed = 0;
    for (unsigned i = 0; i < x->n_arithmetics; i++)
        for (size_t j = placed; j < s->n_arithmetics; j++)
            if (strcmp(s->arithmetics[j].name, x->arithmetics[i]) == 0) {
                summary_arithmetic found = s->arithmetics[j];
                runs found_runs = b->runs[j];
                memmove(&s->arithmetics[placed + 1], &s->arithmetics[placed],
                        (j - placed) * sizeof found);
                memmove(&b->runs[placed + 1], &b->runs[placed], (j - placed) * sizeof found_runs);
                s->arithmetics[placed] = found;
                b->runs[placed++] = found_runs;
                break;
            }
}

bool summary_resolved(const summary_point *p) {
    return p->n > 0 && (double)p->moved >= 0.99 * (double)p->n;
}

/* The share of changed outcomes; its interval where chance has a part in it. */
static void estimate_point(const summary_arithmetic *a, summary_point *p) {
    bool certain = a->determined && !summary_resolved(p);
    estimate f = stats_share(p->changed, p->n);
    p->fraction = f.value;
    p->low = certain ? NAN : f.low;
    p->high = certain ? NAN : f.high;
}

/* For stats_bootstrap: the mean churn at each of an arithmetic's points, over its starts. */
typedef struct churn_sample {
    const summary_arithmetic *a;
    const runs *r;
} churn_sample;

static void mean_churn(const void *self, const uint32_t *times, double *means) {
    const churn_sample *c = self;
    for (size_t i = 0; i < c->a->n_points; i++) {
        const double *shares = c->r->churn + i * c->r->n;
        double sum = 0, n = 0;
        for (size_t j = 0; j < c->r->n; j++)
            if (times[j] > 0 && !isnan(shares[j])) {
                sum += times[j] * shares[j];
                n += times[j];
            }
        means[i] = sum / n; /* NAN: none */
    }
}

/* The churn of every point; its interval where chance has a part in it. */
static bf_status estimate_churn(summary_arithmetic *a, const runs *r, uint64_t seed,
                                bf_error *err) {
    const churn_sample c = {a, r};
    if (a->n_points == 0)
        return BF_OK;
    uint32_t *once = malloc(r->n * sizeof *once);
    double *means = malloc(a->n_points * sizeof *means);
    interval *spans = malloc(a->n_points * sizeof *spans);
    bool room = once && means && spans;
    for (size_t i = 0; room && i < r->n; i++)
        once[i] = 1;
    if (room) {
        mean_churn(&c, once, means);
        room = stats_bootstrap(r->n, a->n_points, mean_churn, &c, RESAMPLES, seed, spans);
    }
    for (size_t i = 0; room && i < a->n_points; i++) {
        summary_point *p = &a->points[i];
        const bool chance = p->compared > 0 && (!a->determined || summary_resolved(p));
        p->churn = means[i];
        p->churn_low = chance ? fmax(spans[i].low, 0) : NAN;
        p->churn_high = chance ? fmin(spans[i].high, 1) : NAN;
    }
    free(once);
    free(means);
    free(spans);
    return room ? BF_OK : bf_no_memory(err);
}

static bool any_compared(const summary *s) {
    for (size_t i = 0; i < s->n_arithmetics; i++)
        for (size_t j = 0; j < s->arithmetics[i].n_points; j++)
            if (s->arithmetics[i].points[j].compared > 0)
                return true;
    return false;
}

/* Overwrites r's fates: those of the points of the fit move to the front. */
static bf_status fit(summary_arithmetic *a, runs *r, double from, double to, uint64_t seed,
                     bf_error *err) {
    double *eps = calloc(a->n_points + 1, sizeof *eps);
    if (!eps)
        return bf_no_memory(err);
    a->fit_from = a->fit_to = NAN;
    for (size_t i = 0; i < a->n_points; i++) {
        summary_point *p = &a->points[i];
        estimate_point(a, p);
        p->fitted = summary_resolved(p) && p->value > 0 && p->value >= from && p->value <= to;
        if (!p->fitted)
            continue;
        memmove(r->fates + a->n_fitted * r->n, r->fates + i * r->n, r->n);
        eps[a->n_fitted++] = p->value;
        a->fit_from = fmin(a->fit_from, p->value);
        a->fit_to = fmax(a->fit_to, p->value);
    }
    exponent e = stats_exponent(a->n_fitted, eps, r->n, r->fates, RESAMPLES, seed);
    free(eps);
    a->phi = e.phi;
    a->phi_low = e.low;
    a->phi_high = e.high;
    a->prefactor = e.prefactor;
    a->bits_to_halve = isnan(e.phi) ? NAN : e.phi > 0 ? 1 / e.phi : INFINITY;
    a->bits_low = isnan(e.high) ? NAN : e.high > 0 ? 1 / e.high : INFINITY;
    a->bits_high = isnan(e.low) ? NAN : e.low > 0 ? 1 / e.low : INFINITY;
    return BF_OK;
}

static bf_status fit_range(const experiment *x, double *from, double *to, bf_error *err) {
    *from = 0;
    *to = INFINITY;
    bf_status s = BF_OK;
    if (x->sweep.fit_from)
        s = bf_number_double(x->sweep.fit_from, from, err);
    if (s == BF_OK && x->sweep.fit_to)
        s = bf_number_double(x->sweep.fit_to, to, err);
    return s;
}

static bf_status interpret(build *b, const experiment *x, bf_error *err) {
    summary *s = b->s;
    s->stability = x->sweep.stability;
    s->expected = x->n_arithmetics * x->sweep.starts * (x->sweep.n_eps + 1);
    order_arithmetics(b, x);
    const bool own = x->sweep.orders && strcmp(x->sweep.orders, "own") == 0;
    for (size_t i = 0; i < s->n_arithmetics; i++) {
        summary_arithmetic *a = &s->arithmetics[i];
        a->determined = a->strict && !(own && strstr(a->name, "/shuffle:"));
    }
    double from, to;
    bf_status status = fit_range(x, &from, &to, err);
    for (size_t i = 0; status == BF_OK && i < s->n_arithmetics; i++)
        status = fit(&s->arithmetics[i], &b->runs[i], from, to, x->seed, err);
    s->churns = any_compared(s);
    for (size_t i = 0; s->churns && status == BF_OK && i < s->n_arithmetics; i++)
        status = estimate_churn(&s->arithmetics[i], &b->runs[i], x->seed, err);
    return status;
}

/* The store's experiment, with overrides of what does not define its results. */
static bf_status add_experiment(summary *s, store *from, const char *const *overrides,
                                size_t n_overrides, bf_error *err) {
    const char *text = store_experiment(from, "resolved");
    bf_hash there;
    if (!text)
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: it holds no experiment");
    bf_status status = experiment_parse(&s->x, text, strlen(text), "the store's experiment", 1,
                                        overrides, n_overrides, NULL, err);
    BF_TRY(status, store_identity(from, &there, err));
    if (status != BF_OK)
        return status;
    const bf_hash h = s->kind->identity(s->x);
    if (n_overrides && !bf_hash_equal(&h, &there))
        return bf_fail(err, BF_EINPUT,
                       "the trials were run already; expected overrides of what they do not "
                       "depend on, such as sweep.fit.to");
    s->resolved = n_overrides ? experiment_resolved(s->x) : copy(text);
    s->name = copy(s->x->name);
    s->description = copy(s->x->description);
    s->steps = s->x->train.steps;
    return s->resolved && s->name && s->description ? BF_OK : bf_no_memory(err);
}

/* ---- other kinds -------------------------------------------------------------------------- */

static bf_status add_ladder(summary *s, store *from, bf_error *err) {
    return ladder_of(&s->ladder, from, s->x, err);
}

static bf_status add_lyapunov(summary *s, store *from, bf_error *err) {
    struct summary_lyapunov *l = calloc(1, sizeof *l);
    if (!l)
        return bf_no_memory(err);
    s->lyapunov = l;
    bf_status status = lyapunov_plan_new(&l->plan, s->x, err);
    const size_t n = (size_t)s->x->lyapunov.trajectories;
    l->trajectories = calloc(n + 1, sizeof *l->trajectories);
    if (status == BF_OK && !l->trajectories)
        status = bf_no_memory(err);
    BF_TRY(status, store_load_trajectories(from, l->plan, l->trajectories, n, err));
    for (size_t i = 0; l->trajectories && i < n; i++) {
        lyapunov_trajectory *t = l->trajectories[i];
        l->trajectories[i] = NULL;
        if (t)
            l->trajectories[l->n++] = t;
    }
    return status == BF_OK ? lyapunov_summarise(&l->spectrum, l->plan, l->trajectories, l->n, err)
                           : status;
}

static bf_status add_maps(summary *s, store *from, bf_error *err) {
    int64_t *ids;
    size_t n;
    bf_status status = map_list(from, &ids, &n, err);
    if (status != BF_OK)
        return status;
    s->maps = calloc(n + 1, sizeof *s->maps);
    if (!s->maps)
        status = bf_no_memory(err);
    for (size_t i = 0; i < n && status == BF_OK; i++)
        status = summary_read_map(&s->maps[s->n_maps++], from, ids[i], s->x->seed, err);
    free(ids);
    return status;
}

static bf_status add_results(summary *s, store *from, bf_error *err) {
    return s->kind == &store_ladder     ? add_ladder(s, from, err)
           : s->kind == &store_lyapunov ? add_lyapunov(s, from, err)
                                        : add_maps(s, from, err);
}

/* Say which file an error is about. */
static void name_file(sqlite3 *db, bf_error *err) {
    const char *path = sqlite3_db_filename(db, "main");
    if (!err || !path)
        return;
    bf_error plain = *err;
    bf_fail(err, plain.status, "%.300s: %.600s", path, plain.text);
}

static void free_runs(build *b) {
    for (size_t i = 0; b->runs && i < b->s->n_arithmetics; i++) {
        free(b->runs[i].starts);
        free(b->runs[i].fates);
        free(b->runs[i].churn);
    }
    free(b->runs);
}

bf_status summary_of(summary **out, store *from, const char *const *overrides, size_t n_overrides,
                     bf_error *err) {
    *out = NULL;
    summary *s = calloc(1, sizeof *s);
    if (!s)
        return bf_no_memory(err);
    build b = {.s = s};
    s->kind = store_kind_of(from);
    const bool sweep = s->kind == &store_sweep;
    bf_status status =
        s->kind ? query_at_once(&b, store_db(from), sweep, err)
                : bf_fail(err, BF_EINPUT, "not a store of bitfate: it holds no experiment");
    BF_TRY(status, add_experiment(s, from, overrides, n_overrides, err));
    BF_TRY(status, sweep ? interpret(&b, s->x, err) : add_results(s, from, err));
    free_runs(&b);
    if (status == BF_OK) {
        *out = s;
        return BF_OK;
    }
    name_file(store_db(from), err);
    summary_free(s);
    return status;
}

static void free_arithmetic(summary_arithmetic *a) {
    for (size_t i = 0; i < a->n_points; i++)
        free(a->points[i].eps);
    for (size_t i = 0; i < a->n_outcomes; i++)
        free(a->outcomes[i].label);
    free(a->points);
    free(a->outcomes);
    free(a->name);
}

static void free_session(summary_session *session) {
    for (size_t i = 0; i < session->n_facts; i++) {
        free(session->facts[i].key);
        free(session->facts[i].value);
    }
    free(session->facts);
}

void summary_reproducible(summary *s) {
    for (size_t i = 0; i < s->n_sessions; i++) {
        summary_session *session = &s->sessions[i];
        size_t kept = 0;
        for (size_t j = 0; j < session->n_facts; j++) {
            summary_fact fact = session->facts[j];
            session->facts[j] = (summary_fact){NULL, NULL};
            if (strcmp(fact.key, "command") == 0) {
                session->facts[kept++] = fact;
            } else {
                free(fact.key);
                free(fact.value);
            }
        }
        session->n_facts = kept;
    }
}

static void free_lyapunov(struct summary_lyapunov *l) {
    if (!l)
        return;
    lyapunov_spectrum_free(l->spectrum);
    for (size_t i = 0; i < l->n; i++)
        lyapunov_trajectory_free(l->trajectories[i]);
    free(l->trajectories);
    lyapunov_plan_free(l->plan);
    free(l);
}

void summary_free(summary *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        free_arithmetic(&s->arithmetics[i]);
    for (size_t i = 0; i < s->n_sessions; i++)
        free_session(&s->sessions[i]);
    free(s->arithmetics);
    free(s->sessions);
    ladder_free(s->ladder);
    free_lyapunov(s->lyapunov);
    for (size_t i = 0; i < s->n_maps; i++)
        summary_free_map(&s->maps[i]);
    free(s->maps);
    experiment_free(s->x);
    free(s->name);
    free(s->resolved);
    free(s->description);
    free(s);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *point_json(const summary_point *p) {
    return json_pack("{s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:b}", "eps", json_number(p->value),
                     "eps_text", p->eps, "n", (json_int_t)p->n, "changed", (json_int_t)p->changed,
                     "fraction", json_number(p->fraction), "low", json_number(p->low), "high",
                     json_number(p->high), "moved", (json_int_t)p->moved, "fitted", p->fitted);
}

static void add_churn_json(json_t *o, const summary_point *p) {
    json_object_set_new(o, "compared", json_integer((json_int_t)p->compared));
    json_object_set_new(o, "churn", json_number(p->churn));
    json_object_set_new(o, "churn_low", json_number(p->churn_low));
    json_object_set_new(o, "churn_high", json_number(p->churn_high));
}

static json_t *points_json(const summary_arithmetic *a, bool churns) {
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_points; i++) {
        json_t *o = point_json(&a->points[i]);
        if (churns)
            add_churn_json(o, &a->points[i]);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *outcomes_json(const summary_arithmetic *a) {
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_outcomes; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "outcome", a->outcomes[i].label, "n",
                                              (json_int_t)a->outcomes[i].n));
    return list;
}

static json_t *share_json(uint64_t k, uint64_t n) {
    estimate e = stats_share(k, n);
    return json_pack("{s:I, s:I, s:o, s:o, s:o}", "n", (json_int_t)n, "count", (json_int_t)k,
                     "fraction", json_number(e.value), "low", json_number(e.low), "high",
                     json_number(e.high));
}

/* The exponent's numbers under their names, written by `as`. */
static json_t *exponent_json(const summary_arithmetic *a, json_t *(*as)(double)) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "phi", as(a->phi), "phi_low",
                     as(a->phi_low), "phi_high", as(a->phi_high), "prefactor", as(a->prefactor),
                     "fit_from", as(a->fit_from), "fit_to", as(a->fit_to), "bits_to_halve",
                     as(a->bits_to_halve), "bits_low", as(a->bits_low), "bits_high",
                     as(a->bits_high));
}

static json_t *arithmetic_json(const summary_arithmetic *a, bool churns) {
    json_t *o = json_pack("{s:s, s:i, s:b, s:I, s:I, s:o}", "arithmetic", a->name, "precision",
                          a->precision, "strict", a->strict, "n", (json_int_t)a->n, "references",
                          (json_int_t)a->references, "points", points_json(a, churns));
    json_t *fitted = exponent_json(a, json_number);
    json_object_update(o, fitted);
    json_decref(fitted);
    json_object_set_new(o, "hex", exponent_json(a, json_hex));
    json_object_set_new(o, "n_fitted", json_integer((json_int_t)a->n_fitted));
    json_object_set_new(o, "repeats", json_integer((json_int_t)a->repeats));
    json_object_set_new(o, "identical", json_integer((json_int_t)a->identical));
    json_object_set_new(o, "outcomes", outcomes_json(a));
    json_object_set_new(o, "relabelled", share_json(a->later - a->stable, a->later));
    return o;
}

static json_t *session_json(const summary_session *session) {
    json_t *o = json_pack("{s:I}", "session", (json_int_t)session->number);
    for (size_t i = 0; i < session->n_facts; i++)
        json_object_set_new(o, session->facts[i].key, json_string(session->facts[i].value));
    return o;
}

json_t *summary_json(const summary *s) {
    json_t *arithmetics = json_array(), *sessions = json_array();
    for (size_t i = 0; i < s->n_arithmetics; i++)
        json_array_append_new(arithmetics, arithmetic_json(&s->arithmetics[i], s->churns));
    for (size_t i = 0; i < s->n_sessions; i++)
        json_array_append_new(sessions, session_json(&s->sessions[i]));
    return json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:o, s:o, s:s}", "experiment", s->name,
                     "description", s->description, "steps", (json_int_t)s->steps, "stability",
                     json_number(s->stability), "trials", (json_int_t)s->n, "expected",
                     (json_int_t)s->expected, "arithmetics", arithmetics, "sessions", sessions,
                     "resolved", s->resolved);
}
