/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/topology.h"
#include "plan/account.h"
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
 * The address space as a picture: map_layout.h says which stretch of memory a cell is, the
 * pages that come by say what colour it has.  Pages come in the order of the plan, so that
 * only the cells of one group are kept; they are drawn when the next group begins.
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
	struct map_group group; /* the one at hand, */
	uint32_t rows;		/* those of its rows that have pages, one bit each, */
	size_t at;		/* its range at hand, */
	uint64_t before;	/* and the bytes of the group that are before it */
	struct node_columns nodes;
	uint64_t *cell, *total;		  /* bytes by column: of each cell, of the process */
	char symbol[NODES_MAX + BESIDES]; /* by column: the nodes, then BESIDES */
	bool blocks;
	const char *mixed, *absent; /* signs */
	struct {
		bool on;
		int ink, paper; /* colours at hand, -1: none */
	} color;
	uint64_t left_out, left_out_bytes; /* mappings with no page */
	uint64_t not_mapped;		   /* addresses */
};

static size_t columns_of(const struct picture *p)
{
	return p->nodes.n + BESIDES;
}

/* Switch colours; -1 is the terminal's own. */
static void paint(struct report *r, int ink, int paper)
{
	struct picture *p = r->state;

	if (!p->color.on || (p->color.ink == ink && p->color.paper == paper))
		return;
	if (ink < 0 || (paper < 0 && p->color.paper >= 0))
		fputs("\033[0m", r->out);
	if (ink >= 0)
		fprintf(r->out, "\033[38;5;%dm", ink);
	if (paper >= 0)
		fprintf(r->out, "\033[48;5;%dm", paper);
	p->color.ink = ink;
	p->color.paper = paper;
}

static int color_of(const struct picture *p, size_t column)
{
	return column < p->nodes.n ? colors[column % COLORS] : COLOR_OTHER;
}

/* What is in memory of a cell that is mostly in one column: @quarters, 0 to 3, and one more. */
static void put_sign(struct report *r, size_t column, uint64_t quarters)
{
	static const char *const shades[] = { "░", "▒", "▓", "█" };
	const struct picture *p = r->state;

	paint(r, color_of(p, column), -1);
	if (p->blocks && column < p->nodes.n)
		fputs(shades[quarters], r->out);
	else
		fputc(p->symbol[column], r->out);
}

/* @bytes: what is in memory of it, by column; @room: the bytes that it stands for */
static void put_cell(struct report *r, const uint64_t *bytes, uint64_t room)
{
	const struct picture *p = r->state;
	size_t first = 0, second = 0;
	uint64_t most = 0, more = 0, all = 0;

	for (size_t i = 0; i < p->nodes.n + ON_OTHERS; i++) {
		all += bytes[i];
		if (bytes[i] > most) {
			second = first;
			more = most;
			first = i;
			most = bytes[i];
		} else if (bytes[i] > more) {
			second = i;
			more = bytes[i];
		}
	}
	if (!all) {
		paint(r, COLOR_ABSENT, -1);
		fputs(bytes[p->nodes.n + ON_OTHERS] ? "-" : p->absent, r->out);
	} else if (most >= all / 10 * 9) {
		/* A few strays make no mixture. */
		put_sign(r, first, all >= room ? 3 : all / (room / 4 + 1));
	} else {
		paint(r, p->blocks ? color_of(p, first) : COLOR_OTHER,
		      p->blocks ? color_of(p, second) : -1);
		fputs(p->mixed, r->out);
	}
}

/* How many mappings a group has, or the file's name without directories, or the kind. */
static void group_name(const struct picture *p, char *name)
{
	const struct vma *vma = p->layout.maps->at;
	const struct range *range = p->layout.range;
	uint32_t first = range[p->group.first].mapping, next;
	bool is_file = first != RANGE_NOT_MAPPED && vma[first].kind == VMA_FILE;

	for (size_t i = p->group.first + 1; i < p->group.end; i++) {
		next = range[i].mapping;
		if (next == first ||
		    (is_file && next != RANGE_NOT_MAPPED &&
		     (vma[next].kind == VMA_ANON || strcmp(vma[first].name, vma[next].name) == 0)))
			continue;
		snprintf(name, TEXT_NAME_MAX, "%zu mappings", p->group.end - p->group.first);
		return;
	}
	if (is_file)
		text_name(basename(vma[first].name), name, TEXT_NAME_MAX);
	else
		snprintf(name, TEXT_NAME_MAX, "%s",
			 first == RANGE_NOT_MAPPED ? "-" : vma_kind_name(vma[first].kind));
}

