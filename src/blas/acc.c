/* SPDX-License-Identifier: MIT */
/* acc.c - exact sums on their way: superacc.h for the public. */
#include "bitfate.h"
#include "base/bytes.h"
#include "num/environment.h"
#include "num/sum/superacc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(BF_ACC_BYTES == 8 + 4 * SUPERACC_WORDS, "encoding");

static const uint8_t magic[7] = "bfacc1";
enum { KIND = 7, WORDS = 8 }; /* offsets */
/* A product is a multiple of 2^-2148: the lowest word is one of 2^28. */
enum { LOWEST_MASK = 0x0fffffff };

bf_status bf_acc_new(bf_acc **out, bf_error *err) {
    *out = malloc(sizeof **out);
    if (!*out)
        return bf_no_memory(err);
    bf_superacc_zero(*out);
    return BF_OK;
}

void bf_acc_free(bf_acc *acc) {
    free(acc);
}

void bf_acc_zero(bf_acc *acc) {
    bf_superacc_zero(acc);
}

void bf_acc_add(bf_acc *acc, double x) {
    bf_superacc_add_f64(acc, x);
}

void bf_acc_addmul(bf_acc *acc, double x, double y) {
    const environment found = environment_enter(); /* infinity times a subnormal number */
    bf_superacc_addmul_f64(acc, x, y);
    environment_leave(found);
}

bf_status bf_acc_merge(bf_acc *acc, const bf_acc *other, bf_error *err) {
    struct superacc sum = *acc;
    uint32_t words[SUPERACC_WORDS];
    bf_superacc_merge(&sum, other);
    if (!bf_superacc_get_words(&sum, words))
        return bf_fail(err, BF_EINPUT, "the sum of two accumulators is not within +-2^2112");
    *acc = sum;
    return BF_OK;
}

double bf_acc_round_f64(const bf_acc *acc) {
    return bf_superacc_round_f64(acc);
}

float bf_acc_round_f32(const bf_acc *acc) {
    return bf_superacc_round_f32(acc);
}

void bf_acc_write(const bf_acc *acc, uint8_t out[BF_ACC_BYTES]) {
    uint32_t words[SUPERACC_WORDS] = {0};
    const enum superacc_kind kind = bf_superacc_kind_of(acc);
    if (kind == SUPERACC_FINITE)
        (void)bf_superacc_get_words(acc, words); /* every way to add keeps it in range */
    memcpy(out, magic, sizeof magic);
    out[KIND] = (uint8_t)kind;
    for (size_t i = 0; i < SUPERACC_WORDS; i++)
        bytes_put32(out + WORDS + 4 * i, words[i]);
}

bf_status bf_acc_read(bf_acc *acc, const uint8_t *bytes, size_t size, bf_error *err) {
    if (size != BF_ACC_BYTES)
        return bf_fail(err, BF_EINPUT, "an accumulator of %zu bytes; expected %d", size,
                       BF_ACC_BYTES);
    if (memcmp(bytes, magic, sizeof magic) != 0 || bytes[KIND] > SUPERACC_NAN)
        return bf_fail(err, BF_EINPUT,
                       "not an accumulator: expected \"bfacc1\", a zero byte, and 0 to 3");
    const enum superacc_kind kind = bytes[KIND];
    uint32_t words[SUPERACC_WORDS], any = 0;
    for (size_t i = 0; i < SUPERACC_WORDS; i++)
        any |= words[i] = bytes_get32(bytes + WORDS + 4 * i);
    const uint32_t sign = words[SUPERACC_WORDS - 1];
    if ((words[0] & LOWEST_MASK) != 0 || (sign != 0 && sign != UINT32_MAX))
        return bf_fail(err, BF_EINPUT,
                       "an accumulator's value is no sum of products: expected a multiple of "
                       "2^-2148 within +-2^2112");
    if (kind != SUPERACC_FINITE && any != 0)
        return bf_fail(err, BF_EINPUT,
                       "an accumulator that is not finite with a value; expected zeros");
    bf_superacc_set_words(acc, kind, words);
    return BF_OK;
}
