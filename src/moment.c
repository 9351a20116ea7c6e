/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moments.  Rows are copied by what their columns say of them: a column knows
 * where its value is, so no kind of row needs code of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "column.h"
#include "id-map.h"
#include "moment.h"
#include "util.h"

#define BLOCK_LEAST (1UL << 18)
#define BLOCK_MOST (1UL << 25)
#define HUGE_PAGE (1UL << 21)

/* ---- memory that goes all at once */

struct block {
	struct block *next;
	_Alignas(16) char data[];
};

struct arena {
	struct block *blocks;
	size_t left;			/* of the first block */
	size_t size;			/* of the next one: a few large ones are faster to get */
	char *at;
};

static void arena_grow(struct arena *arena, size_t least)
{
	size_t size = arena->size ? arena->size : BLOCK_LEAST;
	struct block *block;

	while (size < least + sizeof(*block))
		size *= 2;
	block = size >= HUGE_PAGE ? aligned_alloc(HUGE_PAGE, size) : malloc(size);
	if (!block)
		abort();		/* as xmalloc has it */
	if (size >= HUGE_PAGE)
		madvise(block, size, MADV_HUGEPAGE);
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = block->data;
	arena->left = size - sizeof(*block);
	arena->size = size < BLOCK_MOST ? 2 * size : BLOCK_MOST;
}

static void *arena_take(struct arena *arena, size_t size)
{
	size_t whole = (size + 15) / 16 * 16;
	char *at;

	if (whole > arena->left)
		arena_grow(arena, whole);
	at = arena->at;
	arena->at += whole;
	arena->left -= whole;
	return at;
}

static void *arena_copy(struct arena *arena, const void *from, size_t size)
{
	return memcpy(arena_take(arena, size), from, size);
}

static void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

/* ---- rows */

static const size_t row_sizes[PANE_COUNT] = {
	[PANE_CONTAINERS] = sizeof(struct container_row), [PANE_FLOWS] = sizeof(struct flow_row),
	[PANE_DISKS] = sizeof(struct disk_row), [PANE_SYSCALLS] = sizeof(struct syscall_row),
	[PANE_PROCESSES] = sizeof(struct process_row), [PANE_EVENTS] = sizeof(struct event_row),
	[PANE_FILES] = sizeof(struct file_row),
	[PANE_LISTENERS] = sizeof(struct listener_row),
	[PANE_HINTS] = sizeof(struct hint_row),
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25;
	return hash ^ hash >> 32;
}

uint64_t row_id_of_process(uint64_t serial, uint64_t pid)
{
	return mix(mix(PANE_PROCESSES, serial), pid);
}

/* The size is that of whole words. */
static uint64_t mix_words(uint64_t hash, const void *words, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, (const char *)words + i, sizeof(word));
		hash = mix(hash, word);
	}
	return hash;
}

/* Two of 100,000 rows share an id once in billions of years of screens. */
uint64_t row_id(enum pane_id pane, const void *row)
{
	const struct row *head = row;
	uint64_t hash = mix(mix(pane, head->key.serial), head->key.number);

	if (pane == PANE_FLOWS)
		hash = mix_words(hash, &((const struct flow_row *)row)->key,
				 sizeof(struct flow_row_key));
	if (pane == PANE_FILES)
		hash = mix_words(hash, &((const struct file_row *)row)->key,
				 sizeof(struct file_row_key));
	if (pane == PANE_LISTENERS)
		hash = mix_words(hash, &((const struct listener_row *)row)->key,
				 sizeof(struct listener_key));
	return hash;
}

/* A pointer within a row, as its copy has to have it; the same when it leads elsewhere. */
static void *moved(const void *pointer, enum pane_id pane, const void *row, void *copy)
{
	const char *to = pointer, *begin = row;
	void *same;

	if (to >= begin && to < begin + row_sizes[pane])
		return (char *)copy + (to - begin);
	memcpy(&same, &pointer, sizeof(same));
	return same;
}

/* ---- the model */

static size_t count_running(const struct containers *containers)
{
	size_t n, running = 0;
	struct container *const *all = containers_all(containers, &n);

	for (size_t i = 0; i < n; i++)
		running += !container_is_none(all[i]) && !all[i]->exited && !all[i]->hidden;
	return running;
}

