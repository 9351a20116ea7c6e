/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes below their parents: the order of their rows, and the lines between them. */
#ifndef TREE_H
#define TREE_H

#include "order.h"

#define TREE_LEVELS 32			/* that lines are drawn for: deeper ones look like the last */
#define TREE_TEXT_SIZE (TREE_LEVELS * 8)

/* How a row hangs in the tree. */
struct tree_branch {
	uint32_t open;			/* bit n: below the ancestor of level n there are more */
	uint8_t level;			/* 0: no parent is shown */
	bool last;			/* of its parent's children */
	bool folded;			/* what is below it is not shown */
};

struct tree {
	struct tree_branch *branches;	/* owned: of the rows in their order */
	size_t capacity;
	uint64_t *folded;		/* owned: ids of rows */
	size_t n_folded, folded_capacity;
};

void tree_done(struct tree *tree);

/*
 * Takes an order of process rows, sorts it and puts each row behind its parent, as
 * siblings are sorted; rows below a folded one go. Idle rows stay where something
 * below them is active, or all of them when idle says so.
 */
void tree_arrange(struct tree *tree, struct order *order, bool idle);

/* Hides what is below a row (by its id), or shows it again. */
void tree_fold(struct tree *tree, uint64_t id);

/* What stands ahead of the name in a row. Returns buffer. */
const char *tree_text(const struct tree_branch *branch, bool ascii, char buffer[TREE_TEXT_SIZE]);

#endif
