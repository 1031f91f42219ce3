/* SPDX-License-Identifier: MIT */
/* canvas.c - a picture: rectangles, text, PNG. */
#include "writer/canvas.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

/* ---- the font ----------------------------------------------------------------------------- */

/* Strokes of a pen, from ' ' to '~'. A stroke is a list of points, two digits each: x, and y
 * upwards with the base line at 2, the height of small letters at 6 and of capitals at 8. Strokes
 * are separated by commas. A stroke after ~ is a quadratic B-spline that ends at its end points. */
static const char *const glyphs[] = {
    /*   */ "",
    /* ! */ "08 04,02 02",
    /* " */ "08 06,28 26",
    /* # */ "12 18,32 38,04 44,06 46",
    /* $ */ "~47 38 07 05 45 43 12 03,29 21",
    /* % */ "02 48,~07 06 26 28 08 07,~23 24 44 42 22 23",
    /* & */ "~42 15 08 38 26 02 32 44",
    /* ' */ "08 06",
    /* ( */ "~19 07 04 03 11",
    /* ) */ "~09 17 14 13 01",
    /* * */ "23 27,06 44,04 46",
    /* + */ "05 45,23 27",
    /* , */ "12 01",
    /* - */ "05 35",
    /* . */ "02 02",
    /* / */ "01 38",
    /* 0 */ "~28 08 02 22 42 48 28",
    /* 1 */ "07 28 22",
    /* 2 */ "~06 08 48 46 02,02 42",
    /* 3 */ "~07 18 48 45 15,~15 45 42 12 03",
    /* 4 */ "32 38 04 44",
    /* 5 */ "48 08 05,~05 26 46 42 02 03",
    /* 6 */ "~47 38 08 02 42 46 06 04",
    /* 7 */ "08 48 12",
    /* 8 */ "~28 08 05 25 45 48 28,~25 05 02 22 42 45 25",
    /* 9 */ "~03 12 42 48 08 04 44 46",
    /* : */ "02 02,06 06",
    /* ; */ "12 01,16 16",
    /* < */ "37 05 33",
    /* = */ "04 44,06 46",
    /* > */ "07 35 03",
    /* ? */ "~07 08 48 45 25 24,22 22",
    /* @ */ "~35 16 14 34 36,~36 34 44 48 08 02 32",
    /* A */ "02 28 42,14 34",
    /* B */ "08 02,~08 48 45 05,~05 45 42 02",
    /* C */ "~47 38 08 02 32 43",
    /* D */ "08 02,~08 48 42 02",
    /* E */ "48 08 02 42,05 35",
    /* F */ "48 08 02,05 35",
    /* G */ "~47 38 08 02 42 44,44 24",
    /* H */ "08 02,48 42,05 45",
    /* I */ "08 02",
    /* J */ "38 34,~34 32 02 04",
    /* K */ "08 02,48 04,15 42",
    /* L */ "08 02 42",
    /* M */ "02 08 25 48 42",
    /* N */ "02 08 42 48",
    /* O */ "~28 08 02 22 42 48 28",
    /* P */ "02 08,~08 48 44 04",
    /* Q */ "~28 08 02 22 42 48 28,24 42",
    /* R */ "02 08,~08 48 45 05,25 42",
    /* S */ "~47 38 08 05 45 42 12 03",
    /* T */ "08 48,28 22",
    /* U */ "08 05,~05 02 42 45,45 48",
    /* V */ "08 22 48",
    /* W */ "08 12 27 32 48",
    /* X */ "08 42,48 02",
    /* Y */ "08 25 48,25 22",
    /* Z */ "08 48 02 42",
    /* [ */ "18 08 01 11",
    /* \ */ "08 31",
    /* ] */ "08 18 11 01",
    /* ^ */ "06 28 46",
    /* _ */ "01 41",
    /* ` */ "08 17",
    /* a */ "46 42,~44 46 06 02 42 44",
    /* b */ "08 02,~04 06 46 42 02 04",
    /* c */ "~45 36 06 02 32 43",
    /* d */ "48 42,~44 46 06 02 42 44",
    /* e */ "04 44,~44 46 06 02 32 43",
    /* f */ "~38 18 16 15,15 12,06 36",
    /* g */ "46 42,~42 40 10 01,~44 46 06 02 42 44",
    /* h */ "08 02,~04 06 46 43,43 42",
    /* i */ "06 02,08 08",
    /* j */ "16 12,~12 10 00,18 18",
    /* k */ "08 02,36 04,14 42",
    /* l */ "08 02",
    /* m */ "06 02,~04 06 26 23,23 22,~24 26 46 43,43 42",
    /* n */ "06 02,~04 06 46 43,43 42",
    /* o */ "~26 06 02 22 42 46 26",
    /* p */ "06 00,~04 06 46 42 02 04",
    /* q */ "46 40,~44 46 06 02 42 44",
    /* r */ "06 02,~04 06 26 35",
    /* s */ "~45 36 06 04 44 42 12 03",
    /* t */ "18 13,~13 12 32,06 36",
    /* u */ "06 04,~04 02 42 44,46 42",
    /* v */ "06 22 46",
    /* w */ "06 12 25 32 46",
    /* x */ "06 42,46 02",
    /* y */ "06 22,46 10",
    /* z */ "06 46 02 42",
    /* { */ "~29 18 16 05,~05 14 12 21",
    /* | */ "09 01",
    /* } */ "~09 18 16 25,~25 14 12 01",
    /* ~ */ "~04 16 34 46",
};

