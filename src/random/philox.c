/* SPDX-License-Identifier: MIT */
/* philox.c - counter-based randomness: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011. Any draw can be computed alone, in any order. */
#include "base/assumptions.h"
#include "bitfate.h"

void bf_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c[0], p1 = UINT64_C(0xCD9E8D57) * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}

uint64_t bf_random(uint64_t seed, unsigned stream, uint64_t trial, uint32_t index, unsigned block) {
    uint32_t counter[4] = {index, (uint32_t)stream << 16 | (block & 0xffff), (uint32_t)trial,
                           (uint32_t)(trial >> 32)};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, out[4];
    bf_philox(counter, key, out);
    return (uint64_t)out[1] << 32 | out[0];
}
