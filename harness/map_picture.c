/* SPDX-License-Identifier: MIT */
/* map_picture.c - a destination map as a PNG. */
#include "map_picture.h"

#include "canvas.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- colours ------------------------------------------------------------------------------ */

/* CLASSES * LEVELS colours are all that is left beside those of the text. */
enum { CLASSES = 10, LEVELS = 24, OTHERS = CLASSES - 1 };

/* Told apart with every kind of colour vision: M. Okabe, K. Ito, Color Universal Design (2008). */
static const struct {
    const char *label; /* NULL: for any other */
    uint8_t rgb[3];
    uint8_t darkest; /* percent of the light that the darkest shade has */
} colours[CLASSES] = {
    {"P+", {0, 114, 178}, 25},      {"P-", {230, 159, 0}, 25}, {"inf", {255, 255, 255}, 75},
    {"other", {153, 153, 153}, 25}, {NULL, {0, 158, 115}, 25}, {NULL, {204, 121, 167}, 25},
    {NULL, {86, 180, 233}, 25},     {NULL, {213, 94, 0}, 25},  {NULL, {240, 228, 66}, 25},
    {NULL, {60, 60, 60}, 25}, /* OTHERS */
};

/* What is drawn in one colour: a label; the last class: all that are too many. */
typedef struct class_row {
    const char *label;
    uint64_t count;
} class_row;

typedef struct painter {
    const map *m;
    uint32_t every;  /* of so many starts along an axis one is drawn, */
    uint32_t points; /* in all so many */
    class_row classes[CLASSES];
    uint8_t *class_of;        /* of each label */
    uint8_t (*levels)[65536]; /* of each class: brightness by shade; NULL: none */
} painter;

/* The label with the most cells that has no class yet, the first of equals. */
static uint32_t largest(const map *m, const uint8_t *class_of) {
    uint32_t best = m->n_labels;
    for (uint32_t i = 0; i < m->n_labels; i++)
        if (class_of[i] == CLASSES && (best == m->n_labels || m->counts[i] > m->counts[best]))
            best = i;
    return best;
}

static void give(painter *p, uint32_t label, uint8_t class) {
    p->class_of[label] = class;
    p->classes[class].label = class == OTHERS ? "more" : p->m->labels[label];
    p->classes[class].count += p->m->counts[label];
}

static void choose_classes(painter *p) {
    const map *m = p->m;
    memset(p->class_of, CLASSES, m->n_labels);
    for (uint8_t k = 0; k < CLASSES && colours[k].label; k++)
        for (uint32_t i = 0; i < m->n_labels; i++)
            if (strcmp(m->labels[i], colours[k].label) == 0)
                give(p, i, k);
    for (uint8_t k = 0; k < OTHERS; k++) {
        const uint32_t i = largest(m, p->class_of);
        if (!colours[k].label && i < m->n_labels)
            give(p, i, k);
    }
    for (uint32_t i = 0; i < m->n_labels; i++)
        if (p->class_of[i] == CLASSES)
            give(p, i, OTHERS);
}

/* The level of a shade: the share of its class's cells with a smaller one. */
static bf_status rank_shades(painter *p, bf_error *err) {
    const map *m = p->m;
    const size_t n = (size_t)m->points * m->points;
    uint32_t(*count)[65536] = calloc(CLASSES, sizeof *count);
    p->levels = malloc(CLASSES * sizeof *p->levels);
    if (!count || !p->levels) {
        free(count);
        return bf_fail(err, BF_EMACHINE, "out of memory");
    }
    for (size_t i = 0; i < n; i++)
        count[p->class_of[m->cells[i]]][m->shades[i]]++;
    for (int k = 0; k < CLASSES; k++) {
        uint64_t below = 0;
        for (int shade = 0; shade < 65536; shade++) {
            /* Of the shades that no cell has, those above all others would be LEVELS. */
            const uint64_t level = below ? below * LEVELS / p->classes[k].count : 0;
            p->levels[k][shade] = (uint8_t)(level < LEVELS ? level : LEVELS - 1);
            below += count[k][shade];
        }
    }
    free(count);
    return BF_OK;
}

static void set_palette(canvas *c) {
    for (int k = 0; k < CLASSES; k++)
        for (int level = 0; level < LEVELS; level++)
            for (int i = 0; i < 3; i++)
                c->palette[CANVAS_OWN + k * LEVELS + level][i] =
                    (uint8_t)(colours[k].rgb[i] *
                              (100 * (LEVELS - 1) - (100 - colours[k].darkest) * level) /
                              (100 * (LEVELS - 1)));
}

static uint8_t colour_of(const painter *p, size_t cell) {
    const uint8_t class = p->class_of[p->m->cells[cell]];
    const int level = p->levels ? p->levels[class][p->m->shades[cell]] : 0;
    return (uint8_t)(CANVAS_OWN + class * LEVELS + level);
}

