/* SPDX-License-Identifier: MIT */
/* synthetic.c - images that need no file: each is the template of its class, shifted, with noise.
 * All in integers; doc/numerics.md defines every pixel. */
#include "data/samples.h"

enum {
    CELLS = 4,   /* a template interpolates CELLS x CELLS random values, and repeats */
    NOISE = 128, /* noise is uniform in -NOISE/2 .. NOISE/2 - 1 */
    FRACTION = 256,
    LARGEST_SIDE = 4096
};

/* Streams of draws about class or sample i: of its template, its shift, its noise. */
enum { TEMPLATE_BLOCK = 0, SAMPLE_BLOCK = 1 };

/* The template of a class at a place, in 1/FRACTION of a cell: bilinear, 0..255. */
static int template_at(const int cells[CELLS][CELLS], int v, int u) {
    const int row = v / FRACTION, column = u / FRACTION, below = (row + 1) % CELLS,
              right = (column + 1) % CELLS, fv = v % FRACTION, fu = u % FRACTION;
    const int top = (FRACTION - fu) * cells[row][column] + fu * cells[row][right];
    const int bottom = (FRACTION - fu) * cells[below][column] + fu * cells[below][right];
    return ((FRACTION - fv) * top + fv * bottom + FRACTION * FRACTION / 2) / (FRACTION * FRACTION);
}

/* Sample i of a part: side x side pixels. */
static void make_image(double *x, int side, size_t label, uint64_t seed, uint64_t i,
                       enum samples_part part) {
    const unsigned block = SAMPLE_BLOCK + (unsigned)part;
    int cells[CELLS][CELLS];
    for (uint32_t c = 0; c < CELLS * CELLS; c++)
        cells[c / CELLS][c % CELLS] =
            (int)(bf_random(seed, BF_STREAM_IMAGES, label, c, TEMPLATE_BLOCK) >> 56);
    const uint64_t draw = bf_random(seed, BF_STREAM_IMAGES, i, 0, block);
    const int reach = side / 8; /* shifts are from -reach to reach, cyclic */
    const uint32_t shifts = (uint32_t)(2 * reach + 1);
    const int down = side - reach + (int)((uint32_t)(draw >> 32) % shifts),
              along = side - reach + (int)((uint32_t)draw % shifts);
    for (int p = 0; p < side * side; p++) {
        const int v = (p / side + down) % side * (CELLS * FRACTION) / side,
                  u = (p % side + along) % side * (CELLS * FRACTION) / side;
        const uint64_t noise =
            bf_random(seed, BF_STREAM_IMAGES, i, 1 + (uint32_t)p / 8, block) >> (p % 8 * 8);
        const int value = template_at(cells, v, u) + (int)(noise % NOISE) - NOISE / 2;
        x[p] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
}

bf_status bf_synthetic_make(samples *out, const bf_data_source *from, enum samples_part part,
                            size_t most, bf_error *err) {
    if (from->side < 1 || from->side > LARGEST_SIDE)
        return bf_fail(err, BF_EINPUT, "images of side %d; expected from 1 to %d", from->side,
                       LARGEST_SIDE);
    *out = (samples){.n = most ? most : from->samples,
                     .inputs = (size_t)from->side * (size_t)from->side,
                     .outputs = 1,
                     .channels = 1,
                     .height = from->side,
                     .width = from->side,
                     .bytes = true,
                     .whole = true,
                     .labels = true};
    bf_status s = bf_samples_allocate(out, err);
    for (size_t i = 0; i < out->n && s == BF_OK; i++) {
        const size_t label = i % from->classes;
        out->y[i] = (double)label;
        make_image(out->x + i * out->inputs, from->side, label, from->seed, i, part);
    }
    return s;
}
