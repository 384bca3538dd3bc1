/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "command/resolve.h"
#include "host/check_facts.h"
#include "host/check_rules.h"
#include "host/check_table.h"
#include "proc/syscalls.h"
#include "report/report.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line for each finding that keeps pages from being moved. */
static void tell(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->at[i].verdict >= VERDICT_PROBLEM)
			warnx("--check: %s: %s: %s", f->at[i].what, f->at[i].state,
			      f->at[i].meaning);
}

static enum exit_status status_of(const struct findings *f)
{
	static const enum exit_status statuses[] = {
		[VERDICT_OK] = EXIT_DONE,
		[VERDICT_NOTE] = EXIT_DONE,
		[VERDICT_PROBLEM] = EXIT_FAILED,
		[VERDICT_CANNOT] = EXIT_CANNOT,
	};

	return statuses[findings_verdict(f)];
}

static enum exit_status report_on(const struct request *request, const struct host *h,
				  const struct findings *f)
{
	struct check check = { h, f };
	struct report report;
	char why[COLUMNS_WHY_MAX];
	int rc = report_start(&report, request->output.json ? &check_document : &check_table,
			      request, &h->topology, stdout, why);

	if (rc) {
		warnx("%s", why);
		return EXIT_FAILED;
	}
	report.state = &check;
	rc = report_finish(&report);
	tell(f);
	if (rc)
		warnx("standard output: %s; the report is lost", strerror(-rc));
	return rc ? EXIT_FAILED : status_of(f);
}

static enum exit_status check_host(const struct request *request, struct host *h)
{
	enum exit_status status = EXIT_FAILED;
	struct findings findings = { 0 };
	char why[RESOLVE_WHY_MAX];
	int rc = sys_restrict(false, 0);

	if (rc) {
		warnx("cannot give up privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = host_read(h, "");
	if (rc) {
		warnx("%s", resolve_explain_topology(&h->topology, rc, why));
		return EXIT_FAILED;
	}
	host_try(h);
	if (findings_of(&findings, h))
		warnx("%s", strerror(ENOMEM));
	else
		status = report_on(request, h, &findings);
	findings_free(&findings);
	return status;
}

enum exit_status check_request(const struct request *request)
{
	struct host *h = calloc(1, sizeof(*h));
	enum exit_status status = EXIT_FAILED;

	if (!h) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	status = check_host(request, h);
	free(h);
	return status;
}
