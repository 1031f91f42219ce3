/* SPDX-License-Identifier: MIT */
/* picture.c - a destination map as a PNG. */
#include "studies/map/picture.h"

#include "writer/canvas.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- colours ------------------------------------------------------------------------------ */

/* All that are left beside those of the text: so many brightnesses of so many classes. */
enum { CLASSES = 10, OTHERS = CLASSES - 1, COLOURS = CANVAS_COLOURS - CANVAS_OWN };

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

/* Where outcomes may be many: classes of their own for some, and for each other one that follows
 * from its label, so that it mostly has the same colour in every map; the next one that is free
 * when a more frequent outcome has that; and when none is left, one that others have too. */
enum { ORIGIN, DIVERGED, NOTHING, FIRST_DRAWN };
static const uint8_t fixed[FIRST_DRAWN][3] = {{255, 255, 255}, {60, 60, 60}, {0, 114, 178}};

typedef struct entry {
    const char *label;
    uint64_t count;
    uint8_t class;
} entry;

typedef struct painter {
    const map *m;
    uint32_t every;  /* of so many starts along an axis one is drawn, */
    uint32_t points; /* in all so many */
    bool many;
    uint32_t n_classes, n_levels;
    uint8_t *class_of;        /* of each label */
    uint8_t (*levels)[65536]; /* of each class: brightness by shade; NULL: none */
    entry legend[CLASSES];    /* unless `many`, by class; label NULL: none */
} painter;

static void give(painter *p, uint32_t label, uint8_t class) {
    entry *e = &p->legend[class];
    p->class_of[label] = class;
    e->label = class == OTHERS ? "more" : p->m->labels[label];
    e->count += p->m->counts[label];
    e->class = class;
}

/* The class that is named after the label; OTHERS: none. */
static uint8_t class_named(const char *label) {
    uint8_t k = 0;
    while (k < OTHERS && !(colours[k].label && strcmp(label, colours[k].label) == 0))
        k++;
    return k;
}

static void choose_few(painter *p) {
    const map *m = p->m;
    uint8_t next = 0;
    for (uint32_t i = 0; i < m->n_labels; i++) {
        const uint32_t label = m->ranked[i];
        uint8_t class = class_named(m->labels[label]);
        if (class == OTHERS) {
            while (next < OTHERS && colours[next].label)
                next++;
            class = next < OTHERS ? next++ : OTHERS;
        }
        give(p, label, class);
    }
}

static uint8_t class_by_label(const painter *p, const char *label) {
    if (strcmp(label, "origin") == 0)
        return ORIGIN;
    if (strcmp(label, "inf") == 0)
        return DIVERGED;
    if (label[strspn(label, "0.")] == '\0') /* no neuron has vanished */
        return NOTHING;
    const bf_hash h = bf_hash_of(label, strlen(label));
    const uint32_t number = (uint32_t)h.bytes[14] << 8 | h.bytes[15];
    return (uint8_t)(FIRST_DRAWN + number % (p->n_classes - FIRST_DRAWN));
}

/* By hue, saturation and value: A. R. Smith, SIGGRAPH 1978. Consecutive numbers are far apart. */
static void drawn_colour(uint32_t i, uint8_t rgb[3]) {
    static const struct {
        int saturation, value; /* percent */
    } tones[] = {{75, 85}, {95, 60}, {45, 95}, {60, 70}};
    const int hue = (int)(i * 137 % 360), s = tones[i % 4].saturation,
              v = 255 * tones[i % 4].value / 100, within = hue % 60;
    const int low = v * (100 - s) / 100, falling = v * (6000 - s * within) / 6000,
              rising = v * (6000 - s * (60 - within)) / 6000;
    const int parts[6][3] = {{v, rising, low},  {falling, v, low}, {low, v, rising},
                             {low, falling, v}, {rising, low, v},  {v, low, falling}};
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)parts[hue / 60][c];
}

static void colour_of_class(uint32_t class, uint8_t rgb[3]) {
    if (class < FIRST_DRAWN)
        memcpy(rgb, fixed[class], 3);
    else
        drawn_colour(class, rgb);
}

