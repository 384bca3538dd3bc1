/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_TABLE_H
#define HOST_CHECK_TABLE_H

#include "report/report.h"

struct findings;
struct host;

/* The two forms of --check.  Their state is a struct check. */
struct check {
	const struct host *host;
	const struct findings *findings;
};

extern const struct report_form check_table;
extern const struct report_form check_document;

#endif
