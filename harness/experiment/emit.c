/* SPDX-License-Identifier: MIT */
/* emit.c - writes YAML. */
#include "experiment/emit.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void emit_text(FILE *f, const char *s) {
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_./+()-";
    size_t alnum = strspn(s + (*s == '-'), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789");
    bool plain = alnum > 0 && !s[strspn(s, safe)];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        plain = plain && strcasecmp(s, words[i]) != 0;
    if (plain) {
        fputs(s, f);
        return;
    }
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '\n' || *s == '\t')
            fputs(*s == '\n' ? "\\n" : "\\t", f);
        else
            fprintf(f, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    }
    fputc('"', f);
}

void emit_list(FILE *f, char *const *items, unsigned n, size_t column) {
    size_t at = column + 1;
    fputc('[', f);
    for (unsigned i = 0; i < n; i++) {
        size_t width = strlen(items[i]) + 4;
        if (i > 0 && at + width > 98) {
            fprintf(f, ",\n%*s", (int)column + 1, "");
            at = column + 1;
        } else if (i > 0) {
            fputs(", ", f);
        }
        emit_text(f, items[i]);
        at += width;
    }
    fputs("]\n", f);
}

void emit_form(FILE *f, const char *form, ...) {
    va_list texts;
    va_start(texts, form);
    for (; *form; form++) {
        if (*form == '%')
            emit_text(f, va_arg(texts, const char *));
        else
            fputc(*form, f);
    }
    va_end(texts);
}

char *emit_string(void (*write)(FILE *f, const void *what), const void *what) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    write(f, what);
    bool failed = ferror(f);
    if (fclose(f) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}
