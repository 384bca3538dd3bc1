/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/placement_file.h"
#include "unit.h"
#include "util/text.h"

static const struct placement_id someone = {
	.pid = 210,
	.start_time = 68121,
	.major = 8,
	.minor = 1,
	.inode = 1835026,
	.path = "/usr/bin/a b",
	.code = 0x55d4c0e00000,
	.stack = 0x7ffceecad3f0,
};

#define BOOT	     "# movepages placement 2\n# boot 6bd93b1e-0f0b\n"
#define PROCESS(pid) "# process " #pid " 68121 8:1 1835026 55d4c0e00000 7ffceecad3f0 /usr/bin/a b\n"
#define HEAD	     BOOT PROCESS(210)

/* Read a complete file.  Return the invalid line, or 0. */
static int take(const char *text, struct placement_reader *s, struct operand *last)
{
	*s = (struct placement_reader){ 0 };
	for (int line = 1; *text; line++) {
		size_t len = strcspn(text, "\n");
		char *copy = malloc(len + !len); /* sanitizers detect overreads */
		struct text_error err = { 0 };
		int rc;

		assert_non_null(copy);
		memcpy(copy, text, len);
		rc = placement_read_line(s, copy, len, last, &err);
		free(copy);
		if (rc < 0) {
			assert_non_null(err.what);
			assert_true(err.offset + err.length <= len);
			return line;
		}
		text += len + (text[len] == '\n');
	}
	return 0;
}

static const struct {
	const char *text;
	int bad; /* the invalid line, or 0 */
	bool ended;
} rows[] = {
	{ HEAD "# end 1", 0, true },
	{ HEAD "1000-3000=2\n# end 2\n", 0, true },
	{ HEAD "1000-3000=2\n" PROCESS(211) "# end 3\n", 0, true },
	{ HEAD PROCESS(211) "1000-3000=2\n5000-6000=0\n# end 4\n", 0, true },
	{ HEAD "1000-3000=2\n", 0, false },
	{ BOOT "# end 0\n", 0, true },
	{ "", 0, false },
	{ "\n", 1, false },
	{ "1000-3000=2\n", 1, false },
	{ "# movepages placement 1\n", 1, false },
	{ "# movepages placement 22\n", 1, false },
	{ "# movepages placement \n", 1, false },
	{ "# movepages placement 2 \n", 1, false },
	{ "# movepages placement 18446744073709551616\n", 1, false },
	{ "# movepages placement 2\n1000-3000=2\n", 2, false },
	{ "# movepages placement 2\n# boot\n", 2, false },
	{ "# movepages placement 2\n# boot \n", 2, false },
	{ "# movepages placement 2\n# boot "
	  "0123456789012345678901234567890123456789012345678901234567890123\n",
	  2, false },
	{ "# movepages placement 2\n" PROCESS(210), 2, false },
	{ BOOT "1000-3000=2\n", 3, false },
	{ BOOT BOOT, 3, false },
	{ BOOT "# boot x\n", 3, false },
	{ BOOT "#\n", 3, false },
	{ BOOT "\n", 3, false },
	{ BOOT "# something 1\n", 3, false },
	{ BOOT "## end 0\n", 3, false },
	{ BOOT PROCESS(01), 3, false },
	{ BOOT PROCESS(-1), 3, false },
	{ BOOT PROCESS(99999999999999999999), 3, false },
	{ BOOT PROCESS(1 2), 3, false },
	{ BOOT "# process 1 2 8:1 3 4 5\n", 3, false },
	{ BOOT "# process 1 2 8:1 3 4 5 \n", 3, false },
	{ BOOT "# process 1 2 8 1 3 4 5 /x\n", 3, false },
	{ BOOT "# process 1 2 8: 1 3 4 5 /x\n", 3, false },
	{ BOOT "# process 1 2 8:1 3 x 5 /x\n", 3, false },
	{ HEAD "1000=2\n", 4, false },
	{ HEAD "1000-3000\n", 4, false },
	{ HEAD "1000-3000=2 x\n", 4, false },
	{ HEAD "3000-1000=2\n", 4, false },
	{ HEAD "1000-3000=99999999999\n", 4, false },
	{ HEAD "\n", 4, false },
	{ HEAD "1000-3000=2\n# end 1\n", 5, false },
	{ HEAD "1000-3000=2\n# end 3\n", 5, false },
	{ HEAD "1000-3000=2\n# end x\n", 5, false },
	{ HEAD "# end 1\n1000-3000=2\n", 5, true },
	{ HEAD "# end 1\n# end 1\n", 5, true },
	{ HEAD "# end 1\n" PROCESS(211), 5, true },
};

