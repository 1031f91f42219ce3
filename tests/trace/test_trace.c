/* SPDX-License-Identifier: MIT */
/* test_trace.c - traces: what is recorded reads back the same, what was damaged is refused, and
 * what differs is named: step and tensor. */
#include "laws.h"

#include <unistd.h>

enum { ROOM = 1 << 16 };

static char folder[64], path[128];

/* ---- making traces ------------------------------------------------------------------------ */

static const char experiment[] = "name: short\n"
                                 "\n"
                                 "model:\n"
                                 "  layers: [{dense: 2, bias: false}]  # | by: me\n";

static const bf_layer biased_layers[] = {
    BF_LAYER("dense", {"width", "2"}),
    {.kind = "tanh"},
    BF_LAYER("dense", {"width", "1"}),
};

static bf_problem biased_problem(void) {
    bf_problem p = minimal_problem();
    p.layers = biased_layers;
    p.rate = "1/4";
    return p;
}

static bf_trace_header header_of(const char *arithmetic_name, uint64_t steps) {
    return (bf_trace_header){.name = "short",
                             .arithmetic = arithmetic_name,
                             .experiment = experiment,
                             .by = "bitfate 0, a compiler",
                             .steps = steps,
                             .scope = "any"};
}

/* Record a run from `theta` into `file`: every `every` steps, and the last. */
static bf_hash record(const char *name, const bf_problem *problem, const uint8_t *theta,
                      const bf_trace_header *header, uint64_t every, FILE *file) {
    const bf_arithmetic a = arithmetic(name);
    bf_ensemble *e;
    bf_recorder *r;
    must(bf_ensemble_new(&e, &a, problem, &err));
    bf_lane_start(e, 0, theta);
    must(bf_recorder_new(&r, e, 0, file, &err));
    bf_recorder_header(r, header);
    for (;;) {
        bf_gradient(e);
        if (bf_lane_step(e, 0) % every == 0 || bf_lane_step(e, 0) == header->steps)
            bf_record(r);
        if (bf_lane_step(e, 0) == header->steps)
            break;
        if (bf_update(e)) {
            bf_record(r);
            break;
        }
    }
    bf_recorder_end(r);
    const bf_hash h = bf_recorder_hash(r);
    bf_recorder_free(r);
    bf_ensemble_free(e);
    return h;
}

static void start_of(const char *name, const bf_problem *problem, uint8_t *theta, uint64_t trial) {
    const bf_arithmetic a = arithmetic(name);
    bf_ensemble *e;
    must(bf_ensemble_new(&e, &a, problem, &err));
    must(bf_start_uniform(&a.format, bf_n_parameters(e), theta, "-1", "1", 1, trial, &err));
    bf_ensemble_free(e);
}

static void write_file(const char *bytes, size_t n) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* The text of a trace of the minimal model, in `room`; returns its length. */
static size_t trace_under(const char *name, char *room, const bf_trace_header *header) {
    const bf_problem problem = minimal_problem();
    static uint8_t theta[4 * BF_MAX_BYTES];
    start_of(name, &problem, theta, 0);
    FILE *f = fmemopen(room, ROOM, "w");
    assert_non_null(f);
    record(name, &problem, theta, header, 1, f);
    assert_int_equal(fclose(f), 0);
    return strlen(room);
}

/* The same of f32, whatever the header says. */
static size_t trace_text(char *room, const bf_trace_header *header) {
    return trace_under("f32", room, header);
}

/* Record into the file and read it. */
static bf_trace *recorded(const char *name, const bf_problem *problem, const uint8_t *theta,
                          uint64_t steps, uint64_t every) {
    const bf_trace_header h = header_of(name, steps);
    bf_trace *t;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    const bf_hash chain = record(name, problem, theta, &h, every, f);
    assert_int_equal(fclose(f), 0);
    must(bf_trace_read(&t, path, &err));
    assert_true(bf_hash_equal(&chain, &t->final));
    return t;
}

/* A refusal names the file and a line. */
static int refused_line(void) {
    int line = 0;
    assert_int_equal(err.status, BF_EINPUT);
    assert_memory_equal(err.text, path, strlen(path));
    if (sscanf(err.text + strlen(path), ":%d: ", &line) != 1 || line < 1)
        fail_msg("a refusal without its line: %s", err.text);
    return line;
}

/* ---- reading ------------------------------------------------------------------------------ */

static const char *const arithmetics[] = {
    "f32",    "f64",    "f64/exact", "f32/blas",       "tf32",      "fp8_e4m3", "mpfr:fp8_e5m2",
    "mpfr:3", "mpfr:2", "mpfr:11",   "mpfr:113/exact", "mpfr:1000", "mpfr:53",  "mpfr:16384"};

