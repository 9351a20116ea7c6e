/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists that lie over the rows: the column to sort by, the columns shown, what can be done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "tui.h"
#include "util.h"

#define ITEM_NAME 17			/* cells of a column's name */
#define DEED_TEXT 36
#define USER_TEXT 30

static bool is_shown(const struct view *view, const struct column *column)
{
	for (size_t i = 0; i < view->n_columns; i++)
		if (view->columns[i] == column)
			return true;
	return false;
}

static void add_item(struct tui_menu *menu, const struct column *column, bool shown)
{
	menu->items[menu->n++] = (struct tui_item){ .column = column, .shown = shown };
}

/* Columns as the pane has them, or those shown first; the last item is the colours. */
unsigned int tui_open_menu(struct tui *tui, enum tui_mode mode)
{
	const struct view *view = &tui_focus(tui)->view;
	const struct pane *pane = view->pane;
	struct tui_menu *menu = &tui->menu;

	tui_close_menu(tui);
	menu->items = xcalloc(pane->n_columns + view->n_columns + 1 + tui_deeds_most(),
			      sizeof(*menu->items));
	tui->mode = mode;
	if (mode == IN_DEEDS) {
		tui_add_deeds(tui, menu);
		return TUI_REDRAW;
	}
	if (mode == IN_USERS) {
		tui_add_users(tui, menu);
		return TUI_REDRAW;
	}
	for (size_t i = 0; i < view->n_columns && mode == IN_COLUMNS; i++)
		add_item(menu, view->columns[i], true);
	for (size_t i = 0; i < pane->n_columns; i++) {
		const struct column *column = &pane->columns[i];

		if (mode == IN_COLUMNS && is_shown(view, column))
			continue;
		if (mode == IN_MENU && column == view->sort)
			menu->cursor = menu->n;
		add_item(menu, column, is_shown(view, column));
	}
	if (mode == IN_COLUMNS)
		add_item(menu, NULL, false);
	return TUI_REDRAW;
}

void tui_close_menu(struct tui *tui)
{
	free(tui->menu.items);
	tui->menu = (struct tui_menu){ 0 };
}

/* Gives the view the columns that the list shows. */
static void apply(struct tui *tui)
{
	struct view *view = &tui_focus(tui)->view;
	const struct tui_menu *menu = &tui->menu;

	view->columns = xreallocarray(view->columns, menu->n, sizeof(*view->columns));
	view->n_columns = 0;
	for (size_t i = 0; i < menu->n; i++)
		if (menu->items[i].shown)
			view->columns[view->n_columns++] = menu->items[i].column;
	tui_focus(tui)->chosen = true;
}

unsigned int tui_menu_pick(struct tui *tui, int key __attribute__((unused)))
{
	struct tui_item *item = &tui->menu.items[tui->menu.cursor];

	if (tui->mode == IN_MENU) {
		const struct column *column = item->column;

		tui_close_menu(tui);
		tui->mode = IN_ROWS;
		return column == tui_focus(tui)->view.sort ? TUI_REDRAW : tui_sort_by(tui, column);
	}
	if (tui->mode == IN_USERS) {
		const struct tui_user user = item->user;

		tui_close_menu(tui);
		tui->mode = IN_ROWS;
		return tui_choose_user(tui, &user);
	}
	if (item->deed) {
		const struct tui_deed *deed = item->deed;

		tui_close_menu(tui);
		return tui_ask(tui, deed);
	}
	if (!item->column) {
		tui->scheme = (tui->scheme + 1) % SCHEME_COUNT;
		return TUI_REDRAW;
	}
	if (item->shown && tui_focus(tui)->view.n_columns == 1) {
		tui_say(tui, "one column stays");
		return TUI_REDRAW;
	}
	item->shown = !item->shown;
	apply(tui);
	return TUI_REDRAW;
}

unsigned int tui_menu_move_item(struct tui *tui, int key)
{
	struct tui_menu *menu = &tui->menu;
	bool up = key == '<' || key == TERM_KEY_F1 + 6;
	size_t to = up ? menu->cursor - 1 : menu->cursor + 1;
	struct tui_item item = menu->items[menu->cursor];

	if (to >= menu->n || !item.column || !menu->items[to].column)
		return TUI_NOTHING;
	menu->items[menu->cursor] = menu->items[to];
	menu->items[to] = item;
	menu->cursor = to;
	apply(tui);
	return TUI_REDRAW;
}

