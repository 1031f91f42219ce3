/* SPDX-License-Identifier: MIT */
/* data.c - data sets: selected, pooled, mapped, relabelled, hashed; all exactly. */
#include "num/draw.h"
#include "data/samples.h"
#include "base/bytes.h"
#include "num/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A bf_data_set and what it points to. */
typedef struct owner {
    bf_data_set set; /* first */
    samples parts[2];
    char *x_shift, *x_divisor, *y_shift, *y_divisor;
} owner;

bf_status bf_samples_allocate(samples *s, bf_error *err) {
    if (s->n == 0 || s->inputs == 0 || s->outputs == 0)
        return bf_fail(err, BF_EINPUT, "the data are empty; expected at least one sample");
    if (s->inputs <= SIZE_MAX / sizeof *s->x / s->n &&
        s->outputs <= SIZE_MAX / sizeof *s->y / s->n) {
        s->x = calloc(s->n * s->inputs, sizeof *s->x);
        s->y = calloc(s->n * s->outputs, sizeof *s->y);
    }
    return s->x && s->y ? BF_OK : bf_no_memory(err);
}

static const struct {
    const char *name;
    bf_status (*read)(samples *out, const bf_data_source *from, enum samples_part part, size_t most,
                      bf_error *err);
} sources[] = {
    {"idx", bf_idx_read},
    {"npy", bf_npy_read},
    {"synthetic", bf_synthetic_make},
};
enum { N_SOURCES = sizeof sources / sizeof *sources };

/* ---- inputs ------------------------------------------------------------------------------- */

/* Sums over blocks of p x p pixels, in place. */
static bf_status pool(samples *s, int p, bf_error *err) {
    if (p == 1)
        return BF_OK;
    if (p < 1 || s->height % p != 0 || s->width % p != 0)
        return bf_fail(err, BF_EINPUT,
                       "images of %d x %d pixels cannot be pooled by %d; expected a common divisor",
                       s->height, s->width, p);
    if (!s->whole)
        return bf_fail(err, BF_EINPUT,
                       "pooled data are floating-point numbers, whose sums are not "
                       "exact; expected integers");
    const size_t rows = (size_t)s->height, columns = (size_t)s->width, side = (size_t)p;
    const size_t blocks = columns / side, images = s->n * (size_t)s->channels;
    double *out = s->x;
    for (size_t image = 0; image < images; image++)
        for (size_t r = 0; r < rows; r += side)
            for (size_t b = 0; b < blocks; b++) {
                const double *block = s->x + (image * rows + r) * columns + b * side;
                double sum = 0;
                for (size_t i = 0; i < side * side; i++)
                    sum += block[i / side * columns + i % side];
                if (fabs(sum) > 0x1p53)
                    return bf_fail(err, BF_EINPUT, "a sum of pooled data exceeds 2^53");
                *out++ = sum; /* no block that is still to be read begins before */
            }
    s->height /= p;
    s->width /= p;
    s->inputs /= side * side;
    return BF_OK;
}

/* The exact value of an accumulator that is finite. */
static void acc_rational(const bf_acc *acc, mpq_t out) {
    uint8_t bytes[BF_ACC_BYTES];
    enum { INTEGER = BF_ACC_BYTES - 8 };
    bf_acc_write(acc, bytes);
    mpz_t range;
    mpz_init_set_ui(range, 1);
    mpz_import(mpq_numref(out), INTEGER, -1, 1, -1, 0, bytes + 8);
    mpz_set_ui(mpq_denref(out), 1);
    mpz_mul_2exp(range, range, (mp_bitcnt_t)INTEGER * 8);
    if (bytes[BF_ACC_BYTES - 1] & 0x80)
        mpz_sub(mpq_numref(out), mpq_numref(out), range);
    mpq_div_2exp(out, out, 2176);
    mpz_clear(range);
}

