/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/diagnose.h"

#include "command/advice.h"
#include "engine/limits.h"
#include "numa/nodeset.h"
#include "proc/pidns.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a table that ends with one that has no text. */
struct reason {
	int rc;
	const char *text;
};

static char *write_text(const char *text, char *buf)
{
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	return buf;
}

static char *write_reason(const struct reason *r, int rc, char *buf)
{
	while (r->text && r->rc != rc)
		r++;
	return write_text(r->text ? r->text : strerror(-rc), buf);
}

char *diagnose_proc(int rc, char *buf)
{
	static const struct reason reasons[] = {
		{ -ENOENT, "/proc is not mounted; mount it (mount -t proc proc /proc)" },
		{ -EXDEV, "/proc is that of another PID namespace, with other numbers; mount one "
			  "for this (unshare --mount-proc), or run this in that (nsenter -p)" },
		{ 0, NULL },
	};

	return write_reason(reasons, rc, buf);
}

/* ---- processes that cannot be opened ---- */

static char *explain_missing(const struct process *p, bool search, char *buf)
{
	unsigned int others;
	pid_t other;

	if (kill(p->pid, 0) == 0 || errno == EPERM)
		return write_text("it runs, but /proc does not show it (hidepid); run this as root",
				  buf);
	if (!pidns_is_first())
		return write_text("no such process in this container (PID namespace), where those "
				  "outside have no numbers; run this on the host",
				  buf);
	others = search ? pidns_find(p->pid, &other) : 0;
	if (others == 0)
		return write_text("no such process", buf);
	snprintf(buf, DIAGNOSE_MAX,
		 "no such process; inside a container (PID namespace) %d has "
		 "that number%s: use %d",
		 other, others > 1 ? ", and others, too" : "", other);
	return buf;
}

static const char *why_unsuitable(const struct process *p)
{
	if (p->kernel_thread)
		return "it is a kernel thread, and has no pages of its own to move; leave it out";
	if (p->zombie)
		return "it has exited and only waits for its parent (a zombie): its pages are "
		       "gone; leave it out";
	return "it has no memory any more: it is exiting; leave it out";
}

static const char *why_not_permitted(const struct process *p)
{
	static const char *const reasons[REFUSALS] = {
		[REFUSAL_HIDDEN] = "not permitted: /proc hides it (hidepid); run this as its user "
				   "or as root",
		[REFUSAL_NAMESPACE] = "not permitted: this is root of a user namespace only, as in "
				      "a rootless container; run this as root of the host",
		[REFUSAL_ROOT] = "not permitted: this is root without CAP_SYS_PTRACE, as in a "
				 "container; add that capability, or run this outside",
		[REFUSAL_OWNER] = "not permitted: it is another user's; run this as its user or "
				  "with CAP_SYS_PTRACE (root)",
		[REFUSAL_GROUP] = "not permitted: it is yours, but runs in another group; run this "
				  "in its group (sg, newgrp) or as root",
		[REFUSAL_PROTECTED] = "not permitted: it is yours, but protected (not dumpable); "
				      "run this as root",
		[REFUSAL_CAPABILITIES] = "not permitted: it is yours, but has capabilities that "
					 "this has not; run this as root",
		[REFUSAL_PAGEMAP] = "not permitted to read its pagemap: CAP_DAC_READ_SEARCH is "
				    "missing; add that capability, or run this as its user",
		[REFUSAL_MODULE] = "not permitted by a security module (SELinux, AppArmor, "
				   "Landlock); run this outside of its profile",
	};

	return reasons[rights_find(p)];
}

char *diagnose_process(int rc, const struct process *p, bool search, char *buf)
{
	static const struct reason reasons[] = {
		{ -EPROTO, "its files in /proc are not understood" },
		{ -ESTALE, "it started another program (execve) before its pages were found; "
			   "run the command again" },
		{ 0, NULL },
	};

	if (rc == -ESRCH)
		return explain_missing(p, search, buf);
	if (rc == -EINVAL)
		return write_text(why_unsuitable(p), buf);
	if (rc == -EACCES || rc == -EPERM)
		return write_text(why_not_permitted(p), buf);
	return write_reason(reasons, rc, buf);
}

