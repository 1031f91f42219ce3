/* SPDX-License-Identifier: MIT */
/* matrix.c - one training over a product of axes. */
#include "studies/matrix/matrix.h"

#include "studies/matrix/explain.h"
#include "studies/matrix/launch.h"
#include "run/pool.h"
#include "run/progress.h"
#include "run/run.h"

#include <inttypes.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What one process left. */
typedef struct attempt {
    cell_state state;
    char reason[256];
    bf_hash hash;
    char outcome[OUTCOME_SIZE];
    uint64_t steps;
    json_t *theta; /* probes: the parameters, texts */
} attempt;

/* A trace for each chained hash that was seen: a run with the same hash has the same lines. */
typedef struct kept_trace {
    bf_hash hash;
    const char *path; /* its launch's */
} kept_trace;

/* Processes to be run together. */
typedef struct batch {
    const matrix_plan *plan;
    char folder[64];
    launch *launches; /* (n) */
    pool_job *jobs;   /* (n) */
    attempt *attempts;
    size_t n;
    bool probing; /* theta is wanted, traces are not */
    kept_trace *traces;
    size_t n_traces;
    progress bar;
} batch;

/* ---- one process -------------------------------------------------------------------------- */

/* The last line of a file, without `bitfate: `. */
static void last_line(const char *path, char *out, size_t size) {
    char line[1024];
    FILE *f = fopen(path, "r");
    out[0] = '\0';
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = strncmp(line, "bitfate: ", 9) == 0 ? line + 9 : line;
        if (*text)
            snprintf(out, size, "%.*s", (int)size - 1, text);
    }
    bf_text_printable(out, false); /* a library may print anything */
    if (f)
        fclose(f);
}

static cell_state state_of(int status, bool overtime) {
    if (overtime)
        return CELL_OVERTIME;
    if (WIFSIGNALED(status))
        return CELL_CRASHED;
    return WEXITSTATUS(status) == BF_OK       ? CELL_RAN
           : WEXITSTATUS(status) == BF_EINPUT ? CELL_REFUSED
                                              : CELL_FAILED;
}

/* What the process printed. */
static bool read_result(const char *path, attempt *a, bool probing) {
    json_t *document = json_load_file(path, 0, NULL);
    const char *hash = json_string_value(json_object_get(document, "hash"));
    const char *outcome = json_string_value(json_object_get(document, "outcome"));
    const bool whole = hash && outcome && bf_hash_parse(hash, &a->hash);
    if (whole) {
        snprintf(a->outcome, sizeof a->outcome, "%s", outcome);
        a->steps = (uint64_t)json_integer_value(json_object_get(document, "steps"));
        a->theta = probing ? json_incref(json_object_get(document, "theta")) : NULL;
    }
    json_decref(document);
    return whole;
}

static void keep_trace(batch *b, const bf_hash *hash, const char *path) {
    for (size_t i = 0; i < b->n_traces; i++)
        if (bf_hash_equal(&b->traces[i].hash, hash)) {
            remove(path);
            return;
        }
    b->traces[b->n_traces++] = (kept_trace){*hash, path};
}

static void take_result(void *context, size_t i, int status, bool overtime) {
    batch *b = context;
    attempt *a = &b->attempts[i];
    const char *trace = launch_trace(&b->launches[i]);
    a->state = state_of(status, overtime);
    if (a->state == CELL_RAN && !read_result(b->jobs[i].out, a, b->probing))
        a->state = CELL_FAILED;
    if (a->state == CELL_RAN && trace)
        keep_trace(b, &a->hash, trace);
    else if (trace)
        remove(trace);
    if (a->state == CELL_OVERTIME)
        snprintf(a->reason, sizeof a->reason, "not done after %" PRIu64 " s", b->plan->limit);
    else if (a->state == CELL_CRASHED)
        snprintf(a->reason, sizeof a->reason, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (a->state != CELL_RAN)
        last_line(b->jobs[i].err, a->reason, sizeof a->reason);
    if ((a->state == CELL_FAILED || a->state == CELL_REFUSED) && !a->reason[0])
        snprintf(a->reason, sizeof a->reason, "exit status %d", WEXITSTATUS(status));
    remove(b->jobs[i].out);
    remove(b->jobs[i].err);
    progress_add(&b->bar, 1);
}

/* ---- batches ------------------------------------------------------------------------------ */

/* With what is in it: also what processes that were killed had begun to write. */
static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder));)
        if (d->d_name[0] != '.')
            unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

