/* SPDX-License-Identifier: MIT */
/* gnuplot.c - gnuplot as a process: a script in, an SVG out. */
#include "writer/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bf_status machine(bf_error *err, const char *what) {
    return bf_fail(err, BF_EMACHINE, "cannot draw a figure: %s: %s", what, strerror(errno));
}

/* A gnuplot at work: temporary files as its standard input, output and error. */
typedef struct job {
    FILE *stream[3];
} job;

static bool job_new(job *j) {
    bool good = true;
    for (int i = 0; i < 3; i++)
        good = (j->stream[i] = tmpfile()) && good;
    return good;
}

static void job_free(job *j) {
    for (int i = 0; i < 3; i++)
        if (j->stream[i])
            fclose(j->stream[i]);
}

static int spawn(pid_t *pid, const job *j) {
    posix_spawn_file_actions_t actions;
    char *const arguments[] = {"gnuplot", "--default-settings", "-", NULL};
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    for (int i = 0; i < 3 && !failed; i++)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(j->stream[i]), i);
    if (!failed)
        failed = posix_spawnp(pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Everything in a file; NULL: no memory, or it cannot be read. The caller frees it. */
static char *read_all(FILE *f) {
    char *text = NULL, block[4096];
    size_t size = 0, n;
    FILE *all = open_memstream(&text, &size);
    if (!all)
        return NULL;
    rewind(f);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        fwrite(block, 1, n, all);
    bool good = !ferror(f) && !ferror(all);
    if (fclose(all) == 0 && good)
        return text;
    free(text);
    return NULL;
}

/* The line of gnuplot's complaint that says what is wrong: the last one. */
static bf_status complain(const job *j, bf_error *err) {
    char *all = read_all(j->stream[2]), *last = NULL;
    for (char *rest = all, *line; all && (line = strtok_r(rest, "\r\n", &rest));)
        last = line + strspn(line, " \t");
    bf_status s =
        bf_fail(err, BF_EMACHINE, "gnuplot (Debian package gnuplot-nox) did not draw a figure%s%s",
                last ? ": " : "", last ? last : "");
    free(all);
    return s;
}

/* Run gnuplot on the script in its input. */
static bf_status run(char **svg, const job *j, bf_error *err) {
    pid_t pid;
    int how, failed = spawn(&pid, j);
    if (failed)
        return bf_fail(err, BF_EMACHINE,
                       "cannot run gnuplot: %s; figures need it (Debian package gnuplot-nox)",
                       strerror(failed));
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return machine(err, "waitpid");
    *svg = read_all(j->stream[1]);
    if (!*svg)
        return machine(err, "temporary file");
    bool drawn = WIFEXITED(how) && WEXITSTATUS(how) == 0 && strstr(*svg, "</svg>");
    return drawn ? BF_OK : complain(j, err);
}

bf_status gnuplot_draw(char **svg, void (*script)(FILE *out, const void *of), const void *of,
                       bf_error *err) {
    job j;
    bf_status s = BF_OK;
    *svg = NULL;
    if (!job_new(&j))
        s = machine(err, "temporary file");
    if (s == BF_OK) {
        FILE *in = j.stream[0];
        script(in, of);
        /* the child shares the file's offset */
        if (ferror(in) || fflush(in) != 0 || lseek(fileno(in), 0, SEEK_SET) != 0)
            s = machine(err, "temporary file");
    }
    BF_TRY(s, run(svg, &j, err));
    job_free(&j);
    return s;
}
