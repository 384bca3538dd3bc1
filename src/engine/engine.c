/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/engine.h"

#include "engine/batch.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "engine/order.h"
#include "engine/staff.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { JOBS_MAX = 64, MOVERS_MAX = 4, LOOKERS_MAX = 2 };

/*
 * Intended duration of a batch, in nanoseconds: Ctrl-C waits for its end.  Huge pages do not need
 * large batches, and if all CPUs are busy, a batch takes several times as long.
 */
#define BATCH_TIME	40000000ULL
#define HUGE_BATCH_TIME 10000000ULL

/*
 * Minimum size of a batch, in base pages: each call drains the page lists of every CPU, which takes
 * some milliseconds on a busy machine.  HUGE_ROOM_MIN is four huge pages.
 */
enum { ROOM_MIN = 1024, HUGE_ROOM_MIN = 512, ROOM_GROWTH = 4 };

/*
 * The workers of one plan.  Batches are numbered in the order taken.  Workers are numbered too;
 * number staff.now and above wait until they are needed.
 */
struct crew {
	struct visit visit;
	struct sink *sink;
	pthread_mutex_t find_lock; /* finder, end, taken, and the workers */
	struct finder finder;
	int end; /* why pages are only counted: limits_reason(), or 0 */
	unsigned long taken;
	bool done; /* no batch remains */
	struct staff staff;
	pthread_cond_t staffed;
	unsigned int started; /* including the calling thread */
	pthread_t thread[JOBS_MAX];
	pthread_mutex_t emit_lock; /* emitted, the sink */
	pthread_cond_t emitted_one;
	unsigned long emitted;
	atomic_int error;    /* the first error, or 0 */
	atomic_size_t room;  /* of the next batch */
	atomic_uint workers; /* how many have a number */
};

static void end_crew(struct crew *c, int rc)
{
	int none = 0;

	atomic_compare_exchange_strong(&c->error, &none, rc);
}

/*
 * Find the pages of the next batch, sized for its duration and the rate.  When the move must end, the
 * remaining pages are still found until limits_count_until(), and only counted (mover_place()).
 */
static ssize_t find_pages(struct crew *c, struct batch *b)
{
	struct limits *limits = c->visit.engine->limits;
	uint64_t paced = pace_batch(&limits->pace) >> c->visit.base_shift;
	uint64_t room = atomic_load(&c->room);
	ssize_t n;

	if (room > paced)
		room = paced < 1 ? 1 : paced;
	if (!c->end) {
		n = limits_reason(limits);
		if (!n)
			n = finder_next(&c->finder, b->page, room);
		if (n >= 0 || n != limits_reason(limits) || c->visit.mode != ENGINE_MOVE)
			return n;
		c->end = (int)n;
		c->finder.until = limits_count_until(limits);
	}
	n = finder_next(&c->finder, b->page, FINDER_ROOM);
	if (n != -ETIME)
		return n;
	atomic_store(&limits->uncounted, true);
	return c->end;
}

static void *work(void *context);

/* Wait until this worker is needed. */
static void wait_for_turn(struct crew *c, unsigned int self)
{
	while (self >= c->staff.now && !c->done)
		pthread_cond_wait(&c->staffed, &c->find_lock);
}

/* Start as many threads as are needed; a single batch needs only the calling thread. */
static void hire(struct crew *c)
{
	if (c->taken < 2)
		return;
	if (staff_review(&c->staff))
		pthread_cond_broadcast(&c->staffed);
	while (c->started < c->staff.now && c->started < JOBS_MAX &&
	       pthread_create(&c->thread[c->started], NULL, work, c) == 0)
		c->started++;
	atomic_store(&c->visit.separates, c->visit.sees_huge && c->started > 1 && c->staff.now > 1);
}

