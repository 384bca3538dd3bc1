/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults: make every call of the programs to the kernel and to malloc() fail, one at a time.
 *
 *	faults [-l] [-n NUMBER] [-s SEED] [-k CALL] [-c COMMAND [-f FAULT]]
 *
 * Run each command line below (-l lists them) without faults and record its calls. Then run it
 * again for each possible fault of each call. Rules:
 *
 *	crash	no signal kills it, except the one that was sent
 *	hang	it ends within 10 s
 *	silent	exit status 0 only if output, moved pages and saved file are the same as
 *		without the fault
 *	status	otherwise 1, 3, 4, 64, or 77 of --check; 4 only if pages were moved
 *	ends	harmless errors, such as EINTR, do not end it early
 *	words	every error has a message, one line that begins with the program's name
 *	cause	no message says that the process exited if it did not
 *	rest	it leaves no partial or temporary file, except after a second SIGINT
 *
 * A fault that breaks a rule is printed, with a command that repeats it. -n runs a sample of the
 * faults, the same for the same SEED; -k only faults of one call, `allocation`, or `exec`.
 * Targets are children of this program. Some commands see a simulated second node, or an older
 * kernel without PAGEMAP_SCAN (tests/lib/tracer.c).
 */
#include <config.h>

#include "tracer.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <regex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE_BYTES = 4096,
	PAGES = 24,
	TARGETS = 2,
	WORDS_MAX = 32,
	LINE_MAX_BYTES = 512,
	ERRORS_MAX = 16,
	PRINTED_MAX = 100
};

/* ---- the command lines ---- */

enum machine { AS_IT_IS, TWO_NODES, OLD_KERNEL };

static const char *const machine_names[] = { "", "two nodes", "before 6.7" };

struct command {
	const char *line; /* @: a target, &: a second one, %: a range of the first; -:
				   targets on standard input */
	int status;	  /* without faults */
	enum machine machine;
};

