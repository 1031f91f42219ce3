/* SPDX-License-Identifier: MIT */
/* store.c - destination maps in a store. */
#include "studies/map/map.h"

#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { BYTE_LABELS = 256, MAX_LABELS = 65536 };

static const char schema[] =
    "CREATE TABLE map (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
    " view TEXT NOT NULL, arithmetic TEXT NOT NULL, experiment TEXT NOT NULL);"
    "CREATE TABLE map_row (map INTEGER NOT NULL, row INTEGER NOT NULL,"
    " labels TEXT NOT NULL, cells BLOB NOT NULL, shades BLOB,"
    " PRIMARY KEY (map, row));";

/* The hash of a map by its experiment, the name of its view and its arithmetic. */
static bf_status hash_of_map(const char *yaml, const char *view, const char *arithmetic,
                             const char *path, char out[33], bf_error *err) {
    experiment *x = NULL;
    bf_hash h = {{0}};
    bf_status s = experiment_parse(&x, yaml, strlen(yaml), path, 1, NULL, 0, NULL, err);
    for (unsigned i = 0; s == BF_OK && i < x->map.n_views; i++)
        if (strcmp(x->map.views[i].name, view) == 0)
            h = experiment_map_hash(x, &x->map.views[i], arithmetic);
    experiment_free(x);
    bf_hash_text(&h, out);
    return s;
}

/* The maps of an earlier program's store, by the present hashes. */
static bf_status renew(store *st, bf_error *err) {
    sqlite3_stmt *q = NULL, *put = NULL;
    bf_status s = store_prepare(st, "SELECT id, view, arithmetic, experiment FROM map", &q, err);
    BF_TRY(s, store_prepare(st, "UPDATE map SET hash = ? WHERE id = ?", &put, err));
    int code = SQLITE_DONE;
    while (s == BF_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
        char hash[33];
        const char *view = (const char *)sqlite3_column_text(q, 1),
                   *arithmetic = (const char *)sqlite3_column_text(q, 2),
                   *yaml = (const char *)sqlite3_column_text(q, 3);
        s = view && arithmetic && yaml
                ? hash_of_map(yaml, view, arithmetic, store_path(st), hash, err)
                : bf_fail(err, BF_EINPUT, "%s: a map of it is damaged", store_path(st));
        if (s == BF_OK) {
            store_bind(put, "si", hash, (int64_t)sqlite3_column_int64(q, 0));
            s = store_step(st, put, err);
        }
    }
    if (s == BF_OK && code != SQLITE_DONE)
        s = store_failed(st, err);
    sqlite3_finalize(q);
    sqlite3_finalize(put);
    return s;
}

const store_kind map_store = {
    .name = "map", .schema = schema, .identity = experiment_runs_hash, .renew = renew};

/* ---- writing ------------------------------------------------------------------------------ */

static bf_status insert_map(store *st, const experiment *x, const experiment_view *view,
                            const char *arithmetic, const char *hash, bf_error *err) {
    sqlite3_stmt *q;
    char *resolved = experiment_resolved(x);
    bf_status s =
        resolved ? store_prepare(st,
                                 "INSERT OR IGNORE INTO map (hash, view, arithmetic, experiment)"
                                 " VALUES (?, ?, ?, ?)",
                                 &q, err)
                 : bf_no_memory(err);
    if (s == BF_OK) {
        store_bind(q, "ssss", hash, view->name, arithmetic, resolved);
        s = store_step(st, q, err);
        sqlite3_finalize(q);
    }
    free(resolved);
    return s;
}

bf_status map_open(store *st, const experiment *x, const experiment_view *view,
                   const char *arithmetic, int64_t *id, bf_error *err) {
    char hash[33];
    const bf_hash h = experiment_map_hash(x, view, arithmetic);
    bf_hash_text(&h, hash);
    bf_status s = insert_map(st, x, view, arithmetic, hash, err);
    sqlite3_stmt *q;
    BF_TRY(s, store_prepare(st, "SELECT id FROM map WHERE hash = ?", &q, err));
    if (s != BF_OK)
        return s;
    store_bind(q, "s", hash);
    if (sqlite3_step(q) == SQLITE_ROW)
        *id = sqlite3_column_int64(q, 0);
    else
        s = store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

bf_status map_missing(store *st, int64_t id, uint32_t points, bool *missing, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "SELECT row FROM map_row WHERE map = ?", &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "i", id);
    return store_find_missing(st, q, points, missing, err);
}

