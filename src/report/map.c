/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/map.h"

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/terminal.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- layout: the addresses of each cell ---- */

static uint64_t range_bytes(const struct map_layout *l, size_t range)
{
	return l->range[range].end - l->range[range].start;
}

static const struct vma *vma_of(const struct map_layout *l, size_t range)
{
	uint32_t i = l->range[range].vma;

	return i == RANGE_NOT_MAPPED ? NULL : &l->space->at[i];
}

/* The heap and the stack always have their own group. */
static bool is_separate(const struct vma *m)
{
	return m && (m->kind == VMA_HEAP || m->kind == VMA_STACK);
}

/* Return whether the next range belongs to the group. */
static bool joins(const struct map_layout *l, const struct map_group *g)
{
	const struct vma *first = vma_of(l, g->first), *last = vma_of(l, g->end - 1);
	const struct vma *next = vma_of(l, g->end);
	uint64_t bytes = range_bytes(l, g->end);

	if (bytes == 0)
		return true;
	if (g->bytes + bytes <= l->merged)
		return first == next || (!is_separate(first) && !is_separate(next));
	if (!first || !next || first->kind != VMA_FILE)
		return false;
	/* Zeroed data of a program or library is anonymous, and directly follows it. */
	if (next->kind == VMA_ANON)
		return last && last->end == next->start && next->end - next->start <= l->finest;
	return next->kind == VMA_FILE && first->inode == next->inode &&
	       first->major == next->major && first->minor == next->minor;
}

struct map_group map_layout_group(const struct map_layout *l, size_t first)
{
	const struct vma *m = vma_of(l, first);
	struct map_group g = { .first = first, .end = first + 1, .rows = 1 };

	g.bytes = range_bytes(l, first);
	while (g.end < l->n && joins(l, &g))
		g.bytes += range_bytes(l, g.end++);
	/* One row, and one more for each doubling of the size beyond a row of 16 pages per cell. */
	for (uint64_t rest = (g.bytes - 1) / (l->finest << 4); rest && g.rows < l->rows_max;
	     rest /= 2)
		g.rows++;
	g.cell_shift = m && m->page_shift > l->base_shift ? m->page_shift : l->base_shift;
	while ((g.bytes - 1) >> g.cell_shift >= g.rows * l->cells)
		g.cell_shift++;
	g.cells = ((g.bytes - 1) >> g.cell_shift) + 1;
	g.rows = (g.cells + l->cells - 1) / l->cells;
	return g;
}

uint64_t map_layout_address(const struct map_layout *l, const struct map_group *g, uint64_t offset)
{
	size_t i = g->first;

	for (; i + 1 < g->end && offset >= range_bytes(l, i); i++)
		offset -= range_bytes(l, i);
	return l->range[i].start + offset;
}

int map_layout_choose(struct map_layout *l, const struct plan *plan,
		      const struct address_space *space, unsigned int base_shift, size_t cells)
{
	*l = (struct map_layout){ .space = space,
				  .base_shift = base_shift,
				  .cells = cells,
				  .finest = (uint64_t)cells << base_shift,
				  .rows_max = MAP_GROUP_ROWS };
	l->range = reallocarray(NULL, plan->n + 1, sizeof(*l->range));
	if (!l->range)
		return -ENOMEM;
	for (; l->n < plan->n; l->n++) {
		l->range[l->n] = plan->range[l->n];
		if (plan_repeats(plan, l->n))
			l->range[l->n].end = l->range[l->n].start;
	}
	while (l->merged < UINT64_MAX / 2) {
		struct map_group g;
		uint64_t rows = 0;

		for (size_t i = 0; i < l->n; i = g.end) {
			g = map_layout_group(l, i);
			rows += g.rows;
		}
		if (rows <= MAP_LAYOUT_ROWS)
			break;
		if (l->merged && l->rows_max > 1)
			l->rows_max /= 2;
		l->merged = l->merged ? l->merged * 2 : l->finest;
	}
	return 0;
}

/* ---- drawing ---- */

/* Pages arrive in the order of the plan, so only the cells of one group are kept. */

enum {
	NAME_WIDTH = 12,
	LEFT_WIDTH = 12 + 1 + NAME_WIDTH + 1 + 4 + 1,
	CELLS_STEP = 16,
	COLORS = 8,
	NODES_SHOWN = 8,
	COLOR_ABSENT = 240,
	COLOR_OTHER = 250
};