static const struct command commands[] = {
	{ "migratepages --help", 0, AS_IT_IS },
	{ "movepages --version", 0, AS_IT_IS },
	{ "migratepages 1x 0 0", 1, AS_IT_IS },
	{ "movepages --to=9 @", 1, AS_IT_IS },
	{ "movepages @", 0, AS_IT_IS },
	{ "movepages --pages -j1 @", 0, AS_IT_IS },
	{ "movepages --pages --json -j1 @", 0, AS_IT_IS },
	{ "movepages --pages @ %", 0, AS_IT_IS },
	{ "movepages --pages-from=pages @", 0, AS_IT_IS },
	{ "movepages --map @", 0, AS_IT_IS },
	{ "movepages --mappings --sort=-total @", 0, AS_IT_IS },
	{ "movepages --json -j1 @,&", 0, AS_IT_IS },
	{ "movepages --at-least=all:100% -j1 @", 0, AS_IT_IS },
	{ "movepages --save=new -j1 @", 0, AS_IT_IS },
	{ "movepages --save=old -j1 @", 0, AS_IT_IS },
	{ "migratepages -v @ 0 0", 0, AS_IT_IS },
	{ "migratepages -v --method=process @ 0 0", 0, AS_IT_IS },
	{ "movepages -j1 @", 0, OLD_KERNEL },
	{ "movepages --pages --pages-from=pages @", 0, OLD_KERNEL },
	{ "movepages --interleave=0 -v -j1 @", 0, OLD_KERNEL },
	{ "movepages --check -v", 0, TWO_NODES },
	{ "migratepages -n @ 0 1", 0, TWO_NODES },
	{ "migratepages -v -j1 @ 0 1", 0, TWO_NODES },
	{ "migratepages -v --method=process @ 0 1", 0, TWO_NODES },
	{ "migratepages --json -j1 @,& 0 1", 0, TWO_NODES },
	{ "migratepages -j2 @ 0 1", 0, TWO_NODES },
	{ "movepages --pages --to=1 -j1 @", 0, TWO_NODES },
	{ "movepages --pages --pages-from=sends @", 0, TWO_NODES },
	{ "movepages --interleave=0,1 -v -j1 @", 0, TWO_NODES },
	{ "movepages --restore=saved -v -j1 @", 0, TWO_NODES },
	{ "movepages --restore=saved -v -j1", 0, TWO_NODES },
	{ "migratepages --save=new -v -j1 @,& 0 1", 0, TWO_NODES },
	{ "migratepages -v -j1 - 0 1", 0, TWO_NODES },
	{ "movepages --json -j1 -", 0, OLD_KERNEL },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

/* ---- errors of calls ---- */

struct call {
	long number;
	const char *name;
	int errors[ERRORS_MAX]; /* from its manual page, or of files in /proc */
};

static const struct call calls[] = {
	{ SYS_openat,
	  "openat",
	  { EACCES, EINTR, EIO, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, EPERM, ENXIO, ENOSPC, EROFS,
	    ESRCH, EBADMSG, ETIMEDOUT } },
	{ SYS_read,
	  "read",
	  { EIO, EINTR, EAGAIN, EINVAL, EISDIR, ENOMEM, ESRCH, EPERM, EBADMSG, ETIMEDOUT,
	    ESTALE } },
	{ SYS_pread64, "pread64", { EIO, EINTR, EINVAL, ENOMEM, ESRCH, EPERM, EFAULT } },
	{ SYS_write, "write", { EIO, EINTR, EAGAIN, ENOSPC, EPIPE, EFBIG, EBADF, EDQUOT } },
	{ SYS_close, "close", { EIO, EINTR, EBADF } },
	{ SYS_newfstatat, "newfstatat", { EACCES, EIO, ENOENT, ENOMEM, ESRCH } },
	{ SYS_lseek, "lseek", { EINVAL, ESPIPE, EOVERFLOW } },
	{ SYS_fsync, "fsync", { EIO, ENOSPC, EDQUOT, EINVAL } },
	{ SYS_renameat2,
	  "renameat2",
	  { EACCES, EBUSY, EEXIST, EINVAL, EIO, ENOENT, ENOSPC, ENOSYS, EPERM, EROFS } },
	{ SYS_renameat, "renameat", { EACCES, EIO, ENOSPC, EPERM } },
	{ SYS_unlinkat, "unlinkat", { EACCES, EIO, ENOENT, EPERM } },
	{ SYS_faccessat, "faccessat", { EACCES, ENOENT, ENOMEM, ESRCH } },
	{ SYS_getdents64, "getdents64", { EIO, ENOENT, EINVAL } },
	{ SYS_fcntl, "fcntl", { EBADF, EINVAL } },
	{ SYS_ioctl, "ioctl", { ENOTTY, EINVAL, EFAULT, ENOMEM, EINTR, EPERM, EIO, ESRCH } },
	{ SYS_mmap, "mmap", { ENOMEM, EAGAIN, EPERM, ENODEV } },
	{ SYS_munmap, "munmap", { ENOMEM } },
	{ SYS_mprotect, "mprotect", { ENOMEM, EACCES } },
	{ SYS_mremap, "mremap", { ENOMEM } },
	{ SYS_move_pages,
	  "move_pages",
	  { E2BIG, EACCES, EFAULT, EINVAL, ENODEV, ENOENT, ENOMEM, EPERM, ESRCH, ENOSYS, EINTR } },
	{ SYS_migrate_pages, "migrate_pages", { EFAULT, EINVAL, ENOMEM, EPERM, ESRCH, ENOSYS } },
	{ SYS_get_mempolicy, "get_mempolicy", { EFAULT, EINVAL, ENOSYS, EPERM } },
	{ SYS_pidfd_open,
	  "pidfd_open",
	  { EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH, ENOSYS, EPERM } },
	{ SYS_poll, "poll", { EINTR, EINVAL, ENOMEM } },
	{ SYS_ppoll, "ppoll", { EINTR, EINVAL, ENOMEM } },
	{ SYS_capget, "capget", { EFAULT, EINVAL, EPERM, ESRCH } },
	{ SYS_capset, "capset", { EFAULT, EINVAL, EPERM } },
	{ SYS_prctl, "prctl", { EINVAL, EPERM } },
	{ SYS_sched_getaffinity, "sched_getaffinity", { EFAULT, EINVAL, ESRCH } },
	{ SYS_rt_sigaction, "rt_sigaction", { EINVAL } },
	{ SYS_getrandom, "getrandom", { EAGAIN, EINTR, ENOSYS } },
	{ SYS_prlimit64, "prlimit64", { EPERM, EINVAL } },
	{ SYS_clone3, "clone3", { EAGAIN, ENOMEM, ENOSYS, EPERM } },
	{ SYS_clone, "clone", { EAGAIN, ENOMEM } },
	{ SYS_kill, "kill", { ESRCH, EPERM } },
	/* These cannot fail; glibc would abort. */
	{ SYS_brk, "brk", { 0 } },
	{ SYS_futex, "futex", { 0 } },
	{ SYS_getpid, "getpid", { 0 } },
	{ SYS_gettid, "gettid", { 0 } },
	{ SYS_getuid, "getuid", { 0 } },
	{ SYS_madvise, "madvise", { 0 } },
	{ SYS_rseq, "rseq", { 0 } },
	{ SYS_rt_sigprocmask, "rt_sigprocmask", { 0 } },
	{ SYS_set_robust_list, "set_robust_list", { 0 } },
	{ SYS_clock_nanosleep, "clock_nanosleep", { 0 } },
};

/* Faults that must not end or change a command; --check reports a failed pidfd_open(2). */
static const struct call spared[] = {
	{ SYS_poll, "poll", { EINTR } },
	{ SYS_ppoll, "ppoll", { EINTR } },
	{ SYS_pidfd_open, "pidfd_open", { ENOSYS, EPERM } },
	{ SYS_munmap, "munmap", { ENOMEM } },
	{ SYS_sched_getaffinity, "sched_getaffinity", { EFAULT, EINVAL, ESRCH } },
	{ SYS_rt_sigaction, "rt_sigaction", { EINVAL } },
	{ SYS_clone3, "clone3", { EAGAIN, ENOMEM, ENOSYS, EPERM } },
	{ SYS_clone, "clone", { EAGAIN, ENOMEM } },
};

static bool is_spared(long number, long value)
{
	for (size_t i = 0; i < sizeof(spared) / sizeof(*spared); i++)
		for (const int *error = spared[i].errors; *error; error++)
			if (spared[i].number == number && *error == value)
				return true;
	return false;
}

static const struct call *call_find(long number)
{
	static const struct call other = { -1, "call", { EINVAL, ENOMEM, ENOSYS, EPERM } };
	size_t i = 0;

	while (i < sizeof(calls) / sizeof(*calls) && calls[i].number != number)
		i++;
	return i < sizeof(calls) / sizeof(*calls) ? &calls[i] : &other;
}

/* ---- targets ---- */

static struct target {
	pid_t pid;
	int ready; /* a pipe that receives a byte from each program */
} targets[TARGETS];

static unsigned char *region; /* at the same address in all targets */

/*
 * Report that the target is ready. Its memory does not change afterwards: it has called
 * syscall(2) before, so no more pages of files are read.
 */
__attribute__((noreturn)) static void rest(int ready)
{
	if (syscall(SYS_write, ready, "", 1) == 1)
		for (;;)
			syscall(SYS_pause);
	_exit(1);
}

__attribute__((noreturn)) static void target_live(int ready)
{
	char fd[16];
	sigset_t set;
	struct timespec forever = { INT_MAX, 0 };

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || sigprocmask(SIG_BLOCK, &set, NULL))
		_exit(1);
	for (size_t i = 0; i < PAGES; i++)
		region[i * PAGE_BYTES] = (unsigned char)i;
	if (syscall(SYS_write, ready, "", 1) != 1 ||
	    syscall(SYS_rt_sigtimedwait, &set, NULL, &forever, sizeof(uint64_t)) != SIGUSR2)
		_exit(1);
	snprintf(fd, sizeof(fd), "%d", ready);
	if (fcntl(ready, F_SETFD, 0) == 0)
		execl("/proc/self/exe", "rest", "-r", fd, NULL);
	_exit(1);
}

