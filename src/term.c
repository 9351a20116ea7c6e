/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal.  The only file that knows curses, which does what differs from
 * terminal to terminal: keys in, and out only the cells that changed.
 */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "term.h"
#include "util.h"

#define ESCAPE 27
#define ESCAPE_DELAY_MS 25		/* within which the rest of a key's sequence comes */
#define DOUBLE_CLICK_NS (400 * 1000000ULL)
#define MOUSE_OFF "\033[?1006l\033[?1000l"	/* as xterm has it, and all that have a mouse */
#define SIZE_LIMIT 1000			/* columns and lines: what a size is believed to be */

struct term {
	SCREEN *screen;
	struct termios saved;		/* as it was before */
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT];
	bool color;			/* wanted, and there */
	struct term_mouse click;	/* the last one, and when it was */
	uint64_t click_ns;
};

/*
 * What term_emergency_restore needs. A signal handler has no argument to find
 * it by, so it cannot live in struct term.
 */
static struct {
	volatile sig_atomic_t armed;
	struct termios saved;
	char bytes[256];
	size_t size;
} emergency;

/* ---- how styles look: never told apart by colour alone, legible on dark and on light */

struct look {
	attr_t attributes;
	short foreground, background;	/* of 8 colours; -1: the terminal's own */
	short rich_foreground, rich_background;	/* of 256 */
};

/* Blue and orange are what all eyes tell apart. */
static const struct look schemes[SCHEME_COUNT][STYLE_COUNT] = {
	[SCHEME_DEFAULT] = {
		[STYLE_NORMAL] = { A_NORMAL, -1, -1, -1, -1 },
		[STYLE_HEADING] = { A_NORMAL, COLOR_BLACK, COLOR_CYAN, 16, 74 },
		[STYLE_SORTED] = { A_BOLD | A_UNDERLINE, COLOR_WHITE, COLOR_BLUE, 231, 25 },
		[STYLE_CURSOR] = { A_REVERSE, -1, -1, -1, -1 },
		[STYLE_DIM] = { A_DIM, -1, -1, -1, -1 },
		[STYLE_WARNING] = { A_NORMAL, COLOR_BLACK, COLOR_YELLOW, 16, 214 },
		[STYLE_KEY] = { A_BOLD, -1, -1, -1, -1 },
		[STYLE_TITLE] = { A_BOLD, COLOR_WHITE, COLOR_BLUE, 231, 25 },
		[STYLE_GRAPH] = { A_NORMAL, -1, -1, 32, -1 },
	},
	[SCHEME_DARK] = {
		[STYLE_NORMAL] = { A_NORMAL, -1, -1, -1, -1 },
		[STYLE_HEADING] = { A_NORMAL, COLOR_BLACK, COLOR_CYAN, 16, 110 },
		[STYLE_SORTED] = { A_BOLD | A_UNDERLINE, COLOR_BLACK, COLOR_CYAN, 16, 110 },
		[STYLE_CURSOR] = { A_REVERSE, -1, -1, -1, -1 },
		[STYLE_DIM] = { A_NORMAL, -1, -1, 245, -1 },
		[STYLE_WARNING] = { A_BOLD, COLOR_YELLOW, -1, 214, -1 },
		[STYLE_KEY] = { A_BOLD, COLOR_CYAN, -1, 117, -1 },
		[STYLE_TITLE] = { A_BOLD, COLOR_WHITE, COLOR_BLUE, 231, 25 },
		[STYLE_GRAPH] = { A_NORMAL, COLOR_CYAN, -1, 75, -1 },
	},
	[SCHEME_LIGHT] = {
		[STYLE_NORMAL] = { A_NORMAL, -1, -1, -1, -1 },
		[STYLE_HEADING] = { A_NORMAL, COLOR_WHITE, COLOR_BLUE, 231, 24 },
		[STYLE_SORTED] = { A_BOLD | A_UNDERLINE, COLOR_WHITE, COLOR_BLUE, 231, 24 },
		[STYLE_CURSOR] = { A_REVERSE, -1, -1, -1, -1 },
		[STYLE_DIM] = { A_NORMAL, -1, -1, 241, -1 },
		[STYLE_WARNING] = { A_BOLD, COLOR_BLACK, COLOR_YELLOW, 16, 215 },
		[STYLE_KEY] = { A_BOLD, COLOR_BLUE, -1, 25, -1 },
		[STYLE_TITLE] = { A_BOLD, COLOR_WHITE, COLOR_BLUE, 231, 25 },
		[STYLE_GRAPH] = { A_NORMAL, COLOR_BLUE, -1, 25, -1 },
	},
	[SCHEME_MONO] = {
		[STYLE_NORMAL] = { A_NORMAL, -1, -1, -1, -1 },
		[STYLE_HEADING] = { A_REVERSE, -1, -1, -1, -1 },
		[STYLE_SORTED] = { A_BOLD | A_UNDERLINE | A_REVERSE, -1, -1, -1, -1 },
		[STYLE_CURSOR] = { A_REVERSE, -1, -1, -1, -1 },
		[STYLE_DIM] = { A_DIM, -1, -1, -1, -1 },
		[STYLE_WARNING] = { A_BOLD | A_REVERSE, -1, -1, -1, -1 },
		[STYLE_KEY] = { A_BOLD, -1, -1, -1, -1 },
		[STYLE_TITLE] = { A_BOLD | A_REVERSE, -1, -1, -1, -1 },
		[STYLE_GRAPH] = { A_NORMAL, -1, -1, -1, -1 },
	},
};