/* The columns of bytes after those of the nodes. */
enum { ON_UNSEEN, ON_OTHERS, BESIDES };

struct map {
	FILE *out;
	struct map_layout layout;
	struct map_group group; /* the current one */
	uint32_t rows;		/* its rows that have pages, one bit each */
	size_t at;		/* the current range */
	uint64_t before;	/* bytes of the group before that range */
	const struct node_columns *nodes;
	size_t columns;	 /* the nodes, then BESIDES */
	uint64_t *total; /* bytes of the process, by column */
	struct {
		char symbol;
		int color;
	} sign[NODES_MAX + BESIDES]; /* by column */
	struct {
		bool color, blocks;
		int ink, paper; /* current colours, -1: none */
		const char *mixed, *absent;
	} pen;
	uint64_t absent, absent_bytes; /* mappings without a page in memory */
	uint64_t not_mapped;	       /* number of addresses */
	uint64_t cell[];	       /* bytes of each cell, by column; and then total */
};

/* Set colours; -1 is the default of the terminal. */
static void paint(struct map *p, int ink, int paper)
{
	if (!p->pen.color || (p->pen.ink == ink && p->pen.paper == paper))
		return;
	if (ink < 0 || (paper < 0 && p->pen.paper >= 0))
		fputs("\033[0m", p->out);
	if (ink >= 0)
		fprintf(p->out, "\033[38;5;%dm", ink);
	if (paper >= 0)
		fprintf(p->out, "\033[48;5;%dm", paper);
	p->pen.ink = ink;
	p->pen.paper = paper;
}

static void end_line(struct map *p)
{
	paint(p, -1, -1);
	fputc('\n', p->out);
}

/* Draw a cell of one column, of which @quarters + 1 quarters are in memory. */
static void put_sign(struct map *p, size_t column, uint64_t quarters)
{
	static const char *const shades[] = { "░", "▒", "▓", "█" };

	paint(p, p->sign[column].color, -1);
	if (p->pen.blocks && column < p->nodes->n)
		fputs(shades[quarters], p->out);
	else
		fputc(p->sign[column].symbol, p->out);
}

/* Draw a cell of @room bytes; @bytes: those in memory, by column. */
static void put_cell(struct map *p, const uint64_t *bytes, uint64_t room)
{
	const size_t others = p->nodes->n + ON_OTHERS;
	size_t first = 0, second = 0; /* the columns with the most bytes */
	uint64_t all = 0;

	for (size_t i = 0; i < others; i++) {
		all += bytes[i];
		if (bytes[i] > bytes[first]) {
			second = first;
			first = i;
		} else if (i != first && (second == first || bytes[i] > bytes[second])) {
			second = i;
		}
	}
	if (!all) {
		paint(p, COLOR_ABSENT, -1);
		fputs(bytes[others] ? "-" : p->pen.absent, p->out);
	} else if (bytes[first] >= all / 10 * 9) {
		/* Less than 10 % on other nodes does not make it mixed. */
		put_sign(p, first, all >= room ? 3 : all / (room / 4 + 1));
	} else {
		paint(p, p->pen.blocks ? p->sign[first].color : COLOR_OTHER,
		      p->pen.blocks ? p->sign[second].color : -1);
		fputs(p->pen.mixed, p->out);
	}
}

/*
 * Write the address of a row and, in the first row of a group, its name and scale.  The name is the
 * number of mappings, the base name of the file, or the kind.
 */
static void put_label(struct map *p, uint64_t row)
{
	const struct map_group *g = &p->group;
	const struct vma *first = vma_of(&p->layout, g->first), *next;
	bool is_file = first && first->kind == VMA_FILE, one = true;
	uint64_t offset = row * p->layout.cells << g->cell_shift;
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX];

	fprintf(p->out, "%012" PRIx64 " ", map_layout_address(&p->layout, g, offset));
	if (row) {
		fprintf(p->out, "%*s", LEFT_WIDTH - 13, "");
		return;
	}
	for (size_t i = g->first + 1; one && i < g->end; i++) {
		next = vma_of(&p->layout, i);
		one = next == first ||
		      (is_file && next &&
		       (next->kind == VMA_ANON || !strcmp(first->name, next->name)));
	}
	if (!one)
		snprintf(name, sizeof(name), "%zu mappings", g->end - g->first);
	else if (is_file)
		text_name(basename(first->name), name, sizeof(name));
	else
		snprintf(name, sizeof(name), "%s", first ? vma_kind_name(first->kind) : "-");
	fprintf(p->out, "%-*.*s %4s ", NAME_WIDTH, NAME_WIDTH, name,
		text_size(1ULL << g->cell_shift, size));
}