/* Whether the class differs, to the eye, from those of the legend's first n entries. */
static bool stands_out(const painter *p, uint32_t class, uint32_t n) {
    enum { ENOUGH = 96 }; /* of 765, from black to white */
    uint8_t a[3], b[3];
    colour_of_class(class, a);
    for (uint32_t i = 0; i < n; i++) {
        colour_of_class(p->legend[i].class, b);
        if (abs(a[0] - b[0]) + abs(a[1] - b[1]) + abs(a[2] - b[2]) < ENOUGH)
            return false;
    }
    return true;
}

/* The class of the i-th most frequent outcome. */
static uint8_t class_ranked(const painter *p, const char *label, uint32_t i, const bool *taken) {
    const uint8_t wanted = class_by_label(p, label);
    const uint32_t drawn = p->n_classes - FIRST_DRAWN;
    for (uint32_t k = 0; wanted >= FIRST_DRAWN && k < drawn; k++) {
        const uint32_t class = FIRST_DRAWN + (wanted - FIRST_DRAWN + k) % drawn;
        if (!taken[class] && (i >= CLASSES || stands_out(p, class, i)))
            return (uint8_t) class;
    }
    return wanted;
}

static void choose_many(painter *p) {
    const map *m = p->m;
    bool taken[COLOURS] = {false};
    for (uint32_t i = 0; i < m->n_labels; i++) {
        const uint32_t label = m->ranked[i];
        const uint8_t class = class_ranked(p, m->labels[label], i, taken);
        p->class_of[label] = class;
        taken[class] = true;
        if (i < CLASSES)
            p->legend[i] = (entry){m->labels[label], m->counts[label], class};
    }
}

static bf_status choose_classes(painter *p, bf_error *err) {
    const map *m = p->m;
    p->class_of = malloc(m->n_labels);
    if (!p->class_of)
        return bf_no_memory(err);
    p->many = strcmp(m->x->outcome.rule, "planes") != 0;
    p->n_levels = !p->many ? COLOURS / CLASSES : m->shades ? 8 : 1;
    p->n_classes = COLOURS / p->n_levels;
    if (p->many)
        choose_many(p);
    else
        choose_few(p);
    return BF_OK;
}

/* The level of a shade: the share of its class's cells with a smaller one. */
static bf_status rank_shades(painter *p, bf_error *err) {
    const map *m = p->m;
    const size_t n = (size_t)m->points * m->points;
    uint32_t(*count)[65536] = calloc(p->n_classes, sizeof *count);
    p->levels = malloc(p->n_classes * sizeof *p->levels);
    if (!count || !p->levels) {
        free(count);
        return bf_no_memory(err);
    }
    for (size_t i = 0; i < n; i++)
        count[p->class_of[m->cells[i]]][m->shades[i]]++;
    for (uint32_t k = 0; k < p->n_classes; k++) {
        uint64_t below = 0, all = 0;
        for (int shade = 0; shade < 65536; shade++)
            all += count[k][shade];
        for (int shade = 0; shade < 65536; shade++) {
            /* Of the shades that no cell has, those above all others would be n_levels. */
            const uint64_t level = below ? below * p->n_levels / all : 0;
            p->levels[k][shade] = (uint8_t)(level < p->n_levels ? level : p->n_levels - 1);
            below += count[k][shade];
        }
    }
    free(count);
    return BF_OK;
}

static void set_palette(const painter *p, canvas *c) {
    for (uint32_t k = 0; k < p->n_classes; k++) {
        uint8_t rgb[3];
        if (p->many)
            colour_of_class(k, rgb);
        else
            memcpy(rgb, colours[k].rgb, 3);
        const uint32_t darkest = !p->many      ? colours[k].darkest
                                 : k == ORIGIN ? 75
                                               : 25,
                       last = p->n_levels > 1 ? p->n_levels - 1 : 1;
        for (uint32_t level = 0; level < p->n_levels; level++)
            for (int i = 0; i < 3; i++)
                c->palette[CANVAS_OWN + k * p->n_levels + level][i] =
                    (uint8_t)(rgb[i] * (100 * last - (100 - darkest) * level) / (100 * last));
    }
}

