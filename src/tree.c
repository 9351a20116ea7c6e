/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of processes.  Parents are looked for within the container: its first
 * process has none there.  Ids of processes come again, so chains of parents may
 * be circles: each row is put somewhere, once.
 */
#include <stdlib.h>
#include <string.h>

#include "id-map.h"
#include "moment.h"
#include "tree.h"
#include "util.h"

#define NONE SIZE_MAX

/* Entries of the order by their index. */
struct node {
	size_t parent, child, sibling;	/* NONE; child: the first one */
	bool kept, placed;
};

struct growth {
	struct tree *tree;
	struct node *nodes;
	const struct order_entry *entries;	/* as sorted */
	struct order_entry *placed;		/* as the tree has them */
	size_t n, n_placed;
};

void tree_done(struct tree *tree)
{
	free(tree->branches);
	free(tree->folded);
	*tree = (struct tree){ 0 };
}

static size_t find_folded(const struct tree *tree, uint64_t id)
{
	size_t i = 0;

	while (i < tree->n_folded && tree->folded[i] != id)
		i++;
	return i;
}

void tree_fold(struct tree *tree, uint64_t id)
{
	size_t i = find_folded(tree, id);

	if (i < tree->n_folded) {
		tree->folded[i] = tree->folded[--tree->n_folded];
		return;
	}
	tree->folded = array_reserve(tree->folded, &tree->folded_capacity, tree->n_folded + 1,
				     sizeof(*tree->folded));
	tree->folded[tree->n_folded++] = id;
}

static const struct process_row *process_at(const struct growth *growth, size_t i)
{
	return growth->entries[i].row;
}

static void find_parents(struct growth *growth)
{
	struct id_map *ids = id_map_new(growth->n);

	for (size_t i = 0; i < growth->n; i++)
		id_map_put(ids, row_id(PANE_PROCESSES, process_at(growth, i)), i);
	for (size_t i = 0; i < growth->n; i++) {
		const struct process_row *process = process_at(growth, i);
		size_t parent = NONE;

		if (process->ppid != UNKNOWN && process->ppid != process->pid)
			parent = id_map_get(ids, row_id_of_process(process->row.key.serial,
								   process->ppid));
		growth->nodes[i] = (struct node){
			.parent = parent == ID_MAP_NONE ? NONE : parent,
			.child = NONE, .sibling = NONE,
		};
	}
	id_map_free(ids);
}

/* What is active is kept, and all above it. */
static void keep(struct growth *growth, bool idle)
{
	for (size_t i = 0; i < growth->n; i++)
		if (idle || process_at(growth, i)->row.active)
			for (size_t j = i; j != NONE && !growth->nodes[j].kept;
			     j = growth->nodes[j].parent)
				growth->nodes[j].kept = true;
}

/* From the last one on, so that the first child is the one that is sorted first. */
static void link_children(struct growth *growth)
{
	for (size_t i = growth->n; i-- > 0;) {
		struct node *node = &growth->nodes[i];

		if (!node->kept || node->parent == NONE)
			continue;
		node->sibling = growth->nodes[node->parent].child;
		growth->nodes[node->parent].child = i;
	}
}

static void place(struct growth *growth, size_t i, struct tree_branch branch)
{
	struct tree *tree = growth->tree;
	struct node *node = &growth->nodes[i];

	branch.folded = node->child != NONE && tree->n_folded &&
			find_folded(tree, row_id(PANE_PROCESSES, process_at(growth, i))) <
			tree->n_folded;
	node->placed = true;
	growth->placed[growth->n_placed] = growth->entries[i];
	tree->branches[growth->n_placed++] = branch;
}

/* Below a folded row all count as placed. */
static void place_hidden(struct growth *growth, size_t i)
{
	growth->nodes[i].placed = true;
}

/* Of a child: one level deeper, and its parent's line goes on when the parent has siblings left. */
static struct tree_branch branch_below(const struct tree_branch *parent, bool last)
{
	struct tree_branch branch = { .open = parent->open, .level = parent->level, .last = last };

	if (parent->level && !parent->last)
		branch.open |= 1u << (parent->level - 1);
	if (branch.level < TREE_LEVELS)
		branch.level++;
	return branch;
}

/* This one or the first of its siblings behind it that is still to be placed. */
static size_t unplaced(const struct growth *growth, size_t i)
{
	while (i != NONE && growth->nodes[i].placed)
		i = growth->nodes[i].sibling;
	return i;
}

/* A row and all below it, without recursion: chains can be as long as there are processes. */
static void place_all(struct growth *growth, size_t root)
{
	struct tree_branch *path = NULL;	/* of the current row and those above it */
	size_t depth = 0, capacity = 0, hidden = NONE, i = root, next;

	for (;;) {
		struct node *node = &growth->nodes[i];

		path = array_reserve(path, &capacity, depth + 1, sizeof(*path));
		path[depth] = depth ? branch_below(&path[depth - 1],
						    unplaced(growth, node->sibling) == NONE) :
				      (struct tree_branch){ .last = true };
		if (hidden != NONE)
			place_hidden(growth, i);
		else
			place(growth, i, path[depth]);
		if (hidden == NONE && growth->tree->branches[growth->n_placed - 1].folded)
			hidden = depth;
		next = unplaced(growth, node->child);
		if (next != NONE) {
			i = next;
			depth++;
			continue;
		}
		while (depth > 0 && (next = unplaced(growth, i)) == NONE) {
			i = growth->nodes[i].parent;
			depth--;
		}
		if (hidden != NONE && depth <= hidden)
			hidden = NONE;
		if (depth == 0)
			break;
		i = next;
	}
	free(path);
}

void tree_arrange(struct tree *tree, struct order *order, bool idle)
{
	struct growth growth = { .tree = tree, .n = order->n };

	order_window(order, 0, order->n);
	growth.entries = order->entries;
	growth.nodes = xcalloc(order->n + 1, sizeof(*growth.nodes));
	growth.placed = xcalloc(order->n + 1, sizeof(*growth.placed));
	tree->branches = array_reserve(tree->branches, &tree->capacity, order->n + 1,
				       sizeof(*tree->branches));
	find_parents(&growth);
	keep(&growth, idle);
	link_children(&growth);
	for (size_t i = 0; i < growth.n; i++)
		if (growth.nodes[i].kept && growth.nodes[i].parent == NONE)
			place_all(&growth, i);
	/* What is left is a circle, or hangs from one. */
	for (size_t i = 0; i < growth.n; i++)
		if (growth.nodes[i].kept && !growth.nodes[i].placed)
			place_all(&growth, i);
	memcpy(order->entries, growth.placed, growth.n_placed * sizeof(*growth.placed));
	order_fix(order, growth.n_placed);
	free(growth.placed);
	free(growth.nodes);
}

const char *tree_text(const struct tree_branch *branch, bool ascii, char buffer[TREE_TEXT_SIZE])
{
	static const char *const lines[2][4] = {
		{ "\xe2\x94\x82 ", "  ", "\xe2\x94\x9c\xe2\x94\x80", "\xe2\x94\x94\xe2\x94\x80" },
		{ "| ", "  ", "|-", "`-" },
	};
	char *end = buffer;

	for (unsigned int level = 0; level + 1 < branch->level; level++)
		end = stpcpy(end, lines[ascii][branch->open >> level & 1 ? 0 : 1]);
	if (branch->level)
		end = stpcpy(end, lines[ascii][branch->last ? 3 : 2]);
	strcpy(end, branch->folded ? "+" : "");
	return buffer;
}
