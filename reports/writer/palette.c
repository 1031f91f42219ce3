/* SPDX-License-Identifier: MIT */
/* palette.c - colours and points of figures. */
#include "writer/palette.h"

/* Okabe and Ito's colours (without yellow, unreadable on white), as a script names them and as
 * gnuplot writes them. Arithmetics take them in turn, and shapes in turn, so that 42 differ. */
static const struct {
    const char *script, *svg, *page;
} palette[] = {
    {"#0072B2", "rgb(  0, 114, 178)", "var(--c0)"}, {"#D55E00", "rgb(213,  94,   0)", "var(--c1)"},
    {"#009E73", "rgb(  0, 158, 115)", "var(--c2)"}, {"#CC79A7", "rgb(204, 121, 167)", "var(--c3)"},
    {"#E69F00", "rgb(230, 159,   0)", "var(--c4)"}, {"#56B4E9", "rgb( 86, 180, 233)", "var(--c5)"},
    {"#101010", "rgb( 16,  16,  16)", "var(--c6)"},
};
/* gnuplot's filled points; the hollow one of each is one less. */
static const int shapes[] = {7, 5, 9, 13, 11, 15};

const char *colour(size_t i) {
    return palette[i % (sizeof palette / sizeof *palette)].script;
}

int shape(size_t i) {
    return shapes[i % (sizeof shapes / sizeof *shapes)];
}

bool palette_entry(size_t i, const char **svg, const char **page) {
    if (i >= sizeof palette / sizeof *palette)
        return false;
    *svg = palette[i].svg;
    *page = palette[i].page;
    return true;
}