/* Draw the rows of the current group; rows without a page share one line. */
static void put_group(struct map *p)
{
	const struct map_group *g = &p->group;
	const uint64_t room = 1ULL << g->cell_shift, row_bytes = room * p->layout.cells;
	uint64_t drawn = 0, rest;
	char size[TEXT_SIZE_MAX];

	if (!p->rows && !vma_of(&p->layout, g->first)) {
		p->not_mapped += g->end - g->first;
	} else if (!p->rows) {
		p->absent += g->end - g->first;
		p->absent_bytes += g->bytes;
	}
	for (uint64_t row = 0; p->rows && row <= g->rows; row++) {
		uint64_t end = (row + 1) * p->layout.cells;

		if (row < g->rows && !(p->rows >> row & 1))
			continue;
		if (drawn < row) {
			put_label(p, drawn);
			paint(p, COLOR_ABSENT, -1);
			rest = row < g->rows ? row * row_bytes : g->bytes;
			fprintf(p->out, "... %s not in memory ...",
				text_size(rest - drawn * row_bytes, size));
			end_line(p);
		}
		if (row == g->rows)
			break;
		put_label(p, row);
		for (uint64_t c = end - p->layout.cells; c < end && c < g->cells; c++) {
			rest = g->bytes - c * room;
			put_cell(p, p->cell + c * p->columns, rest < room ? rest : room);
		}
		end_line(p);
		drawn = row + 1;
	}
}

static void group_begin(struct map *p)
{
	p->before = p->rows = 0;
	if (p->at == p->layout.n)
		return;
	p->group = map_layout_group(&p->layout, p->at);
	memset(p->cell, 0, p->group.cells * p->columns * sizeof(*p->cell));
}

/* Go to the next range.  After the last one of a group, draw the group. */
static void range_end(struct map *p)
{
	p->before += range_bytes(&p->layout, p->at);
	if (++p->at < p->group.end)
		return;
	put_group(p);
	group_begin(p);
}

/* A list of pages has several plans, which are drawn one after the other. */
static int map_plan(struct report *r, const struct subject *s, const struct plan *plan)
{
	struct map *p = r->state;
	int rc;

	while (p->at < p->layout.n)
		range_end(p);
	free(p->layout.range);
	rc = map_layout_choose(&p->layout, plan, s->space, s->account->base_shift, p->layout.cells);
	p->at = 0;
	group_begin(p);
	return rc;
}

static int map_pages(struct report *r, const struct subject *s, const struct page *page, size_t n)
{
	struct map *p = r->state;
	const struct map_layout *l = &p->layout;

	(void)s;
	for (; n--; page++) {
		uint64_t start = page->address, end = start + page_bytes(page), stop;
		const struct range *range;
		int column = -1;

		if (page->outcome == OUTCOME_PRESENT)
			column = node_column(p->nodes, page->node);
		else if (page->outcome == OUTCOME_UNSEEN)
			column = (int)p->nodes->n + ON_UNSEEN;
		else if (page->outcome == OUTCOME_NOT_SELECTED)
			column = (int)p->nodes->n + ON_OTHERS;
		if (column < 0)
			continue;
		/* A page requested twice has two ranges. */
		for (range = l->range + p->at; p->at < l->n; range++, range_end(p))
			if (page->vma == range->vma && page->operand == range->asked &&
			    (page->address < range->end || range->single))
				break;
		if (p->at == l->n)
			break;
		if (start < range->start)
			start = range->start;
		if (end > range->end)
			end = range->end;
		if (start < end && !(page->flags & PAGE_AGAIN))
			p->total[column] += end - start;
		for (; start < end; start = stop) {
			uint64_t offset = p->before + start - range->start;
			uint64_t cell = offset >> p->group.cell_shift;

			stop = start + ((cell + 1) << p->group.cell_shift) - offset;
			if (stop > end)
				stop = end;
			p->cell[cell * p->columns + (size_t)column] += stop - start;
			p->rows |= 1U << cell / l->cells;
		}
	}
	return 0;
}

