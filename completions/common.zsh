# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the completions of both commands share; make inserts it into each. The options and the
# kinds of their values come from the command's own --help, so they are not listed here. Tests set
# the variable _numapages_root to complete from another machine's /sys and /proc.

# Sets nodes: those with memory.
_numapages_node_numbers() {
  local list part
  nodes=()
  list=$(<${_numapages_root-}/sys/devices/system/node/has_memory) 2>/dev/null
  for part in ${(s:,:)list}; do
    nodes+=({${part%-*}..${part#*-}})
  done
}

_numapages_nodes() {
  local -a nodes words=(
    'all:every usable node' 'has-cpu:nodes with CPUs'
    'memory-only:nodes without CPUs' 'local:nodes of the CPUs of the process'
  )
  _numapages_node_numbers
  compset -P '[\^!]'
  compset -P '+'
  compset -P '*,'
  compset -P '<->-' && words=()
  _describe -V node nodes -- words
}

# Pairs, "0:1,1:0": a node follows every comma and every colon.
_numapages_pairs() {
  local -a nodes
  _numapages_node_numbers
  compset -P '*[,:]'
  _describe -V node nodes -S ''
}

# A share, "0-1:95%": nodes up to the colon.
_numapages_share() {
  compset -P '*:' || _numapages_nodes
}

# The processes that the user can inspect, by PID, or by name to complete to their PIDs.
# Kernel threads have no program.
_numapages_pids() {
  local exe comm
  local -a pids named
  compset -P '*,'
  for exe in ${_numapages_root-}/proc/<->/exe(N); do
    [[ -e $exe ]] || continue
    comm=
    IFS= read -r comm 2>/dev/null <${exe:h}/comm
    pids+=("${exe:h:t}:${comm//[^[:print:]]/?}")
    [[ $comm != ${(b)PREFIX}* ]] || named+=("$pids[-1]")
  done
  if [[ $PREFIX == [^0-9]* ]]; then
    # PIDs replace the name; one of several is not inserted before it is chosen.
    (($#named < 2)) || compstate[insert]=menu
    _describe process named -U -P "$IPREFIX"
  else
    _describe process pids
  fi
}

# The names of these processes.
_numapages_comms() {
  local exe comm
  local -a names
  for exe in ${_numapages_root-}/proc/<->/exe(N); do
    comm=
    [[ -e $exe ]] && IFS= read -r comm 2>/dev/null <${exe:h}/comm
    [[ $comm != [[:alnum:]_.:@-]## ]] || names+=($comm)
  done
  compadd -X name -- ${(u)names}
}

# The active units of systemd: cgroups in slices.
_numapages_units() {
  local -a units=(${(f)"$(find ${_numapages_root-}/sys/fs/cgroup -mindepth 1 -type d \
    \( -name '*.slice' -printf '%f\n' -o -name '*.service' -printf '%f\n' -prune \
    -o -name '*.scope' -printf '%f\n' -prune \) 2>/dev/null)"})
  compadd -X unit -- ${(u)units}
}

# The names of all cgroups, or the ends of them.
_numapages_cgroups() {
  local root=${_numapages_root-}/sys/fs/cgroup form='/%P\n' dir
  local -a cgroups
  [[ -z $PREFIX || $PREFIX == /* ]] || form='%f\n'
  for dir in $root $root/*(N/); do
    [[ ! -e $dir/cgroup.procs ]] ||
      cgroups+=(${(f)"$(find $dir -mindepth 1 -maxdepth 6 -type d -printf $form 2>/dev/null)"})
    [[ ! -e $root/cgroup.procs ]] || break
  done
  compadd -X cgroup -- ${(u)cgroups}
}

# The columns of the table that the options ask for, from --help; after a + further ones.
_numapages_columns() {
  local rows="moves|dry runs"
  local -a columns nodes
  if (($words[(I)--check])); then
    rows=checks
  elif ((!$words[(I)--(to|restore|route|interleave)*])) && ((!$+argument[--method])); then
    rows="processes|kinds"
    (($words[(I)--mappings])) && rows=mappings
  fi
  columns=($($words[1] --help 2>/dev/null | awk -v rows="$rows" '
    /^Columns:/ { on = 1; next }
    on && /^$/ { exit }
    on && /^  [^ ]/ { take = $0 ~ "^  (" rows ")  " }
    on && take { $0 = substr($0, 15); for (i = 1; i <= NF; i++) if (!seen[$i]++) print $i }'))
  if (($columns[(I)NODES])); then
    _numapages_node_numbers
    columns+=(N$^nodes)
  fi
  compset -P '[+-]'
  compset -P '*,'
  _describe -V column columns
}

# _numapages_value KIND: a value of that kind, by the word that --help has for it.
_numapages_value() {
  case $1 in
  (NODES) _numapages_nodes ;;
  (NODES:*) _numapages_share ;;
  (A:B*) _numapages_pairs ;;
  (PID*) _numapages_pids ;;
  (PATTERN) _numapages_comms ;;
  (NAME) _numapages_units ;;
  (PATH) _numapages_cgroups ;;
  (KIND*) _values -s , kind heap stack anon file shm hugetlb ;;
  (COL*) _numapages_columns ;;
  (GLOB|FILE) _files ;;
  (*'|'*) compadd -- ${(s:|:)1} ;;
  esac
}

# Sets specs, for _arguments, and argument, the kinds of their values.
_numapages_options() {
  local letter name kind text before
  local -a lines=("${(@f)$($words[1] --help 2>/dev/null)}") match mbegin mend
  local -i i
  for ((i = 1; i <= $#lines; i++)); do
    [[ $lines[i] == (#b)'  '(-?,|'   ')' --'([a-z-]##)('[='|'='|)([^ ]#)(*) ]] || continue
    letter=${${match[1]// /}%,} name=$match[2] kind=${match[4]%\]} text=${match[5]##[ ]##} before=
    [[ -n $text ]] || text=${lines[i + 1]##[ ]##}
    text="[${${text//\[/\\[}//\]/\\]}]"
    [[ -z $letter ]] || before="($letter --$name)"
    [[ $kind != (NODES:|PID)* ]] || before='*'
    argument[--$name]=$kind
    [[ -z $kind ]] || text+=":${kind//:/\\:}:{_numapages_value \$argument[--$name]}"
    case $match[3] in
    ('') specs+=("$before--$name$text" ${letter:+$before$letter$text}) ;;
    ('=') specs+=("$before--$name=$text" ${letter:+$before$letter+$text}) ;;
    ('[=') specs+=("$before--$name=-${text/]:/]::}") ;;
    esac
  done
}
