/* SPDX-License-Identifier: MIT */
/* bytes.h - unsigned integers as bytes, least significant first, on any machine. */
#ifndef NUM_BYTES_H
#define NUM_BYTES_H

#include "base/assumptions.h"

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE16(x) __builtin_bswap16(x)
#define LITTLE32(x) __builtin_bswap32(x)
#define LITTLE64(x) __builtin_bswap64(x)
#else
#define LITTLE16(x) (x)
#define LITTLE32(x) (x)
#define LITTLE64(x) (x)
#endif

static inline void bytes_put16(uint8_t *p, uint16_t x) {
    x = LITTLE16(x);
    memcpy(p, &x, sizeof x);
}

static inline void bytes_put32(uint8_t *p, uint32_t x) {
    x = LITTLE32(x);
    memcpy(p, &x, sizeof x);
}

static inline void bytes_put64(uint8_t *p, uint64_t x) {
    x = LITTLE64(x);
    memcpy(p, &x, sizeof x);
}

static inline uint16_t bytes_get16(const uint8_t *p) {
    uint16_t x;
    memcpy(&x, p, sizeof x);
    return LITTLE16(x);
}

static inline uint32_t bytes_get32(const uint8_t *p) {
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return LITTLE32(x);
}

static inline uint64_t bytes_get64(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return LITTLE64(x);
}

#endif
