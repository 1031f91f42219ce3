/* SPDX-License-Identifier: MIT */
/* study.c - bitfate sweep: how often does a perturbation of size eps change the outcome? */
#include "studies/sweep/report.h"
#include "studies/study.h"

extern const study study_sweep;

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    return study_run(&study_sweep, o, arguments[0], err);
}

static const command entry = {
    .name = "sweep",
    .arguments = "EXPERIMENT",
    .summary = "Perturb starts at many scales under each arithmetic; store the outcomes",
    .help =
        "The store given by -o is one SQLite file. Interrupted or killed at any moment, the\n"
        "same command goes on where it stopped and ends with the same rows. A store can be\n"
        "extended by more starts or arithmetics, not by anything else. With --max-time starts are\n"
        "done in blocks, each at every eps, one arithmetic after the other, so that what there is by\n"
        "then can be reported; the status is 4 when that is not all.\n\n"
        "sweep.perturb says what an eps is: cube (the default) and gaussian add eps times a\n"
        "random number to every parameter; bit flips the last bit of eps parameters; ulps moves\n"
        "every parameter by eps units in the last place.\n\n"
        "JSON: per arithmetic arithmetic, n, points [{eps, n, changed, fraction, low, high}],\n"
        "phi, phi_low, phi_high, bits_to_halve, and more. null: there is none (no fit, no\n"
        "interval); the texts \"inf\" and \"-inf\": infinite, such as bits_to_halve when phi <= 0.\n"
        "An arithmetic's n is the sum of n over its points. With test data (data.test) points also\n"
        "have churn, churn_low, churn_high: the share of test samples predicted differently, mean\n"
        "over the `compared` starts of which no run diverged.\n\n"
        "  bitfate sweep experiments/minimal-sweep.yaml -o sweep.store\n",
    .takes = "set output allow-library max-time",
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run,
};

const study study_sweep = {
    .command = &entry,
    .kind = &sweep_store,
    .rows = "trials",
    .check = sweep_check,
    .run = sweep_run,
    .analyse = sweep_analyse,
    .free = sweep_free,
    .chapter = &sweep_chapter,
};
