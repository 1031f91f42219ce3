/* SPDX-License-Identifier: MIT */
/* page.c - the report as one self-contained HTML page. */
#include "writer/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "writer/chapter.h"
#include "writer/provenance.h"
#include "writer/style.h"

/* A page being written. */
typedef struct page {
    FILE *out;
    const summary *sum;
    unsigned article; /* counts the summaries, */
    unsigned figures; /* and these the figures, from 1 */
    bf_error *err;
} page;

/* Each line of what is said in an element; nothing when nothing is. */
static bf_status put_said(page *p, sentence *what, const char *tag, const char *class) {
    char *text = chapter_said(what, p->sum);
    if (!text)
        return bf_no_memory(p->err);
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest));) {
        fprintf(p->out, "<%s%s%s%s>", tag, *class ? " class=\"" : "", class, *class ? "\"" : "");
        put_html(p->out, line);
        fprintf(p->out, "</%s>\n", tag);
    }
    free(text);
    return BF_OK;
}

static bf_status put_table(page *p, void (*fill)(table *t, const summary *sum)) {
    table t;
    if (!table_new(&t))
        return bf_no_memory(p->err);
    fill(&t, p->sum);
    bool good = table_html(p->out, &t);
    table_free(&t);
    return good ? BF_OK : bf_no_memory(p->err);
}

/* The first sentence of the caption stands out. */
static void put_caption(FILE *out, const char *caption) {
    size_t first = (size_t)(strchr(caption, '.') - caption) + 1;
    fprintf(out, "<figcaption><b>%.*s</b>%s</figcaption>\n", (int)first, caption, caption + first);
}

static bf_status put_figure(page *p, const exhibit *e) {
    put_caption(p->out, e->caption);
    fputs("<div class=\"plot\" tabindex=\"0\">", p->out);
    bf_status s = figure_svg(p->out, e->figure, p->sum, ++p->figures, e->caption, p->err);
    fputs("</div>\n", p->out);
    return s;
}

/* A figure with its table folded away under it, or one of the two. */
static bf_status put_exhibit(page *p, const exhibit *e) {
    bool drawn = e->figure && !e->figure->empty(p->sum);
    bf_status s = BF_OK;
    fputs(drawn ? "<figure>" : "", p->out);
    if (drawn)
        s = put_figure(p, e);
    if (s == BF_OK && e->table) {
        fprintf(p->out, drawn ? "<details><summary>Table: %s</summary>\n" : "<h3>%s</h3>\n",
                e->title);
        s = put_table(p, e->table);
        fputs(drawn ? "</details>" : "", p->out);
    }
    fputs(drawn ? "</figure>\n" : "", p->out);
    return s;
}

/* A section opens with the question in small and its answer in large. */
static void open_section(page *p, const char *id, const char *kicker) {
    fprintf(p->out, "<section id=\"e%u-%s\"><p class=\"kicker\">", p->article, id);
    put_html(p->out, kicker);
    fputs("</p>\n", p->out);
}

static bf_status put_question(page *p, const question *q) {
    open_section(p, q->id, q->text);
    bf_status s = put_said(p, q->headline, "h2", "");
    for (const exhibit *e = q->exhibits; s == BF_OK && (e->figure || e->table); e++)
        s = put_exhibit(p, e);
    if (s == BF_OK && q->notes)
        s = put_said(p, q->notes, "p", "notes");
    fputs("</section>\n", p->out);
    return s;
}

static bf_status put_published(page *p) {
    open_section(p, "published", published_question);
    bf_status s = put_table(p, published_table);
    fputs("</section>\n", p->out);
    return s;
}

static bf_status put_provenance(page *p) {
    open_section(p, "provenance", provenance_question);
    bf_status s = put_said(p, provenance_headline, "h2", "");
    if (s != BF_OK)
        return s;
    char *commands = chapter_said(provenance_commands, p->sum);
    if (!commands)
        return bf_no_memory(p->err);
    if (*commands) {
        fputs("<h3>To run it again</h3>\n<pre>", p->out);
        put_html(p->out, commands);
        fputs("</pre>\n", p->out);
    }
    free(commands);
    fputs("<h3>The experiment, every default filled in</h3>\n<pre>", p->out);
    put_html(p->out, p->sum->store->resolved);
    fputs("</pre>\n", p->out);
    if (p->sum->store->n_sessions > 0) {
        fputs("<h3>Made by</h3>\n<div class=\"facts\">", p->out);
        s = put_table(p, provenance_table);
        fputs("</div>\n", p->out);
    }
    fputs("</section>\n", p->out);
    return s;
}

