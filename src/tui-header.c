/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines on top: whose numbers these are, totals with their history, what
 * contop itself costs, the panes, and the way that led to the rows shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define METERS_A_LINE 3
#define METER_VALUE 5			/* cells, as are the next three */
#define METER_GAP 2			/* behind each graph but the last */
#define GRAPH_LEAST 5
#define GRAPH_MOST 60

/* Cells of the names in a column of meters, and the one behind them. */
static const unsigned int meter_labels[METERS_A_LINE] = { 5, 6, 9 };

unsigned int tui_header_lines(unsigned int columns, unsigned int lines)
{
	if (lines >= 20 && columns >= 66)
		return 3;
	return lines >= 8 ? 2 : 1;
}

/* ---- the first line */

static const char *state_of(const struct tui *tui)
{
	static const char *const states[] = {
		[COUNTS_RATE] = "per second", [COUNTS_TOTAL] = "since start",
		[COUNTS_MARK] = "since mark",
	};

	return tui->paused ? " paused " : states[tui->counts];
}

/* "up 42s", "up 7m", "up 3h05m", "up 12d3h": from when it began to count. */
static const char *uptime_text(uint64_t seconds, char buffer[VALUE_TEXT_SIZE])
{
	uint64_t minutes = seconds / 60, hours = minutes / 60;

	if (!minutes)
		snprintf(buffer, VALUE_TEXT_SIZE, "  up %" PRIu64 "s", seconds);
	else if (!hours)
		snprintf(buffer, VALUE_TEXT_SIZE, "  up %" PRIu64 "m", minutes);
	else if (hours < 24)
		snprintf(buffer, VALUE_TEXT_SIZE, "  up %" PRIu64 "h%02" PRIu64 "m", hours,
			 minutes % 60);
	else
		snprintf(buffer, VALUE_TEXT_SIZE, "  up %" PRIu64 "d%" PRIu64 "h", hours / 24,
			 hours % 24);
	return buffer;
}

/* "Linux 6.1.0-28-amd64", or less of it where there is no room. */
static void draw_kernel(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	static const char *const ends[] = { "", "-+_ ", "-+_ ." };

	for (size_t i = 0; tui->kernel && i < ARRAY_SIZE(ends); i++) {
		size_t size = strcspn(tui->kernel, ends[i]);
		char text[80];

		if (i == 2 && tui->kernel[size] == '.')	/* major and minor */
			size += 1 + strcspn(tui->kernel + size + 1, ends[i]);
		snprintf(text, sizeof(text), "  Linux %.*s", size < 60 ? (int)size : 60, tui->kernel);
		if (draw_whole(screen, limit, text, STYLE_DIM))
			return;
	}
}

/* How long an interval is; of a recording how long it is shown, and how fast that makes it. */
static void draw_pace(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	double delay = (double)tui->delay_ns / NSEC_PER_SEC;
	double speed = (double)tui->shown.interval_ns / (double)tui->delay_ns;
	char text[80];

	if (tui->options->replay && speed > 0)
		snprintf(text, sizeof(text), "  every %.10g s, %.*fx", delay, speed < 9.95, speed);
	else
		snprintf(text, sizeof(text), "  every %.10g s", delay);
	draw_whole(screen, limit, text, STYLE_NORMAL);
}

static void draw_facts(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	char text[80] = "";
	struct tm tm;

	snprintf(text, sizeof(text), "  %zu container%s", tui->shown.running,
		 tui->shown.running == 1 ? "" : "s");
	draw_whole(screen, limit, text, STYLE_NORMAL);
	draw_pace(tui, screen, limit);
	if (localtime_r(&tui->shown.time.tv_sec, &tm) &&
	    strftime(text, sizeof(text), "  %H:%M:%S", &tm))
		draw_whole(screen, limit, text, STYLE_NORMAL);
	draw_whole(screen, limit, uptime_text(tui->elapsed_ns / NSEC_PER_SEC, text), STYLE_DIM);
	draw_kernel(tui, screen, limit);
}

/* Who this is, when, and in which state: the state is kept whatever else must go. */
static void draw_title(const struct tui *tui, struct screen *screen)
{
	char host[128] = " - ", *name = host + 3;
	unsigned int limit;
	size_t cells;

	screen_move(screen, 0, 0);
	screen_text(screen, "contop", STYLE_KEY);
	limit = draw_right(screen, state_of(tui), tui->paused ? STYLE_WARNING : STYLE_DIM);
	text_clean(name, sizeof(host) - 3, tui->source->host, strlen(tui->source->host));
	name[text_fit(name, limit > 20 ? limit / 2 - 5 : 5, &cells)] = '\0';
	draw_whole(screen, limit, host, STYLE_NORMAL);
	if (tui->measured)
		draw_facts(tui, screen, limit > 2 ? limit - 2 : 0);
}

