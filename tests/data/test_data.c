/* SPDX-License-Identifier: MIT */
/* test_data.c - data sets: what files may say, and what is made of them. */
#include "bitfate.h"
#include "num/affine.h"
#include "num/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char folder[64];

static void must_succeed(bf_status s, const bf_error *err) {
    if (s != BF_OK)
        fail_msg("%s", err->text);
}

/* ---- files to read ------------------------------------------------------------------------ */

static void in_folder(char path[200], const char *name) {
    snprintf(path, 200, "%s/%s", folder, name);
}

static void write_file(const char *name, const void *bytes, size_t n) {
    char path[200];
    in_folder(path, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static size_t read_whole(const char *name, uint8_t *out, size_t room) {
    char path[200];
    in_folder(path, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t n = fread(out, 1, room, f);
    fclose(f);
    return n;
}

static void remove_file(const char *name) {
    char path[200];
    in_folder(path, name);
    unlink(path);
}

static void write_gzip(const char *name, const void *bytes, unsigned n) {
    char path[200];
    in_folder(path, name);
    gzFile f = gzopen(path, "wb9");
    assert_non_null(f);
    assert_int_equal(gzwrite(f, bytes, n), n);
    assert_int_equal(gzclose(f), Z_OK);
}

static const char *const images_name = "train-images-idx3-ubyte";
static const char *const labels_name = "train-labels-idx1-ubyte";

/* Two images of 2 x 4 pixels, and their labels. */
static const uint8_t images[16 + 16] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 4,
                                        1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 1, 1, 1, 0};
static const uint8_t labels[8 + 2] = {0, 0, 8, 1, 0, 0, 0, 2, 3, 1};

static void write_plain(void) {
    write_file(images_name, images, sizeof images);
    write_file(labels_name, labels, sizeof labels);
}

static bf_data_source idx_source(void) {
    return (bf_data_source){.set = "idx", .folder = folder, .classes = 4, .pool = 1, .seed = 1};
}

static bf_data_source synthetic_source(size_t samples) {
    return (bf_data_source){
        .set = "synthetic", .samples = samples, .side = 8, .classes = 10, .pool = 1, .seed = 1};
}

static bf_data_set *load(const bf_data_source *from) {
    bf_data_set *set;
    bf_error err;
    must_succeed(bf_data_load(&set, from, &err), &err);
    return set;
}

/* The loader's complaint has all of these words. */
static void must_refuse(const bf_data_source *from, const char *a, const char *b) {
    bf_data_set *set;
    bf_error err;
    if (bf_data_load(&set, from, &err) != BF_EINPUT)
        fail_msg("accepted; expected an error with '%s' and '%s'", a, b);
    assert_null(set);
    if (!strstr(err.text, a) || !strstr(err.text, b))
        fail_msg("'%s' lacks '%s' or '%s'", err.text, a, b);
}

/* ---- the affine map ----------------------------------------------------------------------- */

/* (x - shift) / divisor at 400 bits; a root is given by what is under it. */
static void reference(mpfr_t r, double x, const char *shift, const char *divisor, bool root) {
    mpq_t q;
    mpq_init(q);
    mpfr_t d;
    mpfr_init2(d, 400);
    mpq_set_str(q, divisor, 10);
    mpq_canonicalize(q);
    mpfr_set_q(d, q, MPFR_RNDN);
    if (root)
        mpfr_sqrt(d, d, MPFR_RNDN);
    mpq_set_str(q, shift, 10);
    mpq_canonicalize(q);
    mpfr_set_d(r, x, MPFR_RNDN);
    mpfr_sub_q(r, r, q, MPFR_RNDN);
    mpfr_div(r, r, d, MPFR_RNDN);
    mpfr_clear(d);
    mpq_clear(q);
}

/* The same bits as a computation in 400 bits that is rounded once, in every format. */
static void values_are_rounded_once(void **state) {
    (void)state;
    static const char *const formats[] = {"bf16",     "f16",      "tf32",    "f32",     "f64",
                                          "fp8_e4m3", "fp8_e5m2", "mpfr:64", "mpfr:113"};
    static const struct {
        const char *shift, *divisor;
        bool root;
    } maps[] = {{"1503163/44800", "2497297497979/401408000", true},
                {"0", "255", false},
                {"0", "12495", false},
                {"1/10", "1/3", false},
                {"5/2", "5/4", true},
                {"-7", "123456789012345678901234567890", true}};
    mpfr_t wide;
    mpfr_init2(wide, 400);
    for (size_t p = 0; p < COUNT(formats); p++)
        for (size_t m = 0; m < COUNT(maps); m++) {
            bf_format f;
            assert_true(bf_format_find(&f, formats[p]));
            char divisor[100];
            snprintf(divisor, sizeof divisor, maps[m].root ? "sqrt(%s)" : "%s", maps[m].divisor);
            affine *a;
            bf_error err;
            must_succeed(bf_affine_new(&a, &f, maps[m].shift, divisor, &err), &err);
            mpfr_t rounded;
            mpfr_init2(rounded, f.precision);
            for (int x = -30; x < 600; x++) {
                uint8_t expected[32];
                reference(wide, x, maps[m].shift, maps[m].divisor, maps[m].root);
                bf_format_round(&f, rounded, wide);
                bf_format_encode(&f, rounded, expected);
                assert_memory_equal(bf_affine_round(a, x), expected, f.bytes);
            }
            mpfr_clear(rounded);
            bf_affine_free(a);
        }
    mpfr_clear(wide);
}

/* More distinct values than are remembered: each comes out as when it is the only one. */
static void remembered_values_are_the_right_ones(void **state) {
    (void)state;
    const bf_format f = bf_format_of(53);
    affine *many;
    bf_error err;
    must_succeed(bf_affine_new(&many, &f, "1/3", "7", &err), &err);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 40000; i += 1 + pass * 97) {
            const double value = bf_to_double(&f, bf_affine_round(many, i));
            assert_true(value == (3.0 * i - 1) / 21);
        }
    bf_affine_free(many);
}

static void without_a_map_numbers_stand_for_themselves(void **state) {
    (void)state;
    const bf_format f = bf_format_of(24);
    affine *a;
    bf_error err;
    must_succeed(bf_affine_new(&a, &f, NULL, NULL, &err), &err);
    static const double values[] = {0, -0.0, 0.1, -1e-45, 1e300, 3};
    for (size_t i = 0; i < COUNT(values); i++) {
        const float x = (float)values[i];
        assert_memory_equal(bf_affine_round(a, values[i]), &x, sizeof x);
    }
    bf_affine_free(a);
    assert_int_equal(bf_affine_new(&a, &f, NULL, "0", &err), BF_EINPUT);
    assert_int_equal(bf_affine_new(&a, &f, "sqrt(2)", NULL, &err), BF_EINPUT);
    assert_int_equal(bf_affine_new(&a, &f, NULL, "-1", &err), BF_EINPUT);
}

/* ---- IDX ---------------------------------------------------------------------------------- */

static void idx_files_are_read(void **state) {
    (void)state;
    write_plain();
    bf_data_source from = idx_source();
    bf_data_set *plain = load(&from);
    const bf_data *d = &plain->train;
    assert_int_equal(d->n, 2);
    assert_int_equal(d->inputs, 8);
    assert_int_equal(d->outputs, 4);
    assert_int_equal(d->channels * 100 + d->height * 10 + d->width, 124);
    for (size_t i = 0; i < 16; i++)
        assert_true(d->x[i] == images[16 + i]);
    for (size_t i = 0; i < 8; i++)
        assert_true(d->y[i] == (i == 3 || i == 5));
    assert_null(d->x_shift);
    assert_string_equal(d->x_divisor, "255");
    assert_null(d->y_shift);
    assert_null(d->y_divisor);
    assert_int_equal(plain->test.n, 0);

    /* The same from gzip, whose files count only when there are no plain ones. */
    write_gzip("train-images-idx3-ubyte.gz", images, sizeof images);
    write_gzip("train-labels-idx1-ubyte.gz", labels, sizeof labels);
    remove_file(images_name);
    remove_file(labels_name);
    bf_data_set *packed = load(&from);
    assert_true(bf_hash_equal(&plain->hash, &packed->hash));
    bf_data_free(packed);

    from.first = 1;
    from.test = 2;
    write_file("t10k-images-idx3-ubyte", images, sizeof images);
    write_file("t10k-labels-idx1-ubyte", labels, sizeof labels);
    bf_data_set *part = load(&from);
    assert_int_equal(part->train.n, 1);
    assert_int_equal(part->test.n, 2);
    assert_false(bf_hash_equal(&plain->hash, &part->hash));
    bf_data_free(part);
    bf_data_free(plain);
    remove_file("train-images-idx3-ubyte.gz");
    remove_file("train-labels-idx1-ubyte.gz");
}

static void lies_in_idx_headers_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t bytes[4];
        const char *expected;
    } cases[] = {
        {0, {0, 0, 8, 1}, "expected 0x00000803"},
        {0, {0, 0, 13, 3}, "expected 0x00000803"},
        {4, {0, 0, 0, 3}, "expected 16"},
        {4, {0, 0, 0, 1}, "expected 16"},
        {4, {0, 0, 0, 0}, "expected at least one"},
        {4, {255, 255, 255, 255}, "expected 16"},
        {8, {0, 1, 0, 0}, "sides from 1 to 65535"},
        {8, {0, 0, 0, 0}, "sides from 1 to 65535"},
        {12, {0, 0, 255, 255}, "expected 16"},
        {12, {255, 255, 255, 255}, "sides from 1 to 65535"},
    };
    bf_data_source from = idx_source();
    for (size_t c = 0; c < COUNT(cases); c++) {
        uint8_t bad[sizeof images];
        memcpy(bad, images, sizeof bad);
        memcpy(bad + cases[c].at, cases[c].bytes, 4);
        write_plain();
        write_file(images_name, bad, sizeof bad);
        must_refuse(&from, images_name, cases[c].expected);
    }
    write_plain();
    from.classes = 3;
    must_refuse(&from, "label of sample 0 is 3", "from 0 to 2");
    from = idx_source();
    from.first = 3;
    must_refuse(&from, "2 images", "expected at least 3");
    static const uint8_t three[8 + 3] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 0, 0};
    write_file(labels_name, three, sizeof three);
    from = idx_source();
    must_refuse(&from, labels_name, "3 labels; expected 2");
    remove_file(labels_name);
    must_refuse(&from, labels_name, "not there");
    from.folder = "/dev";
    must_refuse(&from, "/dev/train-images", "expected an IDX file");
}

