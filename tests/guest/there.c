/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * there [-i] COMMAND [ARGUMENT...]: run a command in the guest whose switch listens at $THERE, as
 * if it ran here, with its output, errors, exit status and signals. Without -i its standard input
 * is empty, so it does not consume that of a loop around it.
 *
 * Exit status 125: no guest, or it has ended.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static volatile sig_atomic_t caught;

static void catch (int signal)
{
	caught = signal;
}

static int guest_is_gone(void)
{
	fputs("there: the guest is gone\n", stderr);
	return 125;
}

static int guest_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("THERE");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static void write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			exit(125);
		bytes += n;
		size -= n;
	}
}

static void frame_send(int fd, uint32_t type, const void *bytes, size_t size)
{
	struct frame f = { 0, type, size };

	write_all(fd, (const char *)&f, sizeof(f));
	write_all(fd, bytes, size);
}

/* Send the directory to make, a prefix for PATH, and the command, as terminated strings. Exit if
 * they are too long. */
static void run_send(int fd, char *const *command)
{
	const char *dir = getenv("BATS_TEST_TMPDIR"), *path = getenv("THERE_PATH");
	struct buffer b = { 0 };

	buffer_add(&b, dir ? dir : "", dir ? strlen(dir) + 1 : 1);
	buffer_add(&b, path ? path : "", path ? strlen(path) + 1 : 1);
	for (; *command; command++)
		buffer_add(&b, *command, strlen(*command) + 1);
	frame_send(fd, FRAME_RUN, b.bytes, b.end);
}

/* Forward data from the guest. Return true if the command has ended. */
static bool answers_print(struct buffer *from, int *status)
{
	struct frame f;
	const char *bytes;

	while (buffer_take(from, &f, &bytes)) {
		if (f.type == FRAME_EXIT) {
			memcpy(status, bytes, sizeof(*status));
			return true;
		}
		write_all(f.type == FRAME_OUTPUT ? STDOUT_FILENO : STDERR_FILENO, bytes, f.size);
	}
	return false;
}

static void input_send(int fd, struct pollfd *input)
{
	char bytes[FRAME_MAX / 2];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0)
		n = 0;
	frame_send(fd, FRAME_INPUT, bytes, n);
	if (n == 0)
		input->fd = -1;
}

static int run(int fd, bool has_input)
{
	struct pollfd polled[] = { { fd, POLLIN, 0 },
				   { has_input ? STDIN_FILENO : -1, POLLIN, 0 } };
	struct buffer from = { 0 };
	sigset_t none;
	int status;

	sigemptyset(&none);
	if (!has_input)
		frame_send(fd, FRAME_INPUT, NULL, 0);
	for (;;) {
		int n = ppoll(polled, 2, NULL, &none);

		if (caught) {
			int signal = caught;

			caught = 0;
			frame_send(fd, FRAME_SIGNAL, &signal, sizeof(signal));
		}
		if (n <= 0)
			continue;
		if (polled[1].revents)
			input_send(fd, &polled[1]);
		if (polled[0].revents && buffer_read(&from, fd) <= 0)
			return guest_is_gone();
		if (answers_print(&from, &status))
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1 };
	bool has_input = argc > 1 && strcmp(argv[1], "-i") == 0;
	struct sigaction action = { .sa_handler = catch };
	sigset_t blocked;
	int fd;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	fd = guest_connect();
	if (fd < 0)
		return guest_is_gone();
	run_send(fd, argv + 1 + has_input);
	return run(fd, has_input);
}