void moment_of_model(struct moment *ret, const struct model *model,
		     const struct containers *containers)
{
	*ret = (struct moment){
		.total = model_total(model),
		.accuracy = { model_accuracy(model, false), model_accuracy(model, true) },
		.time = model_time(model),
		.interval_ns = model_interval_ns(model),
		.running = count_running(containers),
	};
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		model_touched_rows(model, i, &ret->panes[i].n_touched);
		ret->panes[i].rows = model_rows(model, i, &ret->panes[i].n);
	}
}

void moment_done(struct moment *moment)
{
	arena_free(moment->arena);
	*moment = (struct moment){ 0 };
}

/* ---- copies that last */

/* What many rows point to, and its copy: it is copied once. */
struct held {
	struct link link;		/* must stay the first member */
	const void *original;
	void *copy;
};

struct hold {
	struct arena *arena;
	struct chains shared;
	struct {			/* of the column's last row: rows repeat each other */
		const char *text, *copy;
	} *texts;
};

static const char *hold_text(struct hold *hold, size_t column, const char *text)
{
	if (text != hold->texts[column].text) {
		hold->texts[column].text = text;
		hold->texts[column].copy = arena_copy(hold->arena, text, strlen(text) + 1);
	}
	return hold->texts[column].copy;
}

/* Copies the texts that a pane's columns find in a row, or in the container it belongs to. */
static void hold_texts(struct hold *hold, enum pane_id pane, bool by_owner, const void *from,
		       void *copy)
{
	for (size_t i = 0; i < panes[pane].n_columns; i++) {
		const struct column *column = &panes[pane].columns[i];
		const char **member = (void *)((char *)copy + column->offset);
		const char *text;

		if (column->type != VALUE_TEXT || column->by_owner != by_owner || !*member)
			continue;
		text = by_owner ? *member : moved(*member, pane, from, copy);
		*member = text != *member ? text : hold_text(hold, i, text);
	}
}

/* The copy of what rows point to, with the texts of those of the pane's columns that find it. */
static void *hold_shared(struct hold *hold, const void *original, size_t size, enum pane_id pane,
			 bool by_owner)
{
	uint32_t hash = (uint32_t)((uintptr_t)original / 16);
	struct held *held;

	if (!original)
		return NULL;
	held = (struct held *)chains_first(&hold->shared, hash);
	while (held && held->original != original)
		held = (struct held *)link_next(&held->link);
	if (held)
		return held->copy;
	held = arena_take(hold->arena, sizeof(*held));
	*held = (struct held){ .original = original };
	held->copy = arena_copy(hold->arena, original, size);
	hold_texts(hold, pane, by_owner, original, held->copy);
	chains_add(&hold->shared, &held->link, hash);
	return held->copy;
}

/* The columns of the first pane are all that any pane shows of a container. */
static struct container *hold_container(struct hold *hold, const struct container *container)
{
	return hold_shared(hold, container, sizeof(*container), PANE_CONTAINERS, true);
}

static void hold_flow(struct hold *hold, struct flow_row *copy)
{
	struct process_row *process = hold_shared(hold, copy->process, sizeof(*process),
						  PANE_PROCESSES, false);

	/* Flows show texts of it alone. */
	if (process)
		process->row.container = NULL;
	copy->process = process;
	copy->peer = hold_container(hold, copy->peer);
	if (copy->real)
		copy->real = arena_copy(hold->arena, copy->real, sizeof(*copy->real));
}

static void **hold_rows(struct hold *hold, enum pane_id pane, void *const *rows, size_t n)
{
	void **copies = arena_take(hold->arena, (n + 1) * sizeof(*copies));
	struct container *last = NULL, *last_copy = NULL;

	for (size_t i = 0; i < n; i++) {
		struct row *copy = arena_copy(hold->arena, rows[i], row_sizes[pane]);

		if (copy->container != last) {
			last = copy->container;
			last_copy = hold_container(hold, last);
		}
		copy->container = last_copy;
		copy->owner = NULL;
		if (pane == PANE_FLOWS)
			hold_flow(hold, (struct flow_row *)copy);
		hold_texts(hold, pane, false, rows[i], copy);
		copies[i] = copy;
	}
	return copies;
}

static size_t columns_most(void)
{
	size_t most = 0;

	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		if (panes[i].n_columns > most)
			most = panes[i].n_columns;
	return most;
}