/* ---- totals */

static const struct {
	const char *name;
	size_t offset;			/* of the count in the row of totals */
	enum unit unit;
} meters[METER_COUNT] = {
	[METER_RX] = { "rx", offsetof(struct container_row, rx_bytes), UNIT_BYTES },
	[METER_TX] = { "tx", offsetof(struct container_row, tx_bytes), UNIT_BYTES },
	[METER_READ] = { "read", offsetof(struct container_row, read_bytes), UNIT_BYTES },
	[METER_WRITE] = { "write", offsetof(struct container_row, write_bytes), UNIT_BYTES },
	[METER_SYSCALLS] = { "syscalls", offsetof(struct container_row, syscalls), UNIT_EVENTS },
};

static const char *meter_value(const struct tui *tui, enum tui_meter meter,
			       char buffer[VALUE_TEXT_SIZE])
{
	const struct count *count = (const void *)((const char *)&tui->total +
						   meters[meter].offset);
	bool total = tui->counts != COUNTS_RATE;
	uint64_t number = total ? count->total : count->interval;
	const struct value value = { .type = number == UNKNOWN ? VALUE_UNKNOWN : VALUE_COUNT,
				     .number = number };

	return value_human(&value, tui->units == UNITS_DECIMAL ? UNIT_EVENTS : meters[meter].unit,
			   total ? 0 : tui->shown.interval_ns, buffer);
}

/* The newest is on the right; the highest of those shown takes all the height. */
static void draw_graph(const struct tui *tui, const struct tui_history *history, size_t cells,
		       struct screen *screen)
{
	static const char *const blocks[] = {
		" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
		"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88",
	};
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
	const size_t levels = ARRAY_SIZE(blocks) - 1;
	size_t n = history->n < HISTORY_SIZE ? history->n : HISTORY_SIZE;
	double most = 0;

	n = n < cells ? n : cells;
	for (size_t i = history->n - n; i < history->n; i++)
		if (history->rates[i % HISTORY_SIZE] > most)
			most = history->rates[i % HISTORY_SIZE];
	screen_move(screen, screen->pen_column + (unsigned int)(cells - n), screen->pen_line);
	for (size_t i = history->n - n; i < history->n; i++) {
		double rate = history->rates[i % HISTORY_SIZE];
		size_t level = 0;

		if (rate > 0)
			level = 1 + (size_t)(rate / most * (double)(levels - 1) + 0.5);
		screen_text(screen, (tui->ascii ? ascii : blocks)[level], STYLE_GRAPH);
	}
}

/* "0.43%", "-" */
static const char *share_text(double share, int digits, char buffer[VALUE_TEXT_SIZE])
{
	if (share < 0)
		return "-";
	snprintf(buffer, VALUE_TEXT_SIZE, "%.*f%%", share < 0.1 ? digits : 1, share * 100);
	return buffer;
}

/* The process, its programs in the kernel, and memory: in words where they have room. */
static void draw_cost(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	const unsigned int label = meter_labels[METERS_A_LINE - 1];
	const struct value value = { .type = VALUE_NUMBER, .number = tui->cost.memory };
	char memory[VALUE_TEXT_SIZE], cpu[VALUE_TEXT_SIZE], kernel[VALUE_TEXT_SIZE], text[80];

	if (tui->cost.cpu < 0 || tui->cost.memory == UNKNOWN)
		return;
	for (int brief = 0; brief < 2; brief++) {
		snprintf(text, sizeof(text), brief ? "%s bpf %s %s" : "%s CPU  %s in the kernel  %s",
			 share_text(tui->cost.cpu, 1, cpu),
			 share_text(tui->cost.kernel, brief ? 1 : 2, kernel),
			 value_human(&value, UNIT_BYTES, 0, memory));
		if (screen->pen_column + label + strlen(text) > limit)
			continue;
		screen->sink.cell(&screen->sink, "contop", label - 1, ALIGN_LEFT, STYLE_DIM);
		screen_text(screen, text, STYLE_NORMAL);
		return;
	}
}

