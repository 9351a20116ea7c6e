/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key table: what keys do, what help, footer and manual say of them, and when they work. */
#include <string.h>

#include "term.h"
#include "tui.h"
#include "tui-action.h"
#include "util.h"

#define IN_LISTS (IN_MENU | IN_COLUMNS | IN_DEEDS | IN_USERS)
#define IN_ALL (IN_ROWS | IN_HELP | IN_LISTS)

const struct tui_key tui_keys[] = {
	{ { 0 }, NULL, NULL, NULL, "contop", 0, NULL },
	{ { '?', 'h', FUNCTION(1) }, "? h F1", "help",
	  "? Help", "this help", IN_ROWS, action_help },
	{ { 'q', FUNCTION(10), CONTROL('C') }, "q F10 ^C", "quit",
	  "q Quit", "leave contop", IN_ROWS, action_quit },
	{ { FUNCTION(8) }, "F8", "act",
	  NULL, "stop, pause or kill the container, signal a process (asks first)",
	  IN_ROWS, action_deeds },
	{ { 'W' }, "W", "save",
	  NULL, "save what is set as the configuration", IN_ROWS, action_save },
	{ { 0 }, NULL, NULL, NULL, "Panes", 0, NULL },
	{ { '\t', TERM_KEY_BACK_TAB }, "Tab Shift-Tab", "next-pane previous-pane",
	  "Tab Pane", "next, previous pane; when split, in the lower half", IN_ROWS, action_pane },
	{ { '1', '2', '3', '4', '5', '6', '7', '8', '9' }, "1 ... 9",
	  "pane-1 pane-2 pane-3 pane-4 pane-5 pane-6 pane-7 pane-8 pane-9",
	  NULL, "this pane", IN_ROWS, action_pane },
	{ { TERM_KEY_ENTER }, "Enter", "open",
	  "Enter Open", "open the row: a container's processes, what a process does",
	  IN_ROWS, action_open },
	{ { TERM_KEY_BACKSPACE, ESCAPE }, "Backspace Esc", "back",
	  NULL, "back to where Enter was pressed", IN_ROWS, action_back },
	{ { 'v' }, "v", "split",
	  "v Split", "split the screen: below the containers, what one of them does", IN_ROWS, action_split },
	{ { 'w' }, "w", "other-half",
	  NULL, "when split: keys are for the other half", IN_ROWS, action_half },
	{ { 0 }, NULL, NULL, NULL, "Which rows", 0, NULL },
	{ { '/', 'f', '\\', FUNCTION(4) }, "/ f \\ F4", "filter",
	  "/ Filter", "show rows that match an expression: web, rx > 1M", IN_ROWS, action_filter },
	{ { TERM_KEY_DELETE }, "Del", "no-filter",
	  NULL, "no filter, all users", IN_ROWS, action_clear_filter },
	{ { FUNCTION(3) }, "F3", "search",
	  "F3 Search", "go to the next row with this text; again: the next",
	  IN_ROWS, action_search },
	{ { 'u' }, "u", "user", NULL, "only rows of one user", IN_ROWS, action_users },
	{ { 'o', 'i' }, "o i", "all-rows",
	  NULL, "all rows, or only those that did something", IN_ROWS, action_all_rows },
	{ { 'U' }, "U", "systemd-units",
	  NULL, "systemd's units as rows of their own, or as the host's",
	  IN_ROWS, action_services },
	{ { 'X' }, "X", "clear-events", NULL, "clear the events", IN_ROWS, action_clear_log },
	{ { 0 }, NULL, NULL, NULL, "Their order", 0, NULL },
	{ { 's', FUNCTION(6), FUNCTION(9) }, "s F6 F9", "sort",
	  "s Sort", "choose the column to sort by", IN_ROWS, action_sort_menu },
	{ { '<', '>' }, "< >", "sort-left sort-right",
	  NULL, "sort by the column on the left, on the right", IN_ROWS, action_sort },
	{ { '!', '@', '#', '$', '%', '^', '&', '*', '(' }, "Shift+1 ... 9", NULL,
	  NULL, "sort by this column of those on the screen", IN_ROWS, action_sort_number },
	{ { 'N', 'D', 'Y', 'E' }, "N D Y E", "sort-network sort-disk sort-syscalls sort-errors",
	  NULL, "sort by network, disk, system calls, errors", IN_ROWS, action_sort_letter },
	{ { 'r', 'R', 'I' }, "r R I", "reverse",
	  "r Reverse", "sort the other way", IN_ROWS, action_reverse },
	{ { 'O' }, "O", "freeze", NULL, "freeze the order of the rows", IN_ROWS, action_freeze },
	{ { 'F' }, "F", "follow", NULL, "follow the row wherever it goes", IN_ROWS, action_pin },
	{ { 't', FUNCTION(5) }, "t F5", "tree",
	  NULL, "processes below their parents", IN_ROWS, action_tree },
	{ { 'x' }, "x", "fold",
	  NULL, "fold the tree below the row, or unfold it", IN_ROWS, action_fold },
	{ { 0 }, NULL, NULL, NULL, "What they show", 0, NULL },
	{ { 'C', FUNCTION(2) }, "C F2", "columns",
	  "C Columns", "choose columns and colours", IN_ROWS, action_columns_menu },
	{ { 'a' }, "a", "total",
	  "a Total", "counts per second, since the start, since the mark", IN_ROWS, action_counts },
	{ { 'm' }, "m", "mark", NULL, "set a mark: count from now", IN_ROWS, action_mark },
	{ { 'z' }, "z", "forget-mark", NULL, "forget the mark", IN_ROWS, action_forget_mark },
	{ { 'c' }, "c", "command",
	  NULL, "command lines, or names of processes", IN_ROWS, action_command },
	{ { 'n' }, "n", "names",
	  NULL, "names of ports, then of addresses too (by DNS), or numbers",
	  IN_ROWS, action_names },
	{ { 'e' }, "e", "units",
	  NULL, "units: powers of 1024, of 1000, all digits", IN_ROWS, action_units },
	{ { 0 }, NULL, NULL, NULL, "Time", 0, NULL },
	{ { ' ', 'p', 'Z' }, "Space p Z", "pause",
	  "Space Pause", "hold all rows as they are, or go on", IN_ROWS, action_pause },
	{ { '+', '-', '=' }, "+ - =", "longer shorter",
	  NULL, "longer, shorter intervals", IN_ROWS, action_delay },
	{ { 'd' }, "d", "delay", NULL, "set the length of intervals", IN_ROWS, action_ask_delay },
	{ { '}', '{' }, "} {", "step-forward step-back",
	  NULL, "the next or the last interval of a recording", IN_ROWS, action_step },
	{ { 'J' }, "J", "jump", NULL, "go to a time of a recording", IN_ROWS, action_ask_time },
	{ { 0 }, NULL, NULL, NULL, "Moving about", 0, NULL },
	{ { TERM_KEY_UP, TERM_KEY_DOWN, 'k', 'j' }, "Up Down k j", "up down",
	  NULL, "previous, next row; the cursor stays on it", IN_ALL, action_line },
	{ { TERM_KEY_PAGE_UP, TERM_KEY_PAGE_DOWN }, "PgUp PgDn", "page-up page-down",
	  NULL, "previous, next page", IN_ALL, action_page },
	{ { TERM_KEY_HOME, TERM_KEY_END, 'g', 'G' }, "Home End g G", "first last",
	  NULL, "first, last row", IN_ALL, action_end },
	{ { TERM_KEY_LEFT, TERM_KEY_RIGHT }, "Left Right", "left right",
	  NULL, "scroll by a column; the first one stays", IN_ROWS, action_scroll },
	{ { CONTROL('L'), CONTROL('R') }, "^L ^R", "redraw",
	  NULL, "draw the screen anew", IN_ALL, action_repaint },
	/* What lists add: help and manual leave it to their footers. */
	{ { TERM_KEY_ENTER }, NULL, NULL, "Enter Sort", NULL, IN_MENU, tui_menu_pick },
	{ { TERM_KEY_ENTER }, NULL, NULL, "Enter Do", NULL, IN_DEEDS, tui_menu_pick },
	{ { TERM_KEY_ENTER }, NULL, NULL, "Enter Show", NULL, IN_USERS, tui_menu_pick },
	{ { ' ', TERM_KEY_ENTER }, NULL, NULL,
	  "Space Add/remove", NULL, IN_COLUMNS, tui_menu_pick },
	{ { '<', '>', FUNCTION(7), FUNCTION(8) }, NULL, NULL,
	  "<> Move", NULL, IN_COLUMNS, tui_menu_move_item },
	{ { TERM_KEY_LEFT, TERM_KEY_RIGHT, '-', '+', TERM_KEY_DELETE }, NULL, NULL,
	  "Left/Right Width", NULL, IN_COLUMNS, tui_menu_resize },
	{ { ESCAPE, 'q', TERM_KEY_BACKSPACE, FUNCTION(10), CONTROL('C') }, NULL, NULL,
	  "Esc Done", NULL, IN_LISTS, action_leave },
};
const size_t n_tui_keys = ARRAY_SIZE(tui_keys);

