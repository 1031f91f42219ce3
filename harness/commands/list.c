/* SPDX-License-Identifier: MIT */
/* list.c - bitfate list: what there is. */
#include "cli/command.h"
#include "cli/output.h"
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
        snprintf(name, sizeof name, "%s%s%s%s%s", a->format,
                 strcmp(a->format, "mpfr") == 0 ? ":P" : "", *a->sum ? "/" : "", a->sum,
                 strcmp(a->sum, "shuffle") == 0 ? ":SEED" : "");
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
            bf_status s = experiment_load(&x, path, NULL, 0, &why);
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

static const struct {
    const char *name;
    lister *list;
} subjects[] = {
    {"arithmetics", arithmetics},     {"models", models},
    {"outcomes", outcomes},           {"initialisers", initialisers},
    {"perturbations", perturbations}, {"experiments", experiments},
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
                       "perturbations or experiments",
                       arguments[0]);
    json_t *items = json_array();
    if (!items)
        return bf_no_memory(err);
    bf_status s = subjects[i].list(items, err);
    if (s == BF_OK && o->json)
        return print_json(items, err);
    size_t width = 0, index;
    json_t *item;
    json_array_foreach(items, index, item) {
        size_t length = strlen(json_string_value(json_object_get(item, "name")));
        width = length > width ? length : width;
    }
    if (s == BF_OK) {
        json_array_foreach(items, index, item)
            printf("%-*s  %s\n", (int)width, json_string_value(json_object_get(item, "name")),
                   json_string_value(json_object_get(item, "summary")));
        s = close_output(stdout, "-", err);
    }
    json_decref(items);
    return s;
}

const command command_list = {
    .name = "list",
    .arguments = "WHAT",
    .summary = "List what there is",
    .help = "WHAT: arithmetics, models, outcomes, initialisers, perturbations or experiments.\n\n"
            "  bitfate list arithmetics\n",
    .takes = "",
    .least = 1,
    .most = 1,
    .run = run,
};
