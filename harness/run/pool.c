/* SPDX-License-Identifier: MIT */
/* pool.c - child processes of this program, several at once, each with a time limit. */
#include "config.h" /* _GNU_SOURCE */

#include "run/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct child {
    pid_t pid; /* 0: none */
    size_t job;
    double deadline; /* seconds */
    bool killed;
} child;

static bool redirect(const char *path, int flags, int to) {
    int fd = open(path, flags, 0666);
    return fd >= 0 && dup2(fd, to) == to && (fd == to || close(fd) == 0);
}

size_t pool_first_core(void) {
    cpu_set_t set;
    size_t core = 0;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        while (core < CPU_SETSIZE - 1 && !CPU_ISSET(core, &set))
            core++;
    return core;
}

int pool_cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static bool bind_to(size_t core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

/* In the child: only what a signal handler may call. Ends with the parent; leaves no core file. */
static void become_job(const pool_job *j, pid_t parent) {
    const struct rlimit none = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    setrlimit(RLIMIT_CORE, &none);
    if (j->one_core && !bind_to(pool_first_core()))
        _exit(126);
    if (redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
        redirect(j->out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO) &&
        redirect(j->err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO))
        execve("/proc/self/exe", j->words, j->environment);
    _exit(126);
}

static bf_status spawn(child *c, const pool_job *jobs, size_t job, double seconds, bf_error *err) {
    const pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return bf_fail(err, BF_EMACHINE, "cannot make a process: %s", strerror(errno));
    if (pid == 0)
        become_job(&jobs[job], parent);
    *c = (child){.pid = pid, .job = job, .deadline = monotonic_seconds() + seconds};
    return BF_OK;
}

/* Whether the child has ended; kills it when its time is up. */
static bool ended(child *c, int *status) {
    if (waitpid(c->pid, status, WNOHANG) == c->pid)
        return true;
    if (!c->killed && monotonic_seconds() > c->deadline) {
        c->killed = true;
        kill(c->pid, SIGKILL);
    }
    return false;
}

static void kill_all(child *children, int n) {
    for (int i = 0; i < n; i++)
        if (children[i].pid) {
            kill(children[i].pid, SIGKILL);
            waitpid(children[i].pid, NULL, 0);
        }
}

bf_status pool_run(const pool_job *jobs, size_t n, int at_once, uint64_t seconds, const limits *l,
                   pool_ended *report, void *context, bf_error *err) {
    const struct timespec poll_interval = {0, 2000000};
    child *children = calloc((size_t)at_once, sizeof *children);
    if (!children)
        return bf_no_memory(err);
    bf_status s = BF_OK;
    size_t next = 0, done = 0;
    while (s == BF_OK && done < n) {
        bool idle = true;
        for (int i = 0; i < at_once && s == BF_OK; i++) {
            child *c = &children[i];
            int status;
            if (c->pid && ended(c, &status)) {
                c->pid = 0;
                done++;
                idle = false;
                report(context, c->job, status, c->killed);
            }
            if (!c->pid && next < n)
                s = spawn(c, jobs, next++, (double)seconds, err);
        }
        if (limits_interrupted(l))
            s = bf_fail(err, BF_EINTERRUPTED, "interrupted");
        if (s == BF_OK && idle)
            nanosleep(&poll_interval, NULL);
    }
    kill_all(children, at_once);
    free(children);
    return s;
}
