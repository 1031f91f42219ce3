/* SPDX-License-Identifier: MIT */
/* test_faults.c - precision and recall of the detection of differences: thousands of runs with one
 * fault each, compared with the run without it.
 *
 * A fault that changes any value must be found, exactly where it struck; one that changes none (two
 * terms exchanged whose sum is the same) must not be reported. Which values it changed is found
 * without the detector: every operation's values of both runs are compared byte by byte. */
#include "laws.h"

#include "run/difference.h"
#include "faulty.h"

#include <unistd.h>

enum { STEPS = 6, LANES = 64, MOST_PARAMETERS = 32, MOST_PLACES = 32, BYTES = 8 };

/* ---- models ------------------------------------------------------------------------------- */

/* Samples 1 and 4 are the same: exchanging them changes nothing. */
static const double inputs[] = {0.5, -1.25, 0.1, 0.7, 1.3, -0.2, -0.9, 0.3, 0.1, 0.7, 0.6, 1.1};
static const double targets[] = {0.2, 0.9, -0.3, 0.4, 0.5, -0.6, 0.7, 0.1, -0.3, 0.4, 0.8, 0.3};
static const bf_data twelve = {.n = 6, .inputs = 2, .outputs = 2, .x = inputs, .y = targets};

static const bf_layer whole_layers[] = {
    BF_LAYER("dense", {"width", "3"}, {"scale", "3/4"}),
    BF_LAYER("tanh", {"gain", "5/4"}),
    BF_LAYER("dense", {"width", "2"}),
};

static const bf_setting settings[] = {{"momentum", "0.9"}, {"weight_decay", "1/64"}};

static bf_problem problem_of(int model) {
    bf_problem p = minimal_problem();
    if (model == 0)
        return p;
    p.layers = whole_layers;
    p.n_layers = LENGTH(whole_layers);
    p.data = &twelve;
    p.rate = "1/4";
    p.optimiser_settings = settings;
    p.n_optimiser_settings = model == 2 ? LENGTH(settings) : 0;
    return p;
}
enum { MODELS = 3 };

/* ---- runs --------------------------------------------------------------------------------- */

/* Everything about one lane's run, and the chained hash of every lane's. */
typedef struct history {
    step_log logs[STEPS + 1];
    uint8_t theta[STEPS + 1][BYTES * MOST_PARAMETERS], loss[STEPS + 1][BYTES];
    uint64_t last;
    bool diverged;
    bf_hash chains[LANES];
    bf_trace *trace;
} history;

static char path[128];

static void free_history(history *h) {
    for (size_t k = 0; k <= STEPS; k++)
        step_log_free(&h->logs[k]);
    bf_trace_free(h->trace);
}

static void write_header(bf_recorder *r) {
    bf_recorder_header(r, &(bf_trace_header){.name = "faulty",
                                             .arithmetic = "f64",
                                             .experiment = "name: faulty\n",
                                             .by = "tests",
                                             .steps = STEPS});
}

/* Train all lanes from `starts`, (lanes, parameters), under a fault, and observe one. */
static void train(bf_ensemble *e, const uint8_t *starts, const fault *f, int observed, history *h) {
    const size_t size = BYTES * bf_n_parameters(e);
    bf_recorder *recorders[LANES];
    bool ended[LANES] = {false};
    unlink(path); /* some file systems write a file that is emptied to the disk at once */
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < bf_lanes(e); i++) {
        bf_lane_start(e, i, starts + (size_t)i * size);
        must(bf_recorder_new(&recorders[i], e, i, i == observed ? file : NULL, &err));
    }
    write_header(recorders[observed]);
    faulty_arm(f);
    for (size_t k = 0; k <= STEPS; k++) {
        h->logs[k].bytes = BYTES;
        step_log_clear(&h->logs[k]);
        must(bf_observe(e, observed, step_log_observe, &h->logs[k], &err));
        bf_gradient(e);
        if (!ended[observed]) {
            bf_lane_theta(e, observed, h->theta[k]);
            bf_lane_loss(e, observed, h->loss[k]);
            h->last = k;
            h->diverged = bf_lane_diverged(e, observed);
        }
        for (int i = 0; i < bf_lanes(e); i++)
            if (!ended[i]) {
                bf_record(recorders[i]);
                ended[i] = bf_lane_diverged(e, i);
            }
        if (k < STEPS)
            bf_update(e);
    }
    bf_recorder_end(recorders[observed]);
    assert_int_equal(fclose(file), 0);
    for (int i = 0; i < bf_lanes(e); i++) {
        h->chains[i] = bf_recorder_hash(recorders[i]);
        bf_recorder_free(recorders[i]);
    }
    bf_trace_free(h->trace);
    must(bf_trace_read(&h->trace, path, &err));
}

