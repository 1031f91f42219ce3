/* SPDX-License-Identifier: MIT */
/* hash.c - XXH3-128 in canonical order, so that every machine prints the same digits. */
#include "bitfate.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

bf_hash bf_hash_of(const void *bytes, size_t size) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
    bf_hash h;
    memcpy(h.bytes, canonical.digest, sizeof h.bytes);
    return h;
}

void bf_hash_text(const bf_hash *h, char out[33]) {
    for (int i = 0; i < 16; i++) { /* compilers turn this into a few vector instructions */
        const uint8_t high = h->bytes[i] >> 4, low = h->bytes[i] & 15;
        out[2 * i] = (char)(high + '0' + (high > 9 ? 'a' - '0' - 10 : 0));
        out[2 * i + 1] = (char)(low + '0' + (low > 9 ? 'a' - '0' - 10 : 0));
    }
    out[32] = '\0';
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool bf_hash_parse(const char *text, bf_hash *out) {
    for (int i = 0; i < 16; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return text[32] == '\0';
}

bool bf_hash_equal(const bf_hash *a, const bf_hash *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
