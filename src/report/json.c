/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/engine.h"
#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "plan/threshold.h"
#include "proc/address_space.h"
#include "proc/binding.h"
#include "proc/process.h"
#include "report/dry_run.h"
#include "report/report.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

/*
 * JSON documents, written process by process.  Numbers are integers, sizes are in bytes, and
 * addresses are strings, because they may exceed 2^53.
 *
 * A value is NULL if memory ran out.  jansson's functions with "new" in their names, and
 * json_pack() with "o", always take ownership of a value, and fail if it is NULL.  So a failure
 * makes the outermost value NULL.
 */

#define INT(n) ((json_int_t)(n))

/* Add to an array, or make it NULL. */
static void push(json_t **array, json_t *value)
{
	if (json_array_append_new(*array, value) == 0)
		return;
	json_decref(*array);
	*array = NULL;
}

/* Add to an object, or make it NULL. */
static void set(json_t **object, const char *key, json_t *value)
{
	if (json_object_set_new(*object, key, value) == 0)
		return;
	json_decref(*object);
	*object = NULL;
}

/* Escape the name of a process or a file, which may have any bytes. */
static json_t *json_name(const char *bytes)
{
	char *text = text_utf8(bytes);
	json_t *value = text ? json_string(text) : NULL;

	free(text);
	return value;
}

static json_t *json_address(uint64_t address)
{
	return json_sprintf("0x%" PRIx64, address);
}

static json_t *json_node(int node)
{
	return node < 0 ? json_null() : json_integer(node);
}

static json_t *json_count(struct count c)
{
	return json_pack("{s:I,s:I,s:I}", "pages", INT(c.pages), "huge_pages", INT(c.huge), "bytes",
			 INT(c.bytes));
}

/* ---- documents ---- */

/* jansson does not escape DEL, which occurs in strings only. */
static int write_text(const char *text, size_t size, void *file)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\177')
			fputs("\\u007f", file);
		else
			fputc(text[i], file);
	return 0;
}

int report_dump(const json_t *value, FILE *f)
{
	return json_dump_callback(value, write_text, f, JSON_COMPACT | JSON_ENSURE_ASCII);
}

static int document_start(struct report *r)
{
	fprintf(r->out, "{\"schema\":%d,\"command\":\"%s\",\"processes\":[", REPORT_SCHEMA,
		r->request->command == COMMAND_MIGRATEPAGES ? "migratepages" : "movepages");
	return 0;
}

/* Write the object of one process, and drop it. */
static int document_process(struct report *r, json_t *object)
{
	int rc;

	if (!object)
		return -ENOMEM;
	fputs(r->processes > 1 ? ",\n" : "\n", r->out);
	rc = report_dump(object, r->out);
	json_decref(object);
	return rc ? -ENOMEM : 0;
}

/* Add to a list of processes; NULL is an empty one. */
static int add_process(struct report *r, json_t **array, pid_t pid, const char *why)
{
	if (!r->form->is_document)
		return 0;
	if (!*array)
		*array = json_array();
	return json_array_append_new(*array, json_pack("{s:i,s:s}", "pid", pid, "error", why)) ?
		       -ENOMEM :
		       0;
}

int report_failed(struct report *r, pid_t pid, const char *why)
{
	return add_process(r, &r->errors, pid, why);
}

int report_vanished(struct report *r, pid_t pid, const char *why)
{
	return add_process(r, &r->vanished, pid, why);
}

static const char *end_name(enum limits_end end)
{
	if (end == LIMITS_SIGNAL)
		return "signal";
	return end == LIMITS_TIMEOUT ? "timeout" : NULL;
}

/* End the document.  Drop @total, of all processes, and @unused, the free memory. */
static int document_finish(struct report *r, json_t *total, json_t *unused)
{
	json_t *rest = json_pack("{s:b,s:s?,s:o}", "complete", !r->total.ended && !r->errors,
				 "ended_by", end_name(r->total.ended), "total", total);
	json_t *checks = json_array(), *advice = json_array();
	const struct advice *stay = r->advice;
	int rc;

	if (unused)
		set(&rest, "free", unused);
	for (size_t i = 0; stay && i < stay->n; i++)
		push(&advice,
		     json_pack("{s:i,s:s,s:s,s:s}", "pid", stay->pid, "cause", stay->note[i].cause,
			       "text", stay->note[i].text, "command", stay->note[i].command));
	if (stay)
		set(&rest, "advice", json_incref(advice));
	for (size_t i = 0; i < r->n_thresholds; i++) {
		const struct threshold *t = &r->thresholds[i];
		const char *check = t->at_most ? "at_most" : "at_least";
		size_t len;
		const char *percent = threshold_percent(t, &len);

		push(&checks, json_pack("{s:s,s:s%,s:s%,s:I,s:I,s:I,s:b}", "check", check, "nodes",
					t->text, t->nodes_len, "percent", percent, len, "bytes",
					INT(t->on), "unseen", INT(t->unseen), "total",
					INT(t->total), "holds", threshold_holds(t)));
	}
	if (r->n_thresholds)
		set(&rest, "checks", json_incref(checks));
	json_decref(advice);
	json_decref(checks);
	set(&rest, "vanished", r->vanished ? r->vanished : json_array());
	set(&rest, "errors", r->errors ? r->errors : json_array());
	r->vanished = r->errors = NULL;
	if (!r->processes)
		document_start(r);
	fputs("\n],", r->out);
	rc = json_dump_callback(rest, write_text, r->out,
				JSON_COMPACT | JSON_ENSURE_ASCII | JSON_EMBED);
	fputs("}\n", r->out);
	json_decref(rest);
	return rc ? -ENOMEM : 0;
}

