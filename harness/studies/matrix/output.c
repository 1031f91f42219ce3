/* SPDX-License-Identifier: MIT */
/* output.c - a matrix for people and for other programs. */
#include "studies/matrix/output.h"

#include "cli/output.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Of a cell's values, and of what is said of a difference: characters. */
enum { TEXT = 1024 };

/* ---- for people --------------------------------------------------------------------------- */

/* Which values a group has on axis i. (n values) */
static void values_seen(const matrix *m, size_t group, unsigned i, bool *seen) {
    const axes *a = m->plan->axes;
    memset(seen, 0, a->list[i].n * sizeof *seen);
    for (size_t c = 0; c < a->cells; c++)
        if (m->cells[c].state == CELL_RAN && m->cells[c].group == group)
            seen[axes_value(a, c, i)] = true;
}

/* Whether a group is a product: all that ran with values that it has, are in it. */
static bool is_product(const matrix *m, size_t group, bool *const *seen) {
    const axes *a = m->plan->axes;
    for (size_t c = 0; c < a->cells; c++) {
        bool within = m->cells[c].state == CELL_RAN && m->cells[c].group != group;
        for (unsigned i = 0; i < a->n && within; i++)
            within = !m->explains[i] || seen[i][axes_value(a, c, i)];
        if (within)
            return false;
    }
    return true;
}

/* `flush=off rounding=nearest|up`; axes with all their values are left out. */
static void print_product(const matrix *m, bool *const *seen, FILE *f) {
    const axes *a = m->plan->axes;
    bool all = true;
    for (unsigned i = 0; i < a->n; i++) {
        unsigned n = 0;
        for (unsigned v = 0; v < a->list[i].n; v++)
            n += seen[i][v];
        const char *before = all ? "" : " ";
        for (unsigned v = 0; v < a->list[i].n && m->explains[i] && n < a->list[i].n; v++)
            if (seen[i][v]) {
                fprintf(f, "%s%s%s%s", before, *before == '|' ? "" : a->list[i].name,
                        *before == '|' ? "" : "=", a->list[i].values[v]);
                before = "|";
                all = false;
            }
    }
    fputs(all ? "everywhere" : "", f);
}

/* The first few combinations of values of the explaining axes that a group has. */
static void print_combinations(const matrix *m, size_t group, FILE *f) {
    enum { SHOWN = 4 };
    char shown[SHOWN][TEXT], text[TEXT];
    size_t n = 0;
    for (size_t c = 0; c < m->plan->axes->cells; c++) {
        if (m->cells[c].state != CELL_RAN || m->cells[c].group != group)
            continue;
        matrix_values(m, c, m->explains, text, sizeof text);
        size_t i = 0;
        while (i < n && strcmp(shown[i], text) != 0)
            i++;
        if (i < n)
            continue;
        if (n == SHOWN) {
            fputs("; ...", f);
            return;
        }
        fprintf(f, "%s%s", n ? "; " : "", text);
        memcpy(shown[n++], text, sizeof text);
    }
}

/* Where in the matrix a group lies, by the explaining axes. */
static void print_members(const matrix *m, size_t group, FILE *f) {
    const axes *a = m->plan->axes;
    bool *seen[AXES_MAX] = {NULL}, whole = true;
    for (unsigned i = 0; i < a->n && whole; i++) {
        seen[i] = calloc(a->list[i].n, sizeof **seen);
        whole = seen[i] != NULL;
        if (whole)
            values_seen(m, group, i, seen[i]);
    }
    if (whole && is_product(m, group, seen))
        print_product(m, seen, f);
    else
        print_combinations(m, group, f);
    for (unsigned i = 0; i < a->n; i++)
        free(seen[i]);
}

static void print_groups(const matrix *m, FILE *f) {
    char name[8], hash[33];
    if (m->n_groups > 0)
        fputs("group  cells  hash                              outcome   where\n", f);
    for (size_t g = 0; g < m->n_groups; g++) {
        const matrix_cell *c = &m->cells[m->groups[g].first];
        bf_hash_text(&c->hash, hash);
        fprintf(f, "%-5s  %5zu  %-32s  %-8s  ", matrix_group_name(g, name), m->groups[g].cells,
                m->plan->by_outcome ? "" : hash, c->outcome);
        print_members(m, g, f);
        fputc('\n', f);
    }
}