/* ---- where a call belongs ----------------------------------------------------------------- */

/* The calls of one operation in a step, counted from the step's beginning. */
typedef struct place {
    bf_operation what;
    uint64_t from, to;
} place;

typedef struct model {
    bf_problem problem;
    bf_ensemble *e;
    uint8_t *starts; /* (lanes, parameters) */
    history clean[LANES];
    place places[MOST_PLACES];
    size_t n_places;
    uint64_t gradient_calls, step_calls; /* without and with the update */
} model;

static void find_place(void *context, const bf_operation *o) {
    model *m = context;
    const uint64_t from = m->n_places ? m->places[m->n_places - 1].to : 0;
    if (faulty_calls() == from)
        return; /* another name for what was computed, or a tensor more of the update */
    assert_true(m->n_places < MOST_PLACES);
    m->places[m->n_places++] = (place){*o, from, faulty_calls()};
}

static void find_places(model *m) {
    for (int i = 0; i < bf_lanes(m->e); i++)
        bf_lane_start(m->e, i, m->starts);
    faulty_arm(&(fault){.kind = FAULT_NONE});
    must(bf_observe(m->e, 0, find_place, m, &err));
    bf_gradient(m->e);
    m->gradient_calls = faulty_calls();
    bf_update(m->e);
    m->step_calls = faulty_calls();
}

static const bf_tensor *tensor_with(const bf_ensemble *e, size_t parameter) {
    size_t t = 0;
    while (parameter >= bf_tensor_at(e, t)->offset + bf_tensor_at(e, t)->count)
        t++;
    return bf_tensor_at(e, t);
}

/* The operation that a call belongs to, its element, and whether its result is the element: else it
 * is on the way to it. */
typedef struct target {
    const bf_operation *what;
    const char *kind, *name, *tensor;
    size_t element;
    bool is_result;
} target;

static target target_of(const model *m, uint64_t call) {
    const place *p = m->places;
    while (call >= p->to)
        p++;
    const bf_operation *o = &p->what;
    const size_t offset = (size_t)(call - p->from);
    if (strcmp(o->kind, "update") != 0) {
        const size_t each = (size_t)(p->to - p->from) / (o->rows * o->columns);
        return (target){o,        o->kind, o->name, o->tensor ? o->tensor->name : "", offset / each,
                        each == 1};
    }
    /* Parameter by parameter: decay, momentum, step, those that there are. */
    const char *names[3];
    size_t each = 0;
    if (m->problem.n_optimiser_settings) {
        names[each++] = "decay";
        names[each++] = "momentum";
    }
    names[each++] = "step";
    const bf_tensor *t = tensor_with(m->e, offset / each);
    return (target){o, "update", names[offset % each], t->name, offset / each - t->offset, true};
}

/* ---- what a fault changed, without the detector ------------------------------------------- */

typedef struct truth {
    bool operation, line;   /* whether any differs: of an operation, of a step's line */
    uint64_t step, element; /* of the operation */
    const bf_operation *what;
    uint64_t line_step, index; /* of the line */
    int tensor;                /* -1: the loss */
} truth;

