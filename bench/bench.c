/* SPDX-License-Identifier: MIT */
/* bench.c - measured speed of every arithmetic and kernel path, beside what one would use instead.
 *
 * bench FILE.json PROGRAM...
 *
 * Prints tables; writes the same as JSON. Peers are programs of their own (see peers/peer.h), ours
 * for exact sums and the elementary functions among them. All cases take turns within a round,
 * there and back, so that a ratio of two of them compares what ran side by side on a machine whose
 * speed drifts; it is taken within each round. Every figure is the median over the rounds, with the
 * least and the most. What runs on one core is measured in processor time, pinned to that core.
 */
#include "config.h"

#include "bitfate.h"
#include "peers/minimal.h"
#include "peers/peer.h"

#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#define omp_get_num_procs() 1
#endif

enum { ROUNDS = 41, MOST_CASES = 160, MOST_PEERS = 16, MOST_THREADS = 64, MOST_LANES = 64 };

typedef struct bench_case bench_case;
struct bench_case {
    char group[24], name[64], note[96];
    const bench_case *reference; /* of the ratio printed */
    double (*measure)(bench_case *, double seconds);
    double rates[ROUNDS]; /* units per second */
    json_t *about;        /* what else there is to say */

    /* training: one ensemble for each thread */
    int threads;
    bf_ensemble *ensembles[MOST_THREADS];
    uint8_t *starts; /* one for each lane */
    double steps, wall;
    int recorded; /* lanes that are recorded */
    bf_recorder *recorders[MOST_LANES];
    FILE *file;

    /* a peer's */
    struct peer *peer;
    size_t number; /* the peer knows it by */
};

static bench_case cases[MOST_CASES];
static size_t n_cases;

static struct peer {
    const char *program;
    pid_t pid;
    FILE *to, *from;
} peers[MOST_PEERS];
static size_t n_peers;
static json_t *absent;

/* A group is a table. */
static const struct group {
    const char *name, *title;
    double seconds; /* of one measurement */
    bool elements;  /* ns per element, not steps per second */
} groups[] = {
    {"train", "training, one core", 0.02, false},
    {"cores", "training, all cores, each with its own ensemble (ratio to one core)", 0.02, false},
    {"trace", "hashing every step (ratio to the same run without)", 0.02, false},
    {"float64", "binary64: what one would use instead", 0.02, false},
    {"float32", "binary32: what one would use instead", 0.02, false},
    {"mpfr:256", "256 bits: what one would use instead", 0.02, false},
    {"sums f64", "exact sums, binary64, one core; elements are products (ratio to OpenBLAS)", 0.004,
     true},
    {"sums f32", "exact sums, binary32, one core; elements are products (ratio to OpenBLAS)", 0.004,
     true},
    {"tanh f64", "tanh, binary64", 0.004, true},
    {"exp f64", "exp, binary64", 0.004, true},
    {"log f64", "log, binary64", 0.004, true},
    {"erf f64", "erf, binary64", 0.004, true},
    {"tanh f32", "tanh, binary32", 0.004, true},
    {"exp f32", "exp, binary32", 0.004, true},
    {"log f32", "log, binary32", 0.004, true},
    {"erf f32", "erf, binary32", 0.004, true},
};
enum { N_GROUPS = sizeof groups / sizeof *groups };

static void die(const char *format, ...) BF_PRINTF(1, 2);
static void die(const char *format, ...) {
    va_list args;
    fputs("bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    exit(3);
}

static double wall_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- processors ---------------------------------------------------------------------------- */

#if defined __linux__
static cpu_set_t allowed;

/* Keep this thread, and the programs it starts, on the i-th processor that it may use. */
static void pin(int i) {
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && i-- == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            (void)sched_setaffinity(0, sizeof one, &one);
        }
}
#else
static void pin(int i) {
    (void)i;
}
#endif

/* ---- cases --------------------------------------------------------------------------------- */

