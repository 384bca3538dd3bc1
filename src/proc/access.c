/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/access.h"

#include "proc/pid_list.h"
#include "proc/process.h"
#include "proc/status.h"
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number of the first namespace's inode: PROC_PID_INIT_INO in linux/proc_ns.h. */
#define FIRST_NAMESPACE "pid:[4026531836]"

static bool has(uint64_t capabilities, int number)
{
	return capabilities >> number & 1;
}

int access_parse(struct rights *r, const char *status)
{
	uint64_t real_uid, uid, gid;

	if (status_number(status, "Uid", 0, 10, &real_uid) ||
	    status_number(status, "Uid", 1, 10, &uid) ||
	    status_number(status, "Gid", 1, 10, &gid) ||
	    status_number(status, "CapPrm", 0, 16, &r->permitted) ||
	    status_number(status, "CapEff", 0, 16, &r->effective))
		return -EINVAL;
	r->real_uid = (uid_t)real_uid;
	r->uid = (uid_t)uid;
	r->gid = (gid_t)gid;
	return 0;
}

/* Of a caller without CAP_SYS_PTRACE. */
static enum refusal judge_ordinary(const struct access_facts *f)
{
	if (f->own.uid != f->its.uid || f->own.uid != f->its.real_uid)
		return REFUSAL_OWNER;
	if (f->own.gid != f->its.gid)
		return REFUSAL_GROUP;
	if (!f->own_files)
		return REFUSAL_PROTECTED;
	if (f->its.permitted & ~f->own.effective)
		return REFUSAL_CAPABILITIES;
	return REFUSAL_MODULE;
}

enum refusal access_judge(const struct access_facts *f)
{
	if (f->hidden)
		return REFUSAL_HIDDEN;
	if (f->all_but_pagemap && !has(f->own.effective, CAP_DAC_READ_SEARCH) &&
	    !has(f->own.effective, CAP_DAC_OVERRIDE))
		return REFUSAL_PAGEMAP;
	if (!has(f->own.effective, CAP_SYS_PTRACE)) {
		enum refusal refusal = judge_ordinary(f);

		return f->own.uid == 0 && refusal != REFUSAL_MODULE ? REFUSAL_ROOT : refusal;
	}
	return f->in_user_namespace ? REFUSAL_NAMESPACE : REFUSAL_MODULE;
}

/* ---- this machine ---- */

static bool read_rights(int dir, const char *file, struct rights *r)
{
	char *text = file_read_text(dir, file);
	bool ok = text && access_parse(r, text) == 0;

	free(text);
	return ok;
}

enum refusal access_find(const struct process *p)
{
	struct access_facts facts = { .all_but_pagemap = p->maps >= 0 && p->pagemap < 0 };
	unsigned int first, outside, count;
	struct stat st;
	char map[256];

	facts.hidden = p->dir < 0 || !read_rights(p->dir, "status", &facts.its);
	if (!facts.hidden)
		facts.own_files = fstatat(p->dir, "status", &st, 0) == 0 &&
				  st.st_uid == facts.its.uid;
	facts.in_user_namespace = file_read(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) > 0 &&
				  (sscanf(map, "%u %u %u", &first, &outside, &count) != 3 ||
				   first || outside || count != UINT32_MAX);
	return read_rights(AT_FDCWD, "/proc/self/status", &facts.own) ? access_judge(&facts) :
									REFUSAL_MODULE;
}

uint64_t access_capabilities(const struct pid_list *pids)
{
	uint64_t permitted = 0;
	struct rights rights;

	if (read_rights(AT_FDCWD, "/proc/self/status", &rights) &&
	    has(rights.effective, CAP_SYS_PTRACE))
		return 0;
	for (size_t i = 0; i < pids->n; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d/status", pids->pid[i]);
		if (read_rights(AT_FDCWD, path, &rights))
			permitted |= rights.permitted;
	}
	return permitted;
}

bool access_parse_filter(const char *status)
{
	uint64_t mode;

	return status_number(status, "Seccomp", 0, 10, &mode) == 0 && mode == 2;
}

bool access_is_filtered(void)
{
	char *status = file_read_text(AT_FDCWD, "/proc/self/status");
	bool filtered = status && access_parse_filter(status);

	free(status);
	return filtered;
}

/* ---- PID namespaces ---- */

int access_check_proc(void)
{
	char self[32], number[32];
	ssize_t n = readlink("/proc/self", self, sizeof(self));

	if (n <= 0)
		return access("/proc/version", F_OK) == 0 ? -EXDEV : -ENOENT;
	return n == snprintf(number, sizeof(number), "%d", getpid()) &&
			       memcmp(self, number, (size_t)n) == 0 ?
		       0 :
		       -EXDEV;
}

bool access_is_on_host(void)
{
	char name[64];
	ssize_t n = readlink("/proc/self/ns/pid", name, sizeof(name));

	return n <= 0 || ((size_t)n == strlen(FIRST_NAMESPACE) &&
			  memcmp(name, FIRST_NAMESPACE, (size_t)n) == 0);
}

pid_t access_inner_pid(const char *status)
{
	uint64_t inner = 0;

	/* The first number is that in the namespace of /proc, and so in ours. */
	for (int word = 1; status_number(status, "NSpid", word, 10, &inner) == 0;)
		word++;
	return inner <= INT_MAX ? (pid_t)inner : 0;
}

unsigned int access_find_inner(pid_t inner, pid_t *found)
{
	DIR *proc = opendir("/proc");
	unsigned int count = 0;
	char *status;
	pid_t pid;

	while (proc && (pid = pid_next(proc))) {
		if (status_text(pid, &status) == 0 && access_inner_pid(status) == inner) {
			*found = pid;
			count++;
		}
		free(status);
	}
	if (proc)
		closedir(proc);
	return count;
}
