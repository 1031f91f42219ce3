/* SPDX-License-Identifier: MIT */
/* table.c - a table of texts, written once, rendered as HTML, Markdown or plain text. */
#include "writer/table.h"

#include <stdlib.h>
#include <string.h>

/* Before each cell. No text from a store has control characters: see store/query.h. */
enum { SEPARATOR = '\x1f' };

bool table_new(table *t) {
    *t = (table){0};
    t->cells = open_memstream(&t->text, &t->size);
    return t->cells != NULL;
}

void table_free(table *t) {
    if (t->cells)
        fclose(t->cells);
    free(t->text);
    free(t->align);
    *t = (table){0};
}

void table_columns(table *t, const char *align) {
    size_t more = strlen(align);
    char *grown = realloc(t->align, t->columns + more);
    if (grown)
        memcpy(grown + t->columns, align, more);
    else
        free(t->align);
    t->align = grown;
    t->columns += more;
}

FILE *table_cell(table *t) {
    fputc(SEPARATOR, t->cells);
    return t->cells;
}

void table_heads(table *t, const char *align, const char *const *heads) {
    table_columns(t, align);
    for (; *align; align++)
        fputs(*heads++, table_cell(t));
}

/* ---- reading it back ---------------------------------------------------------------------- */

/* One cell: where it stands and what it says. */
typedef struct cell {
    size_t row, column;
    char align;
    const char *text;
    size_t length;
} cell;

/* How one rendering writes. */
typedef struct format {
    void (*row)(FILE *out, size_t row, bool begin, const void *own);
    void (*cell)(FILE *out, const cell *c, const void *own);
} format;

static bool each_cell(FILE *out, table *t, const format *how, const void *own) {
    if (fflush(t->cells) != 0 || ferror(t->cells) || !t->align)
        return false;
    const char *p = t->text;
    for (size_t i = 0; *p == SEPARATOR; i++) {
        cell c = {.row = i / t->columns, .column = i % t->columns, .text = p + 1};
        c.length = strcspn(c.text, (char[]){SEPARATOR, 0});
        p = c.text + c.length;
        c.align = t->align[c.column];
        if (c.column == 0)
            how->row(out, c.row, true, own);
        how->cell(out, &c, own);
        if (c.column == t->columns - 1)
            how->row(out, c.row, false, own);
    }
    return true;
}

/* ---- HTML --------------------------------------------------------------------------------- */

static void put_html_character(FILE *out, char c) {
    switch (c) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        fputc(c, out);
    }
}

void put_html(FILE *out, const char *text) {
    for (; *text; text++)
        put_html_character(out, *text);
}

static void html_row(FILE *out, size_t row, bool begin, const void *own) {
    (void)own;
    if (begin)
        fputs(row == 0 ? "<thead><tr>" : "<tr>", out);
    else
        fputs(row == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n", out);
}

static void html_cell(FILE *out, const cell *c, const void *own) {
    (void)own;
    const char *tag = c->row == 0 || c->column == 0 ? "th" : "td";
    const char *scope = c->row == 0 ? " scope=\"col\"" : c->column == 0 ? " scope=\"row\"" : "";
    fprintf(out, "<%s%s%s>", tag, scope, c->align == 'r' ? " class=\"r\"" : "");
    bool second = false;
    for (size_t i = 0; i < c->length; i++) {
        if (c->text[i] == '\n' && !second)
            fputs("<small>", out);
        if (c->text[i] == '\n')
            second = true;
        else
            put_html_character(out, c->text[i]);
    }
    fprintf(out, "%s</%s>", second ? "</small>" : "", tag);
}

bool table_html(FILE *out, table *t) {
    fputs("<div class=\"scroll\" tabindex=\"0\"><table>\n", out);
    bool good = each_cell(out, t, &(format){html_row, html_cell}, NULL);
    fputs("</tbody></table></div>\n", out);
    return good;
}

/* ---- Markdown ----------------------------------------------------------------------------- */

static void markdown_row(FILE *out, size_t row, bool begin, const void *own) {
    const table *t = own;
    if (begin)
        return;
    fputs(" |\n", out);
    if (row > 0)
        return;
    for (size_t i = 0; i < t->columns; i++)
        fputs(t->align[i] == 'r' ? "|---:" : "|---", out);
    fputs("|\n", out);
}

/* Characters that could mean something, by what stands before them. */
static void put_markdown_character(FILE *out, char before, char c) {
    if (strchr("|\\`*_<>", c) || (c == '(' && before == ']'))
        fputc('\\', out);
    fputc(c, out);
}

void put_markdown(FILE *out, const char *text) {
    for (char before = 0; *text; before = *text++)
        put_markdown_character(out, before, *text);
}

static void markdown_cell(FILE *out, const cell *c, const void *own) {
    (void)own;
    fputs(c->column == 0 ? "| " : " | ", out);
    bool second = false;
    for (size_t i = 0; i < c->length; i++) {
        if (c->text[i] != '\n') {
            put_markdown_character(out, i > 0 ? c->text[i - 1] : 0, c->text[i]);
            continue;
        }
        fputs(second ? " " : " (", out);
        second = true;
    }
    if (second)
        fputc(')', out);
}

bool table_markdown(FILE *out, table *t) {
    bool good = each_cell(out, t, &(format){markdown_row, markdown_cell}, t);
    fputc('\n', out);
    return good;
}

/* ---- plain text --------------------------------------------------------------------------- */

/* Characters, not bytes: every text is UTF-8. */
static int width(const cell *c) {
    int n = 0;
    for (size_t i = 0; i < c->length; i++)
        n += (c->text[i] & 0xc0) != 0x80;
    return n;
}

static void measure_row(FILE *out, size_t row, bool begin, const void *own) {
    (void)out;
    (void)row;
    (void)begin;
    (void)own;
}

typedef struct text_layout {
    int *widths;
    int *spaces; /* that are due before the next text of a line; none at its end */
} text_layout;

static void measure_cell(FILE *out, const cell *c, const void *own) {
    (void)out;
    const text_layout *l = own;
    if (width(c) > l->widths[c->column])
        l->widths[c->column] = width(c);
}

static void text_row(FILE *out, size_t row, bool begin, const void *own) {
    const text_layout *l = own;
    (void)row;
    *l->spaces = 0;
    if (!begin)
        fputc('\n', out);
}

static void text_cell(FILE *out, const cell *c, const void *own) {
    const text_layout *l = own;
    const int pad = l->widths[c->column] - width(c);
    *l->spaces += c->column > 0 ? 2 : 0;
    *l->spaces += c->align == 'r' ? pad : 0;
    if (c->length > 0) {
        fprintf(out, "%*s%.*s", *l->spaces, "", (int)c->length, c->text);
        *l->spaces = 0;
    }
    *l->spaces += c->align == 'r' ? 0 : pad;
}

bool table_text(FILE *out, table *t) {
    int spaces = 0;
    const text_layout l = {calloc(t->columns + 1, sizeof *l.widths), &spaces};
    bool good = l.widths && each_cell(out, t, &(format){measure_row, measure_cell}, &l) &&
                each_cell(out, t, &(format){text_row, text_cell}, &l);
    free(l.widths);
    return good;
}