static void print_explanation(const matrix *m, FILE *f) {
    const axes *a = m->plan->axes;
    const char *what = m->plan->by_outcome ? "outcome" : "bits";
    unsigned n = 0;
    if (m->n_varying > 0)
        fprintf(f, "No set of axes explains the %s: %zu of %zu cells vary when run again.\n", what,
                m->n_varying, a->cells);
    if (m->n_groups == 0)
        return;
    if (m->n_groups == 1) {
        fprintf(f, "%s cells have the same %s: no axis matters.\n",
                m->n_varying + m->n_missing > 0 ? "The other" : "All", what);
        return;
    }
    for (unsigned i = 0; i < a->n; i++)
        if (m->explains[i])
            fprintf(f, "%s%s", n++ ? ", " : "Explained by ", a->list[i].name);
    fprintf(f, ": %scells that agree on %s have the same %s.\n",
            m->n_varying + m->n_missing > 0 ? "of the others, " : "", n == 1 ? "it" : "these",
            what);
}

/* Whether an earlier cell has no result for the same reason. */
static bool said_before(const matrix *m, size_t cell) {
    const matrix_cell *c = &m->cells[cell];
    for (size_t i = 0; i < cell; i++)
        if (m->cells[i].state == c->state && strcmp(m->cells[i].reason, c->reason) == 0)
            return true;
    return false;
}

static size_t count_alike(const matrix *m, size_t cell) {
    const matrix_cell *c = &m->cells[cell];
    size_t n = 0;
    for (size_t i = cell; i < m->plan->axes->cells; i++)
        n += m->cells[i].state == c->state && strcmp(m->cells[i].reason, c->reason) == 0;
    return n;
}

/* Cells that vary, and the first of those that have no result for one reason. */
static void print_strays(const matrix *m, FILE *f) {
    char values[TEXT], text[TEXT];
    const difference_element none = {.known = false};
    for (size_t i = 0; i < m->plan->axes->cells; i++) {
        const matrix_cell *c = &m->cells[i];
        const bool varies = c->state == CELL_VARIES;
        if (c->state == CELL_RAN || (!varies && said_before(m, i)))
            continue;
        const size_t alike = varies ? 1 : count_alike(m, i);
        snprintf(text, sizeof text, "%s", c->reason);
        if (varies)
            difference_text(&c->varies, &none, text, sizeof text);
        matrix_values(m, i, NULL, values, sizeof values);
        fprintf(f, "%-10s  %s: %s\n", matrix_state(c->state), values, text);
        if (alike > 1)
            fprintf(f, "%12sso %s %zu more\n", "", alike == 2 ? "is" : "are", alike - 1);
    }
}

static void pair_text(const matrix_pair *p, char *out, size_t size) {
    if (p->where.same)
        snprintf(out, size, "the traces are the same");
    else
        difference_text(&p->where, &p->what, out, size);
}

static void print_pairs(const matrix *m, FILE *f) {
    char a[8], b[8], text[TEXT];
    for (size_t i = 0; i < m->n_pairs; i++) {
        const matrix_pair *p = &m->pairs[i];
        pair_text(p, text, sizeof text);
        fprintf(f, "%s-%s  %s\n", matrix_group_name(p->a, a), matrix_group_name(p->b, b), text);
    }
}