static void a_trace_reads_back_the_same(void **state) {
    (void)state;
    enum { STEPS = 12 };
    const bf_problem problem = biased_problem();
    for (size_t i = 0; i < LENGTH(arithmetics); i++) {
        const bf_arithmetic a = arithmetic(arithmetics[i]);
        uint8_t *theta = take(7, a.format.bytes), loss[BF_MAX_BYTES];
        start_of(a.name, &problem, theta, i);
        bf_trace *t = recorded(a.name, &problem, theta, STEPS, 1);
        assert_false(t->golden || t->diverged || t->why);
        assert_string_equal(t->name, "short");
        assert_string_equal(t->arithmetic, a.name);
        assert_string_equal(t->experiment, experiment);
        assert_string_equal(t->by, "bitfate 0, a compiler");
        assert_true(bf_format_same(&t->format, &a.format));
        assert_int_equal(t->steps, STEPS);
        assert_int_equal(t->n_lines, STEPS + 1);

        /* The same run again, line by line: tensors hash to the hashes of their encodings. */
        bf_ensemble *e;
        must(bf_ensemble_new(&e, &a, &problem, &err));
        assert_int_equal(t->n_tensors, bf_n_tensors(e));
        bf_lane_start(e, 0, theta);
        for (size_t step = 0; step <= STEPS; step++) {
            const bf_trace_line *l = &t->lines[step];
            char *text = take((size_t)a.format.precision / 4 + 32, 1);
            bf_gradient(e);
            bf_lane_loss(e, 0, loss);
            bf_to_hex(&a.format, loss, text, (size_t)a.format.precision / 4 + 32);
            assert_int_equal(l->step, step);
            assert_string_equal(l->loss, text);
            free(text);
            bf_lane_theta(e, 0, theta);
            for (size_t j = 0; j < t->n_tensors; j++) {
                const bf_tensor *tensor = bf_tensor_at(e, j);
                const bf_hash h = bf_hash_of(theta + tensor->offset * a.format.bytes,
                                             tensor->count * a.format.bytes);
                assert_string_equal(t->tensors[j], tensor->name);
                assert_true(!a.strict || bf_hash_equal(&h, &l->hashes[j]));
            }
            bf_update(e);
        }
        bf_ensemble_free(e);
        bf_trace_free(t);
        free(theta);
    }
}

static void a_golden_reads_back_the_same(void **state) {
    (void)state;
    static char text[ROOM], again[ROOM];
    const bf_hash earlier = bf_hash_of("earlier", 7);
    for (int replaces = 0; replaces < 2; replaces++) {
        bf_trace_header h = header_of("f32", 5);
        bf_trace *t;
        trace_text(text, &h);
        write_file(text, strlen(text));
        must(bf_trace_read(&t, path, &err));
        h.why = "the first: it works";
        h.replaces = replaces ? &earlier : NULL;
        h.final = t->final;
        bf_trace_free(t);
        write_file(again, trace_text(again, &h));
        must(bf_trace_read(&t, path, &err));
        assert_true(t->golden);
        assert_string_equal(t->why, h.why);
        assert_true(bf_hash_equal(&t->final, &h.final));
        assert_int_equal(t->n_lines, 6);
        assert_string_equal(t->experiment, experiment);
        /* The file shows the experiment from the line that it names. */
        const char *line = again;
        for (int i = 1; i < t->experiment_line; i++)
            line = strchr(line, '\n') + 1;
        assert_memory_equal(line, "| name: short\n", 14);
        char hash[33];
        bf_hash_text(&earlier, hash);
        assert_int_equal(strstr(again, hash) != NULL, replaces);
        bf_trace_free(t);

        h.final = earlier; /* a golden whose header promises another end */
        write_file(again, trace_text(again, &h));
        assert_int_equal(bf_trace_read(&t, path, &err), BF_EINPUT);
        assert_null(t);
    }
}

/* A golden of a run in f32 that says another arithmetic (of 24 bits) and scope; its length. */
static size_t golden_text(char *room, const char *arithmetic_name, const char *scope) {
    bf_trace_header h = header_of(arithmetic_name, 5);
    bf_trace *t;
    write_file(room, trace_text(room, &h));
    must(bf_trace_read(&t, path, &err));
    h.why = "to know where";
    h.scope = scope;
    h.final = t->final;
    bf_trace_free(t);
    return trace_text(room, &h);
}

static void scopes_read_back_the_same(void **state) {
    (void)state;
    static char text[ROOM];
    static const struct {
        const char *arithmetic, *scope;
    } cases[] = {
        {"f32", "any"},
        {"f32", "kernel avx512, bitfate 0.1.0"},
        {"f32", "binary program 0, CPU x"},
        {"mpfr:24/exact", "any"},
        {"f32/blas", "binary  two blanks "},
        {"f99", "any"}, /* whether there is such an arithmetic is not a question of reading */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        write_file(text, golden_text(text, cases[i].arithmetic, cases[i].scope));
        bf_trace *t;
        must(bf_trace_read(&t, path, &err));
        assert_string_equal(t->scope, cases[i].scope);
        bf_trace_free(t);
    }
}

