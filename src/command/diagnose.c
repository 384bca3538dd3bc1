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
		text = "/proc belongs to a different PID namespace; mount one for this namespace "
		       "(unshare --mount-proc), or enter that one (nsenter -p)";
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	return buf;
}

static const char *const not_permitted[REFUSALS] = {
	[REFUSAL_HIDDEN] = "Permission denied: hidden in /proc (hidepid); run as its "
			   "user or as root",
	[REFUSAL_NAMESPACE] = "Permission denied: root of a user namespace (rootless container) "
			      "has no rights outside it; run as root of the host",
	[REFUSAL_ROOT] = "Permission denied: root without CAP_SYS_PTRACE (container?); add that "
			 "capability, or run on the host",
	[REFUSAL_OWNER] = "Permission denied: it belongs to another user; run as that user "
			  "or as root",
	[REFUSAL_GROUP] = "Permission denied: it has a different group ID; run in its group "
			  "(sg, newgrp) or as root",
	[REFUSAL_PROTECTED] = "Permission denied: it is not dumpable; run as root",
	[REFUSAL_CAPABILITIES] = "Permission denied: it has more capabilities than the "
				 "caller; run as root",
	[REFUSAL_PAGEMAP] = "Permission denied: cannot read its pagemap, CAP_DAC_READ_SEARCH is "
			    "missing; add that capability, or run as its user",
	[REFUSAL_MODULE] = "Permission denied by a security module (SELinux, AppArmor, "
			   "Landlock); see its log",
};

char *diagnose_process(int rc, const struct process *p, bool search, char *buf)
{
	const char *text = strerror(-rc);
	unsigned int others = 0;
	pid_t other;

	if (rc == -ESRCH && (kill(p->pid, 0) == 0 || errno == EPERM)) {
		text = "hidden in /proc (hidepid); run as root";
	} else if (rc == -ESRCH && !access_is_on_host()) {
		text = "no such process in this container (PID namespace); run on the host for "
		       "processes outside it";
	} else if (rc == -ESRCH) {
		text = "no such process";
		others = search ? access_find_inner(p->pid, &other) : 0;
	} else if (rc == -EINVAL && p->kernel_thread) {
		text = "kernel thread, no user memory";
	} else if (rc == -EINVAL && p->zombie) {
		text = "zombie, no memory";
	} else if (rc == -EINVAL) {
		text = "exiting, no memory";
	} else if (rc == -EACCES || rc == -EPERM) {
		text = not_permitted[access_find(p)];
	} else if (rc == -EPROTO) {
		text = "cannot parse its files in /proc";
	} else if (rc == -ESTALE) {
		text = "called execve(2) before its pages were found; run the command "
		       "again";
	}
	snprintf(buf, DIAGNOSE_MAX, "%s", text);
	if (others)
		snprintf(buf, DIAGNOSE_MAX,
			 "%s; inside a container (PID namespace), process %d%s has that PID: use "
			 "%d",
			 text, other, others > 1 ? " (among others)" : "", other);
	return buf;
}

/* Explain -EPERM and -ENOSYS. */
static const char *why_refused(int rc, const struct process *p)
{
	const bool filtered = rc == -EPERM || access_is_filtered();
	const struct nodeset none = { { 0 } };

	/* The kernel never refuses a call that does nothing; a filter does. */
	if (filtered && sys_locate(0, 0, NULL, NULL) == rc)
		return "a seccomp filter refuses move_pages(2) (container?); allow move_pages and "
		       "migrate_pages, or run on the host";
	if (filtered && sys_migrate(0, &none, &none) == rc)
		return "a seccomp filter refuses migrate_pages(2) (container?); use "
		       "--method=pages, or run on the host";
	if (rc == -ENOSYS)
		return "this kernel was built without page migration (CONFIG_MIGRATION); "
		       "start the program under numactl(8) instead";
	if (sys_locate(p->thread, 0, NULL, NULL) == -EPERM)
		return not_permitted[access_find(p)];
	if (sys_can_move_shared())
		return "Permission denied: cannot move its pages (security module?)";
	return geteuid() == 0 ?
		       "Permission denied: --shared=yes requires CAP_SYS_NICE, which root lacks "
		       "here (container?); add that capability, or use --shared=no" :
		       "Permission denied: --shared=yes requires CAP_SYS_NICE; run as root, or use "
		       "--shared=no";
}

char *diagnose_move(int rc, const struct process *p, char *buf)
{
	static const struct {
		int rc;
		const char *text;
	} reasons[] = {
		{ -ESRCH, "exited before the command finished; report is partial" },
		{ -ESTALE, "called execve(2) before the command finished; report is "
			   "partial" },
		{ -ENODEV, "a destination node went offline; choose another node" },
		{ -EACCES, "its cpuset no longer allows the destination; choose a node from "
			   "Mems_allowed_list in /proc/PID/status" },
		{ -ENOMEM, "out of memory" },
		{ -EPROTO, "unexpected result from the kernel" },
		{ -ETIME, "timed out (--timeout); report is partial" },
	};
	const char *text;

	if (rc == -EINVAL && process_check(p))
		rc = -ESRCH;
	text = strerror(-rc);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].rc == rc)
			text = reasons[i].text;
	if (rc == -EINTR && limits_signal())
		text = "interrupted by a signal; report is partial";
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
		 "new pages keep appearing on the source: its threads run on CPUs of that node; "
		 "move them too (taskset, AllowedCPUs=), or set its cpuset (AllowedMemoryNodes=)");
	if (strchr(policy, ':'))
		snprintf(buf, DIAGNOSE_MAX,
			 "new pages keep appearing on the source: its memory policy is %s; set "
			 "its cpuset (systemctl set-property UNIT AllowedMemoryNodes=...), or "
			 "restart it under numactl(8)",
			 policy);
	return buf;
}
