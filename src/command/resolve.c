/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/resolve.h"

#include "numa/device.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "numa/nodelist.h"
#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What node lists are read against: this machine, and the process if there is one. */
struct worlds {
	struct nodeset mems, local;
	struct nodelist_world from, to;
};

static void set_worlds(struct worlds *w, const struct topology *t)
{
	w->from = (struct nodelist_world){
		.online = &t->online,
		.memory = &t->memory,
		.cpu = &t->cpu,
		.caller = &t->allowed,
		.device = device_nodes,
	};
	w->to = w->from;
	w->to.destination = true;
}

/* Whether it is worth finding out where the threads of the process may run. */
static bool mentions_local(const struct request *r)
{
	const char *const texts[] = { r->where.from, r->where.to, r->where.route };
	bool found = false;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		found |= texts[i] && strstr(texts[i], "local");
	for (size_t i = 0; i < r->thresholds.n; i++)
		found |= strstr(r->thresholds.at[i].text, "local") != NULL;
	return found;
}

/* Add what the process may use. */
static int set_target(struct worlds *w, bool local, const struct topology *t,
		      const struct process *p)
{
	struct cpuset cpus;
	int rc = status_read(p->dir, &w->mems, &cpus);

	w->local = (struct nodeset){ 0 };
	if (!rc && local) {
		process_add_cpus(p, &cpus);
		rc = topology_cpu_nodes(t, "", &cpus, &w->local);
	}
	w->to.target = &w->mems;
	w->from.local = w->to.local = &w->local;
	return rc;
}

/* The words for @text in messages: "--to" or "FROM", as the command has it. */
static const char *from_name(const struct request *r)
{
	return r->command == COMMAND_MOVEPAGES ? "--from" : "FROM";
}

static const char *to_name(const struct request *r)
{
	return r->command == COMMAND_MOVEPAGES ? "--to" : "TO";
}

static int parse_part(const char *what, const char *text, size_t len,
		      const struct nodelist_world *world, struct nodeset *set, char *why)
{
	struct nodelist_error error;
	char line[NODELIST_TEXT_MAX];
	int rc = nodelist_parse(text, len, world, set, &error);

	if (!rc || (!world->local && error.kind == NODELIST_LOCAL_NONE))
		return 0; /* "local" is settled when there is a process */
	nodelist_error_format(&error, text, len, world, line, sizeof(line));
	snprintf(why, RESOLVE_WHY_MAX, "%s: %s", what, line);
	return rc;
}

static int parse_list(const char *what, const char *text, const struct nodelist_world *world,
		      struct nodeset *set, char *why)
{
	return parse_part(what, text, strlen(text), world, set, why);
}

static int parse_route(const struct request *r, const struct worlds *w, struct node_map *route,
		       char *why)
{
	struct nodelist_error error;
	char line[NODELIST_TEXT_MAX];
	size_t len = strlen(r->where.route);
	int rc = node_map_from_pairs(route, r->where.route, len, &w->from, &w->to, &error);

	if (!rc)
		return 0;
	node_map_error_format(&error, r->where.route, len, &w->from, &w->to, line, sizeof(line));
	snprintf(why, RESOLVE_WHY_MAX, "--route: %s", line);
	return rc;
}

static int parse_sets(const struct request *r, const struct worlds *w, struct nodeset *from,
		      struct nodeset *to, char *why)
{
	int rc = 0;

	*from = *w->from.memory;
	*to = (struct nodeset){ 0 };
	if (r->where.from)
		rc = parse_list(from_name(r), r->where.from, &w->from, from, why);
	if (!rc && r->where.to)
		rc = parse_list(to_name(r), r->where.to, &w->to, to, why);
	if (rc || !r->where.to || r->where.from || r->where.interleave || nodeset_count(to) <= 1)
		return rc;
	snprintf(why, RESOLVE_WHY_MAX,
		 "--to: %u nodes; give one, or say which pages go where "
		 "with --from or --route, or --spread",
		 nodeset_count(to));
	return -EINVAL;
}