/* Wider than the arithmetic promises, or none at all. */
static void false_scopes_are_refused(void **state) {
    (void)state;
    enum { LINE = 7 }; /* of the scope */
    static char text[ROOM];
    static const struct {
        const char *arithmetic, *scope;
    } cases[] = {
        {"f32/blas", "any"},
        {"f32/blas", "kernel plain, bitfate 0.1.0"},
        {"f32/blas:x.so", "any"},
        {"f32", ""},
        {"f32", " any"},
        {"f32", "any "},
        {"f32", "any where"},
        {"f32", "Any"},
        {"f32", "kernel"},
        {"f32", "kernel "},
        {"f32", "kernels plain"},
        {"f32", "binary"},
        {"f32", "anykernel plain"},
        {"f32", "world"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        write_file(text, golden_text(text, cases[i].arithmetic, cases[i].scope));
        bf_trace *t;
        if (bf_trace_read(&t, path, &err) != BF_EINPUT)
            fail_msg("%s with the scope '%s' was taken", cases[i].arithmetic, cases[i].scope);
        assert_int_equal(refused_line(), LINE);
    }
}

/* Format 1 has no scope, and a hash `run` without it: what a trace has. */
static void goldens_of_format_1_mean_the_widest_scope(void **state) {
    (void)state;
    static char text[ROOM], old[ROOM + 128];
    static const struct {
        const char *arithmetic, *scope;
    } cases[] = {{"f32", "any"}, {"mpfr:24/exact", "any"}, {"f32/blas", "binary unknown"}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const bf_trace_header h = header_of(cases[i].arithmetic, 5);
        trace_text(text, &h);
        char *body = strchr(text, '\n'), *by = strstr(text, "by: ");
        *body++ = by[-1] = '\0';
        const size_t n = strlen(by);
        snprintf(old, sizeof old,
                 "bitfate golden 1\n%s\nwhy: x\nreplaces: nothing\nfinal: %.32s\n%s", body,
                 by + n - 33, by);
        write_file(old, strlen(old));
        bf_trace *t;
        must(bf_trace_read(&t, path, &err));
        assert_true(t->golden);
        assert_string_equal(t->scope, cases[i].scope);
        bf_trace_free(t);
        old[15] = '2'; /* where a scope is missing */
        write_file(old, strlen(old));
        assert_int_equal(bf_trace_read(&t, path, &err), BF_EINPUT);
        assert_int_equal(refused_line(), 7);
    }
}

/* Free text cannot break a line. (An experiment must end in a newline: one that does not is written
 * with one, but hashed without, and is then refused.) */
static void texts_of_the_header_stay_in_their_line(void **state) {
    (void)state;
    static char text[ROOM];
    bf_trace_header h = header_of("f32", 3);
    h.name = "two\nlines";
    h.by = "a\ttab, \xc3\xa9";
    h.experiment = "| \nexperiment:\n";
    write_file(text, trace_text(text, &h));
    bf_trace *t;
    must(bf_trace_read(&t, path, &err));
    assert_string_equal(t->name, "two lines");
    assert_string_equal(t->by, "a tab, \xc3\xa9");
    assert_string_equal(t->experiment, "| \nexperiment:\n");
    bf_trace_free(t);
}

static void a_diverged_run_says_so(void **state) {
    (void)state;
    const bf_arithmetic a = arithmetic("f64");
    bf_problem problem = minimal_problem();
    problem.bound = "1e6";
    uint8_t theta[32];
    for (size_t i = 0; i < 4; i++)
        must(bf_number(&a.format, "1500", theta + 8 * i, &err));
    bf_trace *t = recorded("f64", &problem, theta, 1000, 1);
    const bf_trace_line *last = &t->lines[t->n_lines - 1];
    assert_true(t->diverged);
    assert_int_equal(t->steps, 1000);
    assert_in_range(last->step, 1, 999);
    assert_int_equal(t->n_lines, last->step + 1);
    assert_string_equal(last->loss, "nan");
    bf_trace_free(t);
}

/* ---- damage ------------------------------------------------------------------------------- */

/* The line (from 1) of a position, and where the line begins. */
static int line_at(const char *text, size_t position, size_t *begin) {
    int line = 1;
    *begin = 0;
    for (size_t i = 0; i < position; i++)
        if (text[i] == '\n') {
            line++;
            *begin = i + 1;
        }
    return line;
}

/* What an edit may change without being refused: texts for the reader. */
static const char *const free_texts[] = {"name: ", "by: ", "why: "};

/* Not free, but an edit is not refused on reading: the names of the tensors are compared with the
 * model's only when the run is done again. A row that becomes refused is to be taken away: the test
 * says which. */
static const char *const uncovered[] = {"step loss "};

static size_t row_of(const char *const *rows, size_t n, const char *line) {
    size_t i = 0;
    while (i < n && strncmp(line, rows[i], strlen(rows[i])) != 0)
        i++;
    return i;
}

/* The row of `uncovered` that explains an unnoticed edit of a line, or their number. */
static size_t explanation(const char *line) {
    return row_of(uncovered, LENGTH(uncovered), line);
}

/* The same except for the header; losses as numbers of f32. */
static bool same_lines(const bf_trace *a, const bf_trace *b) {
    bool same = a->n_lines == b->n_lines && a->n_tensors == b->n_tensors &&
                a->golden == b->golden && a->diverged == b->diverged &&
                bf_hash_equal(&a->final, &b->final);
    const bf_format f = bf_format_of(24);
    for (size_t i = 0; same && i < a->n_lines; i++) {
        uint8_t losses[2][4];
        must(bf_number(&f, a->lines[i].loss, losses[0], &err));
        must(bf_number(&f, b->lines[i].loss, losses[1], &err));
        same = a->lines[i].step == b->lines[i].step && memcmp(losses[0], losses[1], 4) == 0;
        for (size_t j = 0; same && j <= a->n_tensors; j++)
            same = bf_hash_equal(&a->lines[i].hashes[j], &b->lines[i].hashes[j]);
    }
    return same;
}

/* Every character in turn becomes another: refused, at the line or after it, or free text. */
static void every_edit_is_noticed(void **state) {
    (void)state;
    static const char others[] = "0123456789abcdefgxpPXzZ -+.:|#/\n\r\t\x7f\x80\xff";
    static char text[ROOM];
    bf_trace_header h = header_of("f32", 5);
    size_t seen[LENGTH(uncovered)] = {0};
    for (int golden = 0; golden < 2; golden++) {
        bf_trace *original, *t;
        write_file(text, trace_text(text, &h));
        must(bf_trace_read(&original, path, &err));
        h.why = "as it was";
        h.final = original->final;
        if (golden) {
            bf_trace_free(original);
            write_file(text, trace_text(text, &h));
            must(bf_trace_read(&original, path, &err));
        }
        const size_t size = strlen(text);
        FILE *f = fopen(path, "r+");
        assert_non_null(f);
        assert_int_equal(setvbuf(f, NULL, _IONBF, 0), 0);
        for (size_t i = 0; i < size; i++) {
            size_t begin;
            const int line = line_at(text, i, &begin);
            const size_t known = explanation(text + begin);
            const bool is_free =
                row_of(free_texts, LENGTH(free_texts), text + begin) < LENGTH(free_texts);
            for (size_t o = 0; o < sizeof others; o += getenv("BITFATE_TEST_QUICK") ? 4 : 1) {
                if (others[o] == text[i]) /* the last of them is NUL */
                    continue;
                fseek(f, (long)i, SEEK_SET);
                putc(others[o], f);
                const bf_status s = bf_trace_read(&t, path, &err);
                if (s == BF_EINPUT) {
                    assert_true(refused_line() >= line);
                } else {
                    assert_int_equal(s, BF_OK);
                    assert_true(same_lines(original, t));
                    if (!is_free && known == LENGTH(uncovered))
                        fail_msg("line %d, column %zu: '%c' for '%c' went unnoticed", line,
                                 i - begin + 1, others[o], text[i]);
                    if (known < LENGTH(uncovered))
                        seen[known]++;
                    bf_trace_free(t);
                }
            }
            fseek(f, (long)i, SEEK_SET);
            putc(text[i], f);
        }
        fclose(f);
        must(bf_trace_read(&t, path, &err)); /* and whole again */
        bf_trace_free(t);
        bf_trace_free(original);
    }
    for (size_t i = 0; i < LENGTH(uncovered); i++)
        if (!seen[i])
            fail_msg("'%s' is covered now: take its row away", uncovered[i]);
}

static void every_truncation_is_noticed(void **state) {
    (void)state;
    static char text[ROOM];
    bf_trace_header h = header_of("f32", 5);
    bf_trace *t;
    size_t size = trace_text(text, &h);
    write_file(text, size);
    must(bf_trace_read(&t, path, &err));
    h.why = "as it was";
    h.final = t->final;
    bf_trace_free(t);
    for (int golden = 0; golden < 2; golden++) {
        if (golden)
            size = trace_text(text, &h);
        for (size_t n = size; n-- > 0;) {
            write_file(text, n);
            if (bf_trace_read(&t, path, &err) != BF_EINPUT)
                fail_msg("%zu of %zu bytes were taken for a trace", n, size);
            assert_null(t);
            size_t begin;
            assert_int_equal(refused_line(), line_at(text, n, &begin));
        }
        text[size] = 'x'; /* and what was appended */
        write_file(text, size + 1);
        assert_int_equal(bf_trace_read(&t, path, &err), BF_EINPUT);
    }
}

/* Whole lines left out, doubled or exchanged. */
static void steps_cannot_be_rearranged(void **state) {
    (void)state;
    static char text[ROOM], edited[ROOM];
    const bf_trace_header h = header_of("f32", 5);
    const size_t size = trace_text(text, &h);
    const char *lines[64];
    size_t n = 0;
    for (const char *p = text; p < text + size; p = strchr(p, '\n') + 1)
        lines[n++] = p;
    lines[n] = text + size;
    const size_t first = n - 7; /* 0 to 5, and the end */
    assert_memory_equal(lines[first], "0 0x", 4);
    for (size_t i = first; i < n; i++)
        for (size_t j = first; j <= n; j++) { /* line i goes before j; or, when it is j, away */
            size_t length = 0;
            for (size_t k = 0; k <= n; k++) {
                const size_t parts[] = {k == j && i != j ? i : n, k != i ? k : n};
                for (size_t p = 0; p < 2; p++)
                    if (parts[p] < n) {
                        const size_t bytes = (size_t)(lines[parts[p] + 1] - lines[parts[p]]);
                        memcpy(edited + length, lines[parts[p]], bytes);
                        length += bytes;
                    }
            }
            if (length == size && memcmp(edited, text, size) == 0)
                continue;
            bf_trace *t;
            write_file(edited, length);
            if (bf_trace_read(&t, path, &err) != BF_EINPUT)
                fail_msg("line %zu moved before line %zu, unnoticed", i, j);
        }
}

/* Random damage of every sort: an answer, never a crash. */
static void damage_never_crashes(void **state) {
    (void)state;
    static char text[ROOM], damaged[2 * ROOM];
    const bf_trace_header h = header_of("f32", 5);
    const size_t size = trace_text(text, &h);
    for (size_t i = 0; i < scaled(20000); i++) {
        size_t n = size;
        memcpy(damaged, text, size);
        for (size_t edits = 1 + random_below(4); edits-- > 0;) {
            const size_t at = random_below(n), span = 1 + random_below(i % 3 ? 4 : 200);
            const size_t from = random_below(n);
            switch (random_below(4)) {
            case 0: /* overwrite */
                damaged[at] = (char)random_bits();
                break;
            case 1: /* delete */
                if (at + span < n) {
                    memmove(damaged + at, damaged + at + span, n - at - span);
                    n -= span;
                }
                break;
            case 2: /* insert noise */
                memmove(damaged + at + span, damaged + at, n - at);
                for (size_t k = 0; k < span; k++)
                    damaged[at + k] = (char)random_bits();
                n += span;
                break;
            default: /* copy a piece to elsewhere */
                if (from + span < n && at + span < n)
                    memmove(damaged + at, damaged + from, span);
            }
        }
        bf_trace *t;
        write_file(damaged, n);
        const bf_status s = bf_trace_read(&t, path, &err);
        assert_true(s == BF_OK || s == BF_EINPUT);
        assert_int_equal(t != NULL, s == BF_OK);
        bf_trace_free(t);
    }
}

/* The hash `run`, as documented: of two hashes. */
static void run_hash(const char *head, const char *lines, char text[33]) {
    const bf_hash both[] = {bf_hash_of(head, strlen(head)), bf_hash_of(lines, strlen(lines))};
    const bf_hash h = bf_hash_of(both, sizeof both);
    bf_hash_text(&h, text);
}

static void the_header_hashes_what_was_run(void **state) {
    (void)state;
    static char text[ROOM];
    char hash[33], line[64];
    const bf_trace_header h = header_of("mpfr:24", 5);
    trace_text(text, &h);
    run_hash("mpfr:24\nf32\n24\n5\n", experiment, hash);
    snprintf(line, sizeof line, "\nrun: %s\n", hash);
    assert_non_null(strstr(text, line));
}

/* Where the format is not named, as it once was not, its precision says which it is. */
static void a_precision_alone_stands_for_a_format(void **state) {
    (void)state;
    static const struct {
        const char *arithmetic, *of_precision;
    } cases[] = {{"f16", "f16"},           {"mpfr:8", "bf16"},   {"f64", "f64"},
                 {"mpfr:100", "mpfr:100"}, {"mpfr:3", "mpfr:3"}, {"tf32", NULL},
                 {"fp8_e5m2", NULL}};
    static char text[ROOM], old[ROOM];
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const bf_arithmetic a = arithmetic(cases[i].arithmetic);
        char head[400], hash[33];
        const bf_trace_header h = header_of(a.name, 5);
        trace_under(a.name, text, &h);
        snprintf(head, sizeof head, "%s\n%d\n5\n", a.name, a.format.precision);
        run_hash(head, experiment, hash);
        char *format = strstr(text, "format: "), *precision = strstr(text, "precision: "),
             *run = strstr(text, "run: ");
        const int n = snprintf(old, sizeof old, "%.*s%.*srun: %s%s", (int)(format - text), text,
                               (int)(run - precision), precision, hash, run + 5 + 32);
        bf_trace *t = NULL;
        write_file(old, (size_t)n);
        const bf_status s = bf_trace_read(&t, path, &err);
        if (cases[i].of_precision) {
            must(s);
            assert_string_equal(t->format.name, cases[i].of_precision);
        } else { /* such a trace is none that was ever written: other bytes */
            assert_true(s == BF_EINPUT || !bf_format_same(&t->format, &a.format));
        }
        bf_trace_free(t);
    }
}

