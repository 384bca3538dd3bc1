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
#include "proc/status.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What node lists are read against: this machine, and the process if there is one. */
struct resolver {
	const struct request *request;
	const struct topology *topology;
	const struct process *process; /* or NULL: only the texts are checked */
	struct nodeset mems, local;
	struct nodelist_world from, to;
	char *why;
};

static int refuse_process(struct resolver *s, int rc)
{
	snprintf(s->why, RESOLVE_WHY_MAX, "cannot tell which nodes it may use: %s", strerror(-rc));
	return rc;
}

static int resolver_start(struct resolver *s, const struct request *r, const struct topology *t,
			  const struct process *p, char *why)
{
	int rc;

	*s = (struct resolver){ .request = r, .topology = t, .process = p, .why = why };
	s->from = (struct nodelist_world){
		.online = &t->online,
		.memory = &t->memory,
		.cpu = &t->cpu,
		.caller = &t->allowed,
		.device = device_nodes,
	};
	s->to = s->from;
	s->to.destination = true;
	s->to.target = p ? &s->mems : NULL;
	rc = p ? status_allowed(p->dir, &s->mems, NULL) : 0;
	return rc ? refuse_process(s, rc) : 0;
}

/* @what: the option or operand, in messages. */
static int refuse_list(struct resolver *s, const char *what, const char *line)
{
	snprintf(s->why, RESOLVE_WHY_MAX, "%s%s", what, line);
	return -EINVAL;
}

static int parse_list(struct resolver *s, const char *what, const char *text, size_t len,
		      const struct nodelist_world *world, struct nodeset *set)
{
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	struct cpuset cpus;
	int rc = nodelist_parse(text, len, world, set, &why);

	if (rc == -EAGAIN) {
		if (!s->process)
			return 0; /* settled when there is a process */
		/* The nodes of the CPUs of all threads: it takes a while to find them. */
		rc = status_allowed(s->process->dir, NULL, &cpus);
		if (!rc) {
			process_add_cpus(s->process, &cpus);
			rc = topology_cpu_nodes(s->topology, "", &cpus, &s->local);
		}
		if (rc)
			return refuse_process(s, rc);
		s->from.local = s->to.local = &s->local;
		why.full = 0;
		rc = nodelist_parse(text, len, world, set, &why);
	}
	return rc ? refuse_list(s, what, line) : 0;
}

static int parse_threshold_nodes(struct resolver *s, const struct threshold *t,
				 struct nodeset *nodes)
{
	return parse_list(s, t->at_most ? "--at-most: " : "--at-least: ", t->text, t->nodes_len,
			  &s->from, nodes);
}

static int make_interleave(struct resolver *s, const struct nodeset *to, struct interleave *spread)
{
	const char *weights = s->request->where.weights;
	struct interleave_error error;
	char bad[TEXT_NAME_MAX];
	int rc = interleave_make(spread, weights, to, &error);

	if (rc && error.count)
		snprintf(s->why, RESOLVE_WHY_MAX,
			 "--spread: %zu weight%s for %zu node%s; give one for "
			 "each node of --to, in ascending order",
			 error.given, error.given == 1 ? "" : "s", spread->n,
			 spread->n == 1 ? "" : "s");
	else if (rc)
		snprintf(s->why, RESOLVE_WHY_MAX,
			 "--spread: '%s' (at %zu) is no weight: a whole number "
			 "above 0",
			 text_escape(weights + error.offset, error.length, bad, sizeof(bad)),
			 error.offset + 1);
	return rc;
}