static void target_wait(const struct target *t)
{
	char byte;

	if (read(t->ready, &byte, 1) != 1)
		errx(1, "a target did not start");
}

static void target_start(struct target *t)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		err(1, "pipe");
	fflush(NULL);
	t->pid = fork();
	if (t->pid < 0)
		err(1, "fork");
	if (!t->pid)
		target_live(pipes[1]);
	close(pipes[1]);
	t->ready = pipes[0];
	target_wait(t);
}

static void target_stop(struct target *t)
{
	if (!t->pid)
		return;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->ready);
	t->pid = 0;
}

static void first_ends(void)
{
	kill(targets[0].pid, SIGKILL);
	waitpid(targets[0].pid, NULL, 0);
}

static void first_execs(void)
{
	kill(targets[0].pid, SIGUSR2);
	target_wait(&targets[0]);
}

static const struct target_ops target_ops = { first_ends, first_execs };

/* ---- files ---- */

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Read a file; the caller frees the text. Return NULL if it does not exist. */
static char *text_load(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0)
		*text = '\0';
	fclose(f);
	return text;
}

static void text_store(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		err(1, "%s", path);
}

/* Copy a file and replace every @from by @to; nothing if @from is empty. */
static void text_copy(const char *source, const char *path, const char *from, const char *to)
{
	char *text = text_load(source), *at = text, *found;
	FILE *f = fopen(path, "we");

	if (!text || !f)
		err(1, "%s", source);
	for (; *from && (found = strstr(at, from)); at = found + strlen(from))
		fprintf(f, "%.*s%s", (int)(found - at), at, to);
	fputs(at, f);
	fclose(f);
	free(text);
}

/* Replacements of files in /sys and /proc, made by second_node_make(). */
static const struct redirect second_node[] = {
	{ "/sys/devices/system/node/online", "nodes", NULL },
	{ "/sys/devices/system/node/has_memory", "nodes", NULL },
	{ "/sys/devices/system/node/has_cpu", "nodes", NULL },
	{ "/proc/self/status", "status", NULL },
	{ "status", "status", NULL },
	{ "numa_maps", "numa_maps", "migrated" },
	{ "/proc/zoneinfo", "zoneinfo", NULL },
	{ NULL },
};

static void second_node_make(void)
{
	char path[64], *zones, *second, *both;

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", targets[0].pid);
	text_copy(path, "numa_maps", "", "");
	text_copy(path, "migrated", " N0=", " N1=");
	snprintf(path, sizeof(path), "/proc/%d/status", targets[0].pid);
	text_copy(path, "status", "Mems_allowed_list:\t0\n", "Mems_allowed_list:\t0-1\n");
	text_store("nodes", "0-1\n");
	text_copy("/proc/zoneinfo", "zoneinfo", "Node 0", "Node 1");
	zones = text_load("/proc/zoneinfo");
	second = text_load("zoneinfo");
	if (asprintf(&both, "%s%s", zones, second) < 0)
		err(1, "zoneinfo");
	text_store("zoneinfo", both);
	free(zones);
	free(second);
	free(both);
}

/* ---- one run ---- */

static int streams[3], no_input, pids_input;
static int allocations = -1;	    /* receives a byte for each */
static char preload[PATH_MAX + 32]; /* the library that counts them */

struct result {
	struct trace trace;
	char *out, *error, *saved;
	size_t allocated;
	bool littered;
};

static void stream_clear(int fd)
{
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		err(1, "an output");
}

static char *stream_read(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 ? NULL : calloc(1, (size_t)size + 1);

	if (!text || pread(fd, text, (size_t)size, 0) != size)
		err(1, "an output");
	return text;
}

static bool reads_targets(const struct command *c)
{
	return strstr(c->line, " - ") || c->line[strlen(c->line) - 1] == '-';
}

static int input_make(const struct command *c)
{
	if (!reads_targets(c))
		return no_input;
	stream_clear(pids_input);
	if (dprintf(pids_input, "%d %d\n", targets[0].pid, targets[1].pid) < 0 ||
	    lseek(pids_input, 0, SEEK_SET))
		err(1, "an input");
	return pids_input;
}

