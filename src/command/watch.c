/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/watch.h"

#include "command/command.h"
#include "report/report.h"
#include "util/terminal.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/*
 * Each report runs in a child process, because it drops privileges that the next one needs.  On a
 * terminal, the child writes to a pipe, and this process draws the text.
 */

static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
enum { ENDING = sizeof(ending) / sizeof(ending[0]) };

/* ---- the terminal ---- */

/* The alternate screen, without cursor and line wrapping; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

/* The state that signal handlers restore. */
static struct termios saved;
static volatile sig_atomic_t has_keys, is_entered;

static void put(const char *text, size_t len)
{
	if (write(STDOUT_FILENO, text, len) < 0)
		return; /* the terminal is closed: a signal or the next poll() ends the command */
}

static void enter(void)
{
	struct termios keys = saved;

	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
	put(ENTER, sizeof(ENTER) - 1);
	is_entered = 1;
}

/* Async-signal-safe. */
static void leave(void)
{
	if (!is_entered)
		return;
	is_entered = 0;
	put(LEAVE, sizeof(LEAVE) - 1);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

/* Leave the terminal, and stop; or die of the signal when the handler returns. */
static void on_signal(int sig)
{
	const int error = errno;

	leave();
	if (sig == SIGTSTP) {
		raise(SIGSTOP);
	} else {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	errno = error;
}

/* SIGWINCH only ends the wait for a key. */
static void on_resize(int sig)
{
	(void)sig;
}

static void handle_signals(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < ENDING; i++)
		sigaction(ending[i], &action, NULL);
	sigaction(SIGTSTP, &action, NULL);
	if (handler != SIG_DFL)
		action.sa_handler = on_resize;
	sigaction(SIGWINCH, &action, NULL);
}

/* Draw the lines that fit on the screen, and a help line. */
static void draw(char *text, uint64_t interval)
{
	size_t height = terminal_height(stdout);
	char time[TEXT_SIZE_MAX], *line;

	fputs("\033[H", stdout);
	for (size_t n = 1; n < height && (line = strsep(&text, "\n")) && (*line || text); n++)
		printf("%s" COLOR_OFF "\033[K\n", line);
	printf("\033[J\033[%zu;1Hevery %s, q quits", height, text_time(interval, time));
	fflush(stdout);
}

static struct timespec timespec_of(uint64_t nanoseconds)
{
	return (struct timespec){ (time_t)(nanoseconds / 1000000000),
				  (long)(nanoseconds % 1000000000) };
}

/* Wait for the time, a key or a signal.  Return whether to continue. */
static bool wait_key(uint64_t interval, const sigset_t *signals)
{
	const struct timespec time = timespec_of(interval);
	struct pollfd keys = { .fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key;

	if (ppoll(&keys, 1, &time, signals) <= 0)
		return true;
	return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && key != 'Q';
}

/* ---- reports ---- */

/* Print a report in the child process.  @fd: the output, or -1. */
__attribute__((noreturn)) static void report(const struct request *r, struct report_past *past,
					     int fd)
{
	FILE *out = stdout;
	int status;

	handle_signals(SIG_DFL);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		out = fdopen(fd, "w");
	}
	status = out ? command_run(r, out, past) : EXIT_FAILED;
	if (status < 0) {
		signal(-status, SIG_DFL);
		raise(-status);
	}
	exit(status);
}

/* Return the exit status of a report, and its text in *@text, if not NULL; the caller frees it. */
static int run(const struct request *r, struct report_past *past, char **text)
{
	int fd[2] = { -1, -1 }, status = 0;
	size_t size = 0;
	FILE *in = NULL;
	pid_t pid = -1;

	if (!text || pipe2(fd, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		report(r, past, fd[1]);
	if (fd[1] >= 0)
		close(fd[1]);
	if (text && fd[0] >= 0)
		in = fdopen(fd[0], "r");
	/* No output has a NUL byte. */
	if (in && getdelim(text, &size, '\0', in) < 0 && *text)
		**text = '\0';
	if (in)
		fclose(in);
	if (pid < 0) {
		warn("cannot start a process");
		return EXIT_FAILED;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* For pipes: print one table after the other. */
static int watch_stream(const struct request *r, struct report_past *past)
{
	const struct timespec time = timespec_of(r->output.watch);
	int status = run(r, past, NULL);

	while (status >= 0 && status != EXIT_FAILED) {
		nanosleep(&time, NULL);
		put("\n", 1);
		status = run(r, past, NULL);
	}
	return status;
}

static int watch_terminal(const struct request *r, struct report_past *past)
{
	sigset_t resize, before;
	bool more = true;
	char *text = NULL;
	int status;

	sigemptyset(&resize);
	sigaddset(&resize, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resize, &before);
	has_keys = tcgetattr(STDIN_FILENO, &saved) == 0;
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ * 8);
	for (; more; free(text), text = NULL) {
		status = run(r, past, &text);
		if (status < 0 || status == EXIT_FAILED)
			break;
		if (!is_entered) {
			handle_signals(on_signal);
			enter();
		}
		draw(text, r->output.watch);
		more = wait_key(r->output.watch, &before);
	}
	leave();
	if (text)
		fputs(text, stderr);
	free(text);
	return more ? status : EXIT_DONE;
}

int command_watch(const struct request *r)
{
	struct report_past *past = mmap(NULL, sizeof(*past), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *term = getenv("TERM");
	int status;

	if (past == MAP_FAILED) {
		warn(NULL);
		return EXIT_FAILED;
	}
	if (terminal_height(stdout) && term && strcmp(term, "dumb") != 0)
		status = watch_terminal(r, past);
	else
		status = watch_stream(r, past);
	munmap(past, sizeof(*past));
	return status;
}