static void lies_in_gzip_are_refused(void **state) {
    (void)state;
    const char *name = "train-images-idx3-ubyte.gz";
    uint8_t packed[400];
    bf_data_source from = idx_source();
    write_plain();
    remove_file(images_name);
    /* More, and fewer bytes than the header promised. */
    uint8_t longer[sizeof images + 1] = {0};
    memcpy(longer, images, sizeof images);
    write_gzip(name, longer, sizeof longer);
    must_refuse(&from, name, "more bytes follow");
    write_gzip(name, images, sizeof images - 1);
    must_refuse(&from, name, "expected");
    /* Garbage behind; a wrong checksum. */
    write_gzip(name, images, sizeof images);
    size_t n = read_whole(name, packed, sizeof packed);
    write_file(name, packed, n + 1);
    must_refuse(&from, name, "more bytes follow");
    packed[n - 6] ^= 1;
    write_file(name, packed, n);
    must_refuse(&from, name, "damaged gzip");
    /* Megabytes in a small file, of which the header promised none: nothing of them is expanded. */
    const size_t size = 16 << 20;
    uint8_t *bomb = calloc(1, size);
    assert_non_null(bomb);
    memcpy(bomb, images, sizeof images);
    write_gzip(name, bomb, (unsigned)size);
    must_refuse(&from, name, "more bytes follow");
    /* Sizes that no file of this length can hold, before memory is taken for them. */
    memset(bomb + 4, 0x70, 2);
    write_gzip(name, bomb, sizeof images);
    must_refuse(&from, name, "expected at most");
    free(bomb);
    remove_file(name);
}