/* Whatever steps a trace records, they end where its header says that the run does. */
static void the_last_step_is_that_of_the_header(void **state) {
    (void)state;
    static char text[ROOM], edited[ROOM];
    const bf_trace_header h = header_of("f32", 5);
    trace_text(text, &h);
    const char *from = strstr(text, "steps: 5\nrun: "),
               *rest = from + strlen("steps: 5\nrun: ") + 32;
    static const uint64_t steps[] = {4, 5, 6, 1000000000};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        char head[64], hash[33];
        snprintf(head, sizeof head, "f32\nf32\n24\n%d\n", (int)steps[i]);
        run_hash(head, experiment, hash);
        const int n = snprintf(edited, sizeof edited, "%.*ssteps: %d\nrun: %s%s",
                               (int)(from - text), text, (int)steps[i], hash, rest);
        bf_trace *t;
        write_file(edited, (size_t)n);
        assert_int_equal(bf_trace_read(&t, path, &err), steps[i] == 5 ? BF_OK : BF_EINPUT);
        bf_trace_free(t);
    }
}

static void what_is_no_trace_is_refused(void **state) {
    (void)state;
    static const char head[] = "bitfate trace 1\nname: n\narithmetic: f32\n";
    char run[128], hash[33];
    run_hash("f32\n24\n5\n", "", hash);
    snprintf(run, sizeof run, "steps: 5\nrun: %s\nby: b\n", hash);
    static const char *const tails[] = {
        "precision: 1\n",          "precision: 16385\n",
        "precision: 4294967320\n", "precision: 99999999999999999999\n",
        "precision: -24\n",        "precision:\n",
    };
    bf_trace *t;
    static char text[ROOM];
    for (size_t i = 0; i < LENGTH(tails); i++) {
        const int n = snprintf(text, sizeof text, "%s%s%sexperiment:\nstep loss w chain\n", head,
                               tails[i], run);
        write_file(text, (size_t)n);
        assert_int_equal(bf_trace_read(&t, path, &err), BF_EINPUT);
        assert_int_equal(refused_line(), 4);
    }
    static const char *const headings[] = {
        "step loss chain\n",
        "step loss\n",
        "step\n",
        "\n",
        "step loss w\n",
        "loss step w chain\n",
        "step loss a-name-that-is-longer-than-any-tensor-has chain\n",
        "step loss w chain\nend finished 0 00000000000000000000000000000000\n",
        "step loss w chain\nend\n",
        "step loss w chain\n0\n",
        "step loss w chain\n0 1\n",
        "step loss w chain\n0 1e5 0 0\n",
        "step loss w chain\n99999999999999999999 1\n",
    };
    for (size_t i = 0; i < LENGTH(headings); i++) {
        const int n = snprintf(text, sizeof text, "%sprecision: 24\n%sexperiment:\n%s", head, run,
                               headings[i]);
        write_file(text, (size_t)n);
        assert_int_equal(bf_trace_read(&t, path, &err), BF_EINPUT);
        assert_in_range(refused_line(), 9, 11);
    }
    assert_int_equal(bf_trace_read(&t, "/nonexistent/trace", &err), BF_EINPUT);
    assert_int_equal(bf_trace_read(&t, folder, &err), BF_EINPUT);
    assert_null(t);
}