static void draw_meter(const struct tui *tui, enum tui_meter meter, unsigned int label,
		       unsigned int graph, struct screen *screen)
{
	char buffer[VALUE_TEXT_SIZE];

	screen->sink.cell(&screen->sink, meters[meter].name, label - 1, ALIGN_LEFT, STYLE_DIM);
	screen->sink.cell(&screen->sink, meter_value(tui, meter, buffer), METER_VALUE, ALIGN_RIGHT,
			  STYLE_NORMAL);
	if (graph >= GRAPH_LEAST)
		draw_graph(tui, &tui->meters[meter], graph, screen);
}

/* Cells of each graph: what names, values and gaps leave of the line. */
static unsigned int graph_width(unsigned int columns)
{
	unsigned int used = (METERS_A_LINE - 1) * METER_GAP, width;

	for (size_t i = 0; i < METERS_A_LINE; i++)
		used += meter_labels[i] + METER_VALUE + 1;
	width = columns > used ? (columns - used) / METERS_A_LINE : 0;
	return width < GRAPH_MOST ? width : GRAPH_MOST;
}

/* Two lines of three: the last of them is what contop itself takes. */
static void draw_meters(const struct tui *tui, struct screen *screen, unsigned int line)
{
	unsigned int graph = graph_width(screen->columns), at = 0;

	for (unsigned int i = 0; i <= METER_COUNT; i++) {
		unsigned int label = meter_labels[i % METERS_A_LINE];

		at = i % METERS_A_LINE ? at : 0;
		screen_move(screen, at, line + i / METERS_A_LINE);
		if (i < METER_COUNT)
			draw_meter(tui, (enum tui_meter)i, label, graph, screen);
		else
			draw_cost(tui, screen, screen->columns);
		at += label + METER_VALUE + 1 + graph + METER_GAP;
	}
}

/* One line: as many as there is room for. */
static void draw_totals(const struct tui *tui, struct screen *screen, unsigned int line)
{
	screen_move(screen, 0, line);
	for (unsigned int i = 0; i < METER_COUNT; i++) {
		char buffer[VALUE_TEXT_SIZE], text[VALUE_TEXT_SIZE + 2];

		snprintf(text, sizeof(text), " %6s", meter_value(tui, (enum tui_meter)i, buffer));
		if (screen->pen_column + (i ? 2 : 0) + strlen(meters[i].name) + strlen(text) >
		    screen->columns)
			break;
		screen_text(screen, i ? "  " : "", STYLE_NORMAL);
		screen_text(screen, meters[i].name, STYLE_DIM);
		screen_text(screen, text, STYLE_NORMAL);
	}
}

void tui_draw_header(const struct tui *tui, struct screen *screen, unsigned int lines)
{
	draw_title(tui, screen);
	if (!tui->measured)
		return;
	if (lines >= 3)
		draw_meters(tui, screen, 1);
	else if (lines == 2)
		draw_totals(tui, screen, 1);
}

/* ---- panes */

/* What tabs are called, from the longest on: the same whichever is the current one. */
enum tab_form { TABS_NAMES, TABS_SHORT, TABS_LETTERS, TABS_NUMBERS };

#define TAB_SIZE 32
#define PLACE_USUAL 13			/* cells of "  row 12/3456" */
#define PLACE_LEAST 7			/* and of " 12/345" */

/* Returns how many cells it takes. */
static unsigned int tab_text(enum pane_id i, enum tab_form form, bool current, char text[TAB_SIZE])
{
	const char *name = form == TABS_NAMES ? panes[i].name : panes[i].tab;

	if (form == TABS_NUMBERS && !current)
		return (unsigned int)snprintf(text, TAB_SIZE, "%d", i + 1);
	return (unsigned int)snprintf(text, TAB_SIZE, "%d %.*s", i + 1,
				      form == TABS_LETTERS ? 3 : TAB_SIZE - 8, name);
}

static unsigned int tabs_width(enum tab_form form, enum pane_id current, unsigned int gap)
{
	unsigned int width = gap * (PANE_COUNT - 1);
	char text[TAB_SIZE];

	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		width += tab_text(i, form, i == current, text);
	return width;
}

/* Where the cursor is says more than what other panes are called. */
static enum tab_form tab_form(enum pane_id current, unsigned int columns)
{
	if (tabs_width(TABS_NAMES, current, 1) + PLACE_USUAL <= columns)
		return TABS_NAMES;
	if (tabs_width(TABS_SHORT, current, 1) + PLACE_LEAST <= columns)
		return TABS_SHORT;
	if (tabs_width(TABS_LETTERS, current, 1) + PLACE_LEAST <= columns)
		return TABS_LETTERS;
	return TABS_NUMBERS;
}

