/* SPDX-License-Identifier: MIT */
/* svg.c - from gnuplot's SVG to the page's: colours become custom properties of the page, fonts are
 * left to the page, and ids get a prefix. */
#include "writer/svg.h"

#include <string.h>

#include "writer/palette.h"
#include "writer/table.h"

/* What is replaced in the SVG; "@" stands for the prefix of ids. */
static const struct {
    const char *from, *to;
} replacements[] = {
    {"xlink:href='#", "href='#@"},       {"id='", "id='@"},
    {"id=\"gnuplot", "class=\"gnuplot"}, {"url(#", "url(#@"},
    {" font-family=\"Arial\" >", ">"},   {" font-family=\"Arial\" ", " "},
    {" font-family=\"Arial\"", ""},      {"'black'", "'currentColor'"},
    {"\"black\"", "\"currentColor\""},   {"'white'", "'transparent'"},
    {"\"white\"", "\"transparent\""},    {"rgb(128, 128, 128)", "var(--muted)"},
    {"\"gray\"", "\"var(--muted)\""},
};

static void put_replaced(FILE *out, const char *to, const char *prefix) {
    for (; *to; to++)
        if (*to == '@')
            fputs(prefix, out);
        else
            fputc(*to, out);
}

/* Write the replacement of what stands at p; returns how much that was, 0 when nothing matches. */
static size_t replace(FILE *out, const char *p, const char *prefix) {
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) {
        size_t length = strlen(replacements[i].from);
        if (strncmp(p, replacements[i].from, length) == 0) {
            put_replaced(out, replacements[i].to, prefix);
            return length;
        }
    }
    const char *from, *to;
    for (size_t i = 0; palette_entry(i, &from, &to); i++) {
        size_t length = strlen(from);
        if (strncmp(p, from, length) == 0) {
            fputs(to, out);
            return length;
        }
    }
    return 0;
}

/* Length of an element at p that the page does without, 0 when there is none. */
static size_t dropped(const char *p) {
    static const struct {
        const char *open, *close;
    } elements[] = {{"<title>", "</title>"}, {"<desc>", "</desc>"}, {"<filter ", "</filter>"}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strncmp(p, elements[i].open, strlen(elements[i].open)) == 0) {
            const char *end = strstr(p, elements[i].close);
            return end ? (size_t)(end - p) + strlen(elements[i].close) : 0;
        }
    return 0;
}

void svg_put(FILE *out, const char *svg, unsigned number, const char *label) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "fig%u-", number);
    const char *box = strstr(svg, "viewBox=\""), *p = strstr(svg, "<g id=\"gnuplot_canvas\"");
    if (!box || !p)
        return;
    box += strlen("viewBox=\"");
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.*s\" role=\"img\" "
            "aria-labelledby=\"%stitle\"><title id=\"%stitle\">",
            (int)strcspn(box, "\""), box, prefix, prefix);
    put_html(out, label);
    fputs("</title>\n", out);
    while (*p) {
        size_t skip = dropped(p);
        if (skip == 0)
            skip = replace(out, p, prefix);
        if (skip == 0)
            fputc(*p++, out);
        p += skip;
    }
}
