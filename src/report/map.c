/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "report/map_layout.h"
#include "report/report.h"
#include "util/terminal.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * The address space as a picture: layout.h says which pages a cell stands for,
 * the pages that come by say what colour it has.  Pages come in the order of
 * the plan, so that one row is kept, and written when the next begins.
 */

enum {
	NAME_WIDTH = 12,
	LEFT_WIDTH = 12 + 1 + NAME_WIDTH + 1 + 4 + 1,
	CELLS_STEP = 16,
	COLORS = 8,
	NODES_SHOWN = 8,
	COLOR_ABSENT = 240,
	COLOR_OTHER = 250
};

static const int colors[COLORS] = { 39, 208, 41, 213, 220, 51, 160, 141 };

/* What pages in a cell can be, besides on some node. */
enum { ON_UNSEEN, ON_OTHERS, BESIDES };

struct picture {
	struct map_layout layout;
	struct group group;
	size_t range;	       /* the one at hand, */
	uint64_t before;       /* and the bytes of its group that are before it */
	uint64_t row;	       /* of the group: what cell[] is about */
	uint64_t drawn;	       /* rows of the group that are done with */
	bool planned;	       /* layout and group are of the plan at hand */
	bool any, labelled;    /* pages in the row; a line of the group was written */
	size_t nodes, columns; /* columns: the nodes, then BESIDES */
	int *node;
	uint64_t *cell, *total; /* bytes by column: of the row's cells, of the process */
	int16_t column[NODES_MAX];
	char symbol[NODES_MAX + BESIDES];
	uint64_t left_out, left_out_bytes; /* mappings with no page */
	uint64_t not_mapped;		   /* addresses */
	bool color, blocks;
	int ink, paper; /* colours that are on, -1: none */
};

/* ---- what a node looks like ---- */