void matrix_print(const matrix *m, FILE *f) {
    const axes *a = m->plan->axes;
    for (unsigned i = 0; i < a->n; i++)
        fprintf(f, "%s%s %u", i ? ", " : "", a->list[i].name, a->list[i].n);
    fprintf(f, "%s%zu cell%s, each run %" PRIu64 " time%s\n\n", a->n ? ": " : "", a->cells,
            a->cells == 1 ? "" : "s", m->plan->repeat, m->plan->repeat == 1 ? "" : "s");
    print_groups(m, f);
    fputs(m->n_groups ? "\n" : "", f);
    print_explanation(m, f);
    if (m->n_pairs > 0)
        fputs("\nFirst differences:\n", f);
    print_pairs(m, f);
    if (m->n_varying + m->n_missing > 0)
        fputs("\nCells in no group:\n", f);
    print_strays(m, f);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *axes_json(const axes *a) {
    json_t *list = json_array();
    for (unsigned i = 0; i < a->n; i++) {
        json_t *values = json_array();
        for (unsigned v = 0; v < a->list[i].n; v++)
            json_array_append_new(values, json_string(a->list[i].values[v]));
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "name", a->list[i].name, "values", values));
    }
    return list;
}

static json_t *cell_json(const matrix *m, size_t cell) {
    const matrix_cell *c = &m->cells[cell];
    const axes *a = m->plan->axes;
    const bool ran = c->state == CELL_RAN || c->state == CELL_VARIES;
    const difference_element none = {.known = false};
    char hash[33], name[8];
    json_t *values = json_object();
    for (unsigned i = 0; i < a->n; i++)
        json_object_set_new(values, a->list[i].name,
                            json_string(a->list[i].values[axes_value(a, cell, i)]));
    bf_hash_text(&c->hash, hash);
    return json_pack("{s:o, s:s, s:s?, s:s?, s:s?, s:o, s:s?, s:o, s:s}", "values", values, "state",
                     matrix_state(c->state), "group",
                     c->state == CELL_RAN ? matrix_group_name(c->group, name) : NULL, "hash",
                     ran ? hash : NULL, "outcome", ran ? c->outcome : NULL, "steps",
                     ran ? json_integer((json_int_t)c->steps) : json_null(), "reason",
                     c->reason[0] ? c->reason : NULL, "varies",
                     c->state == CELL_VARIES ? difference_json(&c->varies, &none, NULL)
                                             : json_null(),
                     "command", c->command);
}

static json_t *groups_json(const matrix *m) {
    json_t *list = json_array();
    char name[8], hash[33];
    for (size_t g = 0; g < m->n_groups; g++) {
        const matrix_cell *c = &m->cells[m->groups[g].first];
        bf_hash_text(&c->hash, hash);
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:s, s:s}", "name", matrix_group_name(g, name),
                            "cells", (json_int_t)m->groups[g].cells, "first",
                            (json_int_t)m->groups[g].first, "hash", hash, "outcome", c->outcome));
    }
    return list;
}

static json_t *pairs_json(const matrix *m) {
    json_t *list = json_array();
    char a[8], b[8];
    for (size_t i = 0; i < m->n_pairs; i++) {
        const matrix_pair *p = &m->pairs[i];
        json_t *pair = json_pack("{s:[s, s]}", "groups", matrix_group_name(p->a, a),
                                 matrix_group_name(p->b, b));
        json_t *what = difference_json(&p->where, &p->what, NULL);
        json_object_update(pair, what);
        json_decref(what);
        json_array_append_new(list, pair);
    }
    return list;
}

json_t *matrix_json(const matrix *m) {
    const matrix_plan *p = m->plan;
    json_t *cells = json_array(), *by = json_array();
    for (size_t i = 0; i < p->axes->cells; i++)
        json_array_append_new(cells, cell_json(m, i));
    for (unsigned i = 0; i < p->axes->n; i++)
        if (m->explains[i])
            json_array_append_new(by, json_string(p->axes->list[i].name));
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:b, s:o, s:o, s:o}", "experiment",
                     p->x->name, "file", p->path, "compared", p->by_outcome ? "outcome" : "bits",
                     "steps", (json_int_t)p->x->train.steps, "repeat", (json_int_t)p->repeat,
                     "limit", (json_int_t)p->limit, "axes", axes_json(p->axes), "groups",
                     groups_json(m), "explained", m->n_varying == 0, "explained_by", by,
                     "differences", pairs_json(m), "cells", cells);
}