static const struct tui_key *key_find(const struct tui *tui, int code)
{
	for (size_t i = 0; i < n_tui_keys; i++)
		for (const int *c = tui_keys[i].codes; *c; c++)
			if (*c == code && tui_keys[i].modes & tui->mode)
				return &tui_keys[i];
	return NULL;
}

int tui_action_code(const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < n_tui_keys; i++) {
		const char *word = tui_keys[i].actions ? tui_keys[i].actions : "";

		for (const int *code = tui_keys[i].codes; *word && *code; code++) {
			if (strcspn(word, " ") == size && !strncmp(word, name, size))
				return *code;
			word += strcspn(word, " ");
			word += strspn(word, " ");
		}
	}
	return 0;
}

static int remapped(const struct tui *tui, int code)
{
	for (size_t i = 0; i < tui->n_remaps && tui->mode == IN_ROWS; i++)
		if (tui->remaps[i].from == code)
			return tui->remaps[i].to;
	return code;
}

static unsigned int take_key(struct tui *tui, int typed)
{
	int code = remapped(tui, typed);
	const struct tui_key *key = key_find(tui, code);
	unsigned int todo = *tui->message ? TUI_REDRAW : TUI_NOTHING;

	tui->message[0] = '\0';
	if (tui->mode == IN_PROMPT)
		return todo | tui_prompt_key(tui, code);
	if (tui->mode == IN_QUESTION)
		return todo | tui_answer(tui, typed);
	if (tui->mode == IN_HELP && !key) {
		tui->mode = IN_ROWS;
		return TUI_REDRAW;
	}
	return key ? key->action(tui, code) | todo : todo;
}