/* Every file cut off anywhere, and with any byte changed: read as something valid, or refused with
 * one line that names a file. Sanitizers see the rest. */
static void damaged_files_never_surprise(const char *name, const uint8_t *good, size_t n,
                                         const bf_data_source *from) {
    uint8_t bad[400];
    bf_data_set *set;
    bf_error err;
    for (size_t cut = 0; cut < n; cut++) {
        write_file(name, good, cut);
        assert_int_equal(bf_data_load(&set, from, &err), BF_EINPUT);
        assert_non_null(strstr(err.text, name));
    }
    for (size_t at = 0; at < n; at++)
        for (unsigned flip = 0; flip < 10; flip++) {
            memcpy(bad, good, n);
            bad[at] = (uint8_t)(good[at] ^ (flip < 8 ? 1u << flip : flip == 8 ? 255u : 0x55u));
            write_file(name, bad, n);
            const bf_status s = bf_data_load(&set, from, &err);
            if (s == BF_OK)
                bf_data_free(set);
            else
                assert_true(s == BF_EINPUT && err.text[0] && !strchr(err.text, '\n'));
        }
    write_file(name, good, n);
    bf_data_free(load(from));
}

static void damaged_idx_files(void **state) {
    (void)state;
    uint8_t packed[400];
    bf_data_source from = idx_source();
    write_plain();
    damaged_files_never_surprise(images_name, images, sizeof images, &from);
    damaged_files_never_surprise(labels_name, labels, sizeof labels, &from);
    remove_file(images_name);
    write_gzip("train-images-idx3-ubyte.gz", images, sizeof images);
    const size_t n = read_whole("train-images-idx3-ubyte.gz", packed, sizeof packed);
    damaged_files_never_surprise("train-images-idx3-ubyte.gz", packed, n, &from);
    remove_file("train-images-idx3-ubyte.gz");
}

