/* SPDX-License-Identifier: MIT */
/* list.c - bitfate list: what there is. */
#include "cli/command.h"
#include "cli/output.h"
#include "experiment/fields.h"
#include "experiment/outcome.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef bf_status lister(json_t *items, bf_error *err);

static void add(json_t *items, const char *name, const char *summary) {
    json_array_append_new(items, json_pack("{s:s, s:s}", "name", name, "summary", summary));
}

static bf_status arithmetics(json_t *items, bf_error *err) {
    (void)err;
    const bf_arithmetic_info *a;
    for (size_t i = 0; (a = bf_arithmetic_list(i)); i++) {
        char name[64];
        const bool high = strcmp(a->format, "mpfr") == 0, wide = strcmp(a->sum, "wide") == 0;
        snprintf(name, sizeof name, "%s%s%s%s%s", a->format,
                 !high  ? ""
                 : wide ? ":FORMAT"
                        : ":P",
                 *a->sum ? "/" : "", a->sum, strcmp(a->sum, "shuffle") == 0 ? ":SEED" : "");
        add(items, name, a->summary);
    }
    return BF_OK;
}

static bf_status models(json_t *items, bf_error *err) {
    (void)err;
    char name[64];
    const bf_layer_info *l;
    for (size_t i = 0; (l = bf_layer_list(i)); i++) {
        snprintf(name, sizeof name, "layer %s", l->kind);
        add(items, name, l->summary);
    }
    const bf_loss_info *loss;
    for (size_t i = 0; (loss = bf_loss_list(i)); i++) {
        snprintf(name, sizeof name, "loss %s", loss->name);
        add(items, name, loss->summary);
    }
    const bf_optimiser_info *optimiser;
    for (size_t i = 0; (optimiser = bf_optimiser_list(i)); i++) {
        snprintf(name, sizeof name, "optimiser %s", optimiser->name);
        add(items, name, optimiser->summary);
    }
    return BF_OK;
}

static bf_status outcomes(json_t *items, bf_error *err) {
    (void)err;
    const char *name, *summary;
    for (size_t i = 0; (name = outcome_rule(i, &summary)); i++)
        add(items, name, summary);
    return BF_OK;
}

static bf_status initialisers(json_t *items, bf_error *err) {
    (void)err;
    const bf_initialiser_info *in;
    for (size_t i = 0; (in = bf_initialiser_list(i)); i++)
        add(items, in->name, in->summary);
    return BF_OK;
}

static bf_status perturbations(json_t *items, bf_error *err) {
    (void)err;
    const bf_perturbation *p;
    for (size_t i = 0; (p = bf_perturbation_list(i)); i++)
        add(items, p->name, p->summary);
    return BF_OK;
}

static int is_yaml(const struct dirent *d) {
    const char *ending = strrchr(d->d_name, '.');
    return ending && strcmp(ending, ".yaml") == 0;
}

/* Those of ./experiments, or of the installation. */
static bf_status experiments(json_t *items, bf_error *err) {
    static const char *const places[] = {"experiments", EXPERIMENTS_DIR};
    for (int i = 0; i < 2; i++) {
        struct dirent **names;
        int n = scandir(places[i], &names, is_yaml, alphasort);
        for (int j = 0; j < n; j++) {
            char path[1024];
            snprintf(path, sizeof path, "%s/%s", places[i], names[j]->d_name);
            experiment *x;
            bf_error why;
            bf_status s = experiment_load(&x, path, NULL, 0, NULL, &why);
            add(items, path, s == BF_OK ? x->description : why.text);
            if (s == BF_OK)
                experiment_free(x);
            free(names[j]);
        }
        if (n >= 0)
            free(names);
        if (n > 0)
            return BF_OK;
    }
    return bf_fail(err, BF_EINPUT, "no experiment files in ./experiments or %s", EXPERIMENTS_DIR);
}

/* ---- fields ------------------------------------------------------------------------------- */

static void put_field(void *to, const field_description *d) {
    json_t *item = json_pack("{s:s, s:s, s:s?, s:b, s:s, s:s?, s:s}", "name", d->path, "type",
                             d->type, "default", d->value, "required", d->needed, "expected",
                             d->expected, "when", d->when, "summary", d->summary);
    json_array_append_new(to, item);
}

static bf_status fields(json_t *items, bf_error *err) {
    (void)err;
    fields_describe(experiment_table, put_field, items);
    return BF_OK;
}

static const char *text_of(const json_t *item, const char *key) {
    const char *text = json_string_value(json_object_get(item, key));
    return text ? text : "";
}

enum { COLUMN = 28 /* of what is said of a field */ };

/* A section, or the first field outside of one, stands apart; of a field: what it is, and on the
 * next line what it may be. */
