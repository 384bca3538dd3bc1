/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLACE_H
#define PLACE_H

struct batch;

/*
 * place_batch - find where the pages of a batch are, say where each is to go,
 * have those moved (submit.h), and judge every one by where it is afterwards
 *
 * The batch is as scan_next() filled it.  Afterwards every page has its node
 * and its outcome.  Returns 0, or -errno if the move cannot go on: -ESRCH,
 * -ESTALE (see process_check()), or what the kernel answered to a call as a
 * whole.
 */
int place_batch(struct batch *b);

#endif