/* Row 0 of the map at the bottom; `factor` pixels a cell. */
static void paint_cells(canvas *c, const painter *p, uint32_t left, uint32_t top, uint32_t factor) {
    const uint32_t n = p->points;
    for (uint32_t y = 0; y < n * factor; y++) {
        uint8_t *out = c->pixels + (size_t)(top + y) * c->width + left;
        const size_t row = (size_t)(n - 1 - y / factor) * p->every * p->m->points;
        for (uint32_t x = 0; x < n * factor; x++)
            out[x] = colour_of(p, row + (size_t)(x / factor) * p->every);
    }
}

/* ---- title, axes, legend ------------------------------------------------------------------ */

/* Where things are: pixels. */
typedef struct layout {
    uint32_t factor, side;       /* pixels per cell, and of the map's square */
    double text, left, top;      /* height of a capital; the map's corner */
    double width, height, right; /* the picture; its right margin */
} layout;

static layout lay_out(uint32_t points) {
    enum { LEAST = 1000 }; /* pixels */
    const uint32_t factor = (LEAST + points - 1) / points;
    layout l = {.factor = factor, .side = points * factor};
    l.text = l.side / 64.0;
    l.left = ceil(7 * l.text);
    l.right = ceil(3 * l.text);
    l.top = ceil(8.4 * l.text);
    l.width = l.left + l.side + l.right;
    l.height = l.top + l.side + ceil(11 * l.text);
    return l;
}

/* Text no wider than `room`: smaller if it must be. `align`: 0 left, 1/2 centred, 1 right. */
static void put_text(canvas *c, double x, double y, double size, double room, double align,
                     const char *text) {
    const double width = canvas_text_width(size, text);
    if (width > room) {
        size *= room / width;
        x += align * (width - room);
    }
    canvas_text(c, x - align * width, y, size, text);
}

/* e with 10^e <= x < 10^(e+1), and 10^e, both exact as printf and strtod are. */
static int decimal_exponent(double x) {
    char text[32];
    snprintf(text, sizeof text, "%.17e", x);
    return atoi(strchr(text, 'e') + 1);
}

static double power_of_ten(int e) {
    char text[32];
    snprintf(text, sizeof text, "1e%d", e);
    return strtod(text, NULL);
}

/* The largest of 1, 2, 5 times a power of ten that divides a range of this width in at least four.
 */
static double nice_step(double width) {
    const double ten = power_of_ten(decimal_exponent(width));
    return width >= 8 * ten   ? 2 * ten
           : width >= 4 * ten ? ten
           : width >= 2 * ten ? ten / 2
                              : ten / 5;
}

/* Numbers along an axis: value = base + tick * unit. Far from 0 in proportion to its width, an axis
 * counts from its beginning. */
typedef struct scale {
    double from, width; /* of the axis, in the ticks' unit */
    double step;
    char name[1200]; /* of the axis, with base and unit where they are not 0 and 1 */
} scale;

static scale scale_of(char *const *range, const char *name) {
    double from = 0, to = 0, width = 1;
    /* The experiment has been checked: these cannot fail. */
    if (bf_number_double(range[0], &from, NULL) != BF_OK ||
        bf_number_double(range[1], &to, NULL) != BF_OK ||
        bf_number_difference(range[0], range[1], &width, NULL) != BF_OK)
        width = 1;
    scale s = {.from = from, .width = width};
    snprintf(s.name, sizeof s.name, "%s", name);
    if (width < 1e-3 * fmax(fabs(from), fabs(to))) {
        const int exponent = decimal_exponent(width);
        snprintf(s.name, sizeof s.name, "%s = %s + ... x 1e%d", name, range[0], exponent);
        s.from = 0;
        s.width = width / power_of_ten(exponent);
    }
    s.step = nice_step(s.width);
    return s;
}

/* A number as a person writes it: rounding errors of a multiple of a step left out. */
static void tick_text(char out[32], double tick, double step) {
    snprintf(out, 32, "%.6g", fabs(tick) < step / 2 ? 0 : tick);
}

static void draw_axes(canvas *c, const map *m, const layout *l) {
    const scale x = scale_of(m->view->x, "a"), y = scale_of(m->view->y, "b");
    const double pen = fmax(1, floor(l->text / 8)), mark = ceil(l->text / 2), side = l->side,
                 bottom = l->top + side;
    char text[32];
    canvas_fill(c, l->left - pen, l->top - pen, side + 2 * pen, pen, CANVAS_BLACK);
    canvas_fill(c, l->left - pen, bottom, side + 2 * pen, pen, CANVAS_BLACK);
    canvas_fill(c, l->left - pen, l->top, pen, side, CANVAS_BLACK);
    canvas_fill(c, l->left + side, l->top, pen, side, CANVAS_BLACK);
    for (double i = ceil(x.from / x.step); i * x.step <= x.from + x.width * (1 + 1e-9); i++) {
        const double at = floor(l->left + (i * x.step - x.from) / x.width * (side - 1));
        canvas_fill(c, at, bottom + pen, pen, mark, CANVAS_BLACK);
        tick_text(text, i * x.step, x.step);
        put_text(c, at, bottom + pen + mark + 1.6 * l->text, l->text, side, 0.5, text);
    }
    for (double i = ceil(y.from / y.step); i * y.step <= y.from + y.width * (1 + 1e-9); i++) {
        const double at = floor(bottom - 1 - (i * y.step - y.from) / y.width * (side - 1));
        canvas_fill(c, l->left - pen - mark, at, mark, pen, CANVAS_BLACK);
        tick_text(text, i * y.step, y.step);
        put_text(c, l->left - pen - 1.5 * mark, at + l->text / 2, l->text, l->left - 2 * mark, 1,
                 text);
    }
    put_text(c, l->left + side / 2, bottom + 4.6 * l->text, l->text, side, 0.5, x.name);
    put_text(c, l->left, l->top - l->text, l->text, side, 0, y.name);
}

