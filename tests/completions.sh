#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completions in the real shells: keys go in through tmux, what the shell makes of
# them is read from its screen.
set -u
export LC_ALL=C.UTF-8
program=$(readlink -e "${CONTOP:-./contop}") || exit 99
completions=$(dirname "$program")/completions
work=$(mktemp -d) || exit 99
trap 'tmux -S "$work/$shell" kill-server 2>/dev/null; rm -rf "$work"' EXIT
shell=none
failed=0

command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
mkdir "$work/home" "$work/bin"
ln -s "$program" "$work/bin/contop"
export PATH=$work/bin:$PATH HOME=$work/home XDG_CONFIG_HOME=$work/home XDG_DATA_HOME=$work/home

keys() {
	tmux -S "$work/$shell" send-keys -t completions "$@" 2>/dev/null
}

screen() {
	tmux -S "$work/$shell" capture-pane -p -t completions 2>/dev/null
}

# wait_for TEXT: until the screen has it; 1 after some seconds, or when there is no screen.
wait_for() {
	local n

	for ((n = 0; n < 200; n++)); do
		screen >/dev/null || return 1
		screen | grep -qF -- "$1" && return
		sleep 0.05
	done
	return 1
}

# types SHELL TEXT WANT: what the shell has on its line, or lists, after a tab or two
types() {
	keys C-u
	keys -l -- "$2"
	wait_for "$2" || :
	keys Tab
	[ "${4:-}" != twice ] || keys Tab
	if wait_for "$3"; then
		echo "ok: $1: '$2' becomes '$3'"
	else
		echo "FAIL: $1: '$2' does not become '$3':"
		screen | grep -v '^$' | sed 's/^/  /'
		failed=1
	fi
	keys C-u
	keys C-l
}

# in_shell NAME COMMAND...: starts it on a screen of its own, and tries all there is.
in_shell() {
	shell=$1
	shift

	# Each has a server of its own: the one before may still be ending.
	tmux -S "$work/$shell" -f /dev/null new-session -d -s completions -x 120 -y 50 "$@"
	if ! wait_for 'ready>'; then
		echo "FAIL: $shell does not start"
		screen
		failed=1
		return
	fi
	types "$shell" 'contop --textf' 'contop --textfile'
	types "$shell" 'contop -o js' 'contop -o json'
	types "$shell" 'contop --color al' 'contop --color always'
	types "$shell" 'contop -P flows,disk' 'contop -P flows,disks'
	types "$shell" 'contop -s rx_b' 'contop -s rx_bytes'
	types "$shell" "contop --replay $work/home/record" "home/recording.json"
	types "$shell" "contop --procfs $work/home/dir" 'home/directory/'
	types "$shell" 'contop --col' 'contop --color'
	types "$shell" 'contop --' '--accumulate' twice
	tmux -S "$work/$shell" kill-server
}

: >"$work/home/recording.json"
mkdir "$work/home/directory"

if [ ! -d "$completions" ]; then
	echo "no completions were made"
	exit 77
fi

# Every option is in every shell's, whatever the table says of it.
for file in contop _contop contop.fish; do
	for option in $("$program" --help | grep -oE -- ' --[a-z-]+' | tr -d ' -' | sort -u); do
		tr -d - <"$completions/$file" | grep -qw -- "$option" || {
			echo "FAIL: $file lacks $option"
			failed=1
		}
	done
done

library=/usr/share/bash-completion/bash_completion
if [ -e $library ]; then
	printf '%s\n' ". $library" ". $completions/contop" "PS1='ready> '" >"$work/bashrc"
	in_shell bash bash --noprofile --rcfile "$work/bashrc" -i
else
	echo "bash-completion is not here"
fi

if command -v zsh >/dev/null; then
	printf '%s\n' "fpath=($completions \$fpath)" 'autoload -U compinit' \
		"compinit -u -d $work/zcompdump" "PS1='ready> '" >"$work/home/.zshrc"
	in_shell zsh env ZDOTDIR="$work/home" zsh -d -i
else
	echo "zsh is not here"
fi

if command -v fish >/dev/null; then
	in_shell fish fish --no-config --init-command "source $completions/contop.fish
		function fish_prompt; echo -n 'ready> '; end; set -g fish_greeting ''"
else
	echo "fish is not here"
fi
exit $failed
