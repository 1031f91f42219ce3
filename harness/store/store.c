/* SPDX-License-Identifier: MIT */
/* store.c - results in one SQLite file: what all kinds of store share. */
#include "store/provenance.h"
#include "store/sql.h"

#include <inttypes.h>
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
    "CREATE TABLE provenance (session INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (session, key)) WITHOUT ROWID;";

typedef struct text {
    struct text *next;
    char value[];
} text;

struct store {
    sqlite3 *db;
    char *path;
    const store_kind *kind; /* being written */
    text *texts;            /* what store_experiment has returned */
    bool reading;           /* in a snapshot */
    bool described;         /* by what follows, which is not yet written */
    provenance here;
};

/* ---- over SQLite -------------------------------------------------------------------------- */

bf_status store_failed(store *st, bf_error *err) {
    const int code = sqlite3_errcode(st->db);
    const bool machine = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_NOMEM ||
                         code == SQLITE_BUSY || code == SQLITE_LOCKED;
    const int reason = sqlite3_system_errno(st->db);
    return bf_fail(err, machine ? BF_EMACHINE : BF_EINPUT, "%s: %s%s", st->path,
                   code == SQLITE_NOTADB ? "not a store of bitfate"
                   : code == SQLITE_BUSY ? "in use by another process"
                   : machine && reason   ? strerror(reason)
                                         : sqlite3_errmsg(st->db),
                   code == SQLITE_FULL || code == SQLITE_IOERR
                       ? "; what was written before is kept, the same command goes on from there"
                       : "");
}

bf_status store_execute(store *st, const char *sql, bf_error *err) {
    return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ? BF_OK : store_failed(st, err);
}

bf_status store_prepare(store *st, const char *sql, sqlite3_stmt **out, bf_error *err) {
    return sqlite3_prepare_v2(st->db, sql, -1, out, NULL) == SQLITE_OK ? BF_OK
                                                                       : store_failed(st, err);
}

