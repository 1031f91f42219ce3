/* SPDX-License-Identifier: MIT */
/* canvas.h - a picture of at most 256 colours: rectangles, text, PNG. The same calls give the same
 * bytes. Pixels count from the top left. */
#ifndef CANVAS_H
#define CANVAS_H

#include "bitfate.h"

#include <stdio.h>

/* Colours 0 .. CANVAS_BLACK go from white to black: text is smoothed with them. The others are the
 * caller's. */
enum { CANVAS_WHITE = 0, CANVAS_BLACK = 15, CANVAS_OWN = 16, CANVAS_COLOURS = 256 };

typedef struct canvas {
    uint32_t width, height;
    uint8_t *pixels; /* (height, width): colours */
    uint8_t palette[CANVAS_COLOURS][3];
} canvas;

/* All white. */
BF_MUST_CHECK bf_status canvas_new(canvas **out, uint32_t width, uint32_t height, bf_error *err);
void canvas_free(canvas *c);

/* What lies outside the picture is not drawn. */
void canvas_fill(canvas *c, double x, double y, double width, double height, uint8_t colour);

/* Black text on white, in a font of printable ASCII whose capitals are `size` pixels high and stand
 * on `y`; `x` is its left end. */
void canvas_text(canvas *c, double x, double y, double size, const char *text);
double canvas_text_width(double size, const char *text);

/* Write a PNG, with texts of its own: pairs of keyword and Latin-1 text, NULL after the last. The
 * stream stays open; whether it took everything is for the caller to ask. */
BF_MUST_CHECK bf_status canvas_put(const canvas *c, FILE *f, const char *const *texts,
                                   bf_error *err);

#endif