static void put16(uint8_t *out, uint32_t x) {
    out[0] = (uint8_t)x;
    out[1] = (uint8_t)(x >> 8);
}

static uint16_t get16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

/* A row in the form of the table. */
typedef struct packed_row {
    char *labels;
    size_t labels_size;
    uint8_t *cells, *shades;
    size_t cells_size;
} packed_row;

/* places[i]: of cell i's label among the row's distinct ones, whose first cells are in first[].
 * Returns how many there are. */
static uint32_t number_labels(const map_cell *cells, uint32_t points, uint32_t *places,
                              uint32_t *first) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < points; i++) {
        uint32_t at = 0;
        while (at < n && strcmp(cells[first[at]].label, cells[i].label) != 0)
            at++;
        if (at == n)
            first[n++] = i;
        places[i] = at;
    }
    return n;
}

static bool pack(packed_row *p, const map_cell *cells, uint32_t points) {
    uint32_t *places = malloc(points * sizeof *places), *first = malloc(points * sizeof *first);
    *p = (packed_row){.labels = malloc((size_t)points * OUTCOME_SIZE),
                      .cells = malloc((size_t)points * 2),
                      .shades = malloc((size_t)points * 2)};
    const bool there = places && first && p->labels && p->cells && p->shades;
    if (there) {
        const uint32_t n = number_labels(cells, points, places, first);
        for (uint32_t i = 0; i < n; i++) {
            const size_t length = strlen(cells[first[i]].label);
            memcpy(p->labels + p->labels_size, cells[first[i]].label, length);
            p->labels[p->labels_size + length] = '\n';
            p->labels_size += length + 1;
        }
        for (uint32_t i = 0; i < points; i++) {
            if (n <= BYTE_LABELS)
                p->cells[i] = (uint8_t)places[i];
            else
                put16(p->cells + 2 * (size_t)i, places[i]);
            put16(p->shades + 2 * (size_t)i, cells[i].shade);
        }
        p->cells_size = (size_t)points * (n <= BYTE_LABELS ? 1 : 2);
    }
    free(places);
    free(first);
    return there;
}

bf_status map_add_row(store *st, int64_t id, uint32_t row, const map_cell *cells, uint32_t points,
                      bool shaded, bf_error *err) {
    packed_row p;
    sqlite3_stmt *q;
    bf_status s =
        pack(&p, cells, points)
            ? store_prepare(st, "INSERT OR IGNORE INTO map_row VALUES (?, ?, ?, ?, ?)", &q, err)
            : bf_no_memory(err);
    if (s == BF_OK) {
        sqlite3_bind_int64(q, 1, id);
        sqlite3_bind_int64(q, 2, row);
        sqlite3_bind_text(q, 3, p.labels, (int)p.labels_size, SQLITE_STATIC);
        sqlite3_bind_blob(q, 4, p.cells, (int)p.cells_size, SQLITE_STATIC);
        if (shaded)
            sqlite3_bind_blob(q, 5, p.shades, (int)points * 2, SQLITE_STATIC);
        s = sqlite3_step(q) == SQLITE_DONE ? BF_OK : store_failed(st, err);
        sqlite3_finalize(q);
    }
    free(p.labels);
    free(p.cells);
    free(p.shades);
    return s;
}

/* ---- reading ------------------------------------------------------------------------------ */

