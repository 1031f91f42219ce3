/* SPDX-License-Identifier: MIT */
/* scope.c - where bits are promised. */
#include "bitfate.h"

#include <string.h>

bf_scope bf_arithmetic_scope(const bf_arithmetic *a) {
    return a->strict ? BF_SCOPE_ANY : BF_SCOPE_BINARY;
}

static const char *const scopes[] = {"any", "kernel", "binary"}; /* bf_scope */

const char *bf_scope_name(bf_scope scope) {
    return scopes[scope];
}

bool bf_scope_parse(const char *text, bf_scope *out) {
    const size_t n = strcspn(text, " ");
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strlen(scopes[i]) == n && memcmp(scopes[i], text, n) == 0) {
            *out = (bf_scope)i;
            return true;
        }
    return false;
}
