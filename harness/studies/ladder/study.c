/* SPDX-License-Identifier: MIT */
/* study.c - bitfate ladder: does more precision decide the outcome? */
#include "studies/ladder/report.h"
#include "studies/study.h"

extern const study study_ladder;

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    return study_run(&study_ladder, o, arguments[0], err);
}

static const command entry = {
    .name = "ladder",
    .arguments = "EXPERIMENT",
    .summary = "Train the same starts under each arithmetic; compare outcomes with the highest",
    .help = "Outcomes are compared after each of ladder.steps steps (default: train.steps) with\n"
            "those of the arithmetic of highest precision. The store given by -o is one SQLite\n"
            "file; interrupted or killed, the same command goes on where it stopped. It can be\n"
            "extended by more starts, steps or arithmetics.\n\n"
            "JSON: points [{arithmetic, bits, n, differ, fraction, low, high}],\n"
            "horizon_bits_measured, horizon_bits_predicted, bits_to_halve, after train.steps\n"
            "steps; the same under levels for each number of steps. null: there is none.\n\n"
            "  bitfate ladder experiments/minimal-ladder.yaml -o ladder.store\n",
    .takes = "set output allow-library max-time",
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run,
};

const study study_ladder = {
    .command = &entry,
    .kind = &ladder_store,
    .rows = "runs",
    .check = ladder_check,
    .run = ladder_run,
    .analyse = ladder_analyse,
    .free = ladder_free,
    .chapter = &ladder_chapter,
};