/* Split the command into words, and replace the placeholders of targets. */
static void words_make(const struct command *c, char *buf, char **words)
{
	size_t n = 0;
	char *rest = buf;

	for (const char *p = c->line; *p; p++) {
		char *at = buf + n;

		if (*p == '@' || *p == '&')
			n += (size_t)sprintf(at, "%d", targets[*p == '&'].pid);
		else if (*p == '%' && p[-1] == ' ')
			n += (size_t)sprintf(at, "%tx-%tx", region - (unsigned char *)0,
					     region + PAGES * PAGE_BYTES - (unsigned char *)0);
		else
			buf[n++] = *p;
	}
	buf[n] = '\0';
	while ((*words = strsep(&rest, " ")))
		words++;
}

static bool is_temporary(const struct dirent *entry)
{
	return begins_with(entry->d_name, ".movepages.");
}

/* Remove temporary files. Return whether there were any. */
static bool litter_find(void)
{
	DIR *dir = opendir(".");
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		err(1, "opendir");
	while ((entry = readdir(dir)))
		if (is_temporary(entry)) {
			found = true;
			unlink(entry->d_name);
		}
	closedir(dir);
	return found;
}

/* Restore the files: an old placement, and no new one. */
static void files_reset(void)
{
	unlink("new");
	text_copy("placement", "old", "=0", "=1");
}

static char *saved_read(const struct command *c)
{
	return strstr(c->line, "--save=new") ? text_load("new") :
	       strstr(c->line, "--save=old") ? text_load("old") :
					       NULL;
}

/* Tell the preloaded library which allocation must fail. */
static void memory_prepare(const struct fault *f)
{
	char which[32];

	stream_clear(allocations);
	snprintf(which, sizeof(which), "%u%s", f->when, f->on ? "+" : "");
	setenv("FAIL_MALLOC", which, 1);
}

static void run(const struct command *c, const struct fault *f, struct result *r)
{
	char buf[LINE_MAX_BYTES], *words[WORDS_MAX];

	r->trace.fault = f;
	r->trace.target = &target_ops;
	r->trace.redirects = c->machine == TWO_NODES ? second_node : NULL;
	r->trace.old_kernel = c->machine == OLD_KERNEL;
	if (strstr(c->line, "--save="))
		files_reset();
	stream_clear(streams[1]);
	stream_clear(streams[2]);
	r->trace.preload = f->kind == FAULT_MEMORY ? preload : NULL;
	if (r->trace.preload)
		memory_prepare(f);
	words_make(c, buf, words);
	streams[0] = input_make(c);
	trace_run(&r->trace, words, streams);
	r->out = stream_read(streams[1]);
	r->error = stream_read(streams[2]);
	r->saved = saved_read(c);
	r->littered = strstr(c->line, "--save=") && litter_find();
	r->allocated = r->trace.preload ? (size_t)lseek(allocations, 0, SEEK_END) : 0;
}

static void result_free(struct result *r)
{
	free(r->out);
	free(r->error);
	free(r->saved);
	*r = (struct result){ .trace = { .sites = r->trace.sites } };
}

/* ---- rules ---- */

enum verdict { GOOD, CRASH, HANG, SILENT, STATUS, ENDS, WORDS, CAUSE, REST, VERDICTS };

static const char *const verdict_names[VERDICTS] = {
	"good", "crash", "hang", "silent", "status", "ends", "words", "cause", "rest",
};

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool moves_any(const struct result *r)
{
	return r->trace.moved || r->trace.migrated;
}

/*
 * Faults that no program can detect: a file that seems to end, pages that seem to be on another
 * node, or the zero page.
 */
static bool is_believed(const struct fault *f, const struct result *should)
{
	bool forged = f->kind == FAULT_STATUS || f->kind == FAULT_PAGE;

	return f->kind == FAULT_END ||
	       (forged && (f->value >= 0 || f->value == -EFAULT || !moves_any(should)));
}

/* migrate_pages(2) moves pages that move_pages(2) does not see. */
static bool is_done(const struct result *is, const struct result *should)
{
	return (is->trace.moved == should->trace.moved || is->trace.migrated) &&
	       is->trace.migrated >= should->trace.migrated && is_same(is->saved, should->saved);
}

/* One line or more that begin with the program's name; notes and advice may follow. */
static bool has_words(const struct result *r)
{
	size_t named = 0;

	for (const char *line = r->error, *end; *line; line = end + 1) {
		bool names = begins_with(line, "movepages: ") ||
			     begins_with(line, "migratepages: ");

		end = strchr(line, '\n');
		if (!end || !(names || begins_with(line, "note: ") || begins_with(line, "Try '") ||
			      *line == ' '))
			return false;
		named += names;
	}
	return named;
}

/* Values that differ between two runs: measurements, and free memory. */
static const char measured[] = "\"(calls|longest_call|microseconds)\":[0-9]+|"
			       "\"free\":([0-9]+|\\{[^}]*\\})";

/* Properties of a process that may be absent or null: command line, policy and so on. */
static const char facts[] =
	"(tests/slow/)?faults( -[a-z] [0-9a-z]+)*$|"
	", (policy|CPUs|cpuset\\.mems|nodes|NUMA balancing)[^,\n]*|"
	",\"advice\":\\[[^]]*\\]|"
	"\"(name|policy|cpus|allowed_nodes|numa_balancing|swap|huge)\":(\"[^\"]*\"|[a-z0-9]+)";

