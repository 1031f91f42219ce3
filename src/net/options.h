/* SPDX-License-Identifier: MIT */
/* options.h - options of layers, losses and optimisers: rows in their files, and the values that a
 * problem gives them. */
#ifndef NET_OPTIONS_H
#define NET_OPTIONS_H

#include "base/assumptions.h"
#include "bitfate.h"

/* Rows of the usual types; `value` is the default, limits count as within. A kind's file has an
 * enum beside its rows, by which it reads their values. */
#define OPTION(name_, type_, value_, low_, high_, expected_, summary_)             \
    {                                                                              \
        .name = name_, .type = type_, .value = value_, .low = low_, .high = high_, \
        .expected = expected_, .summary = summary_                                 \
    }
#define OPTION_COUNT(name, value, from, to, summary) \
    OPTION(name, BF_OPTION_COUNT, value, from, to, "a whole number from " from " to " to, summary)
#define OPTION_FLAG(name, value, summary) \
    OPTION(name, BF_OPTION_FLAG, value, NULL, NULL, "true or false", summary)
#define OPTION_FINITE(name, value, summary) \
    OPTION(name, BF_OPTION_NUMBER, value, NULL, NULL, "a finite number", summary)
#define OPTION_NOT_NEGATIVE(name, value, summary) \
    OPTION(name, BF_OPTION_NUMBER, value, "0", NULL, "a finite number, 0 or above", summary)
/* Those that the optimisers share. */
#define OPTION_BETA(name_, value_, summary_)                                               \
    {                                                                                      \
        .name = name_, .type = BF_OPTION_NUMBER, .value = value_, .low = "0", .high = "1", \
        .high_open = true, .expected = "a number from 0, below 1", .summary = summary_     \
    }
#define OPTION_WEIGHT_DECAY(value_, summary_)                                                \
    {                                                                                        \
        .name = "weight_decay", .alias = "decay", .type = BF_OPTION_NUMBER, .value = value_, \
        .low = "0", .expected = "a finite number, 0 or above", .summary = summary_           \
    }
#define OPTION_END \
    { .name = NULL }

/* Rows of a kind at most. */
enum { MAX_OPTIONS = 8 };

/* The value of an option, as its type has it. */
typedef struct option_value {
    const char *text; /* as it was given, or the default */
    size_t count;
    bool flag, zero; /* zero: of a number */
} option_value;

/* The values of all rows, in their order; texts are those of the rows and the settings. */
BF_MUST_CHECK bf_status bf_options_read(const bf_option *rows, const bf_setting *settings, size_t n,
                                        option_value *out, bf_error *err);

#endif
