/* SPDX-License-Identifier: MIT */
/* write.c - writes structs as mappings by tables of fields. */
#include "experiment/emit.h"
#include "experiment/field.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
    FILE *f;
    const field *table;
    const void *root;
    unsigned parts;
    bool dash; /* the next field begins an item of a list */
} writer;

static bool all_zero(const char *bytes, size_t n) {
    while (n > 0 && !bytes[n - 1])
        n--;
    return n == 0;
}

static bool in_parts(const writer *w, const field *f) {
    return w->parts == 0 || (f->part & w->parts);
}

static bool wanted_section(const writer *w, const field *section, const char *base);

/* Whether there is something of a field to be written. */
static bool wanted(const writer *w, const field *f, const char *base) {
    if (!field_applies(w->table, f, w->root))
        return false;
    if (f->type == FIELD_SECTION)
        return (f->size == 0 || !all_zero(base + f->offset, f->size)) && wanted_section(w, f, base);
    if (f->type == FIELD_ITEMS && *(const unsigned *)(base + f->count) > 0)
        return wanted_section(w, f, base);
    if (!in_parts(w, f))
        return false;
    if (f->type == FIELD_OWN)
        return f->own->present(base);
    if (f->many || f->type == FIELD_ITEMS)
        return f->value || *(const unsigned *)(base + f->count) > 0;
    return f->type == FIELD_WHOLE || f->type == FIELD_DECIMAL || f->type == FIELD_FLAG ||
           *(char *const *)(base + f->offset);
}

static bool wanted_section(const writer *w, const field *section, const char *base) {
    if (section->type == FIELD_ITEMS)
        base = *(char *const *)(base + section->offset);
    for (const field *f = NULL; (f = field_next(w->table, section, f));)
        if (wanted(w, f, base))
            return true;
    return false;
}

static uint64_t whole_at(const field *f, const char *at) {
    return f->size == sizeof(unsigned) ? *(const unsigned *)at : *(const uint64_t *)at;
}

/* The shortest decimal that reads back as the same. */
static void put_decimal(FILE *f, double x) {
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    fputs(text, f);
}

static void put_value(FILE *f, const field *row, const char *at) {
    if (row->type == FIELD_WHOLE)
        fprintf(f, "%" PRIu64, whole_at(row, at));
    else if (row->type == FIELD_DECIMAL)
        put_decimal(f, *(const double *)at);
    else if (row->type == FIELD_FLAG)
        fputs(*(const bool *)at ? "true" : "false", f);
    else
        emit_text(f, *(char *const *)at);
}

static void put_list(FILE *f, const field *row, const char *items, unsigned n, size_t column) {
    if (row->type != FIELD_WHOLE) {
        emit_list(f, (char *const *)(const void *)items, n, column);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        fputs(i ? ", " : "[", f);
        put_value(f, row, items + i * row->size);
    }
    fputs(n ? "]\n" : "[]\n", f);
}

static void write_section(writer *w, const field *section, const char *base, int indent);

static void write_items(writer *w, const field *f, const char *base, int indent) {
    const char *items = *(char *const *)(base + f->offset);
    const unsigned n = *(const unsigned *)(base + f->count);
    fputs(n ? "\n" : " []\n", w->f);
    for (unsigned i = 0; i < n; i++) {
        w->dash = true;
        write_section(w, f, items + i * f->size, indent + 4);
    }
}

static void write_field(writer *w, const field *f, const char *base, int indent) {
    if (f->type == FIELD_OWN) {
        f->own->write(w->f, base, indent);
        return;
    }
    const char *key = field_key(f);
    if (*key == '*')
        key = *(char *const *)(base + f->count);
    fprintf(w->f, "%*s%s%s:", w->dash ? indent - 2 : indent, "", w->dash ? "- " : "", key);
    w->dash = false;
    if (f->type == FIELD_SECTION) {
        fputc('\n', w->f);
        write_section(w, f, base, indent + 2);
    } else if (f->type == FIELD_ITEMS) {
        write_items(w, f, base, indent);
    } else if (f->many) {
        fputc(' ', w->f);
        put_list(w->f, f, *(char *const *)(base + f->offset), *(const unsigned *)(base + f->count),
                 (size_t)indent + strlen(key) + 2);
    } else {
        fputc(' ', w->f);
        put_value(w->f, f, base + f->offset);
        fputc('\n', w->f);
    }
}

static void write_section(writer *w, const field *section, const char *base, int indent) {
    for (const field *f = NULL; (f = field_next(w->table, section, f));)
        if (wanted(w, f, base))
            write_field(w, f, base, indent);
}

void fields_write(FILE *f, const field *table, const void *base, unsigned parts) {
    writer w = {.f = f, .table = table, .root = base, .parts = parts};
    write_section(&w, NULL, base, 0);
}
