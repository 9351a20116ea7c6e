/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the keys of the table do, for tui-key.c alone. Each returns a set of enum tui_todo. */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include "tui.h"

#define CONTROL(c) ((c) & 0x1f)
#define FUNCTION(n) (TERM_KEY_F1 + (n) - 1)
#define ESCAPE 27

typedef unsigned int tui_action(struct tui *tui, int key);

tui_action action_help, action_quit, action_repaint, action_leave;
tui_action action_pane, action_open, action_back, action_split, action_half;
tui_action action_line, action_page, action_end, action_scroll;
tui_action action_filter, action_clear_filter, action_search, action_delay, action_ask_delay;
tui_action action_sort_menu, action_columns_menu, action_deeds, action_users;
tui_action action_sort, action_sort_number, action_sort_letter, action_reverse;
tui_action action_counts, action_mark, action_forget_mark, action_pause;
tui_action action_step, action_ask_time;
tui_action action_services, action_all_rows, action_clear_log;
tui_action action_tree, action_fold;
tui_action action_pin, action_freeze, action_command, action_names, action_units, action_save;

#endif
