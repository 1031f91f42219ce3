/* SPDX-License-Identifier: MIT */
/* trace.c - recording a run, and reading and comparing what was recorded. */
#include "net/plan.h"
#include "base/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic_trace[] = "bitfate trace 1", magic_golden[] = "bitfate golden 2",
                  magic_golden_1[] = "bitfate golden 1"; /* without a scope */

/* Limits on files from strangers. */
enum { LONGEST_LINE = 1 << 20, MOST_TENSORS = 1 << 14 };

/* chain' = XXH3-128(chain, step, loss, hash of each tensor): 16 bytes, 8 little-endian, the loss's
 * canonical encoding, 16 bytes each. `room` holds it all. */
static bf_hash next_link(uint8_t *room, const bf_hash *chain, uint64_t step, const uint8_t *loss,
                         size_t loss_size, const bf_hash *tensors, size_t n) {
    uint8_t *p = room;
    memcpy(p, chain->bytes, 16);
    p += 16;
    bytes_put64(p, step);
    p += 8;
    memcpy(p, loss, loss_size);
    p += loss_size;
    memcpy(p, tensors, 16 * n);
    return bf_hash_of(room, 24 + loss_size + 16 * n);
}

static size_t link_size(size_t loss_size, size_t n) {
    return 24 + loss_size + 16 * n;
}

/* ---- recording ---------------------------------------------------------------------------- */

struct bf_recorder {
    const bf_ensemble *e;
    int lane;
    FILE *file; /* NULL: only hash */
    bf_hash chain;
    uint64_t step;
    uint8_t nan[BF_MAX_BYTES];
    uint8_t *theta, *room;
    bf_hash *tensors;
    /* Lines not yet written: files are written in large blocks. */
    char *lines;
    size_t n_lines, line_size; /* bytes */
};

enum { LINES_SIZE = 1 << 16 };

bf_status bf_recorder_new(bf_recorder **out, const bf_ensemble *e, int lane, FILE *file,
                          bf_error *err) {
    bf_recorder *r = calloc(1, sizeof *r);
    *out = r;
    if (r) {
        const size_t n = e->plan->n_tensors;
        *r = (bf_recorder){.e = e, .lane = lane, .file = file};
        r->theta = malloc(e->plan->n_parameters * e->format.bytes);
        r->room = malloc(link_size(e->format.bytes, n));
        r->tensors = malloc(n * sizeof *r->tensors);
        r->line_size = 64 + (size_t)e->format.precision / 4 + 34 * (n + 1);
        r->lines = malloc(LINES_SIZE + r->line_size);
        if (r->theta && r->room && r->tensors && r->lines)
            return bf_number(&e->format, "nan", r->nan, err);
        bf_recorder_free(r);
        *out = NULL;
    }
    return bf_no_memory(err);
}

void bf_recorder_free(bf_recorder *r) {
    if (!r)
        return;
    free(r->theta);
    free(r->room);
    free(r->tensors);
    free(r->lines);
    free(r);
}

bf_hash bf_recorder_hash(const bf_recorder *r) {
    return r->chain;
}

const bf_hash *bf_recorder_tensors(const bf_recorder *r) {
    return r->tensors;
}

/* One line of free text: what would break the line becomes a space. */
static void put_text(FILE *f, const char *key, const char *text) {
    fprintf(f, "%s: ", key);
    for (; *text; text++)
        putc((unsigned char)*text < 0x20 ? ' ' : *text, f);
    putc('\n', f);
}

static void put_hash(FILE *f, const char *key, const bf_hash *h) {
    char text[33];
    bf_hash_text(h, text);
    put_text(f, key, text);
}

/* The hash of what was run; it distinguishes an edited header from a different result. `format`:
 * NULL where a file does not name it; `scope`: NULL in traces and in goldens of format 1. */
static bf_hash run_hash(const char *arithmetic, const char *format, int precision, uint64_t steps,
                        const char *experiment, const char *scope) {
    char head[400];
    int n = snprintf(head, sizeof head, "%s\n%s%s%d\n%" PRIu64 "\n", arithmetic,
                     format ? format : "", format ? "\n" : "", precision, steps);
    bf_hash parts[3] = {bf_hash_of(head, (size_t)n < sizeof head ? (size_t)n : sizeof head - 1),
                        bf_hash_of(experiment, strlen(experiment))};
    if (scope)
        parts[2] = bf_hash_of(scope, strlen(scope));
    return bf_hash_of(parts, (scope ? 3 : 2) * sizeof *parts);
}