void moment_hold(struct moment *moment)
{
	struct hold hold = { 0 };

	if (!moment->total)		/* nothing was measured yet */
		return;
	hold.arena = xcalloc(1, sizeof(*hold.arena));
	hold.texts = xcalloc(columns_most(), sizeof(*hold.texts));
	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		moment->panes[i].rows = hold_rows(&hold, i, moment->panes[i].rows,
						  moment->panes[i].n);
	free(hold.texts);
	moment->total = arena_copy(hold.arena, moment->total, sizeof(*moment->total));
	for (int i = 0; i < 2; i++)
		moment->accuracy[i] = arena_copy(hold.arena, moment->accuracy[i],
						 sizeof(*moment->accuracy[i]));
	chains_done(&hold.shared);
	arena_free(moment->arena);
	moment->arena = hold.arena;
}

/* ---- marks */

#define COUNTS_MOST 16			/* of one pane */

/* Totals of a pane as they were: one row of the table for each row, as ids have it. */
struct mark_pane {
	struct id_map *ids;
	uint64_t *totals;
	size_t offsets[COUNTS_MOST], n_counts;	/* where the counts are in a row */
};

struct mark {
	struct mark_pane panes[PANE_COUNT];
	struct container_row total;
};

/* Where the counts of a pane's rows are. Returns how many. */
static size_t count_offsets(enum pane_id pane, size_t offsets[COUNTS_MOST])
{
	size_t n = 0;

	for (size_t i = 0; i < panes[pane].n_columns && n < COUNTS_MOST; i++) {
		const struct column *column = &panes[pane].columns[i];

		if (column->type == VALUE_COUNT && !column->by_owner)
			offsets[n++] = column->offset;
	}
	return n;
}

static uint64_t total_at(const void *row, size_t offset)
{
	return ((const struct count *)(const void *)((const char *)row + offset))->total;
}

static void mark_pane(struct mark_pane *marked, const struct moment_rows *rows, enum pane_id pane)
{
	uint64_t *total;

	marked->n_counts = count_offsets(pane, marked->offsets);
	marked->ids = id_map_new(rows->n);
	marked->totals = total = xcalloc(rows->n * marked->n_counts + 1, sizeof(*total));
	for (size_t i = 0; i < rows->n; i++) {
		id_map_put(marked->ids, row_id(pane, rows->rows[i]), i);
		for (size_t j = 0; j < marked->n_counts; j++)
			*total++ = total_at(rows->rows[i], marked->offsets[j]);
	}
}

/* The totals of a row as they were; NULL: it is newer. */
static const uint64_t *totals_of(const struct mark_pane *marked, enum pane_id pane, const void *row)
{
	size_t i = id_map_get(marked->ids, row_id(pane, row));

	return i == ID_MAP_NONE ? NULL : &marked->totals[i * marked->n_counts];
}

struct mark *mark_new(const struct moment *moment)
{
	struct mark *mark = xcalloc(1, sizeof(*mark));

	mark->total = *moment->total;
	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		mark_pane(&mark->panes[i], &moment->panes[i], i);
	return mark;
}

void mark_free(struct mark *mark)
{
	if (!mark)
		return;
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		id_map_free(mark->panes[i].ids);
		free(mark->panes[i].totals);
	}
	free(mark);
}

/* A count that is less than it was has begun anew. */
static uint64_t since(uint64_t total, uint64_t was)
{
	return total != UNKNOWN && was != UNKNOWN && was <= total ? total - was : total;
}

void mark_apply(const struct mark *mark, enum pane_id pane, const void *row, union any_row *ret)
{
	const struct mark_pane *marked = &mark->panes[pane];
	const uint64_t *was = totals_of(marked, pane, row);

	memcpy(ret, row, row_sizes[pane]);
	for (size_t i = 0; was && i < marked->n_counts; i++) {
		struct count *count = (void *)((char *)ret + marked->offsets[i]);

		count->total = since(count->total, was[i]);
	}
}

struct value mark_value(const struct mark *mark, enum pane_id pane, const void *row,
			const struct column *column)
{
	const struct mark_pane *marked = &mark->panes[pane];
	const uint64_t *was = totals_of(marked, pane, row);
	struct value value = column_value(column, row, true);

	for (size_t i = 0; was && value.type && i < marked->n_counts; i++)
		if (marked->offsets[i] == column->offset)
			value.number = since(value.number, was[i]);
	return value;
}

void mark_apply_total(const struct mark *mark, const struct container_row *total,
		      struct container_row *ret)
{
	size_t offsets[COUNTS_MOST], n = count_offsets(PANE_CONTAINERS, offsets);

	*ret = *total;
	for (size_t i = 0; i < n; i++) {
		struct count *count = (void *)((char *)ret + offsets[i]);

		count->total = since(count->total, total_at(&mark->total, offsets[i]));
	}
}