static bool in_group(const bench_case *c, const char *group) {
    return strcmp(c->group, group) == 0;
}

/* The first case of a group whose name begins so, or NULL. */
static bench_case *find(const char *group, const char *name) {
    for (size_t i = 0; i < n_cases; i++)
        if (in_group(&cases[i], group) && strncmp(cases[i].name, name, strlen(name)) == 0)
            return &cases[i];
    return NULL;
}

static bench_case *new_case(const char *group, const char *name) {
    if (n_cases == MOST_CASES)
        die("more than %d cases", MOST_CASES);
    bench_case *c = &cases[n_cases++];
    snprintf(c->group, sizeof c->group, "%s", group);
    snprintf(c->name, sizeof c->name, "%.63s", name);
    c->about = json_object();
    return c;
}

/* ---- training ------------------------------------------------------------------------------ */

static const bf_layer layers[] = {
    BF_LAYER("dense", {"width", "2"}, {"bias", "false"}),
    BF_LAYER("tanh", {"gain", "sqrt(2)"}),
    BF_LAYER("dense", {"width", "1"}, {"bias", "false"}, {"scale", "1/2"}),
};

static void restart(const bench_case *c, bf_ensemble *e, int lane) {
    bf_lane_start(e, lane,
                  c->starts + (size_t)lane * bf_n_parameters(e) * bf_ensemble_format(e)->bytes);
}

/* Runs of RUN steps in every lane; one that diverges starts again. Returns the steps done and the
 * processor time they took. */
static uint64_t train(const bench_case *c, bf_ensemble *e, double seconds, double *spent) {
    const double began = peer_seconds();
    uint64_t steps = 0;
    do {
        for (int i = 0; i < bf_lanes(e); i++)
            restart(c, e, i);
        for (uint64_t left = RUN; left > 0 && peer_seconds() < began + seconds;) {
            const uint64_t wanted = left < 50 ? left : 50, done = bf_train(e, wanted);
            steps += done;
            left -= done;
            for (int i = 0; done < wanted && i < bf_lanes(e); i++)
                if (bf_lane_diverged(e, i))
                    restart(c, e, i);
        }
    } while ((*spent = peer_seconds() - began) < seconds);
    return steps * (uint64_t)bf_lanes(e);
}

static double measure_train(bench_case *c, double seconds) {
    double spent;
    const uint64_t steps = train(c, c->ensembles[0], seconds, &spent);
    return (double)steps / spent;
}

/* Threads have nothing to do with each other, so the rate is the sum of theirs. That is as if
 * nothing else ran on the machine; what the clock on the wall says is kept too. */
static double measure_cores(bench_case *c, double seconds) {
    double rate = 0, steps = 0;
    const double began = wall_seconds();
#pragma omp parallel num_threads(c->threads) reduction(+ : rate, steps)
    {
        double spent;
        pin(omp_get_thread_num());
        const uint64_t done = train(c, c->ensembles[omp_get_thread_num()], seconds, &spent);
        rate = (double)done / spent;
        steps = (double)done;
    }
    c->wall += wall_seconds() - began;
    c->steps += steps;
    return rate;
}

static double measure_trace(bench_case *c, double seconds) {
    bf_ensemble *e = c->ensembles[0];
    const double began = peer_seconds();
    double spent;
    uint64_t steps = 0;
    do {
        for (int i = 0; i < bf_lanes(e); i++)
            restart(c, e, i);
        for (int step = 0; step < RUN && (step % 50 != 0 || peer_seconds() < began + seconds);
             step++, steps++) {
            bf_gradient(e);
            for (int i = 0; i < c->recorded; i++)
                bf_record(c->recorders[i]);
            if (bf_update(e))
                for (int i = 0; i < bf_lanes(e); i++)
                    if (bf_lane_diverged(e, i))
                        restart(c, e, i);
        }
    } while ((spent = peer_seconds() - began) < seconds);
    return (double)(steps * (uint64_t)bf_lanes(e)) / spent;
}

