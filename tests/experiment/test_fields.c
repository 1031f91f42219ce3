/* SPDX-License-Identifier: MIT */
/* test_fields.c - laws over the table of an experiment's fields, and over the options that the
 * engine adds to it: every default is valid, written and read back; every value that cannot be is
 * refused where it stands; every alias is read. */
#include "experiment/fields.h"
#include "laws.h"

#include <float.h>

/* Experiments that say no more than they must; between them every row of the table is there. */
#define MODEL "model: {layers: [{dense: 1}]}\n"
#define TRAIN "train: {rate: 0.1}\n"
static const char *const least[] = {
    MODEL TRAIN "data: {set: paper8}\ninit: planes\nlyapunov:\n",
    MODEL TRAIN "data: {set: synthetic}\ninit: uniform\noutcome: {rule: vanished}\n"
                "map: {within: P+, views: [{name: a, x: [0, 1], y: [0, 1], points: 2, rate: 2}]}\n",
    MODEL TRAIN "data: {set: npy, x: a.npy, y: b.npy, x_test: c.npy, y_test: d.npy, test: 1}\n"
                "init: {values: [0, 1]}\nmap: {u: [1, 0], v: [0, 1],\n"
                "  views: [{name: a, x: [0, 1], y: [0, 1], points: 2}]}\n",
    MODEL "train: {rate: 1, phases: [{at: 5, rate: 1}]}\n"
          "data: {set: idx, folder: a, hash: 00000000000000000000000000000000}\n"
          "init: kaiming_normal\nsweep: {eps: 1e-3, fit: {from: 1e-3, to: 1e-2}}\n"
          "matrix: {threads: [1, 2]}\n"
          "published: [{where: here, what: this, value: 1, measure: phi}]\n",
};

static experiment *read_text(const char *text) {
    experiment *x = NULL;
    must(experiment_parse(&x, text, strlen(text), "f.yaml", 1, NULL, 0, NULL, &err));
    return x;
}

static char *resolved(const experiment *x) {
    char *text = experiment_resolved(x);
    assert_non_null(text);
    return text;
}

/* Where a row's path leads, first items of lists; `*` at the end: the distribution of init. */
static const node *follow(const loader *l, const field *f, const experiment *x) {
    const node *n = l->root;
    for (const char *at = f->path; n && *at;) {
        char key[32];
        const size_t size = strcspn(at, ".");
        snprintf(key, sizeof key, "%.*s", (int)size, at);
        at += size + (at[size] == '.');
        if (strcmp(key, "*") == 0 && n->kind == LIST)
            n = n->first;
        else
            n = tree_find(n, strcmp(key, "*") == 0 ? x->init.distribution : key);
    }
    return n;
}

typedef struct sample {
    experiment *x;
    char *text; /* resolved */
    loader l;   /* of the text */
} sample;

static void take_sample(sample *s, const char *text) {
    s->x = read_text(text);
    s->text = resolved(s->x);
    s->l = (loader){.origin = "f.yaml", .line = 1, .err = &err};
    s->l.root = tree_parse(&s->l, s->text, strlen(s->text));
    assert_non_null(s->l.root);
}

static void free_sample(sample *s) {
    tree_free(&s->l);
    free(s->text);
    experiment_free(s->x);
}

static bool is_plain(const field *f) {
    return f->type != FIELD_SECTION && f->type != FIELD_ITEMS && f->type != FIELD_OWN;
}

static void every_default_is_in_the_resolved_text(void **state) {
    (void)state;
    bool seen[200] = {false};
    for (size_t i = 0; i < LENGTH(least); i++) {
        sample s;
        take_sample(&s, least[i]);
        loader given = {.origin = "f.yaml", .line = 1, .err = &err};
        given.root = tree_parse(&given, least[i], strlen(least[i]));
        for (const field *f = experiment_table; f->path; f++) {
            const node *n = follow(&s.l, f, s.x);
            if (!n || !field_applies(experiment_table, f, s.x))
                continue;
            seen[f - experiment_table] = true;
            if (!is_plain(f) || f->preset || !f->value || follow(&given, f, s.x))
                continue;
            if (!f->many)
                assert_string_equal(n->text, f->value);
            if (!f->many && !field_acceptable(f, f->value))
                fail_msg("%s: its default, %s, is not valid", f->path, f->value);
        }
        tree_free(&given);
        free_sample(&s);
    }
    for (const field *f = experiment_table; f->path; f++)
        if (!seen[f - experiment_table] && f->own != &optimiser_field && *field_key(f) != '*')
            fail_msg("%s is in no resolved text", f->path);
}

static void every_field_has_a_summary(void **state) {
    (void)state;
    for (const field *f = experiment_table; f->path; f++)
        if (!f->summary || !*f->summary || (f->when && !f->is))
            fail_msg("%s", f->path);
}

