/* SPDX-License-Identifier: MIT */
/* test_sweep.c - a store written by hand, read back as numbers counted by hand; stores that are
 * incomplete, and files that are not stores. */
#include "studies/sweep/sweep.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stats/stats.h"

static char path[] = "test_sweep_XXXXXX";

/* ---- a store by hand ---------------------------------------------------------------------- */

static const char resolved[] =
    "name: tiny\n"
    "description: a store by hand\n"
    "seed: 1\n"
    "model: {layers: [{dense: 1, bias: false}], loss: mse}\n"
    "data: {set: paper8}\n"
    "init: {values: [0.1]}\n"
    "train: {rate: 0.1, steps: 10}\n"
    "outcome: {rule: sign}\n"
    "arithmetics: [f64, f32, \"mpfr:113\"]\n"
    "sweep: {eps: [1e-9, 1e-2, 0.25, 1], starts: 100, repeats: 3, stability: 1.5}\n";

static const char schema[] =
    "PRAGMA application_id = 0x62697466; PRAGMA user_version = 3;"
    "CREATE TABLE experiment (key TEXT PRIMARY KEY, value TEXT);"
    "CREATE TABLE arithmetic (id INTEGER PRIMARY KEY, name TEXT UNIQUE, precision INTEGER,"
    " strict INTEGER);"
    "CREATE TABLE eps (id INTEGER PRIMARY KEY, text TEXT UNIQUE, value REAL);"
    "CREATE TABLE trial (arithmetic INTEGER, eps INTEGER, start INTEGER, outcome TEXT, later TEXT,"
    " step INTEGER, moved INTEGER, hash BLOB, predictions BLOB,"
    " PRIMARY KEY (arithmetic, eps, start)) WITHOUT ROWID;"
    "CREATE TABLE repeat (arithmetic INTEGER, start INTEGER, first BLOB, second BLOB,"
    " PRIMARY KEY (arithmetic, start)) WITHOUT ROWID;"
    "CREATE TABLE provenance (session INTEGER, key TEXT, value TEXT, PRIMARY KEY (session, key));"
    "INSERT INTO experiment VALUES ('name', 'tiny'), ('kind', 'sweep'), ('identity', ''), ('rule', 'sign');";

/* f32 comes first in the store, f64 first in the experiment; mpfr:113 has not been run. Of 100
 * starts, 60 end at `+`, 30 at `-`, 10 diverge; every 20th changes its label later. At eps id e,
 * the first 10 * e (f64) or 5 * (e - 1) (f32) starts change; 1e-9 moves 98 starts of f32. */
static const char rows[] =
    "INSERT INTO arithmetic VALUES (1, 'f32', 24, 1), (2, 'f64', 53, 0);"
    "INSERT INTO eps VALUES (0, '0', 0), (1, '1e-9', 1e-9), (2, '1e-2', 1e-2), (3, '0.25', 0.25),"
    " (4, '1', 1);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
    "INSERT INTO trial SELECT a.id, e.id, i,"
    " CASE WHEN e.id > 0 AND i < CASE a.id WHEN 1 THEN 5 * (e.id - 1) ELSE 10 * e.id END"
    "  THEN 'elsewhere' WHEN i < 60 THEN '+' WHEN i < 90 THEN '-' ELSE 'inf' END,"
    " CASE WHEN e.id > 0 THEN NULL WHEN i % 20 = 0 THEN 'moved on'"
    "  WHEN i < 60 THEN '+' WHEN i < 90 THEN '-' ELSE 'inf' END,"
    " 10, e.id > 0 AND NOT (a.id = 1 AND e.id = 1 AND i < 2), x'00', NULL"
    " FROM n, arithmetic a, eps e;"
    "INSERT INTO repeat VALUES (1, 0, x'aa', x'aa'), (1, 1, x'bb', x'bb'), (1, 2, x'cc', x'cc'),"
    " (2, 0, x'aa', x'aa'), (2, 1, x'bb', x'bc'), (2, 2, x'cc', x'cc');"
    "INSERT INTO provenance VALUES (1, 'version', '0.1'), (1, 'cpu', 'one'), (2, 'cpu', 'two');";

