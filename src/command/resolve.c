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

/* The context of node lists: this machine and, if given, the process. */
struct resolver {
	const struct topology *topology;
	const struct process *process; /* NULL: check only the texts */
	struct nodeset mems, local;
	struct nodelist_world from, to;
	struct text_line why;
};

static int refuse_process(struct resolver *s, int rc)
{
	s->why.full = 0;
	text_add(&s->why, "cannot determine its allowed nodes: %s", strerror(-rc));
	return rc;
}

static int resolver_start(struct resolver *s, const struct topology *t, const struct process *p,
			  char *why)
{
	int rc;

	*s = (struct resolver){
		.topology = t,
		.process = p,
		.from = {
			.online = &t->online,
			.memory = &t->memory,
			.cpu = &t->cpu,
			.caller = &t->allowed,
			.device = device_nodes,
		},
		.why = { why, RESOLVE_WHY_MAX, 0 },
	};
	s->to = s->from;
	s->to.destination = true;
	s->to.target = p ? &s->mems : NULL;
	rc = p ? status_allowed(p->dir, &s->mems, NULL) : 0;
	return rc ? refuse_process(s, rc) : 0;
}

/* Begin a message.  @what: the option or operand. */
static size_t begin_why(struct resolver *s, const char *what)
{
	s->why.full = 0;
	text_add(&s->why, "%s", what);
	return s->why.full;
}

static int parse_list(struct resolver *s, const char *what, const char *text, size_t len,
		      const struct nodelist_world *world, struct nodeset *set)
{
	size_t begun = begin_why(s, what);
	struct cpuset cpus;
	int rc = nodelist_parse(text, len, world, set, &s->why);

	if (rc != -EAGAIN)
		return rc;
	if (!s->process)
		return 0; /* checked later, with a process */
	/* Find the nodes of the CPUs of all threads only if needed: it takes a while. */
	rc = status_allowed(s->process->dir, NULL, &cpus);
	if (!rc) {
		process_add_cpus(s->process, &cpus);
		rc = topology_cpu_nodes(s->topology, "", &cpus, &s->local);
	}
	if (rc)
		return refuse_process(s, rc);
	s->from.local = s->to.local = &s->local;
	s->why.full = begun;
	return nodelist_parse(text, len, world, set, &s->why);
}

/* Read --from, and --to or --interleave, or FROM and TO. */
static int parse_sets(struct resolver *s, const struct request *r, struct node_map *map,
		      struct interleave *interleave)
{
	const struct request_where *where = &r->where;
	const bool pages = r->command == COMMAND_MOVEPAGES;
	const char *list = where->interleave ? where->interleave : where->to;
	const char *what = where->interleave ? "--interleave: " : pages ? "--to: " : "TO: ";
	struct nodeset from = *s->from.memory, to = { { 0 } };
	int rc = 0;

	if (where->from)
		rc = parse_list(s, pages ? "--from: " : "FROM: ", where->from, strlen(where->from),
				&s->from, &from);
	if (!rc && list)
		rc = parse_list(s, what, list, strlen(list), &s->to, &to);
	if (rc)
		return rc;
	if (!where->from && !where->interleave && nodeset_count(&to) > 1) {
		begin_why(s, "--to: ");
		text_add(&s->why, "%u nodes; give one, or use --from, --route or --interleave",
			 nodeset_count(&to));
		return -EINVAL;
	}
	if (where->interleave) {
		begin_why(s, "--weights: ");
		rc = interleave_make(interleave, where->weights, nodeset_empty(&to) ? NULL : &to,
				     &s->why);
	}
	if (rc || !s->process)
		return rc;
	if (!nodeset_empty(&to) && !where->interleave)
		return node_map_from_sets(map, &from, &to);
	/* Pages on nodes of TO may stay there; pages on other nodes leave. */
	node_map_clear(map);
	for (int n = nodeset_next(&from, 0); n >= 0; n = nodeset_next(&from, n + 1)) {
		bool stays = nodeset_empty(&to) || nodeset_has(&to, n);

		map->to[n] = (int16_t)(stays ? n : nodeset_next(&to, 0));
	}
	return 0;
}

