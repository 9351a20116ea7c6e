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
	tui_set_cursor(tui, id, moved(tui->panes[id].at.cursor, by));
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
	if (!tui->split && tui->drawn.columns && tui->drawn.halves[0].lines < TUI_SPLIT_LEAST)
		return refuse(tui, "this screen is too small to be split");
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
static void enter(struct tui *tui, enum pane_id pane, const struct tui_scope *scope)
{
	tui->levels[tui->n_levels++] = (struct tui_level){
		.pane = tui->pane, .scope = tui->scope, .at = tui->panes[tui->pane].at,
	};
	for (size_t i = 0; i < PANE_COUNT; i++)
		tui->panes[i].at = (struct tui_at){ 0 };
	tui->pane = pane;
	tui->scope = *scope;
	tui->split = tui->in_lower = false;
}

uint64_t tui_process_of(enum pane_id id, const struct row *row)
{
	size_t pid = panes[id].pid;

	return pid ? *(const uint64_t *)(const void *)((const char *)row + pid) : UNKNOWN;
}

static void open_container(struct tui *tui, const struct tui_scope *scope, uint64_t pid)
{
	struct tui_at *at = &tui->panes[PANE_PROCESSES].at;

	enter(tui, PANE_PROCESSES, scope);
	at->follows = pid != UNKNOWN;
	at->followed = row_id_of_process(scope->of.serial, pid);
}

/* Every process calls the kernel: that shows something where there are no flows. */
static void open_process(struct tui *tui, struct tui_scope *scope, const struct process_row *row)
{
	scope->of.process = true;
	scope->of.pid = row->pid;
	snprintf(scope->command, sizeof(scope->command), "%s", row->comm ? row->comm : "");
	enter(tui, row->n_flows ? PANE_FLOWS : PANE_SYSCALLS, scope);
}

