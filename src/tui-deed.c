/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be done to the container or the process of a row: a list, and a
 * question before anything is done.  tui-front.c carries it out.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "tui-action.h"
#include "util.h"

static const struct tui_deed deeds[] = {
	{ "stop", "ask its processes to end, kill them later", .verb = "stop" },
	{ "restart", "stop it, and start it again", .verb = "restart" },
	{ "pause", "hold all its processes", .verb = "pause" },
	{ "unpause", "let them go on", .verb = "unpause" },
	{ "kill", "end all its processes at once", .verb = "kill" },
	{ "SIGTERM", "ask it to end", .signal = SIGTERM },
	{ "SIGKILL", "end it at once", .signal = SIGKILL },
	{ "SIGINT", "as Ctrl-C does", .signal = SIGINT },
	{ "SIGHUP", "many read their configuration again", .signal = SIGHUP },
	{ "SIGSTOP", "hold it", .signal = SIGSTOP },
	{ "SIGCONT", "let it go on", .signal = SIGCONT },
	{ "SIGUSR1", "what it makes of it", .signal = SIGUSR1 },
	{ "SIGUSR2", "what it makes of it", .signal = SIGUSR2 },
};

static bool is_dockers(const struct container *container)
{
	return container->runtime && !strcmp(container->runtime, "docker") && container->id &&
	       !container->exited;
}

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

/* Whom the row under the cursor is of. */
static void take_target(struct tui_target *target, enum pane_id id, const struct row *row)
{
	uint64_t pid = tui_process_of(id, row);

	*target = (struct tui_target){ 0 };
	copy_text(target->name, sizeof(target->name), row->container->name);
	if (is_dockers(row->container))
		copy_text(target->id, sizeof(target->id), row->container->id);
	if (pid == UNKNOWN || pid <= 1 || row->ended)
		return;
	target->pid = pid;
	if (id == PANE_PROCESSES)
		copy_text(target->comm, sizeof(target->comm),
			  ((const struct process_row *)(const void *)row)->comm);
}

static const char *why_not(const struct tui *tui)
{
	if (tui->options->read_only)
		return "contop was started with --read-only";
	if (tui->options->replay)
		return "this is a recording";
	return NULL;
}

unsigned int action_deeds(struct tui *tui, int key __attribute__((unused)))
{
	enum pane_id id = tui_focus_id(tui);
	const struct row *row = tui_row(tui, id, tui->panes[id].at.cursor);
	const char *reason = why_not(tui);

	if (!reason && row && row->container)
		take_target(&tui->target, id, row);
	else if (!reason)
		reason = "there is no row";
	if (!reason && !*tui->target.id && !tui->target.pid)
		reason = row->ended ? "this has ended" :
				      "this is no container of Docker and no process";
	if (reason) {
		tui_say(tui, reason);
		return TUI_REDRAW;
	}
	return tui_open_menu(tui, IN_DEEDS);
}

void tui_add_deeds(const struct tui *tui, struct tui_menu *menu)
{
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++)
		if (deeds[i].verb ? *tui->target.id != '\0' : tui->target.pid != 0)
			menu->items[menu->n++] = (struct tui_item){ .deed = &deeds[i] };
}

size_t tui_deeds_most(void)
{
	return ARRAY_SIZE(deeds);
}

const char *tui_deed_text(const struct tui *tui, const struct tui_deed *deed, char *buffer,
			  size_t size)
{
	const struct tui_target *target = &tui->target;

	if (deed->verb)
		snprintf(buffer, size, "%s container %s", deed->name, target->name);
	else
		snprintf(buffer, size, "%s to process %llu%s%s", deed->name,
			 (unsigned long long)target->pid, *target->comm ? " " : "", target->comm);
	return buffer;
}

unsigned int tui_ask(struct tui *tui, const struct tui_deed *deed)
{
	tui->asked = deed;
	tui->mode = IN_QUESTION;
	return TUI_REDRAW;
}

/* Only a yes is one. */
unsigned int tui_answer(struct tui *tui, int key)
{
	if (key == 'y')
		tui->ordered = tui->asked;
	else
		tui_say(tui, "nothing was done");
	tui->asked = NULL;
	tui->mode = IN_ROWS;
	return TUI_UPDATE | TUI_REDRAW;
}

void tui_draw_question(const struct tui *tui, struct screen *screen, unsigned int line)
{
	char text[160];

	screen_move(screen, 0, line);
	screen_text(screen, tui_deed_text(tui, tui->asked, text, sizeof(text)), STYLE_WARNING);
	screen_text(screen, "?", STYLE_WARNING);
	screen_move(screen, 0, line + 1);
	screen_text(screen, "y Yes  other keys: No", STYLE_NORMAL);
}