static void draw_tab(struct tui *tui, enum pane_id i, enum tab_form form, struct screen *screen)
{
	bool current = i == tui->pane || (tui->split && i == tui->lower);
	enum style style = current ? STYLE_TITLE :
			   tui->source->status[i].available || tui->source->begin ?
			   STYLE_NORMAL : STYLE_DIM;
	char text[TAB_SIZE];

	tab_text(i, form, i == tui->pane, text);
	tui->drawn.tabs[i].from = screen->pen_column;
	screen_text(screen, text, style);
	tui->drawn.tabs[i].to = screen->pen_column;
}

/* "  row 12/3456", or " 12/3456" where there is no more room. */
static void draw_place(const struct tui_pane *pane, struct screen *screen)
{
	char text[64];

	snprintf(text, sizeof(text), "  row %zu/%zu", pane->at.cursor + 1, pane->view.n_rows);
	if (draw_right(screen, text, STYLE_DIM) < screen->columns)
		return;
	snprintf(text, sizeof(text), " %zu/%zu", pane->at.cursor + 1, pane->view.n_rows);
	draw_right(screen, text, STYLE_DIM);
}

void tui_draw_tabs(struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_pane *pane = &tui->panes[tui->pane];
	enum tab_form form = tab_form(tui->pane, screen->columns);
	bool roomy = tabs_width(form, tui->pane, 2) + PLACE_USUAL <= screen->columns;

	screen_move(screen, 0, line);
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		screen_text(screen, i ? roomy ? "  " : " " : "", STYLE_NORMAL);
		draw_tab(tui, i, form, screen);
	}
	if (pane->view.n_rows > 0 && tui->mode != IN_HELP)
		draw_place(pane, screen);
}

/* ---- the way here */

bool tui_has_path(const struct tui *tui)
{
	const struct tui_pane *pane = &tui->panes[tui_focus_id(tui)];

	return tui->n_levels > 0 || tui->scope.of.container || pane->filter_text || pane->at.pinned ||
	       pane->view.places || (tui->user.chosen && pane->view.pane->uid);
}

static void draw_part(struct screen *screen, const char *before, const char *text,
		      enum style style)
{
	screen_text(screen, before, STYLE_DIM);
	screen_text(screen, text, style);
}

/* What else says which rows these are, and how they stand. */
static void draw_conditions(const struct tui *tui, struct screen *screen)
{
	const struct tui_pane *pane = &tui->panes[tui_focus_id(tui)];
	const char *gap = screen->pen_column ? "  " : "";
	char user[64];

	if (tui->user.chosen && pane->view.pane->uid) {
		screen_text(screen, gap, STYLE_NORMAL);
		draw_part(screen, "user: ", tui_user_text(&tui->user, user, sizeof(user)), STYLE_KEY);
		gap = "  ";
	}
	if (pane->filter_text) {
		screen_text(screen, gap, STYLE_NORMAL);
		draw_part(screen, "filter: ", pane->filter_text, STYLE_KEY);
		gap = "  ";
	}
	if (pane->view.places) {
		screen_text(screen, gap, STYLE_NORMAL);
		screen_text(screen, "order frozen", STYLE_KEY);
		gap = "  ";
	}
	if (pane->at.pinned) {
		screen_text(screen, gap, STYLE_NORMAL);
		screen_text(screen, "following the row", STYLE_KEY);
	}
}

/* "containers > web > nginx 4321 > flows  filter: rx > 1M" */
void tui_draw_path(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_scope *scope = &tui->scope;
	enum pane_id first = tui->n_levels ? tui->levels[0].pane : tui->pane;
	char process[64];

	screen_move(screen, 0, line);
	if (scope->of.container) {
		draw_part(screen, "", panes[first].name, STYLE_DIM);
		draw_part(screen, " > ", scope->name, STYLE_KEY);
	}
	if (scope->of.process) {
		snprintf(process, sizeof(process), "%s %" PRIu64, scope->command, scope->of.pid);
		draw_part(screen, " > ", process, STYLE_KEY);
	}
	if (scope->of.container)
		draw_part(screen, " > ", panes[tui->pane].name, STYLE_NORMAL);
	if (scope->of.process && !panes[tui->pane].pid)
		draw_part(screen, " ", "of all its processes", STYLE_WARNING);
	draw_conditions(tui, screen);
}