void term_set_scheme(struct term *term, enum scheme scheme)
{
	bool rich = COLORS >= 256, own = term->color && use_default_colors() != ERR;

	if (!term->color)
		scheme = SCHEME_MONO;
	for (int style = 0; style < STYLE_COUNT; style++) {
		const struct look *look = &schemes[scheme][style];
		short foreground = rich ? look->rich_foreground : look->foreground;
		short background = rich ? look->rich_background : look->background;

		term->attributes[style] = look->attributes;
		term->pairs[style] = 0;
		if (foreground < 0 && background < 0)
			continue;
		if (background < 0 && !own)
			background = COLOR_BLACK;
		if (foreground < 0 && !own)
			foreground = COLOR_WHITE;
		if (init_pair((short)(style + 1), foreground, background) == ERR)
			term->attributes[style] = schemes[SCHEME_MONO][style].attributes;
		else
			term->pairs[style] = (short)(style + 1);
	}
}

/* ---- restoring */

/* Appends a string of terminfo, without the pauses that it asks for. */
static void emergency_add_text(const char *s)
{
	while (*s && emergency.size < sizeof(emergency.bytes)) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (end)
			s = end + 1;
		else
			emergency.bytes[emergency.size++] = *s++;
	}
}

static void emergency_add(const char *name)
{
	const char *s = tigetstr(name);

	if (s && s != (char *)-1)
		emergency_add_text(s);
}

static void emergency_arm(const struct termios *saved)
{
	/* Attributes, colours, keypad, cursor, and last the other screen. */
	static const char *const names[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };

	emergency.saved = *saved;
	emergency.size = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		emergency_add(names[i]);
	if (has_mouse())
		emergency_add_text(MOUSE_OFF);
	if (emergency.size < sizeof(emergency.bytes))
		emergency.bytes[emergency.size++] = '\r';
	emergency.armed = 1;
}

void term_emergency_restore(void)
{
	if (!emergency.armed)
		return;
	emergency.armed = 0;
	if (write(STDOUT_FILENO, emergency.bytes, emergency.size) < 0)
		return;			/* nowhere to show anything: no modes to mend either */
	tcsetattr(STDIN_FILENO, TCSANOW, &emergency.saved);
}

void term_close(struct term *term)
{
	if (!term)
		return;
	endwin();
	emergency.armed = 0;
	delscreen(term->screen);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term->saved);
	free(term);
}

/* ---- opening */