enum { BASE = 2, CAPITAL = 6, GAP = 2, SPACE = 2, FLAT = 4 /* lines to a piece of a spline */ };

typedef struct point {
    double x, y;
} point;

static const char *glyph(char c) {
    return c >= ' ' && c <= '~' ? glyphs[c - ' '] : glyphs['?' - ' '];
}

/* In units of the font. */
static int glyph_width(const char *g) {
    int width = *g ? 0 : SPACE;
    for (; *g; g++)
        if (*g >= '0' && *g <= '9') {
            width = *g - '0' > width ? *g - '0' : width;
            g++;
        }
    return width;
}

double canvas_text_width(double size, const char *text) {
    int width = 0;
    for (; *text; text++)
        width += glyph_width(glyph(*text)) + (text[1] ? GAP : 0);
    return width * size / CAPITAL;
}

static double segment_distance(point p, point a, point b) {
    const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    const double x = p.x - a.x - t * dx, y = p.y - a.y - t * dy;
    return sqrt(x * x + y * y);
}

/* A line of a pen `thick` pixels wide; where lines meet, the darker counts. */
static void line(canvas *c, point a, point b, double thick) {
    const double reach = thick / 2 + 1;
    const long left = lround(floor(fmin(a.x, b.x) - reach)),
               right = lround(ceil(fmax(a.x, b.x) + reach)),
               top = lround(floor(fmin(a.y, b.y) - reach)),
               bottom = lround(ceil(fmax(a.y, b.y) + reach));
    for (long y = top < 0 ? 0 : top; y <= bottom && y < (long)c->height; y++)
        for (long x = left < 0 ? 0 : left; x <= right && x < (long)c->width; x++) {
            const point p = {(double)x + 0.5, (double)y + 0.5};
            const double cover = thick / 2 + 0.5 - segment_distance(p, a, b);
            const double full = cover < 0 ? 0 : cover > 1 ? 1 : cover;
            const uint8_t ink = (uint8_t)(full * CANVAS_BLACK + 0.5);
            uint8_t *pixel = &c->pixels[(size_t)y * c->width + (size_t)x];
            if (ink > *pixel)
                *pixel = ink;
        }
}

