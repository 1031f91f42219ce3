/* SPDX-License-Identifier: MIT */
/* run.c - bitfate lyapunov: spectra along training trajectories. */
#include "cli/command.h"
#include "cli/output.h"
#include "studies/lyapunov/lyapunov.h"
#include "studies/lyapunov/store.h"
#include "run/progress.h"
#include "run/run.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- text --------------------------------------------------------------------------------- */

static void print_escapes(FILE *f, const lyapunov_spectrum *s) {
    fprintf(f,
            "\n%zu trajectories, %" PRIu64 " steps, of which %" PRIu64 " count, in %zu batches\n",
            s->trajectories, s->steps, s->used, s->batches);
    if (s->escaped)
        fprintf(f, "%zu diverged, at steps %" PRIu64 " to %" PRIu64 ", median %" PRIu64 "\n",
                s->escaped, s->first_escape, s->last_escape, s->median_escape);
}

static void print_nudges(FILE *f, const lyapunov_spectrum *s) {
    const lyapunov_plan *p = s->plan;
    const experiment *x = p->x;
    const bool resolved = p->n_blocks > 1;
    fprintf(f,
            "a nudge of " LYAPUNOV_NUDGE " %s%s grows by %.4f [%.4f,%.4f] per step over %" PRIu64
            " steps\n(%zu runs, " LYAPUNOV_NUDGE_ARITHMETIC "), in the first %" PRIu64
            " differing from its tangent by at most %.0e per step\n",
            resolved ? "off " : "in the leading direction", resolved ? x->lyapunov.within : "",
            s->nudge.value, s->nudge.low, s->nudge.high,
            x->lyapunov.windows[x->lyapunov.n_windows - 1], s->nudges, x->lyapunov.windows[0],
            s->nudge_difference);
    if (p->restarts)
        fputs("all are runs of their own, begun there at step 0, not the rest of a trajectory\n",
              f);
}

static void print_spectrum(FILE *f, const lyapunov_spectrum *s) {
    enum { SHOWN = 5 }; /* window lengths that the table has room for */
    const lyapunov_plan *p = s->plan;
    const unsigned n = p->x->lyapunov.n_windows < SHOWN ? p->x->lyapunov.n_windows : SHOWN;
    fprintf(f, "%-12s  %-24s", "subspace", "exponent per step");
    for (unsigned w = 0; w < n; w++)
        fprintf(f, " %6" PRIu64, p->x->lyapunov.windows[w]);
    fprintf(f, "  1/variance per T\n");
    for (size_t i = 0; i < p->n_exponents; i++) {
        const lyapunov_exponent *e = &s->exponents[i];
        fprintf(f, "%-12s  %7.4f [%.4f,%.4f]", e->block->at == i ? e->block->name : "",
                e->value.value, e->value.low, e->value.high);
        const int written =
            snprintf(NULL, 0, "%7.4f [%.4f,%.4f]", e->value.value, e->value.low, e->value.high);
        fprintf(f, "%*s", written < 24 ? 24 - written : 0, "");
        for (unsigned w = 0; w < n; w++)
            fprintf(f, " %5.1f%%", 100 * e->finite[w].positive_fraction.value);
        if (isnan(e->slope.value))
            fputs("  -\n", f);
        else
            fprintf(f, "  %.3g [%.3g,%.3g]\n", e->slope.value, e->slope.low, e->slope.high);
    }
    print_escapes(f, s);
    if (p->blocks[p->n_blocks - 1].count < p->state)
        fprintf(f, "computed: of each the largest, at most %zu; the whole spectrum has %zu\n",
                p->blocks[p->n_blocks - 1].count, p->state);
    if (p->n_blocks > 1)
        fprintf(f, "largest part of a tangent that left its subspace, relative: %.1e\n", s->mixing);
    if (s->nudges > 0)
        print_nudges(f, s);
    fputs("\n%: share of windows of so many steps T whose own exponent is positive;\n"
          "1/variance per T: how fast that of these exponents grows with T;\n"
          "[ ]: 95 % interval, bootstrap over batches (the nudge's: over runs)\n",
          f);
}

/* ---- the command -------------------------------------------------------------------------- */

typedef struct work {
    const lyapunov_plan *plan;
    store *store; /* NULL: none */
    progress bar;
} work;

static bf_status trajectory_done(void *self, const lyapunov_trajectory *t, bf_error *err) {
    work *w = self;
    progress_add(&w->bar, 1);
    return w->store ? store_add_trajectory(w->store, w->plan, t, err) : BF_OK;
}