/* The same text, and so the same struct, and the same identities. */
static void resolved_texts_read_back(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(least); i++) {
        experiment *x = read_text(least[i]);
        char *text = resolved(x);
        experiment *y = read_text(text);
        char *again = resolved(y);
        assert_string_equal(again, text);
        const bf_hash a[] = {experiment_sweep_hash(x), experiment_runs_hash(x),
                             experiment_lyapunov_hash(x)};
        const bf_hash b[] = {experiment_sweep_hash(y), experiment_runs_hash(y),
                             experiment_lyapunov_hash(y)};
        assert_memory_equal(a, b, sizeof a);
        free(text);
        free(again);
        experiment_free(x);
        experiment_free(y);
    }
}

/* The text with another value in the line of a field. */
static char *with_value(const char *text, int line, const char *key, const char *value) {
    char *out = take(strlen(text) + strlen(value) + 2, 1), name[40];
    snprintf(name, sizeof name, "%s:", key);
    const char *at = text;
    for (int i = 1; i < line; i++)
        at = strchr(at, '\n') + 1;
    at = strstr(at, name);
    assert_non_null(at);
    at += strlen(name);
    const char *end = at + strcspn(at, "\n");
    while (end[0] && end[-1] == ',') /* a list over several lines */
        end += 1 + strcspn(end + 1, "\n");
    sprintf(out, "%.*s %s%s", (int)(at - text), text, value, end);
    return out;
}

static void refused(const sample *s, const field *f, const node *n, const char *value) {
    char start[64], list[400];
    snprintf(list, sizeof list, f->many ? "[%.390s]" : "%.390s", value);
    char *text = with_value(s->text, n->line, field_key(f), list);
    experiment *x = NULL;
    snprintf(start, sizeof start, "f.yaml:%d: ", n->line);
    const bf_status status =
        experiment_parse(&x, text, strlen(text), "f.yaml", 1, NULL, 0, NULL, &err);
    if (status != BF_EINPUT || strncmp(err.text, start, strlen(start)) != 0 ||
        !strstr(err.text, field_key(f)) || !strstr(err.text, "; expected "))
        fail_msg("%s: %s, expected line %d: %s", f->path, list, n->line,
                 status == BF_OK ? "read" : err.text);
    free(text);
}

static void refused_number(const sample *s, const field *f, const node *n) {
    char text[400];
    refused(s, f, n, "nonsense");
    refused(s, f, n, "nan");
    if (f->low == DBL_TRUE_MIN)
        refused(s, f, n, "0");
    else if (f->low > -DBL_MAX) {
        snprintf(text, sizeof text, "%.17g", f->low - 1);
        refused(s, f, n, text);
    }
    if (f->high == DBL_MAX)
        refused(s, f, n, "inf");
    else if (f->high < DBL_MAX) {
        snprintf(text, sizeof text, "%.0f", f->high + (f->high < 0x1p64 ? 1 : 0));
        refused(s, f, n, text);
    }
}

static void what_cannot_be_is_refused_with_its_line(void **state) {
    (void)state;
    static const char *const bad[] = {
        [FIELD_TEXT] = "{a: b}", [FIELD_NAME] = "A b", [FIELD_WORD] = "nonsense",
        [FIELD_PATH] = "\"\"",   [FIELD_HASH] = "12",  [FIELD_FLAG] = "maybe"};
    size_t fields = 0;
    for (size_t i = 0; i < LENGTH(least); i++) {
        sample s;
        take_sample(&s, least[i]);
        for (const field *f = experiment_table; f->path; f++) {
            const node *n = follow(&s.l, f, s.x);
            if (!n || !is_plain(f) || !field_applies(experiment_table, f, s.x))
                continue;
            fields++;
            if (f->type == FIELD_WHOLE || f->type == FIELD_DECIMAL || f->type == FIELD_NUMBER ||
                f->type == FIELD_RATIONAL)
                refused_number(&s, f, n);
            else
                refused(&s, f, n, bad[f->type]);
        }
        free_sample(&s);
    }
    assert_true(fields > 150);
}

/* A mapping or a list where a value belongs, and the other way round. */
static void other_kinds_of_node_are_refused(void **state) {
    (void)state;
    for (const field *f = experiment_table; f->path; f++) {
        if (strchr(f->path, '*') || f->when)
            continue;
        char set[200];
        const char *overrides[] = {set};
        experiment *x = NULL;
        snprintf(set, sizeof set, "%s=%s", f->path, is_plain(f) && !f->many ? "[1]" : "7");
        if (strcmp(f->path, "sweep.eps") == 0 || strcmp(f->path, "init") == 0)
            continue; /* have a short form */
        const bf_status status =
            experiment_parse(&x, least[0], strlen(least[0]), "f.yaml", 1, overrides, 1, NULL, &err);
        if (status != BF_EINPUT || strncmp(err.text, "--set ", 6) != 0)
            fail_msg("%s: %s", set, status == BF_OK ? "read" : err.text);
    }
}

