/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pid_list.h"

#include "util/array.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PID_ROOM_MIN = 32768 };

bool pid_list_has(const struct pid_list *list, pid_t pid)
{
	size_t i = (size_t)pid;

	return i < list->room && list->has[i / CHAR_BIT] >> i % CHAR_BIT & 1;
}

int pid_list_add(struct pid_list *list, pid_t pid)
{
	size_t room = list->room ? list->room : PID_ROOM_MIN;
	pid_t *grown;

	if (pid_list_has(list, pid))
		return 0;
	if ((size_t)pid >= list->room) {
		unsigned char *has;

		while (room <= (size_t)pid)
			room *= 2;
		has = realloc(list->has, room / CHAR_BIT);
		if (!has)
			return -ENOMEM;
		memset(has + list->room / CHAR_BIT, 0, (room - list->room) / CHAR_BIT);
		list->has = has;
		list->room = room;
	}
	grown = array_room(list->pid, list->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->pid = grown;
	list->pid[list->n++] = pid;
	list->has[pid / CHAR_BIT] |= (unsigned char)(1U << pid % CHAR_BIT);
	return 0;
}

void pid_list_free(struct pid_list *list)
{
	free(list->pid);
	free(list->has);
	*list = (struct pid_list){ 0 };
}

int pid_list_parse(const char *text, size_t len, pid_t max, bool loose, struct pid_list *list,
		   struct pid_error *err)
{
	struct text_part rest = { text, len }, word = { text, 0 };
	int rc = 0;

	*list = (struct pid_list){ 0 };
	while (!rc &&
	       (loose ? text_word(&rest, " \t\r\n,", &word) : text_split(&rest, ',', &word))) {
		uint64_t pid = 0;

		rc = number_parse(word.at, word.len, (uint64_t)max, &pid);
		err->too_large = rc == -ERANGE;
		rc = rc || pid == 0 ? -EINVAL : pid_list_add(list, (pid_t)pid);
	}
	if (rc)
		pid_list_free(list);
	if (rc == -EINVAL) {
		err->offset = (size_t)(word.at - text);
		err->length = word.len;
		err->line = 1;
		for (size_t i = 0; i < err->offset; i++)
			err->line += text[i] == '\n';
	}
	return !rc && list->n == 0 ? -ENODATA : rc;
}

char *pid_error_format(const struct pid_error *err, const char *text, pid_t max, char *why)
{
	char bad[TEXT_NAME_MAX];

	text_escape(text + err->offset, err->length, bad, sizeof(bad));
	snprintf(why, PID_WHY_MAX,
		 err->too_large ? "'%s' is out of range: PIDs of this machine end at %d" :
				  "'%s' is no PID: a plain decimal number from 1 to %d",
		 bad, max);
	return why;
}

pid_t pid_max(void)
{
	uint64_t max;

	if (file_read_number(AT_FDCWD, "/proc/sys/kernel/pid_max", INT_MAX, &max) == 0)
		return (pid_t)max;
	return 4194304; /* PID_MAX_LIMIT of 64-bit kernels */
}

pid_t pid_next(DIR *dir)
{
	const struct dirent *entry;
	uint64_t pid;

	while ((entry = readdir(dir)))
		if (number_parse(entry->d_name, strlen(entry->d_name), INT_MAX, &pid) == 0)
			return (pid_t)pid;
	return 0;
}