static void execute(const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", message, sql);
    sqlite3_close(db);
}

static void put_resolved(const char *text) {
    char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO experiment VALUES ('resolved', %Q)", text);
    execute(sql);
    sqlite3_free(sql);
}

/* Before each test: a complete store. */
static int create(void **state) {
    (void)state;
    unlink(path);
    execute(schema);
    put_resolved(resolved);
    execute(rows);
    return 0;
}

static int discard(void **state) {
    (void)state;
    return unlink(path);
}

/* A store and what it says. */
typedef struct reading {
    store_contents *store;
    sweep_results *r;
} reading;

static void reading_free(reading *g) {
    if (!g)
        return;
    store_contents_free(g->store);
    sweep_free(g->r);
    free(g);
}

static bf_status read_store(reading **out, bf_error *err) {
    store *from;
    *out = NULL;
    bf_status s = store_read(&from, path, err);
    if (s != BF_OK)
        return s;
    reading *g = calloc(1, sizeof *g);
    void *results = NULL;
    s = store_contents_read(&g->store, from, &sweep_store, NULL, 0, err);
    BF_TRY(s, sweep_analyse(&results, from, g->store, err));
    g->r = results;
    store_close(from);
    if (s == BF_OK)
        *out = g;
    else
        reading_free(g);
    return s;
}

static reading *good(void) {
    reading *g;
    bf_error err;
    if (read_store(&g, &err) != BF_OK)
        fail_msg("%s", err.text);
    return g;
}

/* The store is refused as bad input, in one line that says what is wrong. */
static void refused(const char *why) {
    reading *g;
    bf_error err = {.text = ""};
    bf_status s = read_store(&g, &err);
    if (s != BF_EINPUT)
        fail_msg("status %d, not refused because of `%s`: %s", (int)s, why, err.text);
    assert_null(g);
    assert_int_equal(err.status, BF_EINPUT);
    assert_null(strchr(err.text, '\n'));
    if (!strstr(err.text, why))
        fail_msg("`%s` does not say `%s`", err.text, why);
}

static void near(double x, double expected, double tolerance) {
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", x, expected, tolerance);
}

/* ---- a complete store ----------------------------------------------------------------------- */

static void header(void **state) {
    (void)state;
    reading *g = good();
    assert_string_equal(g->store->name, "tiny");
    assert_string_equal(g->store->description, "a store by hand");
    assert_string_equal(g->store->resolved, resolved);
    assert_int_equal(g->store->x->train.steps, 10);
    near(g->r->stability, 1.5, 0);
    assert_int_equal(g->r->n, 1000);
    assert_int_equal(g->r->expected, 1500);
    assert_int_equal(g->r->n_arithmetics, 2);
    assert_string_equal(g->r->arithmetics[0].name, "f64");
    assert_string_equal(g->r->arithmetics[1].name, "f32");
    assert_int_equal(g->r->arithmetics[0].precision, 53);
    assert_int_equal(g->r->arithmetics[1].precision, 24);
    assert_false(g->r->arithmetics[0].strict);
    assert_true(g->r->arithmetics[1].strict);
    reading_free(g);
}

static void points(void **state) {
    (void)state;
    static const char *const eps[] = {"1e-9", "1e-2", "0.25", "1"};
    static const double value[] = {1e-9, 1e-2, 0.25, 1};
    static const uint64_t changed[2][4] = {{10, 20, 30, 40}, {0, 5, 10, 15}};
    reading *g = good();
    for (size_t a = 0; a < 2; a++) {
        assert_int_equal(g->r->arithmetics[a].n, 400);
        assert_int_equal(g->r->arithmetics[a].n_points, 4);
        for (size_t i = 0; i < 4; i++) {
            const sweep_point *p = &g->r->arithmetics[a].points[i];
            bool blurred = a == 1 && i == 0;
            interval w = stats_wilson(changed[a][i], 100, STATS_Z95);
            assert_string_equal(p->eps, eps[i]);
            assert_int_equal(p->n, 100);
            assert_int_equal(p->changed, changed[a][i]);
            assert_int_equal(p->moved, blurred ? 98 : 100);
            assert_int_equal(p->fitted, !blurred);
            assert_int_equal(sweep_resolved(p), !blurred);
            near(p->value, value[i], 0);
            near(p->fraction, (double)changed[a][i] / 100, 1e-16);
            if (blurred) { /* and strict: what did not move is the reference itself */
                assert_true(isnan(p->low) && isnan(p->high));
                continue;
            }
            near(p->low, w.low, 0);
            near(p->high, w.high, 0);
        }
    }
    reading_free(g);
}