/* Remove every match of @pattern. Return false if one is neither null nor in @allowed. */
static bool text_remove(char *text, const char *pattern, const char *allowed)
{
	bool valid = true;
	regmatch_t at;
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE))
		errx(1, "%s", pattern);
	while (regexec(&regex, text, 1, &at, 0) == 0) {
		char *start = text + at.rm_so, *end = text + at.rm_eo,
		     *found = strndup(start, (size_t)(end - start));

		if (!found)
			err(1, "regexec");
		valid = valid && (!allowed || strstr(allowed, found) || strstr(found, ":null") ||
				  strstr(found, ":[]"));
		free(found);
		memmove(start, end, strlen(end) + 1);
		text = start;
	}
	regfree(&regex);
	return valid;
}

/*
 * Return whether two documents are equal except for the order of the processes.  That depends on
 * sizes and shared memory, if these can be read; shared memory is counted in the first process.
 */
static bool is_same_in_order(const char *a, const char *b)
{
	const char *first_a = strstr(a, "{\"pid\""), *first_b = strstr(b, "{\"pid\"");
	const char *sums_a = strstr(a, "\n],"), *sums_b = strstr(b, "\n],");

	if (strcmp(a, b) == 0)
		return true;
	return first_a && first_b && sums_a && sums_b &&
	       strncmp(first_a, first_b, strcspn(first_a, ",")) != 0 && strcmp(sums_a, sums_b) == 0;
}

/* Return whether two outputs are equal, except for measurements and for facts absent from @is. */
static bool agrees(const char *is, const char *should)
{
	char *a = strdup(is), *b = strdup(should);
	bool same;

	if (!a || !b)
		err(1, "strdup");
	text_remove(a, measured, NULL);
	text_remove(b, measured, NULL);
	same = text_remove(a, facts, should) && text_remove(b, facts, NULL) &&
	       is_same_in_order(a, b);
	free(a);
	free(b);
	return same;
}

/* The output of --check may differ, but must report the fault. */
static bool is_check(const struct command *c)
{
	return strstr(c->line, "--check");
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/*
 * Processes that migrate_pages(2) helped to move are counted from numa_maps. A dry run reports
 * what it could not determine about the destination, but not if it could not determine whether
 * shared pages may move.
 */
static bool says_same(const struct command *c, const struct fault *f, const struct result *is,
		      const struct result *should)
{
	if (agrees(is->out, should->out))
		return true;
	return is->trace.migrated > should->trace.migrated ||
	       (strstr(c->line, " -n ") &&
		(f->call == SYS_move_pages || strstr(is->error, "cannot determine")));
}

static bool did_same(const struct command *c, const struct fault *f, const struct result *is,
		     const struct result *should)
{
	if (is_check(c))
		return lines_in(is->out) == lines_in(should->out);
	return is_done(is, should) && says_same(c, f, is, should);
}

/* Return whether the fault may look like an exit or execve(2) of the process. */
static bool seems_end(const struct fault *f)
{
	switch (f->kind) {
	case FAULT_ERROR:
		return f->value == ESRCH || f->value == ENOENT || f->value == EINVAL ||
		       f->value == ESTALE;
	case FAULT_SIGNAL:
	case FAULT_MEMORY: return false;
	default: return true;
	}
}

static bool says_end(const struct result *r)
{
	static const char *const words[] = { "exited", "exiting", "execve", "no such process" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(r->error, words[i]))
			return true;
	return false;
}

/* A process of a set may exit before it is processed, which is reported. */
static bool is_excused(const struct command *c, const struct fault *f, const struct result *r)
{
	return reads_targets(c) && says_end(r) &&
	       (f->kind == FAULT_GONE || (f->kind != FAULT_EXEC && seems_end(f)));
}

static enum verdict judge_exit(const struct command *c, const struct fault *f,
			       const struct result *is, const struct result *should)
{
	int status = WEXITSTATUS(is->trace.status);
	bool words_lost = f->call == SYS_write || f->kind == FAULT_SIGNAL;

	if (status == 0 && !is_believed(f, should) && !is_excused(c, f, is) &&
	    (should->trace.status || !did_same(c, f, is, should)))
		return SILENT;
	if (status != 0 && status != 1 && status != 3 && status != 4 && status != 64 &&
	    !(status == 77 && is_check(c)))
		return STATUS;
	if (status == 4 && moves_any(should) && !moves_any(is))
		return STATUS;
	if (status != WEXITSTATUS(should->trace.status) && f->kind == FAULT_ERROR &&
	    is_spared(f->call, f->value) && !(is_check(c) && f->call == SYS_pidfd_open))
		return ENDS;
	if (status && !words_lost && !has_words(is))
		return WORDS;
	if (says_end(is) && !seems_end(f))
		return CAUSE;
	if (status && is->saved && strstr(is->saved, "# end") == NULL)
		return REST;
	return GOOD;
}

static enum verdict judge(const struct command *c, const struct fault *f, const struct result *is,
			  const struct result *should)
{
	int status = is->trace.status;

	if (is->trace.hung)
		return HANG;
	if (WIFSIGNALED(status) && (f->kind != FAULT_SIGNAL || WTERMSIG(status) != f->value))
		return CRASH;
	if (is->littered && f->call != SYS_unlinkat && !(f->kind == FAULT_SIGNAL && f->on))
		return REST;
	return WIFSIGNALED(status) ? GOOD : judge_exit(c, f, is, should);
}

/* ---- the faults of a command ---- */

struct fault_list {
	struct fault *at;
	size_t n;
};

static const char *only; /* faults of this call, or NULL */

static const char *fault_place(const struct fault *f)
{
	return f->kind == FAULT_MEMORY ? "allocation" : call_find(f->call)->name;
}

/* Calls of a sanitizer's allocator and threads, which abort if they fail. */
static bool is_of_sanitizer(long call)
{
	return call == SYS_mmap || call == SYS_munmap || call == SYS_mprotect ||
	       call == SYS_sigaltstack || call == SYS_prlimit64 || call == SYS_sched_getaffinity;
}

static void add(struct fault_list *l, struct fault f)
{
	if (only && strcmp(only, fault_place(&f)) != 0 &&
	    (f.kind != FAULT_EXEC || strcmp(only, "exec") != 0))
		return;
	if (*SANITIZE_FLAGS && is_of_sanitizer(f.call))
		return;
	if (!(l->n & (l->n - 1)))
		l->at = reallocarray(l->at, l->n ? 2 * l->n : 1, sizeof(*l->at));
	if (!l->at)
		err(1, "faults");
	l->at[l->n++] = f;
}

/* The fault once, and from then on. */
static void add_both(struct fault_list *l, const struct site *s, enum fault_kind kind, long value)
{
	for (int on = 0; on < 2; on++)
		add(l, (struct fault){ kind, s->call, s->when, on, value });
}

/* No kernel returns EINTR or EAGAIN forever. */
static void add_error(struct fault_list *l, const struct site *s, int error)
{
	if (error == EINTR || error == EAGAIN)
		add(l, (struct fault){ FAULT_ERROR, s->call, s->when, false, error });
	else
		add_both(l, s, FAULT_ERROR, error);
}

static void add_errors(struct fault_list *l, const struct site *s)
{
	for (const int *error = call_find(s->call)->errors; *error; error++)
		add_error(l, s, *error);
}

static void add_values(struct fault_list *l, const struct site *s, enum fault_kind kind,
		       const long *value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_both(l, s, kind, value[i]);
}

static void add_page_call(struct fault_list *l, const struct site *s)
{
	static const long returns[] = { 1, 37, 513, INT_MAX, 1L << 31, LONG_MAX, -4096, INT_MIN };
	static const long statuses[] = { -EACCES, -EBUSY,  -EFAULT, -EINVAL, -EIO,    -ENODEV,
					 -ENOENT, -ENOMEM, -EPERM,  -EAGAIN, -133,    -4096,
					 1023,	  1024,	   40000,   70000,   INT_MAX, INT_MIN };

	if (s->call == SYS_move_pages || s->call == SYS_migrate_pages || s->call == SYS_ioctl)
		add_values(l, s, FAULT_RETURN, returns, sizeof(returns) / sizeof(*returns));
	if (s->call != SYS_move_pages)
		return;
	add_values(l, s, FAULT_STATUS, statuses, sizeof(statuses) / sizeof(*statuses));
	add_values(l, s, FAULT_PAGE, statuses, sizeof(statuses) / sizeof(*statuses));
}

static void add_transfer(struct fault_list *l, const struct site *s)
{
	bool reads = s->call == SYS_read || s->call == SYS_pread64;

	if (reads || s->call == SYS_write)
		add_both(l, s, FAULT_SHORT, 0);
	if (reads || s->call == SYS_getdents64)
		add_both(l, s, FAULT_END, 0);
	/* Only once: stdio would retry forever. */
	if (s->call == SYS_write)
		add(l, (struct fault){ FAULT_RETURN, s->call, s->when, false, 0 });
}

static void add_signals(struct fault_list *l, const struct site *s)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		add(l, (struct fault){ FAULT_SIGNAL, s->call, s->when, false, signals[i] });
	add(l, (struct fault){ FAULT_SIGNAL, s->call, s->when, true, SIGINT });
}