/* RFC 4648. */
static void put_base64(FILE *out, const uint8_t *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t bits = (uint32_t)data[i] << 16 |
                              (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                              (left > 2 ? data[i + 2] : 0);
        fputc(digits[bits >> 18], out);
        fputc(digits[bits >> 12 & 63], out);
        fputc(left > 1 ? digits[bits >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[bits & 63] : '=', out);
    }
}

/* The i-th picture as the address of an image. */
static bf_status put_png(page *p, const pictures *all, size_t i) {
    char *data = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&data, &size);
    if (!memory)
        return bf_no_memory(p->err);
    bf_status s = all->png(memory, p->sum, i, p->err);
    const bool good = !ferror(memory);
    if ((fclose(memory) != 0 || !good) && s == BF_OK)
        s = bf_no_memory(p->err);
    if (s == BF_OK) {
        fputs("data:image/png;base64,", p->out);
        put_base64(p->out, (const uint8_t *)data, size);
    }
    free(data);
    return s;
}

static bf_status put_picture(page *p, const pictures *all, size_t i) {
    char *caption = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&caption, &size);
    if (!f)
        return bf_no_memory(p->err);
    all->caption(f, p->sum, i);
    if (fclose(f) != 0) {
        free(caption);
        return bf_no_memory(p->err);
    }
    fputs("<figure><img alt=\"", p->out);
    put_html(p->out, caption);
    fputs("\" src=\"", p->out);
    bf_status s = put_png(p, all, i);
    fputs("\"><figcaption>", p->out);
    put_html(p->out, caption);
    fputs("</figcaption></figure>\n", p->out);
    free(caption);
    return s;
}

static bf_status put_pictures(page *p, const pictures *all) {
    bf_status s = BF_OK;
    fputs("<div class=\"pictures\">\n", p->out);
    for (size_t i = 0; i < all->count(p->sum) && s == BF_OK; i++)
        s = put_picture(p, all, i);
    fputs("</div>\n", p->out);
    return s;
}

static bf_status put_article(page *p) {
    fprintf(p->out,
            "<article id=\"e%u\">\n<header><p class=\"kicker\">bitfate: does the last bit "
            "decide the fate of a training run?</p>\n<h1>",
            p->article);
    put_html(p->out, p->sum->store->name);
    fputs("</h1>\n", p->out);
    if (*p->sum->store->description) {
        fputs("<p class=\"about\">", p->out);
        put_html(p->out, p->sum->store->description);
        fputs("</p>\n", p->out);
    }
    bf_status s = put_said(p, p->sum->chapter->lede, "p", "lede");
    BF_TRY(s, put_said(p, p->sum->chapter->incomplete, "p", "warn"));
    fputs("</header>\n", p->out);
    if (s == BF_OK && p->sum->chapter->pictures)
        s = put_pictures(p, p->sum->chapter->pictures);
    for (const question *q = p->sum->chapter->questions; s == BF_OK && q->id; q++)
        if (chapter_asks(p->sum, q))
            s = put_question(p, q);
    if (s == BF_OK && p->sum->store->x->n_published > 0)
        s = put_published(p);
    BF_TRY(s, put_provenance(p));
    fputs("</article>\n", p->out);
    return s;
}

static void put_head(FILE *out, const summary *all, size_t n) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", out);
        put_html(out, all[i].store->name);
    }
    fprintf(out, " – bitfate</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", style_sheet);
}

static void put_contents(FILE *out, const summary *all, size_t n) {
    fputs("<nav aria-label=\"Experiments\"><ol>\n", out);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "<li><a href=\"#e%zu\">", i + 1);
        put_html(out, all[i].store->name);
        fputs("</a></li>\n", out);
    }
    fputs("</ol></nav>\n", out);
}

bf_status report_html(FILE *out, const summary *all, size_t n, bf_error *err) {
    page p = {.out = out, .err = err};
    bf_status s = BF_OK;
    put_head(out, all, n);
    if (n > 1)
        put_contents(out, all, n);
    for (size_t i = 0; s == BF_OK && i < n; i++) {
        p.sum = &all[i];
        p.article++;
        s = put_article(&p);
    }
    fputs("</main>\n</body>\n</html>\n", out);
    if (s == BF_OK && (fflush(out) != 0 || ferror(out)))
        s = bf_fail(err, BF_EMACHINE, "cannot write the report: %s", strerror(errno));
    return s;
}