/* Mean and variance of all inputs: S1/N and S2/N - (S1/N)^2. */
static bf_status moments(const samples *s, mpq_t mean, mpq_t variance, bf_error *err) {
    bf_acc *acc;
    bf_status status = bf_acc_new(&acc, err);
    if (status != BF_OK)
        return status;
    const size_t n = s->n * s->inputs;
    mpq_t count;
    mpq_init(count);
    mpz_import(mpq_numref(count), 1, -1, sizeof n, 0, 0, &n);
    bf_acc_sum_f64(acc, n, s->x, 1);
    acc_rational(acc, mean);
    mpq_div(mean, mean, count);
    bf_acc_zero(acc);
    bf_acc_dot_f64(acc, n, s->x, 1, s->x, 1);
    acc_rational(acc, variance);
    mpq_div(variance, variance, count);
    mpq_mul(count, mean, mean);
    mpq_sub(variance, variance, count);
    mpq_clear(count);
    bf_acc_free(acc);
    return BF_OK;
}

static char *rational_text(const char *before, const mpq_t q, const char *after) {
    const size_t size = strlen(before) + strlen(after) + mpz_sizeinbase(mpq_numref(q), 10) +
                        mpz_sizeinbase(mpq_denref(q), 10) + 4;
    char *text = malloc(size);
    if (text) {
        strcpy(text, before);
        mpq_get_str(text + strlen(text), 10, q);
        strcat(text, after);
    }
    return text;
}

/* The map of the inputs, from those of the training data. */
static bf_status map_inputs(owner *o, const bf_data_source *from, bf_error *err) {
    const samples *s = &o->parts[TRAIN];
    mpq_t mean, divisor;
    mpq_inits(mean, divisor, NULL);
    bf_status status = BF_OK;
    bool room = true;
    if (from->standardise) {
        status = moments(s, mean, divisor, err);
        if (status == BF_OK && mpq_sgn(divisor) == 0)
            status = bf_fail(err, BF_EINPUT,
                             "all inputs are the same; expected data that can be "
                             "standardised");
        if (status == BF_OK)
            room = (o->x_shift = rational_text("", mean, "")) &&
                   (o->x_divisor = rational_text("sqrt(", divisor, ")"));
    } else if (s->bytes || from->pool > 1) {
        const unsigned long area = (unsigned long)from->pool * (unsigned long)from->pool;
        mpq_set_ui(divisor, (s->bytes ? 255 : 1) * area, 1);
        room = (o->x_divisor = rational_text("", divisor, "")) != NULL;
    }
    mpq_clears(mean, divisor, NULL);
    return room ? status : bf_no_memory(err);
}

/* ---- labels ------------------------------------------------------------------------------- */

/* The least 64-bit draw that leaves a label as it is; `all`: there is none. */
static bf_status noise_limit(const char *text, uint64_t *limit, bool *all, bf_error *err) {
    mpq_t p;
    mpq_init(p);
    bf_status s = bf_number_rational(text, p, err);
    if (s == BF_OK && (mpq_sgn(p) < 0 || mpq_cmp_ui(p, 1, 1) > 0))
        s = bf_fail(err, BF_EINPUT, "the noise is %.60s; expected a probability, from 0 to 1",
                    text);
    if (s == BF_OK) {
        *all = mpq_cmp_ui(p, 1, 1) == 0;
        mpz_t t;
        mpz_init(t);
        mpz_mul_2exp(t, mpq_numref(p), 64);
        mpz_cdiv_q(t, t, mpq_denref(p));
        *limit = 0;
        if (mpz_sizeinbase(t, 2) <= 64)
            mpz_export(limit, NULL, -1, sizeof *limit, 0, 0, t);
        else
            *all = true; /* nearer to 1 than a draw can tell */
        mpz_clear(t);
    }
    mpq_clear(p);
    return s;
}

/* Replace labels, each with the given probability, by one uniform over all classes. */
static bf_status add_noise(samples *s, const bf_data_source *from, bf_error *err) {
    uint64_t limit;
    bool all;
    if (!from->noise)
        return BF_OK;
    bf_status status = noise_limit(from->noise, &limit, &all, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < s->n; i++) {
        if (!all && bf_random(from->seed, BF_STREAM_LABELS, i, 0, 0) >= limit)
            continue;
        s->y[i] = (double)bf_draw_below(from->classes, from->seed, BF_STREAM_LABELS, i, 0, 1);
    }
    return BF_OK;
}

