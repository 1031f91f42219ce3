/* SPDX-License-Identifier: MIT */
/* chapter.c - what all chapters share. */
#include "writer/chapter.h"
#include "writer/writing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool chapter_asks(const summary *sum, const question *q) {
    const chapter *c = sum->chapter;
    return !c->asks || c->asks(sum, q);
}

char *chapter_said(sentence *what, const summary *sum) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    what(f, sum);
    bool good = !ferror(f);
    if (fclose(f) == 0 && good)
        return text;
    free(text);
    return NULL;
}

const char published_question[] = "What was published, and what was found here?";

void published_table(table *t, const summary *sum) {
    const chapter *c = sum->chapter;
    table_heads(t, "llll", (const char *const[]){"Where", "What", "Published", "Measured here"});
    for (unsigned i = 0; i < sum->store->x->n_published; i++) {
        const experiment_published *p = &sum->store->x->published[i];
        measured m;
        fputs(p->where, table_cell(t));
        fputs(p->what, table_cell(t));
        fputs(p->value, table_cell(t));
        FILE *f = table_cell(t);
        if (p->measure && c->measure && c->measure(sum, p->measure, &m))
            put_estimate(f, m.value, 0, m.unit);
        else
            fputs(p->measure ? "unknown measure" : "see above", f);
    }
}

/* A field, quoted when it has to be. */
void put_csv_text(FILE *out, const char *text) {
    bool quoted = text[strcspn(text, "\",\r\n")] != 0;
    fputs(quoted ? "\"" : "", out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputs(quoted ? "\"," : ",", out);
}

void put_csv_number(FILE *out, double x) {
    if (!isnan(x))
        fprintf(out, "%.17g", x);
    fputc(',', out);
}
