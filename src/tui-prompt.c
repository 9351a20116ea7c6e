/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line that text is typed into.  A filter works while it is typed, whenever
 * it is right; a search goes to the first row that has the text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "text.h"
#include "tui.h"
#include "tui-action.h"
#include "util.h"

static const char *const names[] = {
	[PROMPT_FILTER] = "Filter: ", [PROMPT_SEARCH] = "Search: ", [PROMPT_DELAY] = "Seconds: ",
	[PROMPT_JUMP] = "Time: ",
};

/* ---- editing */

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t character_before(const struct tui_prompt *prompt)
{
	size_t at = prompt->cursor;

	while (at > 0 && continues(prompt->text[--at]))
		;
	return at;
}

static size_t character_after(const struct tui_prompt *prompt)
{
	size_t at = prompt->cursor;

	if (at < prompt->size)
		for (at++; at < prompt->size && continues(prompt->text[at]); at++)
			;
	return at;
}

/* Takes bytes out; the cursor is where they were. */
static bool cut(struct tui_prompt *prompt, size_t from, size_t to)
{
	memmove(prompt->text + from, prompt->text + to, prompt->size - to + 1);
	prompt->size -= to - from;
	prompt->cursor = from;
	return from < to;
}

static size_t encode(int c, char out[4])
{
	static const struct { int least; int lead; } forms[] = {
		{ 0, 0 }, { 0x80, 0xc0 }, { 0x800, 0xe0 }, { 0x10000, 0xf0 },
	};
	size_t n = 1;

	while (n < ARRAY_SIZE(forms) && c >= forms[n].least)
		n++;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(forms[n - 1].lead | c);
	return n;
}