/* ---- JUnit -------------------------------------------------------------------------------- */

/* A text as XML has it, in an attribute or an element. The text is UTF-8; what XML cannot say at
 * all becomes a question mark. */
static void put_xml(FILE *f, const char *text) {
    for (const char *p = text; *p; p++)
        switch (*p) {
        case '&':
            fputs("&amp;", f);
            break;
        case '<':
            fputs("&lt;", f);
            break;
        case '>':
            fputs("&gt;", f);
            break;
        case '"':
            fputs("&quot;", f);
            break;
        case '\n':
        case '\t':
            fprintf(f, "&#%d;", *p);
            break;
        default:
            fputc((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p, f);
        }
}

/* How a cell does against the reference: NULL, or the element that says so. */
static const char *junit_element(const matrix_cell *c, const matrix_cell *r) {
    switch (c->state) {
    case CELL_RAN:
        return r->state != CELL_RAN ? "error" : c->group != r->group ? "failure" : NULL;
    case CELL_VARIES:
        return "failure";
    case CELL_REFUSED:
        return "skipped";
    default:
        return "error";
    }
}

/* What the element says. */
static void junit_message(const matrix *m, const matrix_cell *c, const matrix_cell *r, char *out,
                          size_t size) {
    const difference_element none = {.known = false};
    snprintf(out, size, "%s", c->reason);
    if (c->state == CELL_VARIES)
        difference_text(&c->varies, &none, out, size);
    if (c->state != CELL_RAN)
        return;
    snprintf(out, size, "%s",
             r->state != CELL_RAN ? "the reference cell has no result to compare with"
                                  : "not in the group of the reference");
    for (size_t i = 0; i < m->n_pairs; i++) {
        const matrix_pair *p = &m->pairs[i];
        if ((p->a == c->group && p->b == r->group) || (p->b == c->group && p->a == r->group))
            pair_text(p, out, size);
    }
}

static void write_case(FILE *f, const matrix *m, size_t cell, const matrix_cell *reference) {
    char text[TEXT];
    const matrix_cell *c = &m->cells[cell];
    const char *element = junit_element(c, reference);
    matrix_values(m, cell, NULL, text, sizeof text);
    fputs("    <testcase classname=\"", f);
    put_xml(f, m->plan->x->name);
    fputs("\" name=\"", f);
    put_xml(f, *text ? text : "the run");
    if (!element) {
        fputs("\"/>\n", f);
        return;
    }
    junit_message(m, c, reference, text, sizeof text);
    fprintf(f, "\">\n      <%s message=\"", element);
    put_xml(f, text);
    if (strcmp(element, "skipped") == 0) {
        fputs("\"/>\n", f);
    } else {
        fprintf(f, "\" type=\"%s\">", c->state == CELL_RAN ? "differs" : matrix_state(c->state));
        put_xml(f, c->command);
        fprintf(f, "</%s>\n", element);
    }
    fputs("    </testcase>\n", f);
}

bf_status matrix_junit(const matrix *m, size_t reference, const char *path, bf_error *err) {
    FILE *f;
    const matrix_cell *r = &m->cells[reference];
    size_t failures = 0, errors = 0, skipped = 0;
    bf_status s = open_output(&f, path, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < m->plan->axes->cells; i++) {
        const char *element = junit_element(&m->cells[i], r);
        failures += element && strcmp(element, "failure") == 0;
        errors += element && strcmp(element, "error") == 0;
        skipped += element && strcmp(element, "skipped") == 0;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"", f);
    put_xml(f, m->plan->x->name);
    fprintf(f, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
            m->plan->axes->cells, failures, errors, skipped);
    for (size_t i = 0; i < m->plan->axes->cells; i++)
        write_case(f, m, i, r);
    fputs("  </testsuite>\n</testsuites>\n", f);
    return close_output(f, path, err);
}

/* ---- SARIF -------------------------------------------------------------------------------- */

/* A path as a URI reference (RFC 3986); to be freed. */
static char *uri(const char *path) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/";
    char *text = malloc(3 * strlen(path) + 8), *out = text;
    if (!text)
        return NULL;
    out += sprintf(out, "%s", *path == '/' ? "file://" : "");
    for (const char *p = path; *p; p++)
        out += sprintf(out, strchr(plain, *p) ? "%c" : "%%%02X", (unsigned char)*p);
    return text;
}

