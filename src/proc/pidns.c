/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pidns.h"

#include "util/file.h"
#include "util/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of the first namespace's inode: PROC_PID_INIT_INO in linux/proc_ns.h. */
#define FIRST_NAMESPACE "pid:[4026531836]"

static bool read_link(const char *path, char *buf, size_t size)
{
	ssize_t n = readlink(path, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static pid_t parse_pid(const char *text, size_t len)
{
	uint64_t pid;

	return number_parse(text, len, INT_MAX, &pid) ? 0 : (pid_t)pid;
}

int pidns_check_proc(void)
{
	char self[32];

	if (read_link("/proc/self", self, sizeof(self)))
		return parse_pid(self, strlen(self)) == getpid() ? 0 : -EXDEV;
	return access("/proc/version", F_OK) == 0 ? -EXDEV : -ENOENT;
}

bool pidns_is_first(void)
{
	char name[64];

	return !read_link("/proc/self/ns/pid", name, sizeof(name)) ||
	       strcmp(name, FIRST_NAMESPACE) == 0;
}

pid_t pidns_inner(const char *status)
{
	const char *line = strstr(status, "\nNSpid:\t");
	size_t end, last;

	if (!line)
		return 0;
	line += strlen("\nNSpid:\t");
	end = last = strcspn(line, "\n");
	while (last && line[last - 1] != '\t')
		last--;
	return last ? parse_pid(line + last, end - last) : 0;
}

static pid_t inner_of(const char *process)
{
	char path[300], *text;
	pid_t inner;

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	text = file_read_text(AT_FDCWD, path);
	inner = text ? pidns_inner(text) : 0;
	free(text);
	return inner;
}

unsigned int pidns_find(pid_t inner, pid_t *found)
{
	DIR *proc = opendir("/proc");
	unsigned int count = 0;
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = parse_pid(entry->d_name, strlen(entry->d_name));

		if (pid && inner_of(entry->d_name) == inner) {
			*found = pid;
			count++;
		}
	}
	if (proc)
		closedir(proc);
	return count;
}