static void add_target(struct fault_list *l, const struct site *s)
{
	add(l, (struct fault){ FAULT_GONE, s->call, s->when, false, 0 });
	add(l, (struct fault){ FAULT_EXEC, s->call, s->when, false, 0 });
}

static void add_memory(struct fault_list *l, size_t allocated)
{
	for (unsigned int i = 1; i <= allocated; i++)
		for (int on = 0; on < 2; on++)
			add(l, (struct fault){ FAULT_MEMORY, -1, i, on, 0 });
}

/* Faults that change the target come last: they need new targets. */
static void list_make(struct fault_list *l, const struct command *c, const struct result *should,
		      size_t allocated)
{
	bool targeted = strchr(c->line, '@') || reads_targets(c);

	for (size_t i = 0; i < should->trace.n_sites; i++) {
		const struct site *s = &should->trace.sites[i];

		if (s->call == SYS_exit_group || s->call == SYS_exit)
			continue;
		add_errors(l, s);
		add_page_call(l, s);
		add_transfer(l, s);
		add_signals(l, s);
	}
	add_memory(l, allocated);
	for (size_t i = 0; targeted && i < should->trace.n_sites; i++)
		add_target(l, &should->trace.sites[i]);
}

/* ---- the sweep ---- */

static struct site sites[SITES_MAX];
static const struct fault undisturbed = { .kind = FAULT_NONE };

struct count {
	size_t faults, killed, verdicts[VERDICTS], statuses[256];
};

static size_t printed;