/* Keys that the terminfo entry does not list, in the sequences nearly all terminals send. */
static void term_define_keys(void)
{
	static const struct {
		const char *sequence;
		int code;
	} sequences[] = {
		{ "\033[A", KEY_UP }, { "\033[B", KEY_DOWN },
		{ "\033[C", KEY_RIGHT }, { "\033[D", KEY_LEFT },
		{ "\033OA", KEY_UP }, { "\033OB", KEY_DOWN },
		{ "\033OC", KEY_RIGHT }, { "\033OD", KEY_LEFT },
		{ "\033[H", KEY_HOME }, { "\033[F", KEY_END },
		{ "\033OH", KEY_HOME }, { "\033OF", KEY_END },
		{ "\033[1~", KEY_HOME }, { "\033[4~", KEY_END },
		{ "\033[7~", KEY_HOME }, { "\033[8~", KEY_END },
		{ "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[3~", KEY_DC }, { "\033[Z", KEY_BTAB },
		{ "\033OP", KEY_F(1) }, { "\033[11~", KEY_F(1) }, { "\033[[A", KEY_F(1) },
		{ "\033OQ", KEY_F(2) }, { "\033[12~", KEY_F(2) }, { "\033[[B", KEY_F(2) },
		{ "\033OR", KEY_F(3) }, { "\033[13~", KEY_F(3) }, { "\033[[C", KEY_F(3) },
		{ "\033OS", KEY_F(4) }, { "\033[14~", KEY_F(4) }, { "\033[[D", KEY_F(4) },
		{ "\033[17~", KEY_F(6) }, { "\033[18~", KEY_F(7) }, { "\033[19~", KEY_F(8) },
		{ "\033[20~", KEY_F(9) }, { "\033[21~", KEY_F(10) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++)
		if (key_defined(sequences[i].sequence) == 0)
			define_key(sequences[i].sequence, sequences[i].code);
}

static void term_set_modes(void)
{
	/* Signals stay with the loop: ^C ends contop even when it is busy. */
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_DELAY_MS);
	term_define_keys();
	/* Two clicks are told apart from a double one by term_mouse, which keeps none waiting. */
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	curs_set(0);
}

int term_open(bool color, struct term **ret_term)
{
	struct term *term;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	term = xcalloc(1, sizeof(*term));
	if (tcgetattr(STDIN_FILENO, &term->saved) < 0) {
		free(term);
		return -ENOTTY;
	}
	term->screen = newterm(NULL, stdout, stdin);
	if (!term->screen || !tigetstr("cup")) {
		if (term->screen)
			term_close(term);
		else
			free(term);
		return -ENOTSUP;
	}
	emergency_arm(&term->saved);
	term_set_modes();
	term->color = color && has_colors() && start_color() != ERR;
	term_set_scheme(term, SCHEME_DEFAULT);
	*ret_term = term;
	return 0;
}

/* ---- size and output */

void term_size(struct term *term __attribute__((unused)), unsigned int *ret_columns,
	       unsigned int *ret_lines)
{
	struct winsize size;
	int columns = COLS, lines = LINES;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
		columns = size.ws_col;
		lines = size.ws_row;
	}
	columns = columns < SIZE_LIMIT ? columns : SIZE_LIMIT;
	lines = lines < SIZE_LIMIT ? lines : SIZE_LIMIT;
	if (is_term_resized(lines, columns))
		resizeterm(lines, columns);
	*ret_columns = columns;
	*ret_lines = lines;
}

/*
 * A cell's characters as the locale has them. False for what it cannot write, or
 * takes for another width than the grid does: that would move the rest of the line.
 */
static bool cell_characters(const struct cell *cell, int width, wchar_t out[CCHARW_MAX + 1])
{
	const char *s = cell->text;
	size_t left = strnlen(s, sizeof(cell->text)), n = 0;
	mbstate_t state = { 0 };

	while (left > 0 && n < CCHARW_MAX) {
		size_t size = mbrtowc(&out[n], s, left, &state);

		if (size == 0 || size > left || wcwidth(out[n]) != (n == 0 ? width : 0))
			break;
		s += size;
		left -= size;
		n++;
	}
	out[n] = L'\0';
	return n > 0;
}

static void term_put(const struct term *term, unsigned int x, unsigned int y,
		     const wchar_t *characters, unsigned int style)
{
	cchar_t shown;

	if (setcchar(&shown, characters, term->attributes[style], term->pairs[style], NULL) == OK)
		mvadd_wch((int)y, (int)x, &shown);
}

static void term_put_cell(const struct term *term, const struct screen *screen, unsigned int x,
			  unsigned int y)
{
	const struct cell *cell = &screen->cells[(size_t)y * screen->columns + x];
	int width = x + 1 < screen->columns && !cell[1].text[0] ? 2 : 1;
	wchar_t characters[CCHARW_MAX + 1];

	if (!cell->text[0])		/* came with the wide character on its left */
		return;
	if (cell_characters(cell, width, characters)) {
		term_put(term, x, y, characters, cell->style);
		return;
	}
	term_put(term, x, y, L"?", cell->style);
	if (width == 2)
		term_put(term, x + 1, y, L" ", cell->style);
}

