/* SPDX-License-Identifier: MIT */
/* writing.c - numbers as readers want them. */
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void put_count(FILE *f, uint64_t n) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (length > 4 && i > 0 && (length - i) % 3 == 0)
            fputs(NARROW_SPACE, f);
        fputc(digits[i], f);
    }
}

static void put_signed(FILE *f, double x, int decimals, const char *minus, const char *infinite) {
    if (isnan(x))
        fputs("?", f);
    else if (isinf(x))
        fprintf(f, "%s%s", x > 0 ? "" : minus, infinite);
    else { /* what is rounded to 0 has no sign */
        char text[400];
        snprintf(text, sizeof text, "%.*f", decimals, fabs(x));
        fprintf(f, "%s%s", x < 0 && strspn(text, "0.") < strlen(text) ? minus : "", text);
    }
}

void put_number(FILE *f, double x, int decimals) {
    put_signed(f, x, decimals, "−", "∞");
}

int writing_decimals_of(estimate e, int least) {
    double half = (e.high - e.low) / 2;
    if (!isfinite(half))
        half = fabs(isfinite(e.value) ? e.value : e.low) / 10;
    if (!isfinite(half) || half <= 0)
        half = 0.01;
    return (int)fmin(9, fmax(least, -floor(log10(half / 3.5))));
}

void put_estimate(FILE *f, estimate e, int least_decimals, const char *unit) {
    if (isnan(e.value)) {
        fputs("–", f);
        return;
    }
    int decimals = writing_decimals_of(e, least_decimals);
    put_number(f, e.value, decimals);
    fprintf(f, "%s" HARD_SPACE "[", unit);
    put_number(f, e.low, decimals);
    fputs("," HARD_SPACE, f);
    put_number(f, e.high, decimals);
    fputs("]", f);
}

estimate writing_percent(uint64_t k, uint64_t n) {
    estimate e = stats_share(k, n);
    return (estimate){100 * e.value, 100 * e.low, 100 * e.high};
}

void put_share(FILE *f, uint64_t k, uint64_t n) {
    put_estimate(f, writing_percent(k, n), 1, NARROW_SPACE "%");
}

void put_bare_share(FILE *f, uint64_t k, uint64_t n) {
    estimate e = writing_percent(k, n);
    put_number(f, e.value, writing_decimals_of(e, 1));
    fputs(NARROW_SPACE "%", f);
}

void put_ratio(FILE *f, uint64_t k, uint64_t n) {
    put_count(f, k);
    fputs(NARROW_SPACE "/" NARROW_SPACE, f);
    put_count(f, n);
}

void put_power_of_ten(FILE *f, long power) {
    static const char *const superscript[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[32];
    snprintf(digits, sizeof digits, "%ld", labs(power));
    fprintf(f, "10%s", power < 0 ? "⁻" : "");
    for (const char *p = digits; *p; p++)
        fputs(superscript[*p - '0'], f);
}

/* An eps: `1e-16` as 10⁻¹⁶, `3.2e-8` as 3.2 × 10⁻⁸, any other text as it is. */
void put_eps(FILE *f, const char *text) {
    size_t mantissa = strspn(text, "0123456789.");
    char *end = NULL;
    long power = text[mantissa] == 'e' ? strtol(text + mantissa + 1, &end, 10) : 0;
    if (mantissa == 0 || !end || *end || labs(power) > 1000000) {
        fputs(text, f);
        return;
    }
    if (strncmp(text, "1e", 2) != 0)
        fprintf(f, "%.*s" NARROW_SPACE "×" NARROW_SPACE, (int)mantissa, text);
    put_power_of_ten(f, power);
}

static const perturbation_words perturbations[] = {
    {"cube", "a perturbation of ", "", "size ε of the perturbation", NULL, false},
    {"gaussian", "a normal perturbation of deviation ", "",
     "standard deviation ε of the perturbation",
     "ε is the standard deviation of the normal number that is added to each parameter.", false},
    {"bit", "a flip of the last bit in ", HARD_SPACE "of the parameters",
     "parameters ε whose last bit is flipped",
     "ε is the number of parameters, chosen at random, in which the last bit of the significand is "
     "flipped.",
     true},
    {"ulps", "a step of ", HARD_SPACE "ulp in every parameter",
     "step ε of every parameter, in units in the last place",
     "ε is the number of units in the last place by which every parameter is moved, up or down at "
     "random.",
     true},
};

perturbation_words writing_perturbation(const char *name) {
    for (size_t i = 0; i < sizeof perturbations / sizeof *perturbations; i++)
        if (strcmp(perturbations[i].name, name) == 0)
            return perturbations[i];
    return (perturbation_words){.name = name, .axis = "size ε of the perturbation"};
}

void put_scale(FILE *f, const perturbation_words *w, const char *eps) {
    if (w->counts)
        put_count(f, (uint64_t)strtod(eps, NULL));
    else
        put_eps(f, eps);
}

void put_perturbation(FILE *f, const perturbation_words *w, const char *eps) {
    if (w->before)
        fputs(w->before, f);
    else
        fprintf(f, "a perturbation (%s) of ", w->name);
    put_scale(f, w, eps);
    fputs(w->before ? w->after : "", f);
}

void put_factor(FILE *f, double log10_factor) {
    const double most = 1000000;
    if (log10_factor < 3)
        put_number(f, pow(10, log10_factor), log10_factor < 1 ? 1 : 0);
    else if (log10_factor < most)
        put_power_of_ten(f, lround(log10_factor));
    else {
        fputs("more than ", f);
        put_power_of_ten(f, lround(most));
    }
}

void put_plain(FILE *f, estimate e) {
    if (isnan(e.value))
        fputs("-", f);
    else {
        int d = writing_decimals_of(e, 0);
        put_signed(f, e.value, d, "-", "inf");
        fputs(" [", f);
        put_signed(f, e.low, d, "-", "inf");
        fputs(",", f);
        put_signed(f, e.high, d, "-", "inf");
        fputs("]", f);
    }
}