/* ---- comparing ---------------------------------------------------------------------------- */

/* The run of `a` with the lowest bit of one parameter flipped at step k, recorded by hand: lines up
 * to there are those of `a`. */
static bf_trace *injected(const bf_trace *a, const bf_problem *problem, const uint8_t *theta,
                          uint64_t k, size_t parameter) {
    const bf_arithmetic f = arithmetic(a->arithmetic);
    const size_t bytes = f.format.bytes;
    bf_trace *b = take(1, sizeof *b);
    *b = *a;
    b->lines = take(a->n_lines, sizeof *b->lines);
    memcpy(b->lines, a->lines, a->n_lines * sizeof *b->lines);
    bf_ensemble *e;
    bf_recorder *r;
    must(bf_ensemble_new(&e, &f, problem, &err));
    bf_lane_start(e, 0, theta);
    assert_int_equal(bf_train(e, k), k);
    uint8_t *now = take(bf_n_parameters(e), bytes);
    bf_lane_theta(e, 0, now);
    uint8_t *value = now + parameter * bytes, before[BF_MAX_BYTES];
    memcpy(before, value, bytes);
    value[f.format.ieee ? 0 : 9] ^= 1;
    assert_true(bf_ulps(&f.format, before, value) == 1);
    bf_lane_start(e, 0, now);
    must(bf_recorder_new(&r, e, 0, NULL, &err));
    for (uint64_t step = k; step < a->n_lines; step++) {
        uint8_t loss[BF_MAX_BYTES];
        char text[512];
        bf_gradient(e);
        bf_record(r);
        bf_lane_loss(e, 0, loss);
        bf_to_hex(&f.format, loss, text, sizeof text);
        bf_trace_line *l = &b->lines[step];
        assert_int_equal(l->step, step);
        l->loss = strdup(text);
        l->hashes = take(a->n_tensors + 1, sizeof *l->hashes);
        memcpy(l->hashes, bf_recorder_tensors(r), a->n_tensors * sizeof *l->hashes);
        l->hashes[a->n_tensors] = bf_recorder_hash(r);
        assert_false(bf_update(e));
    }
    bf_recorder_free(r);
    bf_ensemble_free(e);
    free(now);
    return b;
}

