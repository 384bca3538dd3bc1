/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "plan/threshold.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "report/dry_run.h"
#include "report/report.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

/*
 * One JSON document, written as it comes: a process at a time.  Numbers are
 * integers, sizes bytes; addresses are strings, since they may exceed 2^53.
 *
 * jansson's *_new() functions take a value over also when they fail, and pass
 * failure on: a NULL anywhere makes the outermost NULL.
 */

/* @array with one element more; NULL, and nothing is left of it, if that fails. */
static json_t *with_element(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *with_member(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *json_address(uint64_t address)
{
	return json_sprintf("0x%" PRIx64, address);
}

/* A name of the target's: any bytes. */
static json_t *json_name(const char *bytes)
{
	char *text = text_utf8(bytes);
	json_t *value = text ? json_string(text) : NULL;

	free(text);
	return value;
}

static json_t *json_count(struct count c)
{
	return json_pack("{s:I,s:I,s:I}", "pages", (json_int_t)c.pages, "huge_pages",
			 (json_int_t)c.huge, "bytes", (json_int_t)c.bytes);
}

static int start_document(struct report *r)
{
	fprintf(r->out, "{\"schema\":1,\"command\":\"%s\",\"processes\":[",
		r->request->command == COMMAND_MIGRATEPAGES ? "migratepages" : "movepages");
	return 0;
}

/* jansson leaves one control character of ASCII as it is; it is in strings only. */
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

/* Writes the object of one process, and drops it. */
static int put_process(struct report *r, json_t *object)
{
	int rc;

	if (!object)
		return -ENOMEM;
	fputs(r->processes > 1 ? ",\n" : "\n", r->out);
	rc = report_dump(object, r->out);
	json_decref(object);
	return rc ? -EIO : 0;
}

static int add_to(json_t **array, pid_t pid, const char *why)
{
	if (!*array)
		*array = json_array();
	return json_array_append_new(*array, json_pack("{s:i,s:s}", "pid", pid, "error", why)) ?
		       -ENOMEM :
		       0;
}

static int add_error(struct report *r, pid_t pid, const char *why)
{
	return add_to(&r->errors, pid, why);
}

static int add_vanished(struct report *r, pid_t pid, const char *why)
{
	return add_to(&r->vanished, pid, why);
}

static int put_array(struct report *r, const char *key, json_t **array)
{
	json_t *value = *array ? *array : json_array();
	int rc;

	fprintf(r->out, ",\"%s\":", key);
	rc = value ? report_dump(value, r->out) : -1;
	json_decref(value);
	*array = NULL;
	return rc ? -EIO : 0;
}

static json_t *json_share(const struct threshold *s)
{
	size_t len;
	const char *percent = threshold_percent(s, &len);

	return json_pack("{s:s,s:s%,s:s%,s:I,s:I,s:I,s:b}", "check",
			 s->at_most ? "at_most" : "at_least", "nodes", s->text, s->nodes_len,
			 "percent", percent, len, "bytes", (json_int_t)s->on, "unseen",
			 (json_int_t)s->unseen, "total", (json_int_t)s->total, "holds",
			 threshold_holds(s));
}

static int put_shares(struct report *r)
{
	json_t *array = json_array();
	int rc;

	for (size_t i = 0; i < r->n_shares; i++)
		array = with_element(array, json_share(&r->shares[i]));
	fputs(",\"checks\":", r->out);
	rc = report_dump(array, r->out);
	json_decref(array);
	return rc ? -ENOMEM : 0;
}

static json_t *json_stay(const struct advice *s)
{
	json_t *causes = json_array();

	for (size_t i = 0; i < s->causes; i++)
		json_array_append_new(causes, json_string(s->cause[i]));
	return json_pack("{s:i,s:o,s:s}", "pid", s->pid, "causes", causes, "text", s->text);
}

/* A list, of one at most. */
static int put_advice(struct report *r)
{
	json_t *array = json_array();
	int rc = 0;

	if (r->stay->causes)
		rc = json_array_append_new(array, json_stay(r->stay));
	fputs(",\"advice\":", r->out);
	rc |= report_dump(array, r->out);
	json_decref(array);
	return rc ? -ENOMEM : 0;
}

static const char *end_name(enum limits_end end)
{
	return end == LIMITS_SIGNAL ? "signal" : end == LIMITS_TIMEOUT ? "timeout" : NULL;
}

/* Whether all that was asked for was reached. */
static void put_end(struct report *r)
{
	const char *quote = r->ended ? "\"" : "", *name = r->ended ? end_name(r->ended) : "null";

	fprintf(r->out, ",\"complete\":%s,\"ended_by\":%s%s%s",
		r->ended || r->errors ? "false" : "true", quote, name, quote);
}

static int put_total(struct report *r, json_t *total)
{
	int rc;

	fputs(",\"total\":", r->out);
	rc = total ? report_dump(total, r->out) : -1;
	json_decref(total);
	return rc ? -ENOMEM : 0;
}

/*
 * Of a request that was understood there is a document, whatever became of it.  @total is
 * that of all processes, and is dropped.
 */
static int finish_document(struct report *r, json_t *total)
{
	int rc, failure;

	if (!r->processes)
		start_document(r);
	fputs("\n]", r->out);
	put_end(r);
	rc = put_total(r, total);
	failure = r->stay ? put_advice(r) : 0;
	rc = rc ? rc : failure;
	failure = r->n_shares ? put_shares(r) : 0;
	rc = rc ? rc : failure;
	failure = put_array(r, "vanished", &r->vanished);
	rc = rc ? rc : failure;
	failure = put_array(r, "errors", &r->errors);
	fputs("}\n", r->out);
	return rc ? rc : failure;
}

/* ---- the account ---- */

static json_t *json_left_by(const struct account *a)
{
	json_t *object = json_object();

	for (int o = 0; o < OUTCOMES; o++)
		if (outcome_is_left((enum outcome)o))
			object = with_member(object, outcome_row((enum outcome)o)->key,
					     json_count(a->by[o]));
	return object;
}

static json_t *json_outcomes(const struct account *a)
{
	static const enum outcome told[] = {
		OUTCOME_WOULD_MOVE, OUTCOME_MOVED,    OUTCOME_ALREADY_THERE,
		OUTCOME_GONE,	    OUTCOME_EXCLUDED, OUTCOME_NOT_MOVABLE,
	};
	json_t *object = with_member(json_object(), "scope", json_count(account_in_scope(a)));

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		object = with_member(object, outcome_row(told[i])->key, json_count(a->by[told[i]]));
	object = with_member(object, "new", json_count(a->fresh));
	object = with_member(object, "same_folio", json_count(a->along));
	object = with_member(object, "left", json_count(account_left(a)));
	object = with_member(object, "left_by", json_left_by(a));
	return with_member(object, "split_huge_pages", json_integer((json_int_t)a->split));
}

static json_t *json_node(int node)
{
	return node < 0 ? json_null() : json_integer(node);
}

static json_t *json_flow(int from, int to, struct count c)
{
	return json_pack("{s:o,s:o,s:o}", "from", json_node(from), "to", json_node(to), "count",
			 json_count(c));
}

static json_t *json_flows(const struct account *a)
{
	json_t *array = json_array();

	for (size_t i = 0; i < a->flows; i++) {
		const struct flow *f = &a->flow[i];

		array = with_element(array, json_flow(f->from, f->to, f->count));
	}
	if (!count_is_zero(a->other_flows))
		array = with_element(array, json_flow(-1, -1, a->other_flows));
	return array;
}

static json_t *json_left_pages(const struct account *a)
{
	json_t *array = json_array();

	for (size_t i = 0; i < a->nameds; i++) {
		const struct left_page *p = &a->named[i];

		array = with_element(array,
				     json_pack("{s:o,s:o,s:I,s:s}", "address",
					       json_address(p->address), "node", json_node(p->node),
					       "size", (json_int_t)(1ULL << p->shift), "reason",
					       outcome_row(p->outcome)->key));
	}
	return array;
}

/* What a dry run foresees; of a move an empty list. */
static json_t *json_forecast(const struct dry_run *f)
{
	json_t *array = json_array();

	for (size_t i = 0; f && i < f->n; i++) {
		const struct dry_run_row *row = &f->row[i];

		json_array_append_new(
			array, json_pack("{s:s,s:s,s:o,s:o,s:o,s:I}", "outcome",
					 outcome_row(row->outcome)->key, "kind",
					 vma_kind_name(row->kind), "from", json_node(row->from),
					 "to", json_node(row->to), "count", json_count(row->count),
					 "split_huge_pages", (json_int_t)row->split));
	}
	return array;
}

static void add_demands(json_t *array, const struct dry_run *f, int node)
{
	struct demand d[DEMANDS_MAX];
	size_t n = dry_run_demands(f, node, d);

	for (size_t i = 0; i < n; i++)
		if (i == 0 || d[i].need > 0)
			json_array_append_new(
				array,
				json_pack("{s:i,s:o,s:I,s:I,s:b}", "node", node, "hugetlb_size",
					  d[i].shift ? json_integer((json_int_t)1 << d[i].shift) :
						       json_null(),
					  "need", (json_int_t)d[i].need, "room",
					  (json_int_t)d[i].room, "enough",
					  !demand_is_short(&d[i])));
}

static json_t *json_room(const struct dry_run *f)
{
	json_t *array = json_array();

	for (int node = 0; f && f->knows_room && node < NODES_MAX; node++)
		if (dry_run_is_destination(f, node))
			add_demands(array, f, node);
	return array;
}

static int end_account(struct report *r, const struct subject *s)
{
	const struct account *a = s->account;

	return put_process(r,
			   json_pack("{s:i,s:o,s:b,s:b,s:s?,s:I,s:b,s:I,s:o,s:o,s:o,s:o,s:o}",
				     "pid", s->process->pid, "name", json_name(s->process->name),
				     "dry_run", r->request->how.dry_run, "complete", s->complete,
				     "ended_by", end_name(s->ended), "remaining",
				     (json_int_t)a->by[OUTCOME_UNREACHED].bytes,
				     "remaining_is_exact", !s->uncounted, "counted_before",
				     (json_int_t)s->before, "account", json_outcomes(a), "flows",
				     json_flows(a), "left_pages", json_left_pages(a), "forecast",
				     json_forecast(s->forecast), "room", json_room(s->forecast)));
}

static int finish_account(struct report *r)
{
	return finish_document(r, json_pack("{s:o,s:o}", "account", json_outcomes(r->total),
					    "flows", json_flows(r->total)));
}

const struct report_form report_account_json = {
	.start = start_document,
	.end = end_account,
	.failed = add_error,
	.vanished = add_vanished,
	.finish = finish_account,
};

/* ---- the placement ---- */

/* What a document of placements needs from process to process. */
static json_t *json_nodes(const struct placement_grid *g, const unsigned long long *bytes)
{
	json_t *object = json_object();
	char node[16];

	for (size_t i = 0; i < g->columns; i++) {
		snprintf(node, sizeof(node), "%d", g->node[i]);
		object = with_member(object, node, json_integer((json_int_t)bytes[i]));
	}
	return object;
}

static json_t *json_mapping(const struct placement_grid *g, size_t i, const struct vma *m)
{
	return json_pack("{s:o,s:o,s:s,s:s,s:o,s:I,s:o}", "start", json_address(m->start), "end",
			 json_address(m->end), "kind", vma_kind_name(m->kind), "permissions",
			 m->perms, "name", json_name(m->name), "page_size",
			 (json_int_t)(1ULL << m->page_shift), "nodes",
			 json_nodes(g, g->bytes + i * g->columns));
}

static json_t *json_mappings(const struct placement_grid *g, const struct address_space *maps)
{
	json_t *array = json_array();

	for (size_t i = 0; i < g->mappings; i++)
		if (placement_grid_total(g, i))
			array = with_element(array, json_mapping(g, i, &maps->at[i]));
	return array;
}

static int end_placement(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;

	if (!g)
		return -ENOMEM;
	placement_grid_end(g);
	return put_process(r, json_pack("{s:i,s:o,s:I,s:o,s:o}", "pid", s->process->pid, "name",
					json_name(s->process->name), "counted_before",
					(json_int_t)s->before, "mappings",
					json_mappings(g, s->maps), "total", json_nodes(g, g->sum)));
}

static int finish_placement(struct report *r)
{
	struct placement_grid *g = placement_grid(r);
	int rc = finish_document(r, g ? json_nodes(g, g->total) : NULL);

	placement_grid_finish(r);
	return rc;
}

const struct report_form report_placement_json = {
	.start = start_document,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = end_placement,
	.failed = add_error,
	.vanished = add_vanished,
	.finish = finish_placement,
};