static void free_batch(batch *b) {
    for (size_t i = 0; i < b->n && b->launches; i++) {
        launch_free(&b->launches[i]);
    }
    for (size_t i = 0; i < b->n && b->attempts; i++)
        json_decref(b->attempts[i].theta);
    for (size_t i = 0; i < b->n && b->jobs; i++) {
        free((char *)b->jobs[i].out);
        free((char *)b->jobs[i].err);
    }
    free(b->launches);
    free(b->jobs);
    free(b->attempts);
    free(b->traces);
    if (b->folder[0])
        remove_folder(b->folder);
    *b = (batch){.n = 0};
}

static bf_status new_batch(batch *b, const matrix_plan *p, size_t n, bool probing, bf_error *err) {
    const char *tmp = getenv("TMPDIR");
    *b = (batch){.plan = p, .n = n, .probing = probing};
    b->launches = calloc(n, sizeof *b->launches);
    b->jobs = calloc(n, sizeof *b->jobs);
    b->attempts = calloc(n, sizeof *b->attempts);
    b->traces = calloc(n, sizeof *b->traces);
    if (!b->launches || !b->jobs || !b->attempts || !b->traces)
        return bf_no_memory(err);
    if (snprintf(b->folder, sizeof b->folder, "%s/bitfate-matrix-XXXXXX",
                 tmp && *tmp ? tmp : "/tmp") >= (int)sizeof b->folder)
        return bf_fail(err, BF_EINPUT, "TMPDIR is too long");
    if (!mkdtemp(b->folder)) {
        b->folder[0] = '\0';
        return bf_fail(err, BF_EMACHINE, "%s: cannot make a temporary folder: %s",
                       tmp && *tmp ? tmp : "/tmp", strerror(errno));
    }
    return BF_OK;
}

/* Process i of the batch: a cell, for so many steps (0: all). */
static bf_status add_job(batch *b, size_t i, size_t cell, uint64_t steps, bf_error *err) {
    const matrix_plan *p = b->plan;
    char path[128], number[64];
    launch *l = &b->launches[i];
    bool ok = launch_cell(l, p, cell);
    if (steps > 0) {
        snprintf(number, sizeof number, "train.steps=%" PRIu64, steps);
        ok = ok && launch_word(l, "--set") && launch_word(l, number);
    }
    snprintf(path, sizeof path, "%s/%zu.trace", b->folder, i);
    ok = ok && launch_word(l, "--json");
    if (!b->probing)
        ok = ok && launch_set_trace(l, path);
    snprintf(path, sizeof path, "%s/%zu.out", b->folder, i);
    b->jobs[i].out = strdup(path);
    snprintf(path, sizeof path, "%s/%zu.err", b->folder, i);
    b->jobs[i].err = strdup(path);
    b->jobs[i].words = l->words.list;
    b->jobs[i].environment = l->environment.list;
    b->jobs[i].one_core = l->one_core;
    ok = ok && b->jobs[i].out && b->jobs[i].err;
    return ok ? BF_OK : bf_no_memory(err);
}

static bf_status run_batch(batch *b, const char *label, bf_error *err) {
    const matrix_plan *p = b->plan;
    progress_begin(&b->bar, p->limits, label, "runs", b->n);
    bf_status s = pool_run(b->jobs, b->n, p->at_once, p->limit, p->limits, take_result, b, err);
    progress_end(&b->bar);
    return s;
}

/* ---- cells and groups --------------------------------------------------------------------- */

static bool agree(const matrix_plan *p, const bf_hash *a, const char *outcome_a, const bf_hash *b,
                  const char *outcome_b) {
    return p->by_outcome ? strcmp(outcome_a, outcome_b) == 0 : bf_hash_equal(a, b);
}

/* A cell from the attempts at it. */
static void fold(matrix_cell *c, const matrix_plan *p, const attempt *a) {
    memcpy(c->outcome, a->outcome, sizeof c->outcome);
    c->hash = a->hash;
    c->steps = a->steps;
    for (uint64_t r = 0; r < p->repeat && c->state == CELL_RAN; r++) {
        c->state = a[r].state;
        memcpy(c->reason, a[r].reason, sizeof c->reason);
    }
    for (uint64_t r = 1; r < p->repeat && c->state == CELL_RAN; r++)
        if (!agree(p, &c->hash, c->outcome, &a[r].hash, a[r].outcome)) {
            c->state = CELL_VARIES;
            c->other = a[r].hash;
        }
}