void bf_recorder_header(bf_recorder *r, const bf_trace_header *h) {
    FILE *f = r->file;
    if (!f)
        return;
    fprintf(f, "%s\n", h->why ? magic_golden : magic_trace);
    put_text(f, "name", h->name);
    put_text(f, "arithmetic", h->arithmetic);
    put_text(f, "format", r->e->format.name);
    fprintf(f, "precision: %d\n", r->e->format.precision);
    fprintf(f, "steps: %" PRIu64 "\n", h->steps);
    const char *scope = h->why ? h->scope : NULL;
    if (scope)
        put_text(f, "scope", scope);
    bf_hash run = run_hash(h->arithmetic, r->e->format.name, r->e->format.precision, h->steps,
                           h->experiment, scope);
    put_hash(f, "run", &run);
    if (h->why) {
        put_text(f, "why", h->why);
        if (h->replaces)
            put_hash(f, "replaces", h->replaces);
        else
            put_text(f, "replaces", "nothing");
        put_hash(f, "final", &h->final);
    }
    put_text(f, "by", h->by);
    fputs("experiment:\n", f);
    for (const char *p = h->experiment; *p;) {
        size_t n = strcspn(p, "\n");
        fprintf(f, "| %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    fputs("step loss", f);
    for (size_t i = 0; i < r->e->plan->n_tensors; i++)
        fprintf(f, " %s", r->e->plan->tensors[i].name);
    fputs(" chain\n", f);
}

static size_t put_count(char *out, uint64_t x) {
    char digits[20];
    size_t n = 0, length = 0;
    do
        digits[n++] = (char)('0' + x % 10);
    while (x /= 10);
    while (n > 0)
        out[length++] = digits[--n];
    return length;
}

static void write_lines(bf_recorder *r) {
    fwrite(r->lines, 1, r->n_lines, r->file);
    r->n_lines = 0;
}

void bf_record(bf_recorder *r) {
    const bf_ensemble *e = r->e;
    const plan *p = e->plan;
    uint8_t loss[BF_MAX_BYTES];
    if (bf_lane_diverged(e, r->lane)) /* the loss is not evaluated where a run ended */
        memcpy(loss, r->nan, e->format.bytes);
    else
        bf_lane_loss(e, r->lane, loss);
    bf_lane_theta(e, r->lane, r->theta);
    for (size_t i = 0; i < p->n_tensors; i++)
        r->tensors[i] = bf_hash_of(r->theta + p->tensors[i].offset * e->format.bytes,
                                   p->tensors[i].count * e->format.bytes);
    r->step = bf_lane_step(e, r->lane);
    r->chain =
        next_link(r->room, &r->chain, r->step, loss, e->format.bytes, r->tensors, p->n_tensors);
    if (!r->file)
        return;
    char *line = r->lines + r->n_lines;
    size_t n = put_count(line, r->step);
    line[n++] = ' ';
    n += bf_to_hex(&e->format, loss, line + n, r->line_size - n);
    for (size_t i = 0; i <= p->n_tensors; i++) {
        line[n++] = ' ';
        bf_hash_text(i < p->n_tensors ? &r->tensors[i] : &r->chain, line + n);
        n += 32;
    }
    line[n++] = '\n';
    r->n_lines += n;
    if (r->n_lines >= LINES_SIZE)
        write_lines(r);
}

void bf_recorder_end(bf_recorder *r) {
    if (!r->file)
        return;
    char text[33];
    write_lines(r);
    bf_hash_text(&r->chain, text);
    fprintf(r->file, "end %s %" PRIu64 " %s\n",
            bf_lane_diverged(r->e, r->lane) ? "diverged" : "finished", r->step, text);
}

/* ---- reading ------------------------------------------------------------------------------ */

typedef struct reader {
    const char *path;
    FILE *file;
    char *line; /* LONGEST_LINE long */
    int number;
    bf_error *err;
} reader;

static bf_status bad(reader *r, const char *what) {
    return bf_fail(r->err, BF_EINPUT, "%s:%d: %s", r->path, r->number, what);
}

/* The next line without its newline. A file ends only after its `end` line, so end of file here is
 * an error. */
static bf_status next_line(reader *r) {
    errno = 0;
    const bool some = fgets(r->line, LONGEST_LINE, r->file) != NULL;
    const size_t n = some ? strlen(r->line) : 0;
    r->number++;
    if (ferror(r->file))
        return bf_fail(r->err, errno == EISDIR ? BF_EINPUT : BF_EMACHINE, "%s: %s", r->path,
                       strerror(errno));
    if (!some)
        return bad(r, "the file ends here; expected more lines, the last beginning with 'end' "
                      "(is it truncated?)");
    if (n == 0 || r->line[n - 1] != '\n') /* a NUL byte, no newline, or far too long */
        return bad(r, feof(r->file) ? "the file ends within this line (is it truncated?)"
                                    : "not a line of text; expected a trace or golden file");
    r->line[n - 1] = '\0';
    return BF_OK;
}

/* The present line, `key: value`: a copy of the value. */
static bf_status this_field(reader *r, const char *key, char **out) {
    size_t n = strlen(key);
    if (strncmp(r->line, key, n) != 0 || strncmp(r->line + n, ": ", 2) != 0)
        return bf_fail(r->err, BF_EINPUT, "%s:%d: expected '%s: ...'", r->path, r->number, key);
    *out = strdup(r->line + n + 2);
    return *out ? BF_OK : bf_no_memory(r->err);
}

/* The next line, likewise. */
static bf_status field(reader *r, const char *key, char **out) {
    bf_status s = next_line(r);
    BF_TRY(s, this_field(r, key, out));
    return s;
}

static bool parse_count(const char *text, uint64_t *out) {
    if (*text < '0' || *text > '9' || strlen(text) > 18)
        return false;
    char *end;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

static bf_status hash_field(reader *r, const char *key, bf_hash *out) {
    char *text = NULL;
    bf_status s = field(r, key, &text);
    if (s == BF_OK && !bf_hash_parse(text, out))
        s = bad(r, "expected a hash of 32 hexadecimal digits");
    free(text);
    return s;
}

static bf_status count_field(reader *r, const char *key, uint64_t *out) {
    char *text = NULL;
    bf_status s = field(r, key, &text);
    if (s == BF_OK && !parse_count(text, out))
        s = bad(r, "expected a whole number");
    free(text);
    return s;
}

static bf_status read_experiment(reader *r, bf_trace *t) {
    char *text = NULL;
    size_t n = 0;
    FILE *copy = open_memstream(&text, &n);
    if (!copy)
        return bf_no_memory(r->err);
    bf_status s = next_line(r);
    if (s == BF_OK && strcmp(r->line, "experiment:") != 0)
        s = bad(r, "expected 'experiment:'");
    t->experiment_line = r->number + 1;
    for (; s == BF_OK && (s = next_line(r)) == BF_OK && strncmp(r->line, "| ", 2) == 0;)
        fprintf(copy, "%s\n", r->line + 2);
    if (fclose(copy) != 0 && s == BF_OK)
        s = bf_no_memory(r->err);
    t->experiment = text;
    return s;
}

/* The heading of the columns is the current line: the tensors' names. */
static bf_status read_heading(reader *r, bf_trace *t) {
    static const char wrong[] = "expected the heading 'step loss TENSOR... chain'";
    char *save, *word = strtok_r(r->line, " ", &save);
    if (!word || strcmp(word, "step") != 0 || !(word = strtok_r(NULL, " ", &save)) ||
        strcmp(word, "loss") != 0)
        return bad(r, wrong);
    size_t capacity = 0;
    while ((word = strtok_r(NULL, " ", &save))) {
        if (t->n_tensors == MOST_TENSORS || strlen(word) >= sizeof *t->tensors)
            return bad(r, wrong);
        bf_status s =
            bf_array_grow(&t->tensors, &capacity, t->n_tensors + 1, sizeof *t->tensors, r->err);
        if (s != BF_OK)
            return s;
        strcpy(t->tensors[t->n_tensors++], word);
    }
    if (t->n_tensors < 2 || strcmp(t->tensors[--t->n_tensors], "chain") != 0)
        return bad(r, wrong);
    return BF_OK;
}

static bf_status read_end(reader *r, bf_trace *t) {
    char *save, *word = strtok_r(r->line, " ", &save);
    uint64_t step;
    bf_hash h;
    word = strtok_r(NULL, " ", &save);
    t->diverged = word && strcmp(word, "diverged") == 0;
    if (!word || (!t->diverged && strcmp(word, "finished") != 0) ||
        !(word = strtok_r(NULL, " ", &save)) || !parse_count(word, &step) ||
        !(word = strtok_r(NULL, " ", &save)) || !bf_hash_parse(word, &h) ||
        strtok_r(NULL, " ", &save))
        return bad(r, "expected 'end finished|diverged STEP HASH'");
    if (t->n_lines == 0)
        return bad(r, "expected at least one step");
    const bf_trace_line *last = &t->lines[t->n_lines - 1];
    if (!t->diverged && step != t->steps)
        return bad(r, "the run finished, but not at the last of the steps that the header names");
    if (step != last->step || !bf_hash_equal(&h, &last->hashes[t->n_tensors]))
        return bad(r, "the end does not match the last step: the file was damaged or edited");
    if (t->golden && !bf_hash_equal(&h, &t->final))
        return bad(r, "the end does not match the header's final hash: the file was damaged or "
                      "edited");
    t->final = h;
    if (getc(r->file) != EOF)
        return bad(r, "expected the end of the file after the line 'end'");
    return BF_OK;
}

/* One step's line, checked against the chain. */
static bf_status read_step(reader *r, bf_trace *t, uint8_t *room) {
    const bf_format *f = &t->format;
    char *save, *word = strtok_r(r->line, " ", &save);
    bf_trace_line *l = &t->lines[t->n_lines];
    *l = (bf_trace_line){0};
    if (!word || !parse_count(word, &l->step) || l->step > t->steps ||
        (t->n_lines && l->step <= t->lines[t->n_lines - 1].step))
        return bad(r, "expected a step, later than the one before and not beyond the last");
    uint8_t loss[BF_MAX_BYTES];
    word = strtok_r(NULL, " ", &save);
    char canonical[BF_MAX_PRECISION / 4 + 32];
    if (!word || bf_number(f, word, loss, NULL) != BF_OK ||
        bf_to_hex(f, loss, canonical, sizeof canonical) == 0 || strcmp(word, canonical) != 0)
        return bad(r, "expected the loss, a canonical hex float, after the step");
    l->loss = strdup(word);
    l->hashes = malloc((t->n_tensors + 1) * sizeof *l->hashes);
    t->n_lines++;
    if (!l->loss || !l->hashes)
        return bf_no_memory(r->err);
    for (size_t i = 0; i <= t->n_tensors; i++)
        if (!(word = strtok_r(NULL, " ", &save)) || !bf_hash_parse(word, &l->hashes[i]))
            return bad(r, "expected a hash of 32 hexadecimal digits for each tensor and the chain");
    if (strtok_r(NULL, " ", &save))
        return bad(r, "more hashes than the heading names");
    static const bf_hash start;
    const bf_hash *before =
        t->n_lines > 1 ? &t->lines[t->n_lines - 2].hashes[t->n_tensors] : &start;
    bf_hash link = next_link(room, before, l->step, loss, f->bytes, l->hashes, t->n_tensors);
    if (!bf_hash_equal(&link, &l->hashes[t->n_tensors]))
        return bad(r, "the chained hash does not follow from this line and the one before: the "
                      "file was damaged or edited");
    return BF_OK;
}

/* The scope, in goldens of format 2. It cannot be wider than what the arithmetic promises; whether
 * there is such an arithmetic is asked when the run is done again. */
static bf_status scope_field(reader *r, bf_trace *t) {
    bf_status s = field(r, "scope", &t->scope);
    if (s != BF_OK)
        return s;
    bf_scope scope;
    bf_arithmetic a;
    const char *which = strchr(t->scope, ' ');
    if (!bf_scope_parse(t->scope, &scope) || (which && !which[1]) ||
        (scope == BF_SCOPE_ANY) != !which)
        return bad(r, "expected 'scope: any', 'scope: kernel WHICH' or 'scope: binary WHICH'");
    if (bf_arithmetic_parse(&a, t->arithmetic, NULL) == BF_OK && scope < bf_arithmetic_scope(&a))
        return bf_fail(r->err, BF_EINPUT,
                       "%s:%d: %s does not promise its bits that widely; expected 'scope: %s ...'",
                       r->path, r->number, a.name, bf_scope_name(bf_arithmetic_scope(&a)));
    return BF_OK;
}

/* Goldens of format 1 mean the widest scope of their arithmetic. */
static bf_status scope_of_format_1(reader *r, bf_trace *t) {
    bf_arithmetic a;
    const bool binary = bf_arithmetic_parse(&a, t->arithmetic, NULL) == BF_OK &&
                        bf_arithmetic_scope(&a) == BF_SCOPE_BINARY;
    t->scope = strdup(binary ? "binary unknown" : "any");
    return t->scope ? BF_OK : bf_no_memory(r->err);
}

/* The format's name and its precision. Files that were written when a precision stood for a format
 * have the latter only: `named` is then false. */
static bf_status format_fields(reader *r, bf_trace *t, bool *named) {
    char *name = NULL, *text = NULL;
    uint64_t precision = 0;
    bf_status s = next_line(r);
    *named = s == BF_OK && strncmp(r->line, "format: ", 8) == 0;
    if (*named) {
        s = this_field(r, "format", &name);
        if (s == BF_OK && !bf_format_find(&t->format, name))
            s = bad(r, "expected the name of a format, such as f32, tf32 or mpfr:256");
        BF_TRY(s, next_line(r));
    }
    BF_TRY(s, this_field(r, "precision", &text));
    if (s == BF_OK &&
        (!parse_count(text, &precision) || precision < 2 || precision > BF_MAX_PRECISION))
        s = bad(r, "expected a precision from 2 to 16384");
    if (s == BF_OK && !*named)
        t->format = bf_format_of((int)precision);
    if (s == BF_OK && t->format.precision != (int)precision)
        s = bad(r, "the precision is not that of the format above");
    free(name);
    free(text);
    return s;
}

static bf_status read_header(reader *r, bf_trace *t) {
    bf_hash run;
    bool scoped = false, named = false;
    bf_status s = next_line(r);
    if (s == BF_OK) {
        scoped = strcmp(r->line, magic_golden) == 0;
        t->golden = scoped || strcmp(r->line, magic_golden_1) == 0;
        if (!t->golden && strcmp(r->line, magic_trace) != 0)
            s = bf_fail(r->err, BF_EINPUT, "%s:1: not a trace; expected '%s' or '%s'", r->path,
                        magic_trace, magic_golden);
    }
    BF_TRY(s, field(r, "name", &t->name));
    BF_TRY(s, field(r, "arithmetic", &t->arithmetic));
    BF_TRY(s, format_fields(r, t, &named));
    BF_TRY(s, count_field(r, "steps", &t->steps));
    if (t->golden)
        BF_TRY(s, scoped ? scope_field(r, t) : scope_of_format_1(r, t));
    BF_TRY(s, hash_field(r, "run", &run));
    if (t->golden) {
        char *replaces = NULL;
        BF_TRY(s, field(r, "why", &t->why));
        BF_TRY(s, field(r, "replaces", &replaces));
        bf_hash before;
        if (s == BF_OK && strcmp(replaces, "nothing") != 0 && !bf_hash_parse(replaces, &before))
            s = bad(r, "expected 'nothing', or a hash of 32 hexadecimal digits");
        free(replaces);
        BF_TRY(s, hash_field(r, "final", &t->final));
    }
    BF_TRY(s, field(r, "by", &t->by));
    BF_TRY(s, read_experiment(r, t));
    if (s == BF_OK) {
        bf_hash now = run_hash(t->arithmetic, named ? t->format.name : NULL, t->format.precision,
                               t->steps, t->experiment, scoped ? t->scope : NULL);
        if (!bf_hash_equal(&now, &run))
            s = bad(r,
                    "the arithmetic, format, precision, steps, scope and experiment above are not "
                    "those of the hash 'run': the file was damaged or edited");
    }
    BF_TRY(s, read_heading(r, t));
    return s;
}

static bf_status read_all(reader *r, bf_trace *t) {
    bf_status s = read_header(r, t);
    if (s != BF_OK)
        return s;
    uint8_t *room = malloc(link_size(t->format.bytes, t->n_tensors));
    if (!room)
        return bf_no_memory(r->err);
    size_t capacity = 0;
    while ((s = next_line(r)) == BF_OK && strncmp(r->line, "end ", 4) != 0) {
        s = bf_array_grow(&t->lines, &capacity, t->n_lines + 1, sizeof *t->lines, r->err);
        BF_TRY(s, read_step(r, t, room));
        if (s != BF_OK)
            break;
    }
    free(room);
    return s == BF_OK ? read_end(r, t) : s;
}

bf_status bf_trace_read(bf_trace **out, const char *path, bf_error *err) {
    *out = NULL;
    FILE *file = fopen(path, "r");
    if (!file)
        return bf_fail(err, BF_EINPUT, "%s: %s", path, strerror(errno));
    reader r = {.path = path, .file = file, .err = err, .line = malloc(LONGEST_LINE)};
    bf_trace *t = calloc(1, sizeof *t);
    bf_status s = t && r.line ? read_all(&r, t) : bf_no_memory(err);
    free(r.line);
    fclose(file);
    if (s == BF_OK)
        *out = t;
    else
        bf_trace_free(t);
    return s;
}

void bf_trace_free(bf_trace *t) {
    if (!t)
        return;
    for (size_t i = 0; i < t->n_lines; i++) {
        free(t->lines[i].loss);
        free(t->lines[i].hashes);
    }
    free(t->lines);
    free(t->tensors);
    free(t->name);
    free(t->arithmetic);
    free(t->experiment);
    free(t->by);
    free(t->why);
    free(t->scope);
    free(t);
}

/* ---- comparing ---------------------------------------------------------------------------- */

static bool same_tensors(const bf_trace *a, const bf_trace *b) {
    bool same = a->n_tensors == b->n_tensors;
    for (size_t i = 0; same && i < a->n_tensors; i++)
        same = strcmp(a->tensors[i], b->tensors[i]) == 0;
    return same;
}

/* How many lines the traces begin with alike. A chained hash follows from its line and all before
 * it, the number of the step included: once different, different ever after. */
static size_t same_lines(const bf_trace *a, const bf_trace *b) {
    size_t low = 0, high = a->n_lines < b->n_lines ? a->n_lines : b->n_lines;
    if (!bf_format_same(&a->format, &b->format))
        return 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (bf_hash_equal(&a->lines[middle].hashes[a->n_tensors],
                          &b->lines[middle].hashes[b->n_tensors]))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether two lines of one step differ, and then in what. */
static bool lines_differ(const bf_trace *t, const bf_trace_line *x, const bf_trace_line *y,
                         bf_difference *out) {
    size_t k = 0;
    while (k < t->n_tensors && bf_hash_equal(&x->hashes[k], &y->hashes[k]))
        k++;
    if (k == t->n_tensors && strcmp(x->loss, y->loss) == 0)
        return false;
    out->same = false;
    out->step = x->step;
    out->tensor = k < t->n_tensors ? (int)k : -1;
    strcpy(out->name, k < t->n_tensors ? t->tensors[k] : "loss");
    return true;
}

bf_status bf_trace_compare(const bf_trace *a, const bf_trace *b, bf_difference *out,
                           bf_error *err) {
    *out = (bf_difference){.same = true};
    if (!same_tensors(a, b))
        return bf_fail(err, BF_EINPUT, "the traces are of models with different tensors");
    const size_t same = same_lines(a, b);
    if (same > 0)
        out->earliest = a->lines[same - 1].step + 1;
    for (size_t i = same, j = same; i < a->n_lines && j < b->n_lines;) {
        const bf_trace_line *x = &a->lines[i], *y = &b->lines[j];
        if (x->step == y->step && lines_differ(a, x, y, out))
            return BF_OK;
        if (x->step == y->step)
            out->earliest = x->step + 1;
        i += x->step <= y->step; /* steps recorded in one trace only are passed over */
        j += y->step <= x->step;
    }
    const uint64_t last_a = a->lines[a->n_lines - 1].step, last_b = b->lines[b->n_lines - 1].step;
    const uint64_t last = last_a < last_b ? last_a : last_b;
    if (last_a != last_b || a->diverged != b->diverged)
        *out = (bf_difference){.step = last,
                               .earliest = out->earliest < last ? out->earliest : last,
                               .tensor = -1,
                               .name = "end"};
    return BF_OK;
}
