/* SPDX-License-Identifier: MIT */
/* shorthand.c - what a file may say in short, in full. */
#include "experiment/fields.h"

#include <float.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

/* ---- init ----------------------------------------------------------------------------------- */

/* `planes` -> `{planes: }` */
static bool unfold(loader *l, node *init) {
    node *name = tree_text(l, init->text, init), *value = tree_text(l, "", init);
    if (!name || !value)
        return false;
    value->null = true;
    tree_become(init, MAP);
    tree_append(init, name, value);
    return true;
}

static const field *distribution(const field *init, const char *name) {
    const field *f = NULL;
    while ((f = field_next(experiment_table, init, f)))
        if (strcmp(field_key(f), name) == 0 || field_has_word(f, name))
            return f;
    return NULL;
}

/* Keep one distribution: the one that was overridden last; at a draw, values. */
bool plain_init(loader *l) {
    phrase list = {""};
    node *init = tree_find(l->root, "init"), *best = NULL;
    const field *row = field_at(experiment_table, "init");
    if (!init)
        return true;
    if (init->kind == SCALAR && !init->null && !unfold(l, init))
        return false;
    size_t best_score = 0;
    const node *rival = NULL;
    field_names(&list, "one of ", experiment_table, row, NULL);
    for (node *c = init->kind == MAP ? init->first : NULL; c; c = c->next) {
        const size_t score = 2 * c->touched + (strcmp(c->key->text, "values") == 0);
        if (!distribution(row, c->key->text))
            return tree_fail(l, c->key, "unknown distribution '%.40s' in init; expected %s",
                             c->key->text, list.text);
        rival = !best || score > best_score ? NULL : score == best_score ? c : rival;
        if (!best || score > best_score) {
            best = c;
            best_score = score;
        }
    }
    if (!best)
        return tree_fail(l, init, "init is empty or a list; expected a mapping with %s", list.text);
    if (rival)
        return tree_fail(l, init, "init has both %s and %s; expected one of them", rival->key->text,
                         best->key->text);
    init->first = best;
    best->next = NULL;
    return true;
}

/* ---- eps ------------------------------------------------------------------------------------ */

/* 10^(log10 from + i/(points-1) (log10 to - log10 from)), to 6 significant digits. Every function
 * used is correctly rounded, so that the text is the same everywhere. */
static void eps_text(char out[32], double from, double to, uint64_t i, uint64_t points) {
    mpfr_t a, b;
    mpfr_inits2(256, a, b, (mpfr_ptr)0);
    mpfr_set_d(a, from, MPFR_RNDN);
    mpfr_log10(a, a, MPFR_RNDN);
    mpfr_set_d(b, to, MPFR_RNDN);
    mpfr_log10(b, b, MPFR_RNDN);
    mpfr_sub(b, b, a, MPFR_RNDN);
    mpfr_mul_ui(b, b, (unsigned long)i, MPFR_RNDN);
    mpfr_div_ui(b, b, (unsigned long)(points > 1 ? points - 1 : 1), MPFR_RNDN);
    mpfr_add(a, a, b, MPFR_RNDN);
    mpfr_exp10(a, a, MPFR_RNDN);
    char digits[16];
    mpfr_exp_t exponent;
    mpfr_get_str(digits, &exponent, 10, 6, a, MPFR_RNDN);
    mpfr_clears(a, b, (mpfr_ptr)0);
    size_t n = 6;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    snprintf(out, 32, "%c%s%.*se%ld", digits[0], n > 1 ? "." : "", (int)n - 1, digits + 1,
             (long)exponent - 1);
}

/* Written instead of a list. */
typedef struct eps_range {
    char *from, *to;
    uint64_t points;
} eps_range;

#define IN(member) .offset = offsetof(eps_range, member), .size = sizeof((eps_range *)0)->member
#define POSITIVE .low = DBL_TRUE_MIN, .high = DBL_MAX
static const field range_table[] = {
    {"from", FIELD_NUMBER, IN(from), .needed = true, POSITIVE},
    {"to", FIELD_NUMBER, IN(to), .needed = true, POSITIVE},
    {"points", FIELD_WHOLE, IN(points), .needed = true, .low = 1, .high = 10000},
    {.path = NULL},
};

static bool spread_range(loader *l, node *eps, const eps_range *r) {
    const node *from = tree_find(eps, "from"), *to = tree_find(eps, "to");
    double low = 0, high = 0;
    if (bf_number_double(r->from, &low, NULL) != BF_OK ||
        bf_number_double(r->to, &high, NULL) != BF_OK || (r->points == 1 && low != high))
        return tree_fail(
            l, tree_find(eps, "points"),
            "sweep.eps.points is 1 from %.40s to %.40s; expected at least 2, or from = to", r->from,
            r->to);
    if (r->points > 1 && !ordered_fields(l, from, to, "sweep.eps"))
        return false;
    tree_become(eps, LIST);
    node **tail = &eps->first;
    for (uint64_t i = 0; i < r->points; i++, tail = &(*tail)->next) {
        char text[32];
        eps_text(text, low, high, i, r->points);
        *tail = tree_text(l, text, eps);
        if (!*tail)
            return false;
    }
    return true;
}

bool plain_eps(loader *l) {
    node *eps = tree_follow(l, "sweep.eps");
    if (!eps || eps->kind == LIST)
        return true;
    if (eps->kind == SCALAR) {
        node *only = tree_text(l, eps->text, eps);
        tree_become(eps, LIST);
        eps->first = only;
        return only != NULL;
    }
    if (tree_find(eps, "values")) {
        tree_assign(eps, tree_find(eps, "values"));
        return true;
    }
    eps_range r = {.from = NULL};
    const bool good = fields_read(l, range_table, eps, "sweep.eps", &r) && spread_range(l, eps, &r);
    fields_free(range_table, &r);
    return good;
}

/* ---- the name ------------------------------------------------------------------------------- */

/* In the letters that a name may have. */
bool plain_name(loader *l) {
    char name[MAX_NAME + 1];
    if (tree_find(l->root, "name"))
        return true;
    const char *slash = strrchr(l->origin, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : l->origin);
    char *dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = '\0';
    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && !strchr("._-", *c))
            *c = '-';
    }
    return tree_put(l, l->root, "name", tree_text(l, *name ? name : "experiment", l->root));
}
