/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/rights.h"

#include "proc/process.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_STATUS "/proc/self/status"

static bool has(uint64_t capabilities, int number)
{
	return capabilities >> number & 1;
}

/* What follows "\nKEY:" in the text of a status file, or NULL. */
static const char *value_of(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	return line ? line + strlen(key) : NULL;
}

int rights_parse(struct rights *r, const char *text)
{
	const char *uid = value_of(text, "\nUid:"), *gid = value_of(text, "\nGid:");
	const char *permitted = value_of(text, "\nCapPrm:");
	const char *effective = value_of(text, "\nCapEff:");

	if (!uid || !gid || !permitted || !effective ||
	    sscanf(uid, "%u %u", &r->real_uid, &r->uid) != 2 ||
	    sscanf(gid, "%*u %u", &r->gid) != 1 ||
	    sscanf(permitted, "%" SCNx64, &r->permitted) != 1 ||
	    sscanf(effective, "%" SCNx64, &r->effective) != 1)
		return -EINVAL;
	return 0;
}

/* Of a caller without CAP_SYS_PTRACE. */
static enum refusal judge_ordinary(const struct rights_facts *f)
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

enum refusal rights_judge(const struct rights_facts *f)
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
	bool ok = text && rights_parse(r, text) == 0;

	free(text);
	return ok;
}

static bool has_own_files(const struct process *p, const struct rights *its)
{
	struct stat st;

	return fstatat(p->dir, "status", &st, 0) == 0 && st.st_uid == its->uid;
}

enum refusal rights_find(const struct process *p)
{
	struct rights_facts facts = { .all_but_pagemap = p->maps >= 0 && p->pagemap < 0 };

	facts.hidden = p->dir < 0 || !read_rights(p->dir, "status", &facts.its);
	if (!facts.hidden)
		facts.own_files = has_own_files(p, &facts.its);
	facts.in_user_namespace = rights_in_user_namespace();
	return read_rights(AT_FDCWD, OWN_STATUS, &facts.own) ? rights_judge(&facts) :
							       REFUSAL_MODULE;
}

uint64_t rights_of_all(const struct pid_list *pids)
{
	uint64_t permitted = 0;
	struct rights own;

	if (read_rights(AT_FDCWD, OWN_STATUS, &own) && has(own.effective, CAP_SYS_PTRACE))
		return 0;
	for (size_t i = 0; i < pids->n; i++) {
		struct rights rights;
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d/status", pids->pid[i]);
		if (read_rights(AT_FDCWD, path, &rights))
			permitted |= rights.permitted;
	}
	return permitted;
}

bool rights_is_root(void)
{
	return geteuid() == 0;
}

bool rights_in_user_namespace(void)
{
	unsigned int first, outside, count;
	char text[256];

	return file_read(AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) > 0 &&
	       (sscanf(text, "%u %u %u", &first, &outside, &count) != 3 || first || outside ||
		count != UINT32_MAX);
}

bool rights_parse_filter(const char *status)
{
	return strstr(status, "\nSeccomp:\t2\n") != NULL;
}

bool rights_are_filtered(void)
{
	char *text = file_read_text(AT_FDCWD, OWN_STATUS);
	bool filtered = text && rights_parse_filter(text);

	free(text);
	return filtered;
}