static void test_rows(void **state)
{
	struct placement_reader s;
	struct operand o;

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		if (take(rows[i].text, &s, &o) != rows[i].bad)
			fail_msg("%s", rows[i].text);
		assert_int_equal(s.ended, rows[i].ended);
	}
}

/* A placement is read as it was written. */
static void test_there_and_back(void **state)
{
	struct placement_reader s;
	struct operand o;
	char *text = NULL, buf[256];
	struct text_line why = { buf, sizeof(buf), 0 };
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(f);
	placement_print_header(f, "6bd93b1e-0f0b");
	placement_print_process(f, &someone);
	fputs("7f00000000-7f00003000=3\n", f);
	placement_print_end(f, 2);
	fclose(f);
	assert_int_equal(take(text, &s, &o), 0);
	assert_true(s.ended);
	assert_int_equal(o.start, 0x7f00000000);
	assert_int_equal(o.end, 0x7f00003000);
	assert_int_equal(o.node, 3);
	assert_string_equal(s.id.path, someone.path);
	assert_string_equal(s.boot, "6bd93b1e-0f0b");
	assert_int_equal(placement_id_compare(&s.id, &someone, &why), 0);
	free(text);
}

/* The lines of one process can be read separately; any change of them changes the checksum. */
static void test_part(void **state)
{
	static const char *const lines[] = { "1000-3000=2", "1000-3000=3", "1000-3001=2" };
	uint64_t sum[UNIT_ROWS(lines)];

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(lines); i++) {
		struct placement_reader s = { .header = PLACEMENT_HEADER, .part = true };
		struct text_error err;
		struct operand o;

		assert_int_equal(
			placement_read_line(&s, PROCESS(210), strlen(PROCESS(210)) - 1, &o, &err),
			PLACEMENT_PROCESS);
		assert_int_equal(placement_read_line(&s, lines[i], strlen(lines[i]), &o, &err),
				 PLACEMENT_PAGES);
		sum[i] = s.sum;
		assert_int_equal(placement_read_line(&s, "# end 9", 7, &o, &err), 0);
		assert_true(s.ended);
		assert_true(s.sum == sum[i]);
		for (size_t k = 0; k < i; k++)
			assert_true(sum[k] != sum[i]);
	}
}

static void differs(struct placement_id other, int rc, const char *words)
{
	char buf[256];
	struct text_line why = { buf, sizeof(buf), 0 };

	assert_int_equal(placement_id_compare(&someone, &other, &why), rc);
	if (!strstr(buf, words))
		fail_msg("'%s' is not in '%s'", words, buf);
}

static void test_mismatch(void **state)
{
	struct placement_id other = someone;

	(void)state;
	other.stack++;
	differs(other, -ESTALE, "has called execve(2) since it was saved");
	other.stack--;
	other.code++;
	differs(other, -ESTALE, "has called execve(2) since it was saved");
	other.inode++;
	differs(other, -ESTALE, "ran /usr/bin/a b when saved");
	other.inode--;
	other.minor++;
	differs(other, -ESTALE, "another program now");
	other.start_time++;
	differs(other, -ESRCH, "has exited");
	other.start_time--;
	other.pid++;
	differs(other, -ESRCH, "has exited");
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_rows, NULL, "lines are accepted only in the right order and form");
	unit_add(&suite, test_there_and_back, NULL, "a placement is read as it was written");
	unit_add(&suite, test_mismatch, NULL, "another process, execve or program is reported");
	unit_add(&suite, test_part, NULL, "the lines of one process can be read separately");
	return unit_run(&suite, "placement_file");
}