/* ---- NumPy arrays ------------------------------------------------------------------------- */

/* A .npy file of version `version`.0; returns its length. */
static size_t make_npy(uint8_t *out, int version, const char *header, const void *bytes, size_t n) {
    const size_t length = strlen(header);
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)version;
    out[7] = 0;
    out[8] = (uint8_t)length;
    memset(out + 9, 0, 3);
    uint8_t *p = out + (version == 1 ? 10 : 12);
    memcpy(p, header, length);
    memcpy(p + length, bytes, n);
    return (size_t)(p - out) + length + n;
}

static void write_npy(const char *name, int version, const char *header, const void *bytes,
                      size_t n) {
    uint8_t file[500];
    write_file(name, file, make_npy(file, version, header, bytes, n));
}

static bf_data_source npy_source(void) {
    static char x[200], y[200];
    in_folder(x, "x.npy");
    in_folder(y, "y.npy");
    return (bf_data_source){.set = "npy", .x = x, .y = y, .classes = 4, .pool = 1, .seed = 1};
}

static const char labels_header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n";

/* The same numbers -3 and 200, in every type that has them. */
static void npy_types_are_read(void **state) {
    (void)state;
    static const struct {
        const char *type;
        uint8_t bytes[16];
        double values[2];
    } cases[] = {
        {"|u1", {3, 200}, {3, 200}},
        {"|i1", {0xfd, 100}, {-3, 100}},
        {"<i2", {0xfd, 0xff, 200, 0}, {-3, 200}},
        {">i2", {0xff, 0xfd, 0, 200}, {-3, 200}},
        {"<u2", {0xfd, 0xff, 200, 0}, {65533, 200}},
        {"<i4", {0xfd, 0xff, 0xff, 0xff, 200}, {-3, 200}},
        {">u4", {0xff, 0xff, 0xff, 0xfd, 0, 0, 0, 200}, {4294967293, 200}},
        {"<i8", {0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 200}, {-3, 200}},
        {">u8", {0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200}, {0x1p53, 200}},
        {"<f4", {0, 0, 0x40, 0xc0, 0, 0, 0x48, 0x43}, {-3, 200}},
        {">f4", {0xc0, 0x40, 0, 0, 0x43, 0x48, 0, 0}, {-3, 200}},
        {"<f8", {0, 0, 0, 0, 0, 0, 8, 0xc0, 0, 0, 0, 0, 0, 0, 0x69, 0x40}, {-3, 200}},
        {">f8", {0xc0, 8, 0, 0, 0, 0, 0, 0, 0x40, 0x69, 0, 0, 0, 0, 0, 0}, {-3, 200}},
    };
    static const uint8_t y[] = {3, 1};
    const bf_data_source from = npy_source();
    write_npy("y.npy", 1, labels_header, y, 2);
    for (size_t c = 0; c < COUNT(cases); c++) {
        char header[100];
        snprintf(header, sizeof header,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (2, 1), }   \n", cases[c].type);
        for (int version = 1; version <= 2; version++) {
            write_npy("x.npy", version, header, cases[c].bytes,
                      2 * (size_t)(cases[c].type[2] - '0'));
            bf_data_set *set = load(&from);
            assert_int_equal(set->train.n, 2);
            assert_int_equal(set->train.inputs, 1);
            assert_int_equal(set->train.outputs, 4);
            assert_memory_equal(set->train.x, cases[c].values, sizeof cases[c].values);
            assert_true(set->train.y[3] == 1 && set->train.y[5] == 1);
            if (strcmp(cases[c].type, "|u1") == 0)
                assert_string_equal(set->train.x_divisor, "255");
            else
                assert_null(set->train.x_divisor);
            bf_data_free(set);
        }
    }
}