static void outcomes(void **state) {
    (void)state;
    static const char *const labels[] = {"+", "-", "inf"};
    static const uint64_t n[] = {60, 30, 10};
    reading *g = good();
    for (size_t a = 0; a < 2; a++) {
        const sweep_arithmetic *x = &g->r->arithmetics[a];
        assert_int_equal(x->n_outcomes, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_string_equal(x->outcomes[i].label, labels[i]);
            assert_int_equal(x->outcomes[i].n, n[i]);
        }
        assert_int_equal(x->references, 100);
        assert_int_equal(x->later, 100);
        assert_int_equal(x->stable, 95);
    }
    assert_int_equal(g->r->arithmetics[0].repeats, 3);
    assert_int_equal(g->r->arithmetics[0].identical, 2);
    assert_int_equal(g->r->arithmetics[1].repeats, 3);
    assert_int_equal(g->r->arithmetics[1].identical, 3);
    reading_free(g);
}

static void sessions(void **state) {
    (void)state;
    reading *g = good();
    assert_int_equal(g->store->n_sessions, 2);
    assert_int_equal(g->store->sessions[0].number, 1);
    assert_int_equal(g->store->sessions[0].n_facts, 2);
    assert_string_equal(g->store->sessions[0].facts[0].key, "cpu");
    assert_string_equal(g->store->sessions[0].facts[0].value, "one");
    assert_string_equal(g->store->sessions[0].facts[1].key, "version");
    assert_string_equal(g->store->sessions[1].facts[0].value, "two");
    reading_free(g);
}

/* What stats.h makes of the points from `first` on, at each of which the first changed[i] starts
 * of 100 change. */
static exponent expected_exponent(size_t first, const size_t *changed) {
    static const double eps[] = {1e-9, 1e-2, 0.25, 1};
    uint8_t outcomes[4 * 100];
    for (size_t i = 0; i < 4; i++)
        for (size_t start = 0; start < 100; start++)
            outcomes[i * 100 + start] = start < changed[i] ? STATS_CHANGED : STATS_SAME;
    return stats_exponent(4 - first, eps + first, 100, outcomes + first * 100, 1000, 1);
}

static void check_exponent(const sweep_arithmetic *a, exponent e) {
    near(a->phi, e.phi, 0);
    near(a->phi_low, e.low, 0);
    near(a->phi_high, e.high, 0);
    near(a->prefactor, e.prefactor, 0);
    near(a->bits_to_halve, 1 / a->phi, 0);
    near(a->bits_low, 1 / a->phi_high, 0);
    near(a->bits_high, 1 / a->phi_low, 0);
    assert_true(0 < a->phi_low && a->phi_low < a->phi && a->phi < a->phi_high);
    near(a->fit_to, 1, 0);
}

/* The exponent is that of stats.h on the resolved points. */
static void exponents(void **state) {
    (void)state;
    static const size_t f64[] = {10, 20, 30, 40}, f32[] = {0, 5, 10, 15};
    reading *g = good();
    check_exponent(&g->r->arithmetics[0], expected_exponent(0, f64));
    check_exponent(&g->r->arithmetics[1], expected_exponent(1, f32));
    near(g->r->arithmetics[0].fit_from, 1e-9, 0);
    near(g->r->arithmetics[1].fit_from, 1e-2, 0);
    assert_int_equal(g->r->arithmetics[0].n_fitted, 4);
    assert_int_equal(g->r->arithmetics[1].n_fitted, 3);
    reading_free(g);
}

