/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PID lists (pid_select.h): same result as a second parser, each PID once; round trip; a strict
 * list is also a loose one.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/pid_select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PID_MAX = 4194304 };

static bool is_sound(const char *at, const char *end)
{
	long pid;

	for (;; at++) {
		if (!fuzz_number(&at, end, &pid) || pid < 1 || pid > PID_MAX)
			return false;
		if (at == end)
			return true;
		if (*at != ',')
			return false;
	}
}

static void there_and_back(const struct pid_list *list)
{
	struct pid_error err;
	struct pid_list again;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	HOLDS(f != NULL);
	for (size_t i = 0; i < list->n; i++)
		fprintf(f, "%s%d", i ? "," : "", list->pid[i]);
	fclose(f);
	HOLDS(pid_list_parse(text, len, PID_MAX, false, &again, &err) == 0);
	HOLDS(again.n == list->n);
	HOLDS(memcmp(again.pid, list->pid, list->n * sizeof(*list->pid)) == 0);
	pid_list_free(&again);
	free(text);
}

/* @list: the same text as a strict list, or NULL */
static void as_words(const char *text, size_t len, const struct pid_list *list)
{
	struct pid_error err = { 0 };
	struct pid_list words;
	int rc = pid_list_parse(text, len, PID_MAX, true, &words, &err);

	HOLDS(rc == 0 || rc == -EINVAL || rc == -ENODATA);
	HOLDS((rc == 0) == (words.n > 0));
	if (rc == -EINVAL)
		HOLDS(err.length > 0 && err.offset + err.length <= len && err.line > 0);
	if (list) {
		HOLDS(words.n == list->n);
		HOLDS(memcmp(words.pid, list->pid, words.n * sizeof(*words.pid)) == 0);
	}
	pid_list_free(&words);
}

void fuzz_target(const char *text, size_t len)
{
	struct pid_error err = { 0 };
	struct pid_list list;
	int rc = pid_list_parse(text, len, PID_MAX, false, &list, &err);

	HOLDS(rc == 0 || rc == -EINVAL);
	HOLDS(is_sound(text, text + len) == (rc == 0));
	as_words(text, len, rc ? NULL : &list);
	if (rc) {
		HOLDS(list.n == 0 && !list.pid);
		HOLDS(err.offset + err.length <= len);
		return;
	}
	for (size_t i = 0; i < list.n; i++)
		for (size_t k = 0; k < i; k++)
			HOLDS(list.pid[i] != list.pid[k]);
	there_and_back(&list);
	pid_list_free(&list);
}
