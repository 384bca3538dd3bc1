# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the completions of both commands share; make inserts it into each. The options and the
# kinds of their values come from the command's own --help, so they are not
# listed here. Tests set the variable _numapages_root to complete from another machine's /sys and
# /proc.

# The nodes with memory, one per line.
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

# _numapages_offer BEFORE WORD...: complete what follows BEFORE in $cur.
_numapages_offer()
{
	mapfile -t COMPREPLY < <(compgen -P "$1" -W "${*:2}" -- "${cur#"$1"}")
}

_numapages_nodes()
{
	local words="all has-cpu memory-only local"
	[[ $cur =~ ^([!^]?[+]?(.*,)?([0-9]+-)?) ]]
	[[ ! ${BASH_REMATCH[3]} ]] || words=
	_numapages_offer "${BASH_REMATCH[1]}" "$(_numapages_node_numbers) $words"
}

# Pairs, "0:1,1:0": a node follows every comma and every colon.
_numapages_pairs()
{
	_numapages_offer "${cur%"${cur##*[,:]}"}" "$(_numapages_node_numbers)"
	[[ ${COMPREPLY[0]-} == *:* ]] || compopt -o nospace
	__ltrim_colon_completions "$cur"
}

# A share, "0-1:95%": nodes up to the colon.
_numapages_share()
{
	[[ $cur == *:* ]] || _numapages_nodes
	compopt -o nospace
}

# Where readline lists what there is to choose from, each PID has its name after it.
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

# The processes that the user can inspect, by PID, or by name to complete to their PIDs.
# Kernel threads have no program.
_numapages_pids()
{
	local dir comm word=${cur##*,} pids=() named=()
	for dir in "${_numapages_root-}"/proc/[0-9]*; do
		[[ -e $dir/exe ]] || continue
		pids+=("${dir##*/}")
		comm=
		IFS= read -r comm 2>/dev/null <"$dir/comm"
		[[ ! $word || $comm != "$word"* ]] || named+=("${dir##*/}")
	done
	if [[ $word == [!0-9]* ]]; then
		COMPREPLY=("${named[@]/#/${cur%"$word"}}")
	else
		_numapages_offer "${cur%"$word"}" "${pids[@]}"
	fi
	_numapages_names
}

# The names of these processes.
_numapages_comms()
{
	local dir comm names=()
	for dir in "${_numapages_root-}"/proc/[0-9]*; do
		comm=
		[[ ! -e $dir/exe ]] || IFS= read -r comm 2>/dev/null <"$dir/comm"
		[[ ! $comm =~ ^[[:alnum:]_.:@-]+$ ]] || names+=("$comm")
	done
	_numapages_offer "" "${names[@]}"
}

# _numapages_quoted: complete a word of standard input. Other users choose these names, so none of
# them goes through compgen -W, which expands it.
_numapages_quoted()
{
	local word
	while IFS= read -r word; do
		printf -v word %q "$word"
		[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
	done < <(sort -u)
}

# The active units of systemd: cgroups in slices.
_numapages_units()
{
	_numapages_quoted < <(find "${_numapages_root-}/sys/fs/cgroup" -mindepth 1 -type d \
		\( -name '*.slice' -printf '%f\n' -o -name '*.service' -printf '%f\n' -prune \
		-o -name '*.scope' -printf '%f\n' -prune \) 2>/dev/null)
}

# The names of all cgroups, or the ends of them.
_numapages_cgroups()
{
	local root=${_numapages_root-}/sys/fs/cgroup form='/%P\n' dir
	[[ ! $cur || $cur == /* ]] || form='%f\n'
	for dir in "$root" "$root"/*/; do
		[[ ! -e $dir/cgroup.procs ]] ||
			find "$dir" -mindepth 1 -maxdepth 6 -type d -printf "$form" 2>/dev/null
		[[ ! -e $root/cgroup.procs ]] || break
	done
}

# The columns of the table that the options ask for, from --help; after a + further ones.
_numapages_columns()
{
	local rows="moves|dry runs" columns node
	case " ${words[*]} " in
	*" --check "*) rows=checks ;;
	*" --to"* | *" --restore"* | *" --route"* | *" --interleave"*) ;;
	*" --mappings "*) rows=mappings ;;
	*) [[ ${argument[x--method]-} ]] || rows="processes|kinds" ;;
	esac
	columns=$("${words[0]}" --help 2>/dev/null | awk -v rows="$rows" '
		/^Columns:/ { on = 1; next }
		on && /^$/ { exit }
		on && /^  [^ ]/ { take = $0 ~ "^  (" rows ")  " }
		on && take { $0 = substr($0, 15); for (i = 1; i <= NF; i++) if (!seen[$i]++) print $i }')
	if [[ $columns == *NODES* ]]; then
		for node in $(_numapages_node_numbers); do
			columns+=" N$node"
		done
	fi
	[[ $cur =~ ^([+-]?(.*,)?) ]]
	_numapages_offer "${BASH_REMATCH[1]}" "$columns"
}

# _numapages_value KIND: a value of that kind, by the word that --help has for it.
_numapages_value()
{
	case $1 in
	NODES) _numapages_nodes ;;
	NODES:*) _numapages_share ;;
	A:B*) _numapages_pairs ;;
	PID*) _numapages_pids ;;
	PATTERN) _numapages_comms ;;
	NAME) _numapages_units ;;
	PATH) _numapages_quoted < <(_numapages_cgroups) ;;
	KIND*) _numapages_offer "${cur%"${cur##*,}"}" heap stack anon file shm hugetlb ;;
	COL*) _numapages_columns ;;
	GLOB | FILE) _filedir ;;
	*"|"*) _numapages_offer "" "${1//|/ }" ;;
	esac
}

# Complete an option or its value; otherwise succeed, with the operands before in the array
# operands, and what replaces PIDS in chosen.  The caller has these, and cur, prev, words, cword.
_numapages_begin()
{
	local i line split options=() option=""
	_init_completion -s -n : || return
	while IFS= read -r line; do
		[[ $line =~ ^\ \ (\ \ \ |-(.),)\ --([a-z-]+)(\[?=[^ ]+)? ]] || continue
		argument[x--${BASH_REMATCH[3]}]=${BASH_REMATCH[4]}
		options+=("--${BASH_REMATCH[3]}")
		[[ ${BASH_REMATCH[4]} != =* ]] || options[-1]+="="
		[[ ! ${BASH_REMATCH[2]} ]] || options+=("-${BASH_REMATCH[2]}")
		[[ ! ${BASH_REMATCH[2]} ]] || argument["x-${BASH_REMATCH[2]}"]=${BASH_REMATCH[4]}
	done < <("${words[0]}" --help 2>/dev/null)
	if [[ ${argument[x$prev]-} == =* || $split == true ]]; then
		option=${argument[x$prev]-}
		option=${option#*=}
		_numapages_value "${option%]}"
		return 1
	elif [[ $cur == -* ]]; then
		_numapages_offer "" "${options[@]}"
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
		return 1
	fi
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		option=${words[i]%%=*}
		case $option in
		-p | --pid) chosen=${words[i]#"$option"} chosen=${chosen:-=${words[i + 1]-}} ;;
		--name | --unit | --cgroup) chosen=$option ;;
		esac
		if [[ ${argument[x${words[i]}]-} == =* ]]; then
			((i++))
		elif [[ $option != -* ]]; then
			operands+=("${words[i]}")
		fi
	done
}