void store_bind(sqlite3_stmt *q, const char *types, ...) {
    va_list ap;
    va_start(ap, types);
    for (int i = 0; types[i]; i++) {
        if (types[i] == 'i')
            sqlite3_bind_int64(q, i + 1, va_arg(ap, int64_t));
        else if (types[i] == 'd')
            sqlite3_bind_double(q, i + 1, va_arg(ap, double));
        else if (types[i] == 's')
            sqlite3_bind_text(q, i + 1, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
        else if (types[i] == 'h')
            sqlite3_bind_blob(q, i + 1, va_arg(ap, const bf_hash *)->bytes, 16, SQLITE_TRANSIENT);
        else {
            const void *bytes = va_arg(ap, const void *);
            sqlite3_bind_blob(q, i + 1, bytes, va_arg(ap, int), SQLITE_TRANSIENT);
        }
    }
    va_end(ap);
}

bf_status store_step(store *st, sqlite3_stmt *q, bf_error *err) {
    bf_status s = sqlite3_step(q) == SQLITE_DONE ? BF_OK : store_failed(st, err);
    sqlite3_reset(q);
    return s;
}

bf_status store_number(store *st, const char *sql, int64_t *out, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, sql, &q, err);
    if (s != BF_OK)
        return s;
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(q, 0);
    else
        s = code == SQLITE_DONE ? bf_fail(err, BF_EINPUT, "%s: a row is missing", st->path)
                                : store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

/* ---- opening ------------------------------------------------------------------------------ */

static bf_status open_file(store **out, const char *path, int flags, bf_error *err) {
    *out = NULL;
    struct stat file;
    const char *name = path ? path : ":memory:";
    const bool there = path && stat(path, &file) == 0;
    if (there ? !S_ISREG(file.st_mode) : path && (!(flags & SQLITE_OPEN_CREATE) || !*path))
        return bf_fail(err, BF_EINPUT, "'%s': %s; expected a store", path,
                       there ? "not a file" : strerror(errno));
    store *st = calloc(1, sizeof *st);
    /* To SQLite some names, such as :memory:, are not files; a path with a folder always is. */
    if (!st || !(st->path = malloc(strlen(name) + 3))) {
        free(st);
        return bf_no_memory(err);
    }
    sprintf(st->path, "%s%s", !path || strchr(path, '/') ? "" : "./", name);
    bf_status s = BF_OK;
    if (sqlite3_open_v2(st->path, &st->db, flags, NULL) != SQLITE_OK)
        s = store_failed(st, err);
    if (s == BF_OK) {
        sqlite3_busy_timeout(st->db, 2000);
        /* A file from a stranger must not bring code along. */
        sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(st->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_db_config(st->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        sqlite3_db_config(st->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    }
    if (s == BF_OK)
        *out = st;
    else
        store_close(st);
    return s;
}

void store_close(store *st) {
    if (!st)
        return;
    while (st->texts) {
        text *next = st->texts->next;
        free(st->texts);
        st->texts = next;
    }
    sqlite3_close(st->db);
    free(st->path);
    free(st);
}

static bf_status check_schema(store *st, bf_error *err) {
    int64_t id = 0, version = 0;
    bf_status s = store_number(st, "PRAGMA application_id", &id, err);
    BF_TRY(s, store_number(st, "PRAGMA user_version", &version, err));
    if (s == BF_OK && id != STORE_APPLICATION_ID)
        s = bf_fail(err, BF_EINPUT, "%s: not a store of bitfate", st->path);
    if (s == BF_OK && version != STORE_VERSION)
        s = bf_fail(err, BF_EINPUT, "%s: a store of version %lld; expected version %d", st->path,
                    (long long)version, STORE_VERSION);
    return s;
}

static bf_status put_experiment(store *st, const char *key, const char *value, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "INSERT OR REPLACE INTO experiment VALUES (?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "ss", key, value);
    s = store_step(st, q, err);
    sqlite3_finalize(q);
    return s;
}

static bf_status create(store *st, const experiment *x, const char *resolved, const char *hash,
                        bf_error *err) {
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION_ID, STORE_VERSION);
    bf_status s = store_execute(st, schema, err);
    BF_TRY(s, store_execute(st, st->kind->schema, err));
    BF_TRY(s, store_execute(st, pragmas, err));
    BF_TRY(s, put_experiment(st, "name", x->name, err));
    BF_TRY(s, put_experiment(st, "resolved", resolved, err));
    BF_TRY(s, put_experiment(st, "kind", st->kind->name, err));
    BF_TRY(s, put_experiment(st, "identity", hash, err));
    return s == BF_OK && st->kind->fill ? st->kind->fill(st, x, err) : s;
}

bf_status store_identity(store *st, const store_kind *kind, bf_hash *out, bf_error *err) {
    const char *yaml = store_experiment(st, "resolved");
    experiment *x = NULL;
    if (!yaml)
        return bf_fail(err, BF_EINPUT, "%s: holds no experiment", st->path);
    bf_status s = experiment_parse(&x, yaml, strlen(yaml), st->path, 1, NULL, 0, NULL, err);
    if (s == BF_OK)
        *out = kind->identity(x);
    experiment_free(x);
    return s;
}

bool store_is_earlier(store *st, const store_kind *kind) {
    char own[33];
    bf_hash present;
    const char *there = store_experiment(st, "identity");
    if (store_identity(st, kind, &present, NULL) != BF_OK)
        return false;
    bf_hash_text(&present, own);
    return !there || strcmp(there, own) != 0;
}

/* A store of the experiment with this identity, by whichever program. */
static bf_status check_identity(store *st, const char *hash, bf_error *err) {
    char own[33];
    bf_hash present;
    const char *there = store_experiment(st, "identity"), *name = store_experiment(st, "name");
    if (there && strcmp(there, hash) == 0)
        return BF_OK;
    bf_status s = store_identity(st, st->kind, &present, err);
    if (s != BF_OK)
        return s;
    bf_hash_text(&present, own);
    if (strcmp(own, hash) != 0)
        return bf_fail(err, BF_EINPUT,
                       "%s: holds another experiment (%.60s); expected the same except for "
                       "arithmetics, starts and trajectories, or a new file",
                       st->path, name ? name : "nameless");
    s = put_experiment(st, "identity", hash, err);
    return s == BF_OK && st->kind->renew ? st->kind->renew(st, err) : s;
}

/* Overrides that make an experiment that of the extended store. */
struct store_extension {
    char numbers[STORE_KEPT][64];
    size_t n;
};

void store_keep(struct store_extension *to, const char *path, uint64_t now, uint64_t old) {
    if (to->n < STORE_KEPT)
        snprintf(to->numbers[to->n++], sizeof *to->numbers, "%s=%" PRIu64, path,
                 now > old ? now : old);
}

/* The arithmetics of both as an override, x's first. NULL: no memory. */
static char *all_arithmetics(const experiment *x, const experiment *old) {
    char *list = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&list, &size);
    if (!f)
        return NULL;
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
    if (fclose(f) == 0)
        return list;
    free(list);
    return NULL;
}

/* The experiment of a store that is extended by x, whose text is `now`: x, but with the arithmetics
 * of both, and the larger numbers. */
static bf_status extended(store *st, const experiment *x, const char *now, char **resolved,
                          bf_error *err) {
    const char *yaml = store_experiment(st, "resolved");
    experiment *old = NULL, *both = NULL;
    if (!yaml)
        return bf_fail(err, BF_EINPUT, "%s: holds no experiment", st->path);
    bf_status s = experiment_parse(&old, yaml, strlen(yaml), st->path, 1, NULL, 0, NULL, err);
    if (s != BF_OK)
        return s;
    struct store_extension kept = {.n = 0};
    if (st->kind->extend)
        st->kind->extend(&kept, x, old);
    const char *overrides[STORE_KEPT + 1];
    for (size_t i = 0; i < kept.n; i++)
        overrides[i] = kept.numbers[i];
    char *list = all_arithmetics(x, old);
    overrides[kept.n] = list;
    s = list ? experiment_parse(&both, now, strlen(now), st->path, 1, overrides, kept.n + 1, NULL,
                                err)
             : bf_no_memory(err);
    if (s == BF_OK && !(*resolved = experiment_resolved(both)))
        s = bf_no_memory(err);
    experiment_free(old);
    experiment_free(both);
    free(list);
    return s;
}

static bf_status resume(store *st, const experiment *x, const char *now, const char *hash,
                        bf_error *err) {
    bf_status s = check_schema(st, err);
    if (s != BF_OK)
        return s;
    const char *kind = store_experiment(st, "kind");
    if (!kind || strcmp(kind, st->kind->name) != 0)
        return bf_fail(err, BF_EINPUT, "%s: a store of bitfate %.20s; expected one of bitfate %s",
                       st->path, kind ? kind : "nothing", st->kind->name);
    char *resolved = NULL;
    s = check_identity(st, hash, err);
    BF_TRY(s, extended(st, x, now, &resolved, err));
    BF_TRY(s, put_experiment(st, "resolved", resolved, err));
    free(resolved);
    return s;
}

bf_status store_open(store **out, const char *path, const store_kind *kind, const experiment *x,
                     bf_error *err) {
    store *st = NULL;
    const bf_data *train, *test;
    *out = NULL;
    bf_status s = experiment_data(x, &train, &test, err); /* for its identity */
    BF_TRY(s, open_file(&st, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err));
    if (s != BF_OK)
        return s;
    st->kind = kind;
    char *resolved = experiment_resolved(x);
    char hash[33];
    bf_hash h = kind->identity(x);
    bf_hash_text(&h, hash);
    int64_t tables = 0;
    s = resolved ? store_execute(st, "BEGIN IMMEDIATE", err) : bf_no_memory(err);
    BF_TRY(s, store_number(st, "SELECT count(*) FROM sqlite_schema", &tables, err));
    BF_TRY(s, tables ? resume(st, x, resolved, hash, err) : create(st, x, resolved, hash, err));
    BF_TRY(s, store_execute(st, "COMMIT", err));
    free(resolved);
    if (s == BF_OK)
        *out = st;
    else
        store_close(st); /* rolls back */
    return s;
}

bf_status store_read(store **out, const char *path, bf_error *err) {
    bf_status s = open_file(out, path, SQLITE_OPEN_READONLY, err);
    if (s != BF_OK)
        return s;
    s = check_schema(*out, err);
    if (s != BF_OK) {
        store_close(*out);
        *out = NULL;
    }
    return s;
}

struct sqlite3 *store_db(store *st) {
    return st->db;
}

const char *store_experiment(store *st, const char *key) {
    sqlite3_stmt *q;
    if (store_prepare(st, "SELECT value FROM experiment WHERE key = ?", &q, NULL) != BF_OK)
        return NULL;
    store_bind(q, "s", key);
    const char *found = NULL;
    if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0)) {
        size_t n = (size_t)sqlite3_column_bytes(q, 0);
        text *t = calloc(1, sizeof *t + n + 1);
        if (t) {
            memcpy(t->value, sqlite3_column_text(q, 0), n);
            t->next = st->texts;
            st->texts = t;
            found = t->value;
        }
    }
    sqlite3_finalize(q);
    return found;
}

