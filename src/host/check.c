/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "command/resolve.h"
#include "engine/finder.h"
#include "host/selftest.h"
#include "proc/access.h"
#include "proc/headroom.h"
#include "proc/syscalls.h"
#include "report/report.h"
#include "report/table.h"
#include "util/file.h"
#include "util/number.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct verdict_row verdicts[] = {
	[VERDICT_OK] = { "ok", EXIT_DONE },
	[VERDICT_NOTE] = { "note", EXIT_DONE },
	[VERDICT_PROBLEM] = { "problem", EXIT_FAILED },
	[VERDICT_CANNOT] = { "cannot", EXIT_CANNOT },
};

/* A kernel lacks a setting only if the directory is there and the file is not. */
static int why_unread(int root, const char *directory, int rc)
{
	return rc == -ENOENT && faccessat(root, directory, X_OK, AT_EACCESS) == 0 ? HOST_ABSENT :
										    HOST_UNREAD;
}

/* A memory tier is a directory, "memory_tier4", which has a list of nodes. */
static void read_nodes(int root, struct host *h)
{
	static const char prefix[] = "memory_tier";
	const struct nodeset *memory = &h->topology.memory;
	char path[NAME_MAX + sizeof("/nodelist")], text[8192], *zoneinfo;
	const struct dirent *entry;
	struct headroom headroom;
	size_t len;
	DIR *dir;
	int fd, rc = file_read_all(root, "proc/zoneinfo", &zoneinfo, &len);

	if (!rc)
		rc = headroom_parse(&headroom, zoneinfo, len, (uint64_t)sysconf(_SC_PAGESIZE));
	free(zoneinfo);
	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		struct host_node *node = &h->node[n];

		node->total = node->free = HOST_UNKNOWN;
		node->room = rc ? HOST_UNKNOWN : headroom.bytes[n];
		node->tier = HOST_ABSENT;
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", n);
		file_read(root, path, text, sizeof(text));
		snprintf(path, sizeof(path), "Node %d MemTotal", n);
		number_find_kib(text, path, &node->total);
		snprintf(path, sizeof(path), "Node %d MemFree", n);
		number_find_kib(text, path, &node->free);
	}
	fd = openat(root, "sys/devices/virtual/memory_tiering", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	h->no_tiers = fd < 0 && why_unread(root, "sys/devices/virtual", -errno) == HOST_UNREAD;
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		const char *digits = entry->d_name + strlen(prefix);
		struct nodeset set = { 0 };
		uint64_t tier;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    number_parse(digits, strlen(digits), INT_MAX - 1, &tier))
			continue;
		snprintf(path, sizeof(path), "%s/nodelist", entry->d_name);
		file_read_line(fd, path, text, sizeof(text));
		nodeset_parse_list(text, strlen(text), &set);
		for (int n = nodeset_next(&set, 0); n >= 0; n = nodeset_next(&set, n + 1))
			h->node[n].tier = (int)tier;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