/* The nodes of FROM stay where they are: they only say what is selected. */
static void select_nodes(struct node_map *route, const struct nodeset *from)
{
	node_map_clear(route);
	for (int n = nodeset_next(from, 0); n >= 0; n = nodeset_next(from, n + 1))
		route->to[n] = (int16_t)n;
}

static int make_spread(const struct request *r, const struct nodeset *to, struct interleave *spread,
		       char *why)
{
	struct interleave_error error;
	char bad[TEXT_NAME_MAX];
	int rc = interleave_make(spread, r->where.weights, to, &error);

	if (rc && error.count)
		snprintf(why, RESOLVE_WHY_MAX,
			 "--spread: %zu weight%s for %zu node%s; give one for "
			 "each node of --to, in ascending order",
			 error.given, error.given == 1 ? "" : "s", spread->n,
			 spread->n == 1 ? "" : "s");
	else if (rc)
		snprintf(why, RESOLVE_WHY_MAX,
			 "--spread: '%s' (at %zu) is no weight: a whole number "
			 "above 0",
			 text_escape(r->where.weights + error.offset, error.length, bad,
				     sizeof(bad)),
			 error.offset + 1);
	return rc;
}

/* What is on nodes of TO may stay on some of them; what is on others leaves. */
static void select_and_empty(struct node_map *route, const struct nodeset *from,
			     const struct nodeset *to)
{
	select_nodes(route, from);
	for (int n = nodeset_next(from, 0); n >= 0; n = nodeset_next(from, n + 1))
		if (!nodeset_has(to, n))
			route->to[n] = (int16_t)nodeset_next(to, 0);
}

static int make_route(const struct request *r, const struct worlds *w, struct node_map *route,
		      bool *has_route, struct interleave *spread, char *why)
{
	struct nodeset from, to;
	int rc;

	*has_route = r->where.route || r->where.from || r->where.to;
	if (r->where.route)
		return parse_route(r, w, route, why);
	rc = parse_sets(r, w, &from, &to, why);
	if (!rc && r->where.interleave)
		rc = make_spread(r, &to, spread, why);
	if (rc || !*has_route)
		return rc;
	if (nodeset_empty(&to))
		select_nodes(route, &from);
	else if (r->where.interleave)
		select_and_empty(route, &from, &to);
	else
		rc = node_map_from_sets(route, &from, &to);
	return rc;
}

/* Of an operand, whose =NODE is known to be a number. */
static int check_node(const char *text, size_t len, const struct worlds *w, char *why, size_t size)
{
	struct nodelist_error error;
	const char *equals = memchr(text, '=', len);
	size_t at, width = 0;
	int node;

	if (!equals)
		return 0;
	at = (size_t)(equals + 1 - text);
	while (at + width < len && text[at + width] >= '0' && text[at + width] <= '9')
		width++;
	if (nodelist_parse_node(text, at, width, &w->to, &node, &error) == 0)
		return 0;
	nodelist_error_format(&error, text, at + width, &w->to, why, size);
	return -EINVAL;
}

static int check_operand_node(const struct request *r, size_t i, const struct worlds *w, char *why)
{
	const char *text = r->which.operand_text[i];
	char line[NODELIST_TEXT_MAX];
	int rc = check_node(text, strlen(text), w, line, sizeof(line));

	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "PAGES: %s", line);
	return rc;
}

static int check_operands(const struct request *r, const struct worlds *w, char *why)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->which.n_operands; i++)
		rc = check_operand_node(r, i, w, why);
	return rc;
}

static int parse_share(const struct threshold *s, const struct worlds *w, struct nodeset *nodes,
		       char *why)
{
	return parse_part(s->at_most ? "--at-most" : "--at-least", s->text, s->nodes_len, &w->from,
			  nodes, why);
}

static int check_shares(const struct request *r, const struct worlds *w, char *why)
{
	struct nodeset nodes;
	int rc = 0;

	for (size_t i = 0; !rc && i < r->thresholds.n; i++)
		rc = parse_share(&r->thresholds.at[i], w, &nodes, why);
	return rc;
}