static void fault_print(const struct fault *f)
{
	static const char *const names[] = {
		[FAULT_NONE] = "nothing",
		[FAULT_ERROR] = "fails with",
		[FAULT_RETURN] = "returns",
		[FAULT_SHORT] = "is short",
		[FAULT_END] = "reads the end of the file",
		[FAULT_SIGNAL] = "signal",
		[FAULT_GONE] = "the target has exited",
		[FAULT_EXEC] = "the target has executed a program",
		[FAULT_STATUS] = "gives all pages the status",
		[FAULT_PAGE] = "gives the first page the status",
		[FAULT_MEMORY] = "fails",
	};

	printf("%s %u%s: %s", fault_place(f), f->when, f->on ? " and on" : "", names[f->kind]);
	if (f->kind == FAULT_ERROR)
		printf(" %s", strerrorname_np((int)f->value));
	else if (f->kind == FAULT_RETURN || f->kind == FAULT_STATUS || f->kind == FAULT_PAGE)
		printf(" %ld", f->value);
	else if (f->kind == FAULT_SIGNAL)
		printf(" SIG%s", sigabbrev_np((int)f->value));
}

static void complain(const struct command *c, size_t number, const struct fault *f,
		     enum verdict verdict, const struct result *is)
{
	if (printed++ >= PRINTED_MAX)
		return;
	printf("# faults -c %td -f %zu: %s: %s: ", c - commands, number, verdict_names[verdict],
	       c->line);
	fault_print(f);
	printf(": %s %d: %.*s\n", WIFSIGNALED(is->trace.status) ? "signal" : "exit",
	       WIFSIGNALED(is->trace.status) ? WTERMSIG(is->trace.status) :
					       WEXITSTATUS(is->trace.status),
	       (int)strcspn(is->error, "\n"), is->error);
}

/* New processes have other addresses; remake everything that depends on them. */
static void targets_renew(void)
{
	static const struct command save = { "movepages --save=placement @,&", 0, TWO_NODES };
	struct result r = { 0 };
	FILE *f;

	for (size_t i = 0; i < TARGETS; i++) {
		target_stop(&targets[i]);
		target_start(&targets[i]);
	}
	second_node_make();
	unlink("placement");
	text_store("placement", "# movepages placement 1\n");
	run(&save, &undisturbed, &r);
	if (r.trace.status)
		errx(1, "movepages --save: %s", r.error);
	result_free(&r);
	text_copy("placement", "saved", "=0", "=1");
	f = fopen("pages", "we");
	for (size_t i = 0; f && i < PAGES; i += 2)
		fprintf(f, "%tx\n", region + i * PAGE_BYTES - (unsigned char *)0);
	if (!f || fclose(f))
		err(1, "pages");
	text_copy("pages", "sends", "\n", "=1\n");
}

static bool is_dry(const struct command *c)
{
	return strstr(c->line, "-n ") || is_check(c);
}

/* Run the command without faults. */
static void run_undisturbed(const struct command *c, struct result *should)
{
	result_free(should);
	run(c, &undisturbed, should);
	if (!WIFEXITED(should->trace.status) || WEXITSTATUS(should->trace.status) != c->status ||
	    (c->machine == TWO_NODES && !is_dry(c) && !moves_any(should)))
		errx(1, "%s: undisturbed it ends with %#x, %zu pages moved: %s", c->line,
		     should->trace.status, should->trace.moved, should->error);
	if (should->trace.n_sites == 0)
		errx(1, "%s: main() was not seen to begin by opening /", c->line);
}

static size_t count_allocations(const struct command *c)
{
	static const struct fault none = { .kind = FAULT_MEMORY };
	struct result r = { 0 };
	size_t n;

	if (allocations < 0)
		return 0;
	run(c, &none, &r);
	n = r.allocated;
	result_free(&r);
	return n;
}

/* A target that calls execve(2) before it is opened is simply the new program. */
static bool is_of_new_program(const struct command *c, const struct fault *f,
			      const struct result *is)
{
	struct result now = { 0 };
	bool same;

	if (f->kind != FAULT_EXEC)
		return false;
	run(c, &undisturbed, &now);
	same = judge(c, f, is, &now) == GOOD;
	result_free(&now);
	return same;
}

static void try(const struct command *c, size_t number, const struct fault *f,
		const struct result *should, struct count *count)
{
	struct result is = { 0 };
	enum verdict verdict;

	run(c, f, &is);
	verdict = judge(c, f, &is, should);
	if (verdict == SILENT && is_of_new_program(c, f, &is))
		verdict = GOOD;
	count->faults++;
	count->verdicts[verdict]++;
	if (WIFSIGNALED(is.trace.status))
		count->killed += verdict == GOOD;
	else
		count->statuses[WEXITSTATUS(is.trace.status)]++;
	if (verdict != GOOD)
		complain(c, number, f, verdict, &is);
	result_free(&is);
}

/* Knuth's selection sampling: take @wanted of the @left remaining faults. */
struct sample {
	uint64_t random;
	size_t left, wanted;
};

static bool is_taken(struct sample *s)
{
	bool taken;

	s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	taken = (s->random >> 33) % s->left-- < s->wanted;
	s->wanted -= taken;
	return taken;
}

static void sweep(const struct command *c, const struct fault_list *l, struct sample *s,
		  struct count *count)
{
	struct result should = { .trace = { .sites = sites } };
	bool fresh = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct fault *f = &l->at[i];

		if (!is_taken(s))
			continue;
		if (f->kind == FAULT_GONE || f->kind == FAULT_EXEC || !fresh) {
			targets_renew();
			run_undisturbed(c, &should);
			fresh = true;
		}
		try(c, i, f, &should, count);
	}
	result_free(&should);
}

/* ---- the table ---- */

