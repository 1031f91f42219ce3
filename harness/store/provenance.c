/* SPDX-License-Identifier: MIT */
/* provenance.c - what describes this program and this machine. */
#include "store/provenance.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

void provenance_cpu(char *out, size_t size) {
    snprintf(out, size, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            snprintf(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (f)
        fclose(f);
}

void provenance_here(provenance *p, const char *command, int threads) {
    *p = (provenance){.command = command, .kernel = "none"};
    struct utsname u;
    bf_arithmetic f64;
    if (uname(&u) == 0)
        snprintf(p->system, sizeof p->system, "%s %s", u.sysname, u.machine);
    if (bf_arithmetic_parse(&f64, "f64", NULL) == BF_OK)
        memcpy(p->kernel, f64.kernel, sizeof p->kernel);
    snprintf(p->libraries, sizeof p->libraries, "%s, SQLite %s", bf_libraries(),
             sqlite3_libversion());
    snprintf(p->threads, sizeof p->threads, "%d", threads);
    provenance_cpu(p->cpu, sizeof p->cpu);
}

const char *provenance_fact(const provenance *p, size_t i, const char **key) {
    const struct {
        const char *key, *value;
    } facts[] = {
        {"command", p->command},
        {"version", bf_version()},
        {"compiler", bf_compiler()},
        {"flags", bf_compiler_flags()},
        {"kernel", p->kernel},
        {"libraries", p->libraries},
        {"cpu", p->cpu},
        {"system", p->system},
        {"threads", p->threads},
    };
    if (i >= sizeof facts / sizeof *facts)
        return NULL;
    *key = facts[i].key;
    return facts[i].value;
}

json_t *provenance_json(const char *command, int threads) {
    provenance p;
    const char *key, *value;
    json_t *object = json_object();
    provenance_here(&p, command, threads);
    for (size_t i = 0; (value = provenance_fact(&p, i, &key)); i++)
        json_object_set_new(object, key, json_string(value));
    return object;
}

void provenance_line(char out[PROVENANCE_LINE]) {
    snprintf(out, PROVENANCE_LINE, "bitfate %s, %s, %s", bf_version(), bf_compiler(),
             bf_libraries());
}