static bool scan_block(const step_log *a, const step_log *b, size_t i, truth *t) {
    const bf_operation *x = &a->blocks[i].what, *y = &b->blocks[i].what;
    assert_string_equal(x->name, y->name);
    assert_int_equal(x->count, y->count);
    for (size_t k = 0; k < x->count; k++)
        if (memcmp(a->values + a->blocks[i].offset + k * BYTES,
                   b->values + b->blocks[i].offset + k * BYTES, BYTES) != 0) {
            t->operation = true;
            t->what = x;
            t->element = x->first + k;
            return true;
        }
    return false;
}

static void scan_operations(const history *a, const history *b, truth *t) {
    for (t->step = 0; t->step <= a->last && t->step <= b->last; t->step++) {
        const step_log *x = &a->logs[t->step], *y = &b->logs[t->step];
        assert_int_equal(x->n, y->n);
        for (size_t i = 0; i < x->n; i++)
            if (scan_block(x, y, i, t))
                return;
    }
}

static void scan_lines(const bf_ensemble *e, const history *a, const history *b, truth *t) {
    for (uint64_t k = 0; k <= a->last && k <= b->last; k++) {
        t->line_step = k;
        for (size_t i = 0; i < bf_n_parameters(e); i++)
            if (memcmp(a->theta[k] + i * BYTES, b->theta[k] + i * BYTES, BYTES) != 0) {
                const bf_tensor *tensor = tensor_with(e, i);
                t->line = true;
                t->tensor = (int)(tensor - bf_tensor_at(e, 0));
                t->index = i - tensor->offset;
                return;
            }
        if (memcmp(a->loss[k], b->loss[k], BYTES) != 0) {
            t->line = true;
            t->tensor = -1;
            return;
        }
    }
}

/* ---- the detector, and its marks ---------------------------------------------------------- */

typedef struct tally {
    size_t faults, changed, detected, located, false_alarms;
} tally;

static void count(tally *t, bool changed, bool detected, bool located) {
    t->faults++;
    t->changed += changed;
    t->detected += changed && detected;
    t->located += changed && detected && located;
    t->false_alarms += detected && !changed;
}

static void find_operation(const history *a, const history *b, difference_operation *o) {
    const bf_format f = bf_format_of(53);
    o->known = false;
    for (uint64_t k = 0; k <= a->last && k <= b->last && !o->known; k++)
        must(difference_find_operation(&a->logs[k], &b->logs[k], &f, k, o, &err));
}

/* Whether the traces' difference is the true one, down to the element. */
static bool right_line(const bf_ensemble *e, const history *a, const history *b,
                       const bf_difference *d, const truth *t) {
    const bf_format f = bf_format_of(53);
    if (d->step != t->line_step || d->earliest != d->step || d->tensor != t->tensor)
        return false;
    if (d->tensor < 0)
        return strcmp(d->name, "loss") == 0;
    const bf_tensor *tensor = bf_tensor_at(e, (size_t)d->tensor);
    const size_t offset = tensor->offset * BYTES;
    difference_element x = {.known = false};
    difference_find(&(difference_side){&f, a->theta[d->step] + offset, tensor->count},
                    &(difference_side){&f, b->theta[d->step] + offset, tensor->count}, &x);
    const bool right = x.known && x.index == t->index && strcmp(d->name, tensor->name) == 0;
    difference_free(&x);
    return right;
}

/* Compare the run with the fault with the one without. `where` (or NULL): the operation that was
 * struck, at step `step`. */