void term_flush(struct term *term, const struct screen *screen)
{
	erase();
	for (unsigned int y = 0; y < screen->lines; y++)
		for (unsigned int x = 0; x < screen->columns; x++)
			term_put_cell(term, screen, x, y);
	/* Where the cursor cannot be hidden it rests in a corner. */
	move(LINES - 1, COLS - 1);
	refresh();
}

void term_repaint(struct term *term __attribute__((unused)))
{
	clearok(curscr, TRUE);
}

/* ---- keys */

static int term_translate(wint_t code)
{
	static const struct {
		int curses, key;
	} translations[] = {
		{ KEY_UP, TERM_KEY_UP }, { KEY_DOWN, TERM_KEY_DOWN },
		{ KEY_LEFT, TERM_KEY_LEFT }, { KEY_RIGHT, TERM_KEY_RIGHT },
		{ KEY_PPAGE, TERM_KEY_PAGE_UP }, { KEY_A3, TERM_KEY_PAGE_UP },
		{ KEY_NPAGE, TERM_KEY_PAGE_DOWN }, { KEY_C3, TERM_KEY_PAGE_DOWN },
		{ KEY_HOME, TERM_KEY_HOME }, { KEY_FIND, TERM_KEY_HOME }, { KEY_A1, TERM_KEY_HOME },
		{ KEY_END, TERM_KEY_END }, { KEY_SELECT, TERM_KEY_END }, { KEY_C1, TERM_KEY_END },
		{ KEY_BTAB, TERM_KEY_BACK_TAB }, { KEY_BACKSPACE, TERM_KEY_BACKSPACE },
		{ KEY_ENTER, TERM_KEY_ENTER }, { KEY_DC, TERM_KEY_DELETE },
		{ KEY_MOUSE, TERM_KEY_MOUSE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(translations); i++)
		if ((wint_t)translations[i].curses == code)
			return translations[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TERM_KEY_F1 + (int)(code - KEY_F(1));
	return TERM_KEY_NONE;
}

/*
 * Swallows the rest of a sequence that is no key we know, or its digits would
 * count as keys. False when Esc was pressed by itself.
 */
static bool term_skip_sequence(void)
{
	wint_t c;
	int result = get_wch(&c);

	if (result == ERR)
		return false;
	if (result == KEY_CODE_YES) {	/* a key right behind it: both count */
		ungetch((int)c);
		return false;
	}
	if (c == ESCAPE) {
		unget_wch(ESCAPE);
		return false;
	}
	if (c == 'O')
		get_wch(&c);
	else if (c == '[')
		while (get_wch(&c) == OK && (c < 0x40 || c > 0x7e))
			;
	return true;
}

static bool terminal_gone(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int term_key(struct term *term __attribute__((unused)))
{
	wint_t c;
	int result;

	while ((result = get_wch(&c)) != ERR) {
		if (result == KEY_CODE_YES) {
			int key = term_translate(c);

			if (key != TERM_KEY_NONE)
				return key;
		} else if (c == '\r' || c == '\n') {
			return TERM_KEY_ENTER;
		} else if (c == 0x7f || c == '\b') {
			return TERM_KEY_BACKSPACE;
		} else if (c != ESCAPE || !term_skip_sequence()) {
			return (int)c;
		}
	}
	return terminal_gone() ? TERM_KEY_GONE : TERM_KEY_NONE;
}

bool term_mouse(struct term *term, struct term_mouse *ret)
{
	uint64_t now = monotonic_ns();
	MEVENT event;

	if (getmouse(&event) == ERR || event.x < 0 || event.y < 0)
		return false;
	*ret = (struct term_mouse){
		.column = (unsigned int)event.x, .line = (unsigned int)event.y,
	};
	if (event.bstate & BUTTON4_PRESSED) {
		ret->what = MOUSE_UP;
	} else if (event.bstate & BUTTON5_PRESSED) {
		ret->what = MOUSE_DOWN;
	} else {
		bool again = term->click_ns && now - term->click_ns < DOUBLE_CLICK_NS &&
			     term->click.column == ret->column && term->click.line == ret->line;

		ret->what = again ? MOUSE_DOUBLE : MOUSE_CLICK;
		term->click = *ret;
		term->click_ns = again ? 0 : now;
	}
	return true;
}
