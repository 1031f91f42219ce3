/* SPDX-License-Identifier: MIT */
/* json_get.c - for tests: json_get FILE PATH prints a value of a JSON file, as in
 * json_get out.json arithmetics.0.points.3.eps; PATH "." is the whole document.
 *
 * A text is printed as it is, a number so that it reads back, a list or an object as one line. With
 * -t before FILE: the type instead (object, list, text, integer, real, true, false, null), and with
 * -n the number of entries. Exit status: 0, 1 no such value, 2 not JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The value at path, or NULL. Cuts the path up. */
static const json_t *find(const json_t *at, char *path) {
    char *save = NULL;
    for (char *word = strtok_r(path, ".", &save); at && word; word = strtok_r(NULL, ".", &save)) {
        char *end;
        unsigned long index = strtoul(word, &end, 10);
        if (!json_is_array(at))
            at = json_object_get(at, word);
        else
            at = *end ? NULL : json_array_get(at, index);
    }
    return at;
}

static const char *type_name(const json_t *value) {
    static const char *const names[] = {"object", "list", "text",  "integer",
                                        "real",   "true", "false", "null"};
    return names[json_typeof(value)];
}

int main(int argc, char **argv) {
    const char *mode = argc == 4 ? argv[1] : "";
    if (argc < 3 || argc > 4 || (argc == 4 && strcmp(mode, "-t") != 0 && strcmp(mode, "-n") != 0)) {
        fputs("usage: json_get [-t | -n] FILE PATH\n", stderr);
        return 2;
    }
    json_error_t error;
    json_t *document =
        json_load_file(argv[argc - 2], JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        fprintf(stderr, "%s:%d: %s\n", argv[argc - 2], error.line, error.text);
        return 2;
    }
    const json_t *value = find(document, argv[argc - 1]);
    if (value && strcmp(mode, "-t") == 0)
        puts(type_name(value));
    else if (value && strcmp(mode, "-n") == 0)
        printf("%zu\n", json_is_array(value) ? json_array_size(value) : json_object_size(value));
    else if (json_is_string(value))
        puts(json_string_value(value));
    else if (value && json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT) == 0)
        putchar('\n');
    json_decref(document);
    return value ? 0 : 1;
}
