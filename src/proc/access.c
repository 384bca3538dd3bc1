/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/access.h"

#include "proc/pid_select.h"
#include "proc/process.h"
#include "proc/status.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has(uint64_t capabilities, int number)
{
	return capabilities >> number & 1;
}

int access_parse(struct rights *r, const char *status)
{
	if (status_number(status, "Uid", 0, 10, &r->real_uid) ||
	    status_number(status, "Uid", 1, 10, &r->uid) ||
	    status_number(status, "Gid", 1, 10, &r->gid) ||
	    status_number(status, "CapPrm", 0, 16, &r->permitted) ||
	    status_number(status, "CapEff", 0, 16, &r->effective))
		return -EINVAL;
	return 0;
}

enum refusal access_judge(const struct access_facts *f)
{
	const struct rights *own = &f->own, *its = &f->its;
	enum refusal refusal;

	if (f->hidden)
		return REFUSAL_HIDDEN;
	if (f->all_but_pagemap && !has(own->effective, CAP_DAC_READ_SEARCH) &&
	    !has(own->effective, CAP_DAC_OVERRIDE))
		return REFUSAL_PAGEMAP;
	if (has(own->effective, CAP_SYS_PTRACE))
		return f->in_user_namespace ? REFUSAL_NAMESPACE : REFUSAL_MODULE;
	if (own->uid != its->uid || own->uid != its->real_uid)
		refusal = REFUSAL_OWNER;
	else if (own->gid != its->gid)
		refusal = REFUSAL_GROUP;
	else if (!f->own_files)
		refusal = REFUSAL_PROTECTED;
	else if (its->permitted & ~own->effective)
		refusal = REFUSAL_CAPABILITIES;
	else
		return REFUSAL_MODULE;
	return own->uid == 0 ? REFUSAL_ROOT : refusal;
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
	facts.own_files = !facts.hidden && fstatat(p->dir, "status", &st, 0) == 0 &&
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
	char *status;

	if (read_rights(AT_FDCWD, "/proc/self/status", &rights) &&
	    has(rights.effective, CAP_SYS_PTRACE))
		return 0;
	for (size_t i = 0; i < pids->n; i++) {
		if (status_text(pids->pid[i], &status) == 0 && access_parse(&rights, status) == 0)
			permitted |= rights.permitted;
		free(status);
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
	char self[32] = "", number[32];

	snprintf(number, sizeof(number), "%d", getpid());
	if (readlink("/proc/self", self, sizeof(self) - 1) <= 0 && access("/proc/version", F_OK))
		return -ENOENT;
	return strcmp(self, number) == 0 ? 0 : -EXDEV;
}

bool access_is_on_host(void)
{
	char name[64] = "";

	/* The inode of the initial namespace: PROC_PID_INIT_INO in linux/proc_ns.h. */
	return readlink("/proc/self/ns/pid", name, sizeof(name) - 1) <= 0 ||
	       strcmp(name, "pid:[4026531836]") == 0;
}

pid_t access_inner_pid(const char *status)
{
	uint64_t inner = 0;

	/* The first PID is that in the namespace of /proc, which is ours. */
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