static void group_cells(matrix *m) {
    const matrix_plan *p = m->plan;
    for (size_t i = 0; i < p->axes->cells; i++) {
        matrix_cell *c = &m->cells[i];
        size_t g = 0;
        if (c->state != CELL_RAN) {
            *(c->state == CELL_VARIES ? &m->n_varying : &m->n_missing) += 1;
            continue;
        }
        for (; g < m->n_groups; g++) {
            const matrix_cell *first = &m->cells[m->groups[g].first];
            if (agree(p, &first->hash, first->outcome, &c->hash, c->outcome))
                break;
        }
        if (g == m->n_groups)
            m->groups[m->n_groups++] = (matrix_group){.first = i};
        m->groups[g].cells++;
        c->group = g;
    }
}

/* The cells that are in groups always have an explanation: all axes together. */
static bf_status explain_groups(matrix *m, bf_error *err) {
    const axes *a = m->plan->axes;
    unsigned sizes[AXES_MAX];
    unsigned *values = calloc(a->cells * a->n + 1, sizeof *values);
    size_t *groups = calloc(a->cells, sizeof *groups), n = 0;
    bool found;
    for (unsigned i = 0; i < a->n; i++)
        sizes[i] = a->list[i].n;
    for (size_t c = 0; values && groups && c < a->cells; c++) {
        if (m->cells[c].state != CELL_RAN)
            continue;
        for (unsigned i = 0; i < a->n; i++)
            values[n * a->n + i] = axes_value(a, c, i);
        groups[n++] = m->cells[c].group;
    }
    bf_status s = values && groups
                      ? explain(n, a->n, sizes, values, groups, m->explains, &found, err)
                      : bf_no_memory(err);
    free(values);
    free(groups);
    return s;
}

/* ---- differences -------------------------------------------------------------------------- */

static bf_status read_trace(const batch *b, const bf_hash *hash, bf_trace **out, bf_error *err) {
    size_t i = 0;
    while (!bf_hash_equal(&b->traces[i].hash, hash))
        i++;
    return bf_trace_read(out, b->traces[i].path, err);
}

/* Where cells that vary part from themselves. */
static bf_status find_variations(matrix *m, const batch *b, bf_error *err) {
    bf_status s = BF_OK;
    for (size_t i = 0; i < m->plan->axes->cells && s == BF_OK; i++) {
        matrix_cell *c = &m->cells[i];
        bf_trace *one = NULL, *other = NULL;
        if (c->state != CELL_VARIES)
            continue;
        s = read_trace(b, &c->hash, &one, err);
        BF_TRY(s, read_trace(b, &c->other, &other, err));
        BF_TRY(s, bf_trace_compare(one, other, &c->varies, err));
        bf_trace_free(one);
        bf_trace_free(other);
    }
    return s;
}

static bf_status compare(matrix *m, size_t a, size_t b, const bf_trace *ta, const bf_trace *tb,
                         bf_error *err) {
    matrix_pair *p = &m->pairs[m->n_pairs++];
    p->a = a;
    p->b = b;
    bf_status s = bf_trace_compare(ta, tb, &p->where, err);
    if (s == BF_OK && !p->where.same && strcmp(p->where.name, "loss") == 0)
        difference_loss(ta, tb, &p->where, &p->what);
    return s;
}

static bf_status find_differences(matrix *m, const batch *b, bf_error *err) {
    bf_trace *kept[MATRIX_COMPARED] = {NULL};
    bf_status s = BF_OK;
    for (size_t j = 0; j < m->n_groups && m->n_groups > 1 && s == BF_OK; j++) {
        bf_trace *t = NULL;
        s = read_trace(b, &m->cells[m->groups[j].first].hash, &t, err);
        const size_t before = j < MATRIX_COMPARED ? j : 1;
        for (size_t i = 0; i < before && s == BF_OK; i++)
            s = compare(m, i, j, kept[i], t, err);
        if (j < MATRIX_COMPARED)
            kept[j] = t;
        else
            bf_trace_free(t);
    }
    for (size_t i = 0; i < MATRIX_COMPARED; i++)
        bf_trace_free(kept[i]);
    return s;
}

/* A cell, trained once more up to the step at which it differs from another: its parameters there
 * name the element. */
