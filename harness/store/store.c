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

static const store_kind *const kinds[] = {&store_sweep, &store_ladder, &store_lyapunov, &store_map};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

typedef struct text {
    struct text *next;
    char value[];
} text;

struct store {
    sqlite3 *db;
    char *path;
    const store_kind *kind; /* being written */
    text *texts;            /* what store_experiment has returned */
    bool described;         /* by what follows, which is not yet written */
    provenance here;
};

/* ---- over SQLite -------------------------------------------------------------------------- */

bf_status store_failed(store *s, bf_error *err) {
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

bf_status store_execute(store *s, const char *sql, bf_error *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? BF_OK : store_failed(s, err);
}

bf_status store_prepare(store *s, const char *sql, sqlite3_stmt **out, bf_error *err) {
    return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? BF_OK
                                                                      : store_failed(s, err);
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

bf_status store_step(store *s, sqlite3_stmt *q, bf_error *err) {
    bf_status status = sqlite3_step(q) == SQLITE_DONE ? BF_OK : store_failed(s, err);
    sqlite3_reset(q);
    return status;
}

bf_status store_number(store *s, const char *sql, int64_t *out, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, sql, &q, err);
    if (status != BF_OK)
        return status;
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(q, 0);
    else
        status = code == SQLITE_DONE ? bf_fail(err, BF_EINPUT, "%s: a row is missing", s->path)
                                     : store_failed(s, err);
    sqlite3_finalize(q);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------ */

static bf_status open_file(store **out, const char *path, int flags, bf_error *err) {
    *out = NULL;
    struct stat st;
    const bool there = stat(path, &st) == 0;
    if (there ? !S_ISREG(st.st_mode) : !(flags & SQLITE_OPEN_CREATE) || !*path)
        return bf_fail(err, BF_EINPUT, "'%s': %s; expected a store", path,
                       there ? "not a file" : strerror(errno));
    store *s = calloc(1, sizeof *s);
    /* To SQLite some names, such as :memory:, are not files; a path with a folder always is. */
    if (!s || !(s->path = malloc(strlen(path) + 3))) {
        free(s);
        return bf_no_memory(err);
    }
    sprintf(s->path, "%s%s", strchr(path, '/') ? "" : "./", path);
    bf_status status = BF_OK;
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
        status = store_failed(s, err);
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

const store_kind *store_kind_of(store *s) {
    const char *name = store_experiment(s, "kind");
    for (int i = 0; name && i < N_KINDS; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

static bf_status check_schema(store *s, bf_error *err) {
    int64_t id = 0, version = 0;
    bf_status status = store_number(s, "PRAGMA application_id", &id, err);
    BF_TRY(status, store_number(s, "PRAGMA user_version", &version, err));
    if (status == BF_OK && id != STORE_APPLICATION_ID)
        status = bf_fail(err, BF_EINPUT, "%s: not a store of bitfate", s->path);
    if (status == BF_OK && version != STORE_VERSION)
        status = bf_fail(err, BF_EINPUT, "%s: a store of version %lld; expected version %d",
                         s->path, (long long)version, STORE_VERSION);
    if (status == BF_OK && !store_kind_of(s))
        status = bf_fail(err, BF_EINPUT, "%s: its experiment is of no known kind", s->path);
    return status;
}

static bf_status put_experiment(store *s, const char *key, const char *value, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, "INSERT OR REPLACE INTO experiment VALUES (?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "ss", key, value);
    status = store_step(s, q, err);
    sqlite3_finalize(q);
    return status;
}

static bf_status create(store *s, const experiment *x, const char *resolved, const char *hash,
                        bf_error *err) {
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION_ID, STORE_VERSION);
    bf_status status = store_execute(s, schema, err);
    BF_TRY(status, store_execute(s, s->kind->schema, err));
    BF_TRY(status, store_execute(s, pragmas, err));
    BF_TRY(status, put_experiment(s, "name", x->name, err));
    BF_TRY(status, put_experiment(s, "resolved", resolved, err));
    BF_TRY(status, put_experiment(s, "kind", s->kind->name, err));
    BF_TRY(status, put_experiment(s, "identity", hash, err));
    return status == BF_OK && s->kind->fill ? s->kind->fill(s, x, err) : status;
}

bf_status store_identity(store *s, bf_hash *out, bf_error *err) {
    const char *yaml = store_experiment(s, "resolved");
    experiment *x = NULL;
    if (!yaml)
        return bf_fail(err, BF_EINPUT, "%s: holds no experiment", s->path);
    bf_status status = experiment_parse(&x, yaml, strlen(yaml), s->path, 1, NULL, 0, NULL, err);
    if (status == BF_OK)
        *out = store_kind_of(s)->identity(x);
    experiment_free(x);
    return status;
}

bool store_is_earlier(store *s) {
    char own[33];
    bf_hash present;
    const char *there = store_experiment(s, "identity");
    if (store_identity(s, &present, NULL) != BF_OK)
        return false;
    bf_hash_text(&present, own);
    return !there || strcmp(there, own) != 0;
}

/* A store of the experiment with this identity, by whichever program. */
static bf_status check_identity(store *s, const char *hash, bf_error *err) {
    char own[33];
    bf_hash present;
    const char *there = store_experiment(s, "identity"), *name = store_experiment(s, "name");
    if (there && strcmp(there, hash) == 0)
        return BF_OK;
    bf_status status = store_identity(s, &present, err);
    if (status != BF_OK)
        return status;
    bf_hash_text(&present, own);
    if (strcmp(own, hash) != 0)
        return bf_fail(err, BF_EINPUT,
                       "%s: holds another experiment (%.60s); expected the same but for "
                       "arithmetics, starts and trajectories, or a new file",
                       s->path, name ? name : "nameless");
    status = put_experiment(s, "identity", hash, err);
    return status == BF_OK && s->kind->renew ? s->kind->renew(s, err) : status;
}

/* An override that sets the field to the larger number. */
static void larger(char out[64], const char *field, uint64_t a, uint64_t b) {
    snprintf(out, 64, "%s=%" PRIu64, field, a > b ? a : b);
}

/* The experiment of a store that is extended by x, whose text is `now`: x, but with the arithmetics
 * of both, and the larger numbers. */
static bf_status extended(store *s, const experiment *x, const char *now, char **resolved,
                          bf_error *err) {
    const char *yaml = store_experiment(s, "resolved");
    experiment *old = NULL, *both = NULL;
    if (!yaml)
        return bf_fail(err, BF_EINPUT, "%s: holds no experiment", s->path);
    bf_status status = experiment_parse(&old, yaml, strlen(yaml), s->path, 1, NULL, 0, NULL, err);
    if (status != BF_OK)
        return status;
    char numbers[4][64], *list = NULL;
    size_t size = 0;
    larger(numbers[0], "sweep.starts", x->sweep.starts, old->sweep.starts);
    larger(numbers[1], "sweep.repeats", x->sweep.repeats, old->sweep.repeats);
    larger(numbers[2], "ladder.starts", x->ladder.starts, old->ladder.starts);
    larger(numbers[3], "lyapunov.trajectories", x->lyapunov.trajectories,
           old->lyapunov.trajectories);
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
    const char *overrides[] = {numbers[0], numbers[1], numbers[2], list, numbers[3]};
    const size_t n = x->lyapunov.trajectories > 0 ? 5 : 4; /* the section is optional */
    status = list ? experiment_parse(&both, now, strlen(now), s->path, 1, overrides, n, NULL, err)
                  : bf_no_memory(err);
    if (status == BF_OK && !(*resolved = experiment_resolved(both)))
        status = bf_no_memory(err);
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
    if (s->kind != store_kind_of(s))
        return bf_fail(err, BF_EINPUT, "%s: a store of bitfate %s; expected one of bitfate %s",
                       s->path, store_kind_of(s)->name, s->kind->name);
    char *resolved = NULL;
    status = check_identity(s, hash, err);
    BF_TRY(status, extended(s, x, now, &resolved, err));
    BF_TRY(status, put_experiment(s, "resolved", resolved, err));
    free(resolved);
    return status;
}

bf_status store_open(store **out, const char *path, const store_kind *kind, const experiment *x,
                     bf_error *err) {
    store *s = NULL;
    const bf_data *train, *test;
    *out = NULL;
    bf_status status = experiment_data(x, &train, &test, err); /* for its identity */
    BF_TRY(status, open_file(&s, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err));
    if (status != BF_OK)
        return status;
    s->kind = kind;
    char *resolved = experiment_resolved(x);
    char hash[33];
    bf_hash h = kind->identity(x);
    bf_hash_text(&h, hash);
    int64_t tables = 0;
    status = resolved ? store_execute(s, "BEGIN IMMEDIATE", err) : bf_no_memory(err);
    BF_TRY(status, store_number(s, "SELECT count(*) FROM sqlite_schema", &tables, err));
    BF_TRY(status, tables ? resume(s, x, resolved, hash, err) : create(s, x, resolved, hash, err));
    BF_TRY(status, store_execute(s, "COMMIT", err));
    free(resolved);
    if (status == BF_OK)
        *out = s;
    else
        store_close(s); /* rolls back */
    return status;
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

struct sqlite3 *store_db(store *s) {
    return s->db;
}

const char *store_experiment(store *s, const char *key) {
    sqlite3_stmt *q;
    if (store_prepare(s, "SELECT value FROM experiment WHERE key = ?", &q, NULL) != BF_OK)
        return NULL;
    store_bind(q, "s", key);
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
    bf_status status = store_prepare(s,
                                     "INSERT OR IGNORE INTO arithmetic (name, precision, strict)"
                                     " VALUES (?, ?, ?)",
                                     &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "sii", a->name, (int64_t)a->format.precision, (int64_t)a->strict);
    status = store_step(s, q, err);
    sqlite3_finalize(q);
    BF_TRY(status, store_prepare(s, "SELECT id FROM arithmetic WHERE name = ?", &q, err));
    if (status != BF_OK)
        return status;
    store_bind(q, "s", a->name);
    if (sqlite3_step(q) == SQLITE_ROW)
        *id = sqlite3_column_int(q, 0);
    else
        status = store_failed(s, err);
    sqlite3_finalize(q);
    return status;
}

bf_status store_find_missing(store *s, sqlite3_stmt *q, uint64_t n, bool *missing, bf_error *err) {
    for (uint64_t i = 0; i < n; i++)
        missing[i] = true;
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        int64_t start = sqlite3_column_int64(q, 0);
        if (start >= 0 && (uint64_t)start < n)
            missing[start] = false;
    }
    bf_status status = code == SQLITE_DONE ? BF_OK : store_failed(s, err);
    sqlite3_finalize(q);
    return status;
}

/* The session of this process, when it adds its first trials. */
static bf_status add_session(store *s, bf_error *err) {
    int64_t session = 0;
    sqlite3_stmt *q;
    bf_status status =
        store_number(s, "SELECT coalesce(max(session), 0) + 1 FROM provenance", &session, err);
    BF_TRY(status, store_prepare(s, "INSERT INTO provenance VALUES (?, ?, ?)", &q, err));
    if (status != BF_OK)
        return status;
    const char *key, *value;
    for (size_t i = 0; status == BF_OK && (value = provenance_fact(&s->here, i, &key)); i++) {
        store_bind(q, "iss", session, key, value);
        status = store_step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

void store_describe(store *s, const char *command, int threads) {
    provenance_here(&s->here, command, threads);
    s->described = true;
}

bf_status store_begin(store *s, bf_error *err) {
    return store_execute(s, "BEGIN IMMEDIATE", err);
}

bf_status store_end(store *s, bf_status status, bf_error *err) {
    if (status == BF_OK && s->described)
        status = add_session(s, err);
    BF_TRY(status, store_execute(s, "COMMIT", err));
    if (status == BF_OK)
        s->described = false;
    else
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

const char *store_path(const store *s) {
    return s->path;
}