/* Labels -> (n, classes), one-hot. */
static bf_status one_hot(samples *s, size_t classes, bf_error *err) {
    double *y = s->n <= SIZE_MAX / sizeof *y / classes ? calloc(s->n * classes, sizeof *y) : NULL;
    if (!y)
        return bf_no_memory(err);
    for (size_t i = 0; i < s->n; i++)
        y[i * classes + (size_t)s->y[i]] = 1;
    free(s->y);
    s->y = y;
    s->outputs = classes;
    return BF_OK;
}

static bf_status check_labels(const samples *s, const char *set, size_t classes, bf_error *err) {
    for (size_t i = 0; i < s->n; i++)
        if (!(s->y[i] >= 0 && s->y[i] < (double)classes))
            return bf_fail(err, BF_EINPUT,
                           "%s: the label of sample %zu is %.0f; expected one from 0 to %zu", set,
                           i, s->y[i], classes - 1);
    return BF_OK;
}

/* The map of the targets: scale (onehot - shift). */
static bf_status map_targets(owner *o, const bf_data_source *from, bf_error *err) {
    mpq_t q;
    mpq_init(q);
    bf_status s = BF_OK;
    if (from->target_shift) {
        s = bf_number_rational(from->target_shift, q, err);
        if (s == BF_OK && mpq_sgn(q) != 0 && !(o->y_shift = rational_text("", q, "")))
            s = bf_no_memory(err);
    }
    if (s == BF_OK && from->target_scale) {
        s = bf_number_rational(from->target_scale, q, err);
        if (s == BF_OK && mpq_sgn(q) <= 0)
            s = bf_fail(err, BF_EINPUT, "the targets' scale is %.60s; expected a number above 0",
                        from->target_scale);
        if (s == BF_OK && mpq_cmp_ui(q, 1, 1) != 0) {
            mpq_inv(q, q);
            if (!(o->y_divisor = rational_text("", q, "")))
                s = bf_no_memory(err);
        }
    }
    mpq_clear(q);
    return s;
}

/* ---- the hash ----------------------------------------------------------------------------- */

static void hash_number(XXH3_state_t *h, uint64_t x) {
    uint8_t bytes[8];
    bytes_put64(bytes, x);
    XXH3_128bits_update(h, bytes, sizeof bytes);
}

static void hash_doubles(XXH3_state_t *h, const double *x, size_t n) {
    uint8_t bytes[8 * 512];
    for (size_t done = 0; done < n;) {
        const size_t some = n - done < sizeof bytes / 8 ? n - done : sizeof bytes / 8;
        for (size_t i = 0; i < some; i++) {
            uint64_t bits;
            memcpy(&bits, &x[done + i], sizeof bits);
            bytes_put64(bytes + 8 * i, bits);
        }
        XXH3_128bits_update(h, bytes, 8 * some);
        done += some;
    }
}

static void hash_text(XXH3_state_t *h, const char *text) {
    hash_number(h, strlen(text));
    XXH3_128bits_update(h, text, strlen(text));
}

static void hash_data(XXH3_state_t *h, const bf_data *d) {
    hash_number(h, d->n);
    if (d->n == 0)
        return;
    hash_number(h, d->outputs);
    hash_number(h, (uint64_t)d->channels);
    hash_number(h, (uint64_t)d->height);
    hash_number(h, (uint64_t)d->width);
    hash_text(h, d->x_shift ? d->x_shift : "0");
    hash_text(h, d->x_divisor ? d->x_divisor : "1");
    hash_text(h, d->y_shift ? d->y_shift : "0");
    hash_text(h, d->y_divisor ? d->y_divisor : "1");
    hash_doubles(h, d->x, d->n * d->inputs);
    hash_doubles(h, d->y, d->n * d->outputs);
}