typedef struct probe {
    size_t cell;
    uint64_t step;
} probe;

static size_t find_probe(probe *list, size_t *n, size_t cell, uint64_t step) {
    size_t i = 0;
    while (i < *n && !(list[i].cell == cell && list[i].step == step))
        i++;
    if (i == *n)
        list[(*n)++] = (probe){cell, step};
    return i;
}

/* At step 0 there is nothing to train: formats round the start each to itself. */
static bool needs_probe(const matrix_pair *p) {
    return !p->where.same && p->where.tensor >= 0 && p->where.step > 0;
}

/* The values of a tensor as a probe printed them; to be freed. */
static uint8_t *values_of(const attempt *a, const bf_tensor *t, const bf_format *f) {
    uint8_t *values = malloc(t->count * f->bytes);
    for (size_t i = 0; values && i < t->count; i++) {
        const char *text = json_string_value(json_array_get(a->theta, t->offset + i));
        if (!text || bf_number(f, text, values + i * f->bytes, NULL) != BF_OK) {
            free(values);
            return NULL;
        }
    }
    return values;
}

static const char *arithmetic_of(const matrix_plan *p, size_t cell) {
    for (unsigned i = 0; i < p->axes->n; i++)
        if (p->axes->list[i].kind == AXIS_ARITHMETICS)
            return p->axes->list[i].values[axes_value(p->axes, cell, i)];
    return p->arithmetic;
}

static bf_status find_element(matrix *m, matrix_pair *p, const bf_tensor *t, const attempt *a,
                              const attempt *b, bf_error *err) {
    bf_arithmetic one, other;
    bf_status s = bf_arithmetic_parse(&one, arithmetic_of(m->plan, m->groups[p->a].first), err);
    BF_TRY(s, bf_arithmetic_parse(&other, arithmetic_of(m->plan, m->groups[p->b].first), err));
    if (s != BF_OK)
        return s;
    uint8_t *va = values_of(a, t, &one.format), *vb = values_of(b, t, &other.format);
    if (va && vb)
        difference_find(&(difference_side){&one.format, va, t->count},
                        &(difference_side){&other.format, vb, t->count}, &p->what);
    free(va);
    free(vb);
    return BF_OK;
}

static bf_status find_elements(matrix *m, const bf_ensemble *layout, bf_error *err) {
    probe *probes = calloc(2 * m->n_pairs + 1, sizeof *probes);
    size_t n = 0;
    if (!probes)
        return bf_no_memory(err);
    for (size_t i = 0; i < m->n_pairs; i++)
        if (needs_probe(&m->pairs[i])) {
            find_probe(probes, &n, m->groups[m->pairs[i].a].first, m->pairs[i].where.step);
            find_probe(probes, &n, m->groups[m->pairs[i].b].first, m->pairs[i].where.step);
        }
    batch b;
    bf_status s = new_batch(&b, m->plan, n ? n : 1, true, err);
    b.n = n;
    for (size_t i = 0; i < n && s == BF_OK; i++)
        s = add_job(&b, i, probes[i].cell, probes[i].step, err);
    if (s == BF_OK && n > 0)
        s = run_batch(&b, "elements", err);
    for (size_t i = 0; i < m->n_pairs && s == BF_OK; i++) {
        matrix_pair *p = &m->pairs[i];
        if (!needs_probe(p))
            continue;
        const uint64_t step = p->where.step;
        s = find_element(m, p, bf_tensor_at(layout, (size_t)p->where.tensor),
                         &b.attempts[find_probe(probes, &n, m->groups[p->a].first, step)],
                         &b.attempts[find_probe(probes, &n, m->groups[p->b].first, step)], err);
    }
    free_batch(&b);
    free(probes);
    return s;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* Cells name libraries on their command lines, so what is allowed is settled here. */
static bf_status check_libraries(const axes *a, const limits *l, bf_error *err) {
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned j = 0; j < a->list[i].n; j++) {
            const matrix_axis *x = &a->list[i];
            bf_arithmetic named = {.library = ""};
            if (x->kind == AXIS_ARITHMETICS &&
                bf_arithmetic_parse(&named, x->values[j], err) != BF_OK)
                return BF_EINPUT;
            const char *path = x->kind == AXIS_LIBRARIES ? x->paths[j] : named.library;
            if (*path && strcmp(path, "linked") != 0 && !limits_allow(l, path))
                return bf_fail(err, BF_EINPUT,
                               "%s: opening a library runs its code; expected --allow-library",
                               path);
            if (x->kind == AXIS_ENVIRONMENT && launch_loads_code(x->name, x->values[j]) &&
                !limits_allow(l, x->values[j]))
                return bf_fail(err, BF_EINPUT,
                               "%s=%s may make a process load code; expected --allow-library",
                               x->name, x->values[j]);
        }
    return BF_OK;
}