/* A case with ensembles of an arithmetic, or NULL where it has not this kernel path. */
static bench_case *training(const char *group, const char *arithmetic, const char *kernel,
                            int threads) {
    bf_error err;
    bf_arithmetic a;
    const bf_problem p = {.layers = layers,
                          .n_layers = 3,
                          .loss = "mse",
                          .data = bf_data_named("paper8"),
                          .rate = "2.5",
                          .bound = "1e6"};
    if (bf_kernel_force(kernel, &err) != BF_OK ||
        bf_arithmetic_parse(&a, arithmetic, &err) != BF_OK)
        die("%s", err.text);
    if (kernel && strcmp(a.kernel, kernel) != 0)
        return NULL;
    bench_case *c = new_case(group, a.name);
    c->threads = threads;
#pragma omp parallel num_threads(threads) /* each in the memory of its thread */
    {
        bf_error mine;
        if (bf_ensemble_new(&c->ensembles[omp_get_thread_num()], &a, &p, &mine) != BF_OK)
            die("%s", mine.text);
    }
    const int lanes = bf_lanes(c->ensembles[0]);
    const size_t bytes = bf_n_parameters(c->ensembles[0]) * a.format.bytes;
    c->starts = peer_memory((size_t)lanes * bytes);
    for (int i = 0; i < lanes; i++)
        if (bf_start_planes(&a.format, c->starts + (size_t)i * bytes, "1", 1, (uint64_t)i, &err) !=
            BF_OK)
            die("%s", err.text);
    if (lanes > 1)
        snprintf(c->note, sizeof c->note, "%d lanes", lanes);
    json_object_set_new(c->about, "kernel", json_string(a.kernel));
    json_object_set_new(c->about, "lanes", json_integer(lanes));
    c->measure = threads > 1 ? measure_cores : measure_train;
    return c;
}

static void training_cases(void) {
    static const char *const names[] = {
        "f64",     "f64/exact", "f64/blas",   "f32",       "f32/exact",     "f32/blas",
        "bf16",    "f16",       "bf16/exact", "f16/exact", "f32/shuffle:1", "f64/shuffle:1",
        "mpfr:24", "mpfr:53",   "mpfr:113",   "mpfr:256",  "mpfr:1024"};
    const char *kernel;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; (kernel = bf_kernel(k)); k++) {
            bench_case *c = training("train", names[i], kernel, 1);
            if (c && bf_lanes(c->ensembles[0]) > 1)
                snprintf(c->name, sizeof c->name, "%s %s", names[i], kernel);
        }
    for (size_t i = 0; i < n_cases; i++)
        cases[i].reference = find("train", "f64");
}

static void cores_cases(int threads) {
    static const char *const names[] = {"f64", "f64/exact", "f32", "mpfr:256"};
    for (size_t i = 0; threads > 1 && i < sizeof names / sizeof *names; i++) {
        bench_case *one = training("cores", names[i], NULL, 1),
                   *all = training("cores", names[i], NULL, threads);
        snprintf(one->name, sizeof one->name, "%s, one", names[i]);
        snprintf(all->name, sizeof all->name, "%s, all", names[i]);
        one->reference = all->reference = one;
    }
}

/* Ours, first of each group of peers. */
static void compared_cases(void) {
    static const char *const groups_and_names[][2] = {
        {"float64", "f64"}, {"float32", "f32"}, {"mpfr:256", "mpfr:256"}};
    for (size_t i = 0; i < 3; i++) {
        bench_case *c = training(groups_and_names[i][0], groups_and_names[i][1], NULL, 1);
        snprintf(c->name, sizeof c->name, "bitfate %s", groups_and_names[i][1]);
        c->reference = c;
    }
}

