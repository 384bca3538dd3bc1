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
	.boot = "6bd93b1e-0f0b",
	.major = 8,
	.minor = 1,
	.inode = 1835026,
	.path = "/usr/bin/a b",
	.code = 0x55d4c0e00000,
	.stack = 0x7ffceecad3f0,
	.page = 4096,
};

#define HEAD                                                                          \
	"# movepages placement 1\n# pid 210\n# started 68121\n# boot 6bd93b1e-0f0b\n" \
	"# program 8:1 1835026 /usr/bin/a b\n# memory 55d4c0e00000 7ffceecad3f0 4096\n"

/* Take a whole file; returns the line that is refused, or 0. */
static int take(const char *text, struct placement_reader *s, struct operand *last)
{
	*s = (struct placement_reader){ 0 };
	for (int line = 1; *text; line++) {
		size_t len = strcspn(text, "\n");
		char *copy = malloc(len + !len); /* reading past its end is seen */
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
	int bad; /* the line that is refused, or 0 */
	bool ended;
} rows[] = {
	{ HEAD "# end 0", 0, true },
	{ HEAD "1000-3000=2\n# end 1\n", 0, true },
	{ HEAD "1000-3000=2\n", 0, false },
	{ "", 0, false },
	{ "\n", 1, false },
	{ "1000-3000=2\n", 1, false },
	{ "# movepages placement 2\n", 1, false },
	{ "# movepages placement 11\n", 1, false },
	{ "# movepages placement \n", 1, false },
	{ "# movepages placement 1 \n", 1, false },
	{ "# movepages placement 18446744073709551616\n", 1, false },
	{ "# movepages placement 1\n1000-3000=2\n", 2, false },
	{ "# movepages placement 1\n# pid 1\n# pid 1\n", 3, false },
	{ "# movepages placement 1\n# pid 01\n", 2, false },
	{ "# movepages placement 1\n# pid -1\n", 2, false },
	{ "# movepages placement 1\n# pid 1 2\n", 2, false },
	{ "# movepages placement 1\n# pid\n", 2, false },
	{ "# movepages placement 1\n# pid 99999999999999999999\n", 2, false },
	{ "# movepages placement 1\n# boot "
	  "0123456789012345678901234567890123456789012345678901234567890123\n",
	  2, false },
	{ "# movepages placement 1\n# boot  \n", 2, false },
	{ "# movepages placement 1\n#x pid 1\n", 2, false },
	{ "# movepages placement 1\n## end 0\n", 2, false },
	{ "# movepages placement 1\n# program 8 1 /x\n", 2, false },
	{ "# movepages placement 1\n# program :1 1 /x\n", 2, false },
	{ "# movepages placement 1\n# program 8: 1 /x\n", 2, false },
	{ "# movepages placement 1\n# program 8:1 1\n", 2, false },
	{ "# movepages placement 1\n# memory x 1 1\n", 2, false },
	{ "# movepages placement 1\n# something 1\n", 2, false },
	{ "# movepages placement 1\n#\n", 2, false },
	{ "# movepages placement 1\n# end 0\n", 2, false },
	{ "# movepages placement 1\n# pid 1\n# end 0\n", 3, false },
	{ HEAD "1000=2\n", 7, false },
	{ HEAD "1000-3000\n", 7, false },
	{ HEAD "1000-3000=2 x\n", 7, false },
	{ HEAD "3000-1000=2\n", 7, false },
	{ HEAD "1000-3000=99999999999\n", 7, false },
	{ HEAD "\n", 7, false },
	{ HEAD "1000-3000=2\n# end 2\n", 8, false },
	{ HEAD "1000-3000=2\n# end x\n", 8, false },
	{ HEAD "# end 0\n1000-3000=2\n", 8, true },
	{ HEAD "# end 0\n# end 0\n", 8, true },
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

/* What is written is read as it was. */
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
	placement_print_header(f, &someone);
	fputs("7f00000000-7f00003000=3\n", f);
	placement_print_end(f, 1);
	fclose(f);
	assert_int_equal(take(text, &s, &o), 0);
	assert_true(s.ended);
	assert_int_equal(o.start, 0x7f00000000);
	assert_int_equal(o.end, 0x7f00003000);
	assert_int_equal(o.node, 3);
	assert_string_equal(s.id.path, someone.path);
	assert_false(placement_id_differs(&s.id, &someone, &why));
	free(text);
}

static void differs(struct placement_id other, const char *words)
{
	char buf[256];
	struct text_line why = { buf, sizeof(buf), 0 };

	assert_true(placement_id_differs(&someone, &other, &why));
	if (!strstr(buf, words))
		fail_msg("'%s' is not in '%s'", words, buf);
}

static void test_mismatch(void **state)
{
	struct placement_id other = someone;

	(void)state;
	other.page = 65536;
	differs(other, "of pages of 4096 bytes");
	other.stack++;
	differs(other, "started its program anew");
	other.stack--;
	other.code++;
	differs(other, "started its program anew");
	other.inode++;
	differs(other, "another program: the process ran /usr/bin/a b then");
	other.inode--;
	other.minor++;
	differs(other, "another program");
	other.start_time++;
	differs(other, "an earlier process with this number");
	strcpy(other.boot, "x");
	differs(other, "from before this machine was started");
	other.pid++;
	differs(other, "is of process 210");
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_rows, NULL, "lines are taken in their order and form, and no others");
	unit_add(&suite, test_there_and_back, NULL, "what is written is read as it was");
	unit_add(&suite, test_mismatch, NULL, "another process, boot, life or program is told");
	return unit_run(&suite, "placement_file");
}
