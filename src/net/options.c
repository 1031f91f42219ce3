/* SPDX-License-Identifier: MIT */
/* options.c - checks what a problem gives to the options of layers, losses and optimisers. */
#include "net/options.h"

#include "num/format.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const bf_option *bf_option_find(const bf_option *options, const char *name) {
    for (const bf_option *o = options; o->name; o++)
        if (strcmp(o->name, name) == 0 || (o->alias && strcmp(o->alias, name) == 0))
            return o;
    return NULL;
}

/* A whole number without sign or leading zeros, of at most 18 digits. */
static bool whole(const char *text, size_t *out) {
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] || (digits > 1 && *text == '0'))
        return false;
    *out = (size_t)strtoull(text, NULL, 10);
    return true;
}

static bool accepts_count(const bf_option *o, const char *text) {
    size_t value, low, high;
    return whole(text, &value) && (!o->low || (whole(o->low, &low) && low <= value)) &&
           (!o->high || (whole(o->high, &high) && value <= high));
}

static bool accepts_number(const bf_option *o, const char *text) {
    int order;
    if (bf_number_sign(text, &order, NULL) != BF_OK)
        return false;
    if (o->low && (bf_number_compare(text, o->low, &order, NULL) != BF_OK || order < 0 ||
                   (o->low_open && order == 0)))
        return false;
    return !o->high || (bf_number_compare(text, o->high, &order, NULL) == BF_OK && order <= 0 &&
                        !(o->high_open && order == 0));
}

/* Characters of a value at most. */
enum { MAX_VALUE = 1000 };

bool bf_option_accepts(const bf_option *option, const char *value) {
    if (strlen(value) > MAX_VALUE)
        return false;
    switch (option->type) {
    case BF_OPTION_COUNT:
        return accepts_count(option, value);
    case BF_OPTION_NUMBER:
        return accepts_number(option, value);
    case BF_OPTION_FLAG:
        break;
    }
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

/* "expected one of width, bias" */
static bf_status unknown_option(const bf_option *rows, const char *name, bf_error *err) {
    char list[400] = "no options";
    for (size_t i = 0, used = 0; rows[i].name && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "one of ",
                                 rows[i].name);
    return bf_fail(err, BF_EINPUT, "unknown option '%.40s'; expected %s", name, list);
}

/* The texts that were given, by row; NULL: none. */
static bf_status take_settings(const bf_option *rows, const bf_setting *settings, size_t n,
                               option_value *out, bf_error *err) {
    for (const bf_setting *given = settings; given < settings + n; given++) {
        const bf_option *row = bf_option_find(rows, given->name);
        if (!given->value)
            continue;
        if (!row)
            return unknown_option(rows, given->name, err);
        if (out[row - rows].text)
            return bf_fail(err, BF_EINPUT, "%s is given twice; expected it once", row->name);
        if (!bf_option_accepts(row, given->value))
            return bf_fail(err, BF_EINPUT, "%.40s is '%.60s'; expected %s", given->name,
                           given->value, row->expected);
        out[row - rows].text = given->value;
    }
    return BF_OK;
}

bf_status bf_options_read(const bf_option *rows, const bf_setting *settings, size_t n,
                          option_value *out, bf_error *err) {
    size_t n_rows = 0;
    while (rows[n_rows].name)
        n_rows++;
    assert(n_rows <= MAX_OPTIONS);
    memset(out, 0, n_rows * sizeof *out);
    bf_status s = take_settings(rows, settings, n, out, err);
    for (size_t i = 0; i < n_rows && s == BF_OK; i++) {
        option_value *v = &out[i];
        int sign;
        if (!v->text)
            v->text = rows[i].value;
        if (!v->text)
            return bf_fail(err, BF_EINPUT, "%s is missing; expected %s", rows[i].name,
                           rows[i].expected);
        v->flag = strcmp(v->text, "true") == 0;
        v->zero = bf_number_sign(v->text, &sign, NULL) == BF_OK && sign == 0;
        if (rows[i].type == BF_OPTION_COUNT && !whole(v->text, &v->count))
            v->count = 0;
    }
    return s;
}
