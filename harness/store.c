/* SPDX-License-Identifier: MIT */
/* store.c - the trials of a sweep in one SQLite file. */
#include "store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char schema[] =
    "CREATE TABLE experiment (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE arithmetic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " precision INTEGER NOT NULL, strict INTEGER NOT NULL);"
    "CREATE TABLE eps (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, value REAL NOT NULL);"
    "CREATE TABLE trial (arithmetic INTEGER NOT NULL, eps INTEGER NOT NULL,"
    " start INTEGER NOT NULL, outcome TEXT NOT NULL, later TEXT, step INTEGER NOT NULL,"
    " moved INTEGER NOT NULL, hash BLOB NOT NULL,"
    " PRIMARY KEY (arithmetic, eps, start)) WITHOUT ROWID;"
    "CREATE TABLE repeat (arithmetic INTEGER NOT NULL, start INTEGER NOT NULL,"
    " first BLOB NOT NULL, second BLOB NOT NULL,"
    " PRIMARY KEY (arithmetic, start)) WITHOUT ROWID;"
    "CREATE TABLE provenance (session INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (session, key)) WITHOUT ROWID;";

typedef struct text {
    struct text *next;
    char value[];
} text;

struct store {
    sqlite3 *db;
    char *path;
    text *texts;             /* what store_experiment has returned */
    const store_fact *facts; /* of a session that is not yet written */
};

/* ---- over SQLite -------------------------------------------------------------------------- */

static bf_status failed(store *s, bf_error *err) {
    const int code = sqlite3_errcode(s->db);
    const bool machine = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_NOMEM ||
                         code == SQLITE_BUSY || code == SQLITE_LOCKED;
    const int reason = sqlite3_system_errno(s->db);
    return bf_fail(err, machine ? BF_EMACHINE : BF_EINPUT, "%s: %s%s", s->path,
                   code == SQLITE_NOTADB ? "not a store of bitfate"
                   : code == SQLITE_BUSY ? "in use by another process"
                   : machine && reason   ? strerror(reason)
                                         : sqlite3_errmsg(s->db),
                   code == SQLITE_FULL || code == SQLITE_IOERR
                       ? "; what was written before is kept, the same command goes on from there"
                       : "");
}

static bf_status execute(store *s, const char *sql, bf_error *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? BF_OK : failed(s, err);
}

static bf_status prepare(store *s, const char *sql, sqlite3_stmt **out, bf_error *err) {
    return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? BF_OK : failed(s, err);
}

/* Bind in order: i an int64, d a double, s a text or NULL, h a hash. */
static void bind(sqlite3_stmt *q, const char *kinds, ...) {
    va_list ap;
    va_start(ap, kinds);
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 'i')
            sqlite3_bind_int64(q, i + 1, va_arg(ap, int64_t));
        else if (kinds[i] == 'd')
            sqlite3_bind_double(q, i + 1, va_arg(ap, double));
        else if (kinds[i] == 's')
            sqlite3_bind_text(q, i + 1, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
        else
            sqlite3_bind_blob(q, i + 1, va_arg(ap, const bf_hash *)->bytes, 16, SQLITE_TRANSIENT);
    }
    va_end(ap);
}

/* Run a statement that returns no row, and make it ready for the next. */
static bf_status step(store *s, sqlite3_stmt *q, bf_error *err) {
    bf_status status = sqlite3_step(q) == SQLITE_DONE ? BF_OK : failed(s, err);
    sqlite3_reset(q);
    return status;
}

/* A whole number from a query of one row and column. */
static bf_status number(store *s, const char *sql, int64_t *out, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s, sql, &q, err);
    if (status != BF_OK)
        return status;
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(q, 0);
    else
        status = code == SQLITE_DONE ? bf_fail(err, BF_EINPUT, "%s: a row is missing", s->path)
                                     : failed(s, err);
    sqlite3_finalize(q);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------ */

