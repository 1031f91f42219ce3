/* SPDX-License-Identifier: MIT */
/* permission.c - which libraries the user named. */
#include "cli/permission.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static bf_status allow(limits *l, const char *library, bf_error *err) {
    const char **list = realloc((void *)l->libraries, (l->n_libraries + 1) * sizeof *list);
    if (!list)
        return bf_no_memory(err);
    l->libraries = list;
    list[l->n_libraries] = strdup(library);
    if (!list[l->n_libraries])
        return bf_no_memory(err);
    l->n_libraries++;
    return BF_OK;
}

/* What is no arithmetic names nothing; whoever runs it says what is wrong with it. */
static bf_status allow_arithmetic(limits *l, const char *name, bf_error *err) {
    bf_arithmetic a;
    return bf_arithmetic_parse(&a, name, NULL) == BF_OK && a.library[0] ? allow(l, a.library, err)
                                                                        : BF_OK;
}

/* Every single value in the YAML, a key of a mapping included. */
static bf_status allow_values(limits *l, const char *yaml, bool themselves, bf_error *err) {
    yaml_parser_t parser;
    yaml_event_t event;
    if (!yaml_parser_initialize(&parser))
        return bf_no_memory(err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, strlen(yaml));
    bf_status s = BF_OK;
    for (bool more = true; more && s == BF_OK && yaml_parser_parse(&parser, &event);) {
        const char *value = (const char *)event.data.scalar.value;
        more = event.type != YAML_STREAM_END_EVENT;
        if (event.type == YAML_SCALAR_EVENT) {
            s = allow_arithmetic(l, value, err);
            if (s == BF_OK && themselves)
                s = allow(l, value, err);
        }
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return s;
}

/* Whether PATH=VALUE is of this section or of something in it. */
static bool is_of(const char *override, const char *section) {
    return strcspn(override, ".=") == strlen(section) &&
           strncmp(override, section, strlen(section)) == 0;
}

bf_status permission_find(limits *l, const options *o, bf_error *err) {
    l->any_library = o->allow_library;
    bf_status s = o->arith ? allow_arithmetic(l, o->arith, err) : BF_OK;
    for (size_t i = 0; i < o->n_overrides && s == BF_OK; i++) {
        const char *override = o->overrides[i], *equals = strchr(override, '=');
        const bool matrix = is_of(override, "matrix");
        if (equals && (matrix || is_of(override, "arithmetics")))
            s = allow_values(l, equals + 1, matrix, err);
    }
    return s;
}

void permission_free(limits *l) {
    for (size_t i = 0; i < l->n_libraries; i++)
        free((void *)l->libraries[i]);
    free((void *)l->libraries);
    l->libraries = NULL;
    l->n_libraries = 0;
}