static void npy_shapes_are_read(void **state) {
    (void)state;
    static const struct {
        const char *shape;
        int channels, height, width;
    } cases[] = {
        {"(2,)", 1, 1, 1}, {"(2, 12)", 12, 1, 1}, {"(2, 3, 4)", 1, 3, 4}, {"(2,3,2,2)", 3, 2, 2}};
    static const uint8_t zeros[24];
    static const double targets[] = {0.5, -1, 0, 2, 1e-300, 7};
    bf_data_source from = npy_source();
    write_npy("y.npy", 1, "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f8'}\n", targets,
              sizeof targets);
    for (size_t c = 0; c < COUNT(cases); c++) {
        char header[100];
        snprintf(header, sizeof header, "{'descr':'|u1','fortran_order':False,'shape':%s}\n",
                 cases[c].shape);
        const int inputs = cases[c].channels * cases[c].height * cases[c].width;
        write_npy("x.npy", 1, header, zeros, 2 * (size_t)inputs);
        bf_data_set *set = load(&from);
        assert_int_equal(set->train.inputs, inputs);
        assert_int_equal(set->train.channels, cases[c].channels);
        assert_int_equal(set->train.height, cases[c].height);
        assert_int_equal(set->train.width, cases[c].width);
        assert_int_equal(set->train.outputs, 3);
        assert_memory_equal(set->train.y, targets, sizeof targets);
        assert_null(set->train.y_divisor);
        bf_data_free(set);
    }
    from.noise = "1/2";
    must_refuse(&from, "targets are not labels", "noise");
}

static void lies_in_npy_headers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *header, *expected;
    } cases[] = {
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2)}\n", "the type u1"},
        {"{'descr': '=i2', 'fortran_order': False, 'shape': (2, 1)}\n", "the type u1"},
        {"{'descr': '|i2', 'fortran_order': False, 'shape': (2, 1)}\n", "the type u1"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 2)}\n", "the type u1"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2)}\n", "fortran_order: False"},
        {"{'descr': '|u1', 'fortran_order': False}\n", "a comma between keys"},
        {"{'descr': '|u1', 'fortran_order': False, }\n", "each once"},
        {"{'descr': '|u1', 'descr': '|u1', 'shape': (2, 2)}\n", "each once"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4 )}\n", "a shape of 1 to 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': ()}\n", "a shape of 1 to 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,4)}\n", "a shape of 1 to 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, -2)}\n", "a shape of 1 to 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), 'x': 1}\n", "three keys"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)} x\n", "three keys"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", "then a newline"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}\n", "expected 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1)}\n", "expected 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4)}\n", "at least 1"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967295, 4294967295, 2)}\n",
         "fewer elements"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 1)}\n", "a shape of"},
        {"[1]\n", "a dict"},
        {"", "a dict"},
    };
    static const uint8_t y[] = {3, 1}, x[4];
    bf_data_source from = npy_source();
    write_npy("y.npy", 1, labels_header, y, 2);
    for (size_t c = 0; c < COUNT(cases); c++) {
        write_npy("x.npy", 1, cases[c].header, x, sizeof x);
        must_refuse(&from, "x.npy", cases[c].expected);
    }
    write_npy("x.npy", 3, labels_header, x, 2);
    must_refuse(&from, "x.npy", "version 1.0 or 2.0");
    static const double infinite[] = {0, INFINITY};
    write_npy("x.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}\n", infinite,
              sizeof infinite);
    must_refuse(&from, "x.npy: element 1", "not finite");
    write_npy("x.npy", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}\n", x, 4);
    must_refuse(&from, "y.npy", "the first 4 as in x");
    static const double fractions[] = {0.5, 0.25, 1, 2};
    write_npy("x.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1, 2)}\n",
              fractions, sizeof fractions);
    from.pool = 2;
    must_refuse(&from, "cannot be pooled by 2", "1 x 2");
    write_npy("x.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 2)}\n",
              fractions, sizeof fractions);
    write_npy("y.npy", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\n", y, 1);
    must_refuse(&from, "not exact", "expected integers");
    from.pool = 1;
    from.standardise = true; /* exactly, of any numbers: mean 15/16, variance 115/256 */
    bf_data_set *set = load(&from);
    assert_string_equal(set->train.x_shift, "15/16");
    assert_string_equal(set->train.x_divisor, "sqrt(115/256)");
    bf_data_free(set);
}