static point between(point a, point b, double t) {
    return (point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

/* From a to b, pulled towards the control point. */
static void curve(canvas *c, point a, point control, point b, double thick) {
    point last = a;
    for (int i = 1; i <= FLAT; i++) {
        const double t = (double)i / FLAT;
        const point p = between(between(a, control, t), between(control, b, t), t);
        line(c, last, p, thick);
        last = p;
    }
}

static void stroke(canvas *c, const point *p, int n, bool spline, double thick) {
    if (!spline) {
        for (int i = 1; i < n; i++)
            line(c, p[i - 1], p[i], thick);
        return;
    }
    point from = p[0];
    for (int i = 1; i < n - 1; i++) {
        const point to = i == n - 2 ? p[n - 1] : between(p[i], p[i + 1], 0.5);
        curve(c, from, p[i], to, thick);
        from = to;
    }
}

static void draw_glyph(canvas *c, double x, double y, double unit, const char *g) {
    enum { MOST = 16 };
    const double thick = unit < 1.25 ? 1.25 : unit;
    while (*g) {
        const bool spline = *g == '~';
        point p[MOST];
        int n = 0;
        for (g += spline; *g && *g != ','; g++)
            if (*g != ' ' && n < MOST) {
                p[n++] = (point){x + unit * (g[0] - '0'), y - unit * (g[1] - '0' - BASE)};
                g++;
            }
        stroke(c, p, n, spline, thick);
        g += *g == ',';
    }
}

void canvas_text(canvas *c, double x, double y, double size, const char *text) {
    const double unit = size / CAPITAL;
    for (; *text; text++) {
        const char *g = glyph(*text);
        draw_glyph(c, x, y, unit, g);
        x += unit * (glyph_width(g) + GAP);
    }
}

/* ---- the picture -------------------------------------------------------------------------- */

bf_status canvas_new(canvas **out, uint32_t width, uint32_t height, bf_error *err) {
    canvas *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c || !(c->pixels = calloc(height, width))) {
        free(c);
        return bf_no_memory(err);
    }
    c->width = width;
    c->height = height;
    for (int i = 0; i <= CANVAS_BLACK; i++)
        memset(c->palette[i], 255 - 255 * i / CANVAS_BLACK, 3);
    *out = c;
    return BF_OK;
}

void canvas_free(canvas *c) {
    if (!c)
        return;
    free(c->pixels);
    free(c);
}

void canvas_fill(canvas *c, double x, double y, double width, double height, uint8_t colour) {
    const double right = fmin(x + width, c->width), bottom = fmin(y + height, c->height);
    for (double j = fmax(y, 0); j < bottom; j++)
        for (double i = fmax(x, 0); i < right; i++)
            c->pixels[(size_t)j * c->width + (size_t)i] = colour;
}

static void png_failed(png_structp png, png_const_charp message) {
    bf_error *err = png_get_error_ptr(png);
    snprintf(err->text, sizeof err->text, "%s", message);
    png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message) {
    (void)png, (void)message;
}

static void encode(png_structp png, png_infop info, const canvas *c, const char *const *texts) {
    png_set_IHDR(png, info, c->width, c->height, 8, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_color palette[CANVAS_COLOURS];
    for (int i = 0; i < CANVAS_COLOURS; i++)
        palette[i] = (png_color){c->palette[i][0], c->palette[i][1], c->palette[i][2]};
    png_set_PLTE(png, info, palette, CANVAS_COLOURS);
    for (; *texts; texts += 2) /* libpng copies them */
        png_set_text(png, info,
                     &(png_text){.compression = PNG_TEXT_COMPRESSION_NONE,
                                 .key = (char *)texts[0],
                                 .text = (char *)texts[1]},
                     1);
    png_write_info(png, info);
    for (uint32_t y = 0; y < c->height; y++)
        png_write_row(png, c->pixels + (size_t)y * c->width);
    png_write_end(png, info);
}

/* Returns whether all went well; if not, err has libpng's message. */
static bool write_png(const canvas *c, FILE *f, const char *const *texts, bf_error *err) {
    snprintf(err->text, sizeof err->text, "out of memory");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, err, png_failed, png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, f);
    encode(png, info, c, texts);
    png_destroy_write_struct(&png, &info);
    return true;
}

bf_status canvas_put(const canvas *c, FILE *f, const char *const *texts, bf_error *err) {
    bf_error why;
    return write_png(c, f, texts, &why)
               ? BF_OK
               : bf_fail(err, BF_EMACHINE, "cannot write a picture: %.200s", why.text);
}
