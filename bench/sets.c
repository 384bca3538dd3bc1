/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sets: fill a redis server, keep it busy with SETs, and check its values.
 *
 *	sets SOCKET KEYS
 *
 * The keys are those of DEBUG POPULATE, which the server must allow, with values of VALUE bytes
 * that begin with the number of the key and, after the first SET, the number of SETs.  One connection
 * sets random keys without a pause.  Output and commands are those of target.c, with a SET instead
 * of a mapping. The answer to `check` is `check N`: the number of keys whose value is not the last
 * one set.
 */
#include <config.h>

#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { VALUE = 1000, ASKED = 100, REPLY_MAX = VALUE + 64 };

struct redis {
	FILE *in, *out;
};

static struct {
	unsigned int *times; /* number of SETs of each key */
	unsigned int keys;
	atomic_bool pauses, paused;
} load;

/* Read by calls.c: the number of SETs, and 0. */
static atomic_uint_fast64_t counts[2];
static atomic_uint_fast64_t longest, since; /* nanoseconds; start of the current SET, or 0 */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct redis *connect_to(const char *path)
{
	struct redis *redis = calloc(1, sizeof(*redis));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path))
		errx(1, "%s: too long", path);
	strcpy(at.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", path);
	if (redis) {
		redis->in = fdopen(fd, "r");
		redis->out = fdopen(dup(fd), "w");
	}
	if (!redis || !redis->in || !redis->out)
		err(1, "fdopen");
	return redis;
}

static void value_make(char *value, unsigned int key, unsigned int times)
{
	memset(value, 0, VALUE);
	if (times)
		snprintf(value, 32, "%u:%u", key, times);
	else
		snprintf(value, 32, "value:%u", key);
}

static void reply_read(const struct redis *redis, char *reply, size_t size)
{
	if (!fgets(reply, (int)size, redis->in))
		errx(1, "the server is gone");
}

static void populate(const struct redis *redis)
{
	char reply[REPLY_MAX];

	fprintf(redis->out, "DEBUG POPULATE %u k %d\r\n", load.keys, VALUE);
	fflush(redis->out);
	reply_read(redis, reply, sizeof(reply));
	if (strcmp(reply, "+OK\r\n") != 0)
		errx(1, "DEBUG POPULATE: %s", reply);
}

static void key_set(const struct redis *redis, unsigned int key)
{
	char value[VALUE], reply[REPLY_MAX], name[16];
	int len = snprintf(name, sizeof(name), "k:%u", key);

	value_make(value, key, ++load.times[key]);
	fprintf(redis->out, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n", len, name, VALUE);
	fwrite(value, 1, VALUE, redis->out);
	fputs("\r\n", redis->out);
	fflush(redis->out);
	reply_read(redis, reply, sizeof(reply));
	if (strcmp(reply, "+OK\r\n") != 0)
		errx(1, "SET %s: %s", name, reply);
}

static bool value_is_right(const struct redis *redis, unsigned int key)
{
	char value[VALUE], reply[REPLY_MAX];

	value_make(value, key, load.times[key]);
	reply_read(redis, reply, sizeof(reply));
	if (atoi(reply + 1) != VALUE || reply[0] != '$')
		return false;
	return fread(reply, 1, VALUE + 2, redis->in) == VALUE + 2 &&
	       memcmp(reply, value, VALUE) == 0;
}

static void *set_keys(void *context)
{
	const struct redis *redis = context;
	uint64_t random = 88172645463325252ULL;

	for (;;) {
		uint64_t start, time;

		atomic_store(&load.paused, atomic_load(&load.pauses));
		if (atomic_load(&load.paused)) {
			usleep(1000);
			continue;
		}
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		start = now();
		atomic_store(&since, start);
		key_set(redis, (unsigned int)(random % load.keys));
		time = now() - start;
		atomic_store(&since, 0);
		if (time > atomic_load(&longest))
			atomic_store(&longest, time);
		atomic_fetch_add(&counts[0], 1);
	}
	return NULL;
}

static unsigned int wrong_count(const struct redis *redis)
{
	unsigned int wrong = 0;

	atomic_store(&load.pauses, true);
	while (!atomic_load(&load.paused))
		usleep(1000);
	for (unsigned int key = 0, end; key < load.keys; key = end) {
		end = key + ASKED < load.keys ? key + ASKED : load.keys;
		for (unsigned int k = key; k < end; k++)
			fprintf(redis->out, "GET k:%u\r\n", k);
		fflush(redis->out);
		for (unsigned int k = key; k < end; k++)
			wrong += !value_is_right(redis, k);
	}
	atomic_store(&load.pauses, false);
	return wrong;
}

static void stall_tell(void)
{
	uint64_t worst = atomic_load(&longest), start = atomic_load(&since);

	if (start && now() - start > worst)
		worst = now() - start;
	printf("map_us %" PRIu64 " touch_us 0\n", worst / 1000);
}

static void answer(const struct redis *redis, const char *command)
{
	if (strcmp(command, "reset\n") == 0) {
		atomic_store(&longest, 0);
		puts("reset");
	} else if (strcmp(command, "stall\n") == 0) {
		stall_tell();
	} else if (strcmp(command, "check\n") == 0) {
		printf("check %u\n", wrong_count(redis));
	} else if (strcmp(command, "quit\n") == 0) {
		puts("bye");
		exit(0);
	} else {
		puts("what?");
	}
}

int main(int argc, char **argv)
{
	char command[64];
	pthread_t thread;
	const struct redis *redis;

	if (argc != 3 || atoi(argv[2]) < 1)
		errx(1, "usage: sets SOCKET KEYS");
	load.keys = (unsigned int)atoi(argv[2]);
	load.times = calloc(load.keys, sizeof(*load.times));
	if (!load.times)
		err(1, "calloc");
	setvbuf(stdout, NULL, _IOLBF, 0);
	redis = connect_to(argv[1]);
	populate(redis);
	if (pthread_create(&thread, NULL, set_keys, connect_to(argv[1])))
		errx(1, "no thread");
	printf("memory 0 0\nwork %" PRIxPTR "\nready %d\n", (uintptr_t)counts, getpid());
	while (fgets(command, sizeof(command), stdin))
		answer(redis, command);
	return 0;
}