static bf_status measure(const lyapunov_plan *p, const options *o, lyapunov_trajectory **t,
                         bf_error *err) {
    work w = {.plan = p};
    const size_t n = (size_t)p->x->lyapunov.trajectories;
    bf_status s = BF_OK;
    if (o->output) {
        s = store_open_lyapunov(&w.store, o->output, p, err);
        if (s != BF_OK)
            return s;
        store_describe(w.store, o->command_line, limits_threads(&o->limits));
        s = store_load_trajectories(w.store, p, t, n, err);
    }
    size_t missing = 0;
    for (size_t i = 0; i < n; i++)
        missing += t[i] == NULL;
    if (s == BF_OK) {
        const lyapunov_watch watch = {trajectory_done, &o->limits, &w};
        progress_begin(&w.bar, &o->limits, "lyapunov", "trajectories", missing);
        s = lyapunov_run(p, t, &watch, err);
        progress_end(&w.bar);
    }
    store_close(w.store);
    if (s == BF_EINTERRUPTED && o->output)
        return bf_fail(err, s, "interrupted; the same command goes on from here (%s)", o->output);
    return s;
}

static bf_status lyapunov(const experiment *x, const options *o, bf_error *err) {
    lyapunov_plan *p;
    bf_status s = lyapunov_plan_new(&p, x, err);
    if (s != BF_OK)
        return s;
    const size_t n = (size_t)x->lyapunov.trajectories;
    lyapunov_trajectory **t = calloc(n, sizeof(lyapunov_trajectory *));
    lyapunov_spectrum *spectrum = NULL;
    s = t ? lyapunov_check_symmetry(p, err) : bf_no_memory(err);
    BF_TRY(s, measure(p, o, t, err));
    BF_TRY(s, lyapunov_summarise(&spectrum, p, t, n, err));
    if (s == BF_OK && o->json) {
        s = print_json(lyapunov_json(spectrum), err);
    } else if (s == BF_OK && !o->quiet) {
        print_spectrum(stdout, spectrum);
        s = close_output(stdout, "-", err);
    }
    lyapunov_spectrum_free(spectrum);
    for (size_t i = 0; t && i < n; i++)
        lyapunov_trajectory_free(t[i]);
    free(t);
    lyapunov_plan_free(p);
    return s;
}

static bf_status run_lyapunov(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    experiment *x;
    bf_status s = o->output ? refuse_overwriting(o->output, arguments[0], err) : BF_OK;
    BF_TRY(s, experiment_load(&x, arguments[0], o->overrides, o->n_overrides, o->limits.data_folder,
                              err));
    if (s != BF_OK)
        return s;
    if (x->lyapunov.trajectories == 0)
        s = bf_fail(err, BF_EINPUT,
                    "%s: has no section lyapunov; expected for example lyapunov: "
                    "{trajectories: 32}",
                    arguments[0]);
    else
        s = lyapunov(x, o, err);
    experiment_free(x);
    return s;
}

const command command_lyapunov = {
    .name = "lyapunov",
    .arguments = "EXPERIMENT",
    .summary = "Lyapunov spectra along training trajectories, resolved by invariant subspace",
    .help =
        "The experiment needs a section lyapunov. In binary64, tangents are propagated through the\n"
        "training step and orthonormalised: over all directions (sorted) and, where lyapunov.within\n"
        "names an invariant subspace, within it (longitudinal) and off it (transverse) separately.\n"
        "A subspace is vanished:LAYER.NEURON, equal: or opposite:LAYER.NEURON+LAYER.NEURON, or P+ or P-\n"
        "(equal or opposite: the first two neurons); LAYER counts all entries of model.layers, from 0.\n"
        "lyapunov.exponents: K computes the K largest of each, at a cost of so many tangents; a model\n"
        "whose training has a state of more than 256 numbers (parameters, velocities) needs it.\n"
        "After the transient, a nudge of " LYAPUNOV_NUDGE
        " off the subspace, or without one in the leading\n"
        "direction, is followed by actual runs in high precision, which begin there as runs do.\n"
        "Steps before lyapunov.transient and the last lyapunov.tail do not count. With -o, every\n"
        "trajectory is kept in an SQLite file; the same command goes on where it stopped, and more\n"
        "trajectories can be added.\n\n"
        "JSON: experiment, longitudinal, transverse, sorted (exponents per step, largest first; null:\n"
        "no subspace), exact (the same as hex floats), intervals ({low, high} of each), finite_time\n"
        "(per subspace and exponent {T: {n, positive, positive_fraction, low, high, variance,\n"
        "variance_low, variance_high}}), inverse_variance (slope, intercept, r2 of 1/variance\n"
        "against T), within, directions (exponents of the whole spectrum), trajectories, batches,\n"
        "steps, used, escapes ({n, first, median, last} or null), mixing, nudge ({n, direction,\n"
        "size, arithmetic, difference, rate, rate_low, rate_high}). null: there is none;\n"
        "\"inf\", \"-inf\": infinite.\n\n"
        "  bitfate lyapunov experiments/minimal-lyapunov.yaml\n",
    .takes = "set output",
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run_lyapunov,
};
