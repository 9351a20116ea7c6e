/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the source of samples that is a recording: what source-replay.c, which
 * reads reports and their containers, and replay-row.c, which reads the rows of
 * the other panes, share.
 */
#ifndef REPLAY_H
#define REPLAY_H

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "recording.h"
#include "source.h"

/* What a container counted that none of its rows has. */
struct replay_rest {
	UT_hash_handle hh;
	struct container *container;
	struct remainder_sample counts;
};

struct replay {
	struct source source;		/* must stay the first member */
	struct recording recording;
	json_t *report;			/* the one read last: samples borrow names from it */
	bool pending;			/* it was not delivered yet */
	int end;			/* what read says from now on; 0: there may be more */
	struct replay_rest *rests;	/* by container, of this report */
	bool split;			/* system calls are those of processes in this report */
};

/* The container of a row, made when it is new, by its name where it has no id. */
struct container *replay_container(struct replay *replay, const json_t *row,
				   const char *name_key);

/* The container's rest in this report, made when it is new. */
struct replay_rest *replay_rest_of(struct replay *replay, struct container *container);

/* Whether the report read last lists the rows of a pane. */
bool replay_has_list(const struct replay *replay, enum pane_id pane);

/* Each adds one row of a pane to the sample, the last all events ahead of the report. */
void replay_take_flow(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_disk(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_syscall(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_file(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_process(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_listener(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_hint(struct replay *replay, struct sample *sample, const json_t *row);
void replay_take_events(struct replay *replay, struct sample *sample);

#endif