static void free_injected(bf_trace *b, uint64_t k) {
    for (uint64_t i = k; i < b->n_lines; i++) {
        free(b->lines[i].loss);
        free(b->lines[i].hashes);
    }
    free(b->lines);
    free(b);
}

/* The chained hashes that belong to the lines, by the letter of doc/numerics.md. */
static void chain_anew(bf_trace *t) {
    const bf_format f = t->format;
    const size_t size = 24 + f.bytes + 16 * t->n_tensors;
    uint8_t *room = take(size, 1);
    for (size_t i = 0; i < t->n_lines; i++) {
        bf_trace_line *l = &t->lines[i];
        save_bytes(room + 16, 8, l->step);
        must(bf_number(&f, l->loss, room + 24, &err));
        memcpy(room + 24 + f.bytes, l->hashes, 16 * t->n_tensors);
        l->hashes[t->n_tensors] = bf_hash_of(room, size);
        memcpy(room, &l->hashes[t->n_tensors], 16);
    }
    free(room);
}

static void expect(const bf_trace *a, const bf_trace *b, uint64_t step, int tensor,
                   const char *name) {
    bf_difference d;
    for (int turn = 0; turn < 2; turn++) {
        must(bf_trace_compare(turn ? b : a, turn ? a : b, &d, &err));
        if (d.same || d.step != step || d.tensor != tensor || strcmp(d.name, name) != 0)
            fail_msg("expected step %d, %s; got step %d, %s", (int)step, name, (int)d.step,
                     d.same ? "nothing" : d.name);
    }
}