/* Take the next batch and its number.  Return false if none remains. */
static bool take_batch(struct crew *c, unsigned int self, struct batch *b, unsigned long *number)
{
	ssize_t n = 0;
	int rc = 0;

	pthread_mutex_lock(&c->find_lock);
	wait_for_turn(c, self);
	if (!atomic_load(&c->error)) {
		n = find_pages(c, b);
		/* After execve(2) or exit, the page tables of the process are empty. */
		if (n == 0 || n == -ESRCH)
			rc = process_check(c->visit.target->process);
		if (rc)
			n = rc;
	}
	if (n > 0) {
		*number = c->taken++;
		hire(c);
	} else {
		c->done = true;
		pthread_cond_broadcast(&c->staffed);
	}
	pthread_mutex_unlock(&c->find_lock);
	if (n < 0)
		end_crew(c, (int)n);
	b->n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* Set the size of the next batch to the intended duration. */
static void adapt_room(struct crew *c, const struct batch *b, uint64_t time)
{
	const struct page *first = &b->page[0];
	uint64_t used = b->n * finder_cost(first->shift, c->visit.base_shift), room;
	bool huge = first->shift > c->visit.base_shift;
	uint64_t goal = huge ? HUGE_BATCH_TIME : BATCH_TIME, min = huge ? HUGE_ROOM_MIN : ROOM_MIN;

	/* Ignore batches cut short by the end of a mapping or by --rate. */
	if (used < atomic_load(&c->room) / 2)
		return;
	room = used * goal / (time + 1);
	room = room > used * ROOM_GROWTH ? used * ROOM_GROWTH : room;
	room = room < min ? min : room;
	atomic_store(&c->room, room < FINDER_ROOM ? room : FINDER_ROOM);
}

static void *work(void *context)
{
	struct crew *c = context;
	struct batch *b = batch_new(&c->visit);
	unsigned long number;
	unsigned int self;

	if (!b) {
		end_crew(c, -ENOMEM);
		return NULL;
	}
	self = atomic_fetch_add(&c->workers, 1);
	while (take_batch(c, self, b, &number)) {
		uint64_t start = sys_time();
		int rc = mover_place(b);

		if (rc)
			end_crew(c, rc);
		if (c->visit.mode == ENGINE_MOVE)
			adapt_room(c, b, sys_time() - start - b->waited);
		pthread_mutex_lock(&c->emit_lock);
		while (c->sink->in_order && c->emitted != number)
			pthread_cond_wait(&c->emitted_one, &c->emit_lock);
		rc = c->sink->pages(c->sink, b->page, b->n);
		c->emitted++;
		pthread_cond_broadcast(&c->emitted_one);
		pthread_mutex_unlock(&c->emit_lock);
		if (rc)
			end_crew(c, rc);
	}
	free(b);
	return NULL;
}

static int run_plan(const struct engine *e, const struct target *t, const struct aim *aim,
		    enum engine_mode mode, const struct plan *plan, struct finder_edge *edge,
		    struct sink *sink)
{
	struct order order = { .sink = { order_pages, .in_order = true }, .to = sink };
	bool reorders = sink->in_order && sink->as_asked && plan->reordered;
	struct crew *c = calloc(1, sizeof(*c));
	int rc, last;

	if (!c)
		return -ENOMEM;
	finder_start(&c->finder, t->means, plan, t->space, e->limits);
	finder_resume(&c->finder, *edge);
	c->visit = (struct visit){ .engine = e,
				   .target = t,
				   .aim = aim,
				   .mode = mode,
				   .plan = plan,
				   .base_shift = t->means->base_shift,
				   .huge_shift = t->means->huge_shift,
				   .sees_huge = t->means->has_ioctl,
				   .hugetlb_lock = PTHREAD_MUTEX_INITIALIZER };
	/* Without interleaving, a huge page and its parts have the same destination. */
	atomic_store(&c->visit.expects_huge, t->means->frames != NULL);
	if (mode == ENGINE_MOVE && !aim->interleave && !aim->origins)
		c->finder.expects_huge = &c->visit.expects_huge;
	c->sink = reorders ? &order.sink : sink;
	atomic_store(&c->room, mode == ENGINE_MOVE ? ROOM_MIN : FINDER_ROOM);
	staff_start(&c->staff, e->jobs, mode == ENGINE_MOVE ? MOVERS_MAX : LOOKERS_MAX);
	pthread_mutex_init(&c->find_lock, NULL);
	pthread_cond_init(&c->staffed, NULL);
	pthread_mutex_init(&c->emit_lock, NULL);
	pthread_cond_init(&c->emitted_one, NULL);
	/* The calling thread is also a worker, so the run succeeds even if no thread can start. */
	c->started = 1;
	work(c);
	while (c->started > 1)
		pthread_join(c->thread[--c->started], NULL);
	pthread_cond_destroy(&c->staffed);
	pthread_cond_destroy(&c->emitted_one);
	pthread_mutex_destroy(&c->emit_lock);
	pthread_mutex_destroy(&c->find_lock);
	rc = atomic_load(&c->error);
	if (!rc && atomic_load(&c->visit.unreached))
		rc = c->end;
	last = order_flush(&order);
	*edge = c->finder.edge;
	finder_end(&c->finder);
	free(c);
	return rc ? rc : last;
}

int engine_run(const struct engine *e, const struct target *target, const struct aim *aim,
	       enum engine_mode mode, struct sink *sink)
{
	struct source *source = target->source;
	struct finder_edge edge = { 0 };
	struct plan *plan;
	int rc = source->rewind(source), more = 0;

	while (!rc && (more = source->next(source, target->space, &plan)) > 0) {
		rc = sink->plan ? sink->plan(sink, plan) : 0;
		if (!rc)
			rc = run_plan(e, target, aim, mode, plan, &edge, sink);
	}
	/* The rest of the source was not counted. */
	if (rc && more > 0 && source->more)
		atomic_store(&e->limits->uncounted, true);
	return rc ? rc : more;
}