static bf_status open_file(store **out, const char *path, int flags, bf_error *err) {
    *out = NULL;
    struct stat st;
    const bool there = stat(path, &st) == 0;
    if (there ? !S_ISREG(st.st_mode) : !(flags & SQLITE_OPEN_CREATE) || !*path)
        return bf_fail(err, BF_EINPUT, "'%s': %s; expected a store of bitfate sweep", path,
                       there ? "not a file" : strerror(errno));
    store *s = calloc(1, sizeof *s);
    /* To SQLite some names, such as :memory:, are not files; a path with a folder always is. */
    if (!s || !(s->path = malloc(strlen(path) + 3))) {
        free(s);
        return bf_fail(err, BF_EMACHINE, "out of memory");
    }
    sprintf(s->path, "%s%s", strchr(path, '/') ? "" : "./", path);
    bf_status status = BF_OK;
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
        status = failed(s, err);
    if (status == BF_OK) {
        sqlite3_busy_timeout(s->db, 2000);
        /* A file from a stranger must not bring code along. */
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    }
    if (status == BF_OK)
        *out = s;
    else
        store_close(s);
    return status;
}

void store_close(store *s) {
    if (!s)
        return;
    while (s->texts) {
        text *next = s->texts->next;
        free(s->texts);
        s->texts = next;
    }
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}

static bf_status check_schema(store *s, bf_error *err) {
    int64_t id = 0, version = 0;
    bf_status status = number(s, "PRAGMA application_id", &id, err);
    if (status == BF_OK)
        status = number(s, "PRAGMA user_version", &version, err);
    if (status == BF_OK && id != STORE_APPLICATION_ID)
        status = bf_fail(err, BF_EINPUT, "%s: not a store of bitfate", s->path);
    if (status == BF_OK && version != STORE_VERSION)
        status = bf_fail(err, BF_EINPUT, "%s: a store of version %lld; expected version %d",
                         s->path, (long long)version, STORE_VERSION);
    return status;
}

static bf_status put_experiment(store *s, const char *key, const char *value, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s, "INSERT OR REPLACE INTO experiment VALUES (?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "ss", key, value);
    status = step(s, q, err);
    sqlite3_finalize(q);
    return status;
}