/* Trials that are missing here and there, in starts whatever their numbers. */
static void gaps(void **state) {
    (void)state;
    static const double eps[] = {1e-9, 1e-2, 0.25, 1};
    uint8_t outcomes[4 * 100];
    size_t missing = 0;
    for (size_t i = 0; i < 4; i++)
        for (size_t start = 0; start < 100; start++) {
            bool absent = (start + i) % 3 == 0;
            outcomes[i * 100 + start] = absent                 ? STATS_ABSENT
                                        : start < 10 * (i + 1) ? STATS_CHANGED
                                                               : STATS_SAME;
            missing += absent;
        }
    execute("DELETE FROM trial WHERE eps > 0 AND (start + eps - 1) % 3 = 0;"
            "UPDATE trial SET start = start * start * 1000003 - 7");
    exponent e = stats_exponent(4, eps, 100, outcomes, 1000, 1);
    reading *g = good();
    const sweep_arithmetic *a = &g->r->arithmetics[0];
    assert_int_equal(a->n, 400 - missing);
    near(a->phi, e.phi, 0);
    near(a->phi_low, e.low, 0);
    near(a->phi_high, e.high, 0);
    reading_free(g);
}

static void fit_range(void **state) {
    (void)state;
    char text[sizeof resolved + 80];
    snprintf(text, sizeof text, "%.*s, fit: {from: 1e-2, to: 0.25}}\n", (int)sizeof resolved - 4,
             resolved);
    put_resolved(text);
    reading *g = good();
    assert_int_equal(g->r->arithmetics[0].n_fitted, 2);
    assert_false(g->r->arithmetics[0].points[0].fitted);
    assert_true(g->r->arithmetics[0].points[1].fitted);
    assert_true(g->r->arithmetics[0].points[2].fitted);
    assert_false(g->r->arithmetics[0].points[3].fitted);
    near(g->r->arithmetics[0].phi, log(0.3 / 0.2) / log(25), 1e-12);
    reading_free(g);
}