static void judge(const model *m, int lane, const history *h, const target *where, uint64_t step,
                  tally *operations, tally *lines) {
    const history *clean = &m->clean[lane];
    truth t = {.operation = false};
    difference_operation o = {.known = false};
    bf_difference d;
    scan_operations(clean, h, &t);
    scan_lines(m->e, clean, h, &t);
    find_operation(clean, h, &o);
    must(bf_trace_compare(clean->trace, h->trace, &d, &err));
    bool located = o.known && t.operation && o.step == t.step && o.what.layer == t.what->layer &&
                   strcmp(o.what.kind, t.what->kind) == 0 &&
                   strcmp(o.what.name, t.what->name) == 0 && o.at.index == t.element;
    if (where && o.known)
        located &= o.step == step && strcmp(o.what.kind, where->kind) == 0 &&
                   strcmp(o.what.name, where->name) == 0 && strcmp(o.tensor, where->tensor) == 0 &&
                   o.at.index == where->element &&
                   (where->tensor[0] || o.what.layer == where->what->layer);
    count(operations, t.operation, o.known, located);
    count(lines, t.line, !d.same, !d.same && t.line && right_line(m->e, clean, h, &d, &t));
    difference_operation_free(&o);
}

/* Lanes without a fault have the bits that they had. */
static void judge_lanes(const model *m, int lane, const history *h, tally *t) {
    for (int i = 0; i < bf_lanes(m->e); i++)
        if (i != lane && !bf_hash_equal(&h->chains[i], &m->clean[i].chains[i]))
            t->false_alarms++;
}

/* ---- faults ------------------------------------------------------------------------------- */

/* One operation goes wrong: by an ulp, in a bit, in a term, in the order of its terms. */
static void strike(const model *m, enum fault_kind kind, history *h, tally *operations,
                   tally *lines) {
    fault f = {
        .kind = kind, .lane = (int)random_below((size_t)bf_lanes(m->e)), .up = random_below(2)};
    const uint64_t step = random_below(STEPS + 1);
    target where;
    uint64_t call;
    do {
        call = random_below((size_t)(step < STEPS ? m->step_calls : m->gradient_calls));
        where = target_of(m, call);
    } while ((kind == FAULT_TERM || kind == FAULT_SWAP) && where.what->terms < 2);
    f.call = step * m->step_calls + call;
    if (kind == FAULT_BIT) {
        f.p = random_below(8 * BYTES);
    } else if (where.what->terms) {
        f.p = random_below(where.what->terms);
        f.q = (f.p + 1 + random_below(where.what->terms)) % where.what->terms;
    }
    train(m->e, m->starts, &f, f.lane, h);
    const size_t changed = operations->changed;
    judge(m, f.lane, h, &where, step, operations, lines);
    judge_lanes(m, f.lane, h, operations);
    if ((kind == FAULT_ULP || kind == FAULT_BIT) &&
        where.is_result) /* it cannot have gone unseen */
        assert_int_equal(operations->changed, changed + 1);
}

/* A step is dropped: what the update computes in one lane is not stored. */
static void drop(const model *m, history *h, tally *operations, tally *lines) {
    const uint64_t step = random_below(STEPS), first = step * m->step_calls + m->gradient_calls;
    const fault f = {.kind = FAULT_DROP,
                     .lane = (int)random_below((size_t)bf_lanes(m->e)),
                     .call = first,
                     .end = (step + 1) * m->step_calls};
    train(m->e, m->starts, &f, f.lane, h);
    const size_t located = operations->located;
    judge(m, f.lane, h, NULL, step, operations, lines);
    judge_lanes(m, f.lane, h, operations);
    assert_int_equal(operations->located, located + 1);
    assert_memory_equal(h->theta[step + 1], h->theta[step], BYTES * bf_n_parameters(m->e));
}

