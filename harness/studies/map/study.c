/* SPDX-License-Identifier: MIT */
/* study.c - bitfate map: which start of a plane leads to which outcome? */
#include "cli/output.h"
#include "studies/map/picture.h"
#include "studies/map/report.h"
#include "studies/map/request.h"
#include "studies/study.h"
#include "writer/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Drawn in memory first. */
static bf_status write_picture(const map *m, const char *path, bool raw, bf_error *err) {
    char *png = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&png, &size);
    if (!memory)
        return bf_no_memory(err);
    bf_status s = map_picture(m, memory, raw, err);
    if (fclose(memory) != 0 && s == BF_OK)
        s = bf_no_memory(err);
    BF_TRY(s, write_output(path, png, size, err));
    free(png);
    return s;
}

/* The maps of one command, and the files of their pictures. */
typedef struct drawn {
    map_results results;
    char **files; /* (views) */
} drawn;

static bf_status draw_view(drawn *d, const map_request *r, const experiment_view *view, store *st,
                           const options *o, bf_error *err) {
    int64_t id;
    char *file = map_request_file(r, o, view);
    if (!file)
        return bf_no_memory(err);
    d->files[d->results.n] = file;
    bf_status s = refuse_overwriting(file, store_path(st), err);
    BF_TRY(s, map_run(r->x, &r->plane, view, r->arithmetic, st, &o->limits, &id, err));
    BF_TRY(s, map_results_add(&d->results, st, id, r->x->seed, err));
    BF_TRY(s, write_picture(d->results.maps[d->results.n - 1].map, file, o->raw, err));
    return s;
}

/* The chapter's document, of the maps that were asked for, with their files. */
static json_t *document(const drawn *d, const summary *sum, const char *path) {
    json_t *out = sum->chapter->json(sum), *maps = json_object_get(out, "maps");
    json_object_set_new(out, "store", json_string(path));
    for (size_t i = 0; i < d->results.n; i++) {
        json_t *m = json_array_get(maps, i);
        json_object_set_new(m, "file", json_string(d->files[i]));
        json_object_set_new(m, "shade", json_string(d->results.maps[i].map->x->map.shade));
    }
    return out;
}

static bf_status print_table(const drawn *d, const summary *sum, bf_error *err) {
    bf_status s = report_table(stdout, sum, err);
    putchar('\n');
    for (size_t i = 0; i < d->results.n; i++)
        printf("%-10s %s\n", d->results.maps[i].map->view->name, d->files[i]);
    return s;
}

static bf_status print(drawn *d, store *st, const char *path, const options *o, bf_error *err) {
    summary sum = {.chapter = &map_chapter, .results = &d->results};
    bf_status s = store_contents_read(&sum.store, st, &map_store, NULL, 0, err);
    if (s == BF_OK && o->json)
        s = print_json(document(d, &sum, path), err);
    else if (s == BF_OK && !o->quiet)
        s = print_table(d, &sum, err);
    if (!o->json)
        BF_TRY(s, close_output(stdout, "-", err));
    store_contents_free(sum.store);
    return s;
}

static bf_status draw(const map_request *r, const char *path, const options *o, bf_error *err) {
    store *st;
    drawn d = {.files = calloc(r->x->map.n_views + 1, sizeof *d.files)};
    bf_status s = d.files ? store_open(&st, path, &map_store, r->x, err) : bf_no_memory(err);
    if (s != BF_OK) {
        free(d.files);
        return s;
    }
    store_describe(st, o->command_line, limits_threads(&o->limits));
    for (unsigned i = 0; i < r->x->map.n_views && s == BF_OK; i++)
        if (map_requested(o, &r->x->map.views[i]))
            s = draw_view(&d, r, &r->x->map.views[i], st, o, err);
    BF_TRY(s, print(&d, st, path, o, err));
    store_close(st);
    for (unsigned i = 0; i < r->x->map.n_views; i++)
        free(d.files[i]);
    free(d.files);
    map_results_clear(&d.results);
    return study_end(s, o, path, err);
}

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    if (!o->output)
        return bf_fail(err, BF_EINPUT, "expected -o PNG, the file for the picture");
    bf_status s = refuse_overwriting(o->output, arguments[0], err);
    map_request r;
    BF_TRY(s, map_request_load(&r, arguments[0], o, err));
    if (s != BF_OK)
        return s;
    char *path = map_request_store(o);
    s = path ? draw(&r, path, o, err) : bf_no_memory(err);
    free(path);
    map_request_free(&r);
    return s;
}

static const command entry = {
    .name = "map",
    .arguments = "EXPERIMENT",
    .summary = "Draw which start of a plane leads to which outcome",
    .help =
        "Trains every start of the grids that the experiment's map.views name, under one\n"
        "arithmetic: --arith, or the first of the experiment. One view: one PNG. Several: one\n"
        "each, the view's name behind that of -o. The plane is that of the directions map.u and map.v\n"
        "from init.values, or (map.within) that through zero and the experiment's start: a within an\n"
        "invariant subspace, b across it: vanished:LAYER.NEURON, where that neuron is zero; equal: or\n"
        "opposite:LAYER.NEURON+LAYER.NEURON; P+ or P-, equal or opposite, of the first two neurons.\n"
        "LAYER counts all entries of model.layers and NEURON its outputs, from 0.\n\n"
        "The outcomes are kept in a store, one SQLite file. Interrupted or killed at any moment, or\n"
        "out of --max-time (no picture then), the same command goes on where it stopped and draws\n"
        "the same picture; what the store has is not run again. --zoom needs one view (--view); its\n"
        "numbers may have as many digits as the zoom needs.\n\n"
        "--shade distance: near its plane bright, far dark. --shade step: bright where the label\n"
        "is final early; of 64 evenly spaced steps the first from which it does not change.\n\n"
        "JSON: experiment, description, steps, store, maps [{view, file, shade, hash, arithmetic, rate,\n"
        "points, box {x, y}, outcomes [{outcome, n, share}], and measures of the basins}], resolved.\n\n"
        "  bitfate map experiments/minimal-map.yaml --points 200 -o map.png\n"
        "  bitfate map experiments/minimal-map.yaml --view whole --zoom 2:2.5,1:1.5 -o zoom.png\n",
    .takes = "set arith output allow-library view zoom points shade raw store max-time",
    .output = "PNG",
    .least = 1,
    .most = 1,
    .run = run,
};

extern const study study_map;
const study study_map = {
    .command = &entry,
    .kind = &map_store,
    .rows = "starts",
    .analyse = map_analyse,
    .free = map_results_free,
    .chapter = &map_chapter,
};