static void print_field(const json_t *item) {
    const char *name = text_of(item, "name"), *expected = text_of(item, "expected"),
               *value = json_string_value(json_object_get(item, "default")),
               *when = text_of(item, "when");
    const bool section = strcmp(text_of(item, "type"), "section") == 0;
    printf(section && !strchr(name, '.') ? "\n%s" : "%s", name);
    if (strlen(name) > COLUMN - 2)
        printf("\n%*s%s\n", COLUMN, "", text_of(item, "summary"));
    else
        printf("%*s%s\n", COLUMN - (int)strlen(name), "", text_of(item, "summary"));
    if (section)
        return;
    printf("%*s%s%s", COLUMN, "",
           strncmp(text_of(item, "type"), "list of", 7) == 0 && strcmp(expected, "a list") != 0
               ? "a list, each "
               : "",
           expected);
    if (value)
        printf("; default %s", *value ? value : "empty");
    else if (json_is_true(json_object_get(item, "required")))
        printf("; required");
    printf("%s%s%s\n", *when ? " (" : "", when, *when ? ")" : "");
}

static void print_fields(const json_t *items) {
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item) {
        print_field(item);
    }
}

/* A cell of a Markdown table. */
static void put_cell(const char *text) {
    fputs("| ", stdout);
    for (; *text; text++)
        printf(strchr("|*<", *text) ? "\\%c" : "%c", *text);
    putchar(' ');
}

/* The reference page: a heading for each section of the file, and under it a row for each field. */
static void print_fields_md(const json_t *items) {
    static const char head[] = "| field | | value | default |\n|---|---|---|---|\n";
    size_t index;
    json_t *item;
    printf(
        "# Fields of experiment files\n\n`bitfate list fields --md` printed this page. A \\* stands "
        "for the items of a list.\n\n%s",
        head);
    json_array_foreach(items, index, item) {
        const char *name = text_of(item, "name"), *when = text_of(item, "when");
        const bool section = strcmp(text_of(item, "type"), "section") == 0;
        if (section && !strchr(name, '.')) {
            printf("\n## %s\n\n%s.\n\n%s", name, text_of(item, "summary"), head);
            continue;
        }
        char what[512];
        snprintf(what, sizeof what, "%s%s%s", text_of(item, "summary"), *when ? "; where " : "",
                 when);
        put_cell(name);
        put_cell(what);
        put_cell(text_of(item, "expected"));
        put_cell(json_is_true(json_object_get(item, "required")) ? "required"
                                                                 : text_of(item, "default"));
        puts("|");
    }
}

/* ---- the command -------------------------------------------------------------------------- */

/* Names, and a line on each. */
static void print_names(const json_t *items) {
    size_t index, width = 0;
    json_t *item;
    json_array_foreach(items, index, item) {
        const size_t length = strlen(text_of(item, "name"));
        width = length > width ? length : width;
    }
    json_array_foreach(items, index, item) {
        printf("%-*s  %s\n", (int)width, text_of(item, "name"), text_of(item, "summary"));
    }
}

static const struct {
    const char *name;
    lister *list;
    void (*print)(const json_t *items);
    void (*print_md)(const json_t *items); /* NULL: as it is */
} subjects[] = {
    {"arithmetics", arithmetics, print_names, NULL},
    {"models", models, print_names, NULL},
    {"outcomes", outcomes, print_names, NULL},
    {"initialisers", initialisers, print_names, NULL},
    {"perturbations", perturbations, print_names, NULL},
    {"experiments", experiments, print_names, NULL},
    {"fields", fields, print_fields, print_fields_md},
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    size_t i = 0;
    while (i < N_SUBJECTS && strcmp(subjects[i].name, arguments[0]) != 0)
        i++;
    if (i == N_SUBJECTS)
        return bf_fail(err, BF_EINPUT,
                       "cannot list '%.40s'; expected arithmetics, models, outcomes, initialisers, "
                       "perturbations, experiments or fields (of experiment files)",
                       arguments[0]);
    if (o->md && (o->json || !subjects[i].print_md))
        return bf_fail(err, BF_EINPUT, "--md is for fields, and not with --json");
    json_t *items = json_array();
    if (!items)
        return bf_no_memory(err);
    bf_status s = subjects[i].list(items, err);
    if (s == BF_OK && o->json)
        return print_json(items, err);
    if (s == BF_OK) {
        (o->md ? subjects[i].print_md : subjects[i].print)(items);
        s = close_output(stdout, "-", err);
    }
    json_decref(items);
    return s;
}

const command command_list = {
    .name = "list",
    .arguments = "WHAT",
    .summary = "List what there is",
    .help = "WHAT: arithmetics, models, outcomes, initialisers, perturbations, experiments or\n"
            "fields: what an experiment file may say, with defaults (--md: doc/fields.md).\n\n"
            "  bitfate list arithmetics\n",
    .takes = "md",
    .least = 1,
    .most = 1,
    .run = run,
};
