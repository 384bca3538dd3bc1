/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/savefile.h"

#include "proc/process.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { STAT_START_CODE = 26, STAT_START_STACK = 28, WORDS_MAX = 5 };

/* ---- the process as it is ---- */

static int read_program(const struct process *p, struct saved_identity *id)
{
	char path[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (fstatat(p->dir, "exe", &st, 0))
		return -errno;
	n = readlinkat(p->dir, "exe", path, sizeof(path));
	if (n < 0)
		return -errno;
	id->major = major(st.st_dev);
	id->minor = minor(st.st_dev);
	id->inode = st.st_ino;
	text_escape(path, (size_t)n, id->path, sizeof(id->path));
	return 0;
}

static int read_memory(const struct process *p, struct saved_identity *id)
{
	char text[1024];
	ssize_t n = process_read(p, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (process_parse_stat_field(text, (size_t)n, STAT_START_CODE, &id->code) ||
	    process_parse_stat_field(text, (size_t)n, STAT_START_STACK, &id->stack))
		return -EPROTO;
	return 0;
}

int savefile_identify(const struct process *p, struct saved_identity *id)
{
	int rc;

	*id = (struct saved_identity){
		.pid = (uint64_t)p->pid,
		.start_time = p->start_time,
		.page = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	rc = file_read_line(AT_FDCWD, "/proc/sys/kernel/random/boot_id", id->boot,
			    sizeof(id->boot));
	if (!rc)
		rc = read_program(p, id);
	return rc ? rc : read_memory(p, id);
}

/* ---- writing ---- */

void savefile_put_header(FILE *f, const struct saved_identity *id)
{
	fprintf(f, SAVEFILE_MAGIC "%d\n", SAVEFILE_VERSION);
	fprintf(f, "# pid %" PRIu64 "\n# started %" PRIu64 "\n# boot %s\n", id->pid, id->start_time,
		id->boot);
	fprintf(f, "# program %" PRIu64 ":%" PRIu64 " %" PRIu64 " %s\n", id->major, id->minor,
		id->inode, id->path);
	fprintf(f, "# memory %" PRIx64 " %" PRIx64 " %" PRIu64 "\n", id->code, id->stack, id->page);
}

void savefile_put_end(FILE *f, uint64_t lines)
{
	fprintf(f, "# end %" PRIu64 "\n", lines);
}

/* ---- reading ---- */

struct words {
	struct text_part word[WORDS_MAX]; /* the last has the rest of the line */
	size_t n;
};

static struct words split(const char *text, size_t len)
{
	struct words w = { .n = 0 };
	size_t i = 0;

	while (w.n < WORDS_MAX && i < len) {
		const char *blank = memchr(text + i, ' ', len - i);
		size_t width = blank && w.n + 1 < WORDS_MAX ? (size_t)(blank - (text + i)) :
							      len - i;

		w.word[w.n++] = (struct text_part){ text + i, width };
		i += width + 1;
	}
	return w;
}

static bool take_number(struct text_part w, uint64_t *n)
{
	return number_parse(w.at, w.len, UINT64_MAX, n) == 0;
}

static bool take_hex(struct text_part w, uint64_t *n)
{
	return number_parse_hex(w.at, w.len, n) == 0;
}

static bool take_text(struct text_part w, char *buf, size_t size)
{
	if (w.len == 0 || w.len >= size)
		return false;
	memcpy(buf, w.at, w.len);
	buf[w.len] = '\0';
	return true;
}

static bool take_pid(const struct text_part *w, struct saved_identity *id)
{
	return take_number(w[0], &id->pid);
}

static bool take_start(const struct text_part *w, struct saved_identity *id)
{
	return take_number(w[0], &id->start_time);
}

static bool take_boot(const struct text_part *w, struct saved_identity *id)
{
	return take_text(w[0], id->boot, sizeof(id->boot));
}

static bool take_program(const struct text_part *w, struct saved_identity *id)
{
	const char *colon = memchr(w[0].at, ':', w[0].len);
	size_t n = colon ? (size_t)(colon - w[0].at) : 0;

	return colon && take_number((struct text_part){ w[0].at, n }, &id->major) &&
	       take_number((struct text_part){ colon + 1, w[0].len - n - 1 }, &id->minor) &&
	       take_number(w[1], &id->inode) && take_text(w[2], id->path, sizeof(id->path));
}

static bool take_memory(const struct text_part *w, struct saved_identity *id)
{
	return take_hex(w[0], &id->code) && take_hex(w[1], &id->stack) &&
	       take_number(w[2], &id->page);
}

static const struct {
	const char *key;
	size_t words; /* behind the key; the last one of five may hold blanks */
	bool (*take)(const struct text_part *w, struct saved_identity *id);
} header[] = {
	{ "pid", 1, take_pid },		{ "started", 1, take_start }, { "boot", 1, take_boot },
	{ "program", 3, take_program }, { "memory", 3, take_memory },
};

enum {
	HEADER = sizeof(header) / sizeof(header[0]),
	HEADER_MAGIC = 1 << HEADER,
	HEADER_WHOLE = (1 << (HEADER + 1)) - 1
};

static const char no_header[] = "comes before the header is complete";

static int refuse(struct text_error *err, size_t len, const char *what)
{
	*err = (struct text_error){ 0, len, what };
	return -EINVAL;
}

static int take_magic(struct savefile *s, const char *line, size_t len, struct text_error *err)
{
	static const char magic[] = SAVEFILE_MAGIC;
	size_t n = sizeof(magic) - 1;
	uint64_t version;

	if (len < n || memcmp(line, magic, n) != 0 ||
	    number_parse(line + n, len - n, UINT64_MAX, &version))
		return refuse(err, len, "is not how a saved placement begins");
	if (version != SAVEFILE_VERSION)
		return refuse(err, len, "is of a version that this program does not know");
	s->seen |= HEADER_MAGIC;
	return 0;
}

static int take_comment(struct savefile *s, const char *line, size_t len, struct text_error *err)
{
	struct words w = split(line, len);
	uint64_t n;

	if (w.n < 2 || !text_part_is(w.word[0], "#"))
		return refuse(err, len, "is not understood");
	for (size_t i = 0; i < HEADER; i++) {
		if (!text_part_is(w.word[1], header[i].key))
			continue;
		if (s->seen & 1U << i || w.n != header[i].words + 2 ||
		    !header[i].take(&w.word[2], &s->id))
			return refuse(err, len, "is not understood");
		s->seen |= 1U << i;
		return 0;
	}
	if (w.n != 3 || !text_part_is(w.word[1], "end") || !take_number(w.word[2], &n))
		return refuse(err, len, "is not understood");
	if (s->seen != HEADER_WHOLE)
		return refuse(err, len, no_header);
	if (n != s->lines)
		return refuse(err, len, "does not count the lines that are there");
	s->ended = true;
	return 0;
}

int savefile_take(struct savefile *s, const char *line, size_t len, struct operand *o,
		  struct text_error *err)
{
	/* FNV-1a; nobody has to be kept from making two files of one sum. */
	for (size_t i = 0; i < len; i++)
		s->sum = (s->sum ^ (unsigned char)line[i]) * 0x100000001b3;
	if (s->seen == 0)
		return take_magic(s, line, len, err);
	if (s->ended)
		return refuse(err, len, "stands behind the end");
	if (len && line[0] == '#')
		return take_comment(s, line, len, err);
	if (s->seen != HEADER_WHOLE)
		return refuse(err, len, no_header);
	if (operand_parse(line, len, o, err))
		return -EINVAL;
	if (o->single || o->node == OPERAND_NO_NODE)
		return refuse(err, len, "is no START-END=NODE");
	s->lines++;
	return 1;
}

/* ---- comparing ---- */

bool savefile_mismatch(const struct saved_identity *saved, const struct saved_identity *now,
		       char *why, size_t size)
{
	char path[TEXT_NAME_MAX];

	if (saved->pid != now->pid)
		snprintf(why, size, "is of process %" PRIu64, saved->pid);
	else if (strcmp(saved->boot, now->boot) != 0)
		snprintf(why, size, "is from before this machine was started");
	else if (saved->start_time != now->start_time)
		snprintf(why, size, "is of an earlier process with this number");
	else if (saved->major != now->major || saved->minor != now->minor ||
		 saved->inode != now->inode)
		snprintf(why, size, "is of another program: the process ran %s then",
			 text_name(saved->path, path, sizeof(path)));
	else if (saved->code != now->code || saved->stack != now->stack)
		snprintf(why, size,
			 "is from before the process started its program anew "
			 "(execve): no address means the same");
	else if (saved->page != now->page)
		snprintf(why, size, "is of pages of %" PRIu64 " bytes", saved->page);
	else
		return false;
	return true;
}
