/* SPDX-License-Identifier: MIT */
/* request.h - the maps that the options of bitfate map ask for. */
#ifndef MAP_REQUEST_H
#define MAP_REQUEST_H

#include "cli/options.h"
#include "studies/map/plane.h"

typedef struct map_request {
    experiment *x; /* as the options change it */
    map_plane plane;
    const char *arithmetic;
} map_request;

/* Everything that can be wrong with what was asked for is found before there is a store. */
BF_MUST_CHECK bf_status map_request_load(map_request *r, const char *path, const options *o,
                                         bf_error *err);
void map_request_free(map_request *r);

bool map_requested(const options *o, const experiment_view *v);
/* The file of a view's picture, and the store. NULL: no memory. The caller frees them. */
char *map_request_file(const map_request *r, const options *o, const experiment_view *v);
char *map_request_store(const options *o);

#endif