static bf_status put_eps(store *s, const experiment *x, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s, "INSERT INTO eps VALUES (?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "isd", (int64_t)0, "0", 0.0);
    status = step(s, q, err);
    for (unsigned i = 0; i < x->sweep.n_eps && status == BF_OK; i++) {
        double value;
        status = bf_number_double(x->sweep.eps[i], &value, err);
        bind(q, "isd", (int64_t)i + 1, x->sweep.eps[i], value);
        if (status == BF_OK)
            status = step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

static bf_status create(store *s, const experiment *x, const char *resolved, const char *hash,
                        bf_error *err) {
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION_ID, STORE_VERSION);
    bf_status status = execute(s, schema, err);
    if (status == BF_OK)
        status = execute(s, pragmas, err);
    if (status == BF_OK)
        status = put_experiment(s, "name", x->name, err);
    if (status == BF_OK)
        status = put_experiment(s, "resolved", resolved, err);
    if (status == BF_OK)
        status = put_experiment(s, "sweep_hash", hash, err);
    return status == BF_OK ? put_eps(s, x, err) : status;
}

/* The experiment of a store that is extended by x, whose text is `now`: x, but with the arithmetics
 * of both, and the larger numbers. */
static bf_status extended(store *s, const experiment *x, const char *now, char **resolved,
                          bf_error *err) {
    const char *yaml = store_experiment(s, "resolved");
    experiment *old = NULL, *both = NULL;
    if (!yaml)
        return bf_fail(err, BF_EINPUT, "%s: holds no experiment", s->path);
    bf_status status = experiment_parse(&old, yaml, strlen(yaml), s->path, 1, NULL, 0, err);
    if (status != BF_OK)
        return status;
    char starts[64], repeats[64], *list = NULL;
    size_t size = 0;
    snprintf(starts, sizeof starts, "sweep.starts=%llu",
             (unsigned long long)(x->sweep.starts > old->sweep.starts ? x->sweep.starts
                                                                      : old->sweep.starts));
    snprintf(repeats, sizeof repeats, "sweep.repeats=%llu",
             (unsigned long long)(x->sweep.repeats > old->sweep.repeats ? x->sweep.repeats
                                                                        : old->sweep.repeats));
    FILE *f = open_memstream(&list, &size);
    if (f) {
        fputs("arithmetics=[", f);
        for (unsigned i = 0; i < x->n_arithmetics; i++)
            fprintf(f, "%s'%s'", i ? ", " : "", x->arithmetics[i]);
        for (unsigned i = 0; i < old->n_arithmetics; i++) {
            bool known = false;
            for (unsigned j = 0; j < x->n_arithmetics; j++)
                known |= strcmp(old->arithmetics[i], x->arithmetics[j]) == 0;
            if (!known)
                fprintf(f, ", '%s'", old->arithmetics[i]);
        }
        fputs("]", f);
        fclose(f);
    }
    const char *overrides[] = {starts, repeats, list};
    status = list ? experiment_parse(&both, now, strlen(now), s->path, 1, overrides, 3, err)
                  : bf_fail(err, BF_EMACHINE, "out of memory");
    if (status == BF_OK && !(*resolved = experiment_resolved(both)))
        status = bf_fail(err, BF_EMACHINE, "out of memory");
    experiment_free(old);
    experiment_free(both);
    free(list);
    return status;
}

static bf_status resume(store *s, const experiment *x, const char *now, const char *hash,
                        bf_error *err) {
    bf_status status = check_schema(s, err);
    if (status != BF_OK)
        return status;
    const char *there = store_experiment(s, "sweep_hash");
    if (!there || strcmp(there, hash) != 0) {
        const char *name = store_experiment(s, "name");
        return bf_fail(err, BF_EINPUT,
                       "%s: holds another experiment (%.60s); expected the same but for "
                       "arithmetics and starts, or a new file",
                       s->path, name ? name : "nameless");
    }
    char *resolved = NULL;
    status = extended(s, x, now, &resolved, err);
    if (status == BF_OK)
        status = put_experiment(s, "resolved", resolved, err);
    free(resolved);
    return status;
}

bf_status store_open(store **out, const char *path, const experiment *x, bf_error *err) {
    store *s;
    bf_status status = open_file(&s, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    *out = NULL;
    if (status != BF_OK)
        return status;
    char *resolved = experiment_resolved(x);
    char hash[33];
    bf_hash h = experiment_sweep_hash(x);
    bf_hash_text(&h, hash);
    int64_t tables = 0;
    status =
        resolved ? execute(s, "BEGIN IMMEDIATE", err) : bf_fail(err, BF_EMACHINE, "out of memory");
    if (status == BF_OK)
        status = number(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status == BF_OK)
        status = tables ? resume(s, x, resolved, hash, err) : create(s, x, resolved, hash, err);
    if (status == BF_OK)
        status = execute(s, "COMMIT", err);
    free(resolved);
    if (status == BF_OK)
        *out = s;
    else
        store_close(s); /* rolls back */
    return status;
}

bf_status store_read(store **out, const char *path, bf_error *err) {
    bf_status status = open_file(out, path, SQLITE_OPEN_READONLY, err);
    if (status != BF_OK)
        return status;
    status = check_schema(*out, err);
    if (status != BF_OK) {
        store_close(*out);
        *out = NULL;
    }
    return status;
}

struct sqlite3 *store_db(store *s) {
    return s->db;
}

const char *store_experiment(store *s, const char *key) {
    sqlite3_stmt *q;
    if (prepare(s, "SELECT value FROM experiment WHERE key = ?", &q, NULL) != BF_OK)
        return NULL;
    bind(q, "s", key);
    const char *found = NULL;
    if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0)) {
        size_t n = (size_t)sqlite3_column_bytes(q, 0);
        text *t = calloc(1, sizeof *t + n + 1);
        if (t) {
            memcpy(t->value, sqlite3_column_text(q, 0), n);
            t->next = s->texts;
            s->texts = t;
            found = t->value;
        }
    }
    sqlite3_finalize(q);
    return found;
}

/* ---- writing ------------------------------------------------------------------------------ */