static void damaged_npy_files(void **state) {
    (void)state;
    static const uint8_t x[6] = {1, 2, 3, 4, 5, 6}, y[2] = {3, 1};
    const bf_data_source from = npy_source();
    uint8_t file[400];
    write_npy("y.npy", 1, labels_header, y, sizeof y);
    size_t n = make_npy(file, 2, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}\n", x,
                        sizeof x);
    damaged_files_never_surprise("x.npy", file, n, &from);
    write_file("x.npy", file, n);
    n = make_npy(file, 1, labels_header, y, sizeof y);
    damaged_files_never_surprise("y.npy", file, n, &from);
}

/* ---- what is made of them ----------------------------------------------------------------- */

static void pooling_sums_blocks(void **state) {
    (void)state;
    write_plain();
    bf_data_source from = idx_source();
    from.pool = 2;
    bf_data_set *set = load(&from);
    static const double sums[] = {1 + 2 + 5 + 6, 3 + 4 + 7 + 8, 9 + 0 + 1 + 1, 0 + 0 + 1 + 0};
    assert_int_equal(set->train.inputs, 2);
    assert_int_equal(set->train.height * 10 + set->train.width, 12);
    assert_memory_equal(set->train.x, sums, sizeof sums);
    assert_string_equal(set->train.x_divisor, "1020");
    bf_data_free(set);
    from.pool = 3;
    must_refuse(&from, "2 x 4", "cannot be pooled by 3");
}

/* Pixels 1..8: S1 = 36, S2 = 204. Mean 9/2, variance 204/8 - 81/4 = 21/4. */
static void inputs_are_standardised(void **state) {
    (void)state;
    write_plain();
    write_file("t10k-images-idx3-ubyte", images, sizeof images);
    write_file("t10k-labels-idx1-ubyte", labels, sizeof labels);
    bf_data_source from = idx_source();
    from.standardise = true;
    from.first = 1;
    from.test = 2;
    bf_data_set *set = load(&from);
    assert_string_equal(set->train.x_shift, "9/2");
    assert_string_equal(set->train.x_divisor, "sqrt(21/4)");
    assert_string_equal(set->test.x_shift, "9/2"); /* that of the training data */
    assert_string_equal(set->test.x_divisor, "sqrt(21/4)");
    bf_data_free(set);
    static const uint8_t flat[16 + 8] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                         0, 0, 0, 2, 7, 7, 7, 7, 7, 7, 7, 7};
    write_file(images_name, flat, sizeof flat);
    must_refuse(&from, "all inputs are the same", "standardised");
}

static void targets_are_one_hot_and_mapped(void **state) {
    (void)state;
    bf_data_source from = synthetic_source(20);
    from.target_shift = "0.1";
    from.target_scale = "3";
    bf_data_set *set = load(&from);
    assert_string_equal(set->train.y_shift, "1/10");
    assert_string_equal(set->train.y_divisor, "1/3");
    for (size_t i = 0; i < 200; i++)
        assert_true(set->train.y[i] == (i % 10 == i / 10 % 10));
    const bf_hash decimal = set->hash;
    bf_data_free(set);
    from.target_shift = "1/10"; /* the same number */
    set = load(&from);
    assert_true(bf_hash_equal(&decimal, &set->hash));
    bf_data_free(set);
    from.target_scale = "0";
    must_refuse(&from, "scale", "above 0");
}

static size_t label_of(const bf_data *d, size_t i) {
    size_t label = d->outputs, found = 0;
    for (size_t k = 0; k < d->outputs; k++)
        if (d->y[i * d->outputs + k] == 1) {
            label = k;
            found++;
        }
    assert_int_equal(found, 1);
    return label;
}