static void one_ulp_is_found_where_it_was_injected(void **state) {
    (void)state;
    enum { STEPS = 30 };
    static const char *const names[] = {"f32", "f64/exact", "mpfr:113"};
    static const uint64_t steps[] = {0, 1, 7, STEPS - 1, STEPS};
    const bf_problem problem = biased_problem();
    for (size_t i = 0; i < LENGTH(names); i++) {
        const bf_arithmetic f = arithmetic(names[i]);
        uint8_t theta[7 * BF_MAX_BYTES];
        bf_ensemble *e;
        start_of(names[i], &problem, theta, i);
        bf_trace *a = recorded(names[i], &problem, theta, STEPS, 1);
        must(bf_ensemble_new(&e, &f, &problem, &err));
        for (size_t t = 0; t < bf_n_tensors(e); t++)
            for (size_t s = 0; s < LENGTH(steps); s++) {
                const bf_tensor *tensor = bf_tensor_at(e, t);
                const size_t parameter = tensor->offset + s % tensor->count;
                bf_trace *b = injected(a, &problem, theta, steps[s], parameter);
                expect(a, b, steps[s], (int)t, tensor->name);
                free_injected(b, steps[s]);
            }
        bf_ensemble_free(e);
        bf_trace_free(a);
    }
}

static void comparisons(void **state) {
    (void)state;
    const bf_problem problem = minimal_problem();
    uint8_t theta[16];
    bf_difference d;
    start_of("f32", &problem, theta, 3);
    bf_trace *a = recorded("f32", &problem, theta, 20, 1);
    bf_trace *twin = recorded("mpfr:24", &problem, theta, 20, 1);
    bf_trace *sparse = recorded("f32", &problem, theta, 20, 5);
    bf_trace *shorter = recorded("f32", &problem, theta, 12, 1);
    bf_trace *const alike[] = {a, twin, sparse};
    for (size_t i = 0; i < LENGTH(alike); i++)
        for (size_t j = 0; j < LENGTH(alike); j++) {
            must(bf_trace_compare(alike[i], alike[j], &d, &err));
            assert_true(d.same);
        }
    expect(a, shorter, 12, -1, "end");
    expect(sparse, shorter, 12, -1, "end");

    shorter->diverged = true; /* the run ended, and ended elsewise */
    expect(a, shorter, 12, -1, "end");
    twin->diverged = true;
    expect(a, twin, 20, -1, "end");
    twin->diverged = false;

    const bf_hash chain = twin->lines[20].hashes[2];
    chain_anew(twin);
    assert_true(bf_hash_equal(&chain, &twin->lines[20].hashes[2]));
    twin->lines[15].hashes[0].bytes[3] ^= 1; /* a step that the sparse trace has */
    chain_anew(twin);
    expect(sparse, twin, 15, 0, "0.weight");
    free(twin->lines[9].loss);
    twin->lines[9].loss = strdup("0x1p+0");
    chain_anew(twin);
    expect(a, twin, 9, -1, "loss");
    twin->lines[9].hashes[1].bytes[15] ^= 1; /* a tensor comes before the loss of its step */
    chain_anew(twin);
    expect(a, twin, 9, 1, "2.weight");
    twin->lines[9].hashes[0].bytes[0] ^= 1;
    chain_anew(twin);
    expect(a, twin, 9, 0, "0.weight");
    twin->lines[8].hashes[1].bytes[7] ^= 1; /* and an earlier step before all */
    chain_anew(twin);
    expect(a, twin, 8, 1, "2.weight");

    const bf_problem other = biased_problem();
    uint8_t more[28];
    start_of("f32", &other, more, 3);
    bf_trace *b = recorded("f32", &other, more, 20, 1);
    assert_int_equal(bf_trace_compare(a, b, &d, &err), BF_EINPUT);
    assert_int_equal(bf_trace_compare(b, a, &d, NULL), BF_EINPUT);
    strcpy(twin->tensors[1], "1.weight");
    assert_int_equal(bf_trace_compare(a, twin, &d, &err), BF_EINPUT);
    bf_trace *const all[] = {a, twin, sparse, shorter, b};
    for (size_t i = 0; i < LENGTH(all); i++)
        bf_trace_free(all[i]);
}