/* Enter: from whatever belongs to a container to its processes, from these to what one does. */
unsigned int action_open(struct tui *tui, int key __attribute__((unused)))
{
	enum pane_id id = tui_focus_id(tui);
	const struct row *row = tui_row(tui, id, tui->panes[id].at.cursor);
	struct tui_scope scope = tui_scope_of(tui, id);

	if (!row || !row->container)
		return TUI_NOTHING;
	if (tui->n_levels == TUI_LEVELS || scope.of.process)
		return refuse(tui, "nothing to open here; Tab: what else it does, Backspace: back");
	scope.of.container = true;
	scope.of.serial = row->key.serial;
	snprintf(scope.name, sizeof(scope.name), "%s", row->container->name);
	if (id == PANE_PROCESSES)
		open_process(tui, &scope, (const void *)row);
	else
		open_container(tui, &scope, tui_process_of(id, row));
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_back(struct tui *tui, int key __attribute__((unused)))
{
	const struct tui_level *level;

	if (tui->split) {
		tui->split = tui->in_lower = false;
		return TUI_UPDATE | TUI_REDRAW;
	}
	if (!tui->n_levels)
		return TUI_NOTHING;
	level = &tui->levels[--tui->n_levels];
	tui->pane = level->pane;
	tui->scope = level->scope;
	tui->panes[tui->pane].at = level->at;
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
	const struct column *column = tui_column_shown(tui, tui_focus_id(tui),
						       (size_t)(strchr(keys, key) - keys));

	return column ? tui_sort_by(tui, column) : refuse(tui, "there are not so many columns");
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

	tui_freeze(tui, id, !tui->panes[id].view.places);
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_pin(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_pane *pane = tui_focus(tui);

	pane->at.pinned = !pane->at.pinned;
	tui_set_cursor(tui, tui_focus_id(tui), pane->at.cursor);
	return TUI_REDRAW;
}

static unsigned int not_a_tree(struct tui *tui)
{
	return refuse(tui, "only processes have parents: 5 shows them");
}

unsigned int action_tree(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_pane *pane = tui_focus(tui);

	if (tui_focus_id(tui) != PANE_PROCESSES)
		return not_a_tree(tui);
	pane->view.is_tree = !pane->view.is_tree;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_fold(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_pane *pane = tui_focus(tui);
	const void *row = tui_row(tui, tui_focus_id(tui), pane->at.cursor);

	if (tui_focus_id(tui) != PANE_PROCESSES)
		return not_a_tree(tui);
	if (!pane->view.is_tree)
		return refuse(tui, "t shows the processes as a tree");
	if (!row)
		return TUI_NOTHING;
	tree_fold(&pane->view.tree, row_id(PANE_PROCESSES, row));
	pane->at.follows = true;
	pane->at.followed = row_id(PANE_PROCESSES, row);
	return TUI_UPDATE | TUI_REDRAW;
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
	tui_say(tui, containers_has_units(containers) ? "systemd's units have rows of their own" :
		"systemd's units are parts of the host");
	return TUI_REDRAW;
}

unsigned int action_all_rows(struct tui *tui, int key __attribute__((unused)))
{
	struct view *view = &tui_focus(tui)->view;

	if (view->pane->log)
		return refuse(tui, "events are all shown: X clears them, / chooses");
	view->all_rows = !view->all_rows;
	tui_say(tui, view->all_rows ? "all rows" : "only rows that did something");
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_pause(struct tui *tui, int key __attribute__((unused)))
{
	tui->paused = !tui->paused;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_clear_filter(struct tui *tui, int key __attribute__((unused)))
{
	struct filter_error error;

	tui_set_filter(tui, tui_focus_id(tui), "", &error);
	tui->user.chosen = false;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_clear_log(struct tui *tui, int key __attribute__((unused)))
{
	enum pane_id id = tui_focus_id(tui);
	const struct moment_rows *rows = &tui->shown.panes[id];

	if (!panes[id].log)
		return refuse(tui, "only events are cleared");
	for (size_t i = 0; i < rows->n; i++) {
		uint64_t number = ((const struct row *)rows->rows[i])->key.number;

		if (number > tui->panes[id].cleared)
			tui->panes[id].cleared = number;
	}
	return TUI_UPDATE | TUI_REDRAW;
}

/* ---- how values are written */

/* Names and command lines of processes take each other's place. */
unsigned int action_command(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_pane *pane = tui_focus(tui);
	struct view *view = &pane->view;
	const struct column *name = pane_column(view->pane, "comm", 4);
	const struct column *line = pane_column(view->pane, "command", 7);
	size_t i = 0;

	if (!name || !line)
		return refuse(tui, "this pane has no command lines");
	while (i < view->n_columns && view->columns[i] != name && view->columns[i] != line)
		i++;
	if (i == view->n_columns)
		return refuse(tui, "neither is shown: C adds columns");
	pane->command_lines = view->columns[i] == name;
	view->columns[i] = pane->command_lines ? line : name;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int action_names(struct tui *tui, int key __attribute__((unused)))
{
	static const char *const texts[NAMES_COUNT] = {
		[NAMES_NONE] = "numbers of ports and addresses",
		[NAMES_PORTS] = "names of ports",
		[NAMES_ALL] = "names of ports and addresses",
	};

	tui_set_names(tui, (tui_names(tui) + 1) % NAMES_COUNT);
	tui_say(tui, texts[tui_names(tui)]);
	return TUI_REDRAW;
}

unsigned int action_units(struct tui *tui, int key __attribute__((unused)))
{
	static const char *const texts[UNITS_COUNT] = {
		[UNITS_BINARY] = "bytes in powers of 1024",
		[UNITS_DECIMAL] = "bytes in powers of 1000",
		[UNITS_EXACT] = "all digits",
	};

	tui->units = (tui->units + 1) % UNITS_COUNT;
	tui_say(tui, texts[tui->units]);
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
