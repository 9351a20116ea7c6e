/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys do.  An action only changes the state and returns what is to be redone. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "tui.h"
#include "tui-action.h"
#include "util.h"

/* Says why nothing happened. */
static unsigned int refuse(struct tui *tui, const char *message)
{
	tui_say(tui, message);
	return TUI_REDRAW;
}

/* ---- moving about */

static size_t moved(size_t place, ptrdiff_t by)
{
	return by < 0 && place < -(size_t)by ? 0 : place + (size_t)by;
}

static unsigned int tui_move(struct tui *tui, ptrdiff_t by)
{
	enum pane_id id = tui_focus_id(tui);

	if (tui->mode == IN_HELP) {
		tui->help_top = moved(tui->help_top, by);	/* drawing knows how long it is */
		return TUI_REDRAW;
	}
	if (tui->mode != IN_ROWS) {
		tui->menu.cursor = moved(tui->menu.cursor, by);
		if (tui->menu.cursor >= tui->menu.n)
			tui->menu.cursor = tui->menu.n - 1;
		return TUI_REDRAW;
	}
	tui_set_cursor(tui, id, moved(tui->panes[id].cursor, by));
	return TUI_REDRAW | (tui->split && !tui->in_lower ? TUI_UPDATE : 0);
}

unsigned int action_line(struct tui *tui, int key)
{
	return tui_move(tui, key == TERM_KEY_UP || key == 'k' ? -1 : 1);
}

unsigned int action_page(struct tui *tui, int key)
{
	ptrdiff_t page = (ptrdiff_t)tui->page;

	return tui_move(tui, key == TERM_KEY_PAGE_UP ? -page : page);
}

unsigned int action_end(struct tui *tui, int key)
{
	ptrdiff_t far = INT32_MAX;

	return tui_move(tui, key == TERM_KEY_HOME || key == 'g' ? -far : far);
}

unsigned int action_scroll(struct tui *tui, int key)
{
	struct tui_pane *pane = tui_focus(tui);

	if (key == TERM_KEY_RIGHT)
		pane->scrolled++;	/* drawing knows how far it goes */
	else if (pane->scrolled > 0)
		pane->scrolled--;
	return TUI_REDRAW;
}

/* ---- panes */

