/* SPDX-License-Identifier: MIT */
/* deep.c - deep networks: training steps of one network per second on one core, and the fused
 * multiply-adds in them, beside PyTorch (peers/deep_torch.py), in turns in the same run.
 *   bench/deep PYTHON SCRIPT [ROUNDS SECONDS]
 *
 * m6: 16-6-6-6-10, softsign, batch 8. vgg: ten convolutions and two dense layers, 12 036
 * parameters, images of 28 x 28, tanh, batch 16 (experiments/deep-m6.yaml, deep-vgg.yaml). */
#include "bitfate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { MOST_ROUNDS = 99 };

static void check(bf_status s, const bf_error *err) {
    if (s == BF_OK)
        return;
    fprintf(stderr, "deep: %s\n", err->text);
    exit(3);
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define CONV(c)                                                                              \
    BF_LAYER("conv", {"width", #c}, {"kernel", "3"}, {"padding", "1"}, {"bias", "false"}), { \
        .kind = "tanh"                                                                       \
    }
#define POOL BF_LAYER("max_pool", {"kernel", "2"})
static const bf_layer m6[] = {
    {.kind = "flatten"},  BF_LAYER("dense", {"width", "6"}, {"bias", "false"}),
    {.kind = "softsign"}, BF_LAYER("dense", {"width", "6"}, {"bias", "false"}),
    {.kind = "softsign"}, BF_LAYER("dense", {"width", "6"}, {"bias", "false"}),
    {.kind = "softsign"}, BF_LAYER("dense", {"width", "10"}, {"bias", "false"})};
static const bf_layer vgg[] = {CONV(6),
                               CONV(6),
                               POOL,
                               CONV(8),
                               CONV(8),
                               POOL,
                               CONV(12),
                               CONV(12),
                               CONV(12),
                               POOL,
                               CONV(16),
                               CONV(16),
                               CONV(16),
                               POOL,
                               {.kind = "flatten"},
                               BF_LAYER("dense", {"width", "33"}, {"bias", "false"}),
                               {.kind = "tanh"},
                               BF_LAYER("dense", {"width", "10"}, {"bias", "false"})};

static const struct model {
    const char *name;
    const bf_layer *layers;
    size_t n_layers;
    int side;
    size_t batch;
    double fmas; /* of a step: forward, and twice backward except for the first layer's input */
} models[] = {
    {"m6", m6, LENGTH(m6), 4, 8, 8 * (3 * (16 * 6 + 2 * 36 + 60) - 16 * 6)},
    {"vgg", vgg, LENGTH(vgg), 28, 16,
     16 * (3 * (784 * 9. * (6 + 36) + 196 * 9. * (48 + 64) + 49 * 9. * (96 + 144 + 144) +
                9 * 9. * (192 + 256 + 256) + 16 * 33 + 330) -
           784 * 9. * 6)},
};
static const bf_setting settings[] = {{"momentum", "0.9"}, {"weight_decay", "0.01"}};
static const char *const arithmetics[] = {"f32", "f64"};

/* Steps of one network per second. */
static double ours(const struct model *m, const char *name, double seconds) {
    const bf_data_source source = {.set = "synthetic",
                                   .samples = 256,
                                   .side = m->side,
                                   .classes = 10,
                                   .pool = 1,
                                   .standardise = true,
                                   .seed = 1};
    bf_data_set *data;
    bf_arithmetic a;
    bf_ensemble *e;
    bf_error err;
    check(bf_data_load(&data, &source, &err), &err);
    check(bf_arithmetic_parse(&a, name, &err), &err);
    const bf_problem problem = {.layers = m->layers,
                                .n_layers = m->n_layers,
                                .loss = "sum_squares",
                                .data = &data->train,
                                .batch = m->batch,
                                .rate = "0.01",
                                .optimiser_settings = settings,
                                .n_optimiser_settings = LENGTH(settings),
                                .bound = "inf"};
    check(bf_ensemble_new(&e, &a, &problem, &err), &err);
    const size_t n = bf_n_parameters(e);
    uint8_t *theta = malloc(n * a.format.bytes);
    for (int i = 0; theta && i < bf_lanes(e); i++) {
        check(bf_start_layers(e, theta, "torch_default", NULL, 1, (uint64_t)i, &err), &err);
        bf_lane_start(e, i, theta);
    }
    bf_train(e, 2);
    uint64_t steps = 0;
    const double began = seconds_now();
    double spent;
    do
        steps += bf_train(e, m->side > 4 ? 2 : 200);
    while ((spent = seconds_now() - began) < seconds);
    const double rate = (double)steps * bf_lanes(e) / spent;
    free(theta);
    bf_ensemble_free(e);
    bf_data_free(data);
    return rate;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Ours under every arithmetic, then the peer, in each round. */
static void compare(const struct model *m, int rounds, double seconds, FILE *to, FILE *from) {
    enum { OURS = LENGTH(arithmetics) };
    double rates[OURS + 1][MOST_ROUNDS];
    char answer[128];
    int networks = 0;
    for (int r = 0; r < rounds; r++) {
        for (size_t a = 0; a < OURS; a++)
            rates[a][r] = ours(m, arithmetics[a], seconds);
        rates[OURS][r] = 0;
        fprintf(to, "%s %g\n", m->name, seconds);
        fflush(to);
        if (fgets(answer, sizeof answer, from))
            sscanf(answer, "%lf %d", &rates[OURS][r], &networks);
    }
    const double peer = median(rates[OURS], rounds);
    for (size_t a = 0; a < OURS; a++) {
        const double rate = median(rates[a], rounds);
        printf("%-5s %-12s %12.0f %10.2f", m->name, arithmetics[a], rate, rate * m->fmas * 1e-9);
        printf(peer > 0 ? " %9.1fx\n" : "         -\n", peer > 0 ? rate / peer : 0);
    }
    if (peer > 0)
        printf("%-5s %-12s %12.0f %10.2f %9.1fx  %d at once\n", m->name, "PyTorch f32", peer,
               peer * m->fmas * 1e-9, 1., networks);
}

int main(int argc, char **argv) {
    const int rounds = argc > 3 ? atoi(argv[3]) : 3;
    const double seconds = argc > 4 ? atof(argv[4]) : 3;
    int down[2], up[2];
    if (argc < 3 || rounds < 1 || rounds > MOST_ROUNDS || !(seconds > 0)) {
        fputs("usage: deep PYTHON SCRIPT [ROUNDS SECONDS]\n", stderr);
        return 2;
    }
    if (pipe(down) != 0 || pipe(up) != 0)
        return 3;
    const pid_t child = fork();
    if (child == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[1]);
        close(up[0]);
        execlp(argv[1], argv[1], argv[2], (char *)NULL);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    FILE *to = fdopen(down[1], "w"), *from = fdopen(up[0], "r");
    if (!to || !from)
        return 3;
    puts("net   arithmetic      steps/s   G fma/s   PyTorch");
    for (size_t m = 0; m < LENGTH(models); m++)
        compare(&models[m], rounds, seconds, to, from);
    fclose(to);
    fclose(from);
    waitpid(child, NULL, 0);
    return 0;
}