unsigned int tui_key(struct tui *tui, int typed)
{
	unsigned int todo = take_key(tui, typed);

	if (!*tui->message)
		tui_tell_warning(tui);
	return *tui->message ? todo | TUI_REDRAW : todo;
}

/* ---- the mouse */

static const struct tui_area *half_at(const struct tui *tui, unsigned int line, bool *ret_lower)
{
	for (int i = 0; i < 2; i++) {
		const struct tui_area *area = &tui->drawn.halves[i];

		if (line < area->line || line >= area->line + area->lines)
			continue;
		*ret_lower = i;
		return area;
	}
	return NULL;
}

static unsigned int click_tabs(struct tui *tui, unsigned int x)
{
	for (int i = 0; i < PANE_COUNT; i++)
		if (x >= tui->drawn.tabs[i].from && x < tui->drawn.tabs[i].to)
			return tui_key(tui, '1' + i);
	return TUI_NOTHING;
}

static unsigned int click_rows(struct tui *tui, const struct term_mouse *mouse)
{
	bool lower = false;
	const struct tui_area *area = half_at(tui, mouse->line, &lower);
	struct tui_pane *pane;
	size_t place;

	if (!area)
		return TUI_NOTHING;
	tui->in_lower = tui->split && lower;
	pane = tui_focus(tui);
	if (mouse->line == area->line) {
		const struct column *column = tui_column_at(tui, tui_focus_id(tui), mouse->column);

		return column ? tui_sort_by(tui, column) : TUI_NOTHING;
	}
	place = pane->at.top + mouse->line - area->line - 1;
	if (place >= pane->view.n_rows)
		return TUI_REDRAW;
	tui_set_cursor(tui, tui_focus_id(tui), place);
	if (mouse->what == MOUSE_DOUBLE)
		return action_open(tui, TERM_KEY_ENTER);
	return TUI_REDRAW | (tui->split ? TUI_UPDATE : 0);
}

/* As in rows: a click goes there, a double one does what Enter does. */
static unsigned int click_list(struct tui *tui, const struct term_mouse *mouse)
{
	const struct tui_area *area = &tui->drawn.list;
	size_t place = tui->menu.top + mouse->line - area->line;

	if (mouse->line < area->line || mouse->line >= area->line + area->lines ||
	    place >= tui->menu.n)
		return TUI_NOTHING;
	tui->menu.cursor = place;
	return mouse->what == MOUSE_DOUBLE ? tui_key(tui, TERM_KEY_ENTER) : TUI_REDRAW;
}

unsigned int tui_mouse(struct tui *tui, const struct term_mouse *mouse)
{
	unsigned int todo = TUI_NOTHING;

	if (mouse->what == MOUSE_UP || mouse->what == MOUSE_DOWN) {
		if (tui->mode == IN_PROMPT || tui->mode == IN_QUESTION)
			return TUI_NOTHING;
		for (int i = 0; i < 3; i++)
			todo |= action_line(tui, mouse->what == MOUSE_UP ? TERM_KEY_UP :
					    TERM_KEY_DOWN);
		return todo;
	}
	if (tui->mode == IN_HELP)
		return tui_key(tui, ESCAPE);
	if (tui->mode & IN_LISTS)
		return click_list(tui, mouse);
	if (tui->mode != IN_ROWS)
		return TUI_NOTHING;
	return mouse->line == tui->drawn.tabs_line ? click_tabs(tui, mouse->column) :
						     click_rows(tui, mouse);
}
