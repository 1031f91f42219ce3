/* SPDX-License-Identifier: MIT */
/* bitfate.h - the engine's public interface.
 *
 * The engine trains small networks under interchangeable arithmetics. The value of every
 * trajectory is defined by doc/numerics.md, not by this code: two conforming implementations
 * produce the same bits.
 *
 * Values cross this interface in their canonical encoding (see bf_format): a fixed number of
 * little-endian bytes per number. Hashes are taken over the same bytes.
 *
 * Nothing here prints, exits or reads the environment. Every function that can fail returns a
 * bf_status, which must be looked at, and explains itself in a bf_error.
 */
#ifndef BITFATE_H
#define BITFATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined __GNUC__
#define BF_MUST_CHECK __attribute__((warn_unused_result))
#define BF_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BF_MUST_CHECK
#define BF_PRINTF(f, a)
#endif

/* ---- status ------------------------------------------------------------------------------- */

/* The values are the program's exit statuses. */
typedef enum bf_status {
    BF_OK = 0,
    BF_DIFFERENT = 1,     /* compared, and different */
    BF_EINPUT = 2,        /* bad input: the text says where, and what was expected */
    BF_EMACHINE = 3,      /* the machine failed: I/O, memory, a full disk */
    BF_INCONCLUSIVE = 4,  /* what was asked could not be run here, or not all of it */
    BF_EINTERRUPTED = 130 /* stopped by the user; what was done is kept */
} bf_status;

typedef struct bf_error {
    bf_status status;
    bool said;       /* for the caller's use: the user has been told */
    char text[1024]; /* one line, no newline, no prefix */
} bf_error;

/* Fill `err` (which may be NULL) and return `status`, so that a caller can `return bf_fail(...)`.
 */
bf_status bf_fail(bf_error *err, bf_status status, const char *format, ...) BF_PRINTF(3, 4);

const char *bf_version(void);
/* Versions of the libraries at work, and of the compiler, for provenance. */
const char *bf_libraries(void);
const char *bf_compiler(void);
const char *bf_compiler_flags(void);

/* ---- formats ------------------------------------------------------------------------------ */

/* A binary floating-point format, in MPFR's convention: significands lie in [1/2, 1), so the
 * smallest positive number is 2^(emin-1) and every finite number is below 2^emax.
 *
 * Canonical encoding, `bytes` long:
 *   ieee:  the IEEE 754 interchange format (bfloat16 for precision 8), least significant byte
 *          first. Every NaN is encoded as the positive quiet NaN with an empty payload.
 *   else:  byte 0: 0 zero, 1 finite, 2 infinity, 3 NaN, plus 128 when negative (never for NaN);
 *          bytes 1..8: the exponent e, two's complement, little-endian (0 unless finite);
 *          then ceil(precision/8) bytes, little-endian: the integer m with
 *          2^(precision-1) <= m < 2^precision and |x| = m * 2^(e-precision) (0 unless finite). */
typedef struct bf_format {
    int precision; /* significand bits, the leading one included */
    long emin, emax;
    bool ieee; /* precision 8, 11, 24 or 53: has subnormals and the IEEE encoding */
    size_t bytes;
} bf_format;

enum { BF_MAX_PRECISION = 16384, BF_MAX_BYTES = 9 + BF_MAX_PRECISION / 8 };

/* The format of a precision from 2 to 16384: that of bfloat16, binary16, binary32 or binary64 for
 * 8, 11, 24 or 53, otherwise MPFR's default exponent range. */
bf_format bf_format_of(int precision);

/* Round the real number written in `text` once, to nearest-even, into the format.
 * A number is a decimal (`2.5`, `1e-60`), a hex float (`0x1.8p-3`), a quotient of two of these
 * (`1/2`), `sqrt(NUMBER)`, or `inf`, `nan`; a sign may stand before it. `out`: format->bytes. */
BF_MUST_CHECK bf_status bf_number(const bf_format *format, const char *text, uint8_t *out,
                                  bf_error *err);
/* The same into a double, and whether the text is a number at all. */
BF_MUST_CHECK bf_status bf_number_double(const char *text, double *out, bf_error *err);

/* Nearest double of an encoded value (exact for precision <= 53). */
double bf_to_double(const bf_format *format, const uint8_t *value);
/* The largest finite number. */
void bf_largest(const bf_format *format, uint8_t *out);
bool bf_is_finite(const bf_format *format, const uint8_t *value);
/* Exact hex float, canonical: 1 before the point, no trailing zeros, subnormals normalised;
 * `0x0p+0`, `inf`, `nan`. Needs precision/4 + 32 characters. Returns the length. */