/* phi below 0 in the middle: no number of bits halves f. */
static void growing(void **state) {
    (void)state;
    execute("UPDATE trial SET outcome = (SELECT outcome FROM trial r WHERE r.eps = 0 AND"
            " r.arithmetic = trial.arithmetic AND r.start = trial.start) WHERE eps > 0;"
            "UPDATE trial SET outcome = 'elsewhere' WHERE eps > 0 AND start < 50 - 10 * eps;");
    reading *g = good();
    const sweep_arithmetic *a = &g->r->arithmetics[0];
    assert_true(a->phi < 0 && a->phi_high < 0);
    assert_true(isinf(a->bits_to_halve) && isinf(a->bits_low) && isinf(a->bits_high));
    reading_free(g);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void document(void **state) {
    (void)state;
    reading *g = good();
    json_t *j = sweep_json(g->r, g->store);
    const char *name, *arithmetic, *label;
    double eps, fraction, low, high, phi, phi_low, phi_high, bits, share;
    int n, point_n, changed, moved, fitted, repeats, identical, relabelled;
    assert_int_equal(
        json_unpack(j,
                    "{s:s, s:[{s:s, s:i, s:F, s:F, s:F, s:F, s:i, s:i, s:[{s:F, s:i, s:i, s:F, s:F,"
                    " s:F, s:i, s:b}], s:[{s:s}], s:{s:F, s:i}}]}",
                    "experiment", &name, "arithmetics", "arithmetic", &arithmetic, "n", &n, "phi",
                    &phi, "phi_low", &phi_low, "phi_high", &phi_high, "bits_to_halve", &bits,
                    "repeats", &repeats, "identical", &identical, "points", "eps", &eps, "n",
                    &point_n, "changed", &changed, "fraction", &fraction, "low", &low, "high",
                    &high, "moved", &moved, "fitted", &fitted, "outcomes", "outcome", &label,
                    "relabelled", "fraction", &share, "count", &relabelled),
        0);
    const sweep_arithmetic *a = &g->r->arithmetics[0];
    assert_string_equal(name, "tiny");
    assert_string_equal(arithmetic, "f64");
    assert_string_equal(label, "+");
    assert_int_equal(n, 400);
    assert_int_equal(point_n, 100);
    assert_int_equal(changed, 10);
    assert_int_equal(moved, 100);
    assert_true(fitted);
    assert_int_equal(repeats, 3);
    assert_int_equal(identical, 2);
    assert_int_equal(relabelled, 5);
    near(eps, 1e-9, 0);
    near(fraction, 0.1, 0);
    near(low, a->points[0].low, 0);
    near(high, a->points[0].high, 0);
    near(phi, a->phi, 0);
    near(phi_low, a->phi_low, 0);
    near(phi_high, a->phi_high, 0);
    near(bits, 1 / a->phi, 0);
    near(share, 0.05, 1e-16);
    const char *hex = NULL;
    assert_int_equal(json_unpack(json_array_get(json_object_get(j, "arithmetics"), 0), "{s:{s:s}}",
                                 "hex", "phi", &hex),
                     0);
    near(strtod(hex, NULL), a->phi, 0);
    json_decref(j);
    reading_free(g);
}

/* Infinite is not the same as nothing. */
static void infinite(void **state) {
    (void)state;
    execute("UPDATE trial SET outcome = (SELECT outcome FROM trial r WHERE r.eps = 0 AND"
            " r.arithmetic = trial.arithmetic AND r.start = trial.start) WHERE eps > 0;"
            "UPDATE trial SET outcome = 'elsewhere' WHERE eps > 0 AND start < 9 - 2 * eps;");
    reading *g = good();
    json_t *j = sweep_json(g->r, g->store);
    json_t *a = json_array_get(json_object_get(j, "arithmetics"), 0), *hex;
    assert_true(json_real_value(json_object_get(a, "phi")) < 0);
    hex = json_object_get(a, "hex");
    static const char *const up[] = {"phi_high", "bits_to_halve", "bits_high"};
    for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
        assert_string_equal(json_string_value(json_object_get(a, up[i])), "inf");
        assert_string_equal(json_string_value(json_object_get(hex, up[i])), "inf");
    }
    assert_string_equal(json_string_value(json_object_get(a, "phi_low")), "-inf");
    json_decref(j);
    reading_free(g);
}

static void null_for_nothing(void **state) {
    (void)state;
    execute("DELETE FROM trial WHERE eps > 1");
    reading *g = good();
    json_t *j = sweep_json(g->r, g->store);
    json_t *a = json_array_get(json_object_get(j, "arithmetics"), 1);
    assert_true(json_is_null(json_object_get(a, "phi")));
    assert_true(json_is_null(json_object_get(a, "phi_low")));
    assert_true(json_is_null(json_object_get(a, "bits_to_halve")));
    assert_true(json_is_null(json_object_get(json_object_get(a, "hex"), "phi")));
    json_t *point = json_array_get(json_object_get(a, "points"), 0);
    assert_true(json_is_null(json_object_get(point, "low")));
    assert_true(json_is_null(json_object_get(point, "high")));
    json_decref(j);
    reading_free(g);
}

/* ---- stores that are not complete ------------------------------------------------------------ */

static void interrupted(void **state) {
    (void)state;
    execute("DELETE FROM trial WHERE eps = 4 OR (arithmetic = 2 AND eps = 3 AND start >= 40);"
            "DELETE FROM trial WHERE arithmetic = 1 AND eps = 0 AND start < 30;"
            "DELETE FROM repeat WHERE arithmetic = 1;");
    reading *g = good();
    const sweep_arithmetic *f64 = &g->r->arithmetics[0], *f32 = &g->r->arithmetics[1];
    assert_int_equal(g->r->n, 710);
    assert_int_equal(f64->n_points, 3);
    assert_int_equal(f64->n, 240);
    assert_int_equal(f64->points[2].n, 40);
    assert_int_equal(f64->points[2].changed, 30);
    assert_int_equal(f32->n_points, 3); /* 70 references are left */
    assert_int_equal(f32->n, 210);
    assert_int_equal(f32->points[2].changed, 0);
    assert_int_equal(f32->references, 70);
    assert_int_equal(f32->repeats, 0);
    assert_true(isnan(f32->phi));
    reading_free(g);
}