bf_status map_list(store *st, int64_t **ids, size_t *n, bf_error *err) {
    sqlite3_stmt *q;
    *ids = NULL;
    *n = 0;
    if (sqlite3_table_column_metadata(store_db(st), NULL, "map", "id", NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK)
        return BF_OK;
    bf_status s = store_prepare(st, "SELECT id FROM map ORDER BY id", &q, err);
    if (s != BF_OK)
        return s;
    int code;
    while (s == BF_OK && (code = sqlite3_step(q)) != SQLITE_DONE) {
        int64_t *more = code == SQLITE_ROW ? realloc(*ids, (*n + 1) * sizeof *more) : NULL;
        if (more) {
            *ids = more;
            more[(*n)++] = sqlite3_column_int64(q, 0);
        } else {
            s = code == SQLITE_ROW ? bf_no_memory(err) : store_failed(st, err);
        }
    }
    sqlite3_finalize(q);
    return s;
}

static bf_status damaged(store *st, const map *m, int64_t row, const char *what, bf_error *err) {
    return bf_fail(err, BF_EINPUT, "%s: map '%.100s', row %lld: %s", store_path(st), m->view->name,
                   (long long)row, what);
}

/* The place of a label in the map's table, new ones at the end; MAX_LABELS: no room. */
static uint32_t place_of(map *m, const char *label, size_t length) {
    uint32_t i = 0;
    while (i < m->n_labels &&
           !(strlen(m->labels[i]) == length && memcmp(m->labels[i], label, length) == 0))
        i++;
    if (i < m->n_labels || i == MAX_LABELS)
        return i;
    if ((i & (i + 1)) == 0) { /* room for 1, 3, 7, ... more */
        void *labels = realloc(m->labels, (2 * (size_t)i + 1) * sizeof *m->labels);
        if (labels)
            m->labels = labels;
        uint64_t *counts = realloc(m->counts, (2 * (size_t)i + 1) * sizeof *counts);
        if (counts)
            m->counts = counts;
        if (!labels || !counts)
            return MAX_LABELS;
    }
    memcpy(m->labels[i], label, length);
    m->labels[i][length] = '\0';
    m->counts[i] = 0;
    m->n_labels++;
    return i;
}

/* A row's list of labels as places in the map's table. Returns what is wrong, or NULL. */
static const char *read_labels(map *m, const char *text, size_t size, uint32_t *places,
                               uint32_t *n) {
    *n = 0;
    for (const char *end = text + size; text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t length = stop ? (size_t)(stop - text) : 0;
        if (length == 0 || length >= OUTCOME_SIZE || *n == m->points)
            return "its labels are damaged";
        for (size_t i = 0; i < length; i++)
            if (text[i] <= ' ' || text[i] > '~')
                return "its labels are damaged";
        places[*n] = place_of(m, text, length);
        if (places[(*n)++] == MAX_LABELS)
            return "too many labels";
        text = stop + 1;
    }
    return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *read_row(map *m, sqlite3_stmt *q, uint32_t row, uint32_t *places) {
    const uint32_t points = m->points;
    uint32_t n;
    const char *labels = (const char *)sqlite3_column_text(q, 1);
    const char *wrong = labels
                            ? read_labels(m, labels, (size_t)sqlite3_column_bytes(q, 1), places, &n)
                            : "its labels are missing";
    if (wrong)
        return wrong;
    const uint8_t *cells = sqlite3_column_blob(q, 2), *shades = sqlite3_column_blob(q, 3);
    const size_t width = n <= BYTE_LABELS ? 1 : 2;
    if (!cells || (size_t)sqlite3_column_bytes(q, 2) != points * width)
        return "its cells are not as many as the view has points";
    if (m->shades && (!shades || (size_t)sqlite3_column_bytes(q, 3) != (size_t)points * 2))
        return "its shades are not as many as the view has points";
    const size_t first = (size_t)row * points;
    for (uint32_t i = 0; i < points; i++) {
        const uint32_t label = width == 1 ? cells[i] : get16(cells + 2 * (size_t)i);
        if (label >= n)
            return "a cell has a label that is not in the row's list";
        m->cells[first + i] = (uint16_t)places[label];
        m->counts[places[label]]++;
        if (m->shades)
            m->shades[first + i] = get16(shades + 2 * (size_t)i);
    }
    return NULL;
}

static bf_status read_rows(map *m, store *st, int64_t id, bf_error *err) {
    const size_t n = (size_t)m->points * m->points;
    sqlite3_stmt *q;
    bf_status s = store_prepare(
        st, "SELECT row, labels, cells, shades FROM map_row WHERE map = ? ORDER BY row", &q, err);
    if (s != BF_OK)
        return s;
    uint32_t *places = malloc(m->points * sizeof *places), row = 0;
    m->cells = malloc(n * sizeof *m->cells);
    if (strcmp(m->x->map.shade, "none") != 0)
        m->shades = malloc(n * sizeof *m->shades);
    if (!places || !m->cells || (!m->shades && strcmp(m->x->map.shade, "none") != 0))
        s = bf_no_memory(err);
    sqlite3_bind_int64(q, 1, id);
    int code = SQLITE_DONE;
    for (; s == BF_OK && (code = sqlite3_step(q)) == SQLITE_ROW; row++) {
        const char *wrong = sqlite3_column_int64(q, 0) != row || row == m->points
                                ? "expected every row once"
                                : read_row(m, q, row, places);
        if (wrong)
            s = damaged(st, m, sqlite3_column_int64(q, 0), wrong, err);
    }
    if (s == BF_OK && code != SQLITE_DONE)
        s = store_failed(st, err);
    if (s == BF_OK && row < m->points)
        s = damaged(st, m, row, "missing; the command that began the map can go on", err);
    sqlite3_finalize(q);
    free(places);
    return s;
}

typedef struct place {
    uint64_t count;
    uint32_t label;
} place;

static int compare_places(const void *a, const void *b) {
    const place *p = a, *q = b;
    return p->count != q->count ? (p->count < q->count ? 1 : -1)
                                : (p->label > q->label) - (p->label < q->label);
}

static bf_status rank_labels(map *m, bf_error *err) {
    place *places = malloc(m->n_labels * sizeof *places);
    m->ranked = malloc(m->n_labels * sizeof *m->ranked);
    const bool there = places && m->ranked;
    if (there) {
        for (uint32_t i = 0; i < m->n_labels; i++)
            places[i] = (place){m->counts[i], i};
        qsort(places, m->n_labels, sizeof *places, compare_places);
        for (uint32_t i = 0; i < m->n_labels; i++)
            m->ranked[i] = places[i].label;
    }
    free(places);
    return there ? BF_OK : bf_no_memory(err);
}

/* What the map's own row says, checked against the hash there. */
static bf_status read_head(map *m, store *st, sqlite3_stmt *q, bf_error *err) {
    const char *hash = (const char *)sqlite3_column_text(q, 0),
               *view = (const char *)sqlite3_column_text(q, 1),
               *arithmetic = (const char *)sqlite3_column_text(q, 2),
               *text = (const char *)sqlite3_column_text(q, 3);
    if (!hash || !view || !arithmetic || !text || !bf_hash_parse(hash, &m->hash))
        return bf_fail(err, BF_EINPUT, "%s: a map of it is damaged", store_path(st));
    bf_status s =
        experiment_parse(&m->x, text, strlen(text), store_path(st), 1, NULL, 0, NULL, err);
    if (s != BF_OK)
        return s;
    for (unsigned i = 0; i < m->x->map.n_views; i++)
        if (strcmp(m->x->map.views[i].name, view) == 0)
            m->view = &m->x->map.views[i];
    m->arithmetic = strdup(arithmetic);
    if (!m->arithmetic)
        return bf_no_memory(err);
    const bf_hash own = m->view ? experiment_map_hash(m->x, m->view, arithmetic) : (bf_hash){{0}};
    if (!m->view || (!bf_hash_equal(&own, &m->hash) && !store_is_earlier(st, &map_store)))
        return bf_fail(err, BF_EINPUT, "%s: a map is not that of its experiment", store_path(st));
    m->points = m->view->points;
    return BF_OK;
}

bf_status map_read(map **out, store *st, int64_t id, bf_error *err) {
    *out = NULL;
    sqlite3_stmt *q;
    bf_status s = store_prepare(
        st, "SELECT hash, view, arithmetic, experiment FROM map WHERE id = ?", &q, err);
    if (s != BF_OK)
        return s;
    map *m = calloc(1, sizeof *m);
    sqlite3_bind_int64(q, 1, id);
    const int code = m ? sqlite3_step(q) : SQLITE_NOMEM;
    if (!m)
        s = bf_no_memory(err);
    else if (code == SQLITE_ROW)
        s = read_head(m, st, q, err);
    else
        s = code == SQLITE_DONE ? bf_fail(err, BF_EINPUT, "%s: has no such map", store_path(st))
                                : store_failed(st, err);
    sqlite3_finalize(q);
    BF_TRY(s, read_rows(m, st, id, err));
    BF_TRY(s, rank_labels(m, err));
    if (s == BF_OK)
        *out = m;
    else
        map_free(m);
    return s;
}

void map_free(map *m) {
    if (!m)
        return;
    experiment_free(m->x);
    free(m->arithmetic);
    free(m->cells);
    free(m->shades);
    free(m->labels);
    free(m->counts);
    free(m->ranked);
    free(m);
}

const char *map_rate(const map *m) {
    return m->view->rate ? m->view->rate : m->x->train.rate;
}
