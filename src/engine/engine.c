/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/engine.h"

#include "engine/batch.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "engine/mover.h"
#include "engine/order.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { JOBS_MAX = 64, MOVERS_MAX = 4, LOOKERS_MAX = 2 };

/* A batch should take so long at most, in nanoseconds: who pressed Ctrl-C waits for it. */
#define BATCH_TIME 20000000ULL

/*
 * But not less than so many base pages: each call drains the page lists of
 * every CPU, which can take longer than 20 ms by itself on a busy machine, and
 * then smaller batches only make more of it.  One huge page may take that long.
 */
enum { ROOM_MIN = 1024, HUGE_ROOM_MIN = 128 };

/* One run.  Batches are numbered as they are taken. */
struct run {
	struct batch_job job;
	const struct sink *sink;
	pthread_mutex_t scan_lock; /* scan, end, taken */
	struct finder scan;
	int end; /* why pages are only counted: limits_reason(), or 0 */
	unsigned long taken;
	pthread_mutex_t emit_lock; /* emitted, the sink */
	pthread_cond_t emitted_one;
	unsigned long emitted;
	atomic_int error;   /* the first that ended the run, or 0 */
	atomic_size_t room; /* of the next batch */
};

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Those that this process may use.  The kernel refuses a set that is too small for all. */
static unsigned int count_cpus(void)
{
	struct cpuset cpus;

	return sys_affinity(0, &cpus) ? 1 : bits_count(BITS(&cpus));
}

unsigned int engine_default_jobs(enum engine_mode mode)
{
	unsigned int cpus = count_cpus();

	if (mode != ENGINE_FOR_REAL)
		return smaller(cpus, LOOKERS_MAX);
	return cpus < 2 ? 1 : smaller(cpus / 2, MOVERS_MAX);
}

static void fail(struct run *run, int rc)
{
	int none = 0;

	atomic_compare_exchange_strong(&run->error, &none, rc);
}

/* The room that would have taken the batch just as long as it should. */
static void adapt(struct run *run, const struct batch *b, uint64_t time)
{
	bool huge = b->page[0].shift > run->job.base_shift;
	uint64_t room = atomic_load(&run->room), min = huge ? HUGE_ROOM_MIN : ROOM_MIN;

	if (time > BATCH_TIME)
		room = room * BATCH_TIME / time;
	else if (time < BATCH_TIME / 2)
		room *= 2;
	if (room < min)
		room = min;
	atomic_store(&run->room, room < FINDER_ROOM ? room : FINDER_ROOM);
}

/* The room of a batch, in base pages: of the time it takes, and of the rate. */
static size_t room_of(const struct run *run)
{
	uint64_t paced = pace_batch(&run->job.move->control->pace) >> run->job.base_shift;
	uint64_t room = atomic_load(&run->room);

	if (paced < 1)
		paced = 1;
	return room < paced ? room : paced;
}

/*
 * The next batch.  When the move is to end, what is left is found all the same, for as long
 * as limits_count_until() allows, and only counted (place.h).
 */
static ssize_t scan_more(struct run *run, struct batch *b)
{
	struct limits *control = run->job.move->control;
	ssize_t n;

	if (!run->end) {
		n = limits_reason(control);
		if (!n)
			n = finder_next(&run->scan, b->page, room_of(run));
		if (n >= 0 || n != limits_reason(control) || run->job.move->mode != ENGINE_FOR_REAL)
			return n;
		run->end = (int)n;
		run->scan.until = limits_count_until(control);
	}
	n = finder_next(&run->scan, b->page, FINDER_ROOM);
	if (n != -ETIMEDOUT)
		return n;
	atomic_store(&control->uncounted, true);
	return run->end;
}

/* The page tables of an earlier program are empty, as are those of a process that exited. */
static ssize_t find_more(struct run *run, struct batch *b)
{
	ssize_t n = scan_more(run, b);
	int rc = n == 0 || n == -ESRCH ? process_check(run->job.move->process) : 0;

	return rc ? rc : n;
}

