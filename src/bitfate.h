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
 * The order of arguments: an object that is made (`out` of a bf_..._new, _read, _load) comes first;
 * else first what the function is about (a format, an ensemble, an accumulator), then what it is
 * given, then where results go. bf_error is last.
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

#ifdef __cplusplus
extern "C" {
#endif
/* What is declared from here on is what the shared library exports. */
#if defined __GNUC__
#pragma GCC visibility push(default)
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

/* The same for memory that could not be allocated: BF_EMACHINE. */
bf_status bf_no_memory(bf_error *err);

/* s = call, if nothing has failed so far: the way in which calls follow one another here. What was
 * taken up to then is freed once, at the end, whatever s is. */
#define BF_TRY(s, ...)         \
    do {                       \
        if ((s) == BF_OK)      \
            (s) = __VA_ARGS__; \
    } while (0)

/* ---- texts and arrays --------------------------------------------------------------------- */

/* Bytes of the printable character at the start of a text: one of valid UTF-8 (RFC 3629: shortest
 * forms, no surrogates) that is no control (U+0000 to U+001F, U+007F to U+009F), line or paragraph
 * separator (U+2028, U+2029), byte order mark (U+FEFF) or noncharacter U+FFFE, U+FFFF. 0: there is
 * none, as at the end. With `lines` newline and tab are printable too. */
size_t bf_text_character(const char *text, bool lines);
/* Put '?' for every byte that belongs to no printable character, in place. */
void bf_text_printable(char *text, bool lines);

/* Room for at least n items of `size` bytes in an array that `array` is the address of (of a
 * pointer; NULL at first) and that has room for *room. It at least doubles, so that n items added
 * one by one are moved O(n) times in all. On failure (BF_EMACHINE) everything stays as it is. */
BF_MUST_CHECK bf_status bf_array_grow(void *array, size_t *room, size_t n, size_t size,
                                      bf_error *err);

/* ---- provenance --------------------------------------------------------------------------- */

const char *bf_version(void);
/* Versions of the libraries at work, and of the compiler, for provenance. The CBLAS says its
 * version once a blas arithmetic has opened it. */
const char *bf_libraries(void);
const char *bf_compiler(void);
const char *bf_compiler_flags(void);

/* XXH3-128 in canonical (big-endian) order. */
typedef struct bf_hash {
    uint8_t bytes[16];
} bf_hash;

/* ---- formats ------------------------------------------------------------------------------ */

/* A binary floating-point format, in MPFR's convention: significands lie in [1/2, 1), so the
 * smallest positive number is 2^(emin-1) and every finite number is below 2^emax. What it is called
 * says which it is; a precision alone does not.
 *
 * Canonical encoding, `bytes` long:
 *   ieee:  sign, exponent, fraction and `spare` zero bits, as in the IEEE 754 interchange formats,
 *          least significant byte first. Every NaN is encoded as the positive quiet NaN with an
 *          empty payload; without infinities, as all ones except for the sign.
 *   else:  byte 0: 0 zero, 1 finite, 2 infinity, 3 NaN, plus 128 when negative (never for NaN);
 *          bytes 1..8: the exponent e, two's complement, little-endian (0 unless finite);
 *          then ceil(precision/8) bytes, little-endian: the integer m with
 *          2^(precision-1) <= m < 2^precision and |x| = m * 2^(e-precision) (0 unless finite). */
typedef struct bf_format {
    char name[16]; /* "f32"; "mpfr:P" where ieee is false */
    int precision; /* significand bits, the leading one included */
    long emin, emax;
    bool ieee;         /* has subnormals and an encoding like those of IEEE 754 */
    bool has_infinity; /* else what would be one is NaN, and so is the number of all ones */
    int spare;         /* lowest bits of the encoding, always 0 */
    size_t bytes;
    const char *wide; /* name of the format in which wide sums accumulate; NULL: none */
} bf_format;

enum { BF_MAX_PRECISION = 16384, BF_MAX_BYTES = 9 + BF_MAX_PRECISION / 8 };

/* The i-th format that has a name of its own, or NULL. */
const bf_format *bf_format_list(size_t i);
/* The format of this name: one of the list, or mpfr:P. */
bool bf_format_find(bf_format *out, const char *name);
bool bf_format_same(const bf_format *a, const bf_format *b);
/* The format that `mpfr:P` computes in, P from 2 to 16384: bf16, f16, f32 or f64 for 8, 11, 24 or
 * 53, otherwise P bits in MPFR's default exponent range. */
bf_format bf_format_of(int precision);

/* Round the real number written in `text` once, to nearest-even, into the format.
 * A number is a decimal (`2.5`, `1e-60`), a hex float (`0x1.8p-3`), a quotient of two of these
 * (`1/2`), `sqrt(NUMBER)`, or `inf`, `nan`; a sign may stand before it. `out`: format->bytes. */
BF_MUST_CHECK bf_status bf_number(const bf_format *format, const char *text, uint8_t *out,
                                  bf_error *err);
/* The same into a double, and whether the text is a number at all. */
BF_MUST_CHECK bf_status bf_number_double(const char *text, double *out, bf_error *err);
/* The double nearest to `to` - `from`, which are rationals (no sqrt, no inf), however near to each
 * other. */
BF_MUST_CHECK bf_status bf_number_difference(const char *from, const char *to, double *out,
                                             bf_error *err);

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
/* log2 of the Euclidean distance between n numbers of one format and n of another (b NULL: n
 * zeros), good to 2^-40: -INFINITY when they are equal, NAN when one is not finite. */
double bf_log2_distance(size_t n, const bf_format *format_a, const uint8_t *a,
                        const bf_format *format_b, const uint8_t *b);

/* ---- arithmetics -------------------------------------------------------------------------- */

/* An arithmetic is a number format and a way to sum. Names: a format of bf_format_list, mpfr:P, or
 * mpfr:FORMAT, which is that format computed by MPFR, each also with /exact and, where the format
 * names a wider one, /wide; f32/shuffle:SEED, f64/shuffle:SEED; f32/blas, f64/blas,
 * f64/blas:LIBRARY.so. */
typedef struct bf_arithmetic {
    char name[320]; /* canonical */
    bf_format format;
    bool strict;                        /* promises bits */
    char library[256];                  /* blas: the library to open; empty: the default */
    uint64_t seed;                      /* shuffle */
    char kernel[16];                    /* kernel path, e.g. "avx512", "plain" */
    const struct arithmetic_ops *table; /* the engine's own */
    const struct tangent_ops *tangents; /* likewise; NULL: numbers have none */
} bf_arithmetic;

BF_MUST_CHECK bf_status bf_arithmetic_parse(bf_arithmetic *out, const char *name, bf_error *err);
/* Choose a kernel path by name for all later bf_arithmetic_parse and exact sums (NULL or "auto":
 * the best the machine has). Not thread-safe; call it first. */
BF_MUST_CHECK bf_status bf_kernel_force(const char *kernel, bf_error *err);
/* The i-th kernel path this machine can run, best first, or NULL. */
const char *bf_kernel(size_t i);

/* What is true of a kind of arithmetic, and which laws it is therefore under. */
typedef struct bf_arithmetic_info {
    const char *format, *sum; /* "f64", "exact"; sum is "" for seq, the default */
    const char *summary;
    bool strict;      /* promises bits */
    bool symmetric;   /* equal sums of equal terms in the same order are equal */
    bool order_free;  /* the order of terms does not matter */
    bool lanes;       /* runs side by side, on several kernel paths */
    const char *twin; /* an independent implementation with the same bits, or NULL */
} bf_arithmetic_info;
/* The i-th kind of arithmetic, or NULL. */
const bf_arithmetic_info *bf_arithmetic_list(size_t i);

/* Where bits are promised, the widest first: on every machine with IEEE 754 arithmetic; by a
 * version of this program on one of its kernel paths; by one executable with its libraries and
 * processor. As a text: `any`, `kernel WHICH`, `binary WHICH`. */
typedef enum bf_scope { BF_SCOPE_ANY, BF_SCOPE_KERNEL, BF_SCOPE_BINARY } bf_scope;
/* The first word of the text, and the scope of such a word: false when there is none. */
const char *bf_scope_name(bf_scope scope);
bool bf_scope_parse(const char *text, bf_scope *out);
/* The widest that an arithmetic can promise. */
bf_scope bf_arithmetic_scope(const bf_arithmetic *a);

/* The libraries and settings that the bits of a blas arithmetic depend on. */
typedef struct bf_blas_info {
    char cblas[4096], libm[4096]; /* paths of the shared objects that hold ddot and tanh */
    char core[64];                /* OpenBLAS: the kernels it chose, else "" */
    int threads;                  /* OpenBLAS: else 0 */
} bf_blas_info;
/* Opens the library that the arithmetic names. BF_EINPUT when it is not a CBLAS. */
BF_MUST_CHECK bf_status bf_blas_inspect(const bf_arithmetic *a, bf_blas_info *out, bf_error *err);

/* ---- exact sums --------------------------------------------------------------------------- */

/* The exact real value of a sum, rounded once, to nearest-even: the same bits on every machine,
 * whatever the order, the blocking, the number of threads or processes. Underflow and overflow are
 * those of that one rounding; intermediate results have none. The caller's floating-point
 * environment has no influence and stays as it was. doc/numerics.md has the definition.
 *
 * Special values, in this order: a sum with a NaN, an infinity times zero, or infinities of both
 * signs is NaN (always the positive quiet NaN with an empty payload); one with an infinity is that
 * infinity; one whose exact value is zero is +0, whatever the signs of its terms; one that is not
 * zero but rounds to zero keeps its sign.
 *
 * Vectors and matrices are given as to CBLAS. Element i < n of a vector x with increment inc is
 * x[i * inc], or x[(i - (n - 1)) * inc] when inc < 0; inc = 0 repeats one element (input only). */

/* The sum of n numbers x. */
double bf_exact_sum_f64(size_t n, const double *x, ptrdiff_t incx);
float bf_exact_sum_f32(size_t n, const float *x, ptrdiff_t incx);
/* The sum of n products x_i y_i. */
double bf_exact_dot_f64(size_t n, const double *x, ptrdiff_t incx, const double *y, ptrdiff_t incy);
float bf_exact_dot_f32(size_t n, const float *x, ptrdiff_t incx, const float *y, ptrdiff_t incy);

/* With CBLAS's values. */
typedef enum bf_order { BF_ROW_MAJOR = 101, BF_COLUMN_MAJOR = 102 } bf_order;
typedef enum bf_transpose { BF_AS_IS = 111, BF_TRANSPOSED = 112 } bf_transpose;

/* y <- alpha op(A) x + beta y, each element the exact real value of the whole expression, rounded
 * once, for any alpha and beta. A is (m, n); op(A) is A or its transpose; x and y have the lengths
 * that op(A) asks for. lda >= 1 is at least the length of A's rows (row-major) or columns.
 * When alpha or the length of the sum is zero, there is no first term: A and x are not read, alpha
 * need not be finite. When beta is zero, there is no second one: y is not read. y overlaps nothing.
 * BF_EINPUT: an order or transpose not of the above, lda too small, an increment of zero. */
BF_MUST_CHECK bf_status bf_exact_gemv_f64(bf_order order, bf_transpose trans, size_t m, size_t n,
                                          double alpha, const double *a, size_t lda,
                                          const double *x, ptrdiff_t incx, double beta, double *y,
                                          ptrdiff_t incy, bf_error *err);
BF_MUST_CHECK bf_status bf_exact_gemv_f32(bf_order order, bf_transpose trans, size_t m, size_t n,
                                          float alpha, const float *a, size_t lda, const float *x,
                                          ptrdiff_t incx, float beta, float *y, ptrdiff_t incy,
                                          bf_error *err);
/* C <- alpha op(A) op(B) + beta C, likewise: op(A) is (m, k), op(B) is (k, n), C is (m, n). The
 * same errors, and BF_EMACHINE: out of memory, C as it was. It takes 64 rows of op(A) and all of
 * op(B) in doubles. */
BF_MUST_CHECK bf_status bf_exact_gemm_f64(bf_order order, bf_transpose trans_a,
                                          bf_transpose trans_b, size_t m, size_t n, size_t k,
                                          double alpha, const double *a, size_t lda,
                                          const double *b, size_t ldb, double beta, double *c,
                                          size_t ldc, bf_error *err);
BF_MUST_CHECK bf_status bf_exact_gemm_f32(bf_order order, bf_transpose trans_a,
                                          bf_transpose trans_b, size_t m, size_t n, size_t k,
                                          float alpha, const float *a, size_t lda, const float *b,
                                          size_t ldb, float beta, float *c, size_t ldc,
                                          bf_error *err);

/* An exact sum on its way: what threads or processes add up apart and then merge, in any order,
 * with the same bits. It belongs to one thread at a time. */
typedef struct superacc bf_acc;

/* A new one, zero: the empty sum. */
BF_MUST_CHECK bf_status bf_acc_new(bf_acc **out, bf_error *err);
void bf_acc_free(bf_acc *acc);
void bf_acc_zero(bf_acc *acc);
/* acc += x, acc += x y. Floats are doubles: pass them as they are. */
void bf_acc_add(bf_acc *acc, double x);
void bf_acc_addmul(bf_acc *acc, double x, double y);
/* acc += the sum of n numbers, or of n products: faster than one by one. */
void bf_acc_sum_f64(bf_acc *acc, size_t n, const double *x, ptrdiff_t incx);
void bf_acc_sum_f32(bf_acc *acc, size_t n, const float *x, ptrdiff_t incx);
void bf_acc_dot_f64(bf_acc *acc, size_t n, const double *x, ptrdiff_t incx, const double *y,
                    ptrdiff_t incy);
void bf_acc_dot_f32(bf_acc *acc, size_t n, const float *x, ptrdiff_t incx, const float *y,
                    ptrdiff_t incy);
/* acc += other (which may be acc). BF_EINPUT, and acc stays as it was, if the sum is not within
 * +-2^2112, which takes more than 2^64 terms. */
BF_MUST_CHECK bf_status bf_acc_merge(bf_acc *acc, const bf_acc *other, bf_error *err);
/* The value rounded once. acc can be added to afterwards. */
double bf_acc_round_f64(const bf_acc *acc);
float bf_acc_round_f32(const bf_acc *acc);

/* The value in canonical bytes: equal if and only if the values are, on every machine.
 *   bytes 0..6  "bfacc1" and a zero byte
 *   byte 7      0 finite, 1 +inf, 2 -inf, 3 NaN
 *   bytes 8..   the integer value * 2^2176 in 540 bytes, two's complement, least significant
 *               first; it is a multiple of 2^28 and its last 4 bytes are all 0 or all 255. 0
 *               unless finite. */
enum { BF_ACC_BYTES = 8 + 540 };
void bf_acc_write(const bf_acc *acc, uint8_t out[BF_ACC_BYTES]);
/* BF_EINPUT, and acc stays as it was, unless the `size` bytes are what bf_acc_write writes. */
BF_MUST_CHECK bf_status bf_acc_read(bf_acc *acc, const uint8_t *bytes, size_t size, bf_error *err);

/* ---- models ------------------------------------------------------------------------------- */

/* A value given to an option; NULL: as if it were not given. */
typedef struct bf_setting {
    const char *name, *value;
} bf_setting;

typedef enum bf_option_type {
    BF_OPTION_COUNT,  /* a whole number, in decimal */
    BF_OPTION_NUMBER, /* a finite real number, a text as above */
    BF_OPTION_FLAG    /* true, false */
} bf_option_type;

/* An option of a layer, a loss or an optimiser: a row in its file. A list ends with name NULL. */
typedef struct bf_option {
    const char *name;
    const char *alias; /* an older name that files may use; NULL: none */
    bf_option_type type;
    const char *value; /* default; NULL: it has to be given */
    const char
        *expected; /* what the message on a wrong value says: "a finite number, 0 or above" */
    const char *summary;
    const char *low, *high;   /* limits; NULL: none */
    bool low_open, high_open; /* the limit itself is not allowed */
} bf_option;

/* The row of a name or an alias; NULL: there is none. */
const bf_option *bf_option_find(const bf_option *options, const char *name);
/* Whether the text is a value of the option: of its type, and within its limits. */
bool bf_option_accepts(const bf_option *option, const char *value);

/* One layer; what its settings may be depends on the kind (bf_layer_list). A sample has the shape
 * (height, width, channels), stored with channels together; a vector is (1, 1, n), a sequence of
 * tokens (1, tokens, features). doc/numerics.md says what each kind computes. */
typedef struct bf_layer {
    const char *kind; /* or its alias */
    const bf_setting *settings;
    size_t n_settings;
} bf_layer;

/* Settings, {"width", "3"}, {"bias", "false"}, and how many: initialisers of a pointer and the
 * number after it, of what lives as long as the block in which they stand. And a layer that has
 * some. */
#define BF_SETTINGS(...)               \
    (const bf_setting[]){__VA_ARGS__}, \
        sizeof((const bf_setting[]){__VA_ARGS__}) / sizeof(bf_setting)
#define BF_LAYER(kind, ...) \
    { kind, BF_SETTINGS(__VA_ARGS__) }

typedef struct bf_layer_info {
    const char *kind, *alias; /* alias: an older name that files may use; NULL: none */
    const char *summary;
    const bf_option *options;
} bf_layer_info;
const bf_layer_info *bf_layer_list(size_t i);

typedef struct bf_loss_info {
    const char *name, *alias, *summary;
    const bf_option *options;
} bf_loss_info;
const bf_loss_info *bf_loss_list(size_t i);

/* Samples, exact: x is (n, inputs), y is (n, outputs), row-major. What they stand for is
 * (x - x_shift) / x_divisor, rounded once into a format, and likewise y. A shift is the text of a
 * rational, a divisor that of a rational or a root (`sqrt(...)`) above 0; NULL: 0 and 1.
 * An input is channels * height * width numbers, in this order; of a plain vector: inputs, 1, 1. */
typedef struct bf_data {
    size_t n, inputs, outputs;
    int channels, height, width;
    const double *x, *y;
    const char *x_shift, *x_divisor, *y_shift, *y_divisor;
} bf_data;
/* A data set of the engine's own, by name ("paper8"); NULL when there is none. */
const bf_data *bf_data_named(const char *name);
/* The name of the i-th, or NULL. */
const char *bf_data_list(size_t i);

/* Data to be loaded or made. Texts are rationals. */
typedef struct bf_data_source {
    /* "idx": the folder's train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., each plain or
     *     gzip with .gz behind its name, as MNIST comes.
     * "npy": NumPy arrays. x is (n), (n, inputs), (n, height, width) or (n, channels, height,
     *     width), of u1..u8, i1..i8, f4 or f8; y is (n): labels when integers; or (n, outputs).
     * "synthetic": images made from random templates, one a class; see doc/numerics.md. */
    const char *set;
    const char *folder;                  /* idx */
    const char *x, *y, *x_test, *y_test; /* npy: paths; the last two NULL: no test data */
    size_t samples;                      /* synthetic: of training data */
    int side;                            /* synthetic: height and width */
    size_t first;                        /* use the first so many training samples; 0: all */
    size_t test;                         /* and test samples; 0: none */
    size_t classes;                      /* labels are below it */
    int pool;                            /* average over blocks of pool x pool pixels; 1: none */
    bool standardise; /* by mean and deviation of all training inputs; else bytes are divided by 255
                       */
    const char
        *noise; /* the probability that a training label is replaced by a random one; NULL: 0 */
    const char *target_shift, *target_scale; /* y = scale (onehot - shift); NULL: 0, 1 */
    uint64_t seed;                           /* of synthetic images and noise */
} bf_data_source;

typedef struct bf_data_set {
    bf_data train, test; /* test.n 0: there is none */
    bf_hash hash;        /* of all that is in both */
} bf_data_set;

/* Load or make data. Labels become one-hot targets. Everything in a file is checked, and at most
 * as much of it is read as its header announces. BF_EINPUT names the file and what was expected. */
BF_MUST_CHECK bf_status bf_data_load(bf_data_set **out, const bf_data_source *from, bf_error *err);
void bf_data_free(bf_data_set *set);

typedef struct bf_optimiser_info {
    const char *name, *alias, *summary;
    const bf_option *options;
} bf_optimiser_info;
const bf_optimiser_info *bf_optimiser_list(size_t i);

/* From step `at` on (the first step is 0) the learning rate is another. */
typedef struct bf_phase {
    uint64_t at;
    const char *rate;
    bool reset; /* the optimiser's state becomes zero */
} bf_phase;

/* Everything that defines a training, except its arithmetic and its start. */
typedef struct bf_problem {
    const bf_layer *layers;
    size_t n_layers;
    const char *loss; /* by name or alias: bf_loss_list */
    const bf_setting *loss_settings;
    size_t n_loss_settings;
    const bf_data *data; /* stays the caller's, and must outlive the ensemble */
    /* Samples in a step, at most data->n; 0: all. Less than all: every epoch takes them in an order
     * of its own, drawn for (seed, BF_STREAM_ORDER), and leaves out what fills no batch. */
    size_t batch;
    uint64_t seed;
    const char *optimiser; /* by name or alias: bf_optimiser_list; NULL: the first */
    const bf_setting *optimiser_settings;
    size_t n_optimiser_settings;
    const char *rate;       /* a text */
    const bf_phase *phases; /* in order of `at` */
    size_t n_phases;
    const char *bound; /* a text: a run has diverged once a parameter is not finite or exceeds this
                          in magnitude; inf: not finite */
} bf_problem;

typedef struct bf_tensor {
    char name[32]; /* "0.weight": index of the layer, and what it is */
    size_t offset, count;
    int rows, columns; /* a bias has one row */
    int area;          /* convolutions: kernel height times width, else 1; divides columns */
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
size_t bf_n_parameters(const bf_ensemble *e); /* how many, over all tensors */
size_t bf_n_tensors(const bf_ensemble *e);
const bf_tensor *bf_tensor_at(const bf_ensemble *e, size_t i);
const bf_format *bf_ensemble_format(const bf_ensemble *e);

/* Whether all runs must be at the same step: with less than all samples in a batch, with phases, or
 * under an optimiser whose update depends on the step. A run may then be put into a lane only while
 * no other is past its step 0. */
bool bf_in_step(const bf_ensemble *e);

/* Put a run into a lane: parameters in canonical encoding (parameters * bytes), optimiser state
 * zero, step 0. */
void bf_lane_start(bf_ensemble *e, int lane, const uint8_t *theta);
/* Number the run just put into a lane; else it is number 0. Only shuffled sums look at it: runs of
 * different numbers sum in different orders. */
void bf_lane_set_run(bf_ensemble *e, int lane, uint64_t run);
/* Take the run out: the cost of the lane is then negligible. */
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
/* Output for every sample of the batch, at the present parameters, without any training: of the
 * samples `first` to `first` + batch - 1 of the data. bf_lane_output reads it: (batch, outputs). */
void bf_forward(bf_ensemble *e, size_t first);
void bf_lane_output(const bf_ensemble *e, int lane, uint8_t *output);
size_t bf_batch(const bf_ensemble *e);
/* One step of the optimiser with that gradient, in every running lane. Returns whether a run
 * diverged. */
bool bf_update(bf_ensemble *e);
/* bf_gradient and bf_update, up to n times; returns early after a step in which a run diverged.
 * Returns the steps done. */
uint64_t bf_train(bf_ensemble *e, uint64_t n);

/* ---- operations --------------------------------------------------------------------------- */

/* What an operation of a training step gave in one lane: (rows, columns) values, those of the
 * samples' units or of a parameter tensor, in blocks one after the other. */
typedef struct bf_operation {
    int layer;        /* index; -1: none */
    const char *kind; /* "data"; of the layer; name of the loss; "update" */
    /* Data: "inputs", "targets"; a layer: what it names itself ("sum", "weight gradient", ...),
     * then its output "forward" and the delta of its input "backward"; the loss: likewise, then
     * "loss" and "delta"; an update: "gradient", "decay" (where it is in the gradient), what the
     * optimiser keeps ("momentum", say), "step". The last operation of a layer has two names, with
     * the same values. */
    const char *name;
    const bf_tensor *tensor; /* whose gradient or update it is; else NULL */
    size_t rows, columns;
    size_t terms;          /* of each sum of products; 0: no sum */
    size_t first, count;   /* the block's values: row-major */
    const uint8_t *values; /* count * bytes, canonical encoding; valid during the call */
} bf_operation;

enum { BF_BLOCK = 64 }; /* values in a block; the last of an operation may have fewer */

/* Called in the middle of a step: it may not call for the ensemble. */
typedef void (*bf_observer)(void *context, const bf_operation *operation);

/* From now on have `observer` called after the operations of bf_gradient and bf_update, in order,
 * with what they give in one lane; NULL: nobody. Runs have the same bits. BF_EMACHINE: no memory.
 */
BF_MUST_CHECK bf_status bf_observe(bf_ensemble *e, int lane, bf_observer observer, void *context,
                                   bf_error *err);

/* ---- tangents ----------------------------------------------------------------------------- */

/* f64 whose numbers carry tangents along (forward-mode differentiation): a training step applies
 * its own Jacobian to a vector. Runs have the bits of f64. It is obtained in no other way
 * and has no name of its own. */
void bf_arithmetic_tangent(bf_arithmetic *out);

/* How many numbers the optimiser's state has: the parameters, then as many of each kind that the
 * optimiser keeps (velocities, say). A training step maps this state to the next, x -> F(x). */
size_t bf_n_states(const bf_ensemble *e);
/* Put a tangent vector, bf_n_states(e) doubles, at the present state of a lane's run, and take it
 * out: n steps turn v into DF^n(x) v, rounded at every operation. A run starts with zeros; that of
 * a run that has diverged is zero. Only for ensembles under bf_arithmetic_tangent. */
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
    BF_STREAM_TANGENT = 5,
    BF_STREAM_LABELS = 6,
    BF_STREAM_IMAGES = 7,
    BF_STREAM_ORDER = 16
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
/* The same with a standard normal number z_i for u_i, correctly rounded from as many random bits.
 */
BF_MUST_CHECK bf_status bf_perturb_gaussian(const bf_format *format, size_t n, uint8_t *theta,
                                            const char *eps, uint64_t seed, uint64_t trial,
                                            bool *moved, bf_error *err);
/* Flip the last bit of the significand of `eps` parameters, a whole number from 1 to n, chosen at
 * random, none twice. A zero of a format without subnormals has no such bit and stays. */
BF_MUST_CHECK bf_status bf_perturb_bit(const bf_format *format, size_t n, uint8_t *theta,
                                       const char *eps, uint64_t seed, uint64_t trial, bool *moved,
                                       bf_error *err);
/* Move every parameter by `eps` units in the last place, a whole number from 1, up or down at
 * random, as bf_ulps counts them. */
BF_MUST_CHECK bf_status bf_perturb_ulps(const bf_format *format, size_t n, uint8_t *theta,
                                        const char *eps, uint64_t seed, uint64_t trial, bool *moved,
                                        bf_error *err);

typedef struct bf_perturbation {
    const char *name, *summary;
    bool counts; /* eps is a whole number from 1 */
    bf_status (*apply)(const bf_format *format, size_t n, uint8_t *theta, const char *eps,
                       uint64_t seed, uint64_t trial, bool *moved, bf_error *err);
} bf_perturbation;
/* The i-th perturbation, or NULL. */
const bf_perturbation *bf_perturbation_list(size_t i);

/* Start i uniform in [low, high], as a real number that does not depend on the format, rounded
 * once. */
BF_MUST_CHECK bf_status bf_start_uniform(const bf_format *format, size_t n, uint8_t *theta,
                                         const char *low, const char *high, uint64_t seed,
                                         uint64_t trial, bf_error *err);
typedef struct bf_initialiser_info {
    const char *name, *gain /* the default */, *summary;
} bf_initialiser_info;
/* The i-th initialiser of layers, or NULL. */
const bf_initialiser_info *bf_initialiser_list(size_t i);
/* A start of the ensemble's model by the initialiser of this name, likewise real numbers, rounded
 * once. Of a weight, fan_in is its columns and fan_out its rows * area. Gains start at 1; biases at
 * 0, but by "torch_default" as the weight of their layer, where it has one. `gain`: a rational
 * above 0 or the root of one; NULL: the default. */
BF_MUST_CHECK bf_status bf_start_layers(const bf_ensemble *e, uint8_t *theta, const char *name,
                                        const char *gain, uint64_t seed, uint64_t trial,
                                        bf_error *err);
/* A start of the minimal model (w1, w2, v1, v2) at the given distance from each of the invariant
 * planes w1 = w2, v1 = v2 and w1 = -w2, v1 = -v2, uniform in both angles; rounded once. */
BF_MUST_CHECK bf_status bf_start_planes(const bf_format *format, uint8_t *theta,
                                        const char *distance, uint64_t seed, uint64_t trial,
                                        bf_error *err);

/* ---- grids of starts ---------------------------------------------------------------------- */

/* One of the two axes of a plane in parameter space. Numbers are texts that stand for rationals:
 * decimals, hex floats, quotients. */
typedef struct bf_axis {
    const char *const *direction; /* one number per parameter, not all zero; of any length: what
                                     counts is the unit vector */
    const char *from, *to;        /* coordinates of the first and the last line */
    uint32_t points;              /* lines, evenly spaced, both ends included */
} bf_axis;

/* The starts origin + a x/|x| + b y/|y| over the lines a of one axis and b of the other: real
 * vectors that do not depend on the format, each parameter rounded once. */
typedef struct bf_grid bf_grid;
BF_MUST_CHECK bf_status bf_grid_new(bf_grid **out, const bf_format *format, size_t n,
                                    const char *const *origin, const bf_axis *x, const bf_axis *y,
                                    bf_error *err);
/* The start on line `column` of x and line `row` of y: n * bytes. Several threads may call it. */
void bf_grid_start(const bf_grid *g, uint32_t column, uint32_t row, uint8_t *theta);
void bf_grid_free(bf_grid *g);

/* ---- hashes ------------------------------------------------------------------------------- */

bf_hash bf_hash_of(const void *bytes, size_t size);
/* 32 hexadecimal digits and a NUL. */
void bf_hash_text(const bf_hash *h, char out[33]);
bool bf_hash_parse(const char *text, bf_hash *out);
bool bf_hash_equal(const bf_hash *a, const bf_hash *b);

/* A hash tree over a sequence of n hashes, its leaves: each inner node is the hash of its two
 * children's hashes (32 bytes), so that two sequences are compared from their roots down. */
typedef struct bf_hash_tree bf_hash_tree;
BF_MUST_CHECK bf_status bf_hash_tree_new(bf_hash_tree **out, size_t n, const bf_hash *leaves,
                                         bf_error *err);
void bf_hash_tree_free(bf_hash_tree *t);
/* All zero for no leaves. */
bf_hash bf_hash_tree_root(const bf_hash_tree *t);
/* The first leaf that differs between trees of n leaves each; n: none. `compared` (may be NULL):
 * pairs of nodes looked at, 1 + ceil(log2 n) at most. */
size_t bf_hash_tree_difference(const bf_hash_tree *a, const bf_hash_tree *b, size_t *compared);

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
    const char *scope;       /* goldens: the text of a bf_scope */
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
    char *scope; /* goldens only, else NULL */
    uint64_t steps;
    bf_format format;
    size_t n_tensors, n_lines;
    char (*tensors)[32];
    bf_trace_line *lines;
} bf_trace;

/* Read a trace or golden. A file that is truncated, damaged or edited (its chained hashes do not
 * follow from its lines), or a golden that promises more than its arithmetic can, is BF_EINPUT,
 * with the line. */
BF_MUST_CHECK bf_status bf_trace_read(bf_trace **out, const char *path, bf_error *err);
void bf_trace_free(bf_trace *t);

typedef struct bf_difference {
    bool same;
    uint64_t step;     /* the first that both recorded and that differs */
    uint64_t earliest; /* the first that may differ: smaller where steps were not recorded */
    int tensor;        /* the first there: its index; -1 when only the loss differs, or the run
                          ended at this step in one trace only */
    char name[32];     /* of the tensor; "loss" or "end" */
} bf_difference;

/* Compares the steps that both recorded: by bisection of their chained hashes, and one by one from
 * where they did not record the same steps. BF_EINPUT when the traces are of different models. */
BF_MUST_CHECK bf_status bf_trace_compare(const bf_trace *a, const bf_trace *b, bf_difference *out,
                                         bf_error *err);

#if defined __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