/* Two samples are exchanged, in every lane. */
static void exchange(const model *m, history *h, tally *operations, tally *lines) {
    const bf_data *from = m->problem.data;
    const size_t i = random_below(from->n), j = (i + 1 + random_below(from->n - 1)) % from->n;
    const int lane = (int)random_below((size_t)bf_lanes(m->e));
    double x[16], y[16];
    const bf_data data = {
        .n = from->n, .inputs = from->inputs, .outputs = from->outputs, .x = x, .y = y};
    for (size_t k = 0; k < from->n; k++) {
        const size_t row = k == i ? j : k == j ? i : k;
        memcpy(x + k * from->inputs, from->x + row * from->inputs, from->inputs * sizeof *x);
        memcpy(y + k * from->outputs, from->y + row * from->outputs, from->outputs * sizeof *y);
    }
    bf_problem problem = m->problem;
    bf_arithmetic a;
    bf_ensemble *e;
    problem.data = &data;
    faulty_arithmetic(&a);
    must(bf_ensemble_new(&e, &a, &problem, &err));
    train(e, m->starts, &(fault){.kind = FAULT_NONE}, lane, h);
    const bf_operation what = {.layer = -1};
    const target where = {&what, "data", "inputs", "", (i < j ? i : j) * from->inputs, false};
    judge(m, lane, h, &where, 0, operations, lines);
    bf_ensemble_free(e);
}

/* One bit of the start is flipped. */
static void flip_start(const model *m, history *h, tally *operations, tally *lines) {
    const size_t n = bf_n_parameters(m->e), bit = random_below(8 * BYTES * n);
    const int lane = (int)random_below((size_t)bf_lanes(m->e));
    uint8_t *byte = m->starts + (size_t)lane * n * BYTES + bit / 8;
    *byte ^= (uint8_t)(1 << bit % 8);
    train(m->e, m->starts, &(fault){.kind = FAULT_NONE}, lane, h);
    *byte ^= (uint8_t)(1 << bit % 8);
    judge(m, lane, h, NULL, 0, operations, lines);
    judge_lanes(m, lane, h, operations);
    assert_memory_not_equal(h->theta[0], m->clean[lane].theta[0], BYTES * n);
}

