/* SPDX-License-Identifier: MIT */
/* data.c - the data of an experiment: loaded once, and held to their hash. */
#include "experiment/fields.h"

#include <stdlib.h>
#include <string.h>

static bool zero(const char *text) {
    double value;
    return bf_number_double(text, &value, NULL) == BF_OK && value == 0;
}

/* The experiment's data as the engine wants them described. */
static bf_status data_source(const experiment *x, bf_data_source *out, bf_error *err) {
    *out = (bf_data_source){.set = x->data.set,
                            .folder = x->data.folder ? x->data.folder : x->data.elsewhere,
                            .x = x->data.x,
                            .y = x->data.y,
                            .x_test = x->data.x_test,
                            .y_test = x->data.y_test,
                            .samples = x->data.samples,
                            .side = (int)x->data.side,
                            .first = x->data.first,
                            .test = x->data.test,
                            .classes = x->data.classes,
                            .pool = (int)x->data.pool,
                            .standardise = x->data.standardise,
                            .noise = zero(x->data.noise) ? NULL : x->data.noise,
                            .target_shift = zero(x->data.shift) ? NULL : x->data.shift,
                            .target_scale = x->data.scale,
                            .seed = x->data.seed};
    if (strcmp(x->data.set, "idx") == 0 && !out->folder)
        return bf_fail(err, BF_EINPUT,
                       "data has no folder, and BITFATE_DATA is not set; expected "
                       "where the IDX files are");
    return BF_OK;
}

/* Load the data, and see that they are those that the experiment means. */
static bf_status load_data(const experiment *x, bf_error *err) {
    struct experiment_data *to = x->data.loaded;
    bf_data_source from;
    bf_data_set *set = NULL;
    bf_status s = data_source(x, &from, err);
    BF_TRY(s, bf_data_load(&set, &from, err));
    if (s != BF_OK)
        return s;
    char hash[33];
    bf_hash_text(&set->hash, hash);
    if (x->data.hash && strcmp(hash, x->data.hash) != 0) {
        bf_data_free(set);
        return bf_fail(err, BF_EINPUT, "the data of %.60s have the hash %s; expected data.hash, %s",
                       x->name, hash, x->data.hash);
    }
    memcpy(to->hash, hash, sizeof hash);
    to->set = set;
    return BF_OK;
}

/* By one thread. A function of its own: where the data are the engine's, OpenMP has no part. */
static bf_status load_once(const experiment *x, bf_error *err) {
    bf_status s = BF_OK;
#pragma omp critical(experiment_data)
    {
        if (!x->data.loaded->set)
            s = load_data(x, err);
    }
    return s;
}

bf_status experiment_data(const experiment *x, const bf_data **train, const bf_data **test,
                          bf_error *err) {
    static const bf_data none;
    *train = bf_data_named(x->data.set);
    *test = &none;
    if (*train)
        return BF_OK;
    bf_status s = load_once(x, err);
    if (s == BF_OK) {
        *train = &x->data.loaded->set->train;
        *test = &x->data.loaded->set->test;
    }
    return s;
}
