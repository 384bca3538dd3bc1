/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_LUMPS_H
#define ENGINE_LUMPS_H

struct batch;

/*
 * Spreading where the kernel does not tell huge pages (before 6.7).
 *
 * A huge page cannot be on several nodes.  So base pages that may be one, or
 * the selected part of one, go to where a huge page would go: if they are
 * not, they are spread in larger pieces than asked, and still evenly.  What is
 * on several nodes already is none, and what smaps says has none (census.h)
 * neither; so the pieces are found in place by the next run.
 */

/* Flag such pages PAGE_LUMP; page.from is known.  Nothing to do in other moves. */
void lumps_mark(struct batch *b);

#endif
