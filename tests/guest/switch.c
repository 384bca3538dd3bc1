/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * switch GUEST LISTEN SECONDS: connect any number of commands (there.c) with the port of a guest.
 * GUEST is the socket of its virtio port, LISTEN the socket for commands. Prints "ready" when the
 * agent answers for the first time.
 *
 * Exits with 1 when the guest has ended, and with 2 if it has not answered for SECONDS.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { GUEST, LISTENER, CLIENTS, LIMIT = 256 };

/* Of 0 to CLIENTS - 1 the entries have no client; a channel is an index. A client that is
 * gone keeps its entry until the command has ended. */
static struct client {
	struct buffer from, to;
	bool is_used, has_ended;
} clients[LIMIT];
static struct pollfd polled[LIMIT];

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		fprintf(stderr, "switch: %s: name too long\n", path);
		exit(125);
	}
	strcpy(address->sun_path, path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* The emulator creates its socket soon after it has started. */
static int guest_connect(const char *path)
{
	struct sockaddr_un address;

	for (int tries = 0; tries < 600; tries++) {
		int fd = unix_socket(path, &address);

		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
		close(fd);
		poll(NULL, 0, 50);
	}
	fprintf(stderr, "switch: %s: %s\n", path, strerror(errno));
	exit(1);
}

static int clients_listen(const char *path)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, LIMIT)) {
		perror(path);
		exit(125);
	}
	return fd;
}

static void client_accept(void)
{
	int fd = accept4(polled[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t i = CLIENTS; fd >= 0 && i < LIMIT; i++)
		if (!clients[i].is_used) {
			clients[i].is_used = true;
			clients[i].has_ended = false;
			polled[i].fd = fd;
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* Keep the memory of the buffers for the next client. */
static void client_close(size_t i)
{
	if (polled[i].fd >= 0)
		close(polled[i].fd);
	polled[i].fd = -1;
	clients[i].from.begin = clients[i].from.end = 0;
	clients[i].to.begin = clients[i].to.end = 0;
	if (clients[i].has_ended)
		clients[i].is_used = false;
	else
		buffer_frame(&clients[GUEST].to, i, FRAME_HANGUP, "", 0);
}

static void client_read(size_t i)
{
	struct client *c = &clients[i];
	const char *bytes;
	struct frame f;

	if (buffer_read(&c->from, polled[i].fd) <= 0) {
		client_close(i);
		return;
	}
	while (buffer_take(&c->from, &f, &bytes))
		buffer_frame(&clients[GUEST].to, i, f.type, bytes, f.size);
}

static void guest_frame(const struct frame *f, const char *bytes)
{
	static bool is_ready;
	struct client *c;

	if (f->type == FRAME_HEARTBEAT && !is_ready) {
		is_ready = true;
		puts("ready");
		fflush(stdout);
	}
	if (f->channel < CLIENTS || f->channel >= LIMIT)
		return;
	c = &clients[f->channel];
	if (f->type == FRAME_EXIT)
		c->has_ended = true;
	if (polled[f->channel].fd >= 0)
		buffer_frame(&c->to, 0, f->type, bytes, f->size);
	else if (c->has_ended)
		client_close(f->channel);
}

static void guest_read(void)
{
	struct client *guest = &clients[GUEST];
	const char *bytes;
	struct frame f;

	if (buffer_read(&guest->from, polled[GUEST].fd) <= 0)
		exit(1);
	while (buffer_take(&guest->from, &f, &bytes))
		guest_frame(&f, bytes);
}

static void events_handle(size_t i)
{
	if (i == LISTENER) {
		client_accept();
		return;
	}
	if (polled[i].revents & POLLOUT && !buffer_write(&clients[i].to, polled[i].fd) &&
	    errno != EAGAIN && i >= CLIENTS) {
		client_close(i);
		return;
	}
	if (!(polled[i].revents & (POLLIN | POLLHUP | POLLERR)))
		return;
	if (i == GUEST)
		guest_read();
	else
		client_read(i);
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

int main(int argc, char **argv)
{
	time_t asked = 0, heard = now();
	long limit = argc == 4 ? atol(argv[3]) : 0;

	if (limit <= 0)
		return 125;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < LIMIT; i++)
		polled[i] = (struct pollfd){ -1, POLLIN, 0 };
	polled[GUEST].fd = guest_connect(argv[1]);
	fcntl(polled[GUEST].fd, F_SETFL, O_NONBLOCK);
	polled[LISTENER].fd = clients_listen(argv[2]);
	for (;;) {
		if (now() >= asked + 5) {
			asked = now();
			buffer_frame(&clients[GUEST].to, 0, FRAME_HEARTBEAT, "", 0);
		}
		for (size_t i = 0; i < LIMIT; i++)
			polled[i].events = POLLIN | (buffer_size(&clients[i].to) ? POLLOUT : 0);
		if (poll(polled, LIMIT, 1000) > 0)
			for (size_t i = 0; i < LIMIT; i++)
				if (polled[i].fd >= 0 && polled[i].revents)
					events_handle(i);
		if (polled[GUEST].revents & POLLIN)
			heard = now();
		if (now() > heard + limit)
			return 2;
	}
}