/* ---- moves that ended ---- */

static bool migrate_pages_fails(int rc)
{
	const struct nodeset none = { { 0 } };

	return sys_migrate(0, &none, &none) == rc;
}

/* A call that does nothing is not refused by the kernel, but by a filter. */
static const char *why_filtered(int rc)
{
	if (sys_locate(0, 0, NULL, NULL) == rc)
		return "a seccomp filter refuses move_pages(2), as those of containers do; allow "
		       "move_pages and migrate_pages there, or run this outside";
	if (migrate_pages_fails(rc))
		return "a seccomp filter refuses migrate_pages(2), as those of containers do; use "
		       "--method=pages, or run this outside";
	return NULL;
}

static const char *why_refused(const struct process *p)
{
	const char *filter = why_filtered(-EPERM);

	if (filter)
		return filter;
	if (sys_locate(p->thread, 0, NULL, NULL) == -EPERM)
		return why_not_permitted(p);
	if (!sys_can_move_shared() && rights_is_root())
		return "not permitted: --shared=yes needs CAP_SYS_NICE, and this is root without "
		       "it, as in a container; add that capability, or use --shared=no";
	if (!sys_can_move_shared())
		return "not permitted: --shared=yes needs CAP_SYS_NICE; run this as root, or use "
		       "--shared=no";
	return "not permitted to move its pages, perhaps by a security module (SELinux)";
}

static const char *why_absent(void)
{
	const char *filter = rights_are_filtered() ? why_filtered(-ENOSYS) : NULL;

	return filter ? filter :
			"this kernel was built without page migration (CONFIG_MIGRATION); "
			"start the program under numactl(8) instead";
}

char *diagnose_move(int rc, const struct process *p, char *buf)
{
	static const struct reason reasons[] = {
		{ -ESRCH, "it exited meanwhile; the account is of what was done until then" },
		{ -ESTALE, "it started another program meanwhile (execve); "
			   "the account is of what was done until then" },
		{ -ENODEV, "a destination node went offline meanwhile; choose another" },
		{ -EACCES, "its cpuset does not allow the destination any more; choose a node of "
			   "Mems_allowed_list in its /proc/PID/status" },
		{ -ENOMEM, "out of memory" },
		{ -EPROTO, "the kernel's answer cannot be true" },
		{ -ETIMEDOUT, "timed out (--timeout); the account is of what was done until then" },
		{ 0, NULL },
	};

	if (rc == -EINTR && limits_signal())
		return write_text("interrupted by a signal; the account is of what was done until "
				  "then",
				  buf);
	if (rc == -EPERM)
		return write_text(why_refused(p), buf);
	if (rc == -ENOSYS)
		return write_text(why_absent(), buf);
	if (rc == -EINVAL && process_check(p))
		rc = -ESRCH;
	return write_reason(reasons, rc, buf);
}

/* The first policy in numa_maps that names nodes: "bind:0". */
static bool find_policy(const struct process *p, char *policy)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f;

	if (process_stream(p, "numa_maps", &f))
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		advice_policy(line, policy);
		found = strchr(policy, ':');
	}
	free(line);
	fclose(f);
	return found;
}

char *diagnose_unsettled(const struct process *p, char *buf)
{
	char policy[ADVICE_NAME_MAX];

	if (find_policy(p, policy))
		snprintf(buf, DIAGNOSE_MAX,
			 "new pages keep coming to the source: its memory policy "
			 "is %s, which moving does not change; set its cpuset (systemctl "
			 "set-property UNIT AllowedMemoryNodes=...) or start it under another",
			 policy);
	else
		snprintf(buf, DIAGNOSE_MAX,
			 "new pages keep coming to the source: its threads run "
			 "on CPUs of that node; move them too (taskset, AllowedCPUs=), or set its "
			 "cpuset (AllowedMemoryNodes=)");
	return buf;
}