int resolve_check_texts(const struct request *r, const struct topology *t, char *why)
{
	struct worlds w;
	struct node_map route;
	struct interleave spread;
	bool has_route;

	set_worlds(&w, t);
	if (check_shares(r, &w, why))
		return -EINVAL;
	/* Without a process "local" is nothing yet, and so no route can be made. */
	if (r->where.route)
		return make_route(r, &w, &route, &has_route, &spread, why);
	if (parse_sets(r, &w, &w.mems, &w.local, why))
		return -EINVAL;
	if (r->where.interleave &&
	    make_spread(r, nodeset_empty(&w.local) ? NULL : &w.local, &spread, why))
		return -EINVAL;
	return check_operands(r, &w, why);
}

/* What node lists are read against, for this process. */
static int begin_worlds(struct worlds *w, const struct request *r, const struct topology *t,
			const struct process *p, char *why)
{
	int rc;

	set_worlds(w, t);
	rc = set_target(w, mentions_local(r), t, p);
	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "cannot tell which nodes it may use: %s",
			 strerror(-rc));
	return rc;
}

int resolve_shares(const struct request *r, const struct topology *t, const struct process *p,
		   struct nodeset *nodes, char *why)
{
	struct worlds w;
	int rc = r->thresholds.n ? begin_worlds(&w, r, t, p, why) : 0;

	for (size_t i = 0; !rc && i < r->thresholds.n; i++)
		rc = parse_share(&r->thresholds.at[i], &w, &nodes[i], why);
	return rc;
}

int resolve_route(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_map *route, bool *has_route, struct interleave *spread, char *why)
{
	struct worlds w;
	int rc = begin_worlds(&w, r, t, p, why);

	if (rc)
		return rc;
	rc = make_route(r, &w, route, has_route, spread, why);
	if (!rc && *has_route && r->how.method == METHOD_PROCESS && node_map_is_cyclic(route)) {
		snprintf(why, RESOLVE_WHY_MAX,
			 "--route: --method=process cannot swap nodes: "
			 "migrate_pages(2) knows no pages; leave it out");
		return -EINVAL;
	}
	return rc ? rc : check_operands(r, &w, why);
}

int resolve_check_node(const struct topology *t, const struct process *p, const char *text,
		       size_t len, char *why, size_t size)
{
	struct worlds w;
	int rc;

	set_worlds(&w, t);
	rc = set_target(&w, false, t, p);
	if (!rc)
		return check_node(text, len, &w, why, size);
	snprintf(why, size, "cannot tell which nodes it may use: %s", strerror(-rc));
	return rc;
}

int resolve_plan(const struct request *r, const struct process *p, const struct address_space *maps,
		 struct plan *plan, char *why)
{
	char text[TEXT_NAME_MAX];
	size_t bad = 0;
	int rc;

	if (r->which.n_operands == 0)
		rc = plan_whole(plan, maps, r->how.dry_run && !r->output.pages);
	else
		rc = plan_operands(plan, maps, r->which.operands, r->which.n_operands, &bad);
	if (rc == -ENXIO)
		snprintf(why, RESOLVE_WHY_MAX,
			 "it has nothing mapped in '%s' (/proc/%d/maps lists "
			 "what there is)",
			 text_name(r->which.operand_text[bad], text, sizeof(text)), p->pid);
	else if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(-rc));
	return rc;
}

char *resolve_explain_topology(const struct topology *t, int rc, char *why)
{
	if (rc == -ENOSYS && access("/sys/devices/system", F_OK) == 0)
		snprintf(why, RESOLVE_WHY_MAX,
			 "this kernel was built without NUMA (CONFIG_NUMA): "
			 "there is one node, and nowhere to move pages to");
	else if (rc == -ENOSYS)
		snprintf(why, RESOLVE_WHY_MAX,
			 "/sys is not mounted; mount it (mount -t sysfs sysfs "
			 "/sys)");
	else
		snprintf(why, RESOLVE_WHY_MAX, "cannot read the nodes of this machine: %s%s%s",
			 t->failed ? t->failed : "", t->failed ? ": " : "", strerror(-rc));
	return why;
}
