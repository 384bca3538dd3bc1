/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_H
#define HOST_CHECK_H

#include "plan/request.h"

/*
 * check_request - movepages --check: what this host and this caller can do
 *
 * Looks with the privileges that a move would have, and moves nothing.  The findings go
 * to standard output; what keeps pages from being moved, and errors, have one line each
 * on standard error.
 *
 * Returns EXIT_DONE if pages can be moved, EXIT_FAILED if something keeps this caller
 * from it, or nothing could be found out or written, EXIT_CANNOT if this host cannot.
 */
enum exit_status check_request(const struct request *request);

#endif
