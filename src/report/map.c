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
	TITLE_MAX = 512,
	COLOR_ABSENT = 240,
	COLOR_OTHER = 250
};

/* The columns of bytes after those of the nodes. */
enum { ON_UNSEEN, ON_OTHERS, BESIDES };

struct map {
	FILE *out; /* memory: the line above the map has the totals */
	char *text;
	size_t len;
	struct map_layout layout;
	struct map_group group; /* the current one */
	bool has_pages;		/* the group has pages in memory */
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

/* How a cell is drawn. */
struct look {
	enum { LOOK_ABSENT, LOOK_OTHERS, LOOK_ONE, LOOK_MIXED } how;
	size_t first, second; /* the columns with the most bytes */
	uint64_t quarters;    /* in memory, and one more */
};

static struct look look_of(const struct map *p, uint64_t cell)
{
	const uint64_t *bytes = p->cell + cell * p->columns;
	const uint64_t rest = p->group.bytes - (cell << p->group.cell_shift);
	const uint64_t full = 1ULL << p->group.cell_shift, room = rest < full ? rest : full;
	const size_t others = p->nodes->n + ON_OTHERS;
	struct look l = { LOOK_ABSENT, 0, 0, 0 };
	uint64_t all = 0;

	for (size_t i = 0; i < others; i++) {
		all += bytes[i];
		if (bytes[i] > bytes[l.first]) {
			l.second = l.first;
			l.first = i;
		} else if (i != l.first && (l.second == l.first || bytes[i] > bytes[l.second])) {
			l.second = i;
		}
	}
	if (!all)
		return (struct look){ bytes[others] ? LOOK_OTHERS : LOOK_ABSENT, 0, 0, 0 };
	/* Less than 10 % on other nodes does not make it mixed. */
	l.how = bytes[l.first] >= all / 10 * 9 ? LOOK_ONE : LOOK_MIXED;
	if (l.how == LOOK_ONE)
		l.second = 0;
	if (l.how == LOOK_ONE && p->pen.blocks)
		l.quarters = all >= room ? 3 : all / (room / 4 + 1);
	if (l.how == LOOK_MIXED && !p->pen.blocks)
		l.first = l.second = 0;
	return l;
}

static void put_cell(struct map *p, uint64_t cell)
{
	const struct look l = look_of(p, cell);

	if (l.how == LOOK_ONE) {
		put_sign(p, l.first, l.quarters);
	} else if (l.how == LOOK_MIXED) {
		paint(p, p->pen.blocks ? p->sign[l.first].color : COLOR_OTHER,
		      p->pen.blocks ? p->sign[l.second].color : -1);
		fputs(p->pen.mixed, p->out);
	} else {
		paint(p, COLOR_ABSENT, -1);
		fputs(l.how == LOOK_OTHERS ? "-" : p->pen.absent, p->out);
	}
}

/*
 * Write the address of a row, the name of its group in the first one, and the size of a cell.  The
 * name is the number of mappings, the base name of the file, or the kind.
 */
static void put_label(struct map *p, uint64_t row)
{
	const struct map_group *g = &p->group;
	const struct vma *first = vma_of(&p->layout, g->first), *next;
	bool is_file = first && first->kind == VMA_FILE, one = true;
	uint64_t offset = row * p->layout.cells << g->cell_shift;
	char name[TEXT_NAME_MAX] = "", size[TEXT_SIZE_MAX];

	fprintf(p->out, "%012" PRIx64 " ", map_layout_address(&p->layout, g, offset));
	for (size_t i = g->first + 1; one && !row && i < g->end; i++) {
		next = vma_of(&p->layout, i);
		one = next == first ||
		      (is_file && next &&
		       (next->kind == VMA_ANON || !strcmp(first->name, next->name)));
	}
	if (row)
		;
	else if (!one)
		snprintf(name, sizeof(name), "%zu mappings", g->end - g->first);
	else if (is_file)
		text_name(basename(first->name), name, sizeof(name));
	else
		snprintf(name, sizeof(name), "%s", first ? vma_kind_name(first->kind) : "-");
	fprintf(p->out, "%-*.*s %4s ", NAME_WIDTH, NAME_WIDTH, name,
		text_size(1ULL << g->cell_shift, size));
}

/* ---- rows that share one line ---- */

/* The end of a row in bytes of the group; of the one before the first, 0. */
static uint64_t row_end(const struct map *p, uint64_t row)
{
	const uint64_t end = (row + 1) * p->layout.cells << p->group.cell_shift;

	return end < p->group.bytes ? end : p->group.bytes;
}

/* Return the bytes of a row that are in memory.  Add them to @bytes, by column, unless NULL. */
static uint64_t row_bytes(const struct map *p, uint64_t row, uint64_t *bytes)
{
	uint64_t end = (row + 1) * p->layout.cells, sum = 0;

	for (uint64_t c = row * p->layout.cells; c < end && c < p->group.cells; c++)
		for (size_t i = 0; i < p->columns; i++) {
			if (bytes)
				bytes[i] += p->cell[c * p->columns + i];
			sum += p->cell[c * p->columns + i];
		}
	return sum;
}

static bool is_like(const struct map *p, uint64_t row, uint64_t other)
{
	const uint64_t cells = p->layout.cells;

	if ((row + 1) * cells > p->group.cells)
		return false;
	for (uint64_t c = 0; c < cells; c++) {
		const struct look a = look_of(p, row * cells + c);
		const struct look b = look_of(p, other * cells + c);

		if (a.how != b.how || a.first != b.first || a.second != b.second ||
		    a.quarters != b.quarters)
			return false;
	}
	return true;
}

/*
 * Write the line that rows from @row on share: those with less than 1 % in memory, or those like
 * the row before.  Return the row after them, or @row: a single row with a page has its cells.
 */
static uint64_t put_folded(struct map *p, uint64_t row)
{
	uint64_t bytes[NODES_MAX + BESIDES] = { 0 }, sum = 0, more, end = row;
	char text[TEXT_SIZE_MAX], nodes[NODES_TEXT_MAX];
	struct nodeset on = { { 0 } };

	for (; end < p->group.rows; end++, sum += more) {
		more = row_bytes(p, end, NULL);
		if (more && more >= (row_end(p, end) - row_end(p, end - 1)) / 100)
			break;
		row_bytes(p, end, bytes);
	}
	if (end <= row + (sum > 0))
		for (end = row, sum = UINT64_MAX;
		     row && end < p->group.rows && is_like(p, end, row - 1);)
			end++;
	if (end == row || (sum && end == row + 1))
		return row;
	for (size_t i = 0; i < p->nodes->n; i++)
		if (bytes[i])
			nodeset_add(&on, p->nodes->node[i]);
	nodeset_format(&on, nodes, sizeof(nodes));
	put_label(p, row);
	paint(p, COLOR_ABSENT, -1);
	fprintf(p->out, "... %s", text_size(row_end(p, end - 1) - row_end(p, row - 1), text));
	if (sum == UINT64_MAX)
		fputs(" like the row above ...", p->out);
	else if (sum)
		fprintf(p->out, ", %s of it in memory on node%s %s ...", text_size(sum, text),
			nodeset_count(&on) == 1 ? "" : "s", nodes);
	else
		fputs(" not in memory ...", p->out);
	end_line(p);
	return end;
}

/* Draw the rows of the current group. */
static void put_group(struct map *p)
{
	const struct map_group *g = &p->group;
	uint64_t end;

	if (!p->has_pages && !vma_of(&p->layout, g->first)) {
		p->not_mapped += g->end - g->first;
	} else if (!p->has_pages) {
		p->absent += g->end - g->first;
		p->absent_bytes += g->bytes;
	}
	for (uint64_t row = 0; p->has_pages && row < g->rows; row = end) {
		end = put_folded(p, row);
		if (end > row)
			continue;
		put_label(p, row);
		end = row + 1;
		for (uint64_t c = row * p->layout.cells; c < end * p->layout.cells && c < g->cells;
		     c++)
			put_cell(p, c);
		end_line(p);
	}
}

static void group_begin(struct map *p)
{
	p->before = 0;
	p->has_pages = false;
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
			p->has_pages = true;
		}
	}
	return 0;
}