static bool insert(struct tui_prompt *prompt, int c)
{
	char bytes[4], clean[8];
	size_t n;

	if (c < ' ' || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	n = encode(c, bytes);
	n = text_clean(clean, sizeof(clean), bytes, n);
	if (prompt->size + n >= sizeof(prompt->text))
		return false;
	memmove(prompt->text + prompt->cursor + n, prompt->text + prompt->cursor,
		prompt->size - prompt->cursor + 1);
	memcpy(prompt->text + prompt->cursor, clean, n);
	prompt->size += n;
	prompt->cursor += n;
	return true;
}

/* Whether the text has changed. */
static bool edit(struct tui_prompt *prompt, int key)
{
	switch (key) {
	case TERM_KEY_LEFT:
		prompt->cursor = character_before(prompt);
		return false;
	case TERM_KEY_RIGHT:
		prompt->cursor = character_after(prompt);
		return false;
	case TERM_KEY_HOME:
	case CONTROL('A'):
		prompt->cursor = 0;
		return false;
	case TERM_KEY_END:
	case CONTROL('E'):
		prompt->cursor = prompt->size;
		return false;
	case TERM_KEY_BACKSPACE:
		return cut(prompt, character_before(prompt), prompt->cursor);
	case TERM_KEY_DELETE:
		return cut(prompt, prompt->cursor, character_after(prompt));
	case CONTROL('U'):
		return cut(prompt, 0, prompt->size);
	case CONTROL('W'): {
		size_t from = prompt->cursor;

		while (from > 0 && prompt->text[from - 1] == ' ')
			from--;
		while (from > 0 && prompt->text[from - 1] != ' ')
			from--;
		return cut(prompt, from, prompt->cursor);
	}
	default:
		return insert(prompt, key);
	}
}

/* ---- searching */

struct search {
	const struct view *view;
	const char *text;
	const struct column **columns;	/* owned: those that can have the text */
	size_t n_columns;
	struct render_look look;
};

/* Rates change from tick to tick: nobody looks for their digits. */
static bool can_have(const struct column *column, const char *text, bool named)
{
	bool has_digit = strpbrk(text, "0123456789");

	if (column->type == VALUE_TEXT)
		return true;
	if (column->type == VALUE_ADDRESS)
		return has_digit || named || !text[strspn(text, "abcdefABCDEF:.")];
	return column->unit == UNIT_NONE && (has_digit || named);
}

static void search_init(struct search *search, const struct tui *tui, const struct view *view,
			const char *text)
{
	*search = (struct search) {
		.view = view, .text = text, .look = { .services = tui->services },
		.columns = xcalloc(view->n_columns, sizeof(const struct column *)),
	};
	for (size_t i = 0; i < view->n_columns; i++)
		if (can_have(view->columns[i], text, tui->services))
			search->columns[search->n_columns++] = view->columns[i];
}

static bool row_has(const void *row, const void *data)
{
	const struct search *search = data;
	char buffer[VALUE_TEXT_SIZE];

	for (size_t i = 0; i < search->n_columns; i++)
		if (text_has(render_value(search->view, search->columns[i], row, &search->look,
					  buffer), search->text))
			return true;
	return false;
}

/* Goes to the next row that has the text, from a place on or behind it, and again from the top. */
static bool search_from(struct tui *tui, size_t start, bool behind, const char *text)
{
	enum pane_id id = tui_focus_id(tui);
	struct tui_pane *pane = &tui->panes[id];
	struct search search;
	size_t found;

	pane->at.cursor = start < pane->view.n_rows ? start : 0;
	tui_pick(tui, id);
	if (!pane->view.order.n)
		return false;
	search_init(&search, tui, &pane->view, text);
	found = order_next(&pane->view.order, pane->at.cursor, behind, row_has, &search);
	free(search.columns);
	if (found < pane->view.order.n)
		tui_set_cursor(tui, id, order_rank(&pane->view.order, found));
	return found < pane->view.order.n;
}

static unsigned int search(struct tui *tui, size_t start, bool behind)
{
	struct tui_prompt *prompt = &tui->prompt;

	prompt->error[0] = '\0';
	if (prompt->size && !search_from(tui, start, behind, prompt->text)) {
		snprintf(prompt->error, sizeof(prompt->error), "no row has this");
		prompt->error_at = 0;
	}
	return TUI_REDRAW | (tui->split ? TUI_UPDATE : 0);
}

unsigned int tui_search_next(struct tui *tui)
{
	struct tui_prompt *prompt = &tui->prompt;

	if (!prompt->size) {
		prompt->size = prompt->cursor = strlen(tui->searched);
		memcpy(prompt->text, tui->searched, sizeof(prompt->text));
	}
	return search(tui, tui_focus(tui)->at.cursor, true);
}

/* ---- what the text is for */

/* Only a filter that is right takes the place of the one before. */
static unsigned int try_filter(struct tui *tui)
{
	struct tui_prompt *prompt = &tui->prompt;
	struct filter_error error;

	prompt->error[0] = '\0';
	if (!tui_set_filter(tui, tui_focus_id(tui), prompt->text, &error))
		return TUI_UPDATE | TUI_REDRAW;
	snprintf(prompt->error, sizeof(prompt->error), "%s", error.text);
	prompt->error_at = error.offset;
	return TUI_REDRAW;
}

static unsigned int take_delay(struct tui *tui)
{
	struct tui_prompt *prompt = &tui->prompt;
	const char *text = prompt->text;
	uint64_t tenths = 0;

	for (; *text >= '0' && *text <= '9' && tenths < 100000; text++)
		tenths = 10 * tenths + (uint64_t)(*text - '0');
	tenths *= 10;
	if (*text == '.' && text[1] >= '0' && text[1] <= '9') {
		tenths += (uint64_t)(text[1] - '0');
		text += 2;
	}
	if (*text || tenths < 1 || tenths > 36000) {
		snprintf(prompt->error, sizeof(prompt->error), "use 0.1 to 3600");
		prompt->error_at = 0;
		return TUI_REDRAW;
	}
	tui->delay_ns = tenths * (NSEC_PER_SEC / 10);
	tui->mode = IN_ROWS;
	return TUI_REDRAW;
}

static unsigned int accept(struct tui *tui)
{
	struct tui_prompt *prompt = &tui->prompt;

	switch (prompt->kind) {
	case PROMPT_DELAY:
		return take_delay(tui);
	case PROMPT_JUMP:
		return tui_jump_to(tui, prompt);
	case PROMPT_SEARCH:
		if (!prompt->size)
			tui_search_next(tui);
		if (prompt->size)
			memcpy(tui->searched, prompt->text, sizeof(tui->searched));
		break;
	case PROMPT_FILTER:
		if (*prompt->error)
			return TUI_REDRAW;
		break;
	}
	tui->mode = IN_ROWS;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int cancel(struct tui *tui)
{
	struct tui_prompt *prompt = &tui->prompt;
	struct filter_error error;

	if (prompt->kind == PROMPT_FILTER)
		tui_set_filter(tui, tui_focus_id(tui), prompt->before ? prompt->before : "",
			       &error);
	if (prompt->kind == PROMPT_SEARCH)
		tui_set_cursor(tui, tui_focus_id(tui), prompt->start);
	tui->mode = IN_ROWS;
	return TUI_UPDATE | TUI_REDRAW;
}

unsigned int tui_prompt_key(struct tui *tui, int key)
{
	struct tui_prompt *prompt = &tui->prompt;

	if (key == TERM_KEY_ENTER)
		return accept(tui);
	if (key == ESCAPE || key == CONTROL('C'))
		return cancel(tui);
	if (key == FUNCTION(3) && prompt->kind == PROMPT_SEARCH)
		return tui_search_next(tui);
	if (!edit(prompt, key))
		return TUI_REDRAW;
	if (prompt->kind == PROMPT_FILTER)
		return try_filter(tui);
	prompt->error[0] = '\0';
	return prompt->kind == PROMPT_SEARCH ? search(tui, prompt->start, false) : TUI_REDRAW;
}

unsigned int tui_open_prompt(struct tui *tui, enum tui_prompt_kind kind)
{
	struct tui_prompt *prompt = &tui->prompt;
	const struct tui_pane *pane = tui_focus(tui);

	prompt->kind = kind;
	prompt->text[0] = prompt->error[0] = '\0';
	prompt->start = pane->at.cursor;
	if (kind == PROMPT_FILTER) {
		replace_string(&prompt->before, pane->filter_text);
		if (pane->filter_text)
			snprintf(prompt->text, sizeof(prompt->text), "%s", pane->filter_text);
	} else if (kind == PROMPT_DELAY) {
		snprintf(prompt->text, sizeof(prompt->text), "%.10g",
			 (double)tui->delay_ns / NSEC_PER_SEC);
	}
	prompt->size = prompt->cursor = strlen(prompt->text);
	tui->mode = IN_PROMPT;
	return TUI_REDRAW;
}

/* ---- drawing */

/* First byte of the text to draw, so that the cursor is seen in so many cells. */
static size_t first_seen(const struct tui_prompt *prompt, size_t cells)
{
	char *ahead = xstrndup(prompt->text, prompt->cursor);
	size_t skip = 0;

	while (text_width(ahead + skip) >= cells && ahead[skip])
		for (skip++; continues(ahead[skip]); skip++)
			;
	free(ahead);
	return skip;
}

void tui_draw_prompt(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_prompt *prompt = &tui->prompt;
	unsigned int left = (unsigned int)strlen(names[prompt->kind]), at = left;
	size_t skip = first_seen(prompt, screen->columns > left ? screen->columns - left : 1);
	size_t next = character_after(prompt);
	char *ahead = xstrndup(prompt->text + skip, prompt->cursor - skip);
	char *under = xstrndup(prompt->text + prompt->cursor, next - prompt->cursor);

	screen_move(screen, 0, line);
	screen_text(screen, names[prompt->kind], STYLE_KEY);
	screen_text(screen, ahead, STYLE_NORMAL);
	screen_text(screen, *under ? under : " ", STYLE_CURSOR);
	screen_text(screen, prompt->text + next, STYLE_NORMAL);
	free(ahead);
	free(under);
	screen_move(screen, 0, line + 1);
	if (!*prompt->error) {
		screen_text(screen, prompt->kind == PROMPT_SEARCH ?
			    "Enter Done  F3 Next  Esc Cancel" : "Enter Done  Esc Cancel",
			    STYLE_DIM);
		return;
	}
	if (prompt->error_at > skip) {
		char *right = xstrndup(prompt->text + skip, prompt->error_at - skip);

		at += (unsigned int)text_width(right);
		free(right);
	}
	/* The whole of the error is of more use than its place. */
	if (at + 2 + strlen(prompt->error) > screen->columns)
		at = screen->columns > 2 + strlen(prompt->error) ?
		     screen->columns - 2 - (unsigned int)strlen(prompt->error) : 0;
	screen_move(screen, at, line + 1);
	screen_text(screen, "^ ", STYLE_WARNING);
	screen_text(screen, prompt->error, STYLE_WARNING);
}
