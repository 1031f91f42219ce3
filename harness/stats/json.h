/* SPDX-License-Identifier: MIT */
/* json.h - numbers in JSON, where NaN and infinity have no place. */
#ifndef JSON_H
#define JSON_H

#include "stats/stats.h"

#include <jansson.h>

/* null: there is none (NaN); the texts "inf" and "-inf": infinite. */
json_t *json_number(double x);
/* The same as hex float, exact: a text. */
json_t *json_hex(double x);
/* {value, low, high} */
json_t *json_estimate(estimate e);

#endif