/* ---- writing ------------------------------------------------------------------------------ */

bf_status store_arithmetic(store *st, const bf_arithmetic *a, int *id, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st,
                                "INSERT OR IGNORE INTO arithmetic (name, precision, strict)"
                                " VALUES (?, ?, ?)",
                                &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "sii", a->name, (int64_t)a->format.precision, (int64_t)a->strict);
    s = store_step(st, q, err);
    sqlite3_finalize(q);
    BF_TRY(s, store_prepare(st, "SELECT id FROM arithmetic WHERE name = ?", &q, err));
    if (s != BF_OK)
        return s;
    store_bind(q, "s", a->name);
    if (sqlite3_step(q) == SQLITE_ROW)
        *id = sqlite3_column_int(q, 0);
    else
        s = store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

bf_status store_find_missing(store *st, sqlite3_stmt *q, uint64_t n, bool *missing, bf_error *err) {
    for (uint64_t i = 0; i < n; i++)
        missing[i] = true;
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        int64_t start = sqlite3_column_int64(q, 0);
        if (start >= 0 && (uint64_t)start < n)
            missing[start] = false;
    }
    bf_status s = code == SQLITE_DONE ? BF_OK : store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

/* The session of this process, when it adds its first trials. */
static bf_status add_session(store *st, bf_error *err) {
    int64_t session = 0;
    sqlite3_stmt *q;
    bf_status s =
        store_number(st, "SELECT coalesce(max(session), 0) + 1 FROM provenance", &session, err);
    BF_TRY(s, store_prepare(st, "INSERT INTO provenance VALUES (?, ?, ?)", &q, err));
    if (s != BF_OK)
        return s;
    const char *key, *value;
    for (size_t i = 0; s == BF_OK && (value = provenance_fact(&st->here, i, &key)); i++) {
        store_bind(q, "iss", session, key, value);
        s = store_step(st, q, err);
    }
    sqlite3_finalize(q);
    return s;
}

void store_describe(store *st, const char *command, int threads) {
    provenance_here(&st->here, command, threads);
    st->described = true;
}

bf_status store_begin(store *st, bf_error *err) {
    return store_execute(st, "BEGIN IMMEDIATE", err);
}

bf_status store_end(store *st, bf_status s, bf_error *err) {
    if (s == BF_OK && st->described)
        s = add_session(st, err);
    BF_TRY(s, store_execute(st, "COMMIT", err));
    if (s == BF_OK)
        st->described = false;
    else
        sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
    return s;
}

const char *store_path(const store *st) {
    return st->path;
}

/* ---- reading ------------------------------------------------------------------------------ */

bf_status store_snapshot(store *st, bf_error *err) {
    st->reading = sqlite3_get_autocommit(st->db);
    return st->reading ? store_execute(st, "BEGIN", err) : BF_OK;
}

void store_snapshot_end(store *st) {
    if (st->reading && sqlite3_exec(st->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
    st->reading = false;
}
