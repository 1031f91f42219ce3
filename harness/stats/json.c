/* SPDX-License-Identifier: MIT */
/* json.c - numbers in JSON. */
#include "stats/json.h"

#include "bitfate.h"

#include <math.h>
#include <stdio.h>

static json_t *unwritten(double x) {
    return isnan(x) ? json_null() : json_string(x > 0 ? "inf" : "-inf");
}

json_t *json_number(double x) {
    return isfinite(x) ? json_real(x) : unwritten(x);
}

json_t *json_hex(double x) {
    const bf_format f64 = bf_format_of(53);
    char text[64];
    uint8_t value[8];
    snprintf(text, sizeof text, "%a", x);
    if (!isfinite(x) || bf_number(&f64, text, value, NULL) != BF_OK)
        return unwritten(x);
    bf_to_hex(&f64, value, text, sizeof text); /* the same digits everywhere, unlike %a */
    return json_string(text);
}

json_t *json_estimate(estimate e) {
    return json_pack("{s:o, s:o, s:o}", "value", json_number(e.value), "low", json_number(e.low),
                     "high", json_number(e.high));
}
