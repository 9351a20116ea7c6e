/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going about in a recording: an interval on or back, or to a time. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui.h"
#include "tui-action.h"
#include "util.h"

/* What is shown stays so long that one can look at it. */
static unsigned int go(struct tui *tui, struct front_jump jump)
{
	if (!tui->source->rewind) {
		tui_say(tui, tui->options->replay ? "what comes by a pipe cannot be gone about in" :
						    "only in a recording (--replay)");
		return TUI_REDRAW;
	}
	tui->jump = jump;
	return TUI_REDRAW;
}

unsigned int action_step(struct tui *tui, int key)
{
	if (tui->source->rewind && !tui->paused && tui->measured)
		action_pause(tui, ' ');
	return go(tui, (struct front_jump){ .kind = key == '}' ? JUMP_FORWARD : JUMP_BACK });
}

unsigned int action_ask_time(struct tui *tui, int key __attribute__((unused)))
{
	if (!tui->source->rewind)
		return go(tui, (struct front_jump){ JUMP_NONE, 0 });
	return tui_open_prompt(tui, PROMPT_JUMP);
}

/* "+90s", "-5m": from the time shown. False: it is none of these. */
static bool read_relative(const char *text, int64_t *ret_seconds)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
	};
	char *end;
	long n;

	if ((*text != '+' && *text != '-') || text[1] < '0' || text[1] > '9')
		return false;
	n = strtol(text, &end, 10);
	if (n > 10000000 || n < -10000000 || (*end && end[1]))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (*end == units[i].unit) {
			*ret_seconds = n * units[i].seconds;
			return true;
		}
	return false;
}

/* "14:03", "14:03:20", a date and T ahead of it or not: local time, of the day shown. */
static bool read_absolute(const char *text, time_t shown, time_t *ret)
{
	static const char *const forms[] = {
		"%H:%M:%S", "%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm;
		const char *end;

		if (!localtime_r(&shown, &tm))
			return false;
		tm.tm_sec = 0;
		tm.tm_isdst = -1;
		end = strptime(text, forms[i], &tm);
		if (!end || *end)
			continue;
		*ret = mktime(&tm);
		return *ret != (time_t)-1;
	}
	return false;
}

unsigned int tui_jump_to(struct tui *tui, struct tui_prompt *prompt)
{
	time_t shown = tui->shown.time.tv_sec, wanted = 0;
	int64_t seconds;

	if (read_relative(prompt->text, &seconds))
		wanted = shown + seconds > 0 ? shown + seconds : 0;
	else if (!read_absolute(prompt->text, shown, &wanted)) {
		strcpy(prompt->error, "use 14:03, 14:03:20, 2026-11-21T14:03, +90s or -5m");
		prompt->error_at = 0;
		return TUI_REDRAW;
	}
	tui->mode = IN_ROWS;
	return go(tui, (struct front_jump){ JUMP_TIME, (uint64_t)wanted * NSEC_PER_SEC });
}
