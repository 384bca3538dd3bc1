# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the completions of both commands have in common; make puts it into each, where it
# says so. Tests set the variable _numapages_root to have another machine's /sys and /proc
# completed.

# The nodes with memory, one a line.
_numapages_node_numbers()
{
	local file=${_numapages_root-}/sys/devices/system/node/has_memory list part node
	[[ -r $file ]] && read -r list <"$file"
	for part in ${list//,/ }; do
		for ((node = ${part%-*}; node <= ${part#*-}; node++)); do
			echo "$node"
		done
	done
}

# _numapages_go_on BEFORE WORD...: complete what follows BEFORE in $cur.
_numapages_go_on()
{
	mapfile -t COMPREPLY < <(compgen -P "$1" -W "${*:2}" -- "${cur#"$1"}")
}

_numapages_nodes()
{
	local words="all has-cpu memory-only local"
	[[ $cur =~ ^([!^]?[+]?(.*,)?([0-9]+-)?) ]]
	[[ ! ${BASH_REMATCH[3]} ]] || words=
	_numapages_go_on "${BASH_REMATCH[1]}" "$(_numapages_node_numbers) $words"
}

# Pairs, "0:1,1:0": a node follows every comma and every colon.
_numapages_pairs()
{
	_numapages_go_on "${cur%"${cur##*[,:]}"}" "$(_numapages_node_numbers)"
	[[ ${COMPREPLY[0]-} == *:* ]] || compopt -o nospace
	__ltrim_colon_completions "$cur"
}

# A share, "0-1:95%": nodes up to the colon.
_numapages_share()
{
	[[ $cur == *:* ]] || _numapages_nodes
	compopt -o nospace
}

# Where readline lists what there is to choose from, each PID has its name behind it.
_numapages_names()
{
	local i comm
	[[ $COMP_TYPE == @(33|63|64) ]] && ((${#COMPREPLY[@]} > 1)) || return
	for i in "${!COMPREPLY[@]}"; do
		comm=
		IFS= read -r comm 2>/dev/null <"${_numapages_root-}/proc/${COMPREPLY[i]##*,}/comm"
		COMPREPLY[i]+=" (${comm//[^[:print:]]/?})"
	done
}

# The processes that the user may look at: kernel threads have no program.
_numapages_pids()
{
	local dir pids=()
	for dir in "${_numapages_root-}"/proc/[0-9]*; do
		[[ ! -e $dir/exe ]] || pids+=("${dir##*/}")
	done
	_numapages_go_on "${cur%"${cur##*,}"}" "${pids[@]}"
	_numapages_names
}

# The names of the processes that the user may look at.
_numapages_comms()
{
	local dir comm names=()
	for dir in "${_numapages_root-}"/proc/[0-9]*; do
		comm=
		[[ ! -e $dir/exe ]] || IFS= read -r comm 2>/dev/null <"$dir/comm"
		[[ ! $comm =~ ^[[:alnum:]_.:@-]+$ ]] || names+=("$comm")
	done
	_numapages_go_on "" "${names[@]}"
}

# _numapages_columns COLUMN...: a list of them, or, behind a +, of further ones.
_numapages_columns()
{
	[[ $cur =~ ^([+]?(.*,)?) ]]
	_numapages_go_on "${BASH_REMATCH[1]}" "$@"
}

# The columns of the account, with those of a dry run.
_numapages_account()
{
	_numapages_columns ACCOUNT KIND PAGES HUGE SPLIT SIZE ROOM FROM TO PID COMM
}