static int map_free(struct report *r)
{
	struct map *p = r->state;

	if (p && p->out)
		fclose(p->out);
	if (p) {
		free(p->text);
		free(p->layout.range);
	}
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
	p->out = open_memstream(&p->text, &p->len);
	if (!p->out)
		return -ENOMEM;
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
	(void)s;
	fprintf(p->out, "%-12s %-*s CELL\n", "ADDRESS", NAME_WIDTH, "WHAT");
	return 0;
}

/* Write "redis (152): 57.7M in memory: 28.5M on node 0, 29.2M on node 1". */
static void put_title(const struct report *r, const struct subject *s, const struct map *p,
		      uint64_t all)
{
	char text[TITLE_MAX], name[REPORT_NAME_MAX], size[TEXT_SIZE_MAX];
	struct text_line line = { text, sizeof(text), 0 };
	const char *lead = ":";

	text_add(&line, "%s: %s in memory", report_name(s->process, name),
		 report_size(r, all, size));
	for (size_t i = 0; i < p->nodes->n && p->nodes->n <= NODES_SHOWN; i++) {
		if (!p->total[i])
			continue;
		text_add(&line, "%s %s on node %d", lead, report_size(r, p->total[i], size),
			 p->nodes->node[i]);
		lead = ",";
	}
	if (s->ended)
		text_add(&line, ", %s", limits_end_text(s->ended));
	terminal_wrap(r->out, stdout, text, 0, 2);
}

/* Draw the last ranges and the legend. */
static int map_end(struct report *r, const struct subject *s)
{
	struct map *p = r->state;
	char what[32], size[TEXT_SIZE_MAX], change[TEXT_SIZE_MAX + 1];
	const uint64_t *changes;
	uint64_t all = 0;

	if (!p || !p->out)
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
	if (fflush(p->out))
		return -ENOMEM;
	put_title(r, s, p, all);
	fwrite(p->text, 1, p->len, r->out);
	return 0;
}

const struct report_form report_map = {
	.begin = map_begin,
	.plan = map_plan,
	.pages = map_pages,
	.end = map_end,
	.finish = map_free,
};