size_t bf_to_hex(const bf_format *format, const uint8_t *value, char *out, size_t size);
/* Shortest-precision decimal that reads back as the same value. Needs precision/3 + 40. */
size_t bf_to_decimal(const bf_format *format, const uint8_t *value, char *out, size_t size);
/* Distance in units in the last place: how many steps to the next representable number lie
 * between a and b (-0 and +0 are the same number; inf is one step above the largest; NaN is at
 * infinite distance of all but NaN). */
double bf_ulps(const bf_format *format, const uint8_t *a, const uint8_t *b);

/* ---- arithmetics -------------------------------------------------------------------------- */

/* An arithmetic is a number format and a way to sum. Names: f32, f64, bf16, f16, mpfr:P, each also
 * with /exact; f32/shuffle:SEED, f64/shuffle:SEED; f32/blas, f64/blas, f64/blas:LIBRARY.so. */
typedef struct bf_arithmetic {
    char name[320]; /* canonical */
    bf_format format;
    bool strict;                        /* promises bits */
    char library[256];                  /* blas: the library to open; empty: the one linked */
    uint64_t seed;                      /* shuffle */
    char kernel[16];                    /* kernel path, e.g. "avx512", "plain" */
    const struct arithmetic_ops *table; /* the engine's own */
    const struct tangent_ops *tangents; /* likewise; NULL: numbers have none */
} bf_arithmetic;

BF_MUST_CHECK bf_status bf_arithmetic_parse(bf_arithmetic *out, const char *name, bf_error *err);
/* Choose a kernel path by name for all later bf_arithmetic_parse (NULL or "auto": the best the
 * machine has). Not thread-safe; call it first. */
BF_MUST_CHECK bf_status bf_kernel_force(const char *kernel, bf_error *err);
/* The i-th kernel path this machine can run, best first, or NULL. */
const char *bf_kernel(size_t i);

typedef struct bf_arithmetic_info {
    const char *format, *sum; /* "f64", "exact"; sum is "" for seq, the default */
    const char *summary;
    bool strict;
} bf_arithmetic_info;
/* The i-th kind of arithmetic, or NULL. */
const bf_arithmetic_info *bf_arithmetic_list(size_t i);

/* ---- models ------------------------------------------------------------------------------- */

/* One layer. Which options mean something depends on the kind; numbers are texts, as above.
 *   dense    y = scale * (W x) + b      weight (width, inputs), bias (width)
 *   tanh     y = tanh(gain * x)                                                             */
typedef struct bf_layer {
    const char *kind;
    int width;         /* dense: number of outputs */
    bool bias;         /* dense */
    const char *scale; /* dense; NULL: 1 */
    const char *gain;  /* activations; NULL: 1 */
} bf_layer;

typedef struct bf_layer_info {
    const char *kind, *summary;
    bool needs_width, takes_bias, takes_scale, takes_gain;
} bf_layer_info;
const bf_layer_info *bf_layer_list(size_t i);

typedef struct bf_loss_info {
    const char *name, *summary;
} bf_loss_info;
const bf_loss_info *bf_loss_list(size_t i);

/* Samples: x is (n, inputs), y is (n, outputs), row-major, exact as doubles. */
typedef struct bf_data {
    size_t n, inputs, outputs;
    const double *x, *y;
} bf_data;
/* A data set of the engine's own, by name ("paper8"); NULL when there is none. */
const bf_data *bf_data_named(const char *name);
/* The name of the i-th, or NULL. */
const char *bf_data_list(size_t i);

/* Everything that defines a training, but for its arithmetic and its start. */
typedef struct bf_problem {
    const bf_layer *layers;
    size_t n_layers;
    const char *loss; /* "mse" */
    const bf_data *data;
    const char *rate, *momentum, *decay; /* texts; NULL: momentum 0, decay 0 */
    const char *bound; /* a text: a run has diverged once a parameter is not finite or exceeds this
                          in magnitude; inf: not finite */
} bf_problem;

typedef struct bf_tensor {
    char name[32]; /* "0.weight": index of the layer, and what it is */
    size_t offset, count;
    int rows, columns; /* a bias has one row */
} bf_tensor;

/* ---- ensembles ---------------------------------------------------------------------------- */