/* ---- moves ---- */

static json_t *json_outcomes(const struct account *a)
{
	static const enum outcome keys[] = {
		OUTCOME_WOULD_MOVE, OUTCOME_MOVED,    OUTCOME_ALREADY_THERE, OUTCOME_LARGER_UNIT,
		OUTCOME_GONE,	    OUTCOME_EXCLUDED, OUTCOME_NOT_MOVABLE,
	};
	json_t *object = json_pack("{s:o}", "scope", json_count(account_in_scope(a)));
	json_t *left_by = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		set(&object, outcome_row(keys[i])->key, json_count(a->by[keys[i]]));
	for (enum outcome o = 0; o < OUTCOMES; o++)
		if (outcome_is_left(o))
			set(&left_by, outcome_row(o)->key, json_count(a->by[o]));
	set(&object, "new", json_count(a->fresh));
	set(&object, "same_folio", json_count(a->along));
	set(&object, "left", json_count(account_left(a)));
	set(&object, "left_by", left_by);
	set(&object, "split_huge_pages", json_integer(INT(a->split)));
	return object;
}

static json_t *json_flows(const struct account *a)
{
	const struct flow other = { -1, -1, a->other_flows };
	json_t *array = json_array();

	for (size_t i = 0; i < a->flows + !count_is_zero(other.count); i++) {
		const struct flow *f = i < a->flows ? &a->flow[i] : &other;

		push(&array, json_pack("{s:o,s:o,s:o}", "from", json_node(f->from), "to",
				       json_node(f->to), "count", json_count(f->count)));
	}
	return array;
}

/* The unmapped part of a list of pages. */
static json_t *json_unmapped(const struct subject *s)
{
	return json_pack("{s:I,s:I,s:I}", "skipped", INT(s->unmapped.skipped), "cut",
			 INT(s->unmapped.cut), "bytes", INT(s->unmapped.bytes));
}

static int account_json_end(struct report *r, const struct subject *s)
{
	const struct account *a = s->account;
	const struct dry_run *f = s->dry_run;
	json_t *left_pages = json_array(), *forecast = json_array(), *room = json_array();
	struct demand demands[DEMANDS_MAX];

	for (const struct left_page *p = a->named; p < a->named + a->nameds; p++)
		push(&left_pages,
		     json_pack("{s:o,s:o,s:I,s:s}", "address", json_address(p->address), "node",
			       json_node(p->node), "size", INT(1) << p->shift, "reason",
			       outcome_row(p->outcome)->key));
	for (size_t i = 0; f && i < f->rows.n; i++) {
		const struct dry_run_row *row = &f->rows.row[i];

		push(&forecast,
		     json_pack("{s:s,s:s,s:o,s:o,s:o,s:I}", "outcome",
			       outcome_row(row->outcome)->key, "kind", vma_kind_name(row->kind),
			       "from", json_node(row->from), "to", json_node(row->to), "count",
			       json_count(row->count), "split_huge_pages", INT(row->split)));
	}
	for (int node = 0; f && node < NODES_MAX; node++) {
		size_t n = dry_run_comes_to(f, node, demands);

		for (const struct demand *d = demands; d < demands + n; d++) {
			json_t *size = d->shift ? json_integer(INT(1) << d->shift) : json_null();

			push(&room, json_pack("{s:i,s:o,s:I,s:I,s:b}", "node", node, "hugetlb_size",
					      size, "need", INT(d->need), "room", INT(d->room),
					      "enough", !demand_is_short(d)));
		}
	}
	return document_process(
		r, json_pack("{s:i,s:o,s:b,s:b,s:s?,s:I,s:b,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "pid",
			     s->process->pid, "name", json_name(s->process->name), "dry_run",
			     r->request->how.dry_run, "complete", s->complete, "ended_by",
			     end_name(s->ended), "remaining", INT(a->by[OUTCOME_UNREACHED].bytes),
			     "remaining_is_exact", !s->uncounted, "counted_before", INT(s->before),
			     "unmapped", json_unmapped(s), "account", json_outcomes(a), "flows",
			     json_flows(a), "left_pages", left_pages, "forecast", forecast, "room",
			     room));
}

