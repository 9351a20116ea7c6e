/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of one user: which users there are, and the one chosen. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "tui-action.h"
#include "util.h"

static uint64_t uid_of(const struct pane *pane, const struct row *row)
{
	return *(const uint64_t *)(const void *)((const char *)row + pane->uid);
}

/* Not all panes know what a user is called. */
static const char *name_of(const struct pane *pane, const struct row *row)
{
	const struct column *column = pane_column(pane, "user", 4);
	struct value value = { .type = VALUE_UNKNOWN };

	if (column)
		value = column_value(column, row, false);
	return value.type == VALUE_TEXT ? value.text : "";
}

/* The item of a user, or the place for it: they stand by number. */
static size_t place_of(const struct tui_menu *menu, uint64_t uid)
{
	size_t low = 1, high = menu->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (menu->items[middle].user.uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_row(struct tui_menu *menu, size_t *capacity, const struct pane *pane,
		    const struct row *row)
{
	uint64_t uid = uid_of(pane, row);
	size_t i = place_of(menu, uid);
	struct tui_item *item;

	if (uid == UNKNOWN)
		return;
	if (i == menu->n || menu->items[i].user.uid != uid) {
		menu->items = array_reserve(menu->items, capacity, menu->n + 1, sizeof(*item));
		memmove(menu->items + i + 1, menu->items + i, (menu->n - i) * sizeof(*item));
		menu->items[i] = (struct tui_item){ .user = { .uid = uid } };
		menu->n++;
	}
	item = &menu->items[i];
	if (!*item->user.name)
		snprintf(item->user.name, sizeof(item->user.name), "%s", name_of(pane, row));
	item->rows++;
}

/* All users is the first item, and the cursor on the one that is shown. */
void tui_add_users(struct tui *tui, struct tui_menu *menu)
{
	const struct moment_rows *rows = &tui->shown.panes[tui_focus_id(tui)];
	const struct pane *pane = tui_focus(tui)->view.pane;
	size_t capacity = 0;

	free(menu->items);
	menu->items = array_reserve(NULL, &capacity, 1, sizeof(*menu->items));
	menu->items[0] = (struct tui_item){ .user = { .uid = UNKNOWN } };
	menu->n = 1;
	for (size_t i = 0; tui->measured && i < rows->n; i++)
		add_row(menu, &capacity, pane, rows->rows[i]);
	if (tui->user.chosen && place_of(menu, tui->user.uid) < menu->n)
		menu->cursor = place_of(menu, tui->user.uid);
}

/* "nginx 101": what it is called, and its number. */
const char *tui_user_text(const struct tui_user *user, char *buffer, size_t size)
{
	if (user->uid == UNKNOWN)
		snprintf(buffer, size, "all users");
	else
		snprintf(buffer, size, "%s%s%" PRIu64, user->name, *user->name ? " " : "", user->uid);
	return buffer;
}

unsigned int tui_choose_user(struct tui *tui, const struct tui_user *user)
{
	tui->user = *user;
	tui->user.chosen = user->uid != UNKNOWN;
	for (size_t i = 0; i < PANE_COUNT; i++)
		if (panes[i].uid)
			tui->panes[i].at = (struct tui_at){ 0 };
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_users(struct tui *tui, int key __attribute__((unused)))
{
	if (tui_focus(tui)->view.pane->uid)
		return tui_open_menu(tui, IN_USERS);
	tui_say(tui, "no users here: 2 shows flows, 5 processes, 6 events, 7 files");
	return TUI_REDRAW;
}