/* Labels are i % 10 without noise. Counts are within 5 deviations of what chance gives. */
static void noise_redraws_labels(void **state) {
    (void)state;
    enum { N = 20000 };
    static const struct {
        const char *noise;
        double changed; /* 9/10 of the redrawn */
    } cases[] = {{"0", 0}, {"1/2", 0.45}, {"0.1", 0.09}, {"1", 0.9}};
    bf_data_source from = synthetic_source(N);
    from.side = 1;
    from.test = 50;
    for (size_t c = 0; c < COUNT(cases); c++) {
        from.noise = cases[c].noise;
        bf_data_set *set = load(&from);
        size_t changed = 0, of[10] = {0};
        for (size_t i = 0; i < N; i++) {
            const size_t label = label_of(&set->train, i);
            changed += label != i % 10;
            of[label]++;
        }
        const double share = (double)changed / N, p = cases[c].changed;
        assert_true((share - p) * (share - p) <= 25 * p * (1 - p) / N);
        for (size_t k = 0; k < 10; k++)
            assert_true(of[k] > N / 10 - 300 && of[k] < N / 10 + 300);
        for (size_t i = 0; i < 50; i++) /* test labels are as they were */
            assert_int_equal(label_of(&set->test, i), i % 10);

        /* A label depends on its sample only, not on how many there are. */
        bf_data_source fewer = from;
        fewer.samples = 100;
        bf_data_set *few = load(&fewer);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(label_of(&few->train, i), label_of(&set->train, i));
        bf_data_free(few);
        bf_data_free(set);
    }
    from.noise = "3/2";
    must_refuse(&from, "noise is 3/2", "from 0 to 1");
}

/* The hash as doc/numerics.md defines it, from bytes laid one after the other. */
typedef struct encoding {
    uint8_t bytes[2000];
    size_t n;
} encoding;

static void put_number(encoding *e, uint64_t x) {
    for (int i = 0; i < 8; i++)
        e->bytes[e->n++] = (uint8_t)(x >> (8 * i));
}

static void put_text(encoding *e, const char *text) {
    put_number(e, strlen(text));
    memcpy(e->bytes + e->n, text, strlen(text));
    e->n += strlen(text);
}

static void put_doubles(encoding *e, const double *x, size_t n) {
    const bf_format f = bf_format_of(53);
    for (size_t i = 0; i < n; i++, e->n += 8) {
        char text[40];
        bf_error err;
        snprintf(text, sizeof text, "%a", x[i]);
        must_succeed(bf_number(&f, text, e->bytes + e->n, &err), &err);
    }
}

static void the_hash_is_that_of_the_canonical_bytes(void **state) {
    (void)state;
    write_plain();
    bf_data_source from = idx_source();
    bf_data_set *set = load(&from);
    encoding e = {.n = 0};
    put_text(&e, "bitfate data 1");
    static const uint64_t shape[] = {2, 4, 1, 2, 4};
    for (size_t i = 0; i < COUNT(shape); i++)
        put_number(&e, shape[i]);
    static const char *const texts[] = {"0", "255", "0", "1"};
    for (size_t i = 0; i < COUNT(texts); i++)
        put_text(&e, texts[i]);
    put_doubles(&e, set->train.x, 16);
    put_doubles(&e, set->train.y, 8);
    put_number(&e, 0); /* no test data */
    const bf_hash h = bf_hash_of(e.bytes, e.n);
    assert_true(bf_hash_equal(&h, &set->hash));
    bf_data_free(set);
}

/* A known answer: synthetic data are the same everywhere. */
static void hashes_tell_data_apart(void **state) {
    (void)state;
    bf_data_source from = synthetic_source(20);
    bf_data_set *set = load(&from);
    char text[33];
    bf_hash_text(&set->hash, text);
    assert_string_equal(text, "de3f65a0e0e05cea4a7e6581b7c78247");
    const bf_hash first = set->hash;
    bf_data_free(set);
    for (int change = 0; change < 8; change++) {
        from = synthetic_source(20);
        switch (change) {
        case 0:
            from.seed = 2;
            break;
        case 1:
            from.samples = 21;
            break;
        case 2:
            from.classes = 11;
            break;
        case 3:
            from.test = 1;
            break;
        case 4:
            from.pool = 2;
            break;
        case 5:
            from.standardise = true;
            break;
        case 6:
            from.noise = "1/2";
            break;
        default:
            from.target_shift = "1/2";
            break;
        }
        set = load(&from);
        assert_false(bf_hash_equal(&first, &set->hash));
        bf_data_free(set);
    }
}

