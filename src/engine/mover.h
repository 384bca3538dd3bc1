/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_MOVER_H
#define ENGINE_MOVER_H

struct batch;

/*
 * mover_place - find where the pages of a batch are, say where each is to go,
 * have those moved (move_pages.h), and judge every one by where it is afterwards
 *
 * The batch is as finder_next() filled it.  Afterwards every page has its node
 * and its outcome.  Returns 0, or -errno if the move cannot go on: -ESRCH,
 * -ESTALE (see process_check()), or what the kernel answered to a call as a
 * whole.
 */
int mover_place(struct batch *b);

#endif