static bf_status hash_set(bf_data_set *set, bf_error *err) {
    XXH3_state_t *h = XXH3_createState();
    if (!h)
        return bf_no_memory(err);
    XXH3_128bits_reset(h);
    hash_text(h, "bitfate data 1");
    hash_data(h, &set->train);
    hash_data(h, &set->test);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(h));
    memcpy(set->hash.bytes, canonical.digest, sizeof set->hash.bytes);
    XXH3_freeState(h);
    return BF_OK;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bf_data view(const owner *o, const samples *s) {
    return (bf_data){.n = s->n,
                     .inputs = s->inputs,
                     .outputs = s->outputs,
                     .channels = s->channels,
                     .height = s->height,
                     .width = s->width,
                     .x = s->x,
                     .y = s->y,
                     .x_shift = o->x_shift,
                     .x_divisor = o->x_divisor,
                     .y_shift = o->y_shift,
                     .y_divisor = o->y_divisor};
}

/* One part: read, and its labels checked; pooled. */
static bf_status load_part(samples *s, const bf_data_source *from, enum samples_part part,
                           bf_error *err) {
    size_t i = 0;
    while (i < N_SOURCES && strcmp(sources[i].name, from->set) != 0)
        i++;
    if (i == N_SOURCES)
        return bf_fail(err, BF_EINPUT, "unknown data set '%.40s'", from->set);
    if (from->classes < 1 || from->classes > 65536)
        return bf_fail(err, BF_EINPUT, "%zu classes; expected from 1 to 65536", from->classes);
    bf_status status =
        sources[i].read(s, from, part, part == TRAIN ? from->first : from->test, err);
    if (status == BF_OK && s->labels)
        status = check_labels(s, from->set, from->classes, err);
    BF_TRY(status, pool(s, from->pool, err));
    return status;
}

static bf_status label_part(samples *s, const bf_data_source *from, bool noise, bf_error *err) {
    if (!s->labels)
        return from->noise || from->target_shift || from->target_scale
                   ? bf_fail(err, BF_EINPUT,
                             "the targets are not labels; expected neither noise "
                             "nor a map of one-hot targets")
                   : BF_OK;
    bf_status status = noise ? add_noise(s, from, err) : BF_OK;
    return status == BF_OK ? one_hot(s, from->classes, err) : status;
}

bf_status bf_data_load(bf_data_set **out, const bf_data_source *from, bf_error *err) {
    *out = NULL;
    owner *o = calloc(1, sizeof *o);
    if (!o)
        return bf_no_memory(err);
    samples *train = &o->parts[TRAIN], *test = &o->parts[TEST];
    bf_status s = load_part(train, from, TRAIN, err);
    if (s == BF_OK && from->test > 0)
        s = load_part(test, from, TEST, err);
    BF_TRY(s, map_inputs(o, from, err));
    BF_TRY(s, label_part(train, from, true, err));
    if (s == BF_OK && test->n > 0)
        s = label_part(test, from, false, err);
    if (s == BF_OK && test->n > 0 &&
        (test->channels != train->channels || test->height != train->height ||
         test->width != train->width || test->outputs != train->outputs))
        s = bf_fail(err, BF_EINPUT,
                    "test data are of another shape than training data; expected "
                    "the same");
    BF_TRY(s, map_targets(o, from, err));
    if (s == BF_OK) {
        o->set.train = view(o, train);
        if (test->n > 0)
            o->set.test = view(o, test);
        s = hash_set(&o->set, err);
    }
    if (s == BF_OK)
        *out = &o->set;
    else
        bf_data_free(&o->set);
    return s;
}

void bf_data_free(bf_data_set *set) {
    owner *o = (owner *)set;
    if (!o)
        return;
    for (int i = 0; i < 2; i++) {
        free(o->parts[i].x);
        free(o->parts[i].y);
    }
    free(o->x_shift);
    free(o->x_divisor);
    free(o->y_shift);
    free(o->y_divisor);
    free(o);
}
