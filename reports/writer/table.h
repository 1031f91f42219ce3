/* SPDX-License-Identifier: MIT */
/* table.h - a table of texts, written once, rendered as HTML, Markdown or plain text. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Cells are written one after another: first the heads, then row by row. A newline inside a cell
 * sets a second, smaller line under the first. */
typedef struct table {
    FILE *cells;
    char *text; /* of the cells, each after a separator */
    size_t size, columns;
    char *align; /* per column */
} table;

/* False: no memory. */
bool table_new(table *t);
void table_free(table *t);

/* One column per letter: 'l' for texts to the left, 'r' for numbers to the right. Call it again for
 * more columns, before the first cell. */
void table_columns(table *t, const char *align);
/* One column per letter of `align`, with that many heads. */
void table_heads(table *t, const char *align, const char *const *heads);
/* The stream for the next cell, heads first; good until the next call. */
FILE *table_cell(table *t);

/* Each returns false when there was no memory for the table. */
bool table_html(FILE *out, table *t);
bool table_markdown(FILE *out, table *t);
bool table_text(FILE *out, table *t);

/* Text in HTML, element or attribute; in Markdown, line or table cell. */
void put_html(FILE *out, const char *text);
void put_markdown(FILE *out, const char *text);

#endif