static int account_json_finish(struct report *r)
{
	const struct call_stats none = { 0 }, *calls = r->calls ? r->calls : &none;

	return document_finish(r,
			       json_pack("{s:o,s:o,s:I,s:I,s:I}", "account",
					 json_outcomes(r->total.account), "flows",
					 json_flows(r->total.account), "microseconds",
					 INT(r->time / 1000), "calls", INT(calls->calls),
					 "longest_call", INT(calls->longest / 1000)),
			       NULL);
}

const struct report_form report_account_json = {
	.is_document = true,
	.start = document_start,
	.end = account_json_end,
	.finish = account_json_finish,
};

/* ---- placements ---- */

static json_t *json_nodes(const struct report *r, const uint64_t *bytes)
{
	json_t *object = json_object();
	char node[16];

	for (size_t i = 0; i < r->nodes.n; i++) {
		snprintf(node, sizeof(node), "%d", r->nodes.node[i]);
		set(&object, node, json_integer(INT(bytes[i])));
	}
	return object;
}

/* A list of numbers, as the kernel writes it; null: unknown. */
static json_t *json_list(const unsigned long *word, size_t words)
{
	char list[NODES_TEXT_MAX];

	if (!bits_count(word, words))
		return json_null();
	bits_format(word, words, list, sizeof(list));
	return json_string(list);
}

json_t *json_known(bool known, uint64_t n)
{
	return known ? json_integer(INT(n)) : json_null();
}

static json_t *json_kinds(const struct report *r, const struct subject *s)
{
	json_t *kinds = json_array();
	size_t n;
	struct kind_row *rows = kinds_sum(r->state, s, &n);

	for (size_t i = 0; rows && i < n; i++)
		push(&kinds, json_pack("{s:s,s:I,s:o,s:I,s:o}", "kind", rows[i].kind, "mappings",
				       INT(rows[i].mappings), "nodes", json_nodes(r, rows[i].nodes),
				       "total", INT(rows[i].total), "huge",
				       json_known(s->knows_huge, rows[i].huge)));
	if (!rows) {
		json_decref(kinds);
		kinds = NULL;
	}
	free(rows);
	return kinds;
}

static json_t *json_mappings(const struct report *r, const struct subject *s)
{
	const struct placement_grid *g = r->state;
	json_t *mappings = r->request->output.mappings ? json_array() : json_null();

	for (size_t i = 0; r->request->output.mappings && i < s->space->n; i++) {
		const struct vma *m = &s->space->at[i];

		if (placement_row(g, i)[g->last] == 0)
			continue;
		push(&mappings,
		     json_pack("{s:o,s:o,s:s,s:s,s:o,s:I,s:o}", "start", json_address(m->start),
			       "end", json_address(m->end), "kind", vma_kind_name(m->kind),
			       "permissions", m->perms, "name", json_name(m->name), "page_size",
			       INT(1) << m->page_shift, "nodes",
			       json_nodes(r, placement_row(g, i))));
	}
	return mappings;
}

static int placement_json_end(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;
	const struct binding *b = s->binding;

	if (!g || !g->bytes)
		return -ENOMEM;
	placement_grid_end(g);
	return document_process(
		r, json_pack("{s:i,s:o,s:s?,s:o,s:o,s:b,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "pid",
			     s->process->pid, "name", json_name(s->process->name), "policy",
			     *b->policy ? b->policy : NULL, "cpus", json_list(BITS(&b->cpus)),
			     "allowed_nodes", json_list(BITS(&b->nodes)), "numa_balancing",
			     b->balances, "counted_before", INT(s->before), "unmapped",
			     json_unmapped(s), "swap", json_known(b->swap != UINT64_MAX, b->swap),
			     "huge", json_known(s->knows_huge, g->sum[g->last + 1]), "total",
			     json_nodes(r, g->sum), "kinds", json_kinds(r, s), "mappings",
			     json_mappings(r, s)));
}

static int placement_json_finish(struct report *r)
{
	struct placement_grid *g = placement_grid(r);
	int rc = document_finish(r, g ? json_nodes(r, g->total) : NULL, json_nodes(r, r->free));

	if (g)
		free(g->bytes);
	return rc;
}

const struct report_form report_placement_json = {
	.is_document = true,
	.start = document_start,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = placement_json_end,
	.finish = placement_json_finish,
};

static int value_finish(struct report *r)
{
	int rc = r->state ? report_dump(r->state, r->out) : 0;

	if (r->state)
		fputc('\n', r->out);
	json_decref(r->state);
	r->state = NULL;
	return rc ? -EIO : 0;
}

const struct report_form report_document = {
	.finish = value_finish,
};