static void trace_cases(void) {
    static const struct {
        const char *what;
        bool all, file;
    } ways[] = {{"untraced", false, false},
                {"one lane", false, false},
                {"one lane, to a file", false, true},
                {"every lane", true, false},
                {"every lane, to a file", true, true}};
    static const char *const names[] = {"f64", "f32", "mpfr:256"};
    bf_error err;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const bench_case *reference = NULL;
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
            bench_case *c = training("trace", names[i], NULL, 1);
            bf_ensemble *e = c->ensembles[0];
            if (k > 0 && ways[k].all && bf_lanes(e) == 1) { /* the same again */
                n_cases--;
                json_decref(c->about);
                bf_ensemble_free(e);
                free(c->starts);
                *c = (bench_case){0};
                continue;
            }
            snprintf(c->name, sizeof c->name, "%s, %s", names[i], ways[k].what);
            c->measure = measure_trace;
            c->recorded = k == 0 ? 0 : ways[k].all ? bf_lanes(e) : 1;
            if (ways[k].file && !(c->file = fopen("/dev/null", "w")))
                die("cannot open /dev/null");
            for (int lane = 0; lane < c->recorded; lane++)
                if (bf_recorder_new(&c->recorders[lane], e, lane, c->file, &err) != BF_OK)
                    die("%s", err.text);
            reference = reference ? reference : c;
            c->reference = reference;
        }
    }
}

/* ---- peers --------------------------------------------------------------------------------- */