static int parse_sets(struct resolver *s, struct node_map *route, struct interleave *spread)
{
	const struct request_where *where = &s->request->where;
	const bool pages = s->request->command == COMMAND_MOVEPAGES;
	struct nodeset from = *s->from.memory, to = { { 0 } };
	int rc = 0;

	if (where->from)
		rc = parse_list(s, pages ? "--from: " : "FROM: ", where->from, strlen(where->from),
				&s->from, &from);
	if (!rc && where->to)
		rc = parse_list(s, pages ? "--to: " : "TO: ", where->to, strlen(where->to), &s->to,
				&to);
	if (!rc && !where->from && !where->interleave && nodeset_count(&to) > 1) {
		snprintf(s->why, RESOLVE_WHY_MAX,
			 "--to: %u nodes; give one, or say which pages go where "
			 "with --from or --route, or --spread",
			 nodeset_count(&to));
		rc = -EINVAL;
	}
	if (!rc && where->interleave)
		rc = make_interleave(s, nodeset_empty(&to) ? NULL : &to, spread);
	if (rc || !s->process)
		return rc;
	if (!nodeset_empty(&to) && !where->interleave)
		return node_map_from_sets(route, &from, &to);
	/* What is on nodes of TO may stay on some of them; what is on others leaves, if any is. */
	node_map_clear(route);
	for (int n = nodeset_next(&from, 0); n >= 0; n = nodeset_next(&from, n + 1))
		route->to[n] = (int16_t)(nodeset_empty(&to) || nodeset_has(&to, n) ?
						 n :
						 nodeset_next(&to, 0));
	return 0;
}

/* Of an operand, whose =NODE is known to be a number. */
static int check_node(struct resolver *s, const char *what, const char *text, size_t len)
{
	struct text_part node = { text, len }, whole = node, before;
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	size_t width = 0;
	int number;

	text_split(&node, '=', &before);
	if (!node.at)
		return 0;
	while (width < node.len && node.at[width] >= '0' && node.at[width] <= '9')
		width++;
	whole.len -= node.len - width;
	node.len = width;
	if (nodelist_parse_node(whole, node, &s->to, &number, &why) == 0)
		return 0;
	return refuse_list(s, what, line);
}

static int parse_route(struct resolver *s, struct node_map *route, struct interleave *spread)
{
	const struct request *r = s->request;
	const char *pairs = r->where.route;
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	int rc;

	if (!pairs)
		rc = parse_sets(s, route, spread);
	else if ((rc = node_map_from_pairs(route, pairs, strlen(pairs), &s->from, &s->to, &why)))
		refuse_list(s, "--route: ", line);
	if (!rc && pairs && s->process && r->how.method == METHOD_PROCESS &&
	    node_map_is_cyclic(route)) {
		snprintf(s->why, RESOLVE_WHY_MAX,
			 "--route: --method=process cannot swap nodes: "
			 "migrate_pages(2) knows no pages; leave it out");
		rc = -EINVAL;
	}
	for (size_t i = 0; !rc && i < r->which.n_operands; i++)
		rc = check_node(s, "PAGES: ", r->which.operand_text[i],
				strlen(r->which.operand_text[i]));
	return rc;
}

int resolve_check_texts(const struct request *r, const struct topology *t, char *why)
{
	struct resolver s;
	struct nodeset nodes;
	struct node_map route;
	struct interleave spread;
	int rc = resolver_start(&s, r, t, NULL, why);

	for (size_t i = 0; !rc && i < r->thresholds.n; i++)
		rc = parse_threshold_nodes(&s, &r->thresholds.at[i], &nodes);
	return rc ? rc : parse_route(&s, &route, &spread);
}

int resolve_shares(const struct request *r, const struct topology *t, const struct process *p,
		   struct nodeset *nodes, char *why)
{
	struct resolver s;
	int rc = r->thresholds.n ? resolver_start(&s, r, t, p, why) : 0;

	for (size_t i = 0; !rc && i < r->thresholds.n; i++)
		rc = parse_threshold_nodes(&s, &r->thresholds.at[i], &nodes[i]);
	return rc;
}

int resolve_route(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_map *route, bool *has_route, struct interleave *spread, char *why)
{
	struct resolver s;
	int rc = resolver_start(&s, r, t, p, why);

	*has_route = r->where.route || r->where.from || r->where.to;
	return rc ? rc : parse_route(&s, route, spread);
}

int resolve_check_node(const struct topology *t, const struct process *p, const char *text,
		       size_t len, char *why)
{
	struct resolver s;
	int rc = resolver_start(&s, NULL, t, p, why);

	return rc ? rc : check_node(&s, "", text, len);
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
