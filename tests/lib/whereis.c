/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whereis: print the nodes of pages of a process, by move_pages(2). The tests compare the output
 * of movepages with it, so it shares no code with movepages.
 *
 *	whereis PID START END [STEP]	every STEP bytes (default: a page) of [START, END)
 *	whereis PID			the addresses on standard input, one per line
 *
 * Addresses are hexadecimal, STEP is decimal. Each line of output is `ADDRESS STATUS`:
 * the node, or the negative error code of move_pages(2) for this page.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <numaif.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define BATCH 512

struct batch {
	pid_t pid;
	unsigned long count;
	void *pages[BATCH];
};

static void batch_flush(struct batch *b)
{
	int status[BATCH];

	for (unsigned long i = 0; i < b->count; i++)
		status[i] = -EINPROGRESS;
	if (move_pages(b->pid, b->count, b->pages, NULL, status, 0) < 0)
		err(1, "move_pages");
	for (unsigned long i = 0; i < b->count; i++)
		printf("%lx %d\n", (unsigned long)b->pages[i], status[i]);
	b->count = 0;
}

static void batch_add(struct batch *b, unsigned long address)
{
	if (b->count == BATCH)
		batch_flush(b);
	b->pages[b->count++] = (void *)address;
}

static unsigned long number(const char *text, int base)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, base);
	if (errno || end == text || *end)
		errx(1, "%s: not a number", text);
	return value;
}

static void batch_read(struct batch *b)
{
	unsigned long address;

	while (scanf("%lx", &address) == 1)
		batch_add(b, address);
	if (!feof(stdin))
		errx(1, "standard input: not an address");
}

int main(int argc, char **argv)
{
	static struct batch b;
	unsigned long step = argc == 5 ? number(argv[4], 10) : (unsigned long)sysconf(_SC_PAGESIZE);

	if ((argc != 2 && argc != 4 && argc != 5) || !step)
		errx(1, "usage: whereis PID [START END [STEP]]");
	b.pid = number(argv[1], 10);
	if (argc == 2) {
		batch_read(&b);
	} else {
		unsigned long end = number(argv[3], 16);

		for (unsigned long at = number(argv[2], 16); at < end; at += step)
			batch_add(&b, at);
	}
	batch_flush(&b);
	if (fflush(stdout) || ferror(stdout))
		err(1, "standard output");
	return 0;
}
