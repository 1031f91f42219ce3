/* SPDX-License-Identifier: MIT */
/* launch.c - how a cell of a matrix is run: words, environment, cores. */
#include "studies/matrix/launch.h"

#include "cli/output.h"
#include "run/pool.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

/* Takes ownership of `word`; NULL: there was no memory for it. */
static bool add(word_list *w, char *word) {
    char **list = word ? realloc(w->list, (w->n + 2) * sizeof *list) : NULL;
    if (!list) {
        free(word);
        return false;
    }
    w->list = list;
    list[w->n++] = word;
    list[w->n] = NULL;
    return true;
}

static void free_words(word_list *w) {
    for (size_t i = 0; i < w->n; i++)
        free(w->list[i]);
    free(w->list);
}

/* "a" "b" "c" in one text, to be freed. */
static char *joined(const char *a, const char *b, const char *c) {
    const size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s%s%s", a, b, c);
    return text;
}

static bool add_pair(launch *l, const char *option, const char *value) {
    return launch_word(l, option) && launch_word(l, value);
}

/* ---- the environment ---------------------------------------------------------------------- */

/* Whether two texts NAME or NAME=value are of the same name. */
static bool same_name(const char *a, const char *b) {
    const size_t n = strcspn(a, "=");
    return n == strcspn(b, "=") && memcmp(a, b, n) == 0;
}

/* The latest change of a variable counts. */
static bool change(launch *l, const char *name, const char *value) {
    char *text = value ? joined(name, "=", value) : strdup(name);
    for (size_t i = 0; text && i < l->changes.n; i++)
        if (same_name(l->changes.list[i], name)) {
            free(l->changes.list[i]);
            l->changes.list[i] = text;
            return true;
        }
    return add(&l->changes, text);
}

static bool fill_environment(launch *l) {
    bool ok = true;
    for (char **e = environ; *e && ok; e++) {
        bool changed = false;
        for (size_t i = 0; i < l->changes.n; i++)
            changed |= same_name(l->changes.list[i], *e);
        if (!changed)
            ok = add(&l->environment, strdup(*e));
    }
    for (size_t i = 0; i < l->changes.n && ok; i++)
        if (strchr(l->changes.list[i], '='))
            ok = add(&l->environment, strdup(l->changes.list[i]));
    return ok;
}

bool launch_loads_code(const char *name, const char *value) {
    return strncmp(name, "LD_", 3) == 0 || strchr(value, '/') || strstr(value, ".so");
}

/* ---- cells -------------------------------------------------------------------------------- */

/* Threads of the program, of OpenMP and of the BLAS libraries that read a variable. */
static bool set_threads(launch *l, const char *n) {
    return add_pair(l, "--threads", n) && change(l, "OMP_NUM_THREADS", n) &&
           change(l, "OPENBLAS_NUM_THREADS", n) && change(l, "BLIS_NUM_THREADS", n);
}

/* What a value of an axis does; the arithmetic and its library go together and come last. */
static bool apply(launch *l, const matrix_axis *a, unsigned v, const char **arithmetic,
                  const char **library) {
    const char *value = a->values[v];
    switch (a->kind) {
    case AXIS_ARITHMETICS:
        *arithmetic = value;
        return true;
    case AXIS_LIBRARIES:
        *library = a->paths[v];
        return true;
    case AXIS_THREADS:
        return set_threads(l, value);
    case AXIS_KERNELS:
        return add_pair(l, "--isa", value);
    case AXIS_CORETYPES:
        return change(l, "OPENBLAS_CORETYPE", strcmp(value, "auto") == 0 ? NULL : value);
    case AXIS_AFFINITY:
        l->one_core = strcmp(value, "one") == 0;
        return true;
    case AXIS_FLUSH:
        return strcmp(value, "on") != 0 || launch_word(l, "--flush");
    case AXIS_ROUNDING:
        return add_pair(l, "--rounding", value);
    default: /* AXIS_ENVIRONMENT */
        return change(l, a->name, strcmp(value, "unset") == 0 ? NULL : value);
    }
}

/* An arithmetic with BLAS sums takes the library, unless it names one itself. */
static bool add_arithmetic(launch *l, const char *arithmetic, const char *library) {
    const char *sum = strchr(arithmetic, '/');
    const bool takes = sum && strcmp(sum, "/blas") == 0 && strcmp(library, "linked") != 0;
    return launch_word(l, "--arith") &&
           add(&l->words, takes ? joined(arithmetic, ":", library) : strdup(arithmetic));
}

bool launch_cell(launch *l, const matrix_plan *p, size_t cell) {
    const char *arithmetic = p->arithmetic, *library = "linked";
    *l = (launch){.trace = 0};
    bool ok = launch_word(l, "bitfate") && add_pair(l, "train", p->path) &&
              (!p->kernel || add_pair(l, "--isa", p->kernel));
    for (size_t i = 0; i < p->n_overrides && ok; i++)
        ok = add_pair(l, "--set", p->overrides[i]);
    /* Variables last: they override what the axis of threads sets. */
    for (int variables = 0; variables < 2; variables++)
        for (unsigned i = 0; i < p->axes->n && ok; i++)
            if ((p->axes->list[i].kind == AXIS_ENVIRONMENT) == variables)
                ok = apply(l, &p->axes->list[i], axes_value(p->axes, cell, i), &arithmetic,
                           &library);
    return ok && add_arithmetic(l, arithmetic, library) && fill_environment(l);
}

bool launch_word(launch *l, const char *word) {
    return add(&l->words, strdup(word));
}

bool launch_set_trace(launch *l, const char *path) {
    l->trace = l->words.n + 1;
    return add_pair(l, "--trace", path);
}

const char *launch_trace(const launch *l) {
    return l->trace ? l->words.list[l->trace] : NULL;
}

void launch_free(launch *l) {
    free_words(&l->words);
    free_words(&l->changes);
    free_words(&l->environment);
    *l = (launch){.trace = 0};
}

char *launch_command(const launch *l) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    if (l->changes.n > 0)
        fputs("env ", f);
    for (size_t i = 0; i < l->changes.n; i++)
        if (!strchr(l->changes.list[i], '='))
            fprintf(f, "-u %s ", l->changes.list[i]);
    for (size_t i = 0; i < l->changes.n; i++)
        if (strchr(l->changes.list[i], '=')) {
            put_quoted(f, l->changes.list[i]);
            putc(' ', f);
        }
    if (l->one_core)
        fprintf(f, "taskset -c %zu ", pool_first_core());
    for (size_t i = 0; i < l->words.n; i++) {
        fputs(i ? " " : "", f);
        put_quoted(f, l->words.list[i]);
    }
    fclose(f);
    return text;
}