/* ---- synthetic images --------------------------------------------------------------------- */

/* Which output of a linear model is the largest. */
static size_t predicted(const double *theta, const bf_data *d, size_t i, double shift,
                        double divisor) {
    size_t best = 0;
    double most = -1e300;
    for (size_t k = 0; k < d->outputs; k++) {
        double sum = theta[d->outputs * d->inputs + k];
        for (size_t j = 0; j < d->inputs; j++)
            sum += theta[k * d->inputs + j] * (d->x[i * d->inputs + j] - shift) / divisor;
        if (sum > most) {
            most = sum;
            best = k;
        }
    }
    return best;
}

/* A linear model that has learnt 500 images knows most of 500 others. */
static void synthetic_images_can_be_learnt(void **state) {
    (void)state;
    bf_data_source from = synthetic_source(500);
    from.side = 16;
    from.test = 500;
    from.standardise = true;
    bf_data_set *set = load(&from);
    const bf_layer layers[] = {{.kind = "flatten"}, BF_LAYER("dense", {"width", "10"})};
    const bf_problem problem = {.layers = layers,
                                .n_layers = 2,
                                .loss = "mse",
                                .data = &set->train,
                                .rate = "0.1",
                                .bound = "inf"};
    bf_arithmetic f64;
    bf_ensemble *e;
    bf_error err;
    must_succeed(bf_arithmetic_parse(&f64, "f64", &err), &err);
    must_succeed(bf_ensemble_new(&e, &f64, &problem, &err), &err);
    enum { N = 10 * 256 + 10 };
    static uint8_t bytes[N * 8]; /* zeros */
    static double theta[N];
    bf_lane_start(e, 0, bytes);
    bf_train(e, 100);
    bf_lane_theta(e, 0, bytes);
    for (size_t i = 0; i < N; i++)
        theta[i] = bf_to_double(&f64.format, bytes + 8 * i);
    bf_ensemble_free(e);
    mpq_t q;
    mpq_init(q);
    mpq_set_str(q, set->train.x_shift, 10);
    const double shift = mpq_get_d(q);
    mpq_clear(q);
    double divisor = 0;
    must_succeed(bf_number_double(set->train.x_divisor, &divisor, &err), &err);
    size_t right = 0;
    for (size_t i = 0; i < 500; i++)
        right += predicted(theta, &set->test, i, shift, divisor) == i % 10;
    assert_in_range(right, 450, 500);
    bf_data_free(set);
    from.side = 0;
    must_refuse(&from, "images of side 0", "from 1 to");
}

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/bitfate-data-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    static const char *const names[] = {"train-images-idx3-ubyte",
                                        "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte",
                                        "t10k-labels-idx1-ubyte",
                                        "x.npy",
                                        "y.npy"};
    for (size_t i = 0; i < COUNT(names); i++)
        remove_file(names[i]);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_rounded_once),
        cmocka_unit_test(remembered_values_are_the_right_ones),
        cmocka_unit_test(without_a_map_numbers_stand_for_themselves),
        cmocka_unit_test(idx_files_are_read),
        cmocka_unit_test(lies_in_idx_headers_are_refused),
        cmocka_unit_test(lies_in_gzip_are_refused),
        cmocka_unit_test(damaged_idx_files),
        cmocka_unit_test(npy_types_are_read),
        cmocka_unit_test(npy_shapes_are_read),
        cmocka_unit_test(lies_in_npy_headers_are_refused),
        cmocka_unit_test(damaged_npy_files),
        cmocka_unit_test(pooling_sums_blocks),
        cmocka_unit_test(inputs_are_standardised),
        cmocka_unit_test(targets_are_one_hot_and_mapped),
        cmocka_unit_test(noise_redraws_labels),
        cmocka_unit_test(the_hash_is_that_of_the_canonical_bytes),
        cmocka_unit_test(hashes_tell_data_apart),
        cmocka_unit_test(synthetic_images_can_be_learnt),
    };
    return cmocka_run_group_tests_name("data", tests, make_folder, remove_folder);
}
