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
#define METER_LABEL 9			/* cells, as are the next two */
#define METER_VALUE 6
#define GRAPH_LEAST 5
#define GRAPH_MOST 60

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

static void draw_facts(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	uint64_t seconds = tui->elapsed_ns / NSEC_PER_SEC;
	char text[80] = "";
	struct tm tm;

	snprintf(text, sizeof(text), "  %zu container%s", tui->shown.running,
		 tui->shown.running == 1 ? "" : "s");
	draw_whole(screen, limit, text, STYLE_NORMAL);
	snprintf(text, sizeof(text), "  every %.1f s", (double)tui->delay_ns / NSEC_PER_SEC);
	draw_whole(screen, limit, text, STYLE_NORMAL);
	if (localtime_r(&tui->shown.time.tv_sec, &tm) &&
	    strftime(text, sizeof(text), "  %H:%M:%S", &tm))
		draw_whole(screen, limit, text, STYLE_NORMAL);
	snprintf(text, sizeof(text), "  up %" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600,
		 seconds / 60 % 60, seconds % 60);
	draw_whole(screen, limit, text, STYLE_DIM);
	if (tui->kernel) {
		snprintf(text, sizeof(text), "  Linux %.60s", tui->kernel);
		draw_whole(screen, limit, text, STYLE_DIM);
	}
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
		draw_facts(tui, screen, limit - 1);
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

/* The process, its programs in the kernel, and memory. */
static void draw_cost(const struct tui *tui, struct screen *screen, unsigned int limit)
{
	char memory[VALUE_TEXT_SIZE], cpu[VALUE_TEXT_SIZE], kernel[VALUE_TEXT_SIZE], text[80];
	const struct value value = { .type = VALUE_NUMBER, .number = tui->cost.memory };
	bool wide = limit > screen->pen_column + 40;

	if (tui->cost.cpu < 0 || tui->cost.memory == UNKNOWN)
		return;
	snprintf(text, sizeof(text), wide ? "%s CPU  %s in the kernel  %s" : "%s bpf %s %s",
		 share_text(tui->cost.cpu, 1, cpu), share_text(tui->cost.kernel, wide ? 2 : 1, kernel),
		 value_human(&value, UNIT_BYTES, 0, memory));
	if (screen->pen_column + METER_LABEL + strlen(text) > limit)
		return;
	screen->sink.cell(&screen->sink, "contop", METER_LABEL - 1, ALIGN_LEFT, STYLE_DIM);
	screen_text(screen, text, STYLE_NORMAL);
}

static void draw_meter(const struct tui *tui, enum tui_meter meter, unsigned int width,
		       struct screen *screen)
{
	unsigned int used = METER_LABEL + METER_VALUE + 3;
	char buffer[VALUE_TEXT_SIZE];
	size_t cells = width > used ? width - used : 0;

	screen->sink.cell(&screen->sink, meters[meter].name, METER_LABEL - 1, ALIGN_LEFT,
			  STYLE_DIM);
	screen->sink.cell(&screen->sink, meter_value(tui, meter, buffer), METER_VALUE, ALIGN_RIGHT,
			  STYLE_NORMAL);
	if (cells >= GRAPH_LEAST)
		draw_graph(tui, &tui->meters[meter], cells < GRAPH_MOST ? cells : GRAPH_MOST,
			   screen);
}

/* Two lines of three: the last of them is what contop itself takes. */
static void draw_meters(const struct tui *tui, struct screen *screen, unsigned int line)
{
	unsigned int width = screen->columns / METERS_A_LINE;

	for (unsigned int i = 0; i <= METER_COUNT; i++) {
		screen_move(screen, i % METERS_A_LINE * width, line + i / METERS_A_LINE);
		if (i < METER_COUNT)
			draw_meter(tui, (enum tui_meter)i, width, screen);
		else
			draw_cost(tui, screen, screen->columns);
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

/* How many letters of a tab's name are shown: the current one's all. */
static size_t tab_letters(enum pane_id i, enum pane_id current, size_t most)
{
	size_t letters = strlen(panes[i].name);

	return i == current || letters < most ? letters : most;
}

/* Cells that the tabs take with so many letters of each name. */
static size_t tabs_width(enum pane_id current, size_t most, size_t gap)
{
	size_t width = 0;

	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		size_t letters = tab_letters(i, current, most);

		width += 1 + (i ? gap : 0) + (letters ? 1 + letters : 0);
	}
	return width;
}

/* The same for whichever pane is the current one: names do not change from pane to pane. */
static size_t tabs_width_most(size_t most, size_t gap)
{
	size_t width = 0;

	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		if (tabs_width(i, most, gap) > width)
			width = tabs_width(i, most, gap);
	return width;
}

static void draw_tab(struct tui *tui, enum pane_id i, size_t most, struct screen *screen)
{
	bool current = i == tui->pane || (tui->split && i == tui->lower);
	enum style style = current ? STYLE_TITLE :
			   tui->source->status[i].available ? STYLE_NORMAL : STYLE_DIM;
	int letters = (int)tab_letters(i, tui->pane, most);
	char text[64];

	snprintf(text, sizeof(text), "%d%s%.*s", i + 1, letters ? " " : "", letters, panes[i].name);
	tui->drawn.tabs[i].from = screen->pen_column;
	screen_text(screen, text, style);
	tui->drawn.tabs[i].to = screen->pen_column;
}

#define NAME_MOST 16			/* letters: no pane has more */
#define NAME_LEAST 3			/* fewer say nothing */
#define PLACE_USUAL 13			/* cells of "  row 12/3456" */

void tui_draw_tabs(struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_pane *pane = &tui->panes[tui->pane];
	size_t most = NAME_MOST;
	const char *gap;
	char text[64];

	snprintf(text, sizeof(text), "  row %zu/%zu", pane->at.cursor + 1, pane->view.n_rows);
	/* Where the cursor is says more than what other panes are called. */
	while (most && tabs_width_most(most, 1) + PLACE_USUAL > screen->columns)
		most = most > NAME_LEAST ? most - 1 : 0;
	gap = tabs_width_most(most, 2) + PLACE_USUAL <= screen->columns ? "  " : " ";
	screen_move(screen, 0, line);
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		screen_text(screen, i ? gap : "", STYLE_NORMAL);
		draw_tab(tui, i, most, screen);
	}
	if (pane->view.n_rows > 0 && tui->mode != IN_HELP)
		draw_right(screen, text, STYLE_DIM);
}

/* ---- the way here */

bool tui_has_path(const struct tui *tui)
{
	const struct tui_pane *pane = &tui->panes[tui_focus_id(tui)];

	return tui->n_levels > 0 || tui->scope.of.container || pane->filter_text || pane->at.pinned ||
	       pane->view.places;
}

static void draw_part(struct screen *screen, const char *before, const char *text,
		      enum style style)
{
	screen_text(screen, before, STYLE_DIM);
	screen_text(screen, text, style);
}

/* "containers > web > nginx 4321 > flows  filter: rx > 1M" */
void tui_draw_path(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_pane *pane = &tui->panes[tui_focus_id(tui)];
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
	if (screen->pen_column)
		draw_part(screen, "  ", "", STYLE_NORMAL);
	if (pane->filter_text)
		draw_part(screen, "filter: ", pane->filter_text, STYLE_KEY);
	if (pane->filter_text && (pane->view.places || pane->at.pinned))
		draw_part(screen, "  ", "", STYLE_NORMAL);
	if (pane->view.places)
		draw_part(screen, "", "order frozen  ", STYLE_KEY);
	if (pane->at.pinned)
		draw_part(screen, "", "following the row", STYLE_KEY);
}