/* Below the containers there are the others. */
static unsigned int choose_lower(struct tui *tui, int key)
{
	int n = PANE_COUNT - 1, at = (int)tui->lower - 1;

	if (key == '1') {
		tui->in_lower = false;
		return TUI_REDRAW;
	}
	at = key == '\t' ? at + 1 : key == TERM_KEY_BACK_TAB ? at + n - 1 : key - '2';
	tui->lower = (enum pane_id)(1 + at % n);
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_pane(struct tui *tui, int key)
{
	if (tui->split)
		return choose_lower(tui, key);
	if (key == '\t')
		tui->pane = (tui->pane + 1) % PANE_COUNT;
	else if (key == TERM_KEY_BACK_TAB)
		tui->pane = (tui->pane + PANE_COUNT - 1) % PANE_COUNT;
	else
		tui->pane = (enum pane_id)(key - '1');
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_split(struct tui *tui, int key __attribute__((unused)))
{
	tui->split = !tui->split;
	tui->in_lower = false;
	if (!tui->split)
		return TUI_UPDATE | TUI_REDRAW;
	if (tui->pane != PANE_CONTAINERS)
		tui->lower = tui->pane;
	tui->pane = PANE_CONTAINERS;
	tui->scope = (struct tui_scope){ 0 };
	tui->n_levels = 0;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_half(struct tui *tui, int key __attribute__((unused)))
{
	if (!tui->split)
		return refuse(tui, "one half only: v splits the screen");
	tui->in_lower = !tui->in_lower;
	return TUI_REDRAW;
}

/* A new scope has other rows: what a pane remembers of its old ones is of no use. */
static void begin_pane(struct tui *tui, enum pane_id id)
{
	struct tui_pane *pane = &tui->panes[id];

	tui->pane = id;
	pane->cursor = pane->top = 0;
	pane->follows = pane->pinned = false;
}

static void follow_process(struct tui_pane *pane, const struct row *row, uint64_t pid)
{
	if (pid == UNKNOWN)
		return;
	pane->followed = row_id_of_process(row->key.serial, pid);
	pane->follows = true;
}

/* Enter: from whatever belongs to a container to its processes, from these to flows. */
unsigned int action_open(struct tui *tui, int key __attribute__((unused)))
{
	enum pane_id id = tui_focus_id(tui);
	const struct row *row = tui_row(tui, id, tui->panes[id].cursor);
	const struct process_row *process = (const void *)row;
	const struct flow_row *flow = (const void *)row;
	struct tui_scope scope = tui_scope_of(tui, id);

	if (!row || !row->container)
		return TUI_NOTHING;
	if (tui->n_levels == TUI_LEVELS || (scope.process && id != PANE_PROCESSES))
		return refuse(tui, "nothing to open here; Backspace goes back");
	tui->levels[tui->n_levels++] = (struct tui_level){ tui->pane, tui->scope };
	scope.container = true;
	scope.serial = row->key.serial;
	snprintf(scope.name, sizeof(scope.name), "%s", row->container->name);
	if (id == PANE_PROCESSES) {
		scope.process = true;
		scope.pid = process->pid;
		snprintf(scope.command, sizeof(scope.command), "%s",
			 process->comm ? process->comm : "");
		begin_pane(tui, PANE_FLOWS);
	} else {
		begin_pane(tui, PANE_PROCESSES);
		if (id == PANE_FLOWS)
			follow_process(&tui->panes[PANE_PROCESSES], row, flow->pid);
	}
	tui->scope = scope;
	tui->split = tui->in_lower = false;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_back(struct tui *tui, int key __attribute__((unused)))
{
	if (tui->split) {
		tui->split = tui->in_lower = false;
		return TUI_UPDATE | TUI_REDRAW;
	}
	if (!tui->n_levels)
		return TUI_NOTHING;
	tui->n_levels--;
	tui->pane = tui->levels[tui->n_levels].pane;
	tui->scope = tui->levels[tui->n_levels].scope;
	return TUI_UPDATE | TUI_REDRAW;
}

/* ---- order */

unsigned int tui_sort_by(struct tui *tui, const struct column *column)
{
	struct tui_pane *pane = tui_focus(tui);
	struct view *view = &pane->view;

	tui_freeze(tui, tui_focus_id(tui), false);
	if (view->sort == column)
		view->ascending = !view->ascending;
	else
		view_set_sort(view, column, false);
	pane->show_sort = true;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_sort(struct tui *tui, int key)
{
	struct view *view = &tui_focus(tui)->view;
	size_t i = 0;

	while (i < view->n_columns && view->columns[i] != view->sort)
		i++;
	if (i == view->n_columns)	/* sorted by a column that is not shown */
		i = key == '<' ? i - 1 : 0;
	else
		i += key == '<' ? (size_t)-1 : 1;
	return i < view->n_columns ? tui_sort_by(tui, view->columns[i]) : TUI_NOTHING;
}

unsigned int action_sort_number(struct tui *tui, int key)
{
	static const char keys[] = "!@#$%^&*(";
	const struct tui_pane *pane = tui_focus(tui);
	size_t i = (size_t)(strchr(keys, key) - keys);

	if (i > 0)
		i += pane->scrolled;
	if (i >= pane->view.n_columns)
		return refuse(tui, "there are not so many columns");
	return tui_sort_by(tui, pane->view.columns[i]);
}

/* Again the same letter: the other direction of traffic. */
unsigned int action_sort_letter(struct tui *tui, int key)
{
	static const struct {
		int key;
		const char *names[2];
	} letters[] = {
		{ 'N', { "rx_bytes", "tx_bytes" } }, { 'D', { "write_bytes", "read_bytes" } },
		{ 'Y', { "syscalls", "count" } }, { 'E', { "errors", "retransmits" } },
	};
	const struct view *view = &tui_focus(tui)->view;
	const struct column *found[2] = { NULL, NULL };

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		for (size_t j = 0; j < 2 && letters[i].key == key; j++)
			found[j] = pane_column(view->pane, letters[i].names[j],
					       strlen(letters[i].names[j]));
	if (!found[0] || (found[1] && view->sort == found[0]))
		found[0] = found[1];
	if (!found[0])
		return refuse(tui, "this pane has no such column");
	return view->sort == found[0] ? TUI_NOTHING : tui_sort_by(tui, found[0]);
}

unsigned int action_reverse(struct tui *tui, int key __attribute__((unused)))
{
	return tui_sort_by(tui, tui_focus(tui)->view.sort);
}

unsigned int action_freeze(struct tui *tui, int key __attribute__((unused)))
{
	enum pane_id id = tui_focus_id(tui);

	tui_freeze(tui, id, !tui->panes[id].places);
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_pin(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_pane *pane = tui_focus(tui);

	pane->pinned = !pane->pinned;
	tui_set_cursor(tui, tui_focus_id(tui), pane->cursor);
	return TUI_REDRAW;
}

/* ---- what counts mean, and which rows there are */

unsigned int action_counts(struct tui *tui, int key __attribute__((unused)))
{
	tui->counts = (tui->counts + 1) % (tui->mark ? COUNTS_MARK + 1 : COUNTS_MARK);
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_mark(struct tui *tui, int key __attribute__((unused)))
{
	if (!tui->measured)
		return TUI_NOTHING;
	mark_free(tui->mark);
	tui->mark = mark_new(&tui->shown);
	tui->counts = COUNTS_MARK;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_forget_mark(struct tui *tui, int key __attribute__((unused)))
{
	if (!tui->mark)
		return refuse(tui, "no mark: m sets one");
	mark_free(tui->mark);
	tui->mark = NULL;
	if (tui->counts == COUNTS_MARK)
		tui->counts = COUNTS_RATE;
	return TUI_UPDATE | TUI_REDRAW;
}

/* The rows come with the next sample. */
unsigned int action_services(struct tui *tui, int key __attribute__((unused)))
{
	struct containers *containers = tui->source->containers;

	containers_set_units(containers, !containers_has_units(containers));
	return TUI_NOTHING;
}

unsigned int action_all_rows(struct tui *tui, int key __attribute__((unused)))
{
	bool all_rows = !tui_focus(tui)->view.all_rows;

	for (size_t i = 0; i < PANE_COUNT; i++)
		tui->panes[i].view.all_rows = all_rows;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_pause(struct tui *tui, int key __attribute__((unused)))
{
	tui->paused = !tui->paused;
	if (tui->paused && !tui->shown.arena)
		moment_hold(&tui->shown);
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_clear_filter(struct tui *tui, int key __attribute__((unused)))
{
	struct filter_error error;

	tui_set_filter(tui, tui_focus_id(tui), "", &error);
	return TUI_UPDATE | TUI_REDRAW;
}

/* ---- how values are written */

/* Names and command lines of processes take each other's place. */
unsigned int action_command(struct tui *tui, int key __attribute__((unused)))
{
	struct view *view = &tui_focus(tui)->view;
	const struct column *name = pane_column(view->pane, "comm", 4);
	const struct column *line = pane_column(view->pane, "command", 7);
	size_t i = 0;

	if (!name || !line)
		return refuse(tui, "this pane has no command lines");
	while (i < view->n_columns && view->columns[i] != name && view->columns[i] != line)
		i++;
	if (i == view->n_columns)
		return refuse(tui, "neither is shown: C adds columns");
	view->columns[i] = view->columns[i] == name ? line : name;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_names(struct tui *tui, int key __attribute__((unused)))
{
	if (!tui->services) {
		tui->services = services_new();
		return TUI_REDRAW;
	}
	services_free(tui->services);
	tui->services = NULL;
	return TUI_REDRAW;
}

unsigned int action_units(struct tui *tui, int key __attribute__((unused)))
{
	tui->units = (tui->units + 1) % UNITS_COUNT;
	return TUI_REDRAW;
}

/* ---- the length of intervals */

unsigned int action_delay(struct tui *tui, int key)
{
	static const unsigned int tenths[] = { 1, 2, 5, 10, 20, 50, 100, 200, 300, 600 };
	const uint64_t tenth = NSEC_PER_SEC / 10;
	size_t i = 0, n = ARRAY_SIZE(tenths);

	if (key == '-') {
		while (i + 1 < n && tenths[i + 1] * tenth < tui->delay_ns)
			i++;
	} else {
		while (i < n && tenths[i] * tenth <= tui->delay_ns)
			i++;
	}
	if (i == n)
		return refuse(tui, "d sets longer intervals");
	tui->delay_ns = tenths[i] * tenth;
	return TUI_REDRAW;
}

/* ---- what opens something over the rows */

unsigned int action_filter(struct tui *tui, int key __attribute__((unused)))
{
	return tui_open_prompt(tui, PROMPT_FILTER);
}

unsigned int action_search(struct tui *tui, int key __attribute__((unused)))
{
	return tui_open_prompt(tui, PROMPT_SEARCH);
}

unsigned int action_ask_delay(struct tui *tui, int key __attribute__((unused)))
{
	return tui_open_prompt(tui, PROMPT_DELAY);
}

unsigned int action_sort_menu(struct tui *tui, int key __attribute__((unused)))
{
	return tui_open_menu(tui, IN_MENU);
}

unsigned int action_columns_menu(struct tui *tui, int key __attribute__((unused)))
{
	return tui_open_menu(tui, IN_COLUMNS);
}

unsigned int action_leave(struct tui *tui, int key __attribute__((unused)))
{
	tui_close_menu(tui);
	tui->mode = IN_ROWS;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_help(struct tui *tui, int key __attribute__((unused)))
{
	tui->mode = IN_HELP;
	tui->help_top = 0;
	return TUI_REDRAW;
}

unsigned int action_repaint(struct tui *tui __attribute__((unused)),
			    int key __attribute__((unused)))
{
	return TUI_REPAINT | TUI_REDRAW;
}

unsigned int action_save(struct tui *tui, int key __attribute__((unused)))
{
	char *path = NULL, *text;
	int err = tui_save_config(tui, &path);

	text = err ? xasprintf("not saved: %s", strerror(-err)) : xasprintf("saved: %s", path);
	tui_say(tui, text);
	free(text);
	free(path);
	return TUI_REDRAW;
}

unsigned int action_quit(struct tui *tui __attribute__((unused)),
			 int key __attribute__((unused)))
{
	return TUI_QUIT;
}