static int map_free(struct report *r)
{
	struct map *p = r->state;

	if (p)
		free(p->layout.range);
	free(p);
	r->state = NULL;
	return 0;
}

static int map_begin(struct report *r, const struct subject *s)
{
	/* Small node numbers are digits; others get letters, and after Z all the same sign. */
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t cells = (terminal_width(stdout) - LEFT_WIDTH) / CELLS_STEP * CELLS_STEP;
	size_t columns = r->nodes.n + BESIDES, all;
	const char *letter = letters;
	struct map *p;

	map_free(r);
	if (!cells)
		cells = CELLS_STEP / 2;
	all = MAP_GROUP_ROWS * cells * columns;
	r->state = p = calloc(1, sizeof(*p) + (all + columns) * sizeof(p->cell[0]));
	if (!p)
		return -ENOMEM;
	p->total = p->cell + all;
	p->layout.cells = cells;
	p->out = r->out;
	p->nodes = &r->nodes;
	p->columns = columns;
	for (size_t i = 0; i < p->columns; i++) {
		p->sign[i].color = i < p->nodes->n ? node_color((int)i) : COLOR_OTHER;
		if (i >= p->nodes->n)
			p->sign[i].symbol = i == p->nodes->n + ON_UNSEEN ? '?' : '-';
		else if (p->nodes->node[i] < 10)
			p->sign[i].symbol = (char)('0' + p->nodes->node[i]);
		else
			p->sign[i].symbol = *letter ? *letter++ : '#';
	}
	p->pen.color = terminal_has_color(stdout, r->request->output.color);
	p->pen.ink = p->pen.paper = -1;
	p->pen.blocks = p->pen.color && terminal_has_utf8(stdout) && p->nodes->n <= COLORS;
	p->pen.mixed = p->pen.blocks ? "▀" : "+";
	p->pen.absent = p->pen.blocks ? "·" : ".";
	report_title(r, s);
	fprintf(r->out, "%-12s %-*s CELL\n", "ADDRESS", NAME_WIDTH, "WHAT");
	return 0;
}

/* Draw the last ranges and the legend. */
static int map_end(struct report *r, const struct subject *s)
{
	struct map *p = r->state;
	char what[32], size[TEXT_SIZE_MAX], change[TEXT_SIZE_MAX + 1];
	const uint64_t *changes;
	uint64_t all = 0;

	(void)s;
	if (!p)
		return -ENOMEM;
	changes = report_changes(r, p->total, p->columns);
	while (p->at < p->layout.n)
		range_end(p);
	for (size_t i = 0; i < p->columns; i++)
		all += p->total[i];
	for (size_t i = 0; all && i < p->columns; i++) {
		double share = (double)p->total[i] / (double)all;
		double signs = share * (double)p->layout.cells - 0.5;

		if (!p->total[i] && (i >= p->nodes->n || p->nodes->n > NODES_SHOWN))
			continue;
		if (i < p->nodes->n)
			snprintf(what, sizeof(what), "node %d", p->nodes->node[i]);
		else
			strcpy(what, i == p->nodes->n + ON_UNSEEN ? "node unknown" : "other nodes");
		put_sign(p, i, 3);
		paint(p, -1, -1);
		fprintf(p->out, " %-14s %6s %5.1f%% ", what, report_size(r, p->total[i], size),
			100.0 * share);
		if (changes)
			fprintf(p->out, "%6s ", report_change(r, changes[i], change));
		for (int k = 0; k < signs || (p->total[i] && k == 0); k++)
			put_sign(p, i, 3);
		end_line(p);
	}
	fprintf(p->out, "%s several nodes, less than 90%% on any   %s not in memory\n",
		p->pen.mixed, p->pen.absent);
	if (p->absent)
		fprintf(p->out, "not shown: %" PRIu64 " mapping%s (%s), not in memory\n", p->absent,
			p->absent == 1 ? "" : "s", report_size(r, p->absent_bytes, size));
	if (p->not_mapped)
		fprintf(p->out, "not mapped: %" PRIu64 " address%s\n", p->not_mapped,
			p->not_mapped == 1 ? "" : "es");
	return 0;
}

const struct report_form report_map = {
	.begin = map_begin,
	.plan = map_plan,
	.pages = map_pages,
	.end = map_end,
	.finish = map_free,
};
