/* SPDX-License-Identifier: MIT */
/* study.c - bitfate lyapunov: spectra along training trajectories. */
#include "studies/lyapunov/report.h"
#include "studies/study.h"

extern const study study_lyapunov;

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    return study_run(&study_lyapunov, o, arguments[0], err);
}

static const command entry = {
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
    .takes = "set output max-time",
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run,
};

const study study_lyapunov = {
    .command = &entry,
    .kind = &lyapunov_store,
    .rows = "trajectories",
    .optional = true,
    .check = lyapunov_check,
    .run = lyapunov_compute,
    .analyse = lyapunov_analyse,
    .free = lyapunov_free,
    .chapter = &lyapunov_chapter,
};
