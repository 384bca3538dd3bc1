/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filtered: run a command in a sandbox, as containers and services do.
 *
 *	filtered ERROR CALL[,CALL...] COMMAND [ARGUMENT...]
 *	filtered landlock COMMAND [ARGUMENT...]
 *
 * The sandbox is a seccomp(2) filter that makes each CALL (move_pages, migrate_pages, pidfd_open,
 * ioctl) fail with ERROR (EPERM, ENOSYS, ENOTTY: no PAGEMAP_SCAN); or a Landlock domain,
 * landlock(7), a security module that denies access to processes outside of the domain. Neither
 * needs privileges.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From linux/landlock.h, which older systems lack. */
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF	446

enum { CALLS_MAX = 8 };

struct name {
	const char *name;
	int number;
};

static int number_of(const struct name *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i].name, name))
			return names[i].number;
	errx(1, "%s: not a name that is known here", name);
}

static int call_number(const char *name)
{
	static const struct name calls[] = {
		{ "move_pages", SYS_move_pages },
		{ "migrate_pages", SYS_migrate_pages },
		{ "pidfd_open", SYS_pidfd_open },
		{ "ioctl", SYS_ioctl },
	};

	return number_of(calls, sizeof(calls) / sizeof(*calls), name);
}

static uint32_t error_number(const char *name)
{
	static const struct name errors[] = {
		{ "EPERM", EPERM },
		{ "ENOSYS", ENOSYS },
		{ "ENOTTY", ENOTTY },
	};

	return (uint32_t)number_of(errors, sizeof(errors) / sizeof(*errors), name);
}

static void no_new_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err(1, "no_new_privs");
}

/* For each call: return the error if it matches, otherwise continue. */
static void filter_calls(const char *error, char *calls)
{
	struct sock_filter code[2 * CALLS_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	const uint32_t answer = SECCOMP_RET_ERRNO | error_number(error);
	unsigned short n = 1;
	struct sock_fprog filter = { .filter = code };

	for (char *call = strtok(calls, ","); call; call = strtok(NULL, ",")) {
		if (n > 2 * CALLS_MAX)
			errx(1, "too many calls");
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (uint32_t)call_number(call), 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter.len = n;
	no_new_privileges();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		err(1, "seccomp");
}

/* A domain that restricts nothing the command needs. */
static void landlock(void)
{
	const uint64_t handled = 1 << 12; /* making symbolic links */
	int rules = (int)syscall(LANDLOCK_CREATE_RULESET, &handled, sizeof(handled), 0);

	if (rules < 0)
		err(1, "landlock_create_ruleset");
	no_new_privileges();
	if (syscall(LANDLOCK_RESTRICT_SELF, rules, 0))
		err(1, "landlock_restrict_self");
	close(rules);
}

int main(int argc, char **argv)
{
	int command = argc > 1 && !strcmp(argv[1], "landlock") ? 2 : 3;

	if (argc <= command)
		errx(1, "usage: filtered ERROR CALLS COMMAND... | filtered landlock COMMAND...");
	if (command == 2)
		landlock();
	else
		filter_calls(argv[1], argv[2]);
	execvp(argv[command], argv + command);
	err(127, "%s", argv[command]);
}