/* Check the =NODE of an operand, which is known to be a number. */
static int check_node(struct resolver *s, const char *what, const char *text, size_t len)
{
	struct text_part node = { text, len }, before;
	struct nodelist_context context = { node, &s->to, NULL, &s->why };
	size_t width = 0;
	int number;

	text_split(&node, '=', &before);
	if (!node.at)
		return 0;
	while (width < node.len && node.at[width] >= '0' && node.at[width] <= '9')
		width++;
	context.text.len -= node.len - width;
	node.len = width;
	begin_why(s, what);
	return nodelist_parse_node(&context, node, &number);
}

int resolve_nodes(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_map *map, struct interleave *interleave,
		  struct nodeset *at_thresholds, char *why)
{
	const char *pairs = r->where.route;
	struct nodeset unused;
	struct resolver s;
	int rc = resolver_start(&s, t, p, why);

	for (size_t i = 0; !rc && i < r->thresholds.n; i++) {
		const struct threshold *at = &r->thresholds.at[i];

		rc = parse_list(&s, at->at_most ? "--at-most: " : "--at-least: ", at->text,
				at->nodes_len, &s.from, p ? &at_thresholds[i] : &unused);
	}
	if (!rc && !pairs) {
		rc = parse_sets(&s, r, map, interleave);
	} else if (!rc) {
		begin_why(&s, "--route: ");
		rc = node_map_from_pairs(map, pairs, strlen(pairs), &s.from, &s.to, &s.why);
		if (!rc && p && r->how.method == METHOD_PROCESS && node_map_is_cyclic(map)) {
			begin_why(&s, "--route: --method=process cannot follow a cyclic route");
			rc = -EINVAL;
		}
	}
	for (size_t i = 0; !rc && i < r->which.n_operands; i++)
		rc = check_node(&s, "PAGES: ", r->which.operand_text[i],
				strlen(r->which.operand_text[i]));
	if (!rc)
		*why = '\0';
	return rc;
}

int resolve_check_texts(const struct request *r, const struct topology *t, char *why)
{
	struct node_map map;
	struct interleave interleave;

	return resolve_nodes(r, t, NULL, &map, &interleave, NULL, why);
}

int resolve_check_node(const struct topology *t, const struct process *p, const char *text,
		       size_t len, char *why)
{
	struct resolver s;
	int rc = resolver_start(&s, t, p, why);

	return rc ? rc : check_node(&s, "", text, len);
}

int resolve_plan(const struct request *r, const struct process *p,
		 const struct address_space *space, struct plan *plan, char *why)
{
	char text[TEXT_NAME_MAX];
	size_t bad = 0;
	int rc;

	if (r->which.n_operands == 0)
		rc = plan_whole(plan, space, r->how.dry_run && !r->output.pages);
	else
		rc = plan_operands(plan, space, r->which.operands, r->which.n_operands, &bad);
	if (rc == -ENXIO)
		snprintf(why, RESOLVE_WHY_MAX, "no mapping in '%s' (see /proc/%d/maps)",
			 text_name(r->which.operand_text[bad], text, sizeof(text)), p->pid);
	else if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(-rc));
	return rc;
}

char *resolve_explain_topology(const struct topology *t, int rc, char *why)
{
	if (rc == -ENOSYS && access("/sys/devices/system", F_OK) == 0)
		snprintf(why, RESOLVE_WHY_MAX,
			 "this kernel was built without NUMA (CONFIG_NUMA): it has a single node");
	else if (rc == -ENOSYS)
		snprintf(why, RESOLVE_WHY_MAX,
			 "/sys is not mounted; mount it (mount -t sysfs sysfs "
			 "/sys)");
	else
		snprintf(why, RESOLVE_WHY_MAX, "cannot read the nodes of this machine: %s%s%s",
			 t->failed ? t->failed : "", t->failed ? ": " : "", strerror(-rc));
	return why;
}