/* The address, and on the first line of a group its name and scale. */
static void put_label(struct report *r, uint64_t row)
{
	const struct picture *p = r->state;
	const struct map_group *g = &p->group;
	uint64_t offset = row * p->layout.cells << g->cell_shift;
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX];

	fprintf(r->out, "%012" PRIx64 " ", map_layout_address(&p->layout, g, offset));
	if (row) {
		fprintf(r->out, "%*s", LEFT_WIDTH - 13, "");
		return;
	}
	group_name(p, name);
	fprintf(r->out, "%-*.*s %4s ", NAME_WIDTH, NAME_WIDTH, name,
		text_size(1ULL << g->cell_shift, size));
}

/* Rows in which there is nothing, in one line. */
static void put_gap(struct report *r, uint64_t row, uint64_t end)
{
	const struct picture *p = r->state;
	const struct map_group *g = &p->group;
	uint64_t start = row * p->layout.cells << g->cell_shift;
	uint64_t stop = end * p->layout.cells << g->cell_shift;
	char size[TEXT_SIZE_MAX];

	if (row == end)
		return;
	put_label(r, row);
	paint(r, COLOR_ABSENT, -1);
	fprintf(r->out, "... %s not in memory ...",
		text_size((stop < g->bytes ? stop : g->bytes) - start, size));
	paint(r, -1, -1);
	fputc('\n', r->out);
}

static void put_group(struct report *r)
{
	struct picture *p = r->state;
	const struct map_group *g = &p->group;
	uint64_t drawn = 0;

	for (uint64_t row = 0; row < g->rows; row++) {
		uint64_t first = row * p->layout.cells, end = first + p->layout.cells;

		if (!(p->rows >> row & 1))
			continue;
		put_gap(r, drawn, row);
		put_label(r, row);
		for (uint64_t c = first; c < end && c < g->cells; c++) {
			uint64_t room = 1ULL << g->cell_shift, rest = g->bytes - c * room;

			put_cell(r, p->cell + c * columns_of(p), rest < room ? rest : room);
		}
		paint(r, -1, -1);
		fputc('\n', r->out);
		drawn = row + 1;
	}
	if (drawn) {
		put_gap(r, drawn, g->rows);
	} else if (p->layout.range[g->first].mapping == RANGE_NOT_MAPPED) {
		p->not_mapped += g->end - g->first;
	} else {
		p->left_out += g->end - g->first;
		p->left_out_bytes += g->bytes;
	}
}

static void group_begin(struct picture *p)
{
	p->before = p->rows = 0;
	if (p->at == p->layout.n)
		return;
	p->group = map_layout_group(&p->layout, p->at);
	memset(p->cell, 0, p->group.cells * columns_of(p) * sizeof(*p->cell));
}

/* Go on to the next range; with the last one of a group the group is complete. */
static void range_end(struct report *r)
{
	struct picture *p = r->state;

	p->before += map_layout_bytes(&p->layout, p->at);
	if (++p->at < p->group.end)
		return;
	put_group(r);
	group_begin(p);
}

/* The pages of a list come in several plans, which are drawn one after the other. */
static int picture_plan(struct report *r, const struct subject *s, const struct plan *plan)
{
	struct picture *p = r->state;
	int rc;

	while (p->at < p->layout.n)
		range_end(r);
	map_layout_free(&p->layout);
	rc = map_layout_choose(&p->layout, plan, s->maps, s->account->base_shift, p->layout.cells);
	p->at = 0;
	group_begin(p);
	return rc;
}

static int picture_pages(struct report *r, const struct subject *s, const struct page *page,
			 size_t n)
{
	struct picture *p = r->state;

	(void)s;
	for (; n--; page++) {
		int column = page->outcome == OUTCOME_PRESENT ? node_column(&p->nodes, page->node) :
								-1;
		uint64_t start = page->address, end = start + page_bytes(page), stop;
		const struct range *range;

		if (page->outcome == OUTCOME_UNSEEN)
			column = (int)p->nodes.n + ON_UNSEEN;
		if (page->outcome == OUTCOME_NOT_SELECTED)
			column = (int)p->nodes.n + ON_OTHERS;
		if (column < 0)
			continue;
		/* One that is requested again has a range of its own. */
		for (range = p->layout.range + p->at; p->at < p->layout.n; range++, range_end(r))
			if (page->vma == range->mapping && page->operand == range->asked &&
			    (page->address < range->end || range->single))
				break;
		if (p->at == p->layout.n)
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
			p->cell[cell * columns_of(p) + (size_t)column] += stop - start;
			p->rows |= 1U << cell / p->layout.cells;
		}
	}
	return 0;
}

