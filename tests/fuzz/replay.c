/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TARGET            run every input of tests/fuzz/corpus/TARGET; speaks TAP
 * TARGET FILE...    run the contents of these files, such as findings of libFuzzer
 *
 * A corpus is a text with one input per line, in which \ooo is a byte, see text_escape(); lines
 * that begin with # are comments. The program aborts on an input that fails.
 */
#include <config.h>

#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Run the input in memory of exactly its size. */
static void run(const char *bytes, size_t len)
{
	uint8_t *copy = malloc(len + !len);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

/* Decode in place. Return the length. */
static size_t unescape(char *line)
{
	char *out = line;

	for (const char *in = line; *in; in++) {
		unsigned int byte;

		if (*in == '\\' && sscanf(in + 1, "%3o", &byte) == 1) {
			*out++ = (char)byte;
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	return (size_t)(out - line);
}

static int run_corpus(FILE *f, const char *name)
{
	unsigned int number = 0, inputs = 0;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, f) > 0) {
		number++;
		if (line[0] == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		printf("# line %u\n", number);
		fflush(stdout);
		run(line, unescape(line));
		inputs++;
	}
	free(line);
	printf("%s 1 - fuzz: %s holds for the %u inputs of its corpus\n", inputs ? "ok" : "not ok",
	       name, inputs);
	return inputs ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *bytes = NULL;
	size_t size = 0;
	FILE *all = open_memstream(&bytes, &size);
	int c;

	if (!f || !all) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	while ((c = getc(f)) != EOF)
		putc(c, all);
	fclose(f);
	fclose(all);
	run(bytes, size);
	free(bytes);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *source = getenv("abs_top_srcdir"), *name = strrchr(argv[0], '/');
	char path[4096];
	FILE *f;
	int status;

	for (int i = 1; i < argc; i++)
		if (run_file(argv[i]))
			return EXIT_FAILURE;
	if (argc > 1)
		return EXIT_SUCCESS;
	name = name ? name + 1 : argv[0];
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%.*s", source ? source : ".",
		 (int)strcspn(name, "."), name);
	f = fopen(path, "re");
	puts("1..1");
	if (!f) {
		printf("not ok 1 - fuzz: %s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	status = run_corpus(f, name);
	fclose(f);
	return status;
}