/* Bisection says what a scan says, wherever it begins; steps not recorded leave an interval. */
static void the_first_step_is_found(void **state) {
    (void)state;
    enum { STEPS = 37 };
    const bf_problem problem = minimal_problem();
    uint8_t theta[32];
    start_of("f64", &problem, theta, 5);
    static const uint64_t every[] = {1, 4, 6, 100};
    for (size_t i = 0; i < LENGTH(every); i++)
        for (size_t j = 0; j < LENGTH(every); j++) {
            bf_trace *a = recorded("f64", &problem, theta, STEPS, every[i]);
            bf_trace *b = recorded("f64", &problem, theta, STEPS, every[j]);
            for (uint64_t first = STEPS + 1; first-- > 0;) { /* all steps from there on differ */
                uint64_t step = UINT64_MAX, earliest = 0;
                for (size_t k = 0; k < b->n_lines; k++)
                    if (b->lines[k].step == first)
                        b->lines[k].hashes[1].bytes[2] ^= 1;
                chain_anew(b);
                for (uint64_t k = 0; k <= STEPS && step == UINT64_MAX; k++)
                    if (k == STEPS || (k % every[i] == 0 && k % every[j] == 0)) {
                        if (k >= first)
                            step = k;
                        else
                            earliest = k + 1;
                    }
                bf_difference d;
                must(bf_trace_compare(a, b, &d, &err));
                assert_false(d.same);
                assert_int_equal(d.step, step);
                assert_int_equal(d.earliest, earliest);
                assert_string_equal(d.name, "2.weight");
            }
            bf_trace_free(a);
            bf_trace_free(b);
        }
}

static int make_folder(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/test_trace.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a.trace", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_reads_back_the_same),
        cmocka_unit_test(a_golden_reads_back_the_same),
        cmocka_unit_test(scopes_read_back_the_same),
        cmocka_unit_test(false_scopes_are_refused),
        cmocka_unit_test(goldens_of_format_1_mean_the_widest_scope),
        cmocka_unit_test(texts_of_the_header_stay_in_their_line),
        cmocka_unit_test(a_diverged_run_says_so),
        cmocka_unit_test(every_edit_is_noticed),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(steps_cannot_be_rearranged),
        cmocka_unit_test(damage_never_crashes),
        cmocka_unit_test(the_header_hashes_what_was_run),
        cmocka_unit_test(a_precision_alone_stands_for_a_format),
        cmocka_unit_test(the_last_step_is_that_of_the_header),
        cmocka_unit_test(what_is_no_trace_is_refused),
        cmocka_unit_test(one_ulp_is_found_where_it_was_injected),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(the_first_step_is_found),
    };
    return cmocka_run_group_tests_name("traces", tests, make_folder, remove_folder);
}
