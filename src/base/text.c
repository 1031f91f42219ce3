/* SPDX-License-Identifier: MIT */
/* text.c - texts that strangers wrote, and arrays that grow. */
#include "bitfate.h"

#include <stdlib.h>
#include <string.h>

/* Length of the UTF-8 character at s by RFC 3629: the shortest form, no surrogates, none above
 * U+10FFFF; 0 when there is none. */
static size_t utf8_length(const unsigned char *s) {
    const size_t length = *s < 0x80   ? 1
                          : *s < 0xc2 ? 0
                          : *s < 0xe0 ? 2
                          : *s < 0xf0 ? 3
                          : *s < 0xf5 ? 4
                                      : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xf0 && s[1] < 0x90);
    const bool surrogate = *s == 0xed && s[1] >= 0xa0, above = *s == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || above ? 0 : length;
}

static bool is_control(const unsigned char *s, size_t length) {
    if (length == 1)
        return *s < ' ' || *s == 0x7f;
    if (length == 2)
        return s[0] == 0xc2 && s[1] < 0xa0;
    const bool separator = s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9);
    const bool mark = s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf;
    const bool no_character = s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe;
    return length == 3 && (separator || mark || no_character);
}

size_t bf_text_character(const char *text, bool lines) {
    const unsigned char *s = (const unsigned char *)text;
    if (lines && (*s == '\n' || *s == '\t'))
        return 1;
    const size_t length = utf8_length(s);
    return length > 0 && is_control(s, length) ? 0 : length;
}

void bf_text_printable(char *text, bool lines) {
    for (char *c = text; *c;) {
        const size_t length = bf_text_character(c, lines);
        if (length == 0)
            *c = '?';
        c += length ? length : 1;
    }
}

bf_status bf_array_grow(void *array, size_t *room, size_t n, size_t size, bf_error *err) {
    if (n <= *room)
        return BF_OK;
    const size_t doubled = *room < SIZE_MAX / 2 ? 2 * *room : n, least = n < 8 ? 8 : n;
    const size_t wanted = doubled > least ? doubled : least;
    void *items; /* whatever type of pointer it is */
    memcpy(&items, array, sizeof items);
    items = wanted <= SIZE_MAX / size ? realloc(items, wanted * size) : NULL;
    if (!items)
        return bf_no_memory(err);
    memcpy(array, &items, sizeof items);
    *room = wanted;
    return BF_OK;
}