/* Small numbers are their own sign; the others get letters, and after z just one. */
static char symbol_of(int node, size_t *letters)
{
	static const char letter[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (node < 10)
		return (char)('0' + node);
	return *letters + 1 < sizeof(letter) ? letter[(*letters)++] : '#';
}

static int nodes_set(struct picture *p, const struct nodeset *memory)
{
	size_t letters = 0;

	p->nodes = nodeset_count(memory);
	p->columns = p->nodes + BESIDES;
	p->node = calloc(p->columns, sizeof(*p->node));
	p->total = calloc(p->columns, sizeof(*p->total));
	p->cell = calloc(p->layout.cells * p->columns, sizeof(*p->cell));
	if (!p->node || !p->total || !p->cell)
		return -ENOMEM;
	memset(p->column, -1, sizeof(p->column));
	for (size_t i = 0; i < p->nodes; i++) {
		p->node[i] = nodeset_next(memory, i ? p->node[i - 1] + 1 : 0);
		p->column[p->node[i]] = (int16_t)i;
		p->symbol[i] = symbol_of(p->node[i], &letters);
	}
	p->symbol[p->nodes + ON_UNSEEN] = '?';
	p->symbol[p->nodes + ON_OTHERS] = '-';
	return 0;
}

static int color_of(const struct picture *p, size_t column)
{
	return column < p->nodes ? colors[column % COLORS] : COLOR_OTHER;
}

/* Switch colours; -1 is the terminal's own. */
static void paint(struct report *r, int ink, int paper)
{
	struct picture *p = r->state;

	if (!p->color || (p->ink == ink && p->paper == paper))
		return;
	if (ink < 0 || (paper < 0 && p->paper >= 0))
		fputs("\033[0m", r->out);
	if (ink >= 0)
		fprintf(r->out, "\033[38;5;%dm", ink);
	if (paper >= 0)
		fprintf(r->out, "\033[48;5;%dm", paper);
	p->ink = ink;
	p->paper = paper;
}

/* ---- cells ---- */

/* The columns with the most and the second most bytes, of those in scope. */
struct content {
	size_t first, second;
	uint64_t most, more, all;
};

static struct content content_of(const struct picture *p, const uint64_t *bytes)
{
	struct content c = { 0 };

	for (size_t i = 0; i < p->nodes + ON_OTHERS; i++) {
		c.all += bytes[i];
		if (bytes[i] > c.most) {
			c.second = c.first;
			c.more = c.most;
			c.first = i;
			c.most = bytes[i];
		} else if (bytes[i] > c.more) {
			c.second = i;
			c.more = bytes[i];
		}
	}
	return c;
}

/* A few strays make no mixture: there are nine of ten on one node. */
static bool is_mixed(const struct content *c)
{
	return c->most < c->all / 10 * 9;
}

static const char *block_of(uint64_t bytes, uint64_t room)
{
	static const char *const shades[] = { "░", "▒", "▓", "█" };
	uint64_t quarters = bytes >= room ? 4 : bytes / (room / 4 + 1);

	return shades[quarters > 3 ? 3 : quarters];
}

static const char *mixed_sign(const struct picture *p)
{
	return p->blocks ? "▀" : "+";
}

static const char *absent_sign(const struct picture *p)
{
	return p->blocks ? "·" : ".";
}

/* @room: the bytes that the cell stands for */
static void put_cell(struct report *r, const uint64_t *bytes, uint64_t room)
{
	struct picture *p = r->state;
	struct content c = content_of(p, bytes);
	bool others = !c.all && bytes[p->nodes + ON_OTHERS];

	if (!c.all) {
		paint(r, COLOR_ABSENT, -1);
		fputs(others ? "-" : absent_sign(p), r->out);
	} else if (is_mixed(&c)) {
		paint(r, p->blocks ? color_of(p, c.first) : COLOR_OTHER,
		      p->blocks ? color_of(p, c.second) : -1);
		fputs(mixed_sign(p), r->out);
	} else {
		paint(r, color_of(p, c.first), -1);
		if (p->blocks && c.first < p->nodes)
			fputs(block_of(c.all, room), r->out);
		else
			fputc(p->symbol[c.first], r->out);
	}
}

/* ---- rows ---- */

static bool continues(const struct vma *file, const struct vma *m)
{
	return file->kind == VMA_FILE && (m->kind == VMA_ANON || strcmp(file->name, m->name) == 0);
}

/* Whether there is more in it than one mapping, or one file and what continues it. */
static bool is_merged(const struct subject *s, const struct group *g)
{
	uint32_t first = s->plan->range[g->first].mapping;

	for (size_t i = g->first + 1; i < g->end; i++) {
		uint32_t next = s->plan->range[i].mapping;

		if (next == first)
			continue;
		if (next == RANGE_NOT_MAPPED || first == RANGE_NOT_MAPPED ||
		    !continues(&s->maps->at[first], &s->maps->at[next]))
			return true;
	}
	return false;
}

/* The file's name without its directories, or the kind. */
static void put_name(struct report *r, const struct subject *s)
{
	const struct picture *p = r->state;
	const struct group *g = &p->group;
	uint32_t first = s->plan->range[g->first].mapping;
	const struct vma *m = first == RANGE_NOT_MAPPED ? NULL : &s->maps->at[first];
	char name[TEXT_NAME_MAX];

	if (is_merged(s, g))
		snprintf(name, sizeof(name), "%zu mappings", g->end - g->first);
	else if (!m)
		snprintf(name, sizeof(name), "-");
	else if (m->kind == VMA_FILE)
		text_name(basename(m->name), name, sizeof(name));
	else
		snprintf(name, sizeof(name), "%s", vma_kind_name(m->kind));
	fprintf(r->out, "%-*.*s", NAME_WIDTH, NAME_WIDTH, name);
}

/* The address, and on the first line of a group its name and scale. */
static void put_left(struct report *r, const struct subject *s, uint64_t row)
{
	struct picture *p = r->state;
	const struct group *g = &p->group;
	uint64_t offset = row * p->layout.cells << g->cell_shift;
	char size[TEXT_SIZE_MAX];

	paint(r, -1, -1);
	fprintf(r->out, "%012" PRIx64 " ", map_layout_address(&p->layout, g, offset));
	if (p->labelled) {
		fprintf(r->out, "%*s", LEFT_WIDTH - 13, "");
		return;
	}
	p->labelled = true;
	put_name(r, s);
	fprintf(r->out, " %4s ", text_size(1ULL << g->cell_shift, size));
}

/* The rows from p->drawn up to @end, in which there is nothing, in one line. */
static void put_gap(struct report *r, const struct subject *s, uint64_t end)
{
	struct picture *p = r->state;
	const struct group *g = &p->group;
	uint64_t start = p->drawn * p->layout.cells << g->cell_shift;
	uint64_t stop = end * p->layout.cells << g->cell_shift;
	char size[TEXT_SIZE_MAX];

	if (p->drawn >= end)
		return;
	put_left(r, s, p->drawn);
	paint(r, COLOR_ABSENT, -1);
	fprintf(r->out, "... %s not in memory ...",
		text_size((stop < g->bytes ? stop : g->bytes) - start, size));
	paint(r, -1, -1);
	fputc('\n', r->out);
	p->drawn = end;
}

static void put_row(struct report *r, const struct subject *s)
{
	struct picture *p = r->state;
	const struct group *g = &p->group;
	uint64_t first = p->row * p->layout.cells, cells = map_layout_cells(g);

	put_gap(r, s, p->row);
	put_left(r, s, p->row);
	for (uint64_t i = 0; i < p->layout.cells && first + i < cells; i++) {
		uint64_t offset = (first + i) << g->cell_shift;
		uint64_t room = 1ULL << g->cell_shift;

		if (room > g->bytes - offset)
			room = g->bytes - offset;
		put_cell(r, p->cell + i * p->columns, room);
	}
	paint(r, -1, -1);
	fputc('\n', r->out);
	p->drawn = p->row + 1;
}

/* Writes the row at hand if there is anything in it, and begins another. */
static void row_begin(struct report *r, const struct subject *s, uint64_t row)
{
	struct picture *p = r->state;

	if (p->any) {
		put_row(r, s);
		memset(p->cell, 0, p->layout.cells * p->columns * sizeof(*p->cell));
	}
	p->any = false;
	p->row = row;
}

/* ---- groups ---- */

static void group_begin(struct picture *p, size_t first)
{
	p->group = map_layout_group(&p->layout, first);
	p->range = first;
	p->before = p->row = p->drawn = 0;
	p->labelled = false;
}

static void group_end(struct report *r, const struct subject *s)
{
	struct picture *p = r->state;

	row_begin(r, s, 0);
	if (p->labelled) {
		put_gap(r, s, map_layout_rows(&p->layout, &p->group));
		return;
	}
	if (s->plan->range[p->group.first].mapping == RANGE_NOT_MAPPED) {
		p->not_mapped += p->group.end - p->group.first;
		return;
	}
	p->left_out += p->group.end - p->group.first;
	p->left_out_bytes += p->group.bytes;
}

/* The pages of a list come in several plans, which are drawn one after the other. */
static void plan_begin(struct report *r, const struct subject *s)
{
	struct picture *p = r->state;

	if (p->planned)
		return;
	map_layout_choose(&p->layout, s->plan, s->maps, s->base_shift, p->layout.cells);
	group_begin(p, 0);
	p->planned = true;
}

static void range_begin(struct report *r, const struct subject *s, size_t range)
{
	struct picture *p = r->state;

	plan_begin(r, s);
	while (range >= p->group.end) {
		group_end(r, s);
		group_begin(p, p->group.end);
	}
	for (; p->range < range; p->range++)
		p->before += map_layout_bytes(&p->layout, p->range);
}

/* @bytes from @offset of the group on are what @column says. */
static void fill(struct report *r, const struct subject *s, uint64_t offset, uint64_t bytes,
		 size_t column)
{
	struct picture *p = r->state;
	const unsigned int shift = p->group.cell_shift;

	while (bytes) {
		uint64_t cell = offset >> shift, part = ((cell + 1) << shift) - offset;

		if (part > bytes)
			part = bytes;
		if (cell / p->layout.cells != p->row)
			row_begin(r, s, cell / p->layout.cells);
		p->cell[cell % p->layout.cells * p->columns + column] += part;
		p->any = true;
		offset += part;
		bytes -= part;
	}
}

/* The column of a page, or columns: it is not to be seen. */
static size_t column_of(const struct picture *p, const struct page *page)
{
	if (page->outcome == OUTCOME_UNSEEN)
		return p->nodes + ON_UNSEEN;
	if (page->outcome == OUTCOME_NOT_SELECTED)
		return p->nodes + ON_OTHERS;
	if (page->outcome != OUTCOME_PRESENT || page->node < 0 || p->column[page->node] < 0)
		return p->columns;
	return (size_t)p->column[page->node];
}

static int put_pages(struct report *r, const struct subject *s, const struct page *page, size_t n)
{
	struct picture *p = r->state;

	for (size_t i = 0; i < n; i++) {
		const struct range *range = &s->plan->range[page[i].range];
		uint64_t start = page[i].address, end = start + page_bytes(&page[i]);
		size_t column = column_of(p, &page[i]);

		if (start < range->start)
			start = range->start;
		if (end > range->end)
			end = range->end;
		if (column == p->columns || start >= end || plan_repeats(s->plan, page[i].range))
			continue;
		range_begin(r, s, page[i].range);
		if (!(page[i].flags & PAGE_AGAIN))
			p->total[column] += end - start;
		fill(r, s, p->before + start - range->start, end - start, column);
	}
	return 0;
}

/* ---- the legend ---- */

/* What a cell has that is full of such pages. */
static void put_sign(struct report *r, size_t column)
{
	const struct picture *p = r->state;

	paint(r, color_of(p, column), -1);
	if (p->blocks && column < p->nodes)
		fputs("█", r->out);
	else
		fputc(p->symbol[column], r->out);
}

static void put_bar(struct report *r, size_t column, uint64_t bytes, uint64_t all)
{
	const struct picture *p = r->state;
	double length = (double)bytes / (double)all * (double)p->layout.cells;

	for (size_t i = 0; (double)i < length - 0.5 || (bytes && i == 0); i++)
		put_sign(r, column);
	paint(r, -1, -1);
}

static void put_share(struct report *r, size_t column, const char *what, uint64_t all)
{
	const struct picture *p = r->state;
	uint64_t bytes = p->total[column];
	char size[TEXT_SIZE_MAX];

	put_sign(r, column);
	paint(r, -1, -1);
	fprintf(r->out, " %-14s %6s %5.1f%% ", what, report_size(r, bytes, size),
		100.0 * (double)bytes / (double)all);
	put_bar(r, column, bytes, all);
	fputc('\n', r->out);
}

static void put_legend(struct report *r)
{
	const struct picture *p = r->state;
	char what[32], size[TEXT_SIZE_MAX];
	uint64_t all = 0;

	for (size_t i = 0; i < p->columns; i++)
		all += p->total[i];
	for (size_t i = 0; all && i < p->nodes; i++) {
		snprintf(what, sizeof(what), "node %d", p->node[i]);
		if (p->total[i] || p->nodes <= NODES_SHOWN)
			put_share(r, i, what, all);
	}
	if (p->total[p->nodes + ON_UNSEEN])
		put_share(r, p->nodes + ON_UNSEEN, "node unknown", all);
	if (p->total[p->nodes + ON_OTHERS])
		put_share(r, p->nodes + ON_OTHERS, "other nodes", all);
	fprintf(r->out, "%s several nodes, less than 90%% on any   %s not in memory\n",
		mixed_sign(p), absent_sign(p));
	if (p->left_out)
		fprintf(r->out, "left out: %" PRIu64 " mapping%s (%s), not in memory\n",
			p->left_out, p->left_out == 1 ? "" : "s",
			report_size(r, p->left_out_bytes, size));
	if (p->not_mapped)
		fprintf(r->out, "not mapped: %" PRIu64 " address%s\n", p->not_mapped,
			p->not_mapped == 1 ? "" : "es");
}

/* ---- the form ---- */

static int free_picture(struct report *r)
{
	struct picture *p = r->state;

	if (p) {
		free(p->node);
		free(p->cell);
		free(p->total);
	}
	free(p);
	r->state = NULL;
	return 0;
}

static int begin_picture(struct report *r, const struct subject *s)
{
	size_t cells = (terminal_width(r->out) - LEFT_WIDTH) / CELLS_STEP * CELLS_STEP;
	struct picture *p;

	free_picture(r);
	r->state = p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->layout.cells = cells ? cells : CELLS_STEP / 2;
	if (nodes_set(p, &s->topology->memory)) {
		free_picture(r);
		return -ENOMEM;
	}
	p->color = terminal_has_color(r->out, r->request->output.color);
	p->blocks = p->color && terminal_has_utf8(r->out) && p->nodes <= COLORS;
	p->ink = p->paper = -1;
	report_title(r, s);
	fprintf(r->out, "%-12s %-*s CELL\n", "ADDRESS", NAME_WIDTH, "WHAT");
	return 0;
}

static int end_plan(struct report *r, const struct subject *s)
{
	struct picture *p = r->state;

	if (s->plan->n) {
		range_begin(r, s, s->plan->n - 1);
		group_end(r, s);
	}
	p->planned = false;
	return 0;
}

static int end_picture(struct report *r, const struct subject *s)
{
	if (!r->state)
		return -ENOMEM;
	end_plan(r, s);
	put_legend(r);
	return 0;
}

const struct report_form report_map = {
	.begin = begin_picture,
	.pages = put_pages,
	.plan_end = end_plan,
	.end = end_picture,
	.finish = free_picture,
};