static void just_begun(void **state) {
    (void)state;
    execute("DELETE FROM trial; DELETE FROM repeat; DELETE FROM arithmetic;"
            "DELETE FROM provenance");
    reading *g = good();
    json_t *j = sweep_json(g->r, g->store);
    assert_int_equal(g->r->n, 0);
    assert_int_equal(g->r->n_arithmetics, 0);
    assert_int_equal(json_array_size(json_object_get(j, "arithmetics")), 0);
    json_decref(j);
    reading_free(g);
}

static void no_references(void **state) {
    (void)state;
    execute("DELETE FROM trial WHERE eps = 0");
    reading *g = good();
    assert_int_equal(g->r->arithmetics[0].n_points, 0);
    assert_int_equal(g->r->arithmetics[0].references, 0);
    assert_true(isnan(g->r->arithmetics[0].phi) && isnan(g->r->arithmetics[0].fit_from));
    reading_free(g);
}

/* Half of the predictions of every start differ at one eps of f64, those of the first 20 starts are
 * missing: a bootstrap over starts that are all alike has no width. f32 moves but 98 starts at
 * 1e-9, which leaves no interval there. */
static void predictions_differ(void **state) {
    (void)state;
    execute("UPDATE trial SET predictions = x'00000100' WHERE eps = 0;"
            "UPDATE trial SET predictions = x'00000001' WHERE eps = 3 AND start >= 20;"
            "UPDATE trial SET predictions = x'00000100' WHERE eps = 1 AND arithmetic = 1");
    reading *g = good();
    const sweep_point *f64 = g->r->arithmetics[0].points, *f32 = g->r->arithmetics[1].points;
    assert_true(g->r->churns);
    assert_int_equal(f64[2].compared, 80);
    assert_true(f64[2].churn == 0.5 && f64[2].churn_low == 0.5 && f64[2].churn_high == 0.5);
    assert_int_equal(f64[0].compared, 0);
    assert_true(isnan(f64[0].churn) && isnan(f64[0].churn_low) && isnan(f64[0].churn_high));
    assert_true(f32[0].churn == 0 && isnan(f32[0].churn_low) && isnan(f32[0].churn_high));
    reading_free(g);
    execute("UPDATE trial SET predictions = NULL WHERE eps = 1;"
            "UPDATE trial SET predictions = x'0001' WHERE start % 2 = 0 AND eps = 3;"
            "UPDATE trial SET predictions = x'0100' WHERE start % 2 = 0 AND eps = 0");
    g = good();
    f64 = g->r->arithmetics[0].points; /* of 90 starts, 50 differ in all samples and 40 in half */
    assert_int_equal(f64[2].compared, 90);
    assert_true(fabs(f64[2].churn - 70. / 90) < 1e-12);
    assert_true(f64[2].churn_low > 0.7 && f64[2].churn_low < f64[2].churn);
    assert_true(f64[2].churn_high < 0.85 && f64[2].churn_high > f64[2].churn);
    reading_free(g);
}

