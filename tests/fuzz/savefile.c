/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved placements, line by line (placement_file.h): rejected lines have a message, accepted lines
 * are counted and survive a round trip.
 */
#include <config.h>

#include "command/placement_file.h"
#include "fuzz.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Parse lines up to the first invalid one; write them to @copy, if not NULL. */
static bool take(struct placement_reader *s, struct fuzz_part rest, FILE *copy)
{
	unsigned int header = 0;

	*s = (struct placement_reader){ 0 };
	while (rest.len) {
		struct fuzz_part line = fuzz_split(rest.at, rest.len, '\n', &rest);
		struct text_error err = { 0 };
		struct operand o;
		int rc = placement_read_line(s, line.at, line.len, &o, &err);

		HOLDS(rc == PLACEMENT_PAGES || rc == PLACEMENT_PROCESS || rc == 0 || rc == -EINVAL);
		if (rc < 0) {
			HOLDS(err.what && err.offset + err.length <= line.len);
			return false;
		}
		if (copy && s->header == PLACEMENT_HEADER && header < s->header)
			placement_print_header(copy, s->boot);
		header = s->header;
		if (rc == PLACEMENT_PROCESS && copy)
			placement_print_process(copy, &s->id);
		if (rc == PLACEMENT_PAGES) {
			HOLDS(o.start < o.end && o.node >= 0 && !o.single);
			if (copy)
				fprintf(copy, "%" PRIx64 "-%" PRIx64 "=%d\n", o.start, o.end,
					o.node);
		}
	}
	return true;
}

static void there_and_back(const struct placement_reader *s, struct fuzz_part file)
{
	struct fuzz_part copy = { NULL, 0 };
	struct placement_reader again;
	char *text = NULL, buf[512];
	struct text_line why = { buf, sizeof(buf), 0 };
	FILE *f = open_memstream(&text, &copy.len);

	HOLDS(f != NULL);
	HOLDS(take(&again, file, f));
	placement_print_end(f, s->lines);
	fclose(f);
	copy.at = text;
	HOLDS(take(&again, copy, NULL));
	HOLDS(again.ended && again.lines == s->lines && again.processes == s->processes);
	HOLDS(!placement_id_compare(&s->id, &again.id, &why));
	HOLDS(strcmp(s->boot, again.boot) == 0);
	HOLDS(strcmp(s->id.path, again.id.path) == 0);
	free(text);
}

/* pagefile_line() reads the file and rejects NULs. */
void fuzz_target(const char *text, size_t len)
{
	struct fuzz_part file = { text, strnlen(text, len) };
	struct placement_reader s;
	bool sound = take(&s, file, NULL);

	HOLDS(!s.ended || s.boot[0]);
	HOLDS(!s.processes || s.id.path[0]);
	if (sound && s.ended)
		there_and_back(&s, file);
}
