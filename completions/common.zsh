# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the completions of both commands have in common; make puts it into each, where it
# says so. Tests set the variable _numapages_root to have another machine's /sys and /proc
# completed.

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
    'all:every node that would do' 'has-cpu:those with CPUs'
    'memory-only:those without CPUs' 'local:those of the CPUs of the process'
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

# The processes that the user may look at: kernel threads have no program.
_numapages_pids() {
  local exe comm
  local -a pids
  for exe in ${_numapages_root-}/proc/<->/exe(N); do
    [[ -e $exe ]] || continue
    comm=
    IFS= read -r comm 2>/dev/null <${exe:h}/comm
    pids+=("${exe:h:t}:${comm//[^[:print:]]/?}")
  done
  compset -P '*,'
  _describe process pids
}

# The names of the processes that the user may look at.
_numapages_comms() {
  local exe comm
  local -a names
  for exe in ${_numapages_root-}/proc/<->/exe(N); do
    comm=
    [[ -e $exe ]] && IFS= read -r comm 2>/dev/null <${exe:h}/comm
    [[ $comm != [[:alnum:]_.:@-]## ]] || names+=(${comm//:/\\:})
  done
  _describe name names
}

# _numapages_columns COLUMN...: a list of them, or, behind a +, of further ones.
_numapages_columns() {
  local -a columns=("$@")
  compset -P '+'
  compset -P '*,'
  _describe -V column columns
}

# The columns of the account, with those of a dry run.
_numapages_account() {
  _numapages_columns ACCOUNT KIND PAGES HUGE SPLIT SIZE ROOM FROM TO PID COMM
}