static int picture_free(struct report *r)
{
	struct picture *p = r->state;

	if (p) {
		map_layout_free(&p->layout);
		free(p->cell);
		free(p->total);
	}
	free(p);
	r->state = NULL;
	return 0;
}

static int picture_begin(struct report *r, const struct subject *s)
{
	/* Small numbers are their own sign; the others get letters, and after Z just one. */
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t cells = (terminal_width(r->out) - LEFT_WIDTH) / CELLS_STEP * CELLS_STEP;
	const char *letter = letters;
	struct picture *p;

	picture_free(r);
	r->state = p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	node_columns_set(&p->nodes, &r->topology->memory);
	for (size_t i = 0; i < p->nodes.n; i++) {
		if (p->nodes.node[i] < 10)
			p->symbol[i] = (char)('0' + p->nodes.node[i]);
		else
			p->symbol[i] = *letter ? *letter++ : '#';
	}
	p->symbol[p->nodes.n + ON_UNSEEN] = '?';
	p->symbol[p->nodes.n + ON_OTHERS] = '-';
	p->layout.cells = cells ? cells : CELLS_STEP / 2;
	p->total = calloc(columns_of(p), sizeof(*p->total));
	p->cell = calloc(MAP_GROUP_ROWS * p->layout.cells * columns_of(p), sizeof(*p->cell));
	if (!p->total || !p->cell) {
		picture_free(r);
		return -ENOMEM;
	}
	p->color.on = terminal_has_color(r->out, r->request->output.color);
	p->color.ink = p->color.paper = -1;
	p->blocks = p->color.on && terminal_has_utf8(r->out) && p->nodes.n <= COLORS;
	p->mixed = p->blocks ? "▀" : "+";
	p->absent = p->blocks ? "·" : ".";
	report_title(r, s);
	fprintf(r->out, "%-12s %-*s CELL\n", "ADDRESS", NAME_WIDTH, "WHAT");
	return 0;
}

/* The last ranges, and the legend. */
static int picture_end(struct report *r, const struct subject *s)
{
	struct picture *p = r->state;
	char what[32], size[TEXT_SIZE_MAX];
	uint64_t all = 0;

	(void)s;
	if (!p)
		return -ENOMEM;
	while (p->at < p->layout.n)
		range_end(r);
	for (size_t i = 0; i < columns_of(p); i++)
		all += p->total[i];
	for (size_t i = 0; all && i < columns_of(p); i++) {
		double share = (double)p->total[i] / (double)all;

		if (!p->total[i] && (i >= p->nodes.n || p->nodes.n > NODES_SHOWN))
			continue;
		if (i < p->nodes.n)
			snprintf(what, sizeof(what), "node %d", p->nodes.node[i]);
		else
			strcpy(what, i == p->nodes.n + ON_UNSEEN ? "node unknown" : "other nodes");
		put_sign(r, i, 3);
		paint(r, -1, -1);
		fprintf(r->out, " %-14s %6s %5.1f%% ", what, report_size(r, p->total[i], size),
			100.0 * share);
		for (size_t k = 0;
		     (double)k < share * (double)p->layout.cells - 0.5 || (p->total[i] && k == 0);
		     k++)
			put_sign(r, i, 3);
		paint(r, -1, -1);
		fputc('\n', r->out);
	}
	fprintf(r->out, "%s several nodes, less than 90%% on any   %s not in memory\n", p->mixed,
		p->absent);
	if (p->left_out)
		fprintf(r->out, "left out: %" PRIu64 " mapping%s (%s), not in memory\n",
			p->left_out, p->left_out == 1 ? "" : "s",
			report_size(r, p->left_out_bytes, size));
	if (p->not_mapped)
		fprintf(r->out, "not mapped: %" PRIu64 " address%s\n", p->not_mapped,
			p->not_mapped == 1 ? "" : "es");
	return 0;
}

const struct report_form report_map = {
	.begin = picture_begin,
	.plan = picture_plan,
	.pages = picture_pages,
	.end = picture_end,
	.finish = picture_free,
};