/* Some runs of one problem under one arithmetic, trained side by side, one in each lane. Lanes do
 * not influence each other: a run has the same bits in any lane beside any neighbours. An
 * ensemble belongs to one thread at a time. */
typedef struct bf_ensemble bf_ensemble;

BF_MUST_CHECK bf_status bf_ensemble_new(bf_ensemble **out, const bf_arithmetic *arithmetic,
                                        const bf_problem *problem, bf_error *err);
void bf_ensemble_free(bf_ensemble *e);

int bf_lanes(const bf_ensemble *e);
size_t bf_parameters(const bf_ensemble *e); /* how many, over all tensors */
size_t bf_tensors(const bf_ensemble *e);
const bf_tensor *bf_tensor_at(const bf_ensemble *e, size_t i);
const bf_format *bf_ensemble_format(const bf_ensemble *e);

/* Put a run into a lane: parameters in canonical encoding (parameters * bytes), optimiser state
 * zero, step 0. */
void bf_lane_start(bf_ensemble *e, int lane, const uint8_t *theta);
/* Number the run just put into a lane; else it is number 0. Only shuffled sums look at it: runs of
 * different numbers sum in different orders. */
void bf_lane_run(bf_ensemble *e, int lane, uint64_t run);
/* Take the run out: the lane then costs nothing that matters. */
void bf_lane_stop(bf_ensemble *e, int lane);
void bf_lane_theta(const bf_ensemble *e, int lane, uint8_t *theta);
uint64_t bf_lane_step(const bf_ensemble *e, int lane);
/* The run has diverged at bf_lane_step: it is not trained further. */
bool bf_lane_diverged(const bf_ensemble *e, int lane);
bool bf_lane_running(const bf_ensemble *e, int lane);

/* Loss and gradient at the present parameters, in every lane. */
void bf_gradient(bf_ensemble *e);
/* The loss that the last bf_gradient found: one encoded value. */
void bf_lane_loss(const bf_ensemble *e, int lane, uint8_t *loss);
/* One step of the optimiser with that gradient, in every running lane. Returns whether a run
 * diverged. */
bool bf_update(bf_ensemble *e);
/* bf_gradient and bf_update, up to n times; returns early after a step in which a run diverged.
 * Returns the steps done. */
uint64_t bf_train(bf_ensemble *e, uint64_t n);

/* ---- tangents ----------------------------------------------------------------------------- */

/* f64 whose numbers carry tangents along (forward-mode differentiation): a training step applies
 * its own Jacobian to a vector. Runs have the bits of f64. It can be had in no other way than this,
 * and has no name of its own. */
void bf_arithmetic_tangent(bf_arithmetic *out);

/* How many numbers the optimiser's state has: the parameters; with momentum, then as many
 * velocities. A training step maps this state to the next, x -> F(x). */
size_t bf_state(const bf_ensemble *e);
/* Put a tangent vector, bf_state(e) doubles, at the present state of a lane's run, and take it out:
 * n steps turn v into DF^n(x) v, rounded at every operation. A run starts with zeros; that of a run
 * that has diverged is zero. Only for ensembles under bf_arithmetic_tangent. */
void bf_lane_put_tangent(bf_ensemble *e, int lane, const double *tangent);
void bf_lane_tangent(const bf_ensemble *e, int lane, double *tangent);

/* Release what the libraries keep for this thread. Call it when a thread that used the engine
 * ends. */
void bf_thread_end(void);

/* ---- randomness --------------------------------------------------------------------------- */

/* Philox 4x32-10 (Salmon et al., SC 2011): counter, key -> four words. */
void bf_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Streams of randomness, so that no two uses share a draw. */
enum {
    BF_STREAM_START = 1,
    BF_STREAM_PERTURB = 2,
    BF_STREAM_BOOTSTRAP = 3,
    BF_STREAM_SHUFFLE = 4,
    BF_STREAM_TANGENT = 5
};

/* 64 random bits for (seed, stream, trial, index, block). */
uint64_t bf_random(uint64_t seed, unsigned stream, uint64_t trial, uint32_t index, unsigned block);

/* Perturb n encoded parameters in place, uniformly in the cube [-eps, eps]:
 * theta_i <- round(theta_i + round(eps u_i)), u_i drawn to the format's full precision for
 * (seed, BF_STREAM_PERTURB, trial, i). `eps`: a number. Returns through `moved` whether any
 * parameter changed (may be NULL). */
