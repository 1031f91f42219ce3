/* SPDX-License-Identifier: MIT */
/* hash.c - XXH3-128 in canonical order, so that every machine prints the same digits. */
#include "bitfate.h"

#include "num/bytes.h"

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

/* The 8 hexadecimal digits of 4 bytes, computed side by side in one word. */
static void put_digits(const uint8_t *bytes, char *out) {
    uint64_t w = bytes_get32(bytes); /* spread out: every byte over two */
    w = (w | w << 16) & UINT64_C(0x0000ffff0000ffff);
    w = (w | w << 8) & UINT64_C(0x00ff00ff00ff00ff);
    w = (w >> 4 & UINT64_C(0x000f000f000f000f)) | (w & UINT64_C(0x000f000f000f000f)) << 8;
    /* 6 more make a digit above 9 carry into bit 4; those are 'a' - '0' - 10 = 39 further on. */
    const uint64_t letters = (w + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    w += UINT64_C(0x3030303030303030) + letters * 39;
    bytes_put64((uint8_t *)out, w);
}

void bf_hash_text(const bf_hash *h, char out[33]) {
    for (int i = 0; i < 4; i++)
        put_digits(h->bytes + 4 * i, out + 8 * i);
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