/* Wider or narrower than it is on the screen now; Del: as it usually is. */
unsigned int tui_menu_resize(struct tui *tui, int key)
{
	const struct column *column = tui->menu.items[tui->menu.cursor].column;
	struct tui_pane *pane = tui_focus(tui);
	unsigned int *width, now, least;

	if (!column)
		return TUI_NOTHING;
	width = &pane->widths[column - pane->view.pane->columns];
	now = *width ? *width : tui_column_width(tui, tui_focus_id(tui), column);
	least = (unsigned int)strlen(column->title);
	if (key == TERM_KEY_DELETE)
		*width = 0;
	else if (key == TERM_KEY_LEFT || key == '-')
		*width = now > least ? now - 1 : least;
	else
		*width = now < COLUMN_WIDTH_MOST ? now + 1 : COLUMN_WIDTH_MOST;
	return TUI_REDRAW;
}

/* ---- drawing */

static void draw_width(struct tui *tui, const struct column *column, enum style style,
		       struct screen *screen)
{
	const struct tui_pane *pane = tui_focus(tui);
	bool own = pane->widths[column - pane->view.pane->columns];
	char text[16];

	snprintf(text, sizeof(text), "%3u%c ", tui_column_width(tui, tui_focus_id(tui), column),
		 own ? '*' : ' ');
	screen_text(screen, text, style);
}

static void draw_item(struct tui *tui, const struct tui_item *item, bool at_cursor,
		      struct screen *screen)
{
	enum style style = at_cursor ? STYLE_CURSOR : STYLE_NORMAL;
	unsigned int line = screen->pen_line;
	char name[160];

	screen_fill(screen, style);
	screen_move(screen, 0, line);
	if (tui->mode == IN_COLUMNS)
		screen_text(screen, !item->column ? "    " : item->shown ? "[x] " : "[ ] ", style);
	if (tui->mode == IN_USERS) {
		tui_user_text(&item->user, name, sizeof(name));
		screen->sink.cell(&screen->sink, name, USER_TEXT, ALIGN_LEFT, style);
		snprintf(name, sizeof(name), "%zu row%s", item->rows, item->rows == 1 ? "" : "s");
		screen_text(screen, item->rows ? name : "", style);
		return;
	}
	if (item->deed) {
		tui_deed_text(tui, item->deed, name, sizeof(name));
		screen->sink.cell(&screen->sink, name, DEED_TEXT, ALIGN_LEFT, style);
		draw_cut(screen, item->deed->help, style);
		return;
	}
	if (!item->column) {
		snprintf(name, sizeof(name), "colours: %s", scheme_names[tui->scheme]);
		screen_text(screen, name, style);
		return;
	}
	screen->sink.cell(&screen->sink, item->column->name, ITEM_NAME, ALIGN_LEFT,
			  at_cursor ? STYLE_CURSOR : item->shown ? STYLE_KEY : STYLE_NORMAL);
	if (tui->mode == IN_COLUMNS)
		draw_width(tui, item->column, style, screen);
	draw_cut(screen, item->column->help ? item->column->help : "", style);
}

void tui_draw_menu(struct tui *tui, const struct tui_area *area, struct screen *screen)
{
	struct tui_menu *menu = &tui->menu;
	const struct view *view = &tui_focus(tui)->view;
	unsigned int n = area->lines > 1 ? area->lines - 1 : 1;
	char heading[80];

	tui->page = n;
	tui->drawn.list = (struct tui_area){ area->line + 1, n };
	if (menu->cursor >= menu->top + n)
		menu->top = menu->cursor - n + 1;
	if (menu->cursor < menu->top)
		menu->top = menu->cursor;
	snprintf(heading, sizeof(heading), tui->mode == IN_MENU ? "Sort %s by" :
		 tui->mode == IN_COLUMNS ? "Columns of %s" :
		 tui->mode == IN_USERS ? "Show %s of" : "Do something to one of the %s",
		 view->pane->name);
	screen_move(screen, 0, area->line);
	screen_fill(screen, STYLE_HEADING);
	screen_move(screen, 0, area->line);
	screen_text(screen, heading, STYLE_HEADING);
	for (size_t i = menu->top; i < menu->n && i < menu->top + n; i++) {
		screen_move(screen, 0, area->line + 1 + (unsigned int)(i - menu->top));
		draw_item(tui, &menu->items[i], i == menu->cursor, screen);
	}
}