bf_status store_arithmetic(store *s, const bf_arithmetic *a, int *id, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s,
                               "INSERT OR IGNORE INTO arithmetic (name, precision, strict)"
                               " VALUES (?, ?, ?)",
                               &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "sii", a->name, (int64_t)a->format.precision, (int64_t)a->strict);
    status = step(s, q, err);
    sqlite3_finalize(q);
    if (status == BF_OK)
        status = prepare(s, "SELECT id FROM arithmetic WHERE name = ?", &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "s", a->name);
    if (sqlite3_step(q) == SQLITE_ROW)
        *id = sqlite3_column_int(q, 0);
    else
        status = failed(s, err);
    sqlite3_finalize(q);
    return status;
}

/* missing[i] for the starts that the query does not return. */
static bf_status find_missing(store *s, sqlite3_stmt *q, uint64_t n, bool *missing, bf_error *err) {
    for (uint64_t i = 0; i < n; i++)
        missing[i] = true;
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        int64_t start = sqlite3_column_int64(q, 0);
        if (start >= 0 && (uint64_t)start < n)
            missing[start] = false;
    }
    bf_status status = code == SQLITE_DONE ? BF_OK : failed(s, err);
    sqlite3_finalize(q);
    return status;
}

bf_status store_missing_trials(store *s, int arithmetic, unsigned eps, uint64_t n, bool *missing,
                               bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        prepare(s, "SELECT start FROM trial WHERE arithmetic = ? AND eps = ?", &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "ii", (int64_t)arithmetic, (int64_t)eps);
    return find_missing(s, q, n, missing, err);
}

bf_status store_missing_repeats(store *s, int arithmetic, uint64_t n, bool *missing,
                                bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s, "SELECT start FROM repeat WHERE arithmetic = ?", &q, err);
    if (status != BF_OK)
        return status;
    bind(q, "i", (int64_t)arithmetic);
    return find_missing(s, q, n, missing, err);
}

static bf_status add_trials(store *s, int arithmetic, const store_trial *t, size_t n,
                            bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        prepare(s, "INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        bind(q, "iiissiih", (int64_t)arithmetic, (int64_t)t[i].eps, (int64_t)t[i].start,
             t[i].outcome, t[i].later[0] ? t[i].later : NULL, (int64_t)t[i].step,
             (int64_t)t[i].moved, &t[i].hash);
        status = step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

static bf_status add_repeats(store *s, int arithmetic, const store_repeat *r, size_t n,
                             bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = prepare(s, "INSERT OR IGNORE INTO repeat VALUES (?, ?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        bind(q, "iihh", (int64_t)arithmetic, (int64_t)r[i].start, &r[i].first, &r[i].second);
        status = step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

/* End the transaction: commit when all went well, else roll back. */
static bf_status finish(store *s, bf_status status, bf_error *err) {
    if (status == BF_OK)
        status = execute(s, "COMMIT", err);
    if (status != BF_OK)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* The session of this process, when it adds its first trials. */
static bf_status add_session(store *s, bf_error *err) {
    int64_t session = 0;
    sqlite3_stmt *q;
    bf_status status =
        number(s, "SELECT coalesce(max(session), 0) + 1 FROM provenance", &session, err);
    if (status == BF_OK)
        status = prepare(s, "INSERT INTO provenance VALUES (?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (const store_fact *f = s->facts; f->key && status == BF_OK; f++) {
        bind(q, "iss", session, f->key, f->value);
        status = step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

void store_describe(store *s, const store_fact *facts) {
    s->facts = facts;
}

bf_status store_add(store *s, int arithmetic, const store_trial *trials, size_t n_trials,
                    const store_repeat *repeats, size_t n_repeats, bf_error *err) {
    bf_status status = execute(s, "BEGIN IMMEDIATE", err);
    if (status != BF_OK)
        return status;
    status = add_trials(s, arithmetic, trials, n_trials, err);
    if (status == BF_OK)
        status = add_repeats(s, arithmetic, repeats, n_repeats, err);
    if (status == BF_OK && s->facts)
        status = add_session(s, err);
    status = finish(s, status, err);
    if (status == BF_OK)
        s->facts = NULL;
    return status;
}