int host_read(struct host *h, const char *root)
{
	struct nodeset none = { 0 }, to;
	char text[8192], *status;
	struct finder_means means;
	const char *word;
	uint64_t n;
	int rc, dir, fd;

	memset(h, 0, sizeof(*h));
	rc = topology_read(&h->topology, root);
	if (rc && rc != -ENOSYS)
		return rc;
	dir = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	h->no_sys = rc && why_unread(dir, "sys/devices/system", -ENOENT) == HOST_UNREAD;
	read_nodes(dir, h);

	rc = file_read_number(dir, "proc/sys/kernel/numa_balancing", INT_MAX, &n);
	h->numa_balancing = rc ? why_unread(dir, "proc/sys/kernel", rc) : (int)n;

	rc = file_read_line(dir, "sys/kernel/mm/numa/demotion_enabled", text, sizeof(text));
	h->demotion = rc ? why_unread(dir, "sys/kernel/mm", rc) : strcmp(text, "true") == 0;

	/* The word in brackets of "always [madvise] never". */
	rc = file_read_line(dir, "sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
	if (!rc || why_unread(dir, "sys/kernel/mm", rc) == HOST_ABSENT)
		strcpy(h->huge_pages, "absent");
	word = text + strcspn(text, "[");
	if (*word)
		snprintf(h->huge_pages, sizeof(h->huge_pages), "%.*s", (int)strcspn(word + 1, "]"),
			 word + 1);

	if (file_read(dir, "proc/meminfo", text, sizeof(text)) <= 0)
		h->swap_total = HOST_UNKNOWN;
	number_find_kib(text, "SwapTotal", &h->swap_total);
	number_find_kib(text, "SwapFree", &h->swap_free);

	status = file_read_text(dir, "proc/self/status");
	h->filtered = status && access_parse_filter(status);
	free(status);
	close(dir);

	h->call.move_pages = sys_locate(0, 0, NULL, NULL);
	h->call.move_all = sys_move(0, 0, NULL, NULL, NULL, true);
	/* From no node to one that is allowed. */
	to = nodeset_and(h->topology.memory, &h->topology.allowed);
	if (!nodeset_empty(&to))
		to = nodeset_range(nodeset_next(&to, 0), nodeset_next(&to, 0));
	h->call.migrate_pages = (int)sys_migrate(0, &none, &to);
	fd = sys_pidfd(getpid());
	h->call.pidfd_open = fd < 0 ? fd : 0;
	if (fd >= 0)
		close(fd);
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	h->pagemap = HOST_NO_PAGEMAP;
	if (fd >= 0) {
		finder_probe(&means, fd);
		h->pagemap = means.has_ioctl ? HOST_SCAN : HOST_NO_SCAN;
		close(fd);
	}
	h->held.sys_nice = sys_is_capable(CAP_SYS_NICE);
	h->held.sys_ptrace = sys_is_capable(CAP_SYS_PTRACE);
	h->held.dac_read_search = sys_is_capable(CAP_DAC_READ_SEARCH);
	h->held.dac_override = sys_is_capable(CAP_DAC_OVERRIDE);
	return 0;
}

/* A row is an array of texts. */
static const struct report_form check_table = {
	.columns =
		(const struct column_kind[]){
			{ "CHECK", true, CELL_TEXT, 0 },
			{ "STATE", true, CELL_TEXT, sizeof(char *) },
			{ "VERDICT", true, CELL_TEXT, 2 * sizeof(char *) },
			{ "MEANING", true, CELL_TEXT, 3 * sizeof(char *) },
			{ NULL },
		},
};

/* NULL without memory. */
static json_t *check_document(const struct host *h, const struct findings *all)
{
	const struct topology *t = &h->topology;
	json_t *nodes = json_array(), *findings = json_array();
	int rc = 0;

	for (int i = nodeset_next(&t->memory, 0); i >= 0; i = nodeset_next(&t->memory, i + 1)) {
		const struct host_node *n = &h->node[i];

		rc |= json_array_append_new(
			nodes,
			json_pack("{s:i,s:b,s:b,s:o,s:o,s:o,s:o}", "node", i, "cpus",
				  nodeset_has(&t->cpu, i), "allowed", nodeset_has(&t->allowed, i),
				  "tier", json_known(n->tier >= 0, (uint64_t)n->tier), "total",
				  json_known(n->total != HOST_UNKNOWN, n->total), "free",
				  json_known(n->free != HOST_UNKNOWN, n->free), "room",
				  json_known(n->room != HOST_UNKNOWN, n->room)));
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->at[i];

		rc |= json_array_append_new(findings, json_pack("{s:s,s:s,s:s,s:s}", "key", f->key,
								"state", f->state, "verdict",
								verdicts[f->verdict].name,
								"meaning", f->meaning));
	}
	if (!rc)
		return json_pack("{s:i,s:s,s:s,s:o,s:o}", "schema", 1, "command", "movepages",
				 "verdict", verdicts[all->verdict].name, "nodes", nodes, "findings",
				 findings);
	json_decref(nodes);
	json_decref(findings);
	return NULL;
}

enum exit_status check_request(const struct request *request)
{
	const bool json = request->output.json;
	char why[RESOLVE_WHY_MAX], refused[COLUMNS_WHY_MAX];
	struct findings all;
	struct report report;
	struct table table;
	struct host host;
	int lost, rc = sys_restrict(false, 0);

	if (rc) {
		warnx("cannot give up privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = host_read(&host, "");
	if (rc) {
		warnx("%s", resolve_explain_topology(&host.topology, rc, why));
		return EXIT_FAILED;
	}
	if (findings_of(&all, &host)) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	if (report_start(&report, json ? &report_document : &check_table, request, &host.topology,
			 stdout, refused)) {
		warnx("%s", refused);
		free(all.at);
		return EXIT_FAILED;
	}
	if (json) {
		report.state = check_document(&host, &all);
		rc = report.state ? 0 : -ENOMEM;
	} else {
		table_begin(&table, &report, NULL);
		for (const struct finding *f = all.at; f < all.at + all.n; f++)
			table_add(&table, (const char *const[]){
						  request->output.raw ? f->key : f->what, f->state,
						  verdicts[f->verdict].name, f->meaning });
		rc = table_end(&table);
	}
	lost = report_finish(&report);
	for (const struct finding *f = all.at; f < all.at + all.n; f++)
		if (f->verdict >= VERDICT_PROBLEM)
			warnx("--check: %s: %s: %s", f->what, f->state, f->meaning);
	free(all.at);
	rc = lost ? lost : rc;
	if (rc)
		warnx("standard output: %s; the report is lost", strerror(-rc));
	return rc ? EXIT_FAILED : verdicts[all.verdict].status;
}