/* One bit of a hash in the file is flipped: the reader names the line. */
static void flip_hash(const model *m, history *h, tally *t) {
    static char text[1 << 14];
    char *digits[2 * STEPS * MOST_PLACES];
    int numbers[LENGTH(digits)], number = 1;
    size_t n = 0;
    train(m->e, m->starts, &(fault){.kind = FAULT_NONE}, 0, h);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    const size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    for (char *line = strstr(text, "\nstep "); line; line = strchr(line + 1, '\n'), number++)
        for (char *p = line + 1; *p && *p != '\n'; p += strcspn(p, " \n"), p += *p == ' ')
            if (strcspn(p, " \n") == 32 && strspn(p, "0123456789abcdef") == 32) {
                digits[n] = p;
                numbers[n++] = number - 1; /* of lines after the heading */
            }
    int heading = 1;
    for (const char *p = text; p < strstr(text, "\nstep ") + 1; p++)
        heading += *p == '\n';
    const size_t i = random_below(n);
    char *c = digits[i] + random_below(32);
    const int value = *c <= '9' ? *c - '0' : *c - 'a' + 10;
    *c = "0123456789abcdef"[value ^ 1 << random_below(4)];
    rewind(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    bf_trace *trace;
    char expected[192];
    snprintf(expected, sizeof expected, "%s:%d: ", path, heading + numbers[i]);
    const bf_status s = bf_trace_read(&trace, path, &err);
    count(t, true, s == BF_EINPUT, strncmp(err.text, expected, strlen(expected)) == 0);
    bf_trace_free(trace);
}

/* ---- the campaign ------------------------------------------------------------------------- */

static void open_model(model *m, int which) {
    bf_arithmetic a;
    *m = (model){.problem = problem_of(which)};
    faulty_arithmetic(&a);
    must(bf_ensemble_new(&m->e, &a, &m->problem, &err));
    const size_t n = bf_n_parameters(m->e);
    assert_in_range(n, 1, MOST_PARAMETERS);
    m->starts = take((size_t)bf_lanes(m->e), n * BYTES);
    for (int i = 0; i < bf_lanes(m->e); i++)
        must(bf_start_uniform(&a.format, n, m->starts + (size_t)i * n * BYTES, "-1", "1", 9,
                              (uint64_t)i, &err));
    find_places(m);
    for (int i = 0; i < bf_lanes(m->e); i++)
        train(m->e, m->starts, &(fault){.kind = FAULT_NONE}, i, &m->clean[i]);
}

static void close_model(model *m) {
    for (int i = 0; i < bf_lanes(m->e); i++)
        free_history(&m->clean[i]);
    bf_ensemble_free(m->e);
    free(m->starts);
}

/* The arithmetic without a fault is f64: what is compared is a run as any other. */
static void without_a_fault_it_is_f64(void **state) {
    (void)state;
    for (int which = 0; which < MODELS; which++) {
        model m;
        open_model(&m, which);
        bf_ensemble *e;
        bf_recorder *r;
        const bf_arithmetic a = arithmetic("f64");
        must(bf_ensemble_new(&e, &a, &m.problem, &err));
        bf_lane_start(e, 0, m.starts);
        must(bf_recorder_new(&r, e, 0, NULL, &err));
        for (size_t k = 0; k <= STEPS; k++) {
            bf_gradient(e);
            bf_record(r);
            bf_update(e);
        }
        const bf_hash h = bf_recorder_hash(r);
        assert_true(bf_hash_equal(&h, &m.clean[0].chains[0]));
        bf_recorder_free(r);
        bf_ensemble_free(e);
        close_model(&m);
    }
}

static void report(const char *what, const tally *t) {
    const size_t alarms = t->detected + t->false_alarms;
    printf("%-10s faults %zu, changed %zu, detected %zu, located %zu, false alarms %zu; precision "
           "%.6g %%, recall %.6g %%\n",
           what, t->faults, t->changed, t->detected, t->located, t->false_alarms,
           alarms ? 100.0 * (double)t->located / (double)alarms : 100,
           t->changed ? 100.0 * (double)t->detected / (double)t->changed : 100);
}

static void is_perfect(const tally *t) {
    assert_int_equal(t->detected, t->changed);
    assert_int_equal(t->located, t->changed);
    assert_int_equal(t->false_alarms, 0);
}

static void every_fault_is_found_where_it_is(void **state) {
    (void)state;
    const size_t each = scaled(900);
    tally operations = {.faults = 0}, lines = {.faults = 0}, files = {.faults = 0};
    static history h;
    for (int which = 0; which < MODELS; which++) {
        model m;
        open_model(&m, which);
        for (size_t i = 0; i < each; i++) {
            strike(&m, FAULT_ULP, &h, &operations, &lines);
            strike(&m, FAULT_BIT, &h, &operations, &lines);
            strike(&m, FAULT_TERM, &h, &operations, &lines);
            strike(&m, FAULT_SWAP, &h, &operations, &lines);
            drop(&m, &h, &operations, &lines);
            exchange(&m, &h, &operations, &lines);
            flip_start(&m, &h, &operations, &lines);
            flip_hash(&m, &h, &files);
        }
        close_model(&m);
    }
    free_history(&h);
    report("operations", &operations);
    report("traces", &lines);
    report("files", &files);
    is_perfect(&operations);
    is_perfect(&lines);
    is_perfect(&files);
    /* The campaign had both: faults that change something, and some that do not. */
    assert_in_range(operations.changed, operations.faults / 2, operations.faults - 1);
    assert_in_range(lines.changed, lines.faults / 2, operations.changed);
}

static int make_path(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.80s/test_faults.XXXXXX", tmp ? tmp : "/tmp");
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_fault_it_is_f64),
        cmocka_unit_test(every_fault_is_found_where_it_is),
    };
    return cmocka_run_group_tests_name("faults", tests, make_path, remove_path);
}
