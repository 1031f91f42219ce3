/* SPDX-License-Identifier: MIT */
/* describe.c - what a table of fields says of itself. */
#include "experiment/field.h"

#include <string.h>

static const char *type_name(const field *f) {
    static const char *const names[] = {
        [FIELD_SECTION] = "section",   [FIELD_ITEMS] = "list of sections",
        [FIELD_TEXT] = "text",         [FIELD_NAME] = "name",
        [FIELD_WORD] = "word",         [FIELD_NUMBER] = "number",
        [FIELD_RATIONAL] = "rational", [FIELD_PATH] = "path",
        [FIELD_HASH] = "hash",         [FIELD_WHOLE] = "whole number",
        [FIELD_DECIMAL] = "decimal",   [FIELD_FLAG] = "flag",
        [FIELD_OWN] = "own",
    };
    static const char *const lists[] = {
        [FIELD_TEXT] = "list of texts",
        [FIELD_NUMBER] = "list of numbers",
        [FIELD_RATIONAL] = "list of rationals",
        [FIELD_WHOLE] = "list of whole numbers",
    };
    return f->many ? lists[f->type] : names[f->type];
}

static void describe(const field *table, const field *f, field_put *put, void *to) {
    phrase expected, when;
    field single = *f;
    single.many = false;
    snprintf(when.text, sizeof when.text, "%s: %s", f->when ? f->when : "", f->is ? f->is : "");
    put(to, &(field_description){.path = f->path,
                                 .type = type_name(f),
                                 .value = f->value,
                                 .needed = f->needed,
                                 .expected = f->type == FIELD_SECTION ? ""
                                             : f->type == FIELD_ITEMS
                                                 ? "a list"
                                                 : field_expected(table, &single, &expected),
                                 .when = f->when ? when.text : NULL,
                                 .summary = f->summary});
}

void fields_describe(const field *table, field_put *put, void *to) {
    for (const field *f = table; f->path; f++) {
        if (f->type != FIELD_OWN || *field_key(f) != '*')
            describe(table, f, put, to);
        if (f->type == FIELD_OWN && f->own->describe)
            f->own->describe(put, to);
    }
}
