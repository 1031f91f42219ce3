/* SPDX-License-Identifier: MIT */
/* command.h - a command of the program: one file defines a `const command`, and the table in
 * commands/main.c has its name. */
#ifndef COMMAND_H
#define COMMAND_H

#include "cli/options.h"

typedef struct command {
    const char *name, *arguments, *summary;
    const char *help;   /* after the options: what the command does, its output, an example */
    const char *takes;  /* names of options, beyond those that every command takes */
    const char *output; /* what -o takes, when it takes it */
    int least, most;    /* arguments; most -1: any number */
    bf_status (*run)(const options *o, int n, char **arguments, bf_error *err);
} command;

#endif
