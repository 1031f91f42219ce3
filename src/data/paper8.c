/* SPDX-License-Identifier: MIT */
/* paper8.c - the 8 points on which the minimal model is trained: the first 16 standard normals of
 * NumPy's legacy generator (Mersenne twister, polar method) with seed 0, x first, then y. */
#include "bitfate.h"

#include <string.h>

static const double x[8] = {
    0x1.c398ef3e5cfa5p+0, 0x1.99c2cfacc8953p-2,  0x1.f51d25222c9abp-1, 0x1.1ed5969e3314ep+1,
    0x1.de1847cb13ddap+0, -0x1.f45dc42a58c82p-1, 0x1.e671fd33295e9p-1, -0x1.35fac49d38436p-3,
};

static const double y[8] = {
    -0x1.a6c8cf8c8b459p-4, 0x1.a473ef0672966p-2, 0x1.270050daae1edp-3, 0x1.744b44bfd85f7p+0,
    0x1.85a6bc990ea13p-1,  0x1.f26180893b390p-4, 0x1.c6841552275cbp-2, 0x1.55aeb90e595e4p-2,
};

static const bf_data paper8 = {
    .n = 8, .inputs = 1, .outputs = 1, .channels = 1, .height = 1, .width = 1, .x = x, .y = y};

static const struct {
    const char *name;
    const bf_data *data;
} sets[] = {{"paper8", &paper8}};

const char *bf_data_list(size_t i) {
    return i < sizeof sets / sizeof *sets ? sets[i].name : NULL;
}

const bf_data *bf_data_named(const char *name) {
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i].name, name) == 0)
            return sets[i].data;
    return NULL;
}