static bf_status allocate(matrix *m, bf_error *err) {
    const size_t n = m->plan->axes->cells;
    m->cells = calloc(n, sizeof *m->cells);
    m->groups = calloc(n, sizeof *m->groups);
    m->explains = calloc(AXES_MAX, sizeof *m->explains);
    m->pairs = calloc(n + MATRIX_COMPARED * MATRIX_COMPARED, sizeof *m->pairs);
    return m->cells && m->groups && m->explains && m->pairs ? BF_OK : bf_no_memory(err);
}

static bf_status run_cells(matrix *m, batch *b, bf_error *err) {
    const matrix_plan *p = m->plan;
    bf_status s = BF_OK;
    for (size_t c = 0; c < p->axes->cells && s == BF_OK; c++) {
        for (uint64_t r = 0; r < p->repeat && s == BF_OK; r++)
            s = add_job(b, c * (size_t)p->repeat + (size_t)r, c, 0, err);
        launch l;
        if (!launch_cell(&l, p, c) || !(m->cells[c].command = launch_command(&l)))
            s = bf_no_memory(err);
        launch_free(&l);
    }
    BF_TRY(s, run_batch(b, "cells", err));
    for (size_t c = 0; c < p->axes->cells && s == BF_OK; c++)
        fold(&m->cells[c], p, &b->attempts[c * p->repeat]);
    return s;
}

bf_status matrix_run(matrix *m, const matrix_plan *p, bf_error *err) {
    run layout;
    batch b = {.n = 0};
    *m = (matrix){.plan = p};
    bf_status s = check_libraries(p->axes, p->limits, err);
    if (s != BF_OK)
        return s;
    s = run_open(&layout, p->x, "f64", p->limits, err); /* the experiment itself can be run */
    if (s != BF_OK)
        return s;
    s = outcome_check(p->x, layout.e, err);
    BF_TRY(s, allocate(m, err));
    BF_TRY(s, new_batch(&b, p, p->axes->cells * (size_t)p->repeat, false, err));
    BF_TRY(s, run_cells(m, &b, err));
    if (s == BF_OK) {
        group_cells(m);
        s = explain_groups(m, err);
    }
    BF_TRY(s, find_variations(m, &b, err));
    BF_TRY(s, find_differences(m, &b, err));
    free_batch(&b);
    BF_TRY(s, find_elements(m, layout.e, err));
    run_close(&layout);
    return s;
}

void matrix_free(matrix *m) {
    for (size_t i = 0; m->cells && i < m->plan->axes->cells; i++)
        free(m->cells[i].command);
    for (size_t i = 0; i < m->n_pairs; i++)
        difference_free(&m->pairs[i].what);
    free(m->cells);
    free(m->groups);
    free(m->explains);
    free(m->pairs);
    *m = (matrix){.plan = NULL};
}

bf_status matrix_verdict(const matrix *m) {
    return m->n_groups > 1 || m->n_varying > 0 ? BF_DIFFERENT
           : m->n_missing > 0                  ? BF_INCONCLUSIVE
                                               : BF_OK;
}

const char *matrix_state(cell_state s) {
    static const char *const names[] = {"ran",        "varies",  "refused",
                                        "time limit", "crashed", "failed"};
    return names[s];
}

const char *matrix_group_name(size_t group, char out[8]) {
    char *p = out + 7;
    *p = '\0';
    for (size_t n = group + 1; n > 0; n = (n - 1) / 26)
        *--p = (char)('A' + (n - 1) % 26);
    return p;
}

void matrix_values(const matrix *m, size_t cell, const bool *wanted, char *out, size_t size) {
    const axes *a = m->plan->axes;
    size_t n = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < a->n && n < size; i++)
        if (!wanted || wanted[i])
            n += (size_t)snprintf(out + n, size - n, "%s%s=%s", n ? " " : "", a->list[i].name,
                                  a->list[i].values[axes_value(a, cell, i)]);
}