static void draw_title(canvas *c, const map *m, const layout *l) {
    char text[600];
    snprintf(text, sizeof text, "%s: %s", m->x->name, m->view->name);
    put_text(c, l->left, 2.6 * l->text, 1.4 * l->text, l->side, 0, text);
    snprintf(text, sizeof text, "%s, %" PRIu64 " steps, learning rate %.40s, %u x %u starts",
             m->arithmetic, m->x->train.steps, m->view->rate ? m->view->rate : m->x->train.rate,
             m->points, m->points);
    put_text(c, l->left, 4.7 * l->text, l->text, l->side, 0, text);
}

static const char *shade_text(const map *m) {
    return strcmp(m->x->map.shade, "distance") == 0
               ? "brightness: near its plane bright, far dark, by rank within a colour"
               : "brightness: label final early bright, late dark, by rank within a colour";
}

static void draw_legend(canvas *c, const painter *p, const layout *l) {
    const double cells = (double)p->m->points * p->m->points, box = l->text * 1.2;
    double x = l->left, y = l->top + l->side + 7.4 * l->text;
    for (int k = 0; k < CLASSES; k++) {
        if (!p->classes[k].label)
            continue;
        char text[80];
        snprintf(text, sizeof text, "%s %.2f%%", p->classes[k].label,
                 100 * (double)p->classes[k].count / cells);
        const double width = canvas_text_width(l->text, text);
        if (x > l->left && x + 1.6 * box + width > l->width - l->right) {
            x = l->left;
            y += 2 * l->text;
        }
        canvas_fill(c, floor(x), floor(y - box), box, box, CANVAS_BLACK);
        canvas_fill(c, floor(x) + 1, floor(y - box) + 1, box - 2, box - 2,
                    (uint8_t)(CANVAS_OWN + k * LEVELS));
        canvas_text(c, x + 1.6 * box, y, l->text, text);
        x += 1.6 * box + width + 2.5 * l->text;
    }
    if (p->levels)
        put_text(c, l->left, y + 2 * l->text, l->text * 0.9, l->side, 0, shade_text(p->m));
}

/* ---- the picture -------------------------------------------------------------------------- */

/* Where a picture goes: to a new file, or (NULL) to an open stream. */
typedef struct target {
    const char *path;
    FILE *f;
} target;

static bf_status write_picture(const painter *p, const target *to, bool raw, bf_error *err) {
    const map *m = p->m;
    const layout l = lay_out(p->points);
    canvas *c;
    bf_status s = canvas_new(&c, raw ? p->points : (uint32_t)l.width,
                             raw ? p->points : (uint32_t)l.height, err);
    if (s != BF_OK)
        return s;
    set_palette(c);
    if (raw) {
        paint_cells(c, p, 0, 0, 1);
    } else {
        draw_title(c, m, &l);
        draw_axes(c, m, &l);
        draw_legend(c, p, &l);
        paint_cells(c, p, (uint32_t)l.left, (uint32_t)l.top, l.factor);
    }
    char hash[33];
    bf_hash_text(&m->hash, hash);
    const char *const texts[] = {"Title",       m->x->name, "View", m->view->name, "Arithmetic",
                                 m->arithmetic, "Map",      hash,   NULL};
    s = to->path ? canvas_write(c, to->path, texts, err) : canvas_put(c, to->f, texts, err);
    canvas_free(c);
    return s;
}

static bf_status picture(const map *m, const target *to, bool raw, uint32_t every, bf_error *err) {
    painter p = {.m = m,
                 .every = every,
                 .points = (m->points + every - 1) / every,
                 .class_of = malloc(m->n_labels)};
    bf_status s = p.class_of ? BF_OK : bf_fail(err, BF_EMACHINE, "out of memory");
    if (s == BF_OK) {
        choose_classes(&p);
        s = m->shades ? rank_shades(&p, err) : BF_OK;
    }
    if (s == BF_OK)
        s = write_picture(&p, to, raw, err);
    free(p.class_of);
    free(p.levels);
    return s;
}

bf_status map_picture(const map *m, const char *path, bool raw, bf_error *err) {
    return picture(m, &(target){.path = path}, raw, 1, err);
}

bf_status map_picture_put(const map *m, FILE *f, uint32_t k, bf_error *err) {
    return picture(m, &(target){.f = f}, false, k, err);
}
