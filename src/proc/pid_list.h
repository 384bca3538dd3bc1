/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PID_LIST_H
#define PROC_PID_LIST_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* PIDs as given, each once, in the order given; { 0 } is the empty list. */
struct pid_list {
	pid_t *pid; /* freed by pid_list_free() */
	size_t n;
	unsigned char *has; /* a bit for each PID below room: so that each is once */
	size_t room;
};

struct pid_error {
	size_t offset, length; /* the part of the text that is wrong */
	size_t line;	       /* of the text, from 1 */
	bool too_large;	       /* a number, but no PID of this machine */
};

enum { PID_WHY_MAX = 256 };

/*
 * pid_list_parse - "PID[,PID...]", plain decimal, 1 to @max
 * @loose: blanks, newlines and commas between, as many as there are, as programs print PIDs
 *
 * Pure, and linear in @len.  Returns 0, -EINVAL with @err filled in, -ENODATA for a loose
 * text without a PID, or -ENOMEM.
 */
int pid_list_parse(const char *text, size_t len, pid_t max, bool loose, struct pid_list *list,
		   struct pid_error *err);

/* One line on what is wrong with a part of @text; @why holds PID_WHY_MAX bytes; returned. */
char *pid_error_format(const struct pid_error *err, const char *text, pid_t max, char *why);

/* Add a PID unless it is in the list, in constant time.  Returns 0 or -ENOMEM. */
int pid_list_add(struct pid_list *list, pid_t pid);
bool pid_list_has(const struct pid_list *list, pid_t pid);
void pid_list_free(struct pid_list *list);

/* The largest PID this kernel gives out (/proc/sys/kernel/pid_max). */
pid_t pid_max(void);

/* The next process, or thread, in an open directory of /proc: its number, or 0. */
pid_t pid_next(DIR *dir);

#endif