static bool take(struct run *run, struct batch *b, unsigned long *number)
{
	ssize_t n = 0;

	pthread_mutex_lock(&run->scan_lock);
	if (!atomic_load(&run->error))
		n = find_more(run, b);
	if (n > 0)
		*number = run->taken++;
	pthread_mutex_unlock(&run->scan_lock);
	if (n < 0)
		fail(run, (int)n);
	b->n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void hand_on(struct run *run, const struct batch *b, unsigned long number)
{
	int rc;

	pthread_mutex_lock(&run->emit_lock);
	while (run->sink->in_order && run->emitted != number)
		pthread_cond_wait(&run->emitted_one, &run->emit_lock);
	rc = run->sink->pages(run->sink->context, b->page, b->n);
	run->emitted++;
	pthread_cond_broadcast(&run->emitted_one);
	pthread_mutex_unlock(&run->emit_lock);
	if (rc)
		fail(run, rc);
}

static void *work(void *context)
{
	struct run *run = context;
	struct batch *b = batch_new(&run->job);
	unsigned long number;

	if (!b) {
		fail(run, -ENOMEM);
		return NULL;
	}
	while (take(run, b, &number)) {
		uint64_t start = sys_time();
		int rc = mover_place(b);

		if (rc)
			fail(run, rc);
		if (run->job.move->mode == ENGINE_FOR_REAL)
			adapt(run, b, sys_time() - start - b->waited);
		hand_on(run, b, number);
	}
	free(b);
	return NULL;
}

/* The calling thread is a worker too, so that it works where no thread starts. */
static void work_together(struct run *run, unsigned int jobs)
{
	pthread_t thread[JOBS_MAX];
	unsigned int started = 0;

	while (started + 1 < jobs && started < JOBS_MAX &&
	       pthread_create(&thread[started], NULL, work, run) == 0)
		started++;
	work(run);
	while (started > 0)
		pthread_join(thread[--started], NULL);
}

static int run_batches(const struct move *move, const struct sink *sink)
{
	struct run *run = calloc(1, sizeof(*run));
	int rc;

	if (!run)
		return -ENOMEM;
	finder_start(&run->scan, move->means, move->plan, move->maps, move->control);
	run->job = (struct batch_job){
		.move = move,
		.base_shift = move->means->base_shift,
		.huge_shift = move->means->huge_shift,
		.sees_huge = move->means->has_ioctl,
		.hugetlb_lock = PTHREAD_MUTEX_INITIALIZER,
	};
	run->sink = sink;
	atomic_store(&run->room, move->mode == ENGINE_FOR_REAL ? HUGE_ROOM_MIN : FINDER_ROOM);
	pthread_mutex_init(&run->scan_lock, NULL);
	pthread_mutex_init(&run->emit_lock, NULL);
	pthread_cond_init(&run->emitted_one, NULL);
	work_together(run, move->jobs ? move->jobs : engine_default_jobs(move->mode));
	rc = atomic_load(&run->error);
	if (!rc && atomic_load(&run->job.unreached))
		rc = run->end;
	pthread_cond_destroy(&run->emitted_one);
	pthread_mutex_destroy(&run->emit_lock);
	pthread_mutex_destroy(&run->scan_lock);
	free(run);
	return rc;
}

int engine_run(const struct move *move, const struct sink *sink)
{
	struct order order = { .sink = sink };
	const struct sink reorder = { order_pages, &order, .in_order = true };
	int rc = sink->plan ? sink->plan(sink->context, move->plan) : 0, last;

	if (rc)
		return rc;
	if (!sink->in_order || !sink->as_asked || !move->plan->reordered)
		return run_batches(move, sink);
	rc = run_batches(move, &reorder);
	last = order_flush(&order);
	return rc ? rc : last;
}

int engine_run_as(const struct move *move, enum engine_mode mode, const struct node_map *route,
		  const struct sink *sink)
{
	struct move other = *move;

	other.mode = mode;
	other.route = route;
	return engine_run(&other, sink);
}
