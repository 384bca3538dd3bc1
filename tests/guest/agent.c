/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent PORT MODULE...: the first process of the guest. Load these kernel modules and run the
 * commands that arrive on a virtio port (frame.h), any number at a time. A command has ended when
 * its process has exited and its output is closed, as for a shell that captures it. Starting a
 * process is slow under emulation, so the agent itself does `cat FILE` and `kill -KILL PID...`.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { LIMIT = 256 };

/* One per channel. FD: standard input, output, error; -1: closed. */
static struct job {
	pid_t pid;
	int fd[3], status;
	struct buffer input;
	bool is_used, has_exited, input_ends;
} jobs[LIMIT];
static int port;

static void frame_send(uint32_t channel, uint32_t type, const void *bytes, size_t size)
{
	static struct buffer b;

	buffer_frame(&b, channel, type, bytes, size);
	while (buffer_size(&b))
		if (!buffer_write(&b, port) && errno != EINTR && errno != EAGAIN)
			exit(1);
}

static void job_close(struct job *j, int i)
{
	if (j->fd[i] >= 0)
		close(j->fd[i]);
	j->fd[i] = -1;
}

static void job_end_if_done(struct job *j)
{
	if (!j->is_used || !j->has_exited || j->fd[1] >= 0 || j->fd[2] >= 0)
		return;
	job_close(j, 0);
	j->is_used = false;
	frame_send(j - jobs, FRAME_EXIT, &j->status, sizeof(j->status));
}

static void directories_make(char *path)
{
	for (char *s = path + 1; *path && (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		mkdir(path, 0755);
	}
	mkdir(path, 0755);
}

/* In the child: execute the command. STRINGS: from there.c. */
static void command_exec(char *strings, size_t size)
{
	char *dir = strings, *first = dir + strlen(dir) + 1, *path, *argv[4096];
	size_t n = 0;

	directories_make(dir);
	if (*first && asprintf(&path, "%s:%s", first, getenv("PATH")) > 0)
		setenv("PATH", path, 1);
	if (*dir)
		setenv("BATS_TEST_TMPDIR", dir, 1);
	for (char *s = first + strlen(first) + 1; s < strings + size && n < 4095;
	     s += strlen(s) + 1)
		argv[n++] = s;
	argv[n] = NULL;
	if (n > 0)
		execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", n ? argv[0] : "agent", strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Print FILE. Return false on an error, which cat(1) then reports. */
static bool file_print(uint32_t channel, const char *file)
{
	char bytes[FRAME_MAX];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	bool is_read = n >= 0;

	for (; n > 0; n = read(fd, bytes, sizeof(bytes)))
		frame_send(channel, FRAME_OUTPUT, bytes, n);
	if (fd >= 0)
		close(fd);
	return is_read && n == 0;
}

static bool processes_kill(const char *pids, const char *end)
{
	for (; pids < end; pids += strlen(pids) + 1)
		if (kill(atoi(pids), SIGKILL))
			return false;
	return true;
}

/* Run a built-in command. Return false if it is not one. */
static bool is_done_here(uint32_t channel, const char *command, const char *end)
{
	const char *first = command + strlen(command) + 1, *second;
	static const int success = 0;

	if (first >= end)
		return false;
	second = first + strlen(first) + 1;
	if (strcmp(command, "cat") == 0 ?
		    second < end || !file_print(channel, first) :
		    strcmp(command, "kill") != 0 || strcmp(first, "-KILL") != 0 ||
			    !processes_kill(second, end))
		return false;
	frame_send(channel, FRAME_EXIT, &success, sizeof(success));
	return true;
}

static void job_run(struct job *j, const char *bytes, size_t size)
{
	const char *path = bytes + strlen(bytes) + 1, *command = path + strlen(path) + 1;
	int pipes[3][2];
	sigset_t none;

	if (is_done_here(j - jobs, command, bytes + size))
		return;
	sigemptyset(&none);
	for (int i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC))
			exit(1);
	j->pid = fork();
	if (j->pid == 0) {
		char *strings = checked(malloc(size + 1));

		memcpy(strings, bytes, size);
		dup2(pipes[0][0], 0);
		dup2(pipes[1][1], 1);
		dup2(pipes[2][1], 2);
		setsid();
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_SETMASK, &none, NULL);
		command_exec(strings, size);
	}
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	j->fd[0] = pipes[0][1];
	j->fd[1] = pipes[1][0];
	j->fd[2] = pipes[2][0];
	fcntl(j->fd[0], F_SETFL, O_NONBLOCK);
	j->input.begin = j->input.end = 0;
	j->is_used = true;
	j->has_exited = j->input_ends = false;
}