/* Start a program, or a script by the first Python that has its module. */
static void spawn(struct peer *p) {
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0 || (p->pid = fork()) < 0)
        die("cannot start %s", p->program);
    if (p->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        setenv("OMP_NUM_THREADS", "1", 1);
        setenv("OPENBLAS_NUM_THREADS", "1", 1);
        setenv("PEER", p->program, 1);
        const char *dot = strrchr(p->program, '.');
        if (dot && strcmp(dot, ".py") == 0)
            execl("/bin/sh", "sh", "-c",
                  "module=${PEER##*_}; module=${module%.py}\n"
                  "for python in ${PYTHON:-python3} /usr/bin/python3; do\n"
                  "    $python -c \"import $module\" 2>/dev/null && break\n"
                  "done\n"
                  "exec $python -B \"$PEER\" 2>/dev/null",
                  (char *)NULL);
        else
            execl(p->program, p->program, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    p->to = fdopen(to[1], "w");
    p->from = fdopen(from[0], "r");
    if (!p->to || !p->from)
        die("cannot start %s", p->program);
}

static double measure_peer(bench_case *c, double seconds) {
    double units, spent;
    fprintf(c->peer->to, "%zu %g\n", c->number, seconds);
    fflush(c->peer->to);
    if (fscanf(c->peer->from, "%lf %lf", &units, &spent) != 2)
        die("%s ended before its time", c->peer->program);
    return units / spent;
}

/* The loss after CHECKED_STEPS steps from CHECKED_START in binary64. */
static double our_loss(void) {
    static const char *const start[] = CHECKED_START;
    bf_error err;
    bench_case *c = find("train", "f64");
    bf_ensemble *e = c->ensembles[0];
    uint8_t theta[4 * 8], loss[8];
    for (size_t i = 0; i < 4; i++)
        if (bf_number(bf_ensemble_format(e), start[i], theta + 8 * i, &err) != BF_OK)
            die("%s", err.text);
    bf_lane_start(e, 0, theta);
    for (int i = 0; i < CHECKED_STEPS; i++) {
        bf_gradient(e);
        (void)bf_update(e);
    }
    bf_gradient(e);
    bf_lane_loss(e, 0, loss);
    return bf_to_double(bf_ensemble_format(e), loss);
}

/* Whether a run of ours at 256 bits ends at exactly these parameters. */
static bool same_bits(json_t *theta) {
    static const char *const start[] = CHECKED_START;
    bf_error err;
    bf_ensemble *e = find("train", "mpfr:256")->ensembles[0];
    const bf_format *f = bf_ensemble_format(e);
    uint8_t ours[4 * BF_MAX_BYTES], theirs[4 * BF_MAX_BYTES];
    for (size_t i = 0; i < 4; i++)
        if (bf_number(f, start[i], ours + i * f->bytes, &err) != BF_OK ||
            bf_number(f, json_string_value(json_array_get(theta, i)), theirs + i * f->bytes,
                      &err) != BF_OK)
            die("%s", err.text);
    bf_lane_start(e, 0, ours);
    (void)bf_train(e, RUN);
    bf_lane_theta(e, 0, ours);
    return memcmp(ours, theirs, 4 * f->bytes) == 0;
}

/* "Same work" is checked, not claimed. */
static void check_peer(bench_case *c) {
    const json_t *loss = json_object_get(c->about, "loss");
    json_t *theta = json_object_get(c->about, "theta");
    const double ours = our_loss(), theirs = loss ? json_number_value(loss) : ours;
    if (!(fabs(theirs - ours) < 1e-6))
        die("%s: a loss of %.9g, not %.9g: not the same work", c->name, theirs, ours);
    if (theta && !same_bits(theta))
        die("%s: not the same bits", c->name);
}

static void add_peer(const char *program) {
    struct peer *p = &peers[n_peers++];
    *p = (struct peer){.program = program};
    spawn(p);
    json_t *told = json_loadf(p->from, JSON_DISABLE_EOF_CHECK, NULL), *one;
    size_t i;
    if (!json_is_array(told)) {
        const char *what = json_string_value(json_object_get(told, "absent"));
        json_array_append_new(absent, json_string(what ? what : program));
        json_decref(told);
        return;
    }
    json_array_foreach(told, i, one) {
        const char *group = json_string_value(json_object_get(one, "group")),
                   *name = json_string_value(json_object_get(one, "name")),
                   *note = json_string_value(json_object_get(one, "note")),
                   *to = json_string_value(json_object_get(one, "to"));
        if (!group || !name)
            die("%s: a case without group or name", program);
        const json_t *batch = json_object_get(one, "batch"), *slow = json_object_get(one, "slow");
        bench_case *c = new_case(group, name);
        json_object_update(c->about, one);
        c->measure = measure_peer;
        c->peer = p;
        c->number = i;
        c->reference = find(group, to ? to : "");
        if (slow)
            snprintf(c->note, sizeof c->note, "slow path: %.2g", json_number_value(slow));
        else if (batch)
            snprintf(c->note, sizeof c->note, "batch %lld%s%s", json_integer_value(batch),
                     note && *note ? ", " : "", note ? note : "");
        else if (note)
            snprintf(c->note, sizeof c->note, "%s", note);
        check_peer(c);
    }
    json_decref(told);
}

static void end_peers(void) {
    for (size_t i = 0; i < n_peers; i++) {
        fclose(peers[i].to);
        fclose(peers[i].from);
        waitpid(peers[i].pid, NULL, 0);
    }
}

/* ---- results ------------------------------------------------------------------------------- */

typedef struct spread {
    double median, low, high;
} spread;

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static spread spread_of(const double *values) {
    double sorted[ROUNDS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, ROUNDS, sizeof *sorted, ascending);
    return (spread){sorted[ROUNDS / 2], sorted[0], sorted[ROUNDS - 1]};
}

/* Of a to the faster of b and c (which may be NULL), round by round. */
static spread ratio_of(const bench_case *a, const bench_case *b, const bench_case *c) {
    double ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        ratios[i] = a->rates[i] / (c ? fmax(b->rates[i], c->rates[i]) : b->rates[i]);
    return spread_of(ratios);
}

static json_t *spread_json(spread s) {
    return json_pack("{s:f, s:f, s:f}", "median", s.median, "low", s.low, "high", s.high);
}

static void print_group(const struct group *g, json_t *rows) {
    const char *unit = g->elements ? "ns per element" : "million steps per second";
    printf("\n%s: %s\n%-30s %9s %19s %8s\n", g->title, unit, "", "median", "min - max", "ratio");
    for (size_t i = 0; i < n_cases; i++) {
        bench_case *c = &cases[i];
        if (!in_group(c, g->name))
            continue;
        double values[ROUNDS];
        for (int r = 0; r < ROUNDS; r++)
            values[r] = g->elements ? 1e9 / c->rates[r] : c->rates[r] * 1e-6;
        const spread s = spread_of(values);
        printf("%-30s %9.4g %9.4g - %-7.4g", c->name, s.median, s.low, s.high);
        json_object_set_new(c->about, "group", json_string(c->group));
        json_object_set_new(c->about, "name", json_string(c->name));
        json_object_set_new(c->about, "unit", json_string(unit));
        json_object_set_new(c->about, "value", spread_json(s));
        if (c->reference && c->reference != c) {
            const spread ratio = ratio_of(c, c->reference, NULL);
            printf(" %8.3g", ratio.median);
            json_object_set_new(c->about, "to", json_string(c->reference->name));
            json_object_set_new(c->about, "ratio", spread_json(ratio));
        } else
            printf(" %8s", c->reference ? "1" : "");
        if (c->wall > 0) {
            snprintf(c->note, sizeof c->note, "%d cores; by wall clock %.4g", c->threads,
                     c->steps / c->wall * 1e-6);
            json_object_set_new(c->about, "threads", json_integer(c->threads));
            json_object_set_new(c->about, "wall", json_real(c->steps / c->wall * 1e-6));
        }
        printf("%s%s\n", c->note[0] ? "  " : "", c->note);
        json_array_append(rows, c->about);
    }
}

/* Ratios to reach, and what to aim at; of a trace, what it may cost. 0: none. */
static const struct goal {
    const char *what, *group, *ours, *theirs, *other; /* beginnings of names */
    double must, aim;
    bool cost;
} goals[] = {
    {"f64 / NumPy or PyTorch", "float64", "bitfate", "NumPy", "PyTorch", 2.5, 7, false},
    {"f64 / NumPy as first written", "float64", "bitfate", "plain NumPy", NULL, 2.5, 7, false},
    {"f64 / C -Ofast", "float64", "bitfate", "C -Ofast", NULL, 0, 1, false},
    {"f32 / NumPy or PyTorch", "float32", "bitfate", "NumPy", "PyTorch", 4, 10, false},
    {"f32 / NumPy as first written", "float32", "bitfate", "plain NumPy", NULL, 4, 10, false},
    {"f64/exact / f64", "train", "f64/exact", "f64", NULL, 0.3, 0.7, false},
    {"exact dot 10^6 / OpenBLAS", "sums f64", "dot 10^6, exact", "dot 10^6, O", NULL, 0.5, 1 / 1.5,
     false},
    {"exact gemm 64 / OpenBLAS", "sums f64", "gemm 64, exact", "gemm 64, O", NULL, 0.1, 0, false},
    {"exact gemm 512 / OpenBLAS", "sums f64", "gemm 512, exact", "gemm 512, O", NULL, 1 / 6.0, 0.25,
     false},
    {"f64 on all cores / one", "cores", "f64, all", "f64, one", NULL, 1.9, 0, false},
    {"mpfr:256 / MPFR by hand", "mpfr:256", "bitfate", "MPFR", NULL, 0.95, 1.5, false},
    {"cost of a trace (train --trace)", "trace", "f64, one lane, to", "f64", NULL, 0.1, 0.02, true},
    {"cost of hashing every lane", "trace", "f64, every lane", "f64", NULL, 0.1, 0.02, true},
};

static const char *met(const struct goal *g, double limit, double found) {
    return limit == 0 ? "-" : (g->cost ? found <= limit : found >= limit) ? "met" : "NOT MET";
}

static void print_limit(const struct goal *g, double limit) {
    if (limit == 0)
        printf(" %7s", "-");
    else if (g->cost)
        printf(" %6g%%", 100 * limit);
    else
        printf(" %7g", limit);
}

static json_t *print_goals(void) {
    json_t *rows = json_array();
    printf("\ngoals\n%-33s %8s %19s %7s %-8s %6s\n", "", "measured", "min - max", "must", "",
           "aim");
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        const struct goal *g = &goals[i];
        const bench_case *a = find(g->group, g->ours), *b = find(g->group, g->theirs),
                         *c = g->other ? find(g->group, g->other) : NULL;
        printf("%-33s", g->what);
        if (!a || !(b || c)) {
            puts(" not measured");
            continue;
        }
        spread s = ratio_of(a, b ? b : c, b ? c : NULL);
        if (g->cost)
            s = (spread){1 / s.median - 1, 1 / s.high - 1, 1 / s.low - 1};
        const double scale = g->cost ? 100 : 1;
        printf(" %7.3g%s %9.3g - %-7.3g", scale * s.median, g->cost ? "%" : "x", scale * s.low,
               scale * s.high);
        print_limit(g, g->must);
        printf(" %-8s", met(g, g->must, s.median));
        print_limit(g, g->aim);
        printf(" %s\n", met(g, g->aim, s.median));
        json_array_append_new(rows, json_pack("{s:s, s:o, s:f, s:f, s:s, s:s}", "what", g->what,
                                              "measured", spread_json(s), "must", g->must, "aim",
                                              g->aim, "must_met", met(g, g->must, s.median),
                                              "aim_met", met(g, g->aim, s.median)));
    }
    return rows;
}