static void put_heading(void)
{
	printf("# %-40s %-10s %6s %6s %6s %4s %4s %5s %6s", "command", "machine", "faults", "0",
	       "1", "3", "4", "64", "killed");
	for (int v = CRASH; v < VERDICTS; v++)
		printf(" %6s", verdict_names[v]);
	putchar('\n');
}

static void put_row(const char *name, const char *machine, const struct count *c)
{
	printf("# %-40s %-10s %6zu %6zu %6zu %4zu %4zu %5zu %6zu", name, machine, c->faults,
	       c->statuses[0], c->statuses[1], c->statuses[3], c->statuses[4], c->statuses[64],
	       c->killed);
	for (int v = CRASH; v < VERDICTS; v++)
		printf(" %6zu", c->verdicts[v]);
	putchar('\n');
}

static void add_counts(struct count *sum, const struct count *c)
{
	sum->faults += c->faults;
	sum->killed += c->killed;
	for (int i = 0; i < VERDICTS; i++)
		sum->verdicts[i] += c->verdicts[i];
	for (int i = 0; i < 256; i++)
		sum->statuses[i] += c->statuses[i];
}

/* ---- the program ---- */

static void directory_enter(void)
{
	char dir[] = "/tmp/faults.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir))
		err(1, "%s", dir);
}

static void directory_leave(void)
{
	static const char *const files[] = { "new",	 "old",	      "placement", "saved",
					     "pages",	 "sends",     "status",	   "nodes",
					     "zoneinfo", "numa_maps", "migrated" };
	char dir[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(files[i]);
	if (!getcwd(dir, sizeof(dir)) || rmdir(dir))
		warn("the working directory is left");
}

/*
 * The library is in ../lib. Sanitizers have their own allocator, and cannot
 * detect leaks in a traced process.
 */
static void memory_start(void)
{
	ssize_t length = readlink("/proc/self/exe", preload, PATH_MAX);
	char *slash = length > 0 ? memrchr(preload, '/', (size_t)length) : NULL;
	char fd[16];

	if (!slash)
		err(1, "/proc/self/exe");
	setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
	if (*SANITIZE_FLAGS)
		return;
	strcpy(slash + 1, "../lib/fail-malloc.so");
	if (access(preload, R_OK))
		err(1, "%s", preload);
	allocations = memfd_create("allocations", 0);
	snprintf(fd, sizeof(fd), "%d", allocations);
	setenv("FAIL_MALLOC_FD", fd, 1);
}

static void start(void)
{
	no_input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pids_input = memfd_create("pids", MFD_CLOEXEC);
	streams[1] = memfd_create("out", MFD_CLOEXEC);
	streams[2] = memfd_create("error", MFD_CLOEXEC);
	region = mmap(NULL, (size_t)PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (no_input < 0 || pids_input < 0 || streams[1] < 0 || streams[2] < 0 ||
	    region == MAP_FAILED)
		err(1, "starting");
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	directory_enter();
	memory_start();
}

static size_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end)
		errx(1, "%s: not a number", text);
	return value;
}

static void list_commands(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		printf("%2zu %s %s\n", i, commands[i].line, machine_names[commands[i].machine]);
}

struct options {
	size_t number, seed, command, fault;
};

static struct options options_read(int argc, char **argv)
{
	struct options o = { SIZE_MAX, 1, SIZE_MAX, SIZE_MAX };
	int option;

	while ((option = getopt(argc, argv, "ln:s:c:f:k:r:")) != -1) {
		switch (option) {
		case 'l': list_commands(); exit(0);
		case 'r': rest((int)number(optarg));
		case 'n': o.number = number(optarg); break;
		case 's': o.seed = number(optarg); break;
		case 'c': o.command = number(optarg); break;
		case 'k': only = optarg; break;
		case 'f': o.fault = number(optarg); break;
		default:
			errx(1, "usage: faults [-l] [-n NUMBER] [-s SEED] [-k CALL] "
				"[-c COMMAND [-f FAULT]]");
		}
	}
	return o;
}

static void lists_make(struct fault_list *lists, const struct options *o, struct sample *s)
{
	struct result should = { .trace = { .sites = sites } };

	targets_renew();
	for (size_t i = 0; i < COMMANDS; i++) {
		if (o->command != SIZE_MAX && o->command != i)
			continue;
		run_undisturbed(&commands[i], &should);
		list_make(&lists[i], &commands[i], &should, count_allocations(&commands[i]));
		s->left += lists[i].n;
	}
	result_free(&should);
	s->wanted = o->number < s->left ? o->number : s->left;
}

int main(int argc, char **argv)
{
	struct options o = options_read(argc, argv);
	struct fault_list lists[COMMANDS] = { { 0 } };
	struct sample s = { .random = o.seed };
	struct count sum = { 0 };

	start();
	lists_make(lists, &o, &s);
	put_heading();
	for (size_t i = 0; i < COMMANDS; i++) {
		struct count count = { 0 };

		if (o.fault != SIZE_MAX && lists[i].n)
			lists[i] = (struct fault_list){ lists[i].at + o.fault, 1 };
		if (!lists[i].n)
			continue;
		sweep(&commands[i], &lists[i], &s, &count);
		put_row(commands[i].line, machine_names[commands[i].machine], &count);
		add_counts(&sum, &count);
	}
	put_row("all", "", &sum);
	for (size_t i = 0; i < TARGETS; i++)
		target_stop(&targets[i]);
	directory_leave();
	return sum.faults && sum.faults == sum.verdicts[GOOD] ? 0 : 1;
}