/* Where in the file the axes are said: the first explaining axis on which two cells differ, else
 * the section. 0: nowhere. */
static int line_of(const matrix *m, size_t a, size_t b) {
    const axes *x = m->plan->axes;
    for (unsigned i = 0; i < x->n; i++)
        if (m->explains[i] && axes_value(x, a, i) != axes_value(x, b, i) && x->list[i].line > 0)
            return x->list[i].line;
    return m->plan->x->matrix.line;
}

static json_t *sarif_result(const matrix *m, const char *rule, const char *level, const char *text,
                            int line) {
    char *where = uri(m->plan->path);
    json_t *place = json_pack("{s:{s:s?}}", "artifactLocation", "uri", where);
    if (line > 0)
        json_object_set_new(place, "region", json_pack("{s:i}", "startLine", line));
    free(where);
    return json_pack("{s:s, s:s, s:{s:s}, s:[{s:o}]}", "ruleId", rule, "level", level, "message",
                     "text", text, "locations", "physicalLocation", place);
}

static json_t *sarif_results(const matrix *m) {
    const difference_element none = {.known = false};
    json_t *list = json_array();
    char a[TEXT], b[TEXT], text[TEXT], message[4 * TEXT];
    for (size_t i = 0; i < m->n_pairs; i++) {
        const matrix_pair *p = &m->pairs[i];
        const size_t one = m->groups[p->a].first, other = m->groups[p->b].first;
        matrix_values(m, one, m->explains, a, sizeof a);
        matrix_values(m, other, m->explains, b, sizeof b);
        pair_text(p, text, sizeof text);
        snprintf(message, sizeof message, "%s and %s differ first at %s", a, b, text);
        json_array_append_new(
            list, sarif_result(m, "bits-differ", "error", message, line_of(m, one, other)));
    }
    for (size_t i = 0; i < m->plan->axes->cells; i++) {
        const matrix_cell *c = &m->cells[i];
        const bool varies = c->state == CELL_VARIES;
        if (c->state == CELL_RAN)
            continue;
        matrix_values(m, i, NULL, a, sizeof a);
        snprintf(text, sizeof text, "%s", c->reason);
        if (varies)
            difference_text(&c->varies, &none, text, sizeof text);
        snprintf(message, sizeof message, "%s: %s: %s", a, matrix_state(c->state), text);
        json_array_append_new(list, sarif_result(m, varies ? "bits-vary" : "no-result",
                                                 varies ? "error" : "warning", message,
                                                 line_of(m, i, i)));
    }
    return list;
}

static json_t *sarif_rule(const char *id, const char *text) {
    return json_pack("{s:s, s:{s:s}}", "id", id, "shortDescription", "text", text);
}

bf_status matrix_sarif(const matrix *m, const char *path, bf_error *err) {
    FILE *f;
    json_t *rules = json_pack(
        "[o, o, o]", sarif_rule("bits-differ", "Cells of the matrix have different bits."),
        sarif_rule("bits-vary", "A cell has different bits when it is run again."),
        sarif_rule("no-result", "A cell could not be run to its end."));
    json_t *document = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema",
                                 "https://json.schemastore.org/sarif-2.1.0.json", "version",
                                 "2.1.0", "runs", "tool", "driver", "name", "bitfate", "version",
                                 bf_version(), "rules", rules, "results", sarif_results(m));
    if (!document)
        return bf_no_memory(err);
    bf_status s = open_output(&f, path, err);
    if (s == BF_OK) {
        (void)json_dumpf(document, f, JSON_INDENT(2)); /* close_output says what failed */
        fputc('\n', f);
        s = close_output(f, path, err);
    }
    json_decref(document);
    return s;
}