int main(int argc, char **argv) {
    const double began = wall_seconds();
    if (argc < 2 || argc - 2 > MOST_PEERS)
        die("expected the name of a JSON file, and programs to measure");
    const int processors = omp_get_num_procs(),
              threads = processors < MOST_THREADS ? processors : MOST_THREADS;
#if defined __linux__
    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
#endif
    pin(0);
    absent = json_array();
    training_cases();
    cores_cases(threads);
    trace_cases();
    compared_cases();
    for (int i = 2; i < argc; i++)
        add_peer(argv[i]);

    /* Table by table, so that what is compared is measured side by side. */
    const struct group *group_of[MOST_CASES];
    bench_case *order[MOST_CASES];
    size_t n = 0;
    for (size_t g = 0; g < N_GROUPS; g++)
        for (size_t i = 0; i < n_cases; i++)
            if (in_group(&cases[i], groups[g].name)) {
                group_of[n] = &groups[g];
                order[n++] = &cases[i];
            }
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < n; i++) {
            const size_t k = round % 2 == 0 ? i : n - 1 - i;
            order[k]->rates[round] = order[k]->measure(order[k], group_of[k]->seconds);
        }
    end_peers();

    printf("The minimal model and its functions; median of %d rounds in %.0f seconds.\n", ROUNDS,
           wall_seconds() - began);
    json_t *rows = json_array();
    for (size_t i = 0; i < N_GROUPS; i++)
        print_group(&groups[i], rows);
    size_t k;
    json_t *what;
    json_array_foreach(absent, k, what)
        printf("%s%s", k == 0 ? "\nabsent: " : ", ", json_string_value(what));
    if (json_array_size(absent) > 0)
        putchar('\n');
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:O}", "version", bf_version(), "compiler",
                  bf_compiler(), "flags", bf_compiler_flags(), "libraries", bf_libraries(),
                  "rounds", ROUNDS, "goals", print_goals(), "rows", rows, "absent", absent);
    const int failed = json_dump_file(document, argv[1], JSON_INDENT(2)) != 0;
    json_decref(document);
    json_decref(absent);
    for (size_t i = 0; i < n_cases; i++) {
        bench_case *c = &cases[i];
        for (int lane = 0; lane < c->recorded; lane++)
            bf_recorder_free(c->recorders[lane]);
        for (int t = 0; t < c->threads; t++)
            bf_ensemble_free(c->ensembles[t]);
        if (c->file)
            fclose(c->file);
        free(c->starts);
        json_decref(c->about);
    }
    if (failed)
        die("cannot write %s", argv[1]);
    return 0;
}