static void input_write(struct job *j)
{
	if (j->fd[0] >= 0 && buffer_size(&j->input) && !buffer_write(&j->input, j->fd[0]) &&
	    errno != EAGAIN)
		job_close(j, 0);
	if (j->input_ends && !buffer_size(&j->input))
		job_close(j, 0);
}

static void output_read(struct job *j, int i)
{
	char bytes[FRAME_MAX];
	ssize_t n = read(j->fd[i], bytes, sizeof(bytes));

	if (n > 0)
		frame_send(j - jobs, i == 1 ? FRAME_OUTPUT : FRAME_ERRORS, bytes, n);
	else
		job_close(j, i);
	job_end_if_done(j);
}

/* Abandon a command: kill its session and do not wait for its output. */
static void job_hang_up(struct job *j)
{
	if (!j->is_used)
		return;
	if (!j->has_exited)
		kill(-j->pid, SIGKILL);
	for (int i = 0; i < 3; i++)
		job_close(j, i);
	job_end_if_done(j);
}

static void frame_handle(const struct frame *f, const char *bytes)
{
	struct job *j = &jobs[f->channel % LIMIT];
	int signal;

	switch (f->type) {
	case FRAME_RUN: job_run(j, bytes, f->size); break;
	case FRAME_INPUT:
		if (!j->is_used)
			break;
		buffer_add(&j->input, bytes, f->size);
		j->input_ends = f->size == 0;
		input_write(j);
		break;
	case FRAME_SIGNAL:
		memcpy(&signal, bytes, sizeof(signal));
		if (j->is_used && !j->has_exited)
			kill(j->pid, signal);
		break;
	case FRAME_HANGUP: job_hang_up(j); break;
	case FRAME_HEARTBEAT: frame_send(0, FRAME_HEARTBEAT, "", 0); break;
	}
}

/* The agent also reaps orphans. */
static void children_wait(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct job *j = jobs; j < jobs + LIMIT; j++)
			if (j->is_used && !j->has_exited && j->pid == pid) {
				j->has_exited = true;
				j->status = status;
				job_end_if_done(j);
			}
}

static void child_exited(int signal)
{
	(void)signal;
}

static void events_wait(void)
{
	static struct pollfd polled[1 + 3 * LIMIT];
	static struct job *owner[1 + 3 * LIMIT];
	static struct buffer from;
	sigset_t none;
	size_t n = 1;

	sigemptyset(&none);
	polled[0] = (struct pollfd){ port, POLLIN, 0 };
	for (struct job *j = jobs; j < jobs + LIMIT; j++)
		for (int i = 0; i < 3 && j->is_used; i++) {
			bool has_input = buffer_size(&j->input) > 0;

			if (j->fd[i] < 0 || (i == 0 && !has_input))
				continue;
			owner[n] = j;
			polled[n++] = (struct pollfd){ j->fd[i], i ? POLLIN : POLLOUT, 0 };
		}
	if (ppoll(polled, n, NULL, &none) < 0)
		return;
	for (size_t k = 1; k < n; k++)
		for (int i = 0; i < 3 && polled[k].revents; i++)
			if (owner[k]->fd[i] == polled[k].fd) {
				if (i)
					output_read(owner[k], i);
				else
					input_write(owner[k]);
				break;
			}
	if (polled[0].revents & POLLIN) {
		const char *bytes;
		struct frame f;

		if (buffer_read(&from, port) < 0 && errno != EAGAIN && errno != EINTR)
			exit(1);
		while (buffer_take(&from, &f, &bytes))
			frame_handle(&f, bytes);
	} else if (polled[0].revents) {
		poll(NULL, 0, 10); /* the other end is not yet open */
	}
}

/* The dependencies vary with the kernel, so try several rounds. */
static void modules_load(char *const *paths)
{
	for (int round = 0; round < 4; round++)
		for (char *const *path = paths; *path; path++) {
			int fd = open(*path, O_RDONLY | O_CLOEXEC);

			if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST && round == 3)
				perror(*path);
			close(fd);
		}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = child_exited };
	sigset_t blocked;

	if (argc < 2)
		return 1;
	modules_load(argv + 2);
	while ((port = open(argv[1], O_RDWR | O_CLOEXEC)) < 0)
		poll(NULL, 0, 10);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (;;) {
		events_wait();
		children_wait();
	}
}
