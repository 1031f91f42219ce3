/* SPDX-License-Identifier: MIT */
/* chapter.c - what all chapters share. */
#include "chapter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const chapter *const chapters[] = {&chapter_sweep};

const chapter *chapter_of(const summary *s) {
    size_t i = 0;
    while (chapters[i]->kind != s->kind)
        i++;
    return chapters[i];
}

char *chapter_said(sentence *what, const summary *s) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    what(f, s);
    bool good = !ferror(f);
    if (fclose(f) == 0 && good)
        return text;
    free(text);
    return NULL;
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
