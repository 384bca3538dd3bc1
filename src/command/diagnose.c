/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/diagnose.h"

#include "command/advice.h"
#include "engine/limits.h"
#include "numa/nodeset.h"
#include "proc/access.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "util/file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *diagnose_proc(int rc, char *buf)
{
	const char *text = strerror(-rc);

	if (rc == -ENOENT)
		text = "/proc is not mounted; mount it (mount -t proc proc /proc)";
	if (rc == -EXDEV)
		text = "/proc is that of another PID namespace, with other numbers; mount one "
		       "for this (unshare --mount-proc), or run this in that (nsenter -p)";
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	return buf;
}

static const char *const not_permitted[REFUSALS] = {
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

char *diagnose_process(int rc, const struct process *p, bool search, char *buf)
{
	const char *text = strerror(-rc);
	unsigned int others = 0;
	pid_t other;

	if (rc == -ESRCH && (kill(p->pid, 0) == 0 || errno == EPERM)) {
		text = "it runs, but /proc does not show it (hidepid); run this as root";
	} else if (rc == -ESRCH && !access_is_on_host()) {
		text = "no such process in this container (PID namespace), where those outside "
		       "have no numbers; run this on the host";
	} else if (rc == -ESRCH) {
		text = "no such process";
		others = search ? access_find_inner(p->pid, &other) : 0;
	} else if (rc == -EINVAL && p->kernel_thread) {
		text = "it is a kernel thread, and has no pages of its own to move; leave it out";
	} else if (rc == -EINVAL && p->zombie) {
		text = "it has exited and only waits for its parent (a zombie): its pages are "
		       "gone; leave it out";
	} else if (rc == -EINVAL) {
		text = "it has no memory any more: it is exiting; leave it out";
	} else if (rc == -EACCES || rc == -EPERM) {
		text = not_permitted[access_find(p)];
	} else if (rc == -EPROTO) {
		text = "its files in /proc are not understood";
	} else if (rc == -ESTALE) {
		text = "it started another program (execve) before its pages were found; run the "
		       "command again";
	}
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	if (others)
		snprintf(buf, DIAGNOSE_MAX,
			 "%s; inside a container (PID namespace) %d has that number%s: use %d",
			 text, other, others > 1 ? ", and others, too" : "", other);
	return buf;
}

/* For -EPERM and -ENOSYS. */
static const char *why_refused(int rc, const struct process *p)
{
	const bool filtered = rc == -EPERM || access_is_filtered();
	const struct nodeset none = { { 0 } };

	/* A call that does nothing is not refused by the kernel, but by a filter. */
	if (filtered && sys_locate(0, 0, NULL, NULL) == rc)
		return "a seccomp filter refuses move_pages(2), as those of containers do; allow "
		       "move_pages and migrate_pages there, or run this outside";
	if (filtered && sys_migrate(0, &none, &none) == rc)
		return "a seccomp filter refuses migrate_pages(2), as those of containers do; use "
		       "--method=pages, or run this outside";
	if (rc == -ENOSYS)
		return "this kernel was built without page migration (CONFIG_MIGRATION); "
		       "start the program under numactl(8) instead";
	if (sys_locate(p->thread, 0, NULL, NULL) == -EPERM)
		return not_permitted[access_find(p)];
	if (sys_can_move_shared())
		return "not permitted to move its pages, perhaps by a security module (SELinux)";
	return geteuid() == 0 ?
		       "not permitted: --shared=yes needs CAP_SYS_NICE, and this is root without "
		       "it, as in a container; add that capability, or use --shared=no" :
		       "not permitted: --shared=yes needs CAP_SYS_NICE; run this as root, or use "
		       "--shared=no";
}

char *diagnose_move(int rc, const struct process *p, char *buf)
{
	static const struct {
		int rc;
		const char *text;
	} reasons[] = {
		{ -ESRCH, "it exited meanwhile; the account is of what was done until then" },
		{ -ESTALE, "it started another program meanwhile (execve); "
			   "the account is of what was done until then" },
		{ -ENODEV, "a destination node went offline meanwhile; choose another" },
		{ -EACCES, "its cpuset does not allow the destination any more; choose a node of "
			   "Mems_allowed_list in its /proc/PID/status" },
		{ -ENOMEM, "out of memory" },
		{ -EPROTO, "the kernel's answer cannot be true" },
		{ -ETIMEDOUT, "timed out (--timeout); the account is of what was done until then" },
	};
	const char *text;

	if (rc == -EINVAL && process_check(p))
		rc = -ESRCH;
	text = strerror(-rc);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].rc == rc)
			text = reasons[i].text;
	if (rc == -EINTR && limits_signal())
		text = "interrupted by a signal; the account is of what was done until then";
	else if (rc == -EPERM || rc == -ENOSYS)
		text = why_refused(rc, p);
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	return buf;
}

char *diagnose_unsettled(const struct process *p, char *buf)
{
	char policy[BINDING_POLICY_MAX] = "";
	struct file_lines maps;

	/* The first policy in numa_maps that names nodes: "bind:0". */
	file_lines_open(&maps, p->dir, "numa_maps");
	while (!strchr(policy, ':') && file_lines_next(&maps))
		binding_parse_policy(maps.line, policy);
	file_lines_close(&maps, 0);
	snprintf(buf, DIAGNOSE_MAX,
		 "new pages keep coming to the source: its threads run on CPUs of that node; move "
		 "them too (taskset, AllowedCPUs=), or set its cpuset (AllowedMemoryNodes=)");
	if (strchr(policy, ':'))
		snprintf(buf, DIAGNOSE_MAX,
			 "new pages keep coming to the source: its memory policy is %s, which "
			 "moving does not change; set its cpuset (systemctl set-property UNIT "
			 "AllowedMemoryNodes=...) or start it under another",
			 policy);
	return buf;
}