static uint8_t colour_of(const painter *p, size_t cell) {
    const uint8_t class = p->class_of[p->m->cells[cell]];
    const uint32_t level = p->levels ? p->levels[class][p->m->shades[cell]] : 0;
    return (uint8_t)(CANVAS_OWN + class * p->n_levels + level);
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

static layout lay_out(uint32_t points, bool many) {
    enum { LEAST = 1000 }; /* pixels */
    const uint32_t factor = (LEAST + points - 1) / points;
    layout l = {.factor = factor, .side = points * factor};
    l.text = l.side / 64.0;
    l.left = ceil(7 * l.text);
    l.right = ceil(3 * l.text);
    l.top = ceil(8.4 * l.text);
    l.width = l.left + l.side + l.right;
    l.height = l.top + l.side + ceil((many ? 14 : 11) * l.text);
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
        const int power = decimal_exponent(width);
        snprintf(s.name, sizeof s.name, "%s = %s + ... x 1e%d", name, range[0], power);
        s.from = 0;
        s.width = width / power_of_ten(power);
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
    for (const entry *e = p->legend; e < p->legend + CLASSES; e++) {
        if (!e->label)
            continue;
        char text[80];
        snprintf(text, sizeof text, "%s %.2f%%", e->label, 100 * (double)e->count / cells);
        const double width = canvas_text_width(l->text, text);
        if (x > l->left && x + 1.6 * box + width > l->width - l->right) {
            x = l->left;
            y += 2 * l->text;
        }
        canvas_fill(c, floor(x), floor(y - box), box, box, CANVAS_BLACK);
        canvas_fill(c, floor(x) + 1, floor(y - box) + 1, box - 2, box - 2,
                    (uint8_t)(CANVAS_OWN + e->class * p->n_levels));
        canvas_text(c, x + 1.6 * box, y, l->text, text);
        x += 1.6 * box + width + 2.5 * l->text;
    }
    if (p->many && p->m->n_labels > CLASSES) {
        char text[80];
        snprintf(text, sizeof text, "and %" PRIu32 " more: in all %" PRIu32 " outcomes",
                 p->m->n_labels - CLASSES, p->m->n_labels);
        if (x > l->left && x + canvas_text_width(l->text, text) > l->width - l->right) {
            x = l->left;
            y += 2 * l->text;
        }
        canvas_text(c, x, y, l->text, text);
    }
    if (p->levels)
        put_text(c, l->left, y + 2 * l->text, l->text * 0.9, l->side, 0, shade_text(p->m));
}

/* ---- the picture -------------------------------------------------------------------------- */

static bf_status write_picture(const painter *p, FILE *f, bool raw, bf_error *err) {
    const map *m = p->m;
    const layout l = lay_out(p->points, p->many);
    canvas *c;
    bf_status s = canvas_new(&c, raw ? p->points : (uint32_t)l.width,
                             raw ? p->points : (uint32_t)l.height, err);
    if (s != BF_OK)
        return s;
    set_palette(p, c);
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
    s = canvas_put(c, f, texts, err);
    canvas_free(c);
    return s;
}

static bf_status picture(const map *m, FILE *f, bool raw, uint32_t every, bf_error *err) {
    painter p = {.m = m, .every = every, .points = (m->points + every - 1) / every};
    bf_status s = choose_classes(&p, err);
    if (s == BF_OK && m->shades)
        s = rank_shades(&p, err);
    BF_TRY(s, write_picture(&p, f, raw, err));
    free(p.class_of);
    free(p.levels);
    return s;
}

bf_status map_picture(const map *m, FILE *f, bool raw, bf_error *err) {
    return picture(m, f, raw, 1, err);
}

bf_status map_picture_put(const map *m, FILE *f, uint32_t k, bf_error *err) {
    return picture(m, f, false, k, err);
}