BF_MUST_CHECK bf_status bf_perturb_cube(const bf_format *format, size_t n, uint8_t *theta,
                                        const char *eps, uint64_t seed, uint64_t trial, bool *moved,
                                        bf_error *err);
/* Start i uniform in [low, high], as a real number that does not depend on the format, rounded
 * once. */
BF_MUST_CHECK bf_status bf_start_uniform(const bf_format *format, size_t n, uint8_t *theta,
                                         const char *low, const char *high, uint64_t seed,
                                         uint64_t trial, bf_error *err);
/* A start of the minimal model (w1, w2, v1, v2) at the given distance from each of the invariant
 * planes w1 = w2, v1 = v2 and w1 = -w2, v1 = -v2, uniform in both angles; rounded once. */
BF_MUST_CHECK bf_status bf_start_planes(const bf_format *format, uint8_t *theta,
                                        const char *distance, uint64_t seed, uint64_t trial,
                                        bf_error *err);

/* ---- hashes ------------------------------------------------------------------------------- */

/* XXH3-128 in canonical (big-endian) order. */
typedef struct bf_hash {
    uint8_t bytes[16];
} bf_hash;
bf_hash bf_hash_of(const void *bytes, size_t size);
/* 32 hexadecimal digits and a NUL. */
void bf_hash_text(const bf_hash *h, char out[33]);
bool bf_hash_parse(const char *text, bf_hash *out);
bool bf_hash_equal(const bf_hash *a, const bf_hash *b);

/* ---- traces ------------------------------------------------------------------------------- */

/* A trace is a text file: what was run, then one line per recorded step: step, loss, the hash of
 * each parameter tensor, and a chained hash of everything up to here. A golden is a trace that was
 * blessed, and says why. doc/numerics.md defines the format. */

/* What a trace says before its steps. `experiment` is the resolved experiment: YAML, its last line
 * ended by a newline too. */
typedef struct bf_trace_header {
    const char *name, *arithmetic, *experiment, *by;
    uint64_t steps;
    const char *why;         /* goldens only, else NULL */
    const bf_hash *replaces; /* goldens: final hash of the golden this one replaces, or NULL */
    bf_hash final;           /* goldens: the last chained hash */
} bf_trace_header;

/* Hashes one lane's run, step by step, and writes the trace when there is a file to write to. */
typedef struct bf_recorder bf_recorder;
BF_MUST_CHECK bf_status bf_recorder_new(bf_recorder **out, const bf_ensemble *e, int lane,
                                        FILE *file, bf_error *err);
void bf_recorder_header(bf_recorder *r, const bf_trace_header *header);
/* Record the present step: after bf_gradient, or after the update in which the run diverged (the
 * loss is then recorded as nan). */
void bf_record(bf_recorder *r);
/* Write the last line, and those before it that were kept back to be written together. Whether all
 * of the file could be written is the caller's to ask (ferror). */
void bf_recorder_end(bf_recorder *r);
/* The chained hash so far. */
bf_hash bf_recorder_hash(const bf_recorder *r);
/* The hash of each tensor, as last recorded. */
const bf_hash *bf_recorder_tensors(const bf_recorder *r);
void bf_recorder_free(bf_recorder *r);

typedef struct bf_trace_line {
    uint64_t step;
    char *loss;      /* hex float */
    bf_hash *hashes; /* one a tensor, then the chained hash */
} bf_trace_line;

typedef struct bf_trace {
    bool golden, diverged;
    char *name, *arithmetic, *experiment, *by, *why;
    int experiment_line; /* of the file, where the experiment begins */
    bf_hash final;
    uint64_t steps;
    int precision;
    size_t n_tensors, n_lines;
    char (*tensors)[32];
    bf_trace_line *lines;
} bf_trace;

/* Read a trace or golden. A file that is truncated, damaged or edited (its chained hashes do not
 * follow from its lines) is BF_EINPUT, with the line. */
BF_MUST_CHECK bf_status bf_trace_read(bf_trace **out, const char *path, bf_error *err);
void bf_trace_free(bf_trace *t);

typedef struct bf_difference {
    bool same;
    uint64_t step; /* the first that differs */
    int tensor;    /* the first there: its index; -1 when only the loss differs, or the run
                      ended at this step in one trace only */
    char name[32]; /* of the tensor; "loss" or "end" */
} bf_difference;

/* BF_EINPUT when the traces are of different models. */
BF_MUST_CHECK bf_status bf_trace_compare(const bf_trace *a, const bf_trace *b, bf_difference *out,
                                         bf_error *err);

#endif
