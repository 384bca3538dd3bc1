/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "explain.h"

#include "kernel.h"
#include "process.h"
#include "text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reason {
	int rc;
	const char *text;
};

static const char *find_reason(const struct reason *reasons, size_t n, int rc)
{
	for (size_t i = 0; i < n; i++)
		if (reasons[i].rc == rc)
			return reasons[i].text;
	return NULL;
}

static char *write_reason(const char *text, int rc, char *buf)
{
	if (text)
		snprintf(buf, EXPLAIN_MAX, "%s", text);
	else
		snprintf(buf, EXPLAIN_MAX, "%s", strerror(-rc));
	return buf;
}

static const char *why_missing(const struct process *p)
{
	if (kill(p->pid, 0) == 0 || errno == EPERM)
		return "it runs, but /proc does not show it (hidepid?); run this as root";
	return "no such process";
}

static const char *why_unsuitable(const struct process *p)
{
	if (p->kernel_thread)
		return "it is a kernel thread, and has no pages of its own to move";
	if (p->zombie)
		return "it has exited and only waits for its parent (a zombie): its pages are gone";
	return "it has no memory any more: it is exiting";
}

char *explain_process(int rc, const struct process *p, char *buf)
{
	static const struct reason reasons[] = {
		{ -EACCES, "not permitted: it is another user's, or protected; "
			   "run this as its user or with CAP_SYS_PTRACE (root)" },
		{ -EPERM, "not permitted: it is another user's, or protected; "
			  "run this as its user or with CAP_SYS_PTRACE (root)" },
		{ -EPROTO, "its files in /proc are not understood" },
	};

	if (rc == -ESRCH)
		return write_reason(why_missing(p), rc, buf);
	if (rc == -EINVAL)
		return write_reason(why_unsuitable(p), rc, buf);
	return write_reason(find_reason(reasons, sizeof(reasons) / sizeof(reasons[0]), rc), rc,
			    buf);
}

/* A call that does nothing must succeed; where it does not, a filter is in force. */
static const char *why_refused(void)
{
	if (kernel_locate(0, 0, NULL, NULL) == -EPERM)
		return "the kernel refuses move_pages(2) itself: a seccomp filter, as containers "
		       "have it; allow move_pages and migrate_pages there, or run this outside";
	return "not permitted to move its pages: run this as root, or as its user with --shared=no";
}

char *explain_move(int rc, const struct process *p, char *buf)
{
	static const struct reason reasons[] = {
		{ -ESRCH, "it exited meanwhile; the account is of what was done until then" },
		{ -ESTALE, "it started another program meanwhile (execve); "
			   "the account is of what was done until then" },
		{ -ENODEV, "a destination node went offline meanwhile" },
		{ -EACCES, "its cpuset does not allow the destination any more" },
		{ -ENOSYS, "this kernel was built without page migration (CONFIG_NUMA)" },
		{ -ENOMEM, "out of memory" },
		{ -EPROTO, "the kernel's answer cannot be true" },
		{ -ETIMEDOUT, "time ran out (--timeout); the account is of what was done until then" },
	};

	if (rc == -EPERM)
		return write_reason(why_refused(), rc, buf);
	if (rc == -EINVAL && process_check(p))
		rc = -ESRCH;
	return write_reason(find_reason(reasons, sizeof(reasons) / sizeof(reasons[0]), rc), rc,
			    buf);
}

/* The first policy in numa_maps that is not the default: "bind:0". */
static bool find_policy(const struct process *p, char *policy, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f;

	if (process_stream(p, "numa_maps", &f))
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		char *word = strchr(line, ' ');

		if (!word)
			continue;
		word[1 + strcspn(word + 1, " \n")] = '\0';
		found = strcmp(word + 1, "default") != 0 && strcmp(word + 1, "local") != 0;
		if (found)
			text_name(word + 1, policy, size);
	}
	free(line);
	fclose(f);
	return found;
}

char *explain_unsettled(const struct process *p, char *buf)
{
	char policy[64];

	if (find_policy(p, policy, sizeof(policy)))
		snprintf(buf, EXPLAIN_MAX, "new pages keep coming to the source: its memory policy "
			 "is %s, which moving does not change; set its cpuset (systemctl "
			 "set-property UNIT AllowedMemoryNodes=...) or start it under another",
			 policy);
	else
		snprintf(buf, EXPLAIN_MAX, "new pages keep coming to the source: its threads run "
			 "on CPUs of that node; move them too (taskset, AllowedCPUs=), or set its "
			 "cpuset (AllowedMemoryNodes=)");
	return buf;
}
