/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deny: runs a command under a seccomp filter that answers some system calls with an
 * error, as the filters of containers do.
 *
 *	deny EPERM|ENOSYS CALL[,CALL...] COMMAND [ARGUMENT...]
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { USAGE = 125, CALLS_MAX = 8 };

static const struct {
	const char *name;
	unsigned int number;
} calls[] = {
	{ "move_pages", SYS_move_pages },
	{ "migrate_pages", SYS_migrate_pages },
	{ "pidfd_open", SYS_pidfd_open },
};

static unsigned int number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	errx(USAGE, "deny: no call '%s' is known", name);
}

/* For each call, two instructions: if it is that one, answer with the error. */
static unsigned short fill(struct sock_filter *code, char *names, unsigned int error)
{
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		if (n >= 2 * CALLS_MAX)
			errx(USAGE, "deny: too many calls");
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 number_of(name), 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 SECCOMP_RET_ERRNO | error);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

int main(int argc, char **argv)
{
	struct sock_filter code[2 * CALLS_MAX + 2];
	struct sock_fprog program = { .filter = code };

	if (argc < 4)
		errx(USAGE, "deny: EPERM|ENOSYS CALL[,CALL...] COMMAND...");
	program.len = fill(code, argv[2], strcmp(argv[1], "ENOSYS") == 0 ? ENOSYS : EPERM);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(USAGE, "deny: the filter");
	execvp(argv[3], argv + 3);
	err(USAGE, "deny: %s", argv[3]);
}