/* ---- what the engine adds ------------------------------------------------------------------- */

static void check_resolved(const char *line, const char *const *set, size_t n) {
    experiment *x = NULL;
    must(experiment_parse(&x, least[0], strlen(least[0]), "f.yaml", 1, set, n, NULL, &err));
    char *text = resolved(x);
    if (!strstr(text, line))
        fail_msg("--set %s: no '%s' in\n%s", set[n - 1], line, text);
    free(text);
    experiment_free(x);
}

/* Every option of every kind of layer: its default, another value, one that cannot be, its alias.
 */
static void options_of_layers(void **state) {
    (void)state;
    const bf_layer_info *info;
    for (size_t i = 0; (info = bf_layer_list(i)); i++) {
        char layer[400] = "", set[600], line[200];
        const char *overrides[] = {set};
        for (const bf_option *o = info->options; o->name; o++)
            if (!o->value)
                snprintf(layer + strlen(layer), sizeof layer - strlen(layer), "%s: 1, ", o->name);
        for (int alias = 0; alias <= (info->alias != NULL); alias++) {
            snprintf(set, sizeof set, "model.layers=[{%s: {%s}}]", alias ? info->alias : info->kind,
                     layer);
            snprintf(line, sizeof line, "    - {%s: ", info->kind);
            check_resolved(line, overrides, 1);
        }
        for (const bf_option *o = info->options; o->name; o++) {
            if (o->value) {
                snprintf(line, sizeof line, "%s: %s", o->name, o->value);
                check_resolved(line, overrides, 1);
            }
            const char *names[] = {o->name, o->alias};
            for (int alias = 0; alias < 2 && names[alias]; alias++) {
                snprintf(line, sizeof line, "model.layers.0.%s=nonsense", names[alias]);
                const char *both[] = {set, line};
                experiment *x = NULL;
                assert_int_equal(experiment_parse(&x, least[0], strlen(least[0]), "f.yaml", 1, both,
                                                  2, NULL, &err),
                                 BF_EINPUT);
                snprintf(line, sizeof line, "model.layers.0.%s is 'nonsense'; expected %s", o->name,
                         o->expected);
                assert_non_null(strstr(err.text, line));
            }
        }
    }
}

static void losses_and_optimisers(void **state) {
    (void)state;
    const bf_loss_info *loss;
    char set[200], line[200];
    const char *overrides[] = {set};
    for (size_t i = 0; (loss = bf_loss_list(i)); i++)
        for (int alias = 0; alias <= (loss->alias != NULL); alias++) {
            snprintf(set, sizeof set, "model.loss=%s", alias ? loss->alias : loss->name);
            snprintf(line, sizeof line, "  loss: %s", loss->name);
            check_resolved(line, overrides, 1);
        }
    const bf_optimiser_info *info;
    for (size_t i = 0; (info = bf_optimiser_list(i)); i++) {
        for (int alias = 0; alias <= (info->alias != NULL); alias++) {
            snprintf(set, sizeof set, "train.optimiser=%s", alias ? info->alias : info->name);
            snprintf(line, sizeof line, "  optimiser: %s\n", info->name);
            check_resolved(line, overrides, 1);
        }
        for (const bf_option *o = info->options; o->name; o++) {
            snprintf(line, sizeof line, "\n  %s: %s\n", o->name, o->value);
            check_resolved(line, overrides, 1);
            const char *names[] = {o->name, o->alias};
            for (int alias = 0; alias < 2 && names[alias]; alias++) {
                snprintf(line, sizeof line, "train.%s=1/8", names[alias]);
                const char *both[] = {set, line};
                char wanted[64];
                snprintf(wanted, sizeof wanted, "\n  %s: 1/8\n", o->name);
                check_resolved(wanted, both, 2);
            }
        }
    }
}

/* Every field that there is, is said: the table's and the engine's. */
static void count(void *to, const field_description *d) {
    size_t *n = to;
    assert_true(d->path && d->type && d->expected && d->summary);
    (*n)++;
}

static void fields_describe_themselves(void **state) {
    (void)state;
    size_t n = 0, rows = 0;
    fields_describe(experiment_table, count, &n);
    while (experiment_table[rows].path)
        rows++;
    assert_true(n > rows + 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_in_the_resolved_text),
        cmocka_unit_test(every_field_has_a_summary),
        cmocka_unit_test(resolved_texts_read_back),
        cmocka_unit_test(what_cannot_be_is_refused_with_its_line),
        cmocka_unit_test(other_kinds_of_node_are_refused),
        cmocka_unit_test(options_of_layers),
        cmocka_unit_test(losses_and_optimisers),
        cmocka_unit_test(fields_describe_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