/* A store that is being written: what is committed is read, and reading does not get in the way. */
static void while_written(void **state) {
    (void)state;
    sqlite3 *writer;
    assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(writer,
                                  "BEGIN IMMEDIATE; INSERT INTO trial VALUES"
                                  " (1, 0, 100, '+', '+', 10, 0, x'00', NULL)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    reading *g = good();
    assert_int_equal(g->r->n, 1000);
    reading_free(g);
    assert_int_equal(sqlite3_exec(writer, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(writer);
    g = good();
    assert_int_equal(g->r->n, 1001);
    reading_free(g);
}

/* ---- files that are not stores -----------------------------------------------------------------
 */

static void hostile_sql(void **state) {
    (void)state;
    static const struct {
        const char *sql, *why;
    } cases[] = {
        {"PRAGMA application_id = 7", "not a store"},
        {"PRAGMA user_version = 99", "99"},
        {"DROP TABLE trial", "missing"},
        {"DROP TABLE eps; CREATE VIEW eps AS SELECT 1 AS id, 'x' AS text, 1.0 AS value", "missing"},
        {"ALTER TABLE trial RENAME COLUMN moved TO shaken", "moved"},
        {"UPDATE trial SET outcome = x'00ff'", "type"},
        {"UPDATE trial SET moved = 'yes' WHERE eps = 2", "type"},
        {"UPDATE trial SET later = x'41' WHERE eps = 0", "type"},
        {"UPDATE arithmetic SET name = x'00' WHERE id = 1", "type"},
        {"UPDATE arithmetic SET precision = 'many'", "type"},
        {"UPDATE eps SET value = 'small'", "type"},
        {"UPDATE eps SET value = 9e999 WHERE id = 4", "type"},
        {"UPDATE eps SET text = NULL", "type"},
        {"UPDATE repeat SET first = NULL", "type"},
        {"UPDATE provenance SET value = NULL", "type"},
        {"DELETE FROM arithmetic WHERE id = 1", "arithmetic"},
        {"DELETE FROM experiment", "experiment"},
        {"UPDATE experiment SET value = 'not: [an experiment' WHERE key = 'resolved'", "store"},
        {"UPDATE experiment SET value = '' WHERE key = 'resolved'", "store"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        create(NULL);
        execute(cases[i].sql);
        refused(cases[i].why);
    }
}

/* Texts that are no UTF-8, or full of control characters, are made harmless. */
static void hostile_text(void **state) {
    (void)state;
    execute("UPDATE trial SET outcome = CAST(x'61ff1b0a62' AS TEXT) WHERE outcome = '+';"
            "UPDATE arithmetic SET name = CAST(x'c0af' AS TEXT) WHERE id = 1;"
            "UPDATE provenance SET value = CAST(x'eda080c3a4' AS TEXT) WHERE session = 2");
    reading *g = good();
    assert_string_equal(g->r->arithmetics[0].outcomes[0].label, "a??\nb");
    assert_string_equal(g->r->arithmetics[1].name, "??");
    assert_string_equal(g->store->sessions[1].facts[0].value, "???\xc3\xa4");
    json_t *j = sweep_json(g->r, g->store);
    assert_non_null(j);
    json_decref(j);
    reading_free(g);
}

static void write_bytes(long offset, const char *bytes, size_t n) {
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Damage anywhere in the file is refused or read around, never followed into the void. */
static void damaged(void **state) {
    (void)state;
    char noise[512];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(i * 37 + 11);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    size_t refusals = 0;
    for (long at = 0; at < size; at += 1000) {
        create(NULL);
        write_bytes(at, noise, sizeof noise);
        reading *g;
        bf_error err;
        bf_status s = read_store(&g, &err);
        assert_true(s == BF_OK || s == BF_EINPUT || s == BF_EMACHINE);
        refusals += s == BF_EINPUT;
        reading_free(g);
    }
    assert_true(refusals > 10);
    create(NULL);
    assert_int_equal(truncate(path, size / 2), 0);
    refused("malformed");
}

static void not_a_database(void **state) {
    (void)state;
    write_bytes(0, "just some text, and no database at all", 38);
    refused("");
    assert_int_equal(truncate(path, 0), 0);
    refused("not a store");
}

int main(void) {
    int file = mkstemp(path);
    if (file < 0)
        return 99;
    close(file);
#define TEST(f) cmocka_unit_test_setup_teardown(f, create, discard)
    const struct CMUnitTest tests[] = {
        TEST(header),           TEST(points),         TEST(outcomes),
        TEST(sessions),         TEST(exponents),      TEST(gaps),
        TEST(fit_range),        TEST(growing),        TEST(document),
        TEST(null_for_nothing), TEST(infinite),       TEST(interrupted),
        TEST(just_begun),       TEST(no_references),  TEST(predictions_differ),
        TEST(while_written),    TEST(hostile_sql),    TEST(hostile_text),
        TEST(damaged),          TEST(not_a_database),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
